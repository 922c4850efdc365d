/* The doors of refresh and resharing: parameters into a plan. */
#include <string.h>

#include "base/mem.h"
#include "keygen/refresh.h"

/* --- refresh: everybody keeps its index, identity and threshold --- */

static csig_err plan_refresh(csig_reshare_plan *plan, const csig_refresh_params *p)
{
    const csig_share *share = p->share;

    CSIG_REQUIRE(p->count >= share->t && p->count <= share->n, CSIG_E_PARTIES);
    *plan = (csig_reshare_plan){
        .identity = p->identity,
        .share = share,
        .current = share,
        .count = p->count,
        .self = p->count,
        .t = share->t,
        .n = share->n,
        .identities = share->identity[0],
        .recovery = p->recovery,
        .attempt = p->attempt,
        .commits = p->commits,
        .moves_last = p->moves_last != 0,
        .engine = p->engine,
    };
    for (uint16_t i = 0; i < p->count; i++) {
        CSIG_REQUIRE(p->indices[i] >= 1 && p->indices[i] <= share->n, CSIG_E_PARTIES);
        CSIG_REQUIRE(i == 0 || p->indices[i] > p->indices[i - 1], CSIG_E_PARTIES);
        plan->number[i] = plan->deals[i] = plan->holds[i] = p->indices[i];
        memcpy(plan->nonce[i], p->nonces + (size_t)i * CSIG_NONCE_BYTES, CSIG_NONCE_BYTES);
        if (p->indices[i] == share->self) plan->self = i;
    }
    CSIG_REQUIRE(plan->self < p->count, CSIG_E_PARTIES);
    return CSIG_OK;
}

csig_err csig_refresh_session_of(csig_session **s, const csig_refresh_params *p,
                                 const csig_protocol *protocol)
{
    csig_reshare_plan plan;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_REQUIRE(p != NULL && p->identity != NULL && p->share != NULL && p->indices != NULL &&
                     p->nonces != NULL,
                 CSIG_E_ARGUMENT);
    CSIG_TRY(plan_refresh(&plan, p));
    return csig_reshare_start(s, &plan, protocol);
}

csig_err csig_refresh_session(csig_session **s, const csig_refresh_params *params)
{
    return csig_refresh_session_of(s, params, &csig_refresh_protocol);
}

/* --- resharing --- */

static csig_err plan_reshare(csig_reshare_plan *plan, const csig_reshare_params *p,
                             const csig_share *current)
{
    CSIG_REQUIRE(p->count >= 2 && p->count <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->self >= 1 && p->self <= p->count, CSIG_E_PARTIES);
    *plan = (csig_reshare_plan){
        .identity = p->identity,
        .share = p->share,
        .current = current,
        .count = p->count,
        .self = (uint16_t)(p->self - 1),
        .t = p->signers_required,
        .n = p->parties,
        .identities = p->identities,
        .recovery = p->recovery,
        .attempt = p->attempt,
        .commits = p->commits,
        .moves_last = p->moves_last != 0,
        .engine = p->engine,
    };
    for (uint16_t i = 0; i < p->count; i++) {
        plan->number[i] = (uint16_t)(i + 1);
        plan->deals[i] = p->members[i].deals;
        plan->holds[i] = p->members[i].holds;
        memcpy(plan->nonce[i], p->members[i].nonce, CSIG_NONCE_BYTES);
    }
    return CSIG_OK;
}

csig_err csig_reshare_session_of(csig_session **s, const csig_reshare_params *p,
                                 const csig_protocol *protocol)
{
    csig_reshare_plan plan;
    csig_share given;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_REQUIRE(p != NULL && p->identity != NULL && p->members != NULL && p->identities != NULL,
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->share != NULL || p->epoch != NULL, CSIG_E_ARGUMENT);
    if (p->share == NULL) CSIG_TRY(csig_epoch_read(&given, p->epoch));
    CSIG_TRY(plan_reshare(&plan, p, p->share != NULL ? p->share : &given));
    return csig_reshare_start(s, &plan, protocol);
}

csig_err csig_reshare_session(csig_session **s, const csig_reshare_params *params)
{
    return csig_reshare_session_of(s, params, &csig_refresh_protocol);
}
