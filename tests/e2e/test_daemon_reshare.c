/* Resharing by a real daemon: another committee, the same key; nothing of the old one is honoured,
 * and who lies is named. */
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"
#include "proto/envelope.h"

static device fresh; /* a new phone */

static int setup(void **state)
{
    const int r = fixture_setup(state);

    device_make(&fresh, true);
    device_enrol(&server, &fresh);
    device_pair(&server, &fresh);
    return r;
}

static int teardown(void **state)
{
    device_free(&fresh);
    return fixture_teardown(state);
}

/* The first device is party 1, the second 3. */
static wallet committee(uint16_t signers, device *first, device *second)
{
    wallet w = {.signers = signers, .parties = 2, .n = 1, .owner = {first}, .index = {1}};

    if (second == NULL) return w;
    w.owner[w.n] = second;
    w.index[w.n++] = 3;
    w.parties = 3;
    return w;
}

static json_t *show(const wallet *w)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    return call_json(&server, 200, "GET", path, NULL);
}

/* What the wallet says of its committee. */
static void expect_shown(const wallet *w, uint64_t epoch)
{
    json_t *shown = show(w), *devices = json_object_get(shown, "devices");

    assert_int_equal(json_integer_value(json_object_get(shown, "epoch")), epoch);
    assert_int_equal(json_integer_value(json_object_get(shown, "signers_required")), w->signers);
    assert_int_equal(json_integer_value(json_object_get(shown, "parties")), w->parties);
    assert_int_equal(json_array_size(devices), w->n);
    for (size_t i = 0; i < w->n; i++)
        assert_string_equal(json_string_value(json_array_get(devices, i)), w->owner[i]->hex);
    assert_int_equal(json_array_size(json_object_get(shown, "backups")), w->n);
    json_decref(shown);
}

static void restart(void)
{
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
}

/* To the end; then the next committee is at the next epoch, also after a restart, and signs. */
static void reshare(wallet *w, wallet *next, bool leave)
{
    const uint64_t before = wallet_epoch(&server, w);
    run r = run_reshare(&server, w, next, leave);

    run_finish(&server, &r);
    run_refresh_adopt(&r, next);
    run_free(&r);
    assert_int_equal(epoch_ask(&server, next, w->share[0]), EPOCH_DEAD);
    restart();
    for (size_t i = 0; i < next->n; i++)
        assert_int_equal(epoch_ask(&server, next, next->share[i]), EPOCH_CURRENT);
    expect_shown(next, before + 1);
    fixture_sign_with(next);
}

/* --- committees --- */

static void a_lost_phone_is_replaced(void **state)
{
    device *both[2] = {&phone, &recovery};
    wallet w, next = committee(2, &fresh, &recovery);
    uint8_t backup[CSIG_BACKUP_BYTES];
    char path[96], request[65];
    http_reply reply;
    run r;

    (void)state;
    wallet_make(&server, &w, 2, both, 2);
    fixture_sign_with(&w);
    reshare(&w, &next, false);
    fixture_refresh(&next);
    fixture_sign_with(&next);
    /* The lost one: its backup, and a signature. */
    backup_make(backup, &w, 0, w.share[0]);
    snprintf(path, sizeof path, "/v1/wallets/%s/backups/1", w.id);
    reply = http_call(&server, "PUT", path, "application/octet-stream", backup, sizeof backup);
    fixture_expect(reply, 400, "bad-request");
    backup_make(backup, &w, 1, w.share[1]);
    snprintf(path, sizeof path, "/v1/wallets/%s/backups/3", w.id);
    reply = http_call(&server, "PUT", path, "application/octet-stream", backup, sizeof backup);
    fixture_expect(reply, 409, "epoch-changed");
    fixture_new_digest();
    request_make(&server, &w, digest, "m", NULL, false, request);
    r = run_sign(&server, &w, request, digest, "m", NULL);
    reply = fixture_go_on(&r);
    fixture_expect(reply, 400, "bad-envelope");
    run_free(&r);
    wallet_free(&w);
    wallet_free(&next);
}

static void parties_come_and_go(void **state)
{
    device *one[1] = {&phone};
    wallet w, more = committee(2, &phone, &fresh), other = committee(2, &fresh, NULL);
    run r;

    (void)state;
    wallet_make(&server, &w, 2, one, 1);
    /* A session of the old epoch ends with it. */
    r = run_presign(&server, &w, 1);
    reshare(&w, &more, false);
    run_free(&r);
    reshare(&more, &other, true);
    fixture_refresh(&other);
    fixture_sign_with(&other);
    wallet_free(&w);
    wallet_free(&more);
    wallet_free(&other);
}

/* --- one at a time, and its end --- */

