/* What every kind of exponentiation costs. */
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/openssl.h"
#include "num/exp.h"
#include "num/point.h"
#include "support/oracle.h"

typedef struct fixture {
    csig_ring ring;
    csig_factors own;
    csig_rng rng;
    csig_int base, base2, c, minus_e, out;
    csig_sec unit, mask, small, plain, m;
    csig_comb *comb;
    mp_limb_t x[CSIG_PAIR_LIMBS], y[CSIG_PAIR_LIMBS];
    csig_job job;
    const csig_pair *pair;
} fixture;

static fixture f;

static void mont_mul(void *arg)
{
    (void)arg;
    csig_mont_mul(f.x, &f.pair->m, f.x, f.y);
}

static void mont_sqr(void *arg)
{
    (void)arg;
    csig_mont_sqr(f.x, &f.pair->m, f.x);
}

static void pair_mul(void *arg)
{
    (void)arg;
    csig_pair_mul(f.x, f.pair, f.x, f.y);
}

static void pair_sqr(void *arg)
{
    (void)arg;
    csig_pair_sqr(f.x, f.pair, f.x);
}

static void job(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_exp_run(NULL, &f.job, 1) == CSIG_OK);
}

static void decrypt(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_factors_decrypt(&f.m, NULL, &f.ring, &f.own, &f.c, &f.rng) == CSIG_OK);
}

static void nth_root(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_factors_nth_root(&f.out, NULL, &f.ring, &f.own, &f.base) == CSIG_OK);
}

static void fourth_root(void *arg)
{
    uint8_t a, b;

    (void)arg;
    CSIG_ASSERT(csig_factors_fourth_root(&f.out, &a, &b, NULL, &f.ring, &f.own, &f.base,
                                         &f.base2) == CSIG_OK);
}

static void fermat(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_mont_is_fermat2(f.own.p.d, CSIG_P_LIMBS));
}

static void build_comb(void *arg)
{
    csig_comb *c = csig_comb_new(&f.ring, &f.base, CSIG_ELL + CSIG_EPS + CSIG_N_BITS);

    (void)arg;
    CSIG_ASSERT(c != NULL);
    csig_comb_free(c);
}

static void init_factors(void *arg)
{
    static csig_factors own;

    (void)arg;
    csig_factors_init(&own, &f.own.p, &f.own.q);
}

static void set_up(void)
{
    csig_sec p, q;
    mpz_t t, n;

    mpz_inits(t, n, NULL);
    oracle_seed(1);
    oracle_prime(t, 0);
    oracle_to_sec(&p, t, CSIG_P_BITS);
    oracle_prime(t, 1);
    oracle_to_sec(&q, t, CSIG_P_BITS);
    csig_factors_init(&f.own, &p, &q);
    csig_factors_product(&f.base, &f.own);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &f.base));
    oracle_from_int(n, &f.ring.n);
    do
        oracle_below(t, n);
    while (mpz_jacobi(t, n) != -1);
    oracle_to_int(&f.base, t);
    oracle_below(t, n);
    oracle_to_int(&f.base2, t);
    oracle_from_int(t, &f.ring.nn);
    oracle_below(t, t);
    oracle_to_int(&f.c, t);
    oracle_below(t, n);
    oracle_to_sec(&f.unit, t, CSIG_N_BITS);
    oracle_bits(t, CSIG_ELL + CSIG_EPS + CSIG_N_BITS);
    oracle_to_sec(&f.mask, t, CSIG_ELL + CSIG_EPS + CSIG_N_BITS);
    oracle_bits(t, CSIG_ELL + CSIG_EPS);
    oracle_to_sec(&f.small, t, CSIG_ELL + CSIG_EPS);
    oracle_bits(t, CSIG_ELL_P);
    oracle_to_sec(&f.plain, t, CSIG_ELL_P);
    oracle_bits(t, CSIG_ELL);
    mpz_neg(t, t);
    oracle_to_int(&f.minus_e, t);
    csig_rng_init(&f.rng, NULL, NULL);
    f.comb = csig_comb_new(&f.ring, &f.base, CSIG_COMB_BITS);
    CSIG_ASSERT(f.comb != NULL);
    mpz_clears(t, n, NULL);
}

