/* What several proofs do alike: unit checks, the challenge in its forms, items of the statement. */
#include "zk/common.h"

bool csig_zk_has_only_units(const csig_int *const *x, size_t n, const csig_int *below,
                            const csig_int *N)
{
    csig_int product;

    csig_int_set_u64(&product, 1);
    for (size_t i = 0; i < n; i++) {
        csig_int r;

        if (x[i]->neg || csig_int_cmp(x[i], below) >= 0) return false;
        csig_int_mod(&r, x[i], N);
        csig_int_mulm(&product, &product, &r, N);
    }
    return csig_int_is_coprime(&product, N); /* a zero is none */
}

void csig_zk_challenge(csig_zk_e *e, const csig_transcript *t)
{
    csig_transcript_challenge(t, &e->e);
    csig_int_neg(&e->minus_e, &e->e);
    csig_scalar_from_int(&e->scalar, &e->e);
    csig_scalar_neg(&e->minus_scalar, &e->scalar);
}

uint32_t csig_zk_bit(const uint8_t bits[CSIG_REPEAT / 8], size_t i)
{
    return (uint32_t)bits[i / 8] >> (i % 8) & 1;
}

void csig_zk_minus_one(csig_scalar *r)
{
    csig_scalar_set_u32(r, 1);
    csig_scalar_neg(r, r);
}

csig_err csig_zk_check_row(const csig_int *z, const csig_point *P, const csig_point *Q, uint32_t e,
                           const csig_point *X)
{
    csig_scalar z_q, minus_one, minus_e;

    csig_zk_minus_one(&minus_one);
    csig_scalar_set_u32(&minus_e, e);
    csig_scalar_neg(&minus_e, &minus_e);
    csig_scalar_from_int(&z_q, z);
    const csig_scalar *const k[] = {&z_q, &minus_one, &minus_e};
    const csig_point *const all[] = {P, Q, X};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, all, CSIG_ARRAY_LEN(k)), CSIG_E_PROOF);
    return CSIG_OK;
}

void csig_zk_absorb_paillier(csig_transcript *t, const csig_paillier *k)
{
    csig_transcript_nat(t, &k->ring.n, CSIG_N_BYTES);
}

void csig_zk_absorb_pedersen(csig_transcript *t, const csig_pedersen *v)
{
    csig_transcript_nat(t, &v->ring.n, CSIG_N_BYTES);
    csig_transcript_nat(t, &v->s, CSIG_N_BYTES);
    csig_transcript_nat(t, &v->t, CSIG_N_BYTES);
}

void csig_zk_absorb_generator(csig_transcript *t)
{
    csig_point G;

    csig_point_generator(&G);
    csig_transcript_point(t, &G);
}
