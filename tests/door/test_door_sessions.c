/* Sessions from outside: parameters, phases, envelopes, key generation, auxiliary info. */
#include "hall.h"

#include <stdlib.h>
#include <string.h>

/* --- key generation --- */

static void expect_keygen(const csig_keygen_params *p, csig_err err)
{
    csig_session *s = (csig_session *)(uintptr_t)p;

    assert_int_equal(csig_keygen_session(&s, p), err);
    assert_null(s);
}

static void keygen_parameters(void **state)
{
    const csig_keygen_params good = hall_keygen(*state, 0, 0);
    uint8_t same[2 * CSIG_IDENTITY_BYTES], zero[2 * CSIG_NONCE_BYTES] = {0};
    csig_keygen_params p;

#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        p = good;                                                                                  \
        change;                                                                                    \
        expect_keygen(&p, err);                                                                    \
    } while (0)
    REFUSES(CSIG_E_ARGUMENT, p.identity = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.identities = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.nonces = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.nonces = zero);
    REFUSES(CSIG_E_PARTIES, p.signers_required = 1);
    REFUSES(CSIG_E_PARTIES, p.signers_required = 3);
    REFUSES(CSIG_E_PARTIES, p.parties = 1);
    REFUSES(CSIG_E_PARTIES, p.parties = CSIG_PARTIES_MAX + 1);
    REFUSES(CSIG_E_PARTIES, p.self = 0);
    REFUSES(CSIG_E_PARTIES, p.self = 3);
    REFUSES(CSIG_E_PARTIES, p.self = 2); /* whose identity is another */
    REFUSES(CSIG_E_PARTIES, p.commits = 0);
    REFUSES(CSIG_E_PARTIES, p.commits = 3);
    memcpy(same, good.identities, CSIG_IDENTITY_BYTES);
    memcpy(same + CSIG_IDENTITY_BYTES, good.identities, CSIG_IDENTITY_BYTES);
    REFUSES(CSIG_E_PARTIES, p.identities = same);
#undef REFUSES
}

static void open_pair(const hall *h, uint8_t number, csig_session *s[2])
{
    for (int i = 0; i < 2; i++) {
        const csig_keygen_params p = hall_keygen(h, i, number);

        assert_int_equal(csig_keygen_session(&s[i], &p), CSIG_OK);
    }
}

static void close_pair(csig_session *s[2])
{
    csig_session_free(s[0]);
    csig_session_free(s[1]);
    csig_session_free(NULL);
}

static void expect_no_output(csig_session *s)
{
    uint8_t signature[64];
    csig_share *share = NULL;
    csig_peer *peer = NULL;
    csig_presig *half = NULL;
    csig_signature made;

    assert_int_equal(csig_keygen_share(s, &share), CSIG_E_STATE);
    assert_int_equal(csig_keygen_commit(s, signature), CSIG_E_STATE);
    assert_int_equal(csig_aux_session_peer(s, &peer), CSIG_E_STATE);
    assert_int_equal(csig_presign_result(s, &half), CSIG_E_STATE);
    assert_int_equal(csig_sign_signature(s, &made), CSIG_E_STATE);
    assert_true(share == NULL && peer == NULL && half == NULL);
}

