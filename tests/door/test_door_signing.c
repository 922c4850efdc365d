/* Signing from outside: what callers may not do, and what is good for one use. */
#include "hall.h"

#include <stdlib.h>
#include <string.h>

/* Own signers, intent and collector; which error opening a session with them gives. */
typedef struct attempt {
    hall_signers q;
    csig_intent intent;
    uint16_t leader;
} attempt;

static attempt good_attempt(const hall *h)
{
    attempt a = {.intent = hall_intent(), .leader = 2};

    hall_signers_of(&a.q, h, 0);
    return a;
}

/* The pointers inside are those of the copy they were made for. */
static csig_err sign(attempt *a)
{
    csig_session *s = (csig_session *)a;
    csig_err err;

    if (a->q.signers.indices != NULL) a->q.signers.indices = a->q.index;
    if (a->q.signers.peers != NULL) a->q.signers.peers = a->q.peer;
    if (a->q.signers.nonces != NULL) a->q.signers.nonces = a->q.nonces[0];
    err = csig_sign_session(&s, &a->q.signers, &a->intent, a->leader);
    assert_true((err == CSIG_OK) == (s != NULL));
    csig_session_free(s);
    return err;
}

static csig_err presign(attempt *a)
{
    csig_session *s = (csig_session *)a;
    csig_err err;

    a->q.signers.indices = a->q.index;
    a->q.signers.peers = a->q.peer;
    a->q.signers.nonces = a->q.nonces[0];
    err = csig_presign_session(&s, &a->q.signers, a->leader, 0);
    assert_true((err == CSIG_OK) == (s != NULL));
    csig_session_free(s);
    return err;
}

#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        attempt a = good_attempt(*state);                                                          \
                                                                                                   \
        change;                                                                                    \
        assert_int_equal(sign(&a), err);                                                           \
    } while (0)

static void signers_that_cannot_sign(void **state)
{
    const hall *h = *state;

    REFUSES(CSIG_OK, (void)0);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.identity = NULL);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.identity = h->id[1]);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.share = NULL);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.indices = NULL);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.peers = NULL);
    REFUSES(CSIG_E_ARGUMENT, a.q.signers.nonces = NULL);
    REFUSES(CSIG_E_ARGUMENT, memset(a.q.nonces[1], 0, sizeof a.q.nonces[1]));
    REFUSES(CSIG_E_ARGUMENT, a.q.peer[0] = h->peer[0]); /* the own entry */
    REFUSES(CSIG_E_ARGUMENT, a.leader = 3);
    REFUSES(CSIG_E_PARTIES, a.q.signers.count = 1);
    REFUSES(CSIG_E_PARTIES, a.q.signers.count = 3);
    REFUSES(CSIG_E_PARTIES, a.q.index[0] = 2; a.q.index[1] = 1);
    REFUSES(CSIG_E_PARTIES, a.q.index[1] = 1);
    REFUSES(CSIG_E_PARTIES, a.q.index[1] = 3);
    REFUSES(CSIG_E_AUX, a.q.signers.aux = NULL);
    REFUSES(CSIG_E_AUX, a.q.peer[1] = NULL);
    REFUSES(CSIG_E_AUX, a.q.peer[1] = h->peer[1]); /* that is this device itself */
}