static void arithmetic(const csig_pair *pair, const char *name, uint32_t bits)
{
    const double mul_us = openssl_mul_us(bits, false), sqr_us = openssl_mul_us(bits, true);
    char line[64];

    f.pair = pair;
    memcpy(f.x, pair->rr, sizeof f.x);
    memcpy(f.y, pair->one, sizeof f.y);
    (void)snprintf(line, sizeof line, "mont_mul_%s", name);
    bench_run(line, mont_mul, NULL, mul_us);
    (void)snprintf(line, sizeof line, "mont_sqr_%s", name);
    bench_run(line, mont_sqr, NULL, sqr_us);
    (void)snprintf(line, sizeof line, "pair_mul_%s", name);
    bench_run(line, pair_mul, NULL, openssl_mul_us(2 * bits, false));
    (void)snprintf(line, sizeof line, "pair_sqr_%s", name);
    bench_run(line, pair_sqr, NULL, openssl_mul_us(2 * bits, true));
}

static csig_job start(bool squared, bool own)
{
    return (csig_job){
        .ring = &f.ring, .own = own ? &f.own : NULL, .squared = squared, .out = &f.out};
}

static void powers_mod_n(double full_us, double mask_us)
{
    f.job = start(false, false);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.unit};
    f.job.terms = 1;
    bench_run("n_power_secret", job, NULL, full_us);
    f.job.term[0] = (csig_term){.secret_base = &f.unit, .exp = &f.ring.n};
    bench_run("n_power_public", job, NULL, full_us);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.mask, .comb = f.comb};
    bench_run("comb_mask", job, NULL, mask_us);
    f.job.term[1] = (csig_term){.base = &f.base, .secret_exp = &f.small, .comb = f.comb};
    f.job.terms = 2;
    bench_run("comb_commitment", job, NULL, mask_us);
    f.job = start(false, true);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.mask};
    f.job.term[1] = (csig_term){.base = &f.base2, .exp = &f.minus_e};
    f.job.terms = 2;
    bench_run("own_commitment_check", job, NULL, mask_us);
    bench_run("comb_build", build_comb, NULL, full_us);
}

static void powers_mod_n_squared(double full_us)
{
    f.job = start(true, false);
    f.job.term[0] = (csig_term){.secret_base = &f.unit, .exp = &f.ring.n};
    f.job.terms = 1;
    f.job.secret_plain = &f.plain;
    bench_run("nn_encrypt_peer", job, NULL, full_us);
    f.job.term[1] = (csig_term){.base = &f.c, .secret_exp = &f.small};
    f.job.terms = 2;
    bench_run("nn_affine_peer", job, NULL, full_us);
    f.job.own = &f.own;
    f.job.terms = 1;
    bench_run("nn_encrypt_own", job, NULL, full_us);
    f.job = start(true, false);
    f.job.term[0] = (csig_term){.base = &f.base, .exp = &f.ring.n};
    f.job.term[1] = (csig_term){.base = &f.c, .exp = &f.minus_e};
    f.job.terms = 2;
    bench_run("nn_check_peer", job, NULL, full_us);
    f.job.own = &f.own;
    bench_run("nn_check_own", job, NULL, full_us);
    bench_run("decrypt", decrypt, NULL, full_us);
}

int main(void)
{
    const double p_us = openssl_modexp_us(CSIG_P_BITS, CSIG_P_BITS);
    const double n_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);
    const double mask_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS + CSIG_ELL + CSIG_EPS);
    const double nn_us = openssl_modexp_us(CSIG_NN_BITS, CSIG_N_BITS);

    set_up();
    arithmetic(&f.own.half[0].p, "p", CSIG_P_BITS);
    arithmetic(&f.ring.pair, "n", CSIG_N_BITS);
    bench_run("fermat_p", fermat, NULL, p_us);
    powers_mod_n(n_us, mask_us);
    powers_mod_n_squared(nn_us);
    bench_run("nth_root", nth_root, NULL, n_us);
    bench_run("fourth_root", fourth_root, NULL, n_us);
    bench_run("factors_init", init_factors, NULL, n_us);
    csig_comb_free(f.comb);
    return 0;
}
