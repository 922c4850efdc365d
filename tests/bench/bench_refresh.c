/* What a refresh costs one party beside the test signature and the escrows: CPU of the first
 * party's calls, signatures included, two parties without recovery keys. The limit is the
 * product's. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "proto/refresh_group.h"
#include "support/deal.h"
#include "support/sign_alone.h"

#define RUNS     31
#define LIMIT_MS 5

static refresh_group g;
static csig_rng rng;
static double us; /* of party 0 in this run */

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

static void carry(uint16_t from)
{
    static uint8_t bytes[1 << 16];
    size_t len;

    while (csig_session_pending(g.s[from]) > 0) {
        double start = bench_cpu_us();

        expect(csig_session_send(g.s[from], bytes, sizeof bytes, &len));
        if (from == 0) us += bench_cpu_us() - start;
        start = bench_cpu_us();
        expect(csig_session_recv(g.s[1 - from], bytes, len));
        if (from == 1) us += bench_cpu_us() - start;
    }
}

static void sign_test(csig_session *s)
{
    static const uint16_t positions[] = {0, 1};
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_signature test;
    csig_scalar key;

    expect(csig_refresh_test_digest(s, digest));
    deal_combine(&key, (const csig_share *const *)g.d->share, positions, 2);
    sign_alone(&test, &key, digest, &rng);
    expect(csig_refresh_tested(s, &test));
}

static void store(uint16_t j)
{
    const uint8_t backup[CSIG_BACKUP_HASH_BYTES] = {1};
    const csig_phase phase = csig_session_phase(g.s[j]);
    double start = bench_cpu_us();
    csig_share *share;

    if (phase != CSIG_STORE) return;
    if (csig_refresh_backup(g.s[j], backup) == CSIG_OK) {
        expect(csig_refresh_share(g.s[j], &share));
        csig_share_free(share);
    } else {
        sign_test(g.s[j]);
        start = bench_cpu_us();
    }
    expect(csig_session_confirm(g.s[j]));
    if (j == 0) us += bench_cpu_us() - start;
}

static bool is_done(void)
{
    const csig_phase first = csig_session_phase(g.s[0]), second = csig_session_phase(g.s[1]);

    return first == CSIG_DONE && second == CSIG_DONE;
}

static double run(uint8_t number)
{
    us = 0;
    for (uint16_t i = 0; i < 2; i++)
        g.nonces[i][0] = 1, g.nonces[i][1] = number;
    for (uint16_t i = 0; i < 2; i++) {
        const csig_refresh_params p = refresh_group_params(&g, i);
        const double start = bench_cpu_us();

        expect(csig_refresh_session(&g.s[i], &p));
        if (i == 0) us += bench_cpu_us() - start;
    }
    while (!is_done()) {
        for (uint16_t i = 0; i < 2; i++)
            carry(i), store(i);
    }
    for (uint16_t i = 0; i < 2; i++)
        csig_session_free(g.s[i]), g.s[i] = NULL;
    return us;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    static const uint16_t both[] = {1, 2};
    double all[RUNS];
    bench_result r = {.n = RUNS};

    csig_rng_init(&rng, NULL, NULL);
    refresh_group_init(&g, 2, 2, both, 2);
    for (uint8_t i = 0; i < RUNS; i++)
        all[i] = run(i);
    qsort(all, RUNS, sizeof *all, compare);
    r.median_us = all[RUNS / 2], r.p90_us = all[RUNS * 9 / 10];
    bench_print("refresh_2_of_2", &r, 0);
    printf("{\"name\":\"refresh_limit\",\"ms\":%.2f,\"limit_ms\":%d,\"within\":%s}\n",
           r.median_us / 1000, LIMIT_MS, r.median_us <= 1000.0 * LIMIT_MS ? "true" : "false");
    refresh_group_free(&g);
    return 0;
}
