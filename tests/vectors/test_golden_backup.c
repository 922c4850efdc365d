/* Backups of the golden shares: read for ever, and made today as the same octets. With --write it
 * writes those of this build's level and format version instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "share/device.h"
#include "share/share.h"
#include "support/random.h"
#include "vectors/golden.h"

static const char *const names[2] = {"backup-1", "backup-2"};
static const char phrase[] = "golden";
static const char label[] = "0f0e0d0c0b0a09080706050403020100";

static void make(uint8_t backup[2][CSIG_BACKUP_BYTES])
{
    story st;

    golden_open_all(&st, GOLDEN_FIRST);
    random_seed(15);
    for (int i = 0; i < 2; i++) {
        const csig_backup_params p = {
            .share = st.share[i],
            .identity = st.id[i],
            .generation = (uint64_t)i, /* device 2 has none */
            .label = label,
            .passphrase = (const uint8_t *)phrase,
            .passphrase_len = sizeof phrase - 1,
            .ops = (uint32_t)i + 1,
            .memory = CSIG_BACKUP_MEMORY_LEAST,
        };

        assert_int_equal(csig_backup_make(backup[i], &p), CSIG_OK);
    }
    story_free(&st);
}

static csig_err opened(const story_octets *o, csig_share **share, csig_identity **id)
{
    return csig_backup_open(o->p, o->len, (const uint8_t *)phrase, sizeof phrase - 1, share, id);
}

static void backups_are_read(void **state)
{
    story st;

    (void)state;
    golden_open_all(&st, GOLDEN_FIRST);
    for (int i = 0; i < 2; i++) {
        story_octets o = golden_read(names[i], csig_level());
        uint8_t then[CSIG_HASH_BYTES], now[CSIG_HASH_BYTES];
        csig_backup_info info;
        csig_share *share;
        csig_identity *id;

        assert_int_equal(csig_backup_describe(o.p, o.len, &info), CSIG_OK);
        assert_string_equal(info.label, label);
        assert_true(info.generation == (uint64_t)i && info.ops == (uint32_t)i + 1);
        assert_int_equal(info.share.self, i + 1);
        assert_int_equal(opened(&o, &share, &id), CSIG_OK);
        csig_share_public_hash(share, now);
        csig_share_public_hash(st.share[i], then);
        assert_memory_equal(now, then, sizeof then);
        assert_true(csig_scalar_is_eq(&share->x, &st.share[i]->x));
        assert_memory_equal(share->cc, st.share[i]->cc, sizeof share->cc);
        assert_memory_equal(id->key.secret, st.id[i]->key.secret, sizeof id->key.secret);
        csig_share_free(share);
        csig_identity_free(id);
        golden_free(&o);
    }
    story_free(&st);
}

static void they_belong_together(void **state)
{
    csig_backup_info info[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        story_octets o = golden_read(names[i], csig_level());

        assert_int_equal(csig_backup_describe(o.p, o.len, &info[i]), CSIG_OK);
        golden_free(&o);
    }
    assert_int_equal(csig_backups_belong(&info[0], &info[1]), CSIG_OK);
}

static void another_octet_or_level_is_named(void **state)
{
    static const csig_err errors[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};
    story_octets o = golden_read(names[0], csig_level());
    story_octets other = golden_read(names[0], csig_level() == 128 ? 112 : 128);
    csig_share *share;
    csig_identity *id;

    (void)state;
    assert_int_equal(opened(&other, &share, &id), CSIG_E_LEVEL);
    for (size_t at = 0; at < CSIG_ARRAY_LEN(errors); at++) {
        o.p[at]++;
        assert_int_equal(opened(&o, &share, &id), errors[at]);
        o.p[at]--;
    }
    o.p[o.len / 2] ^= 1;
    assert_int_equal(opened(&o, &share, &id), CSIG_E_SIGNATURE);
    golden_free(&other);
    golden_free(&o);
}

static void made_today_they_are_the_same(void **state)
{
    static uint8_t backup[2][CSIG_BACKUP_BYTES];

    (void)state;
    make(backup);
    for (int i = 0; i < 2; i++) {
        story_octets o = golden_read(names[i], csig_level());

        assert_int_equal(o.len, CSIG_BACKUP_BYTES);
        assert_memory_equal(backup[i], o.p, o.len);
        golden_free(&o);
    }
}

static int write_files(void)
{
    static uint8_t backup[2][CSIG_BACKUP_BYTES];

    make(backup);
    for (int i = 0; i < 2; i++)
        golden_write(names[i], backup[i], CSIG_BACKUP_BYTES);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backups_are_read),
        cmocka_unit_test(they_belong_together),
        cmocka_unit_test(another_octet_or_level_is_named),
        cmocka_unit_test(made_today_they_are_the_same),
    };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) return write_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
