/* Recovery keys and escrows through a real daemon: an index that was never online has a share, it
 * signs when the phone is gone, and what is of an old epoch is worth nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/fixture.h"
#include "e2e/forge.h"
#include "support/deal.h"
#include "support/sign_alone.h"

#define ESCROW_ON_THE_WIRE 18528

static csig_recovery *keys[2];
static recovery_plan third, both_of_two;
static device vault; /* the third party's machine: not enrolled before it is needed */

static int setup(void **state)
{
    if (fixture_setup(state) != 0) return -1;
    device_make(&vault, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(csig_recovery_new(&keys[i]), CSIG_OK);
    third = (recovery_plan){.n = 1, .index = {3}, .offline = {&vault}};
    csig_recovery_public(keys[0], third.key[0]);
    both_of_two = (recovery_plan){.n = 2, .index = {1, 2}};
    csig_recovery_public(keys[0], both_of_two.key[0]);
    csig_recovery_public(keys[1], both_of_two.key[1]);
    return 0;
}

static int teardown(void **state)
{
    csig_recovery_free(keys[0]);
    csig_recovery_free(keys[1]);
    device_free(&vault);
    return fixture_teardown(state);
}

static void make(wallet *w, const recovery_plan *plan)
{
    device *one[1] = {&phone};

    wallet_make_planned(&server, w, 2, one, 1, plan);
}

static json_t *show_wallet(const wallet *w)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s", w->id);
    return call_json(&server, 200, "GET", path, NULL);
}

static int64_t without_backup(void)
{
    static const char name[] = "\ncountersign_wallets_without_backup ";
    http_reply r = http_call(&server, "GET", "/metrics", NULL, NULL, 0);
    const char *line = r.status == 200 ? strstr((const char *)r.body, name) : NULL;
    const int64_t n = line != NULL ? strtoll(line + sizeof name - 1, NULL, 10) : -1;

    assert_true(n >= 0);
    http_free(&r);
    return n;
}

/* The share of an index from what the daemon gives to everybody. */
static csig_share *recover(const wallet *w, uint16_t index, const csig_recovery *key)
{
    escrow_list list = escrows_get(&server, w);
    const csig_recovery_case asked = escrows_of(&list, w, index);
    csig_share *share;

    assert_int_equal(csig_epoch_commit_verify(list.epoch, 2, list.commit), CSIG_OK);
    assert_int_equal(csig_recovery_verify(&asked, NULL), CSIG_OK);
    assert_int_equal(csig_recovery_share(key, &asked, &share, NULL), CSIG_OK);
    escrows_free(&list);
    return share;
}

/* The wallet as the third party's machine has it. */
static wallet restored(const wallet *w)
{
    wallet r = {.signers = 2, .parties = 3, .n = 1, .plan = w->plan};

    memcpy(r.id, w->id, sizeof r.id);
    memcpy(r.public_key, w->public_key, sizeof r.public_key);
    r.owner[0] = &vault;
    r.index[0] = 3;
    r.share[0] = recover(w, 3, keys[0]);
    return r;
}

/* --- birth --- */

static void a_wallet_tells_its_recovery_keys(void **state)
{
    const int64_t before = without_backup();
    json_t *shown, *row;
    uint8_t key[CSIG_RECOVERY_KEY_BYTES], backup[CSIG_BACKUP_BYTES];
    char path[128];
    http_reply r;
    wallet w;

    (void)state;
    make(&w, &third);
    shown = show_wallet(&w);
    assert_int_equal(json_array_size(json_object_get(shown, "devices")), 1);
    assert_int_equal(json_array_size(json_object_get(shown, "recovery")), 1);
    row = json_array_get(json_object_get(shown, "recovery"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "index")), 3);
    assert_string_equal(text_of(row, "identity"), vault.hex);
    hex_of(json_object_get(row, "key"), key, sizeof key);
    assert_memory_equal(key, third.key[0], sizeof key);
    json_decref(shown);
    shown = show_wallet(&two);
    assert_int_equal(json_array_size(json_object_get(shown, "recovery")), 0);
    json_decref(shown);
    /* The third is backed up by its escrows, the phone by its backup. */
    assert_int_equal(without_backup(), before + 1);
    backup_make(backup, &w, 0, w.share[0]);
    snprintf(path, sizeof path, "/v1/wallets/%s/backups/1", w.id);
    r = http_call(&server, "PUT", path, "application/octet-stream", backup, sizeof backup);
    assert_int_equal(r.status, 204);
    http_free(&r);
    assert_int_equal(without_backup(), before);
    fixture_sign_with(&w);
    wallet_free(&w);
}

