/* Refresh among honest members: the key stays, shares of two epochs are of no use together, who was
 * not online gets its share from the escrows, and nothing is committed before the staged shares
 * have signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/refresh_group.h"
#include "signer/sign.h"

static refresh_group g;

static bool is_key(const csig_share *const *shares, const uint16_t *positions, uint16_t count)
{
    csig_scalar key;
    csig_point pk;

    deal_combine(&key, shares, positions, count);
    return csig_point_has_mul_g_var(&pk, &key) && csig_point_is_eq(&pk, &shares[positions[0]]->pk);
}

/* The first t of the members online: all of the new epoch are the key, any mixture is not. */
static void expect_epochs_apart(void)
{
    const uint16_t t = g.d->t;
    uint16_t positions[CSIG_MAX_PARTIES];

    for (uint16_t k = 0; k < t; k++)
        positions[k] = (uint16_t)(g.index[k] - 1);
    for (unsigned mix = 0; mix < 1U << t; mix++) {
        const csig_share *shares[CSIG_MAX_PARTIES] = {0};
        const bool pure = mix == 0 || mix == (1U << t) - 1;

        for (uint16_t k = 0; k < t; k++) {
            const uint16_t at = positions[k];

            shares[at] = mix >> k & 1 ? g.staged[at] : g.d->share[at];
        }
        assert_int_equal(is_key(shares, positions, t), pure);
    }
}

static void expect_same_wallet(void)
{
    uint8_t first[CSIG_HASH_BYTES], other[CSIG_HASH_BYTES], commit[64], again[64], backup[32];

    csig_share_public_hash(g.staged[g.index[0] - 1], first);
    assert_int_equal(csig_refresh_commit(g.s[0], commit), CSIG_OK);
    for (uint16_t i = 0; i < g.count; i++) {
        const csig_share *now = g.staged[g.index[i] - 1], *was = g.d->share[g.index[i] - 1];

        csig_share_public_hash(now, other);
        assert_memory_equal(first, other, sizeof first);
        assert_memory_equal(now->key_id, was->key_id, sizeof now->key_id);
        assert_memory_equal(now->cc, was->cc, sizeof now->cc);
        assert_memory_equal(now->cc_hash, was->cc_hash, sizeof now->cc_hash);
        assert_memory_equal(now->identity, was->identity, sizeof now->identity);
        assert_true(csig_point_is_eq(&now->pk, &was->pk));
        assert_memory_not_equal(&now->x, &was->x, sizeof now->x);
        assert_memory_not_equal(now->epoch_state, was->epoch_state, sizeof now->epoch_state);
        assert_int_equal(now->epoch, was->epoch + 1);
        assert_int_equal(now->attempt, g.attempt);
        assert_int_equal(csig_refresh_commit(g.s[i], again), CSIG_OK);
        assert_memory_equal(commit, again, sizeof commit);
        assert_int_equal(csig_refresh_commit_verify(now, g.commits, commit), CSIG_OK);
        assert_int_equal(csig_refresh_commit_verify(was, g.commits, commit), CSIG_E_SIGNATURE);
        assert_int_equal(csig_refresh_backup_of(g.s[0], g.index[i], backup), CSIG_OK);
        assert_int_equal(backup[31], g.index[i]);
    }
}

static void run_honest(uint64_t seed)
{
    refresh_group_start(&g, seed);
    g.net->duplicate = 20, g.net->lose = 20;
    net_run(g.net);
    assert_true(net_is_all(g.net, CSIG_DONE));
    for (uint16_t i = 0; i < g.count; i++) {
        assert_int_equal(g.net->err[i], CSIG_OK);
        assert_int_equal(g.net->stores[i], g.index[i] == g.commits ? 2 : 1);
    }
    expect_same_wallet();
    expect_epochs_apart();
}

static void two_of_two(void **state)
{
    static const uint16_t online[] = {1, 2};

    (void)state;
    refresh_group_init(&g, 2, 2, online, 2);
    run_honest(1);
    refresh_group_stop(&g);
    g.last = 2, g.commits = 1, g.attempt = 7;
    run_honest(2);
    refresh_group_free(&g);
}

