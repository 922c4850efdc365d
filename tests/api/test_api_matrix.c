/* Every route of the router's table, asked by everybody who may not and in every way that is wrong:
 * the right status, a problem that says so, signed, and nothing has changed. Over TLS; what only
 * the Unix socket takes, there too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/matrix.h"
#include "service/meter.h"
#include "service/service.h"

static const answer *refused(const attempt *a, unsigned status, const char *code)
{
    return matrix_refused(a, false, status, code);
}

/* Health is told to everybody. */
static bool is_open(const csigd_route *route)
{
    return route->who == CSIGD_FOR_ALL;
}

/* What is wrong with a signature is told before what the route is. */
static void unsigned_as(const attempt *a, const char *code)
{
    if (is_open(a->route))
        matrix_is_told(a);
    else
        (void)refused(a, 401, code);
}

/* --- signatures --- */

static void no_signature(const csigd_route *route)
{
    unsigned_as(matrix_request(route, true, NULL), "signature-missing");
}

static void wrong_key(const csigd_route *route)
{
    csigd_signer false_one = m.unknown.signer;

    unsigned_as(matrix_request(route, true, &m.unknown.signer), "bad-signature");
    false_one.key = m.mine.signer.key;
    unsigned_as(matrix_request(route, true, &false_one), "bad-signature");
}

static void altered_path(const csigd_route *route)
{
    attempt *a = matrix_request(route, true, &m.mine.signer);

    snprintf(a->signed_path, sizeof a->signed_path, "%.318s0", a->asked);
    unsigned_as(a, "bad-signature");
}

static void expired(const csigd_route *route)
{
    attempt *a = matrix_request(route, true, &m.mine.signer);

    a->age = 100;
    unsigned_as(a, "signature-expired");
    a->age = -100;
    unsigned_as(a, "signature-early");
}

static void altered_body(const csigd_route *route)
{
    attempt *a = matrix_request(route, true, &m.mine.signer);

    a->is_altered = true;
    if (!csigd_route_has_body(route)) a->len = 1;
    if (route->unix_only)
        (void)refused(a, 403, "unix-socket-only");
    else if (!csigd_route_has_body(route))
        (void)refused(a, 413, "too-large");
    else
        (void)refused(a, 400, "digest-mismatch");
}

/* Whatever the first one was answered: it was taken, and is not taken again. */
static void replayed(const csigd_route *route)
{
    const attempt *a = matrix_request(route, false, &m.theirs.signer);
    size_t len;
    const char *text = matrix_octets(a, &len);

    matrix_remember();
    if (is_open(route)) {
        matrix_is_told(a);
        return;
    }
    (void)matrix_send_octets(a, text, len, false);
    matrix_is_as_before(a);
    if (route->unix_only)
        matrix_is_problem(a, matrix_send_octets(a, text, len, false), 403, "unix-socket-only");
    else
        matrix_is_problem(a, matrix_send_octets(a, text, len, false), 401, "replay-detected");
    matrix_is_as_before(a);
}

static void signatures_that_are_no_good(void **state)
{
    (void)state;
    matrix_every(no_signature);
    matrix_every(wrong_key);
    matrix_every(altered_path);
    matrix_every(expired);
    matrix_every(altered_body);
    matrix_every(replayed);
}

/* --- limits --- */

static void over_the_key_s_limit(const csigd_route *route)
{
    const attempt *a = matrix_request(route, true, &m.poor.signer);
    const char *wait;

    if (is_open(route)) {
        matrix_is_told(a);
        return;
    }
    wait = answer_field(refused(a, 429, "rate-limited"), "Retry-After");
    assert_non_null(wait);
    assert_in_range(strtoul(wait, NULL, 10), 1, 60);
}

static void over_the_wallet_s_limit(const csigd_route *route)
{
    const attempt *a = matrix_request(route, true, &m.mine.signer);
    const bool begins = strcmp(route->method, "POST") == 0 && !route->unix_only &&
                        route->act != CSIGD_ACT_REQUEST_CANCEL &&
                        (route->about == CSIGD_ABOUT_WALLET || route->about == CSIGD_ABOUT_REQUEST);
    const answer *r = begins ? refused(a, 429, "rate-limited") : NULL;

    if (r == NULL) return;
    assert_non_null(strstr(r->body, "\"field\":\"wallet\""));
    assert_non_null(answer_field(r, "Retry-After"));
}

