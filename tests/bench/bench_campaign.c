/* What a signature waits for while a campaign refreshes other wallets, against the same without it,
 * in one run: real processes, two refreshes at once. The campaigns are paused and resumed in
 * between, so that both sides see the same machine. The limit is the product's. */
#include <curl/curl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "e2e/phone.h"

#define REFRESHERS 2
#define WALLETS    8 /* of each */
#define BLOCKS     10
#define FULL       4 /* of one block */
#define PRESIGNED  8
#define LIMIT      2

static daemon_process server;
static device phone;
static wallet own, fleet[REFRESHERS][WALLETS];
static pid_t children[REFRESHERS];
static _Atomic bool *going; /* do they refresh? shared with them */
static uint8_t digest[32] = {1};

typedef struct samples {
    size_t n;
    double ms[BLOCKS * PRESIGNED];
} samples;

static samples full[2], presigned[2]; /* without, with */

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* --- refreshing --- */

static json_t *begin_campaign(const wallet *w)
{
    json_t *list = json_array();

    for (size_t i = 0; i < WALLETS; i++)
        json_array_append_new(list, json_string(w[i].id));
    return call_json(&server, 201, "POST", "/v1/campaigns", "{s:o,s:i,s:i,s:s,s:s}", "wallets",
                     list, "per_minute", 6000, "at_once", 1, "deadline", "2099-01-01T00:00:00Z",
                     "on_miss", "warn");
}

static bool wallet_is_wanted(wallet *w)
{
    json_t *j, *id;
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    j = call_json(&server, 200, "GET", path, NULL);
    id = json_object_get(j, "refresh_wanted");
    w->campaign[0] = '\0';
    if (id != NULL) snprintf(w->campaign, sizeof w->campaign, "%s", json_string_value(id));
    json_decref(j);
    return w->campaign[0] != '\0';
}

static void refresh(wallet *w)
{
    run r;

    while (!atomic_load(going) || !wallet_is_wanted(w))
        usleep(2000);
    r = run_refresh(&server, w);
    run_finish(&server, &r);
    run_refresh_adopt(&r, w);
    run_free(&r);
}

/* One campaign after the other, until the process is ended. What phones compute, they compute
 * elsewhere: here it gives way to the daemon. */
static void refresh_for_ever(wallet *w)
{
    CSIG_ASSERT(nice(19) != -1);
    for (;;) {
        json_decref(begin_campaign(w));
        for (size_t i = 0; i < WALLETS; i++)
            refresh(&w[i]);
    }
}

static int64_t refreshed(void)
{
    int64_t n = 0;

    for (size_t i = 0; i < REFRESHERS; i++) {
        for (size_t k = 0; k < WALLETS; k++)
            n += (int64_t)wallet_epoch(&server, &fleet[i][k]);
    }
    return n;
}

/* --- signing --- */

static void keep(samples *s, double began)
{
    s->ms[s->n++] = now_ms() - began;
    digest[0]++;
}

static void sign_full(samples *s)
{
    const double began = now_ms();
    char request[65];
    run r;

    request_make(&server, &own, digest, "m", NULL, false, request);
    r = run_sign(&server, &own, request, digest, "m", NULL);
    run_finish(&server, &r);
    keep(s, began);
    run_free(&r);
}

static void sign_presigned(samples *s, run *halves)
{
    const double began = now_ms();
    char request[65];
    run r;

    request_make(&server, &own, digest, "m", NULL, true, request);
    r = run_online(&server, &own, request, digest, "m", halves);
    run_finish(&server, &r);
    keep(s, began);
    run_free(&r);
}

static void block(int with)
{
    run halves;

    atomic_store(going, with == 1);
    halves = run_presign(&server, &own, PRESIGNED);
    run_finish(&server, &halves);
    for (int i = 0; i < PRESIGNED; i++)
        sign_presigned(&presigned[with], &halves);
    run_free(&halves);
    for (int i = 0; i < FULL; i++)
        sign_full(&full[with]);
}

/* --- the numbers --- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(samples *s)
{
    qsort(s->ms, s->n, sizeof s->ms[0], compare);
    return s->ms[s->n / 2];
}

static void print(const char *name, samples *s, int64_t refreshes)
{
    const double without = median(&s[0]), with = median(&s[1]);

    printf("{\"name\":\"%s\",\"level\":%u,\"median_ms\":%.1f,\"without_ms\":%.1f,\"n\":%zu,"
           "\"refreshes\":%lld,\"ratio\":%.2f,\"limit\":%d,\"within\":%s}\n",
           name, csig_level(), with, without, s[0].n, (long long)refreshes, with / without, LIMIT,
           with <= LIMIT * without ? "true" : "false");
}

static void set_up(void)
{
    device *one[1] = {&phone};

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CSIG_ASSERT(csig_init() == CSIG_OK);
    CSIG_ASSERT(setenv("COUNTERSIGND", BENCH_DAEMON, 0) == 0);
    daemon_prepare(&server);
    daemon_start(&server);
    device_make(&phone, true);
    device_enrol(&server, &phone);
    daemon_wait_ready(&server);
    device_pair(&server, &phone);
    wallet_make(&server, &own, 2, one, 1);
    for (size_t i = 0; i < REFRESHERS; i++) {
        for (size_t k = 0; k < WALLETS; k++)
            wallet_make(&server, &fleet[i][k], 2, one, 1);
    }
}

int main(void)
{
    int64_t before;

    set_up();
    going = mmap(NULL, sizeof *going, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CSIG_ASSERT(going != MAP_FAILED);
    before = refreshed();
    for (size_t i = 0; i < REFRESHERS; i++) {
        children[i] = fork();
        CSIG_ASSERT(children[i] >= 0);
        if (children[i] == 0) refresh_for_ever(fleet[i]);
    }
    for (int i = 0; i < 2 * BLOCKS; i++)
        block(i % 2);
    for (size_t i = 0; i < REFRESHERS; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    print("sign_presigned_in_campaign", presigned, refreshed() - before);
    print("sign_full_in_campaign", full, refreshed() - before);
    daemon_remove(&server);
    return 0;
}
