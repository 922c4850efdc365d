/* Ring-Pedersen parameters: their checks, their tables, and commitments described as jobs. */
#include "crypto/pedersen.h"

#include <string.h>

/* The other long exponent of s, a mask of Pi-aff-g. */
_Static_assert(CSIG_ELL_P + CSIG_EPS + 1 <= CSIG_PEDERSEN_S_BITS, "the table of s");

static csig_err check_base(const csig_int *b, const csig_int *n)
{
    csig_int next;
    csig_int one;

    CSIG_REQUIRE(csig_int_is_unit(b, n), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_one(b), CSIG_E_MODULUS);
    csig_int_set_u64(&one, 1);
    csig_int_add(&next, b, &one);
    CSIG_REQUIRE(!csig_int_is_eq(&next, n), CSIG_E_MODULUS);
    return CSIG_OK;
}

csig_err csig_pedersen_init(csig_pedersen *v, const csig_int *n, const csig_int *s,
                            const csig_int *t, const csig_factors *own, const csig_sec *lambda)
{
    CSIG_ASSERT((own == NULL) == (lambda == NULL));
    memset(v, 0, sizeof *v);
    CSIG_REQUIRE(csig_int_bits(n) == CSIG_N_BITS, CSIG_E_MODULUS);
    CSIG_REQUIRE(csig_ring_has_init(&v->ring, n), CSIG_E_MODULUS); /* even, negative */
    CSIG_TRY(check_base(s, n));
    CSIG_TRY(check_base(t, n));
    CSIG_REQUIRE(!csig_int_is_eq(s, t), CSIG_E_MODULUS);
    v->s = *s;
    v->t = *t;
    v->own = own;
    v->lambda = lambda;
    return CSIG_OK;
}

csig_err csig_pedersen_tables(csig_pedersen *v)
{
    CSIG_ASSERT(v->own == NULL && v->s_comb == NULL && v->t_comb == NULL);
    v->s_comb = csig_comb_new(&v->ring, &v->s, CSIG_PEDERSEN_S_BITS);
    v->t_comb = csig_comb_new(&v->ring, &v->t, CSIG_PEDERSEN_T_BITS);
    if (v->s_comb == NULL || v->t_comb == NULL) {
        csig_pedersen_free(v);
        return CSIG_E_MEMORY;
    }
    return CSIG_OK;
}

void csig_pedersen_free(csig_pedersen *v)
{
    csig_comb_free(v->s_comb);
    csig_comb_free(v->t_comb);
    v->s_comb = NULL;
    v->t_comb = NULL;
}

/* A table serves exponents up to its length; longer ones go without. */
static const csig_comb *fitting(const csig_comb *comb, uint32_t comb_bits, uint32_t bits)
{
    return bits <= comb_bits ? comb : NULL;
}

static csig_term s_term(const csig_pedersen *p, const csig_sec *u)
{
    return (csig_term){
        .base = &p->s,
        .secret_exp = u,
        .comb = fitting(p->s_comb, CSIG_PEDERSEN_S_BITS, u->bits),
    };
}

static csig_term t_term(const csig_pedersen *p, const csig_sec *v)
{
    return (csig_term){
        .base = &p->t,
        .secret_exp = v,
        .comb = fitting(p->t_comb, CSIG_PEDERSEN_T_BITS, v->bits),
    };
}

/* s^u t^v mod N^ */
csig_job csig_pedersen_commit_job(const csig_pedersen *p, csig_int *c, const csig_sec *u,
                                  const csig_sec *v)
{
    return (csig_job){
        .ring = &p->ring,
        .own = p->own,
        .term = {s_term(p, u), t_term(p, v)},
        .terms = 2,
        .out = c,
    };
}

/* room = lambda * z1 + z2, the exponent of t in s^z1 t^z2. */
static void join(csig_sec *room, const csig_sec *lambda, const csig_int *z1, const csig_int *z2)
{
    CSIG_AUTO(csig_sec) z;

    csig_sec_from_int(&z, z1, csig_int_bits(z1));
    csig_sec_mul(room, lambda, &z);
    csig_sec_from_int(&z, z2, csig_int_bits(z2));
    csig_sec_add(room, room, &z);
}

/* s^z1 t^z2 S^-e mod N^ */
csig_job csig_pedersen_check_job(const csig_pedersen *p, csig_int *a, const csig_int *z1,
                                 const csig_int *z2, const csig_int *S, const csig_int *minus_e,
                                 csig_sec *room)
{
    csig_job job = {.ring = &p->ring, .own = p->own, .out = a};

    job.term[0] = (csig_term){.base = S, .exp = minus_e};
    if (p->own != NULL) {
        join(room, p->lambda, z1, z2);
        job.term[1] = (csig_term){.base = &p->t, .secret_exp = room};
        job.terms = 2;
        return job;
    }
    job.term[1] = (csig_term){
        .base = &p->s,
        .exp = z1,
        .comb = fitting(p->s_comb, CSIG_PEDERSEN_S_BITS, csig_int_bits(z1)),
    };
    job.term[2] = (csig_term){
        .base = &p->t,
        .exp = z2,
        .comb = fitting(p->t_comb, CSIG_PEDERSEN_T_BITS, csig_int_bits(z2)),
    };
    job.terms = 3;
    return job;
}