/* Buckets fill in a minute from the start of the daemon on: these two are empty, nearly. */
static void over_the_limit(void **state)
{
    const csigd_meter_plan all = {.key = CSIGD_PER_MINUTE_MAX,
                                  .wallet = CSIGD_PER_MINUTE_MAX,
                                  .address = CSIGD_PER_MINUTE_MAX};
    csigd_meter_plan one = all;

    (void)state;
    matrix_every(over_the_key_s_limit);
    one.wallet = 1;
    csigd_meter_set(m.service.meter, &one);
    matrix_every(over_the_wallet_s_limit);
    csigd_meter_set(m.service.meter, &all);
}

/* Strangers use up what their address has, and nobody else's: who is known goes on where he is. */
static void over_the_address_s_limit(void **state)
{
    const csigd_route *route = &csigd_routes[0];
    csigd_meter_plan few = {
        .key = CSIGD_PER_MINUTE_MAX, .wallet = CSIGD_PER_MINUTE_MAX, .address = 5};
    visitor known = m.tcp;
    unsigned limited = 0;

    (void)state;
    while (strcmp(route->path, "/v1/wallets") != 0 || strcmp(route->method, "GET") != 0)
        route++;
    csigd_meter_set(m.service.meter, &few);
    assert_true(matrix_send(matrix_request(route, true, &m.mine.signer), false)->status < 300);
    known = m.tcp;
    m.tcp.fd = -1;
    for (unsigned i = 0; i < 40; i++) {
        const answer *r = matrix_send(matrix_request(route, true, &m.unknown.signer), false);

        assert_true(r->status == 401 || r->status == 429);
        limited += r->status == 429;
    }
    assert_true(limited >= 30);
    (void)refused(matrix_request(route, true, &m.mine.signer), 429, "rate-limited");
    visitor_hang_up(&m.tcp);
    m.tcp = known;
    assert_true(matrix_send(matrix_request(route, true, &m.mine.signer), false)->status < 300);
    few.address = CSIGD_PER_MINUTE_MAX;
    csigd_meter_set(m.service.meter, &few);
}

/* --- who may not --- */

static void wrong_role(const csigd_route *route)
{
    bool denied = false;

    if (route->who != CSIGD_FOR_KEYS) return;
    for (unsigned r = 0; r < CSIGD_ROLE_COUNT; r++) {
        const attempt *a = matrix_request(route, true, &m.only[r].signer);

        if (route->unix_only) {
            (void)refused(a, 403, "unix-socket-only");
        } else if (csigd_role_table[r][route->act] == CSIGD_DENY) {
            denied = true;
            (void)refused(a, 403, "forbidden");
        }
    }
    /* Reading its wallets is the one thing that every role may. */
    assert_true(denied || route->unix_only || route->act == CSIGD_ACT_WALLET_READ);
}

/* Somebody else's is as one that is not there, to the octet. */
static void is_not_there(const csigd_route *route, const csigd_signer *who)
{
    static answer there;
    const answer *r;

    there = *refused(matrix_request(route, true, who), 404, "not-found");
    r = refused(matrix_request(route, false, who), 404, "not-found");
    assert_int_equal(there.len, r->len);
    assert_memory_equal(there.body, r->body, r->len);
    assert_int_equal(there.n_fields, r->n_fields);
}

static void other_tenant(const csigd_route *route)
{
    if (route->about == CSIGD_ABOUT_NOTHING || route->unix_only) return;
    is_not_there(route, &m.theirs.signer);
    is_not_there(route, &m.labelled.signer);
}

static void those_who_may_not(void **state)
{
    (void)state;
    matrix_every(wrong_role);
    matrix_every(other_tenant);
}

/* --- bodies --- */

/* Who may ask, where it is taken. */
static attempt *allowed(const csigd_route *route)
{
    const bool all = strcmp(route->path, "/v1/policies") == 0;
    const holder *h = all || route->act == CSIGD_ACT_SERVICE_OPERATE ? &m.operator: & m.mine;
    return matrix_request(route, true, route->unix_only ? NULL : &h->signer);
}

static void oversized(const csigd_route *route)
{
    attempt *a = allowed(route);

    a->announced = csigd_route_body_max(route) + 1;
    (void)matrix_refused(a, route->unix_only, 413, "too-large");
    a->announced = UINT64_C(1) << 60;
    (void)matrix_refused(a, route->unix_only, 413, "too-large");
    if (!matrix_body_is_json(route)) return;
    a->announced = 0;
    a->len = csigd_route_body_max(route) + 1;
    memset(a->body, ' ', a->len);
    (void)matrix_refused(a, route->unix_only, 413, "too-large");
    a->is_chunked = true;
    (void)matrix_refused(a, route->unix_only, 413, "too-large");
}

