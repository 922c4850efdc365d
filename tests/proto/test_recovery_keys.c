/* Recovery keys in key generation and refresh among honest parties: an index that was never online
 * has a share from birth, two parties can each be recovered, and what is recovered signs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/keygen_group.h"
#include "proto/refresh_group.h"
#include "support/deal.h"

static keygen_group g;
static csig_share *shares[CSIG_MAX_PARTIES]; /* by index - 1 */

/* Key generation to the end; the shares of those online. */
static void run(uint64_t seed)
{
    network *net;

    memset(shares, 0, sizeof shares);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, seed);
    net->duplicate = 20, net->lose = 20;
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    for (uint16_t i = 0; i < g.count; i++)
        assert_int_equal(csig_keygen_share(g.s[i], &shares[g.index[i] - 1]), CSIG_OK);
    net_free(net);
}

static void end(void)
{
    for (uint16_t i = 0; i < g.n; i++)
        csig_share_free(shares[i]);
    keygen_group_free(&g);
}

/* The share of an index by its recovery key: as its owner has it, if the owner was online. */
static void recover(uint16_t index)
{
    const csig_recovery_case asked = keygen_group_escrows(&g, index);
    csig_share *share;
    uint8_t commit[64];
    uint16_t k = 0;

    while (g.rk_index[k] != index)
        k++;
    assert_int_equal(csig_keygen_commit(g.s[0], commit), CSIG_OK);
    assert_int_equal(csig_epoch_commit_verify(asked.epoch, g.commits, commit), CSIG_OK);
    assert_int_equal(csig_recovery_verify(&asked, NULL), CSIG_OK);
    assert_int_equal(csig_recovery_share(g.rk[k], &asked, &share, NULL), CSIG_OK);
    if (shares[index - 1] != NULL)
        assert_memory_equal(&share->x, &shares[index - 1]->x, sizeof share->x);
    assert_memory_equal(share->cc, shares[g.index[0] - 1]->cc, sizeof share->cc);
    assert_memory_equal(share->identity[index - 1], g.identities[index - 1], 32);
    csig_share_free(shares[index - 1]);
    shares[index - 1] = share;
}

static bool is_key(const uint16_t *positions, uint16_t count)
{
    csig_scalar key;
    csig_point pk;

    deal_combine(&key, (const csig_share *const *)shares, positions, count);
    return csig_point_has_mul_g_var(&pk, &key) && csig_point_is_eq(&pk, &shares[positions[0]]->pk);
}

static void two_of_two_with_two_keys(void **state)
{
    static const uint16_t both[] = {0, 1};

    (void)state;
    keygen_group_init(&g, 2, 2);
    g.last = 2;
    keygen_group_add_key(&g, 1), keygen_group_add_key(&g, 2);
    run(1);
    recover(1), recover(2);
    assert_true(is_key(both, 2));
    end();
}

static void offline_from_birth(void **state)
{
    static const uint16_t online[] = {1, 2}, pairs[][2] = {{0, 1}, {0, 2}, {1, 2}};

    (void)state;
    for (int all = 0; all < 2; all++) {
        keygen_group_init(&g, 2, 3);
        if (all == 0) keygen_group_online(&g, online, 2);
        if (all == 1) keygen_group_add_key(&g, 3); /* online, and can be recovered */
        run(2);
        recover(3);
        for (int i = 0; i < 3; i++)
            assert_true(is_key(pairs[i], 2));
        assert_false(is_key(pairs[0], 1));
        end();
    }
}

static void two_of_five_offline(void **state)
{
    static const uint16_t online[] = {1, 3, 4}, sets[][3] = {{0, 1, 4}, {1, 2, 4}, {0, 2, 3}};

    (void)state;
    keygen_group_init(&g, 3, 5);
    keygen_group_online(&g, online, 3);
    run(3);
    recover(2), recover(5);
    for (int i = 0; i < 3; i++)
        assert_true(is_key(sets[i], 3));
    assert_false(is_key(sets[1], 2));
    end();
}

/* What was born with an index offline is refreshed with it offline, and recovered then; the escrows
 * of the birth are of no use for the new epoch. */
