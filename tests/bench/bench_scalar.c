/* Scalars, points and random secret integers: small beside an exponentiation, and meant to stay so.
 */
#include <string.h>

#include "bench/bench.h"
#include "num/point.h"
#include "num/sec.h"
#include "support/oracle.h"

typedef struct fixture {
    csig_rng rng;
    csig_curve curve;
    csig_scalar a, b, e, minus_one, r;
    csig_point A, X, R;
    csig_int n, out;
    csig_sec x, mask;
} fixture;

static fixture f;

static void scalar_mul(void *arg)
{
    (void)arg;
    csig_scalar_mul(&f.r, &f.a, &f.b);
}

static void scalar_inv(void *arg)
{
    (void)arg;
    csig_scalar_inv(&f.r, &f.a);
}

static void point_mul_g(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_point_mul_g(&f.R, &f.curve, &f.a) == CSIG_OK);
}

static void point_mul(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_point_mul(&f.R, &f.a, &f.A) == CSIG_OK);
}

/* zG - A - eX, as every Schnorr-like check. */
static void point_check(void *arg)
{
    const csig_scalar *const k[] = {&f.a, &f.minus_one, &f.e};
    const csig_point *const P[] = {NULL, &f.A, &f.X};

    (void)arg;
    CSIG_ASSERT(!csig_point_is_zero_sum_var(k, P, CSIG_ARRAY_LEN(k)));
}

static void random_mask(void *arg)
{
    (void)arg;
    csig_sec_random_pm_times(&f.mask, &f.rng, CSIG_ELL + CSIG_EPS, &f.n);
}

static void random_unit(void *arg)
{
    (void)arg;
    csig_sec_random_unit(&f.x, &f.rng, &f.n);
}

static void response(void *arg)
{
    (void)arg;
    csig_sec_response(&f.out, &f.mask, &f.n, &f.x);
}

static void has_small_factor(void *arg)
{
    (void)arg;
    CSIG_ASSERT(!csig_int_has_factor_below_2_16(&f.n));
}

static void set_up(void)
{
    mpz_t p, q;

    mpz_inits(p, q, NULL);
    oracle_prime(p, 0);
    oracle_prime(q, 1);
    mpz_mul(p, p, q);
    oracle_to_int(&f.n, p);
    mpz_clears(p, q, NULL);
    csig_rng_init(&f.rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&f.curve, &f.rng) == CSIG_OK);
    csig_scalar_random(&f.a, &f.rng, "bench");
    csig_scalar_random(&f.b, &f.rng, "bench");
    csig_scalar_random(&f.e, &f.rng, "bench");
    csig_scalar_set_u32(&f.r, 1);
    csig_scalar_neg(&f.minus_one, &f.r);
    CSIG_ASSERT(csig_point_mul_g(&f.A, &f.curve, &f.a) == CSIG_OK);
    CSIG_ASSERT(csig_point_mul_g(&f.X, &f.curve, &f.b) == CSIG_OK);
}

int main(void)
{
    set_up();
    bench_run("scalar_mul", scalar_mul, NULL, 0);
    bench_run("scalar_inv", scalar_inv, NULL, 0);
    bench_run("point_mul_g", point_mul_g, NULL, 0);
    bench_run("point_mul", point_mul, NULL, 0);
    bench_run("point_check", point_check, NULL, 0);
    bench_run("random_mask", random_mask, NULL, 0);
    bench_run("random_unit", random_unit, NULL, 0);
    csig_sec_random_pm(&f.x, &f.rng, CSIG_ELL);
    bench_run("response", response, NULL, 0);
    bench_run("has_factor_below_2_16", has_small_factor, NULL, 0);
    return 0;
}