static void escrows_are_there_after_a_restart(void **state)
{
    escrow_list first, again;
    char path[64];
    wallet w;

    (void)state;
    make(&w, &third);
    first = escrows_get(&server, &w);
    assert_int_equal(first.n, 2);
    daemon_kill(&server);
    daemon_start(&server);
    daemon_wait_ready(&server);
    again = escrows_get(&server, &w);
    assert_int_equal(again.n, 2);
    assert_memory_equal(again.escrow, first.escrow, 2 * CSIG_ESCROW_BYTES);
    assert_memory_equal(again.epoch, first.epoch, sizeof first.epoch);
    escrows_free(&first);
    escrows_free(&again);
    snprintf(path, sizeof path, "/v1/wallets/%s/escrows", two.id);
    call_problem(&server, "state-conflict", "GET", path, NULL);
    snprintf(path, sizeof path, "/v1/wallets/%.32s/escrows", phone.hex);
    call_problem(&server, "not-found", "GET", path, NULL);
    wallet_free(&w);
}

/* --- the phone is lost --- */

static void who_is_not_enrolled_does_not_take_part(const wallet *w)
{
    char path[128], body[512], request[65];

    fixture_new_digest();
    request_make(&server, w, digest, "m", NULL, false, request);
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", request);
    snprintf(body, sizeof body, "{\"signers\":[2,3],\"nonces\":[\"%s\"]}", phone.hex);
    fixture_expect(http_call(&server, "POST", path, "application/json", body, strlen(body)), 409,
                   "aux-missing");
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    snprintf(body, sizeof body,
             "{\"kind\":\"refresh\",\"signers\":[1,2,3],\"nonces\":[\"%s\",\"%s\"],"
             "\"test_signers\":[1,2]}",
             phone.hex, phone.hex);
    fixture_expect(http_call(&server, "POST", path, "application/json", body, strlen(body)), 404,
                   "not-found");
}

/* The phone has no recovery key: it is not left out. */
static void expect_no_refresh_without_the_phone(const wallet *w)
{
    char path[128], body[512];
    http_reply r;

    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", w->id);
    snprintf(body, sizeof body,
             "{\"kind\":\"refresh\",\"signers\":[2,3],\"nonces\":[\"%s\"],\"test_signers\":[2,3]}",
             phone.hex);
    r = http_call(&server, "POST", path, "application/json", body, strlen(body));
    assert_non_null(strstr((const char *)r.body, "\"field\":\"signers\""));
    fixture_expect(r, 400, "bad-request");
}

/* Recovered at epoch 0, stale at epoch 1, recovered again; and it takes part in a refresh. */
static void the_third_party_signs_when_the_phone_is_gone(void **state)
{
    wallet w, from_escrow;

    (void)state;
    make(&w, &third);
    who_is_not_enrolled_does_not_take_part(&w);
    from_escrow = restored(&w);
    device_enrol(&server, &vault);
    device_pair(&server, &vault);
    fixture_sign_with(&from_escrow);
    expect_no_refresh_without_the_phone(&w);
    /* The phone and the server leave it out; what it has is stale then. */
    fixture_refresh(&w);
    fixture_sign_with(&w);
    assert_int_equal(epoch_ask(&server, &w, from_escrow.share[0]), EPOCH_DEAD);
    wallet_free(&from_escrow);
    from_escrow = restored(&w);
    assert_int_equal(epoch_ask(&server, &w, from_escrow.share[0]), EPOCH_CURRENT);
    fixture_sign_with(&from_escrow);
    wallet_free(&from_escrow);
    wallet_free(&w);
}

/* With a key for the phone as well, the third party and the server leave the phone out, and the
 * phone's new share is in the escrows. */
