/* What key generation and auxiliary info cost one party: CPU of the first party's calls, signatures
 * and encryption included. */
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/openssl.h"
#include "proto/aux_pair.h"
#include "proto/keygen_group.h"
#include "share/device.h"
#include "support/devices.h"

#define RUNS 11

typedef struct meter {
    csig_session **s;
    uint16_t n;
    double us; /* of party 0 */
} meter;

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

/* One envelope of this party to all others (it has no p2p but what all may be given: what is for
 * another is refused). Returns whether there was one. */
static bool speak(meter *m, uint16_t from)
{
    size_t len = csig_session_pending(m->s[from]);
    uint8_t id[32], *bytes;
    uint16_t sender, to;
    double start;

    if (len == 0) return false;
    bytes = malloc(len);
    CSIG_ASSERT(bytes != NULL);
    start = bench_cpu_us();
    expect(csig_session_send(m->s[from], bytes, len, &len));
    if (from == 0) m->us += bench_cpu_us() - start;
    expect(csig_envelope_address(bytes, len, id, &sender, &to));
    for (uint16_t j = 0; j < m->n; j++) {
        if (j == from || (to != CSIG_TO_ALL && to != j + 1)) continue;
        start = bench_cpu_us();
        expect(csig_session_recv(m->s[j], bytes, len));
        if (j == 0) m->us += bench_cpu_us() - start;
    }
    free(bytes);
    return true;
}

static bool confirm(meter *m, uint16_t j)
{
    const double start = bench_cpu_us();
    const csig_phase phase = csig_session_phase(m->s[j]);

    if (phase != CSIG_STORE) return false;
    expect(csig_session_confirm(m->s[j]));
    if (j == 0) m->us += bench_cpu_us() - start;
    return true;
}

static void talk(meter *m)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (uint16_t j = 0; j < m->n; j++)
            busy = speak(m, j) || confirm(m, j) || busy;
    }
    for (uint16_t j = 0; j < m->n; j++) {
        const csig_phase phase = csig_session_phase(m->s[j]);

        CSIG_ASSERT(phase == CSIG_DONE);
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const char *name, double us[RUNS], double reference_us)
{
    qsort(us, RUNS, sizeof *us, compare);
    const bench_result r = {.median_us = us[RUNS / 2], .p90_us = us[RUNS * 9 / 10], .n = RUNS};

    bench_print(name, &r, reference_us);
}

static void bench_keygen(const char *name, uint16_t t, uint16_t n, double reference_us)
{
    static keygen_group g;
    double us[RUNS];

    keygen_group_init(&g, t, n);
    for (int i = 0; i < RUNS; i++) {
        meter m = {.s = g.s, .n = n};
        csig_share *share;

        for (uint16_t j = 0; j < n; j++) {
            const csig_keygen_params p = keygen_group_params(&g, j);
            const double start = bench_cpu_us();

            expect(csig_keygen_session(&g.s[j], &p));
            if (j == 0) m.us += bench_cpu_us() - start;
        }
        talk(&m);
        const double start = bench_cpu_us();
        expect(csig_keygen_share(g.s[0], &share));
        csig_share_free(share);
        csig_session_free(g.s[0]);
        g.s[0] = NULL;
        us[i] = m.us + bench_cpu_us() - start;
        keygen_group_stop(&g);
    }
    print(name, us, reference_us);
    keygen_group_free(&g);
}

static void bench_pairing(aux_pair *pair, double reference_us)
{
    double us[RUNS];

    for (int i = 0; i < RUNS; i++) {
        meter m = {.s = pair->s, .n = 2};

        for (int j = 0; j < 2; j++) {
            const csig_aux_params p = aux_pair_params(pair, j);
            const double start = bench_cpu_us();

            expect(csig_aux_session(&pair->s[j], &p));
            if (j == 0) m.us += bench_cpu_us() - start;
        }
        talk(&m);
        us[i] = m.us;
        aux_pair_stop(pair);
    }
    print("aux_session", us, reference_us);
}

static void aux_new(void *id)
{
    csig_aux_free(devices_aux(0, id, 1));
}

int main(void)
{
    const double reference_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);
    static aux_pair pair;

    bench_keygen("keygen_2_of_2", 2, 2, reference_us);
    bench_keygen("keygen_2_of_3", 2, 3, reference_us);
    bench_keygen("keygen_9_of_16", 9, 16, reference_us);
    aux_pair_init(&pair);
    bench_pairing(&pair, reference_us);
    bench_run("aux_new", aux_new, pair.id[0], reference_us);
    aux_pair_free(&pair);
    return 0;
}