/* The third is not online: with what it decrypts it signs with either of the others. */
static void two_of_three_and_recovery(void **state)
{
    static const uint16_t online[] = {1, 2}, first[] = {1, 3}, second[] = {2, 3};
    uint8_t digest[CSIG_DIGEST_BYTES] = {1}, octets[CSIG_ESCROW_BYTES];
    csig_signature signature;

    (void)state;
    refresh_group_init(&g, 2, 3, online, 2);
    run_honest(3);
    assert_int_equal(csig_refresh_escrow(g.s[0], 3, 3, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_escrow(g.s[0], 1, 2, octets), CSIG_E_ARGUMENT);
    refresh_group_recover(&g, 3);
    refresh_group_sign(&g, first, digest, &signature);
    refresh_group_sign(&g, second, digest, &signature);
    refresh_group_free(&g);
}

static void three_of_five(void **state)
{
    static const uint16_t three[] = {1, 3, 4}, four[] = {1, 2, 4, 5}, with[] = {2, 4, 5};
    uint8_t digest[CSIG_DIGEST_BYTES] = {2};
    csig_signature signature;

    (void)state;
    refresh_group_init(&g, 3, 5, three, 3);
    run_honest(4);
    refresh_group_recover(&g, 2), refresh_group_recover(&g, 5);
    refresh_group_sign(&g, with, digest, &signature);
    refresh_group_free(&g);
    refresh_group_init(&g, 3, 5, four, 4); /* more than can sign */
    run_honest(5);
    refresh_group_recover(&g, 3);
    refresh_group_free(&g);
}

/* A true signature under the key that is not of this test, or none: no commit. */
static void no_commit_without_the_test(void **state)
{
    static const uint16_t online[] = {1, 2};
    uint8_t digest[CSIG_DIGEST_BYTES] = {3}, commit[64];

    (void)state;
    refresh_group_init(&g, 2, 2, online, 2);
    memcpy(g.staged, g.d->share, sizeof g.staged);
    refresh_group_sign(&g, online, digest, &g.bad_test);
    memset(g.staged, 0, sizeof g.staged);
    g.use_bad_test = true;
    refresh_group_start(&g, 6);
    net_run(g.net);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_STORE);
    assert_int_equal(csig_refresh_commit(g.s[0], commit), CSIG_E_STATE);
    assert_int_equal(csig_refresh_commit(g.s[1], commit), CSIG_E_STATE);
    refresh_group_free(&g);
}

/* As the table in keygen/README.md says. */
static void octets(void **state)
{
    const csig_wire_shape shape = {.n = 3, .t = 3, .escrows = 2};

    (void)state;
    assert_int_equal(csig_wire_size_shaped(csig_keygen_commit_wire, &shape), 64 + 33 * 2);
    assert_int_equal(csig_wire_size_shaped(csig_refresh_open_wire, &shape),
                     64 + 33 * 3 + 18528 * 2);
    {
        const csig_wire_shape same = {.n = 2, .t = 2};

        assert_int_equal(csig_wire_size_shaped(csig_refresh_part_wire, &same), 32);
    }
    assert_int_equal(csig_wire_size(csig_refresh_receipt_wire), 96);
    assert_int_equal(csig_wire_size(csig_refresh_commit_wire), 129);
}

