/* What it costs to know who asks: the signatures of a request and of its answer in CPU, and the
 * write that remembers a request against replay, by the clock on the wall: it waits for the disk,
 * alone and with others that come at the same time.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/signed.h"
#include "bench/bench.h"
#include "store/store.h"

#define WRITES 500
#define CROWD  100

static signed_pair pair;
static csigd_proof proof;

static void verify_request(void *arg)
{
    csigd_refusal why;

    (void)arg;
    CSIG_ASSERT(csigd_request_open(&proof, &pair.request.message, SIGNED_NOW, &why) ==
                    CSIGD_AUTH_OK &&
                csigd_request_verify(&proof, &pair.client.key, &why) == CSIGD_AUTH_OK);
}

static void sign_response(void *arg)
{
    csigd_signature_fields made;
    csigd_refusal why;

    (void)arg;
    CSIG_ASSERT(csigd_response_sign(&made, &pair.response.message, &pair.server, SIGNED_NOW,
                                    &why) == CSIGD_AUTH_OK);
}

static double wall_us(void)
{
    struct timespec t;

    CSIG_ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print_wall(const char *name, double *us, size_t n)
{
    qsort(us, n, sizeof *us, compare);
    printf("{\"name\":\"%s\",\"median_us\":%.1f,\"p90_us\":%.1f,\"n\":%zu,\"clock\":\"wall\"}\n",
           name, us[n / 2], us[n * 9 / 10], n);
    (void)fflush(stdout);
}

/* --- many at once --- */

typedef struct writer {
    pthread_t thread;
    csigd_replay_store *replay;
    size_t n, first;
} writer;

static void *write_some(void *arg)
{
    const writer *w = arg;

    for (size_t i = 0; i < w->n; i++) {
        uint8_t id[CSIGD_REPLAY_ID_BYTES] = {0};
        const size_t number = w->first + i;

        memcpy(id, &number, sizeof number);
        CSIG_ASSERT(w->replay->remember(w->replay->context, id, SIGNED_NOW) == CSIGD_AUTH_OK);
    }
    return NULL;
}

/* So many threads, each with one write at a time. */
static void together(csigd_replay_store *replay, size_t threads)
{
    static writer w[CROWD];
    static size_t used = WRITES;
    const size_t each = (threads > 1 ? 4 * WRITES : WRITES) / threads;
    const double start = wall_us();
    double us;

    for (size_t i = 0; i < threads; i++, used += each) {
        w[i] = (writer){.replay = replay, .n = each, .first = used};
        CSIG_ASSERT(pthread_create(&w[i].thread, NULL, write_some, &w[i]) == 0);
    }
    for (size_t i = 0; i < threads; i++)
        CSIG_ASSERT(pthread_join(w[i].thread, NULL) == 0);
    us = wall_us() - start;
    printf("{\"name\":\"requests remembered, durable, at once\",\"threads\":%zu,"
           "\"per_second\":%.0f,\"n\":%zu,\"clock\":\"wall\"}\n",
           threads, (double)(threads * each) * 1e6 / us, threads * each);
    (void)fflush(stdout);
}

/* Where files go to the disk: /tmp may be memory. */
static void replays(void)
{
    static double fresh[WRITES], again[WRITES];
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm"};
    char folder[] = "/var/tmp/countersign-bench-XXXXXX", path[64], why[256];
    csigd_replay_store *replay;
    csigd_store *store;

    CSIG_ASSERT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/store.db", folder);
    store = csigd_sqlite_open(path, CSIG_LEVEL, why, sizeof why);
    CSIG_ASSERT(store != NULL);
    replay = &store->replay;
    for (size_t i = 0; i < WRITES; i++) {
        uint8_t id[CSIGD_REPLAY_ID_BYTES] = {0};
        double start = wall_us();

        memcpy(id, &i, sizeof i);
        CSIG_ASSERT(replay->remember(replay->context, id, SIGNED_NOW) == CSIGD_AUTH_OK);
        fresh[i] = wall_us() - start;
        start = wall_us();
        CSIG_ASSERT(replay->remember(replay->context, id, SIGNED_NOW) == CSIGD_AUTH_REPLAY);
        again[i] = wall_us() - start;
    }
    together(replay, 1);
    together(replay, 16);
    together(replay, CROWD);
    store->close(store);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    print_wall("request remembered against replay, durable", fresh, WRITES);
    print_wall("replayed request found", again, WRITES);
}

int main(void)
{
    signed_make(&pair, CSIGD_KEY_P256);
    (void)bench_run("request verified, p-256", verify_request, NULL, 0);
    signed_make(&pair, CSIGD_KEY_ED25519);
    (void)bench_run("request verified, ed25519", verify_request, NULL, 0);
    (void)bench_run("response signed", sign_response, NULL, 0);
    replays();
    return 0;
}