static void intents_that_cannot_be_signed(void **state)
{
    /* the order of the group: a digest of zero */
    static const uint8_t q[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                  0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    static const uint32_t hardened[] = {0x80000000U}, deep[CSIG_PATH_MAX + 1] = {1};

    REFUSES(CSIG_E_ARGUMENT, a.intent.type = NULL);
    REFUSES(CSIG_E_ARGUMENT, a.intent.type = "");
    REFUSES(CSIG_E_ARGUMENT, a.intent.type = "123456789012345678901234567890123");
    REFUSES(CSIG_E_ARGUMENT, a.intent.path = NULL);
    REFUSES(CSIG_OK, a.intent.path = NULL; a.intent.depth = 0);
    REFUSES(CSIG_E_PATH, a.intent.path = hardened; a.intent.depth = 1);
    REFUSES(CSIG_E_PATH, a.intent.path = deep; a.intent.depth = CSIG_PATH_MAX + 1);
    REFUSES(CSIG_E_DIGEST, memset(a.intent.digest, 0, sizeof a.intent.digest));
    REFUSES(CSIG_E_DIGEST, memcpy(a.intent.digest, q, sizeof q));
}

static void no_place_for_what_is_made(void **state)
{
    attempt a = good_attempt(*state);
    csig_signature signature;

    assert_int_equal(csig_sign_session(NULL, &a.q.signers, &a.intent, 2), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presign_session(NULL, &a.q.signers, 2, 0), CSIG_E_ARGUMENT);
    assert_int_equal(csig_sign_signature(NULL, &signature), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presign_result(NULL, NULL), CSIG_E_ARGUMENT);
}

static void an_engine_that_fails(void **state)
{
    const csig_engine engine = hall_failing_engine();
    attempt a = good_attempt(*state);

    a.q.signers.engine = &engine;
    assert_int_equal(sign(&a), CSIG_E_ENGINE);
    assert_int_equal(presign(&a), CSIG_E_ENGINE);
    assert_int_equal(csig_err_class(CSIG_E_ENGINE), CSIG_CLASS_LOCAL);
}

/* --- presignatures --- */

static csig_err open_online(const hall *h, int device, csig_presig **half,
                            const csig_intent *intent, csig_session **s)
{
    hall_signers q;

    hall_signers_of(&q, h, device);
    return csig_online_session(s, &q.signers, half, intent);
}

static void expect_burned(const hall *h, const csig_intent *intent, csig_err err)
{
    csig_presig *half = hall_half(h, 0);
    csig_session *s = NULL;

    assert_int_equal(open_online(h, 0, &half, intent, &s), err);
    assert_true(half == NULL && s == NULL);
    assert_int_equal(open_online(h, 0, &half, intent, &s), CSIG_E_USED);
}

/* Whatever is wrong: the half is gone. */
static void a_half_is_burned_by_every_call(void **state)
{
    static const uint32_t hardened[] = {0x80000000U};
    csig_intent intent = hall_intent();

    intent.path = hardened;
    intent.depth = 1;
    expect_burned(*state, &intent, CSIG_E_PATH);
    intent = hall_intent();
    memset(intent.digest, 0, sizeof intent.digest);
    expect_burned(*state, &intent, CSIG_E_DIGEST);
    expect_burned(*state, NULL, CSIG_E_ARGUMENT);
}

/* Not of this key, and not this party's. */
static void a_half_of_others(void **state)
{
    const hall *h = *state;
    const csig_intent intent = hall_intent();
    csig_session *s[2], *none = NULL;
    csig_presig *half;
    csig_share *other;
    hall_signers q;

    for (int i = 0; i < 2; i++) {
        const csig_keygen_params p = hall_keygen(h, i, 9);

        assert_int_equal(csig_keygen_session(&s[i], &p), CSIG_OK);
    }
    hall_run(s[0], s[1]);
    assert_int_equal(csig_keygen_share(s[0], &other), CSIG_OK);
    hall_signers_of(&q, h, 0);
    q.signers.share = other;
    half = hall_half(h, 0);
    assert_int_equal(csig_online_session(&none, &q.signers, &half, &intent), CSIG_E_ARGUMENT);
    assert_true(none == NULL && half == NULL);
    half = hall_half(h, 1);
    assert_int_equal(open_online(h, 0, &half, &intent, &none), CSIG_E_PARTIES);
    assert_true(none == NULL && half == NULL);
    assert_int_equal(csig_online_session(&none, &q.signers, NULL, &intent), CSIG_E_ARGUMENT);
    csig_share_free(other);
    csig_session_free(s[0]);
    csig_session_free(s[1]);
}

static void expect_reply(csig_session *s)
{
    uint8_t *reply, *sent;
    size_t len = 0, need, sent_len = 0;

    assert_int_equal(csig_online_reply(s, NULL, &len), CSIG_E_BUFFER);
    need = len;
    reply = malloc(need);
    sent = malloc(need);
    assert_true(need > 0 && reply != NULL && sent != NULL);
    len = need - 1;
    assert_int_equal(csig_online_reply(s, reply, &len), CSIG_E_BUFFER);
    assert_int_equal(csig_online_reply(s, reply, &len), CSIG_OK);
    assert_int_equal(len, need);
    assert_int_equal(csig_session_pending(s), 0); /* held until it is stored */
    assert_int_equal(csig_session_confirm(s), CSIG_OK);
    /* what leaves now begins with what was stored */
    assert_int_equal(csig_session_send(s, sent, need, &sent_len), CSIG_OK);
    assert_true(sent_len <= need);
    assert_memory_equal(sent, reply, sent_len);
    assert_int_equal(csig_online_reply(s, reply, &len), CSIG_E_STATE);
    free(reply);
    free(sent);
}

static void what_is_stored_is_what_leaves(void **state)
{
    const csig_intent intent = hall_intent();
    csig_session *s[2];
    csig_signature made;
    size_t len = 0;

    for (int i = 0; i < 2; i++) {
        csig_presig *half = hall_half(*state, i);

        assert_int_equal(open_online(*state, i, &half, &intent, &s[i]), CSIG_OK);
        assert_null(half);
        assert_int_equal(csig_online_reply(s[i], NULL, &len), CSIG_E_STATE);
        assert_int_equal(csig_sign_signature(s[i], &made), CSIG_E_STATE);
    }
    while (csig_session_phase(s[0]) != CSIG_STORE) {
        (void)hall_deliver(s[1], s[0]);
        (void)hall_deliver(s[0], s[1]);
    }
    expect_reply(s[0]);
    csig_session_free(s[0]);
    csig_session_free(s[1]);
}

static void one_presignature_one_signature(void **state)
{
    const hall *h = *state;
    const csig_intent intent = hall_intent();
    csig_signature made[2];
    csig_session *s[2];
    uint8_t digest[CSIG_DIGEST_BYTES], der[72];
    size_t len = 0;

    for (int i = 0; i < 2; i++) {
        csig_presig *half = hall_half(h, i);

        assert_int_equal(open_online(h, i, &half, &intent, &s[i]), CSIG_OK);
    }
    hall_run(s[0], s[1]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(csig_session_phase(s[i]), CSIG_DONE);
        assert_int_equal(csig_sign_signature(s[i], &made[i]), CSIG_OK);
        csig_session_free(s[i]);
    }
    assert_memory_equal(&made[0], &made[1], sizeof made[0]);
    assert_int_equal(csig_signature_verify(&made[0], intent.digest), CSIG_OK);
    assert_int_equal(csig_signature_der(&made[0], der, &len), CSIG_OK);
    assert_true(len > 64 && len <= sizeof der);
    memcpy(digest, intent.digest, sizeof digest);
    digest[0]++;
    assert_int_equal(csig_signature_verify(&made[0], digest), CSIG_E_OUTPUT);
    made[0].s[31] ^= 1;
    assert_int_equal(csig_signature_verify(&made[0], intent.digest), CSIG_E_OUTPUT);
    assert_int_equal(csig_signature_verify(NULL, digest), CSIG_E_ARGUMENT);
    assert_int_equal(csig_signature_der(NULL, der, &len), CSIG_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signers_that_cannot_sign),
        cmocka_unit_test(intents_that_cannot_be_signed),
        cmocka_unit_test(no_place_for_what_is_made),
        cmocka_unit_test(an_engine_that_fails),
        cmocka_unit_test(a_half_is_burned_by_every_call),
        cmocka_unit_test(a_half_of_others),
        cmocka_unit_test(what_is_stored_is_what_leaves),
        cmocka_unit_test(one_presignature_one_signature),
    };

    return cmocka_run_group_tests(tests, hall_open, hall_close);
}
