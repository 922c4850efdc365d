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
    bool is_portable;
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

/* Names of measures end in "_portable" where the processor's vectors are not used. */
static void run(const char *name, void (*fn)(void *), double reference_us)
{
    char line[64];

    (void)snprintf(line, sizeof line, "%s%s", name, f.is_portable ? "_portable" : "");
    bench_run(line, fn, NULL, reference_us);
}

/* OpenSSL's times for the same sizes. */
typedef struct reference {
    double mul_us[3], sqr_us[3]; /* modulo numbers of P, N and NN bits */
    double p_us, n_us, mask_us, nn_us;
} reference;

static void measure_reference(reference *r)
{
    for (uint32_t i = 0; i < 3; i++) {
        r->mul_us[i] = openssl_mul_us((uint32_t)CSIG_P_BITS << i, false);
        r->sqr_us[i] = openssl_mul_us((uint32_t)CSIG_P_BITS << i, true);
    }
    r->p_us = openssl_modexp_us(CSIG_P_BITS, CSIG_P_BITS);
    r->n_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);
    r->mask_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS + CSIG_ELL + CSIG_EPS);
    r->nn_us = openssl_modexp_us(CSIG_NN_BITS, CSIG_N_BITS);
}

static void arithmetic(const reference *ref)
{
    for (uint32_t i = 0; i < 2; i++) {
        f.pair = i == 0 ? &f.own.half[0].p : &f.ring.pair;
        memcpy(f.x, f.pair->rr, sizeof f.x);
        memcpy(f.y, f.pair->one, sizeof f.y);
        run(i == 0 ? "mul_p" : "mul_n", mont_mul, ref->mul_us[i]);
        run(i == 0 ? "sqr_p" : "sqr_n", mont_sqr, ref->sqr_us[i]);
        run(i == 0 ? "mul_pp" : "mul_nn", pair_mul, ref->mul_us[i + 1]);
        run(i == 0 ? "sqr_pp" : "sqr_nn", pair_sqr, ref->sqr_us[i + 1]);
    }
}

static csig_job start(bool squared, bool own)
{
    return (csig_job){
        .ring = &f.ring, .own = own ? &f.own : NULL, .squared = squared, .out = &f.out};
}

static void powers_mod_n(const reference *ref)
{
    f.job = start(false, false);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.unit};
    f.job.terms = 1;
    run("n_power_secret", job, ref->n_us);
    f.job.term[0] = (csig_term){.secret_base = &f.unit, .exp = &f.ring.n};
    run("n_power_public", job, ref->n_us);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.mask, .comb = f.comb};
    run("comb_mask", job, ref->mask_us);
    f.job.term[1] = (csig_term){.base = &f.base, .secret_exp = &f.small, .comb = f.comb};
    f.job.terms = 2;
    run("comb_commitment", job, ref->mask_us);
    f.job = start(false, true);
    f.job.term[0] = (csig_term){.base = &f.base, .secret_exp = &f.mask};
    f.job.term[1] = (csig_term){.base = &f.base2, .exp = &f.minus_e};
    f.job.terms = 2;
    run("own_commitment_check", job, ref->mask_us);
}

static void powers_mod_n_squared(const reference *ref)
{
    f.job = start(true, false);
    f.job.term[0] = (csig_term){.secret_base = &f.unit, .exp = &f.ring.n};
    f.job.terms = 1;
    f.job.secret_plain = &f.plain;
    run("nn_encrypt_peer", job, ref->nn_us);
    f.job.term[1] = (csig_term){.base = &f.c, .secret_exp = &f.small};
    f.job.terms = 2;
    run("nn_affine_peer", job, ref->nn_us);
    f.job.own = &f.own;
    f.job.terms = 1;
    run("nn_encrypt_own", job, ref->nn_us);
    f.job = start(true, false);
    f.job.term[0] = (csig_term){.base = &f.base, .exp = &f.ring.n};
    f.job.term[1] = (csig_term){.base = &f.c, .exp = &f.minus_e};
    f.job.terms = 2;
    run("nn_check_peer", job, ref->nn_us);
    f.job.own = &f.own;
    run("nn_check_own", job, ref->nn_us);
    run("decrypt", decrypt, ref->nn_us);
}

static void measure(const reference *ref)
{
    arithmetic(ref);
    powers_mod_n(ref);
    powers_mod_n_squared(ref);
    run("nth_root", nth_root, ref->n_us);
    run("fourth_root", fourth_root, ref->n_us);
}

static void make_portable(void)
{
    f.is_portable = true;
    f.ring.pair.m.is_fast = false;
    f.own.qq.is_fast = false;
    for (int i = 0; i < 2; i++) {
        f.own.half[i].p.m.is_fast = false;
        f.own.half[i].order.is_fast = false;
    }
}

int main(void)
{
    reference ref;

    measure_reference(&ref);
    set_up();
    measure(&ref);
    run("comb_build", build_comb, ref.n_us);
    run("fermat_p", fermat, ref.p_us);
    run("factors_init", init_factors, ref.n_us);
    if (f.ring.pair.m.is_fast) {
        make_portable();
        measure(&ref);
    }
    csig_comb_free(f.comb);
    return 0;
}
