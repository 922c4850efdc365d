/* What a safe prime costs: a Fermat test, the confirmation, and searches end to end. Their mean
 * swings (its standard deviation is the mean itself over the root of their number), so the expected
 * time is given beside it: the cost of a candidate, with its share of the sieve, times the expected
 * number of candidates, and the confirmation. */
#include <stdio.h>

#include "bench/bench.h"
#include "bench/openssl.h"
#include "num/mont.h"
#include "num/prime.h"
#include "support/oracle.h"

#define SEARCHES 20
#define SLICE    64 /* pieces of work in one step */
#define LIMIT_MS 3000

typedef struct fixture {
    csig_sec p;
    csig_rng rng;
} fixture;

static fixture f;

static void fermat(void *arg)
{
    (void)arg;
    (void)csig_mont_is_fermat2(f.p.d, CSIG_P_LIMBS);
}

static void confirm(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_sec_is_safe_prime(&f.p, &f.rng));
}

/* One search; the tests it took. */
static uint64_t search(void)
{
    csig_prime_search *s = csig_prime_search_new();
    uint64_t tests;
    bool found = false;

    CSIG_ASSERT(s != NULL);
    while (!found)
        CSIG_ASSERT(csig_prime_search_step(s, &f.rng, SLICE, &found) == CSIG_OK);
    tests = csig_prime_search_done(s);
    csig_prime_search_free(s);
    return tests;
}

static void searches(double confirm_us)
{
    const uint64_t expected = csig_prime_search_expected();
    const double start = bench_cpu_us();
    uint64_t tests = 0;
    double us, candidate_us;

    for (int i = 0; i < SEARCHES; i++)
        tests += search();
    us = bench_cpu_us() - start;
    candidate_us = (us - SEARCHES * confirm_us) / (double)tests;
    printf("{\"name\":\"safe_prime\",\"expected_ms\":%.0f,\"limit_ms\":%d,\"candidate_us\":%.1f,"
           "\"expected_candidates\":%llu,\"mean_ms\":%.0f,\"mean_candidates\":%.0f,\"n\":%d,"
           "\"level\":%d}\n",
           (candidate_us * (double)expected + confirm_us) / 1e3, LIMIT_MS, candidate_us,
           (unsigned long long)expected, us / SEARCHES / 1e3, (double)tests / SEARCHES, SEARCHES,
           CSIG_LEVEL);
}

int main(void)
{
    const double p_us = openssl_modexp_us(CSIG_P_BITS, CSIG_P_BITS);
    double confirm_us;
    mpz_t z;

    mpz_init(z);
    oracle_prime(z, 0);
    oracle_to_sec(&f.p, z, CSIG_P_BITS);
    csig_rng_init(&f.rng, NULL, NULL);
    bench_run("fermat_p", fermat, NULL, p_us);
    confirm_us = bench_run("safe_prime_confirm", confirm, NULL, p_us);
    searches(confirm_us);
    mpz_clear(z);
    return 0;
}
