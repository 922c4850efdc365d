/* Sessions that watch for one who accuses: made from what was kept of the accuser's, to judge its
 * claim (proto/evidence.h). */
#include "keygen/inputs.h"
#include "keygen/refresh.h"

#include <string.h>

/* Inputs that make no session are nobody's mistake here: they are no evidence. */
static csig_err told(csig_session **s, csig_err err)
{
    if (err == CSIG_OK) return CSIG_OK;
    csig_session_free(*s);
    *s = NULL;
    return csig_err_class(err) == CSIG_CLASS_CALLER ? CSIG_E_EVIDENCE : err;
}

csig_err csig_keygen_witness(csig_session **s, const csig_protocol *protocol, const uint8_t *inputs,
                             size_t len, uint16_t accuser)
{
    csig_inputs in;

    (void)protocol; /* it is the one */
    *s = NULL;
    CSIG_REQUIRE(len <= CSIG_INPUTS_MAX, CSIG_E_LENGTH);
    CSIG_TRY(csig_inputs_read(&in, NULL, inputs, len));
    CSIG_REQUIRE(in.count > 2, CSIG_E_PARTIES);
    CSIG_REQUIRE(accuser >= 1, CSIG_E_EVIDENCE);
    const csig_keygen_params params = {.signers_required = in.t,
                                       .parties = in.n,
                                       .self = accuser,
                                       .commits = in.commits,
                                       .identities = in.identity[0],
                                       .nonces = in.nonce[0],
                                       .indices = in.holds,
                                       .count = in.count,
                                       .recovery = csig_inputs_keys(&in)};

    return told(s, csig_keygen_watch(s, &params, NULL));
}

static csig_err fill(csig_reshare_plan *plan, const csig_inputs *in, const csig_share *current,
                     uint16_t accuser)
{
    *plan = (csig_reshare_plan){.current = current,
                                .count = in->count,
                                .t = in->t,
                                .n = in->n,
                                .identities = in->identity[0],
                                .recovery = csig_inputs_keys(in),
                                .attempt = in->attempt,
                                .commits = in->commits};
    memcpy(plan->number, in->number, sizeof plan->number);
    memcpy(plan->deals, in->deals, sizeof plan->deals);
    memcpy(plan->holds, in->holds, sizeof plan->holds);
    memcpy(plan->nonce, in->nonce, sizeof plan->nonce);
    while (plan->self < plan->count && plan->number[plan->self] != accuser)
        plan->self++;
    CSIG_REQUIRE(plan->self < plan->count, CSIG_E_EVIDENCE);
    return CSIG_OK;
}

csig_err csig_refresh_witness(csig_session **s, const csig_protocol *protocol,
                              const uint8_t *inputs, size_t len, uint16_t accuser)
{
    csig_reshare_plan plan;
    csig_share current;
    csig_inputs in;

    (void)protocol; /* it is the one */
    *s = NULL;
    CSIG_REQUIRE(len <= CSIG_INPUTS_MAX, CSIG_E_LENGTH);
    CSIG_TRY(csig_inputs_read(&in, &current, inputs, len));
    CSIG_REQUIRE(in.count > 2, CSIG_E_PARTIES);
    CSIG_TRY(fill(&plan, &in, &current, accuser));
    return told(s, csig_reshare_watch(s, &plan));
}
