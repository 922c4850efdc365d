/* Linked into the programs under test, which then cheat as LIE in the environment says; -Wl,--wrap
 * puts it in front of the library's own functions. Nothing of this is in the product.
 *
 *   message PARTY ROUND   the last octet of that party's broadcast is another one; it signs,
 *                         remembers and echoes it so
 *   unnamed PARTY ROUND   the same, and who did it is found by nobody here
 *   sums NTH              delta is one too large in the NTH session here that comes to round 3
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "countersign/evidence.h"
#include "proto/envelope.h"
#include "signer/presign.h"

void __real_csig_envelope_write(uint8_t *out, const csig_header *h, const uint8_t *body,
                                const csig_ed_key *key);
void __wrap_csig_envelope_write(uint8_t *out, const csig_header *h, const uint8_t *body,
                                const csig_ed_key *key);
csig_err __real_csig_zk_elog_prove(csig_zk_elog *p, const csig_env *env, const csig_transcript *tr,
                                   const csig_zk_elog_stmt *stmt, const csig_zk_elog_wit *wit);
csig_err __wrap_csig_zk_elog_prove(csig_zk_elog *p, const csig_env *env, const csig_transcript *tr,
                                   const csig_zk_elog_stmt *stmt, const csig_zk_elog_wit *wit);

void __real_csig_session_blame(const csig_session *s, csig_blame *blame);
void __wrap_csig_session_blame(const csig_session *s, csig_blame *blame);
csig_err __real_csig_session_evidence(const csig_session *s, uint8_t *out, size_t *len);
csig_err __wrap_csig_session_evidence(const csig_session *s, uint8_t *out, size_t *len);

/* The numbers behind the word; 0 where there is none. */
static bool lie_is(const char *word, unsigned *a, unsigned *b)
{
    const char *lie = getenv("LIE");
    char have[16] = "";

    *a = *b = 0;
    if (lie == NULL || sscanf(lie, "%15s %u %u", have, a, b) < 1) return false;
    return strcmp(have, word) == 0;
}

void __wrap_csig_envelope_write(uint8_t *out, const csig_header *h, const uint8_t *body,
                                const csig_ed_key *key)
{
    unsigned party, round;

    if ((lie_is("message", &party, &round) || lie_is("unnamed", &party, &round)) &&
        h->cast == CSIG_CAST_ALL && h->from == party && h->round == round) {
        if (body != out + CSIG_HEADER_BYTES) memmove(out + CSIG_HEADER_BYTES, body, h->body_len);
        body = out + CSIG_HEADER_BYTES;
        out[CSIG_HEADER_BYTES + h->body_len - 1] ^= 1;
    }
    __real_csig_envelope_write(out, h, body, key);
}

void __wrap_csig_session_blame(const csig_session *s, csig_blame *blame)
{
    unsigned party, round;

    __real_csig_session_blame(s, blame);
    if (lie_is("unnamed", &party, &round)) blame->culprit = 0;
}

csig_err __wrap_csig_session_evidence(const csig_session *s, uint8_t *out, size_t *len)
{
    unsigned party, round;

    if (lie_is("unnamed", &party, &round)) return CSIG_E_STATE;
    return __real_csig_session_evidence(s, out, len);
}

/* Round 3 proves its Delta to the base Gamma with this, and takes its delta to send and to remember
 * from the message afterwards. */
csig_err __wrap_csig_zk_elog_prove(csig_zk_elog *p, const csig_env *env, const csig_transcript *tr,
                                   const csig_zk_elog_stmt *stmt, const csig_zk_elog_wit *wit)
{
    static unsigned sessions;
    unsigned nth, none;
    csig_point G;

    csig_point_generator(&G);
    if (!csig_point_is_eq(stmt->H, &G) && lie_is("sums", &nth, &none) && ++sessions == nth) {
        csig_presign_r3 *msg =
            (csig_presign_r3 *)(void *)((uint8_t *)p - offsetof(csig_presign_r3, psi));
        csig_scalar one;

        csig_scalar_set_u32(&one, 1);
        csig_scalar_add(&msg->delta, &msg->delta, &one);
    }
    return __real_csig_zk_elog_prove(p, env, tr, stmt, wit);
}