/* What is too early, and what each phase allows. */
static void phases(void **state)
{
    csig_session *s[2];
    uint8_t *p, id[32], other_id[32];
    size_t len = 0, pending;

    open_pair(*state, 1, s);
    csig_session_id(s[0], id);
    csig_session_id(s[1], other_id);
    assert_memory_equal(id, other_id, sizeof id);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(csig_session_phase(s[i]), CSIG_RUNNING);
        assert_int_equal(csig_session_confirm(s[i]), CSIG_E_STATE);
        expect_no_output(s[i]);
    }
    assert_int_equal(csig_session_pending(s[1]), 0); /* it moves last */
    assert_int_equal(csig_session_send(s[1], id, sizeof id, &len), CSIG_E_STATE);
    pending = csig_session_pending(s[0]);
    p = malloc(pending);
    assert_true(pending > 0 && p != NULL);
    assert_int_equal(csig_session_send(s[0], p, pending - 1, &len), CSIG_E_BUFFER);
    assert_int_equal(csig_session_pending(s[0]), pending);
    assert_int_equal(csig_session_send(s[0], p, pending, &len), CSIG_OK);
    assert_int_equal(len, pending);
    assert_int_equal(csig_session_pending(s[0]), 0);
    assert_int_equal(csig_session_recv(s[1], p, len), CSIG_OK);
    assert_int_equal(csig_session_recv(s[1], p, len), CSIG_OK); /* the same again */
    free(p);
    hall_run(s[1], s[0]);
    assert_int_equal(csig_session_phase(s[0]), CSIG_DONE);
    assert_int_equal(csig_session_phase(s[1]), CSIG_DONE);
    assert_int_equal(csig_session_recv(s[0], id, sizeof id), CSIG_E_STATE);
    assert_int_equal(csig_session_confirm(s[0]), CSIG_E_STATE);
    close_pair(s);
}

static void births(void **state)
{
    uint8_t signature[64], other[64];
    csig_share *share[2];
    csig_session *s[2];

    open_pair(*state, 2, s);
    while (csig_session_phase(s[1]) != CSIG_STORE) {
        (void)hall_deliver(s[0], s[1]);
        (void)hall_deliver(s[1], s[0]);
    }
    assert_int_equal(csig_keygen_share(s[1], &share[1]), CSIG_OK);
    csig_share_free(share[1]);
    assert_int_equal(csig_keygen_commit(s[1], signature), CSIG_E_STATE); /* pending, not born */
    hall_run(s[0], s[1]);
    for (int i = 0; i < 2; i++)
        assert_int_equal(csig_keygen_share(s[i], &share[i]), CSIG_OK);
    assert_int_equal(csig_keygen_commit(s[0], signature), CSIG_OK);
    assert_int_equal(csig_keygen_commit(s[1], other), CSIG_OK);
    assert_memory_equal(signature, other, sizeof signature);
    assert_int_equal(csig_keygen_commit_verify(share[0], 2, signature), CSIG_OK);
    for (uint16_t wrong = 0; wrong < 4; wrong++) {
        if (wrong == 2) continue;
        assert_int_equal(csig_keygen_commit_verify(share[0], wrong, signature), CSIG_E_SIGNATURE);
    }
    signature[3] ^= 1;
    assert_int_equal(csig_keygen_commit_verify(share[1], 2, signature), CSIG_E_SIGNATURE);
    for (int i = 0; i < 2; i++)
        csig_share_free(share[i]);
    close_pair(s);
}

/* --- envelopes --- */

static void expect_refused(csig_session *s, const uint8_t *p, size_t len, csig_err err)
{
    csig_blame blame;

    assert_int_equal(csig_session_recv(s, p, len), err);
    assert_int_equal(csig_session_phase(s), CSIG_RUNNING);
    csig_session_blame(s, &blame);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, 0);
    assert_int_equal(blame.round, 1);
}

static uint8_t *take(csig_session *s, size_t *len)
{
    uint8_t *p = malloc(csig_session_pending(s));

    assert_non_null(p);
    assert_int_equal(csig_session_send(s, p, csig_session_pending(s), len), CSIG_OK);
    return p;
}

