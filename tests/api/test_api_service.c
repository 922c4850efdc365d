/* Handlers called directly, with a service behind them; time that passes, and what requests may be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "context.h"
#include "http/json.h"
#include "http/router.h"
#include "service/live.h"
#include "service/primes.h"
#include "service/request.h"

static csigd_service s;
static csig_identity *phone;
static char phone_hex[65];

static int setup(void **state)
{
    uint8_t id[CSIG_IDENTITY_BYTES];

    (void)state;
    temp_folder();
    temp_service(&s, 7);
    assert_int_equal(csig_identity_new(&phone), CSIG_OK);
    csig_identity_public(phone, id);
    csigd_hex_write(phone_hex, id, sizeof id);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csig_identity_free(phone);
    csigd_service_stop(&s);
    temp_remove();
    return 0;
}

/* The body of the reply, which has this status; static. */
static const char *call(unsigned status, const char *method, const char *path, const char *body)
{
    static char text[65536];
    const csigd_route *route;
    const char *allow;
    csigd_call c = {.service = &s, .body = (const uint8_t *)body, .unix_socket = true};
    csigd_reply reply;

    c.len = body != NULL ? strlen(body) : 0;
    assert_int_equal(csigd_route_find(&route, &c, &allow, method, path), CSIGD_OK);
    reply = route->handler(&c);
    snprintf(text, sizeof text, "%.*s", (int)reply.len,
             reply.body != NULL ? (char *)reply.body : "");
    if (reply.status != status) fail_msg("%s %s: %u %s", method, path, reply.status, text);
    csigd_reply_free(&reply);
    return text;
}

static void enrol(unsigned status)
{
    uint8_t statement[CSIG_IDENTITY_BYTES], signature[64];
    char hex[129], body[512];

    csig_identity_public(phone, statement);
    assert_int_equal(csig_identity_sign(phone, "enrol", statement, sizeof statement, signature),
                     CSIG_OK);
    csigd_hex_write(hex, signature, sizeof signature);
    snprintf(body, sizeof body, "{\"identity\":\"%s\",\"signature\":\"%s\"}", phone_hex, hex);
    (void)call(status, "POST", "/v1/devices", body);
}

/* The value of a text member; static. */
static const char *member(const char *text, const char *name)
{
    static char value[8][256];
    static unsigned next;
    char *out = value[next++ % 8], key[64];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":\"", name);
    at = strstr(text, key);
    if (at == NULL) fail_msg("no %s in %s", name, text);
    snprintf(out, sizeof value[0], "%.*s", (int)strcspn(at + strlen(key), "\""), at + strlen(key));
    return out;
}

static const char *begin_keygen(char wallet[33], char session[33])
{
    char body[512];
    const char *text;

    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":2,\"devices\":[\"%s\"],\"nonces\":[\"%s\"],"
             "\"allow\":[\"digest\"]}",
             phone_hex, phone_hex);
    text = call(201, "POST", "/v1/wallets", body);
    snprintf(wallet, 33, "%s", member(text, "wallet\":{\"wallet"));
    snprintf(session, 33, "%s", member(text, "session\":{\"session"));
    return text;
}

static void enrolling_again_changes_nothing(void **state)
{
    (void)state;
    enrol(201);
    enrol(200);
}

static csigd_live *live_of(const char *session)
{
    uint8_t id[CSIGD_ID_BYTES];

    assert_true(csigd_hex_is_read(id, sizeof id, session, strlen(session)));
    return csigd_live_find(&s, id);
}

/* Past its deadline a session is over, whether anybody comes back or not, and what hung on it too.
 */
