/* Pi-sch: knowledge of x with X = xG. protocol.md 1.1. */
#include "zk/sch.h"

#include "zk/common.h"

void csig_zk_sch_wire(csig_wire *w, void *proof)
{
    csig_zk_sch *p = proof;

    csig_scalar_wire(w, &p->z);
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_zk_sch_stmt *x)
{
    csig_transcript t = *tr;

    csig_zk_absorb_generator(&t);
    csig_transcript_point(&t, x->X);
    csig_transcript_point(&t, x->A);
    csig_zk_challenge(e, &t);
}

csig_err csig_zk_sch_commit(csig_scalar *alpha, csig_point *A, const csig_env *env)
{
    csig_scalar_random(alpha, env->rng, "zk/sch alpha");
    return csig_point_mul_g(A, env->curve, alpha);
}

void csig_zk_sch_prove(csig_zk_sch *p, const csig_transcript *tr, const csig_zk_sch_stmt *stmt,
                       csig_scalar *alpha, const csig_scalar *x)
{
    csig_zk_e e;

    /* A nonce that was wiped would make the response e x: the secret itself. */
    CSIG_ASSERT(!csig_scalar_is_zero(alpha));
    challenge(&e, tr, stmt);

    /* z = alpha + e x */
    csig_scalar_response(&p->z, alpha, &e.scalar, x);
    csig_scalar_wipe(alpha);
}

csig_err csig_zk_sch_verify(const csig_zk_sch *p, const csig_transcript *tr,
                            const csig_zk_sch_stmt *stmt)
{
    csig_zk_e e;
    csig_scalar minus_one;

    challenge(&e, tr, stmt);
    csig_zk_minus_one(&minus_one);

    /* z G = A + e X */
    const csig_scalar *const k[] = {&p->z, &minus_one, &e.minus_scalar};
    const csig_point *const P[] = {NULL, stmt->A, stmt->X};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, P, CSIG_ARRAY_LEN(k)), CSIG_E_PROOF);
    return CSIG_OK;
}
