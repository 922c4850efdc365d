/* Keys from fixed primes, and a prover's arithmetic on public numbers. */
#include "support/zk_party.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/oracle.h"

void zk_run(csig_job *jobs, size_t n)
{
    assert_int_equal(csig_exp_run(NULL, jobs, n), CSIG_OK);
}

void zk_prime(csig_sec *p, int i)
{
    mpz_t m;

    mpz_init(m);
    oracle_prime(m, i);
    oracle_to_sec(p, m, CSIG_P_BITS);
    mpz_clear(m);
}

void zk_sec(csig_sec *x, const csig_int *a)
{
    csig_sec_from_int(x, a, csig_int_bits(a));
}

void zk_random_below(csig_int *r, zk_world *w, const csig_int *n)
{
    csig_sec x;

    csig_sec_random_below(&x, &w->rng, n);
    csig_sec_reveal(r, &x);
}

void zk_encrypt(csig_int *c, csig_sec *rho, zk_world *w, const csig_paillier *k, const csig_int *m)
{
    csig_sec x;

    zk_sec(&x, m);
    csig_sec_random_unit(rho, &w->rng, &k->ring.n);
    csig_job job = csig_paillier_enc_job(k, c, &x, rho);
    zk_run(&job, 1);
}

void zk_commit(csig_int *c, const csig_pedersen *v, const csig_int *a, const csig_int *b)
{
    csig_sec x, y;

    zk_sec(&x, a);
    zk_sec(&y, b);
    csig_job job = csig_pedersen_commit_job(v, c, &x, &y);
    zk_run(&job, 1);
}

void zk_bound(csig_int *r, int sign, uint32_t bits, const csig_int *m, int add)
{
    csig_int one;

    csig_int_set_u64(&one, (uint64_t)add);
    csig_int_pow2(r, bits);
    csig_int_mul(r, r, m);
    csig_int_add(r, r, &one);
    if (sign < 0) csig_int_neg(r, r);
}

void zk_response(csig_int *r, const csig_int *a, const csig_int *e, const csig_int *b)
{
    csig_int eb;

    csig_int_mul(&eb, e, b);
    csig_int_add(r, a, &eb);
}

void zk_unit_response(csig_int *r, const csig_sec *r0, const csig_int *e, const csig_sec *rho,
                      const csig_int *n)
{
    csig_int base, power;

    csig_sec_reveal(&base, rho);
    csig_int_powm_var(&power, &base, e, n);
    csig_sec_reveal(&base, r0);
    csig_int_mulm(r, &base, &power, n);
}

static void make_ring(zk_party *p, zk_world *w, const csig_int *n)
{
    csig_ring r;
    csig_int root, s, t;

    assert_true(csig_ring_has_init(&r, n));
    zk_random_below(&root, w, n);
    csig_int_mulm(&t, &root, &root, n);
    csig_factors_random_exponent(&p->lambda, &p->hat_factors, &w->rng);
    csig_job power = {
        .ring = &r,
        .own = &p->hat_factors,
        .term = {{.base = &t, .secret_exp = &p->lambda}},
        .terms = 1,
        .out = &s,
    };
    zk_run(&power, 1);
    assert_int_equal(csig_pedersen_init(&p->own_ring, n, &s, &t, &p->hat_factors, &p->lambda),
                     CSIG_OK);
    assert_int_equal(csig_pedersen_init(&p->ring, n, &s, &t, NULL, NULL), CSIG_OK);
    assert_int_equal(csig_pedersen_tables(&p->ring), CSIG_OK);
}

static void make_party(zk_world *w, int i)
{
    zk_party *party = &w->party[i];
    csig_sec p, q;
    csig_int n;

    zk_prime(&p, 4 * i);
    zk_prime(&q, 4 * i + 1);
    csig_factors_init(&party->n_factors, &p, &q);
    csig_factors_product(&n, &party->n_factors);
    assert_int_equal(csig_paillier_init(&party->own_key, &n, &party->n_factors), CSIG_OK);
    assert_int_equal(csig_paillier_init(&party->key, &n, NULL), CSIG_OK);

    zk_prime(&p, 4 * i + 2);
    zk_prime(&q, 4 * i + 3);
    csig_factors_init(&party->hat_factors, &p, &q);
    csig_factors_product(&n, &party->hat_factors);
    make_ring(party, w, &n);
}

int zk_parties_new(void **state)
{
    zk_world *w;

    (void)zk_world_new(state);
    w = *state;
    w->party = calloc(ZK_PARTIES, sizeof *w->party);
    assert_non_null(w->party);
    for (int i = 0; i < ZK_PARTIES; i++)
        make_party(w, i);
    return 0;
}

int zk_parties_free(void **state)
{
    zk_world *w = *state;

    for (int i = 0; i < ZK_PARTIES; i++)
        csig_pedersen_free(&w->party[i].ring);
    free(w->party);
    return zk_world_free(state);
}