static void refreshed_and_recovered(void **state)
{
    static const uint16_t online[] = {1, 2}, set[] = {2, 3};
    uint8_t digest[CSIG_DIGEST_BYTES] = {5}, epoch[CSIG_EPOCH_BYTES];
    csig_recovery_case old;
    csig_signature signature;
    refresh_group r;

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_online(&g, online, 2);
    refresh_group_init(&r, 2, 3, online, 2);
    for (int i = 0; i < 3; i++) { /* the devices of the dealer's aux info */
        csig_identity_free(g.id[i]);
        g.id[i] = r.d->id[i], r.d->id[i] = NULL;
        csig_identity_public(g.id[i], g.identities[i]);
    }
    run(4);
    for (int i = 0; i < 3; i++) {
        csig_share_free(r.d->share[i]);
        r.d->share[i] = shares[i], shares[i] = NULL;
        r.d->id[i] = g.id[i], g.id[i] = NULL;
    }
    refresh_group_add_key(&r, 1);
    refresh_group_start(&r, 5);
    net_run(r.net);
    assert_true(net_is_all(r.net, CSIG_DONE));
    refresh_group_recover(&r, 1), refresh_group_recover(&r, 3);
    refresh_group_sign(&r, set, digest, &signature);
    memcpy(shares, r.d->share, sizeof shares);
    old = keygen_group_escrows(&g, 3);
    assert_int_equal(csig_recovery_verify(&old, NULL), CSIG_OK);
    assert_int_equal(csig_share_epoch(r.staged[0], epoch), CSIG_OK);
    old.epoch = epoch;
    assert_int_equal(csig_recovery_verify(&old, NULL), CSIG_E_EPOCH);
    refresh_group_free(&r);
    memset(shares, 0, sizeof shares);
    end();
}