static void a_phone_with_a_key_may_be_left_out(void **state)
{
    recovery_plan plan = {.n = 2, .index = {1, 3}, .offline = {NULL, &vault}};
    const int64_t before = without_backup();
    wallet w, rest;
    csig_share *share;

    (void)state;
    memcpy(plan.key[0], both_of_two.key[1], sizeof plan.key[0]);
    memcpy(plan.key[1], third.key[0], sizeof plan.key[1]);
    make(&w, &plan);
    assert_int_equal(without_backup(), before); /* escrows for all */
    rest = restored(&w);
    device_enrol(&server, &vault);
    if (vault.server == NULL) device_pair(&server, &vault);
    fixture_refresh(&rest);
    fixture_sign_with(&rest);
    share = recover(&w, 1, keys[1]);
    csig_share_free(w.share[0]);
    w.share[0] = share;
    fixture_sign_with(&w);
    wallet_free(&rest);
    wallet_free(&w);
}

/* --- two of two --- */

/* Two keys, neither of which is worth anything alone: together they sign without phone and server.
 */
static void two_keys_give_the_whole_key_of_two_of_two(void **state)
{
    static const uint16_t positions[] = {0, 1};
    csig_share *shares[2];
    csig_signature signature;
    csig_scalar key;
    csig_rng rng;
    wallet w;

    (void)state;
    make(&w, &both_of_two);
    fixture_sign_with(&w);
    fixture_refresh(&w);
    for (uint16_t i = 0; i < 2; i++)
        shares[i] = recover(&w, (uint16_t)(i + 1), keys[i]);
    assert_memory_equal(&shares[0]->x, &w.share[0]->x, sizeof shares[0]->x);
    daemon_stop(&server);
    deal_combine(&key, (const csig_share *const *)shares, positions, 2);
    csig_rng_init(&rng, NULL, NULL);
    sign_alone(&signature, &key, digest, &rng);
    assert_memory_equal(signature.public_key, w.public_key, sizeof w.public_key);
    openssl_check(&signature, digest);
    daemon_start(&server);
    daemon_wait_ready(&server);
    csig_share_free(shares[0]);
    csig_share_free(shares[1]);
    wallet_free(&w);
}

/* --- a false escrow --- */

static size_t find_escrow(const octets *body)
{
    size_t n = 0;

    while (forge_body_len(body, n) < ESCROW_ON_THE_WIRE)
        n++;
    return n;
}

static void expect_cheat(run *r)
{
    octets body = run_collect(r);
    http_reply reply;

    forge_flip(&body, find_escrow(&body), forge_body_len(&body, find_escrow(&body)) - 600, &phone);
    reply = run_put(&server, r, &body);
    octets_free(&body);
    assert_string_equal(reply.session, "failed");
    fixture_expect(reply, 422, "proof-failed");
    assert_true(daemon_has_logged(&server, "\"culprit\":1"));
    assert_true(fixture_is_locked());
    fixture_unlock();
}

static void a_false_escrow_is_refused_at_birth(void **state)
{
    device *one[1] = {&phone};
    wallet w;
    run r = wallet_begin_planned(&server, &w, 2, one, 1, &third);
    char path[64];

    (void)state;
    run_step(&server, &r);
    expect_cheat(&r);
    snprintf(path, sizeof path, "/v1/wallets/%s", w.id);
    call_problem(&server, "not-found", "GET", path, NULL);
    run_free(&r);
    wallet_free(&w);
}

static void a_false_escrow_is_refused_at_refresh(void **state)
{
    escrow_list before, after;
    wallet w;
    run r;

    (void)state;
    make(&w, &third);
    before = escrows_get(&server, &w);
    r = run_refresh(&server, &w);
    run_step(&server, &r);
    expect_cheat(&r);
    fixture_expect_undone(&r, &w, 0);
    after = escrows_get(&server, &w);
    assert_memory_equal(after.escrow, before.escrow, before.n * CSIG_ESCROW_BYTES);
    escrows_free(&before);
    escrows_free(&after);
    run_free(&r);
    wallet_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wallet_tells_its_recovery_keys),
        cmocka_unit_test(escrows_are_there_after_a_restart),
        cmocka_unit_test(the_third_party_signs_when_the_phone_is_gone),
        cmocka_unit_test(a_phone_with_a_key_may_be_left_out),
        cmocka_unit_test(two_keys_give_the_whole_key_of_two_of_two),
        cmocka_unit_test(a_false_escrow_is_refused_at_birth),
        cmocka_unit_test(a_false_escrow_is_refused_at_refresh),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