static void deadlines_are_kept(void **state)
{
    char wallet[33], session[33], path[128];
    uint8_t id[CSIGD_ID_BYTES];
    csigd_reply reply;

    (void)state;
    enrol(201);
    begin_keygen(wallet, session);
    assert_non_null(live_of(session));
    csigd_sessions_tick(&s);
    assert_non_null(live_of(session));
    live_of(session)->deadline = 0;
    csigd_sessions_tick(&s);
    for (int i = 0; i < 6000 && live_of(session) != NULL; i++)
        (void)csigd_event_is_set(s.stop, 10);
    assert_null(live_of(session));
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    assert_string_equal(member(call(200, "GET", path, NULL), "state"), "expired");
    snprintf(path, sizeof path, "/v1/wallets/%s", wallet);
    (void)call(404, "GET", path, NULL);

    /* And a client that comes back late hears it before the housekeeper does. */
    begin_keygen(wallet, session);
    live_of(session)->deadline = 0;
    assert_true(csigd_hex_is_read(id, sizeof id, session, strlen(session)));
    reply = csigd_session_put(&s, id, 1, (const uint8_t *)"x", 1);
    assert_int_equal(reply.status, 410);
    assert_string_equal(reply.session, "failed");
    csigd_reply_free(&reply);
    assert_null(live_of(session));
}

/* Locked memory is everybody's: one device's key begins so many sessions that no wallet's limit
 * holds, and then one more when one of them has ended. The operator goes on. */
static void one_device_does_not_take_all_the_room(void **state)
{
    csigd_context by = {.by = CSIGD_BY_KEY, .has_device = true};
    char wallet[33], session[33], path[128], body[512];

    (void)state;
    enrol(201);
    csig_identity_public(phone, by.device);
    csigd_context_enter(&by);
    for (int i = 0; i < CSIGD_LIVE_PER_DEVICE; i++)
        (void)begin_keygen(wallet, session);
    snprintf(body, sizeof body,
             "{\"signers_required\":2,\"parties\":2,\"devices\":[\"%s\"],\"nonces\":[\"%s\"]}",
             phone_hex, phone_hex);
    assert_string_equal(member(call(429, "POST", "/v1/wallets", body), "code"), "session-limit");
    by.device[0] ^= 1;
    csigd_context_enter(&by);
    (void)call(201, "POST", "/v1/wallets", body);
    csigd_context_leave();
    (void)call(201, "POST", "/v1/wallets", body);
    by.device[0] ^= 1;
    csigd_context_enter(&by);
    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    (void)call(204, "DELETE", path, NULL);
    (void)call(201, "POST", "/v1/wallets", body);
    (void)call(429, "POST", "/v1/wallets", body);
    csigd_context_leave();
}

static void bodies_that_are_no_envelopes_change_nothing(void **state)
{
    char wallet[33], session[33], path[128];

    (void)state;
    enrol(201);
    begin_keygen(wallet, session);
    snprintf(path, sizeof path, "/v1/sessions/%s/rounds/1", session);
    assert_string_equal(member(call(400, "PUT", path, ""), "code"), "bad-envelope");
    assert_string_equal(member(call(400, "PUT", path, "no envelope"), "code"), "bad-envelope");
    snprintf(path, sizeof path, "/v1/sessions/%s/rounds/2", session);
    assert_string_equal(member(call(409, "PUT", path, "x"), "code"), "round-out-of-order");
    assert_non_null(live_of(session));
}

/* Without auxiliary info the answer says how far it is. */
static void what_is_not_ready_says_so(void **state)
{
    csigd_problem why;

    (void)state;
    assert_int_equal(csigd_primes_not_ready(s.primes, &why), CSIGD_NOT_READY);
    assert_non_null(strstr(why.detail, "of 4 found"));
    assert_true(why.retry_after > 0);
    assert_int_equal(csigd_primes_generation(s.primes), 1);
    assert_non_null(strstr(call(200, "GET", "/healthz", NULL), "\"wanted\":4"));
    assert_non_null(strstr(call(200, "GET", "/healthz", NULL),
                           "\"auxiliary\":{\"generations\":[],\"devices_to_come\":0}"));
    /* There is nothing to rotate from, nor to. */
    assert_string_equal(member(call(503, "POST", "/v1/aux", NULL), "code"), "not-ready");
    assert_string_equal(member(call(404, "DELETE", "/v1/aux/1", NULL), "code"), "not-found");
}