/* Anybody may have sent these: refused, and the session goes on as if nothing had come. */
static void envelopes_that_are_refused(void **state)
{
    static const csig_err front[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL, CSIG_E_VERSION};
    csig_session *s[2];
    size_t len = 0;
    uint8_t *p;

    open_pair(*state, 3, s);
    p = take(s[0], &len);
    for (size_t at = 0; at < HALL_COUNT(front); at++) {
        p[at]++;
        expect_refused(s[1], p, len, front[at]);
        p[at]--;
    }
    p[3]++, p[1]--; /* of another protocol, whose version is another */
    expect_refused(s[1], p, len, CSIG_E_SESSION);
    p[3]--, p[1]++;
    expect_refused(s[1], p, 0, CSIG_E_LENGTH);
    expect_refused(s[1], p, len - 1, CSIG_E_LENGTH);
    expect_refused(s[0], p, len, CSIG_E_SENDER); /* one's own */
    p[len - 1] ^= 1;
    expect_refused(s[1], p, len, CSIG_E_SIGNATURE);
    p[len - 1] ^= 1;
    p[len / 2] ^= 1;
    expect_refused(s[1], p, len, CSIG_E_SIGNATURE);
    p[len / 2] ^= 1;
    assert_int_equal(csig_session_recv(s[1], p, len), CSIG_OK);
    hall_run(s[1], s[0]);
    assert_int_equal(csig_session_phase(s[0]), CSIG_DONE);
    free(p);
    close_pair(s);
}

/* Honest parties that see different inputs are told which one differs. */
static void other_inputs_have_a_name(void **state)
{
    csig_session *s[2], *t[2];
    csig_blame blame;
    size_t len = 0;
    uint8_t *p;

    open_pair(*state, 4, s);
    open_pair(*state, 5, t);
    p = take(s[0], &len);
    expect_refused(t[1], p, len, CSIG_E_SSID);
    csig_session_blame(t[1], &blame);
    assert_string_equal(blame.where, "nonces");
    assert_int_equal(csig_err_class(CSIG_E_SSID), CSIG_CLASS_BENIGN);
    free(p);
    close_pair(s);
    close_pair(t);
}

static void addresses(void **state)
{
    uint8_t id[32], said[32], round = 0;
    uint16_t from = 0, to = 0;
    size_t len = 0, whole = 0;
    csig_session *s[2];
    uint8_t *p;

    open_pair(*state, 6, s);
    p = take(s[0], &len);
    csig_session_id(s[0], id);
    assert_int_equal(csig_envelope_address(p, len, said, &from, &to), CSIG_OK);
    assert_memory_equal(id, said, sizeof id);
    assert_true(from == 1 && to == UINT16_MAX);
    assert_int_equal(csig_envelope_round(p, len, &round), CSIG_OK);
    assert_int_equal(round, 1);
    assert_int_equal(csig_envelope_length(p, len, &whole), CSIG_OK);
    assert_int_equal(whole, len);
    assert_int_equal(csig_envelope_length(p, len - 1, &whole), CSIG_E_LENGTH);
    assert_int_equal(csig_envelope_address(p, len - 1, said, &from, &to), CSIG_E_LENGTH);
    p[2]++;
    assert_int_equal(csig_envelope_address(p, len, said, &from, &to), CSIG_E_LEVEL);
    assert_int_equal(csig_envelope_round(p, len, &round), CSIG_E_LEVEL);
    assert_int_equal(csig_envelope_length(p, len, &whole), CSIG_E_LEVEL);
    free(p);
    close_pair(s);
}

/* --- auxiliary info --- */

static csig_aux_params aux_params(const hall *h, const csig_aux *const aux[2], int device)
{
    csig_aux_params p = {
        .identity = h->id[device],
        .aux = aux[device],
        .moves_last = device,
    };

    csig_identity_public(h->id[1 - device], p.peer);
    memset(p.nonce_first, 1, sizeof p.nonce_first);
    memset(p.nonce_second, 2, sizeof p.nonce_second);
    return p;
}

static void aux_that_cannot_be_made(void **state)
{
    const csig_engine engine = hall_failing_engine();
    const hall *h = *state;
    csig_primes *primes;
    csig_aux *aux;
    uint64_t made = 7, expected = 0;
    unsigned found = 9;
    int done = 1;

    assert_int_equal(csig_primes_new(&primes), CSIG_OK);
    assert_int_equal(csig_primes_step(primes, 3, NULL, NULL, &done), CSIG_OK);
    csig_primes_progress(primes, &made, &expected, &found);
    assert_true(done == 0 && made <= 3 && expected > 100 && found < 4);
    assert_int_equal(csig_aux_new(&aux, primes, h->id[0], 1, NULL), CSIG_E_STATE);
    assert_null(aux);
    assert_int_equal(csig_aux_new(&aux, hall_primes(h, 0), h->id[0], 0, NULL), CSIG_E_ARGUMENT);
    assert_null(aux);
    assert_int_equal(csig_aux_new(&aux, hall_primes(h, 0), h->id[0], 1, &engine), CSIG_E_ENGINE);
    assert_null(aux);
}