static void only_who_there_is(void **state)
{
    uint8_t octets[CSIG_ESCROW_BYTES];
    static const uint16_t online[] = {1, 2};

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_online(&g, online, 2);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    assert_int_equal(csig_keygen_escrow(g.s[0], 1, 3, octets), CSIG_E_STATE);
    assert_int_equal(csig_keygen_escrow(NULL, 1, 3, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_keygen_escrow(g.s[0], 1, 3, NULL), CSIG_E_ARGUMENT);
    keygen_group_stop(&g);
    run(6);
    assert_int_equal(csig_keygen_escrow(g.s[0], 2, 3, octets), CSIG_OK);
    assert_int_equal(csig_keygen_escrow(g.s[0], 3, 3, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_keygen_escrow(g.s[0], 1, 2, octets), CSIG_E_ARGUMENT);
    end();
}

/* --- parameters --- */

static csig_err try(const csig_keygen_params *p)
{
    csig_session *s = NULL;
    const csig_err err = csig_keygen_session(&s, p);

    assert_true((err == CSIG_OK) == (s != NULL));
    csig_session_free(s);
    return err;
}

static void who_must_have_a_key(void **state)
{
    static const uint16_t online[] = {1, 2}, twice[] = {1, 1}, down[] = {2, 1}, far[] = {1, 4};
    static const uint16_t one[] = {1}, others[] = {2, 3}, zero[] = {0, 3};
    csig_keygen_params good, p;

    (void)state;
    keygen_group_init(&g, 2, 3);
    keygen_group_online(&g, online, 2);
    good = keygen_group_params(&g, 0);
    assert_int_equal(try(&good), CSIG_OK);
#define REFUSED(change, err)                                                                       \
    p = good, p.change;                                                                            \
    assert_int_equal(try(&p), err)
    REFUSED(recovery.count = 0, CSIG_E_PARTIES);
    REFUSED(recovery.indices = one, CSIG_E_PARTIES); /* not the one that is not online */
    REFUSED(recovery.indices = NULL, CSIG_E_ARGUMENT);
    REFUSED(recovery.keys = NULL, CSIG_E_ARGUMENT);
    REFUSED(recovery.count = 4, CSIG_E_PARTIES);
    REFUSED(indices = twice, CSIG_E_PARTIES);
    REFUSED(indices = down, CSIG_E_PARTIES);
    REFUSED(indices = far, CSIG_E_PARTIES);
    REFUSED(indices = others, CSIG_E_PARTIES);     /* without ourselves */
    REFUSED(signers_required = 3, CSIG_E_PARTIES); /* fewer than can sign would have the key */
    REFUSED(count = 1, CSIG_E_PARTIES);
    REFUSED(count = 4, CSIG_E_PARTIES);
    REFUSED(commits = 3, CSIG_E_PARTIES);
    memcpy(g.identities[2], g.identities[0], CSIG_IDENTITY_BYTES);
    assert_int_equal(try(&good), CSIG_E_PARTIES);
    csig_identity_public(g.id[2], g.identities[2]);
    good.recovery.count = 2;
    memcpy(g.ek[1], g.ek[0], sizeof g.ek[1]);
    REFUSED(recovery.indices = zero, CSIG_E_PARTIES);
#undef REFUSED
    memset(g.ek[0], 0, sizeof g.ek[0]);
    good = keygen_group_params(&g, 0);
    assert_int_equal(try(&good), CSIG_E_POINT);
    keygen_group_free(&g);
}

/* The rule of equal keys: with one key fewer than signers_required shares. */
static void equal_keys(void **state)
{
    csig_keygen_params p;

    (void)state;
    keygen_group_init(&g, 2, 2);
    keygen_group_add_key(&g, 1), keygen_group_add_key(&g, 2);
    p = keygen_group_params(&g, 0);
    assert_int_equal(try(&p), CSIG_OK);
    memcpy(g.ek[1], g.ek[0], sizeof g.ek[1]);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    keygen_group_free(&g);
    keygen_group_init(&g, 3, 4);
    for (uint16_t i = 1; i <= 4; i++)
        keygen_group_add_key(&g, i);
    p = keygen_group_params(&g, 0);
    memcpy(g.ek[3], g.ek[0], sizeof g.ek[3]);
    assert_int_equal(try(&p), CSIG_OK);
    memcpy(g.ek[2], g.ek[0], sizeof g.ek[2]);
    assert_int_equal(try(&p), CSIG_E_PARTIES);
    keygen_group_free(&g);
}

/* C10: others see other recovery keys, or other members. */
static void other_circumstances_are_named(void **state)
{
    static uint8_t bytes[8192];
    static const uint16_t online[] = {1, 2};

    (void)state;
    for (int what = 0; what < 2; what++) {
        csig_keygen_params p;
        csig_session *a, *b;
        csig_blame blame;
        size_t len;

        keygen_group_init(&g, 2, 3);
        keygen_group_online(&g, online, 2);
        p = keygen_group_params(&g, 0);
        assert_int_equal(csig_keygen_session(&a, &p), CSIG_OK);
        g.ek[0][5] ^= 1;
        p = keygen_group_params(&g, 1);
        if (what == 1) p.indices = NULL, p.commits = 2;
        assert_int_equal(csig_keygen_session(&b, &p), CSIG_OK);
        assert_int_equal(csig_session_send(b, bytes, sizeof bytes, &len), CSIG_OK);
        assert_int_equal(csig_session_recv(a, bytes, len), CSIG_E_SSID);
        csig_session_blame(a, &blame);
        assert_string_equal(blame.where, what == 0 ? "recovery_keys" : "nonces");
        csig_session_free(a), csig_session_free(b);
        keygen_group_free(&g);
    }
}

/* As the table in keygen/README.md says. */
static void octets(void **state)
{
    const csig_wire_shape none = {.n = 3, .t = 2}, two = {.n = 3, .t = 2, .escrows = 2};

    (void)state;
    assert_int_equal(csig_wire_size_shaped(csig_keygen_prove_wire, &none), 32);
    assert_int_equal(csig_wire_size_shaped(csig_keygen_prove_wire, &two), 32 + 2 * 18528);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two_with_two_keys),
        cmocka_unit_test(offline_from_birth),
        cmocka_unit_test(two_of_five_offline),
        cmocka_unit_test(refreshed_and_recovered),
        cmocka_unit_test(only_who_there_is),
        cmocka_unit_test(who_must_have_a_key),
        cmocka_unit_test(equal_keys),
        cmocka_unit_test(other_circumstances_are_named),
        cmocka_unit_test(octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
