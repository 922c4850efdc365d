/* Own auxiliary info rotates, on either side, while wallets go on signing: each session with the
 * newest generation that all of its devices know, until the older one is destroyed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "e2e/fixture.h"

static device third;
static wallet all; /* three of three: phone, server, third */

static int setup(void **state)
{
    device *both[2] = {&phone, &third};

    fixture_setup(state);
    device_make(&third, true);
    device_enrol(&server, &third);
    device_pair(&server, &third);
    device_pair_fellows(&phone, &third);
    wallet_make(&server, &all, 3, both, 2);
    return 0;
}

static int teardown(void **state)
{
    wallet_free(&all);
    device_free(&third);
    return fixture_teardown(state);
}

/* --- what there is --- */

static void expect_own(int older, int newest, int devices_to_come)
{
    json_t *health = call_json(&server, 200, "GET", "/healthz", NULL), *list;
    const json_t *aux = json_object_get(health, "auxiliary");

    list = older > 0 ? json_pack("[i,i]", older, newest) : json_pack("[i]", newest);
    if (!json_equal(list, json_object_get(aux, "generations")) ||
        json_integer_value(json_object_get(aux, "devices_to_come")) != devices_to_come)
        fail_msg("%s", json_dumps(health, 0));
    assert_int_equal(json_integer_value(json_object_get(health, "generation")), newest);
    json_decref(list);
    json_decref(health);
}

/* The housekeeper destroys the older one. */
static void wait_for_one(int newest)
{
    for (int i = 0; i < 200; i++) {
        json_t *health = call_json(&server, 200, "GET", "/healthz", NULL);
        const size_t n =
            json_array_size(json_object_get(json_object_get(health, "auxiliary"), "generations"));

        json_decref(health);
        if (n == 1) break;
        usleep(50000);
    }
    expect_own(0, newest, 0);
}

/* As soon as the spare primes are there. */
static void rotate(int generation)
{
    for (int i = 0; i < 6000; i++) {
        http_reply r = http_call(&server, "POST", "/v1/aux", NULL, NULL, 0);
        const long status = r.status;
        json_t *body = json_loadb((const char *)r.body, r.len, 0, NULL);

        if (status == 201)
            assert_int_equal(json_integer_value(json_object_get(body, "generation")), generation);
        else
            assert_true(status == 503 && reply_has_code(&r, "not-ready") && r.retry_after > 0);
        json_decref(body);
        http_free(&r);
        if (status == 201) return;
        usleep(100000);
    }
    fail_msg("no spare primes");
}

/* --- signing --- */

static run begin(const wallet *w, char request[65])
{
    fixture_new_digest();
    request_make(&server, w, digest, "m/1", NULL, false, request);
    return run_sign(&server, w, request, digest, "m/1", NULL);
}

static void expect_generation(const run *r, int generation)
{
    char path[64];
    json_t *shown;

    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    shown = call_json(&server, 200, "GET", path, NULL);
    assert_int_equal(json_integer_value(json_object_get(shown, "generation")), generation);
    json_decref(shown);
}

