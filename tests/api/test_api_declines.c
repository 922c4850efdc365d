/* What a device says of a request that it does not sign: its own signed word, once; it takes the
 * device out, and ends the request when too few are left. */
#include <stdio.h>
#include <string.h>

#include "api/records.h"
#include "countersign/identity.h"
#include "service/declines.h"

static csigd_service service;
static csigd_store *s;
static csig_identity *phone;

static int setup(void **state)
{
    (void)state;
    temp_folder();
    temp_service(&service, 7);
    s = service.store;
    store_with_wallet(s);
    assert_int_equal(csig_identity_new(&phone), CSIG_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csig_identity_free(phone);
    csigd_service_stop(&service);
    temp_remove();
    return 0;
}

/* --- the store: two of three, the server among them --- */

static csigd_decline by(uint8_t device)
{
    csigd_decline d = {.rule = "hour", .because = "A hundred an hour.", .said = 5000 + device};

    memcpy(d.device, octets(device), sizeof d.device);
    memset(d.signature, 0x5e, sizeof d.signature);
    return d;
}

static csigd_stored decline(uint8_t request, uint8_t device, bool *running)
{
    const csigd_decline d = by(device);
    uint8_t session[CSIGD_ID_BYTES];

    return s->requests.decline(s, octets(request), &d, running, session);
}

static void count(void *ctx, const csigd_request *request)
{
    (void)request;
    ++*(unsigned *)ctx;
}

static void is_wanted_of(uint8_t device, unsigned requests)
{
    unsigned n = 0;

    assert_int_equal(
        s->requests.wanted(s, &(csigd_look){.device = octets(device), .n = 9}, 1, count, &n),
        CSIGD_STORED);
    assert_int_equal(n, requests);
}

static void keep_last(void *ctx, const csigd_decline *d)
{
    *(csigd_decline *)ctx = *d;
}

static void one_no_takes_the_device_out(void **state)
{
    csigd_decline last = {.rule = ""};
    bool running;

    (void)state;
    store_with_request(s, 3);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_false(running);
    assert_int_equal(store_request_state(s, 3), CSIGD_APPROVED);
    is_wanted_of(1, 0);
    is_wanted_of(2, 1);
    assert_int_equal(s->requests.declined(s, octets(3), keep_last, &last), CSIGD_STORED);
    assert_string_equal(last.rule, "hour");
    assert_string_equal(last.because, "A hundred an hour.");
    assert_memory_equal(last.device, octets(1), sizeof last.device);
    assert_int_equal(last.said, 5001);
    /* the same again is nothing new */
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_int_equal(peek("SELECT count(*) FROM events WHERE kind = 'request.declined'"), 1);
    assert_int_equal(peek("SELECT count(*) FROM audit WHERE "
                          "json_extract(entry, '$.kind') = 'request.declined'"),
                     1);
}

static void the_last_who_could_ends_it(void **state)
{
    bool running;

    (void)state;
    store_with_request(s, 3);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_int_equal(decline(3, 2, &running), CSIGD_STORED);
    assert_int_equal(store_request_state(s, 3), CSIGD_REQUEST_REJECTED);
    is_wanted_of(2, 0);
    assert_int_equal(peek("SELECT count(*) FROM audit WHERE json_extract(entry, '$.kind') = "
                          "'request.rejected' AND json_extract(entry, '$.detail.rule') = 'hour'"),
                     1);
    assert_int_equal(peek("SELECT group_concat(kind) = 'request.created,request.approved,"
                          "request.declined,request.declined,request.rejected' FROM events WHERE "
                          "request IS NOT NULL"),
                     1);
    /* what has ended is declined by nobody; who has, has */
    assert_int_equal(decline(3, 2, &running), CSIGD_STORED);
    store_with_request(s, 4);
    assert_int_equal(peek("UPDATE requests SET state = 6 WHERE hex(id) LIKE '04%'"), -1);
    assert_int_equal(decline(4, 1, &running), CSIGD_STORE_CONFLICT);
    assert_int_equal(decline(9, 1, &running), CSIGD_STORE_NONE);
    assert_int_equal(decline(3, 9, &running), CSIGD_STORE_NONE);
}

/* A party without an enrolled device signs nothing: it is not waited for. */
static void who_is_not_enrolled_is_not_left(void **state)
{
    bool running;

    (void)state;
    store_with_request(s, 3);
    assert_int_equal(peek("UPDATE wallet_devices SET device = zeroblob(32) WHERE position = 1"),
                     -1);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_int_equal(store_request_state(s, 3), CSIGD_REQUEST_REJECTED);
}

static void its_session_ends_with_it(void **state)
{
    const csigd_effects released = {.released = true, .when = 1000};
    const csigd_answer answer = an_answer(51, 1, CSIGD_SESSION_EXPIRED);
    csigd_session_row row;
    bool running;

    (void)state;
    store_with_request(s, 3);
    assert_int_equal(store_open_sign(s, 50, 3), CSIGD_STORED);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_true(running);
    assert_int_equal(s->session_get(s, octets(50), &row), CSIGD_STORED);
    assert_int_equal(row.state, CSIGD_SESSION_ABORTED);
    assert_int_equal(store_request_state(s, 3), CSIGD_APPROVED);
    /* one that the device is not in goes on */
    store_with_request(s, 4);
    assert_int_equal(store_open_sign(s, 52, 4), CSIGD_STORED);
    assert_int_equal(peek("DELETE FROM session_devices WHERE hex(session) LIKE '34%' AND "
                          "position = 0"),
                     -1);
    assert_int_equal(decline(4, 1, &running), CSIGD_STORED);
    assert_false(running);
    assert_int_equal(store_request_state(s, 4), CSIGD_SIGNING);
    /* what has left counts as signed */
    store_with_request(s, 5);
    assert_int_equal(store_open_sign(s, 51, 5), CSIGD_STORED);
    assert_int_equal(s->round_put(s, &answer, &released), CSIGD_STORED);
    assert_int_equal(decline(5, 1, &running), CSIGD_STORE_CONFLICT);
}

static void a_word_stays(void **state)
{
    bool running;

    (void)state;
    store_with_request(s, 3);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    (void)peek("DELETE FROM declines");
    (void)peek("UPDATE declines SET rule = 'other'");
    assert_int_equal(peek("SELECT count(*) FROM declines WHERE rule = 'hour'"), 1);
}

/* --- the word --- */

static csigd_decline a_word(uint8_t request, const char *rule, const char *because)
{
    static const char payload[] = "{\"type\":\"digest\"}";
    csigd_decline d = {.said = 0};
    char text[CSIGD_DECLINE_TEXT_BYTES];
    csigd_request r;
    size_t n;

    assert_int_equal(s->requests.get(s, octets(request), 0, &r), CSIGD_STORED);
    csig_identity_public(phone, d.device);
    snprintf(d.rule, sizeof d.rule, "%s", rule);
    snprintf(d.because, sizeof d.because, "%s", because);
    n = csigd_decline_text(text, &r, (const uint8_t *)payload, sizeof payload - 1, &d);
    assert_int_equal(n, strlen(text));
    assert_int_equal(csig_identity_sign(phone, "decline", (const uint8_t *)text, n, d.signature),
                     CSIG_OK);
    return d;
}

static void put_phone(void)
{
    csigd_device d = a_device(1);
    uint8_t id[CSIG_IDENTITY_BYTES];
    char hex[2 * sizeof id + 1], sql[256];

    csig_identity_public(phone, id);
    memcpy(d.identity, id, sizeof id);
    assert_int_equal(s->device_put(s, &d), CSIGD_STORED);
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
    snprintf(sql, sizeof sql, "UPDATE wallet_devices SET device = x'%s' WHERE position = 0", hex);
    assert_int_equal(peek(sql), -1);
}

static void is_refused(csigd_decline d, csigd_code code, const char *field)
{
    csigd_problem why;

    assert_int_equal(csigd_request_decline(&service, octets(3), &d, &why), code);
    assert_string_equal(why.field, field);
}

static void the_text_is_to_the_octet(void **state)
{
    static const char want[] =
        "countersign-v1-decline\n"
        "request 0300000000000000000000000000000000000000000000000000000000000000\n"
        "wallet 01000000000000000000000000000000\npath m/0/1\n"
        "payload 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\n"
        "rule hour\nbecause A hundred an hour.";
    const csigd_request r = a_request(3, 1);
    const csigd_decline d = by(1);
    char text[CSIGD_DECLINE_TEXT_BYTES];

    (void)state;
    (void)csigd_decline_text(text, &r, (const uint8_t *)"hello\n", 6, &d);
    assert_string_equal(text, want);
}

static void only_the_device_itself_is_heard(void **state)
{
    csigd_decline d;
    csigd_problem why;

    (void)state;
    store_with_request(s, 3);
    store_with_request(s, 4);
    d = a_word(3, "hour", "no");
    is_refused(d, CSIGD_FORBIDDEN, "device");
    put_phone();
    is_refused(a_word(4, "hour", "no"), CSIGD_BAD_SIGNATURE, "signature");
    d.signature[9] ^= 1;
    is_refused(d, CSIGD_BAD_SIGNATURE, "signature");
    d = a_word(3, "hour", "no");
    d.rule[0] = 's';
    is_refused(d, CSIGD_BAD_SIGNATURE, "signature");
    d = a_word(3, "hour", "no");
    d.because[0] = 'N';
    is_refused(d, CSIGD_BAD_SIGNATURE, "signature");
    is_refused(a_word(3, "hour\nbecause", "no"), CSIGD_BAD_REQUEST, "rule");
    d = a_word(3, "hour", "no");
    assert_int_equal(csigd_request_decline(&service, octets(9), &d, &why), CSIGD_NOT_FOUND);
    assert_int_equal(peek("SELECT count(*) FROM declines"), 0);
    assert_int_equal(csigd_request_decline(&service, octets(3), &d, &why), CSIGD_OK);
    assert_true(d.said > 0);
    /* the first word stays */
    d = a_word(3, "other", "");
    assert_int_equal(csigd_request_decline(&service, octets(3), &d, &why), CSIGD_OK);
    assert_int_equal(peek("SELECT count(*) FROM declines WHERE rule = 'hour'"), 1);
    (void)peek("UPDATE requests SET state = 6 WHERE hex(id) LIKE '04%'");
    d = a_word(4, "", "");
    assert_int_equal(csigd_request_decline(&service, octets(4), &d, &why), CSIGD_STATE_CONFLICT);
}

static void who_has_declined_signs_no_more(void **state)
{
    csigd_session_row row = {.n_devices = 1};
    csigd_problem why;
    bool running;

    (void)state;
    store_with_request(s, 3);
    memcpy(row.request, octets(3), sizeof row.request);
    memcpy(row.devices[0], octets(1), sizeof row.devices[0]);
    assert_int_equal(csigd_decline_check(&service, &row, &why), CSIGD_OK);
    assert_int_equal(decline(3, 1, &running), CSIGD_STORED);
    assert_int_equal(csigd_decline_check(&service, &row, &why), CSIGD_STATE_CONFLICT);
    assert_string_equal(why.field, "signers");
    memcpy(row.devices[0], octets(2), sizeof row.devices[0]);
    assert_int_equal(csigd_decline_check(&service, &row, &why), CSIGD_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_no_takes_the_device_out),
        TEST(the_last_who_could_ends_it),
        TEST(who_is_not_enrolled_is_not_left),
        TEST(its_session_ends_with_it),
        TEST(a_word_stays),
        TEST(the_text_is_to_the_octet),
        TEST(only_the_device_itself_is_heard),
        TEST(who_has_declined_signs_no_more),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