static void a_resharing_that_ends_changes_nothing(void **state)
{
    device *both[2] = {&phone, &recovery};
    wallet w, next = committee(2, &fresh, &recovery);
    char path[96];

    (void)state;
    wallet_make(&server, &w, 2, both, 2);
    for (unsigned rounds = 0; rounds < 4; rounds++) {
        run r = run_reshare(&server, &w, &next, true), lists;
        http_reply reply = run_refresh_ask(&server, &w, &lists);

        assert_int_equal(r.attempt, rounds + 1);
        assert_non_null(strstr((const char *)reply.body, r.session));
        fixture_expect(reply, 409, "state-conflict");
        for (unsigned i = 0; i < rounds; i++)
            run_step(&server, &r);
        if (r.staged[0] != NULL)
            assert_int_equal(epoch_ask(&server, &w, r.staged[0]), EPOCH_UNDECIDED);
        snprintf(path, sizeof path, "/v1/sessions/%s", r.session);
        if (rounds % 2 == 0)
            json_decref(call_json(&server, 204, "DELETE", path, NULL));
        else
            restart();
        if (r.staged[0] != NULL) assert_int_equal(epoch_ask(&server, &w, r.staged[0]), EPOCH_DEAD);
        assert_int_equal(epoch_ask(&server, &w, w.share[0]), EPOCH_CURRENT);
        run_free(&r);
        fixture_sign_with(&w);
    }
    reshare(&w, &next, true);
    wallet_free(&w);
    wallet_free(&next);
}

/* --- liars --- */

static bool is_locked(const wallet *w, const device *dev)
{
    json_t *shown = show(w), *entry;
    bool locked = false;
    size_t i;

    json_array_foreach(json_object_get(shown, "locked"), i, entry) locked =
        locked || strcmp(json_string_value(entry), dev->hex) == 0;
    json_decref(shown);
    return locked;
}

static void unlock(const wallet *w, const device *dev)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", w->id);
    json_decref(call_json(&server, 200, "POST", path, "{s:s}", "device", dev->hex));
}

/* An opening, and in it from its end: parts of 64 octets for three others, the server's the second.
 * Nobody else can judge that one. */
#define OPENING_BYTES   322
#define ECHO_BYTES      64
#define PART_FOR_SERVER (OPENING_BYTES - 100)

static const device *liar;
static size_t liar_session;
static bool has_lied;
static uint8_t echoed[ECHO_BYTES]; /* by somebody else */

/* All echo the lie as they got it, and so does who lied. */
static void lie_to_the_server(const run *r, size_t i, uint8_t *envelope, size_t len)
{
    octets said = {envelope, len};

    (void)r;
    if (i == liar_session && forge_body_len(&said, 0) == OPENING_BYTES) {
        forge_flip(&said, 0, PART_FOR_SERVER, liar);
        has_lied = true;
    } else if (has_lied && forge_body_len(&said, 0) == ECHO_BYTES) {
        if (i != liar_session)
            memcpy(echoed, envelope + CSIG_HEADER_BYTES, sizeof echoed);
        else
            forge_copy(&said, 0, echoed, sizeof echoed, liar);
    }
}

/* It does not want to know what the others echo. */
static bool hears_no_echo(const run *r, size_t i, const uint8_t *envelope, size_t len)
{
    octets said = {(uint8_t *)(uintptr_t)envelope, len};

    (void)r;
    return i != liar_session || !has_lied || forge_body_len(&said, 0) != ECHO_BYTES;
}

/* Of the old committee the phone deals and leaves, the recovery device deals and stays, in the
 * place of the phone the fresh one joins: the places in the resharing are not the indices, and who
 * lied is locked alone. */
static void expect_named(const device *who, size_t session)
{
    device *both[2] = {&phone, &recovery};
    wallet w, next = committee(2, &fresh, &recovery);
    http_reply reply;
    run r;

    wallet_make(&server, &w, 2, both, 2);
    r = run_reshare(&server, &w, &next, true);
    r.lie = lie_to_the_server;
    r.hears = hears_no_echo;
    has_lied = false;
    liar = who;
    liar_session = session;
    reply = fixture_go_on(&r);
    fixture_expect_verdict(reply, &r, session, who, CSIG_E_SHARE);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(is_locked(&w, both[i]), both[i] == who);
    if (r.staged[0] != NULL) assert_int_equal(epoch_ask(&server, &w, r.staged[0]), EPOCH_DEAD);
    assert_int_equal(epoch_ask(&server, &w, w.share[0]), EPOCH_CURRENT);
    run_free(&r);
    unlock(&w, who);
    fixture_sign_with(&w);
    wallet_free(&w);
    wallet_free(&next);
}

static void who_lies_is_named(void **state)
{
    (void)state;
    expect_named(&recovery, 1);
    expect_named(&phone, 2);
}

/* --- what cannot be asked for --- */

static void expect_field(const wallet *w, const char *members, const char *field)
{
    char path[128], want[64], body[4096];
    http_reply reply;

    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    snprintf(want, sizeof want, "\"field\":\"%s\"", field);
    snprintf(body, sizeof body, "{\"kind\":\"reshare\",%s}", members);
    reply = http_call(&server, "POST", path, "application/json", body, strlen(body));
    if ((reply.status != 400 && reply.status != 404) ||
        strstr((const char *)reply.body, want) == NULL)
        fail_msg("%s: %ld %s", body, reply.status, (const char *)reply.body);
    http_free(&reply);
}

#define STAY "{\"deals\":1,\"holds\":1},{\"deals\":2,\"holds\":2}"
#define ALL  "[" STAY ",{\"deals\":3,\"holds\":3}]"