static void end(run *r, const wallet *w, const char *request)
{
    csig_signature signature;

    run_finish(&server, r);
    run_check_signature(r, w, "m/1", digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(r);
}

/* Signs, and the session is of this generation of the server's. */
static void sign_with(const wallet *w, int generation)
{
    char request[65];
    run r = begin(w, request);

    expect_generation(&r, generation);
    end(&r, w, request);
}

/* No session: this problem. */
static void expect_no_signing(const wallet *w, const char *code, const char *field)
{
    char request[65], path[96], body[512];
    http_reply r;

    fixture_new_digest();
    request_make(&server, w, digest, "m/1", NULL, false, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    if (w->signers == 3)
        snprintf(body, sizeof body, "{\"signers\":[1,2,3],\"nonces\":[\"%s\",\"%s\"]}", phone.hex,
                 phone.hex);
    else
        snprintf(body, sizeof body, "{\"signers\":[1,2],\"nonces\":[\"%s\"]}", phone.hex);
    r = http_call(&server, "POST", path, "application/json", body, strlen(body));
    if (!reply_has_code(&r, code) || strstr((const char *)r.body, field) == NULL)
        fail_msg("%ld %s", r.status, (const char *)r.body);
    http_free(&r);
}

static void restart(void)
{
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
}

/* --- stories, one after the other --- */

static void signing_goes_on_while_devices_come_by(void **state)
{
    csig_peer *before, *thirds;
    char request[65];
    run running;

    (void)state;
    expect_own(0, 1, 0);
    sign_with(&all, 1);
    rotate(2);
    expect_own(1, 2, 2);
    call_problem(&server, "state-conflict", "POST", "/v1/aux", NULL);
    call_problem(&server, "state-conflict", "DELETE", "/v1/aux/2", NULL);
    call_problem(&server, "not-found", "DELETE", "/v1/aux/3", NULL);
    sign_with(&two, 1);
    sign_with(&all, 1);
    /* One device comes by: alone it signs with the new one, with the other one with the old one. */
    before = phone.server;
    phone.server = NULL;
    device_pair(&server, &phone);
    expect_own(1, 2, 1);
    sign_with(&two, 2);
    restart();
    expect_own(1, 2, 1);
    sign_with(&two, 2);
    csig_peer_free(phone.server);
    phone.server = before;
    sign_with(&all, 1);
    /* The other one comes by: what runs with the old one ends well, and only then it is wiped. */
    running = begin(&all, request);
    expect_generation(&running, 1);
    thirds = third.server;
    third.server = NULL;
    device_pair(&server, &third);
    wait_for_one(2);
    assert_false(daemon_has_logged(&server, "auxiliary info wiped"));
    end(&running, &all, request);
    assert_true(daemon_has_logged(&server, "auxiliary info wiped"));
    csig_peer_free(thirds);
    device_pair(&server, &phone);
    sign_with(&all, 2);
    sign_with(&two, 2);
    restart();
    expect_own(0, 2, 0);
    sign_with(&all, 2);
}

static const char *refreshed(const wallet *w)
{
    static char text[16];
    char path[64];
    json_t *shown;

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    shown = call_json(&server, 200, "GET", path, NULL);
    snprintf(text, sizeof text, "%s", text_of(shown, "refreshed"));
    json_decref(shown);
    return text;
}

/* Both have rotated; but with the old shares something was signed since. */
static void what_was_signed_since_a_rotation_does_not_heal(void **state)
{
    csig_aux *before;
    run presigned;
    char request[65];

    (void)state;
    fixture_refresh(&all);
    assert_string_equal(refreshed(&all), "shares-only");
    presigned = run_presign(&server, &two, 1);
    run_finish(&server, &presigned);
    before = device_rotate(&phone, 2);
    device_pair(&server, &phone);
    sign_with(&two, 2);
    /* A half binds key, epoch and signers, and says nothing under either's moduli when it is used.
     */
    fixture_new_digest();
    request_make(&server, &two, digest, "m/2", NULL, true, request);
    {
        run r = run_online(&server, &two, request, digest, "m/2", &presigned);
        csig_signature signature;

        run_finish(&server, &r);
        assert_true(request_is_signed(&server, request, digest, &signature));
        run_free(&r);
    }
    run_free(&presigned);
    fixture_refresh(&two);
    assert_string_equal(refreshed(&two), "shares-only");
    sign_with(&two, 2);
    csig_aux_free(before);
}

/* What a device showed once it never goes back behind. */
static void an_old_generation_is_refused(void **state)
{
    csig_peer *kept = phone.server;
    csig_aux *newest = phone.aux;
    run r;

    (void)state;
    phone.server = NULL;
    phone.aux = NULL;
    (void)device_rotate(&phone, 1);
    r = run_aux(&server, &phone);
    fixture_expect(fixture_go_on(&r), 422, "proof-failed");
    run_free(&r);
    csig_aux_free(phone.aux);
    phone.aux = newest;
    phone.server = kept;
    assert_true(fixture_is_locked());
    expect_no_signing(&two, "key-locked", "");
    fixture_unlock();
    sign_with(&two, 2);
}

/* The server has rotated and nothing was signed since; that heals only with a device that has, too.
 */
static void refresh_heals(void)
{
    csig_aux *before = device_rotate(&phone, 3);

    device_pair(&server, &phone);
    fixture_refresh(&two);
    /* The older moduli are still there, for the third device. */
    assert_string_equal(refreshed(&two), "shares-only");
    daemon_sql(&server, "UPDATE own_aux SET generation = 4 WHERE generation = 2");
    assert_string_equal(refreshed(&two), "healing");
    daemon_sql(&server, "UPDATE own_aux SET generation = 2 WHERE generation = 4");
    fixture_refresh(&two);
    assert_string_equal(refreshed(&two), "shares-only");
    csig_aux_free(before);
}

/* Another budget, but the same name: what is locked stays locked. */
static void a_new_generation_has_a_budget_of_its_own_and_no_new_names(void **state)
{
    char path[128], body[128];
    http_reply r;

    (void)state;
    daemon_sql(&server, "UPDATE pairs SET unfinished = 64 WHERE own_generation = 2");
    expect_no_signing(&two, "key-locked", "begun and never finished");
    rotate(3);
    expect_no_signing(&two, "key-locked", "begun and never finished");
    daemon_sql(&server, "UPDATE pairs SET locked = 1 WHERE own_generation = 2");
    snprintf(path, sizeof path, "/v1/devices/%s/sessions", phone.hex);
    snprintf(body, sizeof body, "{\"nonce\":\"%s\"}", phone.hex);
    r = http_call(&server, "POST", path, "application/json", body, strlen(body));
    fixture_expect(r, 423, "key-locked");
    daemon_sql(&server, "UPDATE pairs SET locked = 0");
    device_pair(&server, &phone);
    refresh_heals();
    sign_with(&two, 3);
    daemon_sql(&server, "UPDATE pairs SET locked = 1 WHERE own_generation = 2");
    assert_true(fixture_is_locked());
    expect_no_signing(&two, "key-locked", "");
    fixture_unlock();
    assert_false(fixture_is_locked());
    daemon_sql(&server, "UPDATE pairs SET locked = 0");
    sign_with(&two, 3);
}

/* The operator waits no longer for the third; it comes by later. */
static void who_has_not_come_by_is_named(void **state)
{
    (void)state;
    expect_own(2, 3, 1);
    json_decref(call_json(&server, 204, "DELETE", "/v1/aux/2", NULL));
    expect_own(0, 3, 1);
    call_problem(&server, "not-found", "DELETE", "/v1/aux/2", NULL);
    expect_no_signing(&all, "aux-missing", third.hex);
    sign_with(&two, 3);
    restart();
    expect_no_signing(&all, "aux-missing", third.hex);
    device_pair(&server, &third);
    device_pair_fellows(&phone, &third);
    expect_own(0, 3, 0);
    sign_with(&all, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_goes_on_while_devices_come_by),
        cmocka_unit_test(what_was_signed_since_a_rotation_does_not_heal),
        cmocka_unit_test(an_old_generation_is_refused),
        cmocka_unit_test(a_new_generation_has_a_budget_of_its_own_and_no_new_names),
        cmocka_unit_test(who_has_not_come_by_is_named),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
