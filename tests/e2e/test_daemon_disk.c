/* A disk that is full or cannot be written: 503, nothing half done, and all goes on when there is
 * room again. On a small file system in memory, which only root can mount. */
#define _GNU_SOURCE /* unshare */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"

static char filler[128];

static int setup(void **state)
{
    daemon_prepare(&server);
    assert_int_equal(mkdir(server.state, 0700), 0);
    /* Nobody else sees the mount, and it goes with this process. */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", server.state, "tmpfs", 0, "size=4m,mode=0700") != 0) {
        print_message("skipped: no file system can be mounted here\n");
        exit(0);
    }
    daemon_take(&server);
    snprintf(filler, sizeof filler, "%s/filler", server.state);
    return fixture_setup_prepared(state);
}

static int teardown(void **state)
{
    (void)daemon_stop(&server);
    umount(server.state);
    return fixture_teardown(state);
}

static long enrol_status(void)
{
    device dev;
    uint8_t statement[CSIG_IDENTITY_BYTES], signature[64];
    char body[512];
    http_reply r;
    size_t len;
    long status;

    device_make(&dev, false);
    memcpy(statement, dev.id, sizeof statement);
    assert_int_equal(
        csig_identity_sign(dev.identity, "enrol", statement, sizeof statement, signature), CSIG_OK);
    len = (size_t)snprintf(body, sizeof body, "{\"identity\":\"%s\",\"signature\":\"", dev.hex);
    for (size_t i = 0; i < sizeof signature; i++)
        len += (size_t)snprintf(body + len, 3, "%02x", signature[i]);
    snprintf(body + len, sizeof body - len, "\"}");
    r = http_call(&server, "POST", "/v1/devices", "application/json", body, strlen(body));
    status = r.status;
    assert_true(status == 201 || reply_has_code(&r, "store-unavailable"));
    http_free(&r);
    device_free(&dev);
    return status;
}

/* Until nothing can be written any more. */
static void fill(void)
{
    static const char block[4096];
    const int fd = open(filler, O_WRONLY | O_CREAT, 0600);
    long status = 201;

    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0) {
    }
    close(fd);
    /* The log may still have room of its own. */
    for (int i = 0; i < 5000 && status == 201; i++)
        status = enrol_status();
    assert_int_equal(status, 503);
}

static void make_room(void)
{
    assert_int_equal(unlink(filler), 0);
}

static run begin(const char *mode, char request[65])
{
    fixture_new_digest();
    request_make(&server, &two, digest, "m/1", mode, false, request);
    return run_sign(&server, &two, request, digest, "m/1", mode);
}

static void a_full_disk_loses_nothing(void **state)
{
    csig_signature signature;
    char request[65];
    run s = begin("server", request);

    (void)state;
    while (!s.done) {
        octets body = run_collect(&s);
        http_reply reply;

        fill();
        for (int i = 0; i < 2; i++) {
            reply = run_put(&server, &s, &body);
            assert_int_equal(reply.status, 503);
            assert_true(reply_has_code(&reply, "store-unavailable"));
            http_free(&reply);
        }
        assert_true(daemon_is_alive(&server));
        assert_false(request_is_signed(&server, request, digest, &signature));
        make_room();
        reply = run_put(&server, &s, &body);
        octets_free(&body);
        run_take(&s, &reply);
    }
    run_check_signature(&s, &two, "m/1", digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&s);
}

/* The wallet's: digests are signed, or nothing is. */
static void set_policy(const char *then)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/wallets/%s/policy", two.id);
    json_decref(call_json(&server, 200, "PUT", path, "{s:{s:i,s:s,s:[{s:s,s:{s:[s],s:b},s:s}]}}",
                          "policy", "version", 1, "default", "deny", "rules", "id", "digests", "if",
                          "types", "digest", "blind", 1, "then", then));
}

/* A signature that waits for the disk leaves by the policy of when it leaves: who has forbidden it
 * in the meantime is heard. */
static void what_waits_for_the_disk_is_judged_when_it_leaves(void **state)
{
    csig_signature signature;
    char request[65];
    unsigned steps = 0;
    octets body;
    run s = begin("server", request);

    (void)state;
    for (; !s.done; steps++)
        run_step(&server, &s);
    run_free(&s);
    s = begin("server", request);
    for (unsigned i = 1; i < steps; i++)
        run_step(&server, &s);
    body = run_collect(&s);
    fill();
    fixture_expect(run_put(&server, &s, &body), 503, "store-unavailable");
    make_room();
    set_policy("deny");
    fixture_expect(run_put(&server, &s, &body), 403, "policy-denied");
    fixture_expect(run_put(&server, &s, &body), 403, "policy-denied");
    assert_false(request_is_signed(&server, request, digest, &signature));
    octets_free(&body);
    run_free(&s);
    set_policy("allow");
    fixture_sign("m", NULL);
}

/* Caught on a full disk: nobody hears of it before the lock is durable, and it becomes durable
 * whether the cheat comes back or not. */
