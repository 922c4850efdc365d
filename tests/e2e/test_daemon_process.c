/* The process: starting, ending, being killed; secrets, sockets, folders and what is wrong with
 * them. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/fixture.h"

static daemon_process d;

static int setup(void **state)
{
    (void)state;
    daemon_prepare(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    daemon_remove(&d);
    return 0;
}

static void expect_end(int code, const char *reason)
{
    int have = -1;

    if (daemon_is_started(&d, &have)) fail_msg("started instead of: %s", reason);
    assert_int_equal(have, code);
    if (!daemon_has_logged(&d, reason)) fail_msg("does not say: %s", reason);
}

static void give_file(const char *name, const char *words, mode_t mode, char *path, size_t size)
{
    FILE *f;

    snprintf(path, size, "%s/%s", d.folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(words, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) fail_msg("no %s", path);
    return st.st_mode & 0777;
}

/* --- life --- */

static void it_starts_private_and_ends_cleanly(void **state)
{
    char path[256], line[256] = "";
    bool none = false;
    FILE *f;

    (void)state;
    daemon_start(&d);
    assert_int_equal(mode_of(d.state), 0700);
    assert_int_equal(mode_of(d.socket), 0600);
    snprintf(path, sizeof path, "%s/store.db", d.state);
    assert_int_equal(mode_of(path), 0600);
    snprintf(path, sizeof path, "%s/store.db-wal", d.state);
    assert_int_equal(mode_of(path), 0600);
    snprintf(path, sizeof path, "/proc/%d/limits", (int)d.pid);
    f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL)
        none = none || strncmp(line, "Max core file size        0                    0", 47) == 0;
    fclose(f);
    assert_true(none);
    assert_int_equal(daemon_stop(&d), 0);
    assert_int_equal(access(d.socket, F_OK), -1);
    assert_true(daemon_has_logged(&d, "stopping"));
}

/* The search for primes goes on where it was when the process was killed; then a spare set is made.
 */
static void a_killed_search_goes_on(void **state)
{
    bool spare = false;

    (void)state;
    for (int i = 0; i < 5; i++) {
        daemon_start(&d);
        usleep(300000);
        daemon_kill(&d);
    }
    daemon_start(&d);
    daemon_wait_ready(&d);
    assert_false(daemon_has_logged(&d, "not usable"));
    for (int i = 0; i < 12000 && !spare; i++) {
        json_t *health = call_json(&d, 200, "GET", "/healthz", NULL);

        spare = json_is_true(json_object_get(json_object_get(health, "primes"), "spare"));
        json_decref(health);
        usleep(50000);
    }
    assert_true(spare);
    daemon_kill(&d);
    daemon_start(&d);
    daemon_wait_ready(&d);
}

/* Before it has auxiliary info, enrolment and key generation work; what needs it says when to come
 * back. */
static void it_works_before_it_is_ready(void **state)
{
    device plain;
    device *one[1] = {&plain};
    wallet w;
    char path[128], body[128];
    http_reply r;

    (void)state;
    device_make(&plain, false);
    daemon_start(&d);
    device_enrol(&d, &plain);
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", plain.hex);
    snprintf(body, sizeof body, "{\"nonce\":\"%s\"}", plain.hex);
    r = http_call(&d, "POST", path, "application/json", body, strlen(body));
    /* Four primes take longer than this. */
    assert_int_equal(r.status, 503);
    assert_true(reply_has_code(&r, "not-ready"));
    assert_true(r.retry_after > 0);
    assert_non_null(strstr((const char *)r.body, "of 4 found"));
    http_free(&r);
    wallet_make(&d, &w, 2, one, 1);
    wallet_free(&w);
    device_free(&plain);
}

/* Killed in the middle of key generation, with both pending shares written: no wallet is left, and
 * the next one is made. */
static void a_killed_key_generation_leaves_no_wallet(void **state)
{
    device plain;
    device *one[1] = {&plain};
    wallet w;
    char path[128];
    octets body;
    http_reply reply;
    run s;

    (void)state;
    device_make(&plain, false);
    daemon_start(&d);
    device_enrol(&d, &plain);
    for (unsigned steps = 0; steps < 3; steps++) {
        s = wallet_begin(&d, &w, 2, one, 1);
        for (unsigned i = 0; i < steps; i++)
            run_step(&d, &s);
        daemon_kill(&d);
        daemon_start(&d);
        body = run_collect(&s);
        reply = run_put(&d, &s, &body);
        assert_true(reply_has_code(&reply, "session-gone"));
        http_free(&reply);
        octets_free(&body);
        snprintf(path, sizeof path, "/v1/wallets/%s", w.id);
        call_problem(&d, "not-found", "GET", path, NULL);
        run_free(&s);
        wallet_free(&w);
    }
    wallet_make(&d, &w, 2, one, 1);
    wallet_free(&w);
    device_free(&plain);
}

/* --- secrets --- */

static void passphrases_are_checked(void **state)
{
    char right[128], wrong[128], open[128];

    (void)state;
    give_file("right", "correct horse\n", 0600, right, sizeof right);
    give_file("wrong", "correct house\n", 0600, wrong, sizeof wrong);
    give_file("open", "correct horse\n", 0644, open, sizeof open);
    d.extra[0] = "--passphrase-file";
    d.extra[1] = right;
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    d.extra[1] = wrong;
    expect_end(3, "wrong passphrase");
    d.extra[1] = open;
    expect_end(3, "chmod 600");
    d.extra[0] = NULL;
    expect_end(3, "opened by a passphrase, not by a key file");
    d.extra[0] = "--passphrase-file";
    d.extra[1] = right;
    daemon_start(&d);
}