static void missing_pointers(void **state)
{
    static const uint16_t online[] = {1, 2};
    uint8_t octets[CSIG_ESCROW_BYTES] = {0};
    static const csig_signature signature;
    csig_share *share;
    csig_session *s;

    (void)state;
    refresh_group_init(&g, 2, 2, online, 2);
    refresh_group_start(&g, 8);
    s = g.s[0];
    assert_int_equal(csig_refresh_share(NULL, &share), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_share(s, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_backup(NULL, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_backup(s, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_backup_of(NULL, 1, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_backup_of(s, 1, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_test_digest(NULL, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_test_digest(s, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_tested(NULL, &signature), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_tested(s, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_escrow(NULL, 1, 2, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_escrow(s, 1, 2, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_commit(NULL, octets), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_commit(s, NULL), CSIG_E_ARGUMENT);
    refresh_group_free(&g);
}

/* What may not be asked for. */
static void parameters(void **state)
{
    static const uint16_t online[] = {1, 2}, twice[] = {1, 1}, swapped[] = {2, 1}, far[] = {1, 4};
    static const uint16_t without[] = {2, 3};
    csig_refresh_params good, p;
    csig_session *s;

    (void)state;
    refresh_group_init(&g, 2, 3, online, 2);
    randombytes_buf(g.nonces, sizeof g.nonces);
    good = refresh_group_params(&g, 0);
#define REFUSED(change, err)                                                                       \
    p = good, p.change;                                                                            \
    assert_int_equal(csig_refresh_session(&s, &p), err);                                           \
    assert_null(s)
    REFUSED(identity = NULL, CSIG_E_ARGUMENT);
    REFUSED(share = NULL, CSIG_E_ARGUMENT);
    REFUSED(indices = NULL, CSIG_E_ARGUMENT);
    REFUSED(nonces = NULL, CSIG_E_ARGUMENT);
    REFUSED(recovery.keys = NULL, CSIG_E_ARGUMENT);
    REFUSED(recovery.indices = NULL, CSIG_E_ARGUMENT);
    REFUSED(recovery.indices = online, CSIG_E_PARTIES); /* not the one that is not online */
    REFUSED(recovery.count = 0, CSIG_E_PARTIES);
    REFUSED(attempt = 0, CSIG_E_ARGUMENT);
    REFUSED(count = 1, CSIG_E_PARTIES);
    REFUSED(count = 4, CSIG_E_PARTIES);
    REFUSED(indices = twice, CSIG_E_PARTIES);
    REFUSED(indices = swapped, CSIG_E_PARTIES);
    REFUSED(indices = far, CSIG_E_PARTIES);
    REFUSED(indices = without, CSIG_E_PARTIES);
    REFUSED(commits = 3, CSIG_E_PARTIES);
    REFUSED(identity = g.d->id[1], CSIG_E_PARTIES);
#undef REFUSED
    assert_int_equal(csig_refresh_session(NULL, &good), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_session(&s, NULL), CSIG_E_ARGUMENT);
    g.ek[0][31] = 0x80;
    assert_int_equal(csig_refresh_session(&s, &good), CSIG_E_POINT);
    memset(g.ek[0], 0, 32);
    assert_int_equal(csig_refresh_session(&s, &good), CSIG_E_POINT);
    csig_recovery_public(g.rk[0], g.ek[0]);
    memset(g.nonces[1], 0, sizeof g.nonces[1]);
    assert_int_equal(csig_refresh_session(&s, &good), CSIG_E_ARGUMENT);
    refresh_group_free(&g);
}

/* --- two parties in as many exchanges as there have to be --- */

/* One call: everything the phone's sessions have to say, and everything the server's answer. */
static void carry(csig_session *from, csig_session *to)
{
    static uint8_t bytes[1 << 18];
    size_t len;

    while (csig_session_pending(from) > 0) {
        assert_int_equal(csig_session_send(from, bytes, sizeof bytes, &len), CSIG_OK);
        assert_int_equal(csig_session_recv(to, bytes, len), CSIG_OK);
    }
}

static csig_session *test_session(uint16_t at, csig_share *share, const uint8_t *nonces,
                                  const uint8_t digest[CSIG_DIGEST_BYTES])
{
    const csig_peer *peers[2] = {g.d->peer[at][0], g.d->peer[at][1]};
    const csig_signers signers = {
        .identity = g.d->id[at],
        .share = share,
        .aux = g.d->aux[at],
        .indices = g.index,
        .peers = peers,
        .nonces = nonces,
        .count = 2,
        .moves_last = at == 1,
    };
    csig_intent intent = {.type = "digest"};
    csig_session *s;

    memcpy(intent.digest, digest, sizeof intent.digest);
    assert_int_equal(csig_sign_session(&s, &signers, &intent, 2), CSIG_OK);
    return s;
}

static csig_session *stage(uint16_t at, const uint8_t *nonces)
{
    const uint8_t backup[32] = {9};
    uint8_t digest[CSIG_DIGEST_BYTES];

    assert_int_equal(csig_session_phase(g.s[at]), CSIG_STORE);
    assert_int_equal(csig_refresh_share(g.s[at], &g.staged[at]), CSIG_OK);
    assert_int_equal(csig_refresh_backup(g.s[at], backup), CSIG_OK);
    assert_int_equal(csig_refresh_test_digest(g.s[at], digest), CSIG_OK);
    assert_int_equal(csig_session_confirm(g.s[at]), CSIG_OK);
    return test_session(at, g.staged[at], nonces, digest);
}

static void four_exchanges(void **state)
{
    static const uint16_t online[] = {1, 2};
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    csig_session *phone, *server;
    csig_signature signature;

    (void)state;
    refresh_group_init(&g, 2, 2, online, 2);
    g.last = 2;
    randombytes_buf(nonces, sizeof nonces);
    refresh_group_start(&g, 7);
    /* 1 */
    carry(g.s[0], g.s[1]), carry(g.s[1], g.s[0]);
    /* 2: the phone has staged; the server does */
    phone = stage(0, nonces[0]);
    carry(g.s[0], g.s[1]);
    server = stage(1, nonces[0]);
    carry(phone, server), carry(server, phone);
    carry(g.s[1], g.s[0]);
    /* 3 */
    carry(phone, server), carry(server, phone);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_STORE);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_E_STATE);
    /* 4: the last of the test, and the commit */
    carry(phone, server);
    assert_int_equal(csig_sign_signature(server, &signature), CSIG_OK);
    assert_int_equal(csig_refresh_tested(g.s[1], &signature), CSIG_OK);
    assert_int_equal(csig_session_confirm(g.s[1]), CSIG_OK);
    carry(server, phone), carry(g.s[1], g.s[0]);
    assert_int_equal(csig_session_phase(g.s[0]), CSIG_DONE);
    assert_int_equal(csig_session_phase(g.s[1]), CSIG_DONE);
    csig_session_free(phone), csig_session_free(server);
    refresh_group_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_two),    cmocka_unit_test(two_of_three_and_recovery),
        cmocka_unit_test(three_of_five), cmocka_unit_test(no_commit_without_the_test),
        cmocka_unit_test(octets),        cmocka_unit_test(missing_pointers),
        cmocka_unit_test(parameters),    cmocka_unit_test(four_exchanges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