/* The other owner of the store folder, another key: this one does not start. */
static void another_key_does_not_open_it(void **state)
{
    csigd_service other;
    csigd_secret secret = {.kind = CSIGD_KEY_FILE, .bytes = csigd_locked_alloc(CSIGD_MASTER_BYTES)};
    char why[256] = "";

    (void)state;
    csigd_service_stop(&s);
    memset(secret.bytes, 8, CSIGD_MASTER_BYTES);
    secret.len = CSIGD_MASTER_BYTES;
    assert_false(csigd_service_is_started(&other, temp_store(), &secret, 1, why, sizeof why));
    assert_non_null(strstr(why, "not the key file"));
    csigd_secret_free(&secret);
    temp_service(&s, 7);
}

/* --- requests --- */

static void paths_are_read_exactly(void **state)
{
    static const char *const bad[] = {
        "",
        "M",
        "m/",
        "m//1",
        "m/1/",
        "m/-1",
        "m/+1",
        "m/1'",
        "m/1h",
        "m/01",
        "m/ 1",
        "m 1",
        "/1",
        "1",
        "mm",
        "m/a",
        "m/0x1",
        "m/2147483648",
        "m1",
        "m/1 ",
        "m/4294967296",
        "m/18446744073709551616",
        "m/1/2/3/4/5/6/7/8/9/10/11",
    };
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    (void)state;
    assert_int_equal(csigd_path_read(path, &depth, "m"), CSIG_OK);
    assert_int_equal(depth, 0);
    assert_int_equal(csigd_path_read(path, &depth, "m/0/2147483647/10"), CSIG_OK);
    assert_int_equal(depth, 3);
    assert_int_equal(path[0], 0);
    assert_int_equal(path[1], 2147483647);
    assert_int_equal(path[2], 10);
    assert_int_equal(csigd_path_read(path, &depth, "m/1/2/3/4/5/6/7/8/9/10"), CSIG_OK);
    assert_int_equal(depth, CSIG_PATH_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (csigd_path_read(path, &depth, bad[i]) != CSIG_E_PATH) fail_msg("taken: %s", bad[i]);
    }
}

static void types_are_bits(void **state)
{
    static const char *const names[] = {"digest", "eth_tx", "eip191", "eip712", "psbt", "bip322"};
    uint32_t all = 0;

    (void)state;
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(csigd_payload_type(names[i]), 1U << i);
        assert_string_equal(csigd_payload_name(1U << i), names[i]);
        all |= 1U << i;
    }
    assert_int_equal(all, CSIGD_ALLOW_TYPED | CSIGD_ALLOW_DIGEST);
    assert_int_equal(CSIGD_ALLOW_TYPED & CSIGD_ALLOW_DIGEST, 0);
    assert_int_equal(csigd_payload_type("Digest"), 0);
    assert_string_equal(csigd_payload_name(64), "");
    assert_string_equal(csigd_payload_name(3), "");
}

static void costs_grow_with_the_parties(void **state)
{
    const csigd_kind kinds[] = {CSIGD_KIND_AUX, CSIGD_KIND_KEYGEN, CSIGD_KIND_PRESIGN,
                                CSIGD_KIND_SIGN, CSIGD_KIND_ONLINE};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(csigd_live_cost(kinds[i], 2) >= 20u << 10);
        assert_true(csigd_live_cost(kinds[i], 2) <= 64u << 10);
        for (size_t n = 3; n <= CSIG_PARTIES_MAX; n++)
            assert_true(csigd_live_cost(kinds[i], n) > csigd_live_cost(kinds[i], n - 1));
        assert_string_not_equal(csigd_kind_name(kinds[i]), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(enrolling_again_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(deadlines_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(one_device_does_not_take_all_the_room, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_that_are_no_envelopes_change_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_not_ready_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_does_not_open_it, setup, teardown),
        cmocka_unit_test(paths_are_read_exactly),
        cmocka_unit_test(types_are_bits),
        cmocka_unit_test(costs_grow_with_the_parties),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