/* Of what is wrong with each, one thing is told. KEY: any point will do. */
typedef struct wrong_wish {
    const char *signers, *members, *test;
    unsigned devices, nonces;
    const char *more, *field;
} wrong_wish;

static const wrong_wish wrong[] = {
    {"2", "[" STAY "]", "[1,2]", 2, 1, "", "members"}, /* 3 has no recovery key */
    {"2", "[{\"deals\":1,\"holds\":1},{\"deals\":3,\"holds\":3}]", "[1,2]", 2, 1, "", "members"},
    {"2", "[{\"deals\":1,\"holds\":1},{\"deals\":2},{\"deals\":3,\"holds\":3}]", "[1,3]", 2, 2, "",
     "members"},
    {"2", "[{\"deals\":1,\"holds\":1},{\"holds\":2},{\"deals\":3,\"holds\":3}]", "[1,2]", 2, 2, "",
     "members"},
    {"2", "[" STAY ",{}]", "[1,2]", 2, 2, "", "members"},
    {"2", "[" STAY ",{\"deals\":1,\"holds\":3}]", "[1,2]", 2, 2, "", "members"},
    {"2", "[" STAY ",{\"deals\":3,\"holds\":1}]", "[1,2]", 2, 2, "", "members"},
    {"2", "[" STAY ",{\"deals\":4,\"holds\":3}]", "[1,2]", 2, 2, "", "members"},
    {"2", "[" STAY ",{\"deals\":3,\"holds\":4}]", "[1,2]", 2, 2, "", "members"},
    {"2", "[{\"holds\":1},{\"deals\":2,\"holds\":2},{\"holds\":3}]", "[1,2]", 2, 2, "",
     "members"}, /* one dealer alone */
    {"2", ALL, "[1,2]", 2, 1, "", "nonces"},
    {"2", ALL, "[1,3]", 2, 2, "", "test_signers"},
    {"2", ALL, "[1,2,3]", 2, 2, "", "test_signers"},
    {"2", ALL, "[2,1]", 2, 2, "", "test_signers"},
    {"4", ALL, "[1,2]", 2, 2, "", "signers_required"},
    {"1", ALL, "[1,2]", 2, 2, "", "signers_required"},
    {"2", ALL, "[1,2]", 1, 2, "", "members"},
    {"2", ALL, "[1,2]", 3, 2, "", "devices"}, /* the server as a device */
    {"2", ALL, "[1,2]", 4, 2, "", "devices"}, /* one twice */
    {"2", ALL, "[1,2]", 5, 2, "", "members"}, /* one that has not enrolled */
    {"2", ALL, "[1,2]", 2, 2, ",\"signers\":[1,2]", "signers"},
    {"2", ALL, "[1,2]", 2, 2, ",\"count\":1", "count"},
    {"2", ALL, "[1,2]", 2, 2, ",\"recovery\":[{\"index\":4,\"key\":\"KEY\"}]", "recovery"},
    {"2", ALL, "[1,2]", 2, 2,
     ",\"recovery\":[{\"index\":3,\"key\":\"KEY\"},{\"index\":1,\"key\":\"KEY\"}]", "recovery"},
    {"2", ALL, "[1,2]", 2, 2,
     ",\"recovery\":[{\"index\":1,\"key\":\"KEY\"},{\"index\":3,\"key\":\"KEY\"}]", "recovery"},
};

/* The devices of a wish, by their number there: the server, one twice, one that nobody enrolled. */
static void write_devices(char *out, size_t room, unsigned which)
{
    json_t *shown = show(&three);
    const char *second[] = {"",           "",
                            recovery.hex, text_of(shown, "server_identity"),
                            phone.hex,    text_of(shown, "key_id")};

    if (which == 1)
        snprintf(out, room, "\"%s\"", phone.hex);
    else
        snprintf(out, room, "\"%s\",\"%s\"", phone.hex, second[which]);
    json_decref(shown);
}

static void write_more(char *to, const char *from)
{
    while (*from != '\0') {
        if (strncmp(from, "KEY", 3) == 0) {
            to = stpcpy(to, phone.hex);
            from += 3;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

static void what_cannot_be_asked_for(void **state)
{
    char devices[256], nonces[256], more[512], text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_devices(devices, sizeof devices, wrong[i].devices);
        write_more(more, wrong[i].more);
        snprintf(nonces, sizeof nonces, wrong[i].nonces == 1 ? "\"%s\"" : "\"%s\",\"%s\"",
                 phone.hex, phone.hex);
        snprintf(text, sizeof text,
                 "\"signers_required\":%s,\"members\":%s,\"test_signers\":%s,\"devices\":[%s],"
                 "\"nonces\":[%s]%s",
                 wrong[i].signers, wrong[i].members, wrong[i].test, devices, nonces, more);
        expect_field(&three, text, wrong[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_phone_is_replaced),
        cmocka_unit_test(parties_come_and_go),
        cmocka_unit_test(a_resharing_that_ends_changes_nothing),
        cmocka_unit_test(who_lies_is_named),
        cmocka_unit_test(what_cannot_be_asked_for),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
