/* Sealed backups: with a refresh, and by themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/fixture.h"

static void expect_field(http_reply reply, const char *field)
{
    char want[64];

    snprintf(want, sizeof want, "\"field\":\"%s\"", field);
    assert_non_null(strstr((const char *)reply.body, want));
    fixture_expect(reply, 400, "bad-request");
}

static void expect_no_backup(run *r, const wallet *w, uint64_t epoch, unsigned round)
{
    http_reply reply = fixture_go_on(r);

    assert_int_equal(r->next, round);
    assert_string_equal(reply.session, "failed");
    expect_field(reply, "backup");
    assert_false(fixture_is_locked());
    assert_false(fixture_has_locked(&recovery));
    fixture_expect_undone(r, w, epoch);
    run_free(r);
}

/* The receipt leaves without the backup that it names, or with another one. */
static void a_receipt_needs_its_backup(void **state)
{
    uint64_t epoch = wallet_epoch(&server, &three);
    run r = run_refresh(&server, &three);

    (void)state;
    /* Not with an exchange to come, either. */
    r.backed_up[1] = true;
    expect_no_backup(&r, &three, epoch, 3);
    /* Named, and of the epoch before. */
    r = run_refresh(&server, &three);
    r.stale = true;
    expect_no_backup(&r, &three, epoch, 3);
    epoch = wallet_epoch(&server, &two);
    for (int wrong = 0; wrong < 3; wrong++) {
        r = run_refresh(&server, &two);
        run_step(&server, &r);
        if (wrong == 0) r.backed_up[0] = true;
        if (wrong == 1) backup_make(r.backup[0], &two, 0, r.staged[0]); /* other salt, other hash */
        if (wrong == 2) backup_make(r.backup[0], &two, 0, two.share[0]); /* the epoch before */
        expect_no_backup(&r, &two, epoch, 2);
    }
}

/* What its owner has not signed is refused; the right one is taken then. */
static void an_altered_backup_is_refused(void **state)
{
    run r = run_refresh(&server, &two);
    octets body;
    http_reply reply;
    size_t len;

    (void)state;
    run_step(&server, &r);
    body = run_collect(&r);
    assert_int_equal(csig_backup_length(body.p, body.len, &len), CSIG_OK);
    body.p[1000] ^= 1;
    expect_field(run_put(&server, &r, &body), "backup");
    body.p[1000] ^= 1;
    reply = run_put(&server, &r, &body);
    octets_free(&body);
    run_take(&r, &reply);
    run_finish(&server, &r);
    run_refresh_adopt(&r, &two);
    run_free(&r);
}

/* It is signed, but not for this session: alone it does nothing, and ends nothing. */
static void a_backup_alone_says_nothing(void **state)
{
    uint8_t backup[CSIG_BACKUP_BYTES];
    run r = run_refresh(&server, &two);
    octets alone = {backup, sizeof backup};

    (void)state;
    backup_make(backup, &two, 0, two.share[0]);
    fixture_expect(run_put(&server, &r, &alone), 400, "bad-envelope");
    run_step(&server, &r);
    fixture_expect(run_put_as(&server, &r, 1, &alone), 400, "bad-envelope");
    run_finish(&server, &r);
    run_refresh_adopt(&r, &two);
    run_free(&r);
}

/* Backups come with refreshes alone. */
static void no_other_session_takes_a_backup(void **state)
{
    run r = run_presign(&server, &two, 1);
    octets body = run_collect(&r);
    http_reply reply;

    (void)state;
    body.p = realloc(body.p, body.len + CSIG_BACKUP_BYTES);
    assert_non_null(body.p);
    backup_make(body.p + body.len, &two, 0, two.share[0]);
    body.len += CSIG_BACKUP_BYTES;
    fixture_expect(run_put(&server, &r, &body), 400, "bad-envelope");
    body.len -= CSIG_BACKUP_BYTES;
    reply = run_put(&server, &r, &body);
    octets_free(&body);
    run_take(&r, &reply);
    run_finish(&server, &r);
    run_free(&r);
}

static http_reply put_backup(const wallet *w, unsigned index, const uint8_t *backup, size_t len)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/wallets/%s/backups/%u", w->id, index);
    return http_call(&server, "PUT", path, "application/octet-stream", backup, len);
}

static int64_t without_backup(void)
{
    static const char name[] = "\ncountersign_wallets_without_backup ";
    http_reply r = http_call(&server, "GET", "/metrics", NULL, NULL, 0);
    const char *at;
    int64_t n;

    assert_int_equal(r.status, 200);
    at = strstr((const char *)r.body, name);
    assert_non_null(at);
    n = strtoll(at + strlen(name), NULL, 10);
    http_free(&r);
    return n;
}

static void a_backup_comes_by_itself(void **state)
{
    device *both[2] = {&phone, &recovery};
    uint8_t first[CSIG_BACKUP_BYTES], third[CSIG_BACKUP_BYTES], other[CSIG_BACKUP_BYTES];
    const int64_t before = without_backup();
    char path[128];
    http_reply r;
    wallet w;

    (void)state;
    wallet_make(&server, &w, 2, both, 2);
    assert_int_equal(without_backup(), before + 1);
    backup_make(first, &w, 0, w.share[0]);
    backup_make(third, &w, 1, w.share[1]);
    backup_make(other, &three, 0, three.share[0]);
    expect_field(put_backup(&w, 1, first, sizeof first - 1), "backup");
    expect_field(put_backup(&w, 1, third, sizeof third), "backup");
    expect_field(put_backup(&w, 3, first, sizeof first), "backup");
    expect_field(put_backup(&w, 1, other, sizeof other), "backup");
    fixture_expect(put_backup(&w, 2, first, sizeof first), 404, "not-found");
    fixture_expect(put_backup(&w, 4, first, sizeof first), 404, "not-found");
    first[500] ^= 1;
    expect_field(put_backup(&w, 1, first, sizeof first), "backup");
    first[500] ^= 1;
    snprintf(path, sizeof path, "/v1/wallets/%s/backups/1", w.id);
    call_problem(&server, "not-found", "GET", path, NULL);
    r = put_backup(&w, 1, first, sizeof first);
    assert_int_equal(r.status, 204);
    http_free(&r);
    r = put_backup(&w, 3, third, sizeof third);
    assert_int_equal(r.status, 204);
    http_free(&r);
    assert_int_equal(without_backup(), before);
    r = http_call(&server, "GET", path, NULL, NULL, 0);
    assert_int_equal(r.status, 200);
    assert_int_equal(r.len, sizeof first);
    assert_memory_equal(r.body, first, sizeof first);
    http_free(&r);
    fixture_refresh(&w);
    fixture_expect(put_backup(&w, 1, first, sizeof first), 409, "epoch-changed");
    wallet_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_needs_its_backup),
        cmocka_unit_test(an_altered_backup_is_refused),
        cmocka_unit_test(a_backup_alone_says_nothing),
        cmocka_unit_test(no_other_session_takes_a_backup),
        cmocka_unit_test(a_backup_comes_by_itself),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
