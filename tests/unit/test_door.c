/* The door as a whole: whatever can fail says CSIG_E_ARGUMENT to pointers that are missing, and
 * nothing is left in what it would have filled. The functions of signing are in test_sign_door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "countersign/countersign.h"
#include "support/dealer.h"

static const uint8_t key[32] = {1};
static const uint8_t in[64];
static uint8_t out[64];
static size_t len = sizeof out;
static csig_sealer sealer;

/* A pointer that is there and is never followed. */
#define SOME(type) ((type *)(void *)out)

#define refused(call) assert_int_equal((call), CSIG_E_ARGUMENT)

static void identities(void **state)
{
    csig_identity *id = SOME(csig_identity);
    uint8_t sig[64] = {0}, pub[32] = {0};

    (void)state;
    refused(csig_identity_new(NULL));
    refused(csig_identity_export(NULL, &sealer, out, &len));
    refused(csig_identity_export(id, NULL, out, &len));
    refused(csig_identity_export(id, &sealer, out, NULL));
    refused(csig_identity_import(NULL, &sealer, in, sizeof in));
    refused(csig_identity_import(&id, NULL, in, sizeof in));
    assert_null(id);
    refused(csig_identity_import(&id, &sealer, NULL, 0));
    id = SOME(csig_identity);
    refused(csig_identity_sign(NULL, "use", in, sizeof in, sig));
    refused(csig_identity_sign(id, "use", NULL, 1, sig));
    refused(csig_identity_sign(id, "use", in, sizeof in, NULL));
    refused(csig_identity_verify(NULL, "use", in, sizeof in, sig));
    refused(csig_identity_verify(pub, "use", NULL, 1, sig));
    refused(csig_identity_verify(pub, "use", in, sizeof in, NULL));
}

static void primes(void **state)
{
    csig_primes *p = SOME(csig_primes);
    int done;

    (void)state;
    refused(csig_primes_new(NULL));
    refused(csig_primes_step(NULL, 1, NULL, NULL, &done));
    refused(csig_primes_step(p, 1, NULL, NULL, NULL));
    refused(csig_primes_export(NULL, &sealer, out, &len));
    refused(csig_primes_export(p, NULL, out, &len));
    refused(csig_primes_export(p, &sealer, out, NULL));
    refused(csig_primes_import(NULL, &sealer, in, sizeof in));
    refused(csig_primes_import(&p, NULL, in, sizeof in));
    assert_null(p);
    refused(csig_primes_import(&p, &sealer, NULL, 0));
}

static void auxiliary_info(void **state)
{
    csig_aux *aux = SOME(csig_aux);
    csig_primes *p;

    (void)state;
    refused(csig_aux_new(&aux, NULL, SOME(csig_identity), 1, NULL));
    assert_null(aux);
    assert_int_equal(csig_primes_new(&p), CSIG_OK);
    refused(csig_aux_new(&aux, p, NULL, 1, NULL));
    refused(csig_aux_new(NULL, NULL, SOME(csig_identity), 1, NULL));
    aux = SOME(csig_aux);
    refused(csig_aux_export(NULL, &sealer, out, &len));
    refused(csig_aux_export(aux, NULL, out, &len));
    refused(csig_aux_export(aux, &sealer, out, NULL));
    refused(csig_aux_import(NULL, &sealer, in, sizeof in));
    refused(csig_aux_import(&aux, NULL, in, sizeof in));
    assert_null(aux);
    refused(csig_aux_import(&aux, &sealer, NULL, 0));
}

static void peers(void **state)
{
    csig_peer *peer = SOME(csig_peer);

    (void)state;
    refused(csig_peer_prepare(NULL));
    refused(csig_peer_export(NULL, &sealer, out, &len));
    refused(csig_peer_export(peer, NULL, out, &len));
    refused(csig_peer_export(peer, &sealer, out, NULL));
    refused(csig_peer_import(NULL, &sealer, in, sizeof in));
    refused(csig_peer_import(&peer, NULL, in, sizeof in));
    assert_null(peer);
    refused(csig_peer_import(&peer, &sealer, NULL, 0));
}

