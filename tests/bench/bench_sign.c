/* What signing costs each party: CPU of presigning, full signing and signing with a presignature,
 * and the memory of a live session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "bench/bench.h"
#include "bench/openssl.h"
#include "proto/signing.h"

#define RUNS   9
#define ONLINE 25

static double now_us(void)
{
    struct timespec t;

    CSIG_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* --- memory: every allocation of the library passes here (the linker's --wrap) --- */

#define BLOCKS 4096

typedef struct block {
    void *p;
    size_t len;
} block;

static block blocks[BLOCKS];
static size_t held, peak;

static void *noted(void *p, size_t len)
{
    for (size_t i = 0; p != NULL && i < BLOCKS; i++) {
        if (blocks[i].p != NULL) continue;
        blocks[i] = (block){p, len};
        held += len;
        if (held > peak) peak = held;
        return p;
    }
    CSIG_ASSERT(p == NULL);
    return p;
}

static void forgotten(void *p)
{
    for (size_t i = 0; p != NULL && i < BLOCKS; i++) {
        if (blocks[i].p != p) continue;
        held -= blocks[i].len;
        blocks[i] = (block){0};
        return;
    }
}

void *__real_csig_public_alloc(size_t len);
void __real_csig_public_free(void *p);
void *__real_csig_secret_alloc(size_t len);
void __real_csig_secret_free(void *p);
void *__wrap_csig_public_alloc(size_t len);
void __wrap_csig_public_free(void *p);
void *__wrap_csig_secret_alloc(size_t len);
void __wrap_csig_secret_free(void *p);

void *__wrap_csig_public_alloc(size_t len)
{
    return noted(__real_csig_public_alloc(len), len);
}

void *__wrap_csig_secret_alloc(size_t len)
{
    return noted(__real_csig_secret_alloc(len), len);
}

void __wrap_csig_public_free(void *p)
{
    forgotten(p);
    __real_csig_public_free(p);
}

void __wrap_csig_secret_free(void *p)
{
    forgotten(p);
    __real_csig_secret_free(p);
}

static void print_memory(const char *name, size_t octets, size_t limit)
{
    printf("{\"name\":\"%s\",\"octets\":%zu,\"limit\":%zu,\"level\":%d}\n", name, octets, limit,
           CSIG_LEVEL);
    (void)fflush(stdout);
}

/* --- two parties, each with its own clock and its own high-water mark --- */

enum { PHONE, SERVER };

typedef struct meter {
    double us[2];
    size_t own[2], most[2]; /* octets of a party's session: now, at most */
} meter;

static signing g;
static meter m;
static csig_intent intent;

/* One call of a party. */
static void charge(int who, void (*call)(int who, void *arg), void *arg)
{
    const size_t before = held;
    double start;

    peak = held;
    start = now_us();
    call(who, arg);
    m.us[who] += now_us() - start;
    if (m.own[who] + (peak - before) > m.most[who]) m.most[who] = m.own[who] + (peak - before);
    m.own[who] += held - before;
}

typedef struct envelope {
    uint8_t *bytes;
    size_t len;
} envelope;

static void take_one(int who, void *arg)
{
    envelope *e = arg;

    CSIG_ASSERT(csig_session_send(g.s[who], e->bytes, e->len, &e->len) == CSIG_OK);
}

static void give_one(int who, void *arg)
{
    const envelope *e = arg;

    CSIG_ASSERT(csig_session_recv(g.s[who], e->bytes, e->len) == CSIG_OK);
}

static void confirm(int who, void *arg)
{
    uint8_t reply[2048];
    size_t len = sizeof reply;

    (void)arg;
    if (csig_presign_result(g.s[who], &g.half[who]) != CSIG_OK)
        CSIG_ASSERT(csig_online_reply(g.s[who], reply, &len) == CSIG_OK);
    CSIG_ASSERT(csig_session_confirm(g.s[who]) == CSIG_OK);
}

static bool has_sent(int who)
{
    envelope e = {.len = csig_session_pending(g.s[who])};

    if (e.len == 0) return false;
    e.bytes = malloc(e.len);
    CSIG_ASSERT(e.bytes != NULL);
    charge(who, take_one, &e);
    charge(1 - who, give_one, &e);
    free(e.bytes);
    return true;
}

static void talk(void)
{
    for (bool busy = true; busy;) {
        busy = has_sent(PHONE) || has_sent(SERVER);
        for (int who = PHONE; who <= SERVER; who++) {
            if (csig_session_phase(g.s[who]) != CSIG_STORE) continue;
            charge(who, confirm, NULL);
            busy = true;
        }
    }
    CSIG_ASSERT(csig_session_phase(g.s[PHONE]) == CSIG_DONE);
    CSIG_ASSERT(csig_session_phase(g.s[SERVER]) == CSIG_DONE);
}

static void open_presign(int who, void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_presign_session(&g.s[who], &g.signers[who], 2, 0) == CSIG_OK);
}

static void open_sign(int who, void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_sign_session(&g.s[who], &g.signers[who], &intent, 1) == CSIG_OK);
}

static void open_online(int who, void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_online_session(&g.s[who], &g.signers[who], &g.half[who], &intent) == CSIG_OK);
}

/* A whole session; the meter starts anew. */
static void session(void (*open)(int who, void *arg))
{
    signing_refresh(&g);
    m = (meter){0};
    charge(PHONE, open, NULL);
    charge(SERVER, open, NULL);
    talk();
    signing_close(&g);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_times(const char *name, double *us, size_t n, double reference_us)
{
    qsort(us, n, sizeof *us, compare);
    const bench_result r = {.median_us = us[n / 2], .p90_us = us[n * 9 / 10], .n = n};

    bench_print(name, &r, reference_us);
}

static void bench_two(double reference_us)
{
    double presign[2][RUNS], sign[2][RUNS];
    size_t most = 0;

    for (int i = 0; i < RUNS; i++) {
        session(open_presign);
        for (int who = PHONE; who <= SERVER; who++) {
            presign[who][i] = m.us[who];
            if (m.most[who] > most) most = m.most[who];
            csig_presig_free(g.half[who]);
            g.half[who] = NULL;
        }
        session(open_sign);
        for (int who = PHONE; who <= SERVER; who++) {
            sign[who][i] = m.us[who];
            if (m.most[who] > most) most = m.most[who];
        }
    }
    print_times("presign, phone", presign[PHONE], RUNS, reference_us);
    print_times("presign, server", presign[SERVER], RUNS, reference_us);
    print_times("sign, phone", sign[PHONE], RUNS, reference_us);
    print_times("sign, server", sign[SERVER], RUNS, reference_us);
    print_memory("live session, two parties", most, 1 << 20);
}

/* The presignatures are made outside the meter. */
static void bench_online(double reference_us)
{
    double online[2][ONLINE];

    for (int i = 0; i < ONLINE; i++) {
        session(open_presign);
        session(open_online);
        online[PHONE][i] = m.us[PHONE];
        online[SERVER][i] = m.us[SERVER];
    }
    print_times("online sign, phone", online[PHONE], ONLINE, reference_us);
    print_times("online sign, server", online[SERVER], ONLINE, reference_us);
}

int main(void)
{
    const uint16_t both[] = {1, 2};
    const uint32_t path[] = {0, 1};
    const double reference_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);
    dealer *d = dealer_new(2, 2, true);

    intent = signing_intent(1, path, CSIG_ARRAY_LEN(path));
    signing_init(&g, d, both);
    bench_two(reference_us);
    bench_online(reference_us);
    signing_free(&g);
    dealer_free(d);
    return 0;
}
