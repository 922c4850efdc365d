#include "faults/inside.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "http/json.h"
#include "http/router.h"
#include "service/live.h"

const daemon_process inside;
csigd_service service;
stumbling store;
device phone;
wallet two;
bool inside_reshares;
device spare[2];
csig_recovery *third;
static device vault; /* at the third index */

static char folder[64];
static _Atomic int64_t ahead; /* milliseconds */

/* --- time --- */

int64_t __real_csigd_clock_now(void);
int64_t __real_csigd_clock_ticks(void);
int64_t __wrap_csigd_clock_now(void);
int64_t __wrap_csigd_clock_ticks(void);

int64_t __wrap_csigd_clock_now(void)
{
    return __real_csigd_clock_now() + atomic_load(&ahead) / 1000;
}

int64_t __wrap_csigd_clock_ticks(void)
{
    const int64_t jump = atomic_load(&ahead);

    return __real_csigd_clock_ticks() + (jump > 0 ? jump : 0);
}

void inside_clock(int64_t seconds)
{
    atomic_store(&ahead, seconds * 1000);
}

void inside_expire(const run *r)
{
    uint8_t id[CSIGD_ID_BYTES];

    assert_true(csigd_hex_is_read(id, sizeof id, r->session, strlen(r->session)));
    for (int i = 0; i < 20000; i++) {
        if (csigd_live_find(&service, id) == NULL) return;
        csigd_sessions_tick(&service);
        usleep(5000);
    }
    fail_msg("a session outlives its deadline");
}

/* --- calls --- */

typedef struct exchange {
    const csigd_route *route;
    csigd_call call;
    csigd_reply reply;
    sem_t done;
} exchange;

static void work(void *ctx)
{
    exchange *e = ctx;

    e->reply = e->route->handler(&e->call);
    sem_post(&e->done);
}

static void submit(exchange *e)
{
    const bool has_id = strchr(e->route->path, ':') != NULL;
    const uint8_t *key = has_id && strcmp(e->route->method, "GET") != 0 ? e->call.id : NULL;

    sem_init(&e->done, 0, 0);
    if (!csigd_jobs_has_taken(service.jobs, e->route->lane, key, work, e))
        e->reply = csigd_reply_code(CSIGD_OVERLOADED);
    else
        while (sem_wait(&e->done) != 0) {
        }
    sem_destroy(&e->done);
}

http_reply http_call(const daemon_process *d, const char *method, const char *path,
                     const char *type, const void *body, size_t len)
{
    exchange e = {.call = {.service = &service, .body = body, .len = len, .unix_socket = true}};
    http_reply r = {.status = 0};
    const char *allow = NULL;
    csigd_code code = csigd_route_find(&e.route, &e.call, &allow, method, path);

    (void)d;
    if (code == CSIGD_OK) code = csigd_route_admit(e.route, &e.call, type, len);
    if (code == CSIGD_OK)
        submit(&e);
    else
        e.reply = csigd_reply_code(code);
    r.status = e.reply.status;
    if (e.reply.session != NULL) snprintf(r.session, sizeof r.session, "%s", e.reply.session);
    r.len = e.reply.len;
    r.body = calloc(1, r.len + 1);
    assert_non_null(r.body);
    if (r.len > 0) memcpy(r.body, e.reply.body, r.len);
    csigd_reply_free(&e.reply);
    return r;
}

void http_free(http_reply *r)
{
    free(r->body);
    memset(r, 0, sizeof *r);
}

/* --- life --- */

static void start(void)
{
    csigd_secret secret = {.kind = CSIGD_KEY_FILE, .bytes = csigd_locked_alloc(CSIGD_MASTER_BYTES)};
    char path[128], why[256] = "";
    csigd_store *inner;

    snprintf(path, sizeof path, "%s/store.db", folder);
    inner = csigd_sqlite_open(path, csig_level(), why, sizeof why);
    if (inner == NULL) fail_msg("%s", why);
    stumbling_open(&store, inner);
    assert_non_null(secret.bytes);
    memset(secret.bytes, 7, CSIGD_MASTER_BYTES);
    secret.len = CSIGD_MASTER_BYTES;
    if (!csigd_service_is_started(&service, &store.door, &secret, 2, why, sizeof why))
        fail_msg("%s", why);
    service.development = true;
    csigd_secret_free(&secret);
}

int inside_staged(void)
{
    char path[128];
    sqlite3_stmt *s;
    sqlite3 *db;
    int n;

    snprintf(path, sizeof path, "%s/store.db", folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 300000);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*) FROM shares WHERE slot = 3", -1, &s, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

void inside_restart(void)
{
    csigd_service_stop(&service);
    start();
}

/* The log goes to descriptor 2: nowhere; cmocka's words still go out. */
static void be_quiet(void)
{
    const int fd = open("/dev/null", O_WRONLY);
    FILE *words = fdopen(dup(STDERR_FILENO), "w");

    assert_true(fd >= 0 && words != NULL);
    setvbuf(words, NULL, _IONBF, 0);
    stderr = words;
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static int set_up(const recovery_plan *plan)
{
    device *one[1] = {&phone};

    start();
    device_make(&phone, true);
    device_enrol(&inside, &phone);
    wallet_make_planned(&inside, &two, 2, one, 1, plan);
    daemon_wait_ready(&inside);
    device_pair(&inside, &phone);
    return 0;
}

static void make_folder(void)
{
    be_quiet();
    assert_int_equal(csig_init(), CSIG_OK);
    snprintf(folder, sizeof folder, "%s/csigd-faults-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(folder));
}

int inside_setup(void **state)
{
    static const recovery_plan none;

    (void)state;
    make_folder();
    return set_up(&none);
}

int inside_setup_escrowed(void **state)
{
    recovery_plan plan = {.n = 1, .index = {3}, .offline = {&vault}};

    (void)state;
    make_folder();
    device_make(&vault, false);
    assert_int_equal(csig_recovery_new(&third), CSIG_OK);
    csig_recovery_public(third, plan.key[0]);
    return set_up(&plan);
}

int inside_setup_resharing(void **state)
{
    device *both[2] = {&phone, &spare[0]};

    (void)state;
    make_folder();
    start();
    device_make(&phone, true);
    device_enrol(&inside, &phone);
    for (int i = 0; i < 2; i++) {
        device_make(&spare[i], false);
        device_enrol(&inside, &spare[i]);
    }
    wallet_make(&inside, &two, 2, both, 2);
    daemon_wait_ready(&inside);
    device_pair(&inside, &phone);
    return 0;
}

int inside_teardown(void **state)
{
    (void)state;
    csigd_service_stop(&service);
    wallet_free(&two);
    device_free(&phone);
    device_free(&spare[0]);
    device_free(&spare[1]);
    device_free(&vault);
    csig_recovery_free(third);
    daemon_run_shell("rm -rf %s", folder);
    return 0;
}