static void a_lock_waits_for_the_disk_and_the_answer_for_the_lock(void **state)
{
    char request[65];
    run s = begin("server", request);
    octets body = run_collect(&s);
    http_reply reply;
    bool locked = false;

    (void)state;
    forge(&body, 0, 200, 32, 0, &phone);
    fill();
    reply = run_put(&server, &s, &body);
    assert_int_equal(reply.status, 503);
    assert_true(reply_has_code(&reply, "store-unavailable"));
    http_free(&reply);
    make_room();
    for (int i = 0; i < 2000 && !locked; i++) {
        usleep(50000);
        locked = fixture_is_locked();
    }
    assert_true(locked);
    reply = run_put(&server, &s, &body);
    assert_true(reply_has_code(&reply, "proof-failed"));
    http_free(&reply);
    fixture_unlock();
    octets_free(&body);
    run_free(&s);
}

/* Key generation on a disk that is full at each of its writes: born whole, or not at all. */
static void a_wallet_is_born_whole_or_not_at_all(void **state)
{
    device *one[1] = {&phone};
    char path[64];

    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        wallet w;
        run s = wallet_begin(&server, &w, 2, one, 1);
        octets body;
        http_reply reply;
        json_t *shown;

        for (unsigned i = 1; i < at; i++)
            run_step(&server, &s);
        body = run_collect(&s);
        fill();
        reply = run_put(&server, &s, &body);
        assert_int_equal(reply.status, 503);
        http_free(&reply);
        snprintf(path, sizeof path, "/v1/wallets/%s", w.id);
        shown = call_json(&server, 200, "GET", path, NULL);
        assert_string_equal(text_of(shown, "state"), "pending");
        json_decref(shown);
        make_room();
        reply = run_put(&server, &s, &body);
        octets_free(&body);
        run_take(&s, &reply);
        run_finish(&server, &s);
        shown = call_json(&server, 200, "GET", path, NULL);
        assert_string_equal(text_of(shown, "state"), "active");
        json_decref(shown);
        run_free(&s);
        wallet_free(&w);
    }
}

/* A refresh on a disk that is full at each of its rounds: staged whole, committed whole. */
static void a_refresh_waits_for_room(void **state)
{
    const uint64_t epoch = wallet_epoch(&server, &two);
    run s = run_refresh(&server, &two);

    (void)state;
    while (!s.done) {
        octets body = run_collect(&s);
        http_reply reply;

        fill();
        for (int i = 0; i < 2; i++)
            fixture_expect(run_put(&server, &s, &body), 503, "store-unavailable");
        assert_int_equal(wallet_epoch(&server, &two), epoch);
        assert_int_equal(epoch_ask(&server, &two, two.share[0]), EPOCH_CURRENT);
        if (s.staged[0] != NULL)
            assert_int_equal(epoch_ask(&server, &two, s.staged[0]), EPOCH_UNDECIDED);
        make_room();
        reply = run_put(&server, &s, &body);
        octets_free(&body);
        run_take(&s, &reply);
    }
    assert_int_equal(wallet_epoch(&server, &two), epoch + 1);
    run_refresh_adopt(&s, &two);
    run_free(&s);
    fixture_sign("m", NULL);
}

/* A presignature that could not be marked as assigned is gone. */
static void a_presignature_is_not_kept_for_later(void **state)
{
    run halves = run_presign(&server, &two, 1);
    char request[65], path[128], body[256];
    http_reply r;

    (void)state;
    run_finish(&server, &halves);
    fixture_new_digest();
    request_make(&server, &two, digest, "m", NULL, true, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    snprintf(body, sizeof body, "{\"signers\":[1,2],\"nonces\":[\"%s\"]}", phone.hex);
    fill();
    r = http_call(&server, "POST", path, "application/json", body, strlen(body));
    assert_true(reply_has_code(&r, "store-unavailable"));
    http_free(&r);
    make_room();
    r = http_call(&server, "POST", path, "application/json", body, strlen(body));
    assert_true(reply_has_code(&r, "no-presignature"));
    http_free(&r);
    run_free(&halves);
}

static void a_disk_that_cannot_be_written_is_named(void **state)
{
    int code = -1;

    (void)state;
    assert_int_equal(daemon_stop(&server), 0);
    assert_int_equal(mount("none", server.state, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_false(daemon_is_started(&server, &code));
    assert_int_equal(code, 4);
    assert_true(daemon_has_logged(&server, "cannot write in the state folder"));
    assert_int_equal(mount("none", server.state, "tmpfs", MS_REMOUNT, "size=4m"), 0);
    daemon_start(&server);
    daemon_wait_ready(&server);
    fixture_sign("m", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(what_waits_for_the_disk_is_judged_when_it_leaves),
        cmocka_unit_test(a_lock_waits_for_the_disk_and_the_answer_for_the_lock),
        cmocka_unit_test(a_wallet_is_born_whole_or_not_at_all),
        cmocka_unit_test(a_refresh_waits_for_room),
        cmocka_unit_test(a_presignature_is_not_kept_for_later),
        cmocka_unit_test(a_disk_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
