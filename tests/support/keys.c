#include "support/keys.h"

#include "base/ct.h"
#include "support/oracle.h"

/* The bound stays public. */
static void hide(csig_sec *x)
{
    csig_ct_secret(&x->neg, sizeof x->neg);
    csig_ct_secret(x->d, sizeof x->d);
}

static void make_factors(csig_factors *f, mpz_t p, mpz_t q, int i)
{
    csig_sec p_sec, q_sec;

    oracle_prime(p, i);
    oracle_prime(q, i + 1);
    oracle_to_sec(&p_sec, p, CSIG_P_BITS);
    oracle_to_sec(&q_sec, q, CSIG_P_BITS);
    hide(&p_sec), hide(&q_sec);
    csig_factors_init(f, &p_sec, &q_sec);
}

void test_paillier_init(test_paillier *k, int i)
{
    mpz_t p, q;
    csig_int n;

    mpz_inits(p, q, NULL);
    make_factors(&k->factors, p, q, i);
    mpz_mul(p, p, q);
    oracle_to_int(&n, p);
    mpz_clears(p, q, NULL);
    CSIG_ASSERT(csig_paillier_init(&k->own, &n, &k->factors) == CSIG_OK);
    CSIG_ASSERT(csig_paillier_init(&k->peer, &n, NULL) == CSIG_OK);
}

void test_pedersen_init(test_pedersen *k, int i)
{
    csig_int n_int, s_int, t_int;
    mpz_t p, q, n, lambda, t;

    oracle_seed((unsigned long)i);
    mpz_inits(p, q, n, lambda, t, NULL);
    make_factors(&k->factors, p, q, i);
    mpz_mul(n, p, q);
    oracle_to_int(&n_int, n);
    mpz_sub_ui(p, p, 1), mpz_sub_ui(q, q, 1), mpz_mul(p, p, q);
    oracle_below(lambda, p);
    oracle_to_sec(&k->lambda, lambda, CSIG_N_BITS);
    hide(&k->lambda);
    oracle_unit(t, n);
    mpz_mul(t, t, t), mpz_mod(t, t, n);
    oracle_to_int(&t_int, t);
    mpz_powm(t, t, lambda, n);
    oracle_to_int(&s_int, t);
    mpz_clears(p, q, n, lambda, t, NULL);
    CSIG_ASSERT(csig_pedersen_init(&k->own, &n_int, &s_int, &t_int, &k->factors, &k->lambda) ==
                CSIG_OK);
    CSIG_ASSERT(csig_pedersen_init(&k->peer, &n_int, &s_int, &t_int, NULL, NULL) == CSIG_OK);
}
