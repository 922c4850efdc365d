/* Verified peers at rest, and their tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "share/aux.h"
#include "support/keys.h"
#include "support/open_sealer.h"

#define ROOM 4096

static const uint8_t key[32] = {8};
static const uint8_t ours[CSIG_AUX_ID_BYTES] = {0x55};

static csig_peer *peer;

static size_t exported(const csig_peer *p, uint8_t out[ROOM])
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    size_t len = 0;

    assert_int_equal(csig_peer_export(p, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len <= ROOM);
    assert_int_equal(csig_peer_export(p, &sealer, out, &len), CSIG_OK);
    return len;
}

static csig_err imported(csig_peer **p, const uint8_t *in, size_t len)
{
    const csig_sealer sealer = csig_sealer_from_key(key);

    return csig_peer_import(p, &sealer, in, len);
}

static void ids(void **state)
{
    uint8_t identity[CSIG_IDENTITY_BYTES], aux_id[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    uint64_t generation;

    (void)state;
    csig_peer_ids(peer, identity, aux_id, own, &generation);
    assert_memory_equal(identity, peer->pub.owner, sizeof identity);
    assert_memory_equal(aux_id, peer->pub.id, sizeof aux_id);
    assert_memory_equal(own, ours, sizeof own);
    assert_int_equal(generation, 3);
}

static void round_trip(void **state)
{
    static uint8_t out[ROOM];
    csig_peer *back;

    (void)state;
    assert_int_equal(imported(&back, out, exported(peer, out)), CSIG_OK);
    assert_memory_equal(back->pub.id, peer->pub.id, sizeof back->pub.id);
    assert_memory_equal(back->own_aux_id, ours, sizeof ours);
    assert_true(csig_int_is_eq(&back->paillier.ring.nn, &peer->paillier.ring.nn));
    assert_true(csig_int_is_eq(&back->pedersen.s, &peer->pub.s));
    assert_true(csig_int_is_eq(&back->pedersen.ring.n, &peer->pub.n_hat));
    assert_null(back->paillier.own);
    assert_null(back->pedersen.s_comb);
    csig_peer_free(back);
    csig_peer_free(NULL);
}

static void tables_are_built_once(void **state)
{
    static uint8_t out[ROOM];
    csig_peer *back;
    const csig_comb *comb;

    (void)state;
    assert_int_equal(imported(&back, out, exported(peer, out)), CSIG_OK);
    assert_int_equal(csig_peer_prepare(back), CSIG_OK);
    comb = back->pedersen.s_comb;
    assert_non_null(comb);
    assert_non_null(back->pedersen.t_comb);
    assert_int_equal(csig_peer_prepare(back), CSIG_OK);
    assert_ptr_equal(comb, back->pedersen.s_comb);
    csig_peer_free(back);
}

/* B4: what passed proofs that are not strict enough any more has to pass them again. */
static void B4_stale_proofs(void **state)
{
    static uint8_t out[ROOM];
    csig_peer stale = *peer, *back;

    (void)state;
    stale.proofs = CSIG_AUX_PROOF_VERSION - 1;
    assert_int_equal(imported(&back, out, exported(&stale, out)), CSIG_E_AUX);
    assert_null(back);
    stale.proofs = CSIG_AUX_PROOF_VERSION + 1; /* by a stricter build */
    assert_int_equal(imported(&back, out, exported(&stale, out)), CSIG_OK);
    csig_peer_free(back);
}

static void what_is_sealed_is_a_peer(void **state)
{
    static uint8_t out[ROOM];
    csig_peer wrong = *peer, *back;

    (void)state;
    wrong.pub.generation++; /* the id does not follow */
    assert_int_equal(imported(&back, out, exported(&wrong, out)), CSIG_E_FORMAT);
    assert_null(back);
    wrong = *peer;
    csig_int_set_u64(&wrong.pub.s, 1);
    csig_aux_pub_id(&wrong.pub);
    assert_int_equal(imported(&back, out, exported(&wrong, out)), CSIG_E_FORMAT);
    wrong = *peer;
    csig_int_set_u64(&wrong.pub.n, 4);
    csig_aux_pub_id(&wrong.pub);
    assert_int_equal(imported(&back, out, exported(&wrong, out)), CSIG_E_FORMAT);
}

static void other_objects_are_refused(void **state)
{
    const uint8_t other[32] = {9};
    const csig_sealer wrong = csig_sealer_from_key(other);
    static uint8_t out[ROOM];
    const size_t len = exported(peer, out);
    csig_peer *back;

    (void)state;
    assert_int_equal(csig_peer_import(&back, &wrong, out, len), CSIG_E_SEAL);
    assert_null(back);
    assert_int_equal(imported(&back, out, len - 1), CSIG_E_SEAL);
    assert_int_equal(imported(&back, out, 2), CSIG_E_LENGTH);
    out[2] ^= 128 ^ 112;
    assert_int_equal(imported(&back, out, len), CSIG_E_LEVEL);
    out[2] ^= 128 ^ 112;
    out[1]++;
    assert_int_equal(imported(&back, out, len), CSIG_E_VERSION);
    out[1]--;
    out[0] = CSIG_KIND_AUX_SECRET;
    assert_int_equal(imported(&back, out, len), CSIG_E_KIND);
}

/* What stands in clear has to be what is sealed, even if the host's sealer does not see to it. */
static void the_clear_part_is_checked(void **state)
{
    const csig_sealer sealer = open_sealer();
    static const size_t at[] = {CSIG_KIND_BYTES, CSIG_OBJECT_CLEAR_BYTES - 1};
    static uint8_t out[ROOM];
    csig_peer *back;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        size_t len = sizeof out;

        assert_int_equal(csig_peer_export(peer, &sealer, out, &len), CSIG_OK);
        out[at[i]] ^= 1;
        assert_int_equal(csig_peer_import(&back, &sealer, out, len), CSIG_E_FORMAT);
        assert_null(back);
    }
}

static int setup(void **state)
{
    static test_paillier paillier;
    static test_pedersen pedersen;
    csig_aux_pub pub = {.generation = 3};

    (void)state;
    test_paillier_init(&paillier, 0);
    test_pedersen_init(&pedersen, 2);
    memset(pub.owner, 0x11, sizeof pub.owner);
    pub.n = paillier.peer.ring.n;
    pub.n_hat = pedersen.peer.ring.n;
    pub.s = pedersen.peer.s;
    pub.t = pedersen.peer.t;
    csig_aux_pub_id(&pub);
    peer = csig_public_alloc(sizeof *peer);
    assert_non_null(peer);
    assert_int_equal(csig_peer_init(peer, &pub, ours), CSIG_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csig_peer_free(peer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(tables_are_built_once),
        cmocka_unit_test(B4_stale_proofs),
        cmocka_unit_test(what_is_sealed_is_a_peer),
        cmocka_unit_test(other_objects_are_refused),
        cmocka_unit_test(the_clear_part_is_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
