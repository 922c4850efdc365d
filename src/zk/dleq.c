/* Equal logarithms: Y = yG, D = yP. */
#include "zk/dleq.h"

#include "zk/common.h"

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_dleq *p = proof;

    csig_point_wire(w, &p->A);
    csig_point_wire(w, &p->B);
}

void csig_zk_dleq_wire(csig_wire *w, void *proof)
{
    csig_zk_dleq *p = proof;

    commitment_wire(w, p);
    csig_scalar_wire(w, &p->z);
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_zk_dleq_stmt *x,
                      const csig_zk_dleq *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_generator(&t);
    csig_transcript_point(&t, x->Y);
    csig_transcript_point(&t, x->P);
    csig_transcript_point(&t, x->D);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_zk_challenge(e, &t);
}

csig_err csig_zk_dleq_prove(csig_zk_dleq *p, const csig_env *env, const csig_transcript *tr,
                            const csig_zk_dleq_stmt *stmt, const csig_scalar *y)
{
    CSIG_AUTO(csig_scalar) alpha;
    csig_zk_e e;

    csig_scalar_random(&alpha, env->rng, "zk/dleq alpha");
    CSIG_TRY(csig_point_mul_g(&p->A, env->curve, &alpha));
    CSIG_TRY(csig_point_mul(&p->B, &alpha, stmt->P));
    challenge(&e, tr, stmt, p);

    /* z = alpha + e y */
    csig_scalar_response(&p->z, &alpha, &e.scalar, y);
    return CSIG_OK;
}

csig_err csig_zk_dleq_verify(const csig_zk_dleq *p, const csig_transcript *tr,
                             const csig_zk_dleq_stmt *stmt)
{
    csig_scalar minus_one;
    csig_zk_e e;

    challenge(&e, tr, stmt, p);
    csig_zk_minus_one(&minus_one);

    /* z G = A + e Y */
    const csig_scalar *const k[] = {&p->z, &minus_one, &e.minus_scalar};
    const csig_point *const G[] = {NULL, &p->A, stmt->Y};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, G, CSIG_ARRAY_LEN(k)), CSIG_E_PROOF);

    /* z P = B + e D */
    const csig_point *const P[] = {stmt->P, &p->B, stmt->D};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, P, CSIG_ARRAY_LEN(k)), CSIG_E_PROOF);
    return CSIG_OK;
}