static void aux_parameters(void **state)
{
    const hall *h = *state;
    const csig_aux *const aux[2] = {h->aux, h->aux};
    const csig_aux_params good = aux_params(h, aux, 0);
    csig_aux_params p;
    csig_session *s;

#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        p = good;                                                                                  \
        change;                                                                                    \
        s = (csig_session *)(uintptr_t)&p;                                                         \
        assert_int_equal(csig_aux_session(&s, &p), err);                                           \
        assert_null(s);                                                                            \
    } while (0)
    REFUSES(CSIG_E_ARGUMENT, p.identity = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.aux = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.identity = h->id[1]); /* the aux is another's */
    REFUSES(CSIG_E_ARGUMENT, memset(p.nonce_first, 0, sizeof p.nonce_first));
    REFUSES(CSIG_E_ARGUMENT, memset(p.nonce_second, 0, sizeof p.nonce_second));
    REFUSES(CSIG_E_PARTIES, csig_identity_public(h->id[0], p.peer)); /* with itself */
#undef REFUSES
}

/* Device 2 makes new auxiliary info; the pair's session; a generation that is not new. */
static void a_new_generation(void **state)
{
    const hall *h = *state;
    const csig_aux *aux[2] = {h->aux, NULL};
    csig_aux *second;
    csig_session *s[2];
    csig_blame blame;

    assert_int_equal(csig_aux_new(&second, hall_primes(h, 1), h->id[1], 3, NULL), CSIG_OK);
    assert_int_equal(csig_aux_generation(second), 3);
    aux[1] = second;
    for (int old = 0; old < 2; old++) {
        for (int i = 0; i < 2; i++) {
            csig_aux_params p = aux_params(h, aux, i);

            if (old == 1 && i == 0) p.peer_generation_above = 3;
            assert_int_equal(csig_aux_session(&s[i], &p), CSIG_OK);
            expect_no_output(s[i]);
        }
        hall_run(s[0], s[1]);
        if (old == 0) {
            uint8_t identity[32], aux_id[32], own[32], id[32];
            uint64_t generation = 0;
            csig_peer *peer;

            assert_int_equal(csig_session_phase(s[0]), CSIG_DONE);
            assert_int_equal(csig_aux_session_peer(s[0], &peer), CSIG_OK);
            csig_peer_ids(peer, identity, aux_id, own, &generation);
            assert_int_equal(generation, 3);
            csig_aux_id(second, id);
            assert_memory_equal(aux_id, id, sizeof id);
            assert_int_equal(csig_peer_prepare(peer), CSIG_OK);
            assert_int_equal(csig_peer_prepare(peer), CSIG_OK);
            csig_peer_free(peer);
        } else {
            assert_int_equal(csig_session_phase(s[0]), CSIG_FAILED);
            csig_session_blame(s[0], &blame);
            assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_CHEAT);
            assert_int_equal(blame.culprit, 2);
            assert_int_equal(csig_session_pending(s[0]), 0);
            expect_no_output(s[0]);
        }
        close_pair(s);
    }
    csig_aux_free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keygen_parameters),
        cmocka_unit_test(phases),
        cmocka_unit_test(births),
        cmocka_unit_test(envelopes_that_are_refused),
        cmocka_unit_test(other_inputs_have_a_name),
        cmocka_unit_test(addresses),
        cmocka_unit_test(aux_that_cannot_be_made),
        cmocka_unit_test(aux_parameters),
        cmocka_unit_test(a_new_generation),
    };

    return cmocka_run_group_tests(tests, hall_open, hall_close);
}
