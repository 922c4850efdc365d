/* A recovery key, an epoch's public state and two escrows that were written once: they are verified
 * and recovered from for ever, and today's code still makes the same octets. With --write it writes
 * what today's code makes instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/random.h"
#include "vectors/golden.h"

#define SEED    20260102
#define DEALERS 2
#define INDEX   3 /* never online */

typedef struct made {
    csig_recovery *key;
    uint8_t sealed[512];
    size_t sealed_len;
    uint8_t epoch[CSIG_EPOCH_BYTES];
    uint8_t escrows[DEALERS][CSIG_ESCROW_BYTES];
    uint8_t birth[64];
} made;

static void require(bool ok)
{
    if (!ok) __builtin_trap();
}

static void keep(made *m, csig_session *s)
{
    const csig_sealer sealer = story_sealer();
    csig_share *share;

    require(csig_keygen_share(s, &share) == CSIG_OK);
    require(csig_share_epoch(share, m->epoch) == CSIG_OK);
    csig_share_free(share);
    for (uint16_t k = 0; k < DEALERS; k++)
        require(csig_keygen_escrow(s, (uint16_t)(k + 1), INDEX, m->escrows[k]) == CSIG_OK);
    require(csig_keygen_commit(s, m->birth) == CSIG_OK);
    m->sealed_len = sizeof m->sealed;
    require(csig_recovery_export(m->key, &sealer, m->sealed, &m->sealed_len) == CSIG_OK);
}

/* Two make a key for themselves and a third who is not there. */
static void make(made *m)
{
    static const uint16_t online[DEALERS] = {1, 2}, index = INDEX;
    uint8_t identities[3][CSIG_IDENTITY_BYTES], nonces[DEALERS][CSIG_NONCE_BYTES], pub[32];
    csig_identity *id[3];
    csig_session *s[DEALERS];
    static story st;

    memset(m, 0, sizeof *m);
    require(csig_init() == CSIG_OK);
    random_seed(SEED);
    for (int i = 0; i < 3; i++) {
        require(csig_identity_new(&id[i]) == CSIG_OK);
        csig_identity_public(id[i], identities[i]);
    }
    require(csig_recovery_new(&m->key) == CSIG_OK);
    csig_recovery_public(m->key, pub);
    for (uint16_t i = 0; i < DEALERS; i++)
        memset(nonces[i], 0x71 + i, sizeof nonces[i]);
    for (uint16_t i = 0; i < DEALERS; i++) {
        const csig_keygen_params p = {
            .identity = id[i],
            .signers_required = 2,
            .parties = 3,
            .self = (uint16_t)(i + 1),
            .commits = 2,
            .identities = identities[0],
            .nonces = nonces[0],
            .moves_last = i,
            .indices = online,
            .count = DEALERS,
            .recovery = {&index, pub, 1},
        };

        require(csig_keygen_session(&s[i], &p) == CSIG_OK);
    }
    story_run(&st, s);
    keep(m, s[0]);
    for (int i = 0; i < DEALERS; i++)
        csig_session_free(s[i]);
    for (int i = 0; i < 3; i++)
        csig_identity_free(id[i]);
    story_free(&st);
}

static story_octets golden_of(const char *folder, const char *what)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%srecovery-%s", folder, what);
    return golden_read(name, csig_level());
}

static void expect_recovered(const char *folder)
{
    story_octets key = golden_of(folder, "key"), epoch = golden_of(folder, "epoch");
    story_octets escrows = golden_of(folder, "escrows"), birth = golden_of(folder, "birth");
    const csig_sealer sealer = story_sealer();
    uint8_t pub[32], identity[32];
    csig_recovery_case asked = {epoch.p, INDEX, pub, escrows.p, DEALERS};
    csig_recovery *recovery;
    csig_share_info info;
    csig_share *share;

    assert_int_equal(epoch.len, CSIG_EPOCH_BYTES);
    assert_int_equal(escrows.len, DEALERS * CSIG_ESCROW_BYTES);
    assert_int_equal(csig_recovery_import(&recovery, &sealer, key.p, key.len), CSIG_OK);
    csig_recovery_public(recovery, pub);
    assert_int_equal(csig_epoch_commit_verify(epoch.p, 2, birth.p), CSIG_OK);
    assert_int_equal(csig_recovery_verify(&asked, NULL), CSIG_OK);
    assert_int_equal(csig_recovery_share(recovery, &asked, &share, NULL), CSIG_OK);
    csig_share_describe(share, &info);
    assert_true(info.self == INDEX && info.parties == 3 && info.epoch == 0);
    assert_int_equal(csig_share_identity(share, INDEX, identity), CSIG_OK);
    for (size_t at = 40; at < CSIG_ESCROW_BYTES - 80; at += 1777) {
        escrows.p[at] ^= 0x10;
        assert_int_not_equal(csig_recovery_verify(&asked, NULL), CSIG_OK);
        escrows.p[at] ^= 0x10;
    }
    csig_share_free(share);
    csig_recovery_free(recovery);
    golden_free(&key), golden_free(&epoch), golden_free(&escrows), golden_free(&birth);
}

static void the_share_is_recovered(void **state)
{
    (void)state;
    expect_recovered(GOLDEN_FIRST);
    expect_recovered(GOLDEN_AGAIN);
}

static void of_the_other_level(void **state)
{
    const unsigned level = csig_level() == 128 ? 112 : 128;
    story_octets key = golden_read("recovery-key", level);
    story_octets epoch = golden_read("recovery-epoch", level);
    story_octets escrows = golden_read("recovery-escrows", level);
    const csig_sealer sealer = story_sealer();
    csig_recovery *recovery;
    csig_escrow_info escrow;
    csig_share_info info;

    (void)state;
    assert_int_equal(csig_recovery_import(&recovery, &sealer, key.p, key.len), CSIG_E_LEVEL);
    assert_int_equal(csig_epoch_describe(epoch.p, &info), CSIG_E_LEVEL);
    assert_int_equal(csig_escrow_describe(escrows.p, &escrow), CSIG_E_LEVEL);
    golden_free(&key), golden_free(&epoch), golden_free(&escrows);
}

static void expect_same(const char *name, const uint8_t *p, size_t len)
{
    story_octets then = golden_read(name, csig_level());

    assert_int_equal(then.len, len);
    assert_memory_equal(then.p, p, len);
    golden_free(&then);
}

static void made_again_it_is_the_same(void **state)
{
    static made m;

    (void)state;
    make(&m);
    expect_same(GOLDEN_AGAIN "recovery-key", m.sealed, m.sealed_len);
    expect_same(GOLDEN_AGAIN "recovery-epoch", m.epoch, sizeof m.epoch);
    expect_same(GOLDEN_AGAIN "recovery-escrows", m.escrows[0], sizeof m.escrows);
    expect_same(GOLDEN_AGAIN "recovery-birth", m.birth, sizeof m.birth);
    csig_recovery_free(m.key);
}

static int write_files(void)
{
    static made m;

    make(&m);
    golden_write(GOLDEN_AGAIN "recovery-key", m.sealed, m.sealed_len);
    golden_write(GOLDEN_AGAIN "recovery-epoch", m.epoch, sizeof m.epoch);
    golden_write(GOLDEN_AGAIN "recovery-escrows", m.escrows[0], sizeof m.escrows);
    golden_write(GOLDEN_AGAIN "recovery-birth", m.birth, sizeof m.birth);
    csig_recovery_free(m.key);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_share_is_recovered),
        cmocka_unit_test(of_the_other_level),
        cmocka_unit_test(made_again_it_is_the_same),
    };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) return write_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