static void shares(void **state)
{
    csig_share *share = SOME(csig_share);
    uint32_t path[1] = {0};
    uint8_t point[33];

    (void)state;
    refused(csig_share_identity(NULL, 1, out));
    refused(csig_share_identity(share, 1, NULL));
    refused(csig_share_public(NULL, 1, point));
    refused(csig_share_public(share, 1, NULL));
    refused(csig_share_export(NULL, &sealer, out, &len));
    refused(csig_share_export(share, NULL, out, &len));
    refused(csig_share_export(share, &sealer, out, NULL));
    refused(csig_share_child(NULL, path, 1, point, NULL));
    refused(csig_share_child(share, NULL, 1, point, NULL));
    refused(csig_share_child(share, path, 1, NULL, NULL));
    refused(csig_share_import(NULL, &sealer, in, sizeof in));
    refused(csig_share_import(&share, NULL, in, sizeof in));
    assert_null(share);
    refused(csig_share_import(&share, &sealer, NULL, 0));
    refused(csig_child(NULL, key, path, 1, point, NULL));
    refused(csig_child(in, NULL, path, 1, point, NULL));
    refused(csig_child(in, key, NULL, 1, point, NULL));
    refused(csig_child(in, key, path, 1, NULL, NULL));
}

static void sessions(void **state)
{
    csig_session *s = SOME(csig_session);
    csig_keygen_params keygen = {0};
    csig_aux_params aux = {0};

    (void)state;
    refused(csig_session_recv(NULL, in, sizeof in));
    refused(csig_session_recv(s, NULL, 1));
    refused(csig_session_send(NULL, out, sizeof out, &len));
    refused(csig_session_send(s, out, sizeof out, NULL));
    refused(csig_session_confirm(NULL));
    refused(csig_keygen_session(NULL, &keygen));
    refused(csig_keygen_session(&s, NULL));
    assert_null(s);
    refused(csig_keygen_session(&s, &keygen));
    refused(csig_aux_session(NULL, &aux));
    refused(csig_aux_session(&s, NULL));
    refused(csig_aux_session(&s, &aux));
}

static void results(void **state)
{
    csig_session *s = SOME(csig_session);
    csig_share *share;
    csig_peer *peer;

    (void)state;
    refused(csig_keygen_share(NULL, &share));
    refused(csig_keygen_share(s, NULL));
    refused(csig_keygen_commit(NULL, out));
    refused(csig_keygen_commit(s, NULL));
    refused(csig_keygen_commit_verify(NULL, 1, out));
    refused(csig_keygen_commit_verify(SOME(csig_share), 1, NULL));
    refused(csig_aux_session_peer(NULL, &peer));
    refused(csig_aux_session_peer(s, NULL));
}

/* Without a buffer, however large it is said to be: the size, as with one that is too small. */
static void a_buffer_that_is_not_there(void **state)
{
    dealer *d = dealer_new(2, 2, false);
    size_t need = 0, huge = SIZE_MAX / 2;

    (void)state;
    assert_int_equal(csig_share_export(d->share[0], &sealer, out, &need), CSIG_E_BUFFER);
    assert_int_equal(csig_share_export(d->share[0], &sealer, NULL, &huge), CSIG_E_BUFFER);
    assert_int_equal(huge, need);
    need = 0;
    huge = SIZE_MAX / 2;
    assert_int_equal(csig_aux_export(d->aux[0], &sealer, out, &need), CSIG_E_BUFFER);
    assert_int_equal(csig_aux_export(d->aux[0], &sealer, NULL, &huge), CSIG_E_BUFFER);
    assert_int_equal(huge, need);
    dealer_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities),     cmocka_unit_test(primes),
        cmocka_unit_test(auxiliary_info), cmocka_unit_test(peers),
        cmocka_unit_test(shares),         cmocka_unit_test(sessions),
        cmocka_unit_test(results),        cmocka_unit_test(a_buffer_that_is_not_there),
    };

    sealer = csig_sealer_from_key(key);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