static void wrong_type_or_method(const csigd_route *route)
{
    attempt *a = allowed(route);

    if (a->type != NULL) {
        a->content = "text/plain";
        (void)matrix_refused(a, route->unix_only, 415, "wrong-content-type");
    }
    a = allowed(route);
    a->method = "PATCH";
    assert_non_null(
        answer_field(matrix_refused(a, route->unix_only, 405, "method-not-allowed"), "Allow"));
    a = allowed(route);
    snprintf(a->asked + strlen(a->asked), 8, "?a=1");
    (void)matrix_refused(a, route->unix_only, 400, "bad-request");
}

static void bad(const attempt *a)
{
    (void)matrix_refused(a, a->route->unix_only, 400, "bad-request");
}

static void malformed(const csigd_route *route)
{
    static const char *const texts[] = {
        "",
        "{",
        "}",
        "null",
        "[]",
        "{}x",
        "{\"a\":1}",
        "{'a':1}",
        "\xff",
        "{\"\\ud800\":1}",
        "{\"a\":NaN}",
    };
    static const char *const types[] = {"null", "[[]]", "{\"a\":1}", "1.5", "-1", "1e400"};
    const char *name, *value;
    attempt *a = allowed(route);
    char twice[512];

    if (!matrix_body_is_json(route)) return;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        a->len = (size_t)snprintf(a->body, sizeof a->body, "%s", texts[i]);
        bad(a);
    }
    matrix_body(a, SIZE_MAX, NULL, ",\"unknown\":1");
    bad(a);
    for (size_t i = 0; matrix_member_is(route, i, &name, &value); i++) {
        for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
            matrix_body(a, i, types[t], "");
            bad(a);
        }
        snprintf(twice, sizeof twice, ",\"%s\":%s", name, value);
        matrix_body(a, SIZE_MAX, NULL, twice);
        bad(a);
        matrix_body(a, i, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "");
        bad(a);
    }
    a->len = CSIGD_JSON_MAX;
    memset(a->body, '[', a->len);
    bad(a);
}

static void no_envelopes(const csigd_route *route)
{
    const attempt *a = allowed(route);
    const answer *r;

    /* A mailbox takes any octets. */
    if (route->body != CSIGD_OCTETS_BODY || route->about == CSIGD_ABOUT_MAILBOX) return;
    matrix_remember();
    r = matrix_send(a, route->unix_only);
    assert_in_range(r->status, 400, 499);
    matrix_is_as_before(a);
}

static void bodies_that_are_no_good(void **state)
{
    (void)state;
    matrix_every(oversized);
    matrix_every(wrong_type_or_method);
    matrix_every(malformed);
    matrix_every(no_envelopes);
}

/* --- and who may is let in: else the rest would show nothing --- */

static void let_in(const csigd_route *route)
{
    const answer *r = matrix_send(allowed(route), route->unix_only);

    /* Nobody has cheated: there is no evidence. Nobody's identity has signed. */
    if (strstr(route->path, "/evidence") != NULL) return;
    if (strstr(r->body, "\"field\":\"signature\"") != NULL) return;
    if (r->status == 401 || r->status == 429 || strstr(r->body, "\"code\":\"not-found\"") != NULL ||
        strstr(r->body, "\"code\":\"unix-socket-only\"") != NULL)
        fail_msg("%s %s: %u %s", route->method, route->path, r->status, r->body);
    if (r->status >= 400) assert_non_null(strstr(r->body, "\"code\":"));
}

/* What takes something away comes last. At the Unix socket nobody is refused but by what there is.
 */
static void who_may_is_let_in(void **state)
{
    (void)state;
    for (int deletes = 0; deletes < 2; deletes++) {
        for (size_t i = 0; i < csigd_routes_count; i++) {
            const csigd_route *r = &csigd_routes[i];

            if (!r->unix_only && (strcmp(r->method, "DELETE") == 0) == deletes) let_in(r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_the_limit),
        cmocka_unit_test(over_the_address_s_limit),
        cmocka_unit_test(signatures_that_are_no_good),
        cmocka_unit_test(those_who_may_not),
        cmocka_unit_test(bodies_that_are_no_good),
        cmocka_unit_test(who_may_is_let_in),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, matrix_setup, matrix_teardown)
                                  : 1;
}
