/* What signing costs each party: CPU of presigning, full signing and signing with a presignature,
 * and the memory of a live session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/memory.h"
#include "bench/openssl.h"
#include "proto/signing.h"
#include "proto/twist.h"

#define RUNS   9
#define ONLINE 25

static double now_us(void)
{
    struct timespec t;

    CSIG_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
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
    const size_t before = memory_held();
    size_t most;
    double start;

    memory_start();
    start = now_us();
    call(who, arg);
    m.us[who] += now_us() - start;
    most = m.own[who] + (memory_peak() - before);
    if (most > m.most[who]) m.most[who] = most;
    m.own[who] += memory_held() - before;
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

/* May be refused: a session that fails has had its say. */
static void hear_one(int who, void *arg)
{
    const envelope *e = arg;

    (void)!csig_session_recv(g.s[who], e->bytes, e->len);
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

/* --- sixteen parties: memory only --- */

/* Fifteen of them send what has the right form, and look at nothing; the first does all it would do
 * but check them. That is what a session holds at most: every message, decoded, and its own. */
static void fake_encelg(csig_zk_encelg *p)
{
    csig_point_generator(&p->Y);
    csig_point_generator(&p->Z);
}

static void fake_elog(csig_zk_elog *p)
{
    csig_point_generator(&p->A);
    p->N = p->A;
    p->B = p->A;
}

static csig_err fake_r1(csig_run *run, csig_out *out)
{
    csig_presign_r1 *msg = out->bcast;

    csig_int_set_u64(&msg->K, 4);
    msg->G = msg->K;
    csig_point_generator(&msg->Y);
    msg->A1 = msg->A2 = msg->B1 = msg->B2 = msg->Y;
    for (uint16_t j = 0; j < run->n; j++) {
        csig_presign_r1_part *part = out->part[j];

        if (j == run->self) continue;
        fake_encelg(&part->psi0);
        fake_encelg(&part->psi1);
    }
    return CSIG_OK;
}

static csig_err fake_r2(csig_run *run, csig_out *out)
{
    csig_presign_r2 *msg = out->bcast;

    csig_point_generator(&msg->Gamma);
    fake_elog(&msg->psi);
    for (uint16_t j = 0; j < run->n; j++) {
        csig_presign_r2_part *part = out->part[j];

        if (j == run->self) continue;
        csig_int_set_u64(&part->gamma.D, 4);
        part->w.D = part->gamma.D;
        csig_point_generator(&part->gamma.psi.Bx);
        part->w.psi.Bx = part->gamma.psi.Bx;
    }
    return CSIG_OK;
}

static csig_err fake_r3(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    (void)run;
    csig_point_generator(&msg->S);
    msg->Delta = msg->S;
    fake_elog(&msg->psi);
    return CSIG_OK;
}

static const csig_protocol *without_work(twist *t, bool honest)
{
    csig_err (*const make[])(csig_run *, csig_out *) = {fake_r1, fake_r2, fake_r3};

    twist_init(t, &csig_sign_protocol);
    t->protocol.error = NULL; /* their lies are not looked into */
    for (uint8_t round = 1; round <= 3; round++) {
        twist_round(t, round)->check = NULL;
        if (honest) continue;
        twist_round(t, round)->make = make[round - 1];
        twist_round(t, round)->step = NULL;
    }
    return &t->protocol;
}

static void open_first(int who, void *arg)
{
    CSIG_ASSERT(csig_sign_open_session(&g.s[who], arg, &g.signers[who], &intent, 1) == CSIG_OK);
}

/* Everybody's next envelope to everybody; only the first is metered. */
static bool pass_on(uint16_t from)
{
    envelope e = {.len = csig_session_pending(g.s[from])};

    if (e.len == 0) return false;
    e.bytes = malloc(e.len);
    CSIG_ASSERT(e.bytes != NULL);
    if (from == 0) charge(0, take_one, &e);
    if (from != 0) take_one(from, &e);
    for (uint16_t to = 0; to < g.count; to++) {
        if (to == from || csig_session_phase(g.s[to]) != CSIG_RUNNING) continue;
        if (to == 0) charge(0, hear_one, &e);
        if (to != 0) hear_one(to, &e);
    }
    free(e.bytes);
    return true;
}

static void bench_sixteen(void)
{
    static twist first, other;
    const csig_protocol *fake = without_work(&other, false);
    dealer *d = dealer_new(CSIG_MAX_PARTIES, CSIG_MAX_PARTIES, true);
    uint16_t all[CSIG_MAX_PARTIES];

    for (uint16_t i = 0; i < CSIG_MAX_PARTIES; i++)
        all[i] = (uint16_t)(i + 1);
    signing_init(&g, d, all);
    m = (meter){0};
    other.protocol.count = 3; /* they are through before the first finds out */
    charge(0, open_first, (void *)(uintptr_t)without_work(&first, true));
    for (uint16_t i = 1; i < CSIG_MAX_PARTIES; i++)
        CSIG_ASSERT(csig_sign_open_session(&g.s[i], fake, &g.signers[i], &intent, 1) == CSIG_OK);
    for (bool busy = true; busy;) {
        busy = false;
        for (uint16_t i = 0; i < CSIG_MAX_PARTIES; i++)
            busy |= pass_on(i);
    }
    /* It came as far as the sums, which do not match. */
    CSIG_ASSERT(csig_session_phase(g.s[0]) == CSIG_FAILED);
    signing_free(&g);
    dealer_free(d);
    print_memory("live session, sixteen parties", m.most[0], 6 << 20);
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
    bench_sixteen();
    return 0;
}
