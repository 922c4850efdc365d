/* Evidence, verified by third parties: of every protocol whose sessions leave some. */
#include "countersign/evidence.h"

#include <string.h>

#include "countersign/share.h"
#include "proto/evidence.h"
#include "proto/session.h"

static void describe(csig_verdict *verdict, const csig_proven *proven, csig_session *s)
{
    const csig_run *run = csig_session_run(s);
    const csig_share *share = run->protocol->about(run);
    csig_share_info info;

    verdict->blame = proven->blame;
    memcpy(verdict->identity, run->identity[proven->culprit], sizeof verdict->identity);
    csig_session_id(s, verdict->session_id);
    strncpy(verdict->protocol, run->protocol->name, sizeof verdict->protocol - 1);
    if (share == NULL) return;
    csig_share_describe(share, &info);
    memcpy(verdict->key_id, info.key_id, sizeof verdict->key_id);
    memcpy(verdict->public_key, info.public_key, sizeof verdict->public_key);
}

csig_err csig_evidence_verify(const uint8_t *evidence, size_t len, csig_verdict *verdict)
{
    static const csig_protocol *const known[] = {&csig_sign_protocol, &csig_presign_protocol,
                                                 &csig_keygen_protocol, &csig_refresh_protocol};
    const csig_protocol *protocol = NULL;
    const uint8_t *inputs, *rest;
    csig_session *s = NULL;
    csig_proven proven;
    csig_claim c;
    size_t rest_len;

    CSIG_REQUIRE(verdict != NULL, CSIG_E_ARGUMENT);
    memset(verdict, 0, sizeof *verdict);
    CSIG_REQUIRE(evidence != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_claim_read(&c, &inputs, &rest, &rest_len, evidence, len));
    for (size_t i = 0; i < CSIG_ARRAY_LEN(known); i++) {
        if (known[i]->id == c.protocol) protocol = known[i];
    }
    CSIG_REQUIRE(protocol != NULL && c.sort != CSIG_SORT_OPENING, CSIG_E_EVIDENCE);
    CSIG_TRY(csig_claim_judge(&proven, &s, protocol, NULL, evidence, len));
    describe(verdict, &proven, s);
    csig_session_free(s);
    return CSIG_OK;
}