static void another_key_file_is_refused(void **state)
{
    char other[128], path[128];

    (void)state;
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    give_file("other", "0123456789abcdef0123456789abcdef", 0600, other, sizeof other);
    d.extra[0] = "--key-file";
    d.extra[1] = other;
    expect_end(3, "not the key file of this state folder");
    give_file("short", "0123456789abcdef", 0600, path, sizeof path);
    d.extra[1] = path;
    expect_end(3, "exactly 32 octets");
    snprintf(path, sizeof path, "%s/none", d.folder);
    expect_end(3, "cannot open");
}

/* Without a way to the master key it does not start; the systemd credential is one. */
static void a_way_to_the_master_key_is_needed(void **state)
{
    char credentials[128], file[160];

    (void)state;
    d.extra[0] = "--passphrase-fd";
    d.extra[1] = "99";
    expect_end(3, "descriptor 99");
    snprintf(credentials, sizeof credentials, "%s/credentials", d.folder);
    assert_int_equal(mkdir(credentials, 0700), 0);
    give_file("credentials/countersignd.passphrase", "from systemd", 0400, file, sizeof file);
    d.extra[0] = "--workers";
    d.extra[1] = "1";
    d.no_key = true;
    expect_end(3, "no way to the master key");
    setenv("CREDENTIALS_DIRECTORY", credentials, 1);
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    /* Where systemd gives the user access by a list, the mask shows as the group's. */
    assert_int_equal(chmod(file, 0440), 0);
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    assert_int_equal(chmod(file, 0444), 0);
    expect_end(3, "open to others");
    unsetenv("CREDENTIALS_DIRECTORY");
}

/* --- places that are taken, broken, or full --- */

static void a_state_folder_has_one_process(void **state)
{
    daemon_process second = d;
    int code = -1;

    (void)state;
    daemon_start(&d);
    snprintf(second.state, sizeof second.state, "%s", d.state);
    snprintf(second.socket, sizeof second.socket, "%s/second", d.folder);
    snprintf(second.log, sizeof second.log, "%s/second.log", d.folder);
    snprintf(second.key, sizeof second.key, "%s", d.key);
    assert_false(daemon_is_started(&second, &code));
    assert_int_equal(code, 4);
    assert_true(daemon_has_logged(&second, "another countersignd"));
    /* Another state, the same socket. */
    snprintf(second.state, sizeof second.state, "%s/state2", d.folder);
    snprintf(second.socket, sizeof second.socket, "%s", d.socket);
    second.silent = true;
    assert_false(daemon_is_started(&second, &code));
    assert_int_equal(code, 5);
    assert_true(daemon_has_logged(&second, "listens on"));
    assert_true(daemon_is_alive(&d));
}

static void addresses_are_loopback_and_free(void **state)
{
    daemon_process second;
    char address[32], path[160];
    http_reply r = {.status = 0};
    int code = -1;

    (void)state;
    d.extra[0] = "--listen";
    d.extra[1] = "0.0.0.0:18441";
    expect_end(5, "not a loopback address");
    /* Below the ports of outgoing connections; another program may have this one. */
    d.extra[1] = address;
    for (int i = 0, started = 0; i < 100 && !started; i++) {
        snprintf(address, sizeof address, "127.0.0.1:%d",
                 10000 + ((int)getpid() + 997 * i) % 22000);
        started = daemon_is_started(&d, &code);
        if (!started) assert_int_equal(code, 5);
    }
    assert_true(daemon_is_alive(&d));
    r = http_call_tcp(address, "GET", "/healthz", NULL, NULL, 0);
    assert_int_equal(r.status, 200);
    http_free(&r);
    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", "00112233445566778899aabbccddeeff");
    r = http_call_tcp(address, "POST", path, "application/json", "{}", 2);
    assert_int_equal(r.status, 401);
    assert_true(reply_has_code(&r, "signature-missing"));
    http_free(&r);
    daemon_prepare(&second);
    second.extra[0] = "--listen";
    second.extra[1] = address;
    second.silent = true;
    assert_false(daemon_is_started(&second, &code));
    assert_int_equal(code, 5);
    assert_true(daemon_has_logged(&second, "cannot listen"));
    daemon_remove(&second);
    assert_true(daemon_is_alive(&d));
}

static void a_damaged_store_is_refused(void **state)
{
    (void)state;
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    daemon_run_shell(
        "dd if=/dev/urandom of=%s/store.db bs=4096 seek=2 count=6 conv=notrunc 2>/dev/null",
        d.state);
    expect_end(4, "store");
}

static void folders_that_are_no_good(void **state)
{
    (void)state;
    assert_int_equal(mkdir(d.state, 0755), 0);
    assert_int_equal(chmod(d.state, 0755), 0);
    expect_end(4, "chmod 700");
    assert_int_equal(rmdir(d.state), 0);
    daemon_run_shell("touch %s", d.state);
    expect_end(4, "not a folder");
}

/* Every line of the log is one JSON object. */
static void the_log_is_json(void **state)
{
    char line[4096];
    FILE *f;

    (void)state;
    daemon_start(&d);
    assert_int_equal(daemon_stop(&d), 0);
    f = fopen(d.log, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        json_t *object = json_loads(line, 0, NULL);

        assert_true(json_is_object(object));
        assert_non_null(json_object_get(object, "time"));
        assert_non_null(json_object_get(object, "event"));
        json_decref(object);
    }
    fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_starts_private_and_ends_cleanly, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_search_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(it_works_before_it_is_ready, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_key_generation_leaves_no_wallet, setup, teardown),
        cmocka_unit_test_setup_teardown(passphrases_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_file_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_way_to_the_master_key_is_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_folder_has_one_process, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_are_loopback_and_free, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_store_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(folders_that_are_no_good, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_is_json, setup, teardown),
    };

    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
