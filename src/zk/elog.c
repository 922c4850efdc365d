/* Pi-elog: L = lambda G, M = yG + lambda X, Y = yH. protocol.md 1.8. */
#include "zk/elog.h"

#include "zk/common.h"

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_elog *p = proof;

    csig_point_wire(w, &p->A);
    csig_point_wire(w, &p->N);
    csig_point_wire(w, &p->B);
}

void csig_zk_elog_wire(csig_wire *w, void *proof)
{
    csig_zk_elog *p = proof;

    commitment_wire(w, p);
    csig_scalar_wire(w, &p->z);
    csig_scalar_wire(w, &p->u);
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_zk_elog_stmt *x,
                      const csig_zk_elog *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_generator(&t);
    csig_transcript_point(&t, x->H);
    csig_transcript_point(&t, x->L);
    csig_transcript_point(&t, x->M);
    csig_transcript_point(&t, x->X);
    csig_transcript_point(&t, x->Y);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_zk_challenge(e, &t);
}

csig_err csig_zk_elog_prove(csig_zk_elog *p, const csig_env *env, const csig_transcript *tr,
                            const csig_zk_elog_stmt *stmt, const csig_zk_elog_wit *wit)
{
    CSIG_AUTO(csig_scalar) alpha;
    CSIG_AUTO(csig_scalar) m;
    CSIG_AUTO(csig_scalar) n;
    csig_zk_e e;

    csig_scalar_random(&alpha, env->rng, "zk/elog alpha");
    csig_scalar_random(&m, env->rng, "zk/elog m");

    /* A = alpha G,  N = m G + alpha X = (m + alpha x) G,  B = m H */
    csig_scalar_mul(&n, &alpha, wit->x);
    csig_scalar_add(&n, &n, &m);
    CSIG_TRY(csig_point_mul_g(&p->A, env->curve, &alpha));
    CSIG_TRY(csig_point_mul_g(&p->N, env->curve, &n));
    CSIG_TRY(csig_point_mul(&p->B, &m, stmt->H));

    challenge(&e, tr, stmt, p);

    /* z = alpha + e lambda,  u = m + e y */
    csig_scalar_response(&p->z, &alpha, &e.scalar, wit->lambda);
    csig_scalar_response(&p->u, &m, &e.scalar, wit->y);
    return CSIG_OK;
}

csig_err csig_zk_elog_verify(const csig_zk_elog *p, const csig_transcript *tr,
                             const csig_zk_elog_stmt *stmt)
{
    csig_zk_e e;
    csig_scalar minus_one;

    challenge(&e, tr, stmt, p);
    csig_zk_minus_one(&minus_one);

    /* z G = A + e L */
    const csig_scalar *const kL[] = {&p->z, &minus_one, &e.minus_scalar};
    const csig_point *const PL[] = {NULL, &p->A, stmt->L};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(kL, PL, CSIG_ARRAY_LEN(kL)), CSIG_E_PROOF);

    /* u G + z X = N + e M */
    const csig_scalar *const kM[] = {&p->u, &p->z, &minus_one, &e.minus_scalar};
    const csig_point *const PM[] = {NULL, stmt->X, &p->N, stmt->M};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(kM, PM, CSIG_ARRAY_LEN(kM)), CSIG_E_PROOF);

    /* u H = B + e Y */
    const csig_scalar *const kY[] = {&p->u, &minus_one, &e.minus_scalar};
    const csig_point *const PY[] = {stmt->H, &p->B, stmt->Y};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(kY, PY, CSIG_ARRAY_LEN(kY)), CSIG_E_PROOF);
    return CSIG_OK;
}
