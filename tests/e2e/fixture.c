#include "e2e/fixture.h"

#include <stdlib.h>

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

daemon_process server;
device phone, recovery;
wallet two, three;
uint8_t digest[32] = {1};

int fixture_setup(void **state)
{
    daemon_prepare(&server);
    daemon_take(&server);
    return fixture_setup_prepared(state);
}

int fixture_setup_prepared(void **state)
{
    device *both[2] = {&phone, &recovery};

    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    assert_int_equal(csig_init(), CSIG_OK);
    daemon_start(&server);
    device_make(&phone, true);
    device_make(&recovery, false);
    device_enrol(&server, &phone);
    device_enrol(&server, &recovery);
    wallet_make(&server, &two, 2, both, 1);
    wallet_make(&server, &three, 2, both, 2);
    daemon_wait_ready(&server);
    device_pair(&server, &phone);
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    daemon_remove(&server);
    wallet_free(&two);
    wallet_free(&three);
    device_free(&phone);
    device_free(&recovery);
    return 0;
}

void fixture_new_digest(void)
{
    for (size_t i = 0; i < sizeof digest && ++digest[i] == 0; i++) {
    }
}

void fixture_sign(const char *path, const char *mode)
{
    csig_signature signature;
    char request[65];
    run r;

    fixture_new_digest();
    request_make(&server, &two, digest, path, mode, false, request);
    r = run_sign(&server, &two, request, digest, path, mode);
    run_finish(&server, &r);
    run_check_signature(&r, &two, path, digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&r);
}

void fixture_sign_with(const wallet *w)
{
    csig_signature signature;
    char request[65];
    run r;

    fixture_new_digest();
    request_make(&server, w, digest, "m/1", NULL, false, request);
    r = run_sign(&server, w, request, digest, "m/1", NULL);
    run_finish(&server, &r);
    run_check_signature(&r, w, "m/1", digest);
    assert_true(request_is_signed(&server, request, digest, &signature));
    run_free(&r);
}

void fixture_refresh(wallet *w)
{
    run r = run_refresh(&server, w);

    run_finish(&server, &r);
    run_refresh_adopt(&r, w);
    run_free(&r);
    assert_int_equal(epoch_ask(&server, w, w->share[0]), EPOCH_CURRENT);
}

void fixture_expect(http_reply reply, long status, const char *code)
{
    if (reply.status != status || !reply_has_code(&reply, code))
        fail_msg("%ld %s, not %ld %s", reply.status,
                 reply.body != NULL ? (const char *)reply.body : "", status, code);
    http_free(&reply);
}

void fixture_expect_undone(const run *r, const wallet *w, uint64_t epoch)
{
    assert_int_equal(wallet_epoch(&server, w), epoch);
    assert_int_equal(epoch_ask(&server, w, w->share[0]), EPOCH_CURRENT);
    if (r->staged[0] != NULL) assert_int_equal(epoch_ask(&server, w, r->staged[0]), EPOCH_DEAD);
    fixture_sign_with(w);
}

static csig_verdict evidence_of(const run *r)
{
    csig_verdict v;
    http_reply reply;
    char path[96];

    snprintf(path, sizeof path, "/v1/sessions/%s/evidence", r->session);
    reply = http_call(&server, "GET", path, NULL, NULL, 0);
    assert_int_equal(reply.status, 200);
    assert_int_equal(csig_evidence_verify(reply.body, reply.len, &v), CSIG_OK);
    http_free(&reply);
    return v;
}

void fixture_expect_verdict(http_reply reply, const run *r, size_t liar, const device *who,
                            csig_err err)
{
    const csig_verdict v = evidence_of(r);
    unsigned told = 0;

    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.session, "failed");
    assert_memory_equal(v.identity, who->id, sizeof v.identity);
    assert_int_equal(v.blame.err, err);
    assert_int_equal(v.blame.culprit, r->index[liar]);
    for (size_t i = 0; i < r->n; i++) {
        uint8_t id[32];
        csig_blame blame;

        csig_session_id(r->s[i], id);
        if (i == liar || memcmp(id, v.session_id, sizeof id) != 0) continue;
        (void)csig_session_recv(r->s[i], reply.body, reply.len); /* it may know already */
        csig_session_blame(r->s[i], &blame);
        assert_memory_equal(&blame, &v.blame, sizeof blame);
        told++;
    }
    assert_true(told > 0);
    http_free(&reply);
}

#define CAST_AT    5 /* in an envelope */
#define CAST_ABORT 3

http_reply fixture_until_asked(run *r, octets *body)
{
    http_reply reply = run_put(&server, r, body);

    for (;;) {
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.session, "running");
        if (reply.len > CAST_AT && reply.body[CAST_AT] == CAST_ABORT) break;
        run_take(r, &reply);
        octets_free(body);
        *body = run_collect(r);
        reply = run_put(&server, r, body);
    }
    r->next++;
    return reply;
}

http_reply fixture_tell(run *r, size_t i, const http_reply *said)
{
    octets body = {.p = NULL};
    http_reply reply;

    assert_int_equal(csig_err_class(csig_session_recv(r->s[i], said->body, said->len)),
                     CSIG_CLASS_CHEAT);
    for (size_t more; (more = csig_session_pending(r->s[i])) > 0; body.len += more) {
        body.p = realloc(body.p, body.len + more);
        assert_non_null(body.p);
        assert_int_equal(csig_session_send(r->s[i], body.p + body.len, more, &more), CSIG_OK);
    }
    reply = run_put(&server, r, &body);
    octets_free(&body);
    return reply;
}

void fixture_abort(const run *r)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    json_decref(call_json(&server, 204, "DELETE", path, NULL));
}

http_reply fixture_go_on(run *r)
{
    for (;;) {
        octets body = run_collect(r);
        http_reply reply = run_put(&server, r, &body);

        octets_free(&body);
        if (reply.status != 200 || strcmp(reply.session, "failed") == 0) return reply;
        run_take(r, &reply);
    }
}

bool fixture_has_locked(const device *dev)
{
    char path[64];
    json_t *shown, *entry;
    bool locked = false;
    size_t i;

    snprintf(path, sizeof path, "/v1/wallets/%s", three.id);
    shown = call_json(&server, 200, "GET", path, NULL);
    json_array_foreach(json_object_get(shown, "locked"), i, entry) locked =
        locked || strcmp(json_string_value(entry), dev->hex) == 0;
    json_decref(shown);
    return locked;
}

bool fixture_is_locked(void)
{
    return fixture_has_locked(&phone);
}

void fixture_unlock_device(const device *dev)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", three.id);
    json_decref(call_json(&server, 200, "POST", path, "{s:s}", "device", dev->hex));
}

void fixture_unlock(void)
{
    fixture_unlock_device(&phone);
}
