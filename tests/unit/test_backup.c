/* Backups: what they say, what opens them, and what is asked of who makes one. */
#include "countersign/backup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "crypto/stretch.h"
#include "support/backups.h"

/* --- what it says --- */

static void the_front(void **state)
{
    static const uint8_t front[] = {10, CSIG_FORMAT_VERSION, CSIG_LEVEL, 0, 0, 0x08, 0x5c};
    static const uint8_t numbers[] = {0, 2, 0, 3, 0, 2, 0, 0, 0, 0, 0,
                                      0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2};
    static const uint8_t generation[] = {0, 0, 0, 0, 0, 0, 0, 7}, least[] = {0, 0, 0, 1, 0, 0, 32};
    const backups *f = *state;
    const uint8_t *b = f->backup;
    uint8_t key[CSIG_PUBKEY_BYTES];

    csig_point_to_bytes(key, &f->share[1]->pk);
    assert_memory_equal(b, front, sizeof front);
    assert_memory_equal(b + AT_OWNER, f->id[1]->key.id, 32);
    assert_memory_equal(b + AT_LABEL, backups_label, 32);
    assert_memory_equal(b + AT_KEY_ID, f->share[1]->key_id, 32);
    assert_memory_equal(b + AT_PUBLIC_KEY, key, sizeof key);
    assert_memory_equal(b + AT_REQUIRED, numbers, sizeof numbers);
    assert_memory_equal(b + AT_STATE, f->share[1]->epoch_state, 32);
    assert_memory_equal(b + AT_GENERATION, generation, sizeof generation);
    assert_memory_equal(b + AT_OPS, least, sizeof least);
    assert_int_equal(AT_SIGNATURE + CSIG_ED_SIG_BYTES, CSIG_BACKUP_BYTES);
}

static void description(void **state)
{
    const backups *f = *state;
    const csig_share *s = f->share[1];
    uint8_t fingerprint[32];
    csig_backup_info info;
    csig_transcript t;

    assert_int_equal(csig_backup_describe(f->backup, sizeof f->backup, &info), CSIG_OK);
    assert_string_equal(info.label, backups_label);
    assert_memory_equal(info.owner, f->id[1]->key.id, sizeof info.owner);
    assert_memory_equal(info.share.key_id, s->key_id, 32);
    assert_memory_equal(info.share.public_key, f->backup + AT_PUBLIC_KEY, CSIG_PUBKEY_BYTES);
    assert_true(info.share.signers_required == BACKUPS_T && info.share.parties == BACKUPS_N);
    assert_true(info.share.self == 2 && info.share.epoch == 3 && info.share.epoch_attempt == 258);
    assert_memory_equal(info.share.epoch_state, s->epoch_state, 32);
    assert_true(info.generation == 7 && info.ops == 1);
    assert_int_equal(info.memory, CSIG_BACKUP_MEMORY_LEAST);
    csig_transcript_init(&t, CSIG_LABEL_BACKUP_FINGERPRINT);
    csig_transcript_bytes(&t, s->key_id, 32);
    csig_transcript_u64(&t, 3);
    csig_transcript_u64(&t, 258);
    csig_transcript_bytes(&t, s->epoch_state, 32);
    csig_transcript_party(&t, 2);
    csig_transcript_hash32(&t, fingerprint);
    assert_memory_equal(info.fingerprint, fingerprint, sizeof fingerprint);
}

static void hash_and_length(void **state)
{
    const backups *f = *state;
    uint8_t hash[32], expected[32], two[2 * CSIG_BACKUP_BYTES];
    csig_transcript t;
    size_t len = 0;

    csig_transcript_init(&t, CSIG_LABEL_BACKUP_HASH);
    csig_transcript_bytes(&t, f->backup, sizeof f->backup);
    csig_transcript_hash32(&t, expected);
    assert_int_equal(csig_backup_hash(f->backup, sizeof f->backup, hash), CSIG_OK);
    assert_memory_equal(hash, expected, sizeof hash);
    memcpy(two, f->backup, CSIG_BACKUP_BYTES);
    memcpy(two + CSIG_BACKUP_BYTES, f->backup, CSIG_BACKUP_BYTES);
    assert_int_equal(csig_backup_length(two, sizeof two, &len), CSIG_OK);
    assert_int_equal(len, CSIG_BACKUP_BYTES);
    assert_int_equal(csig_backup_length(two, CSIG_BACKUP_BYTES - 1, &len), CSIG_E_LENGTH);
    assert_int_equal(csig_backup_length(two, 0, &len), CSIG_E_LENGTH);
    two[AT_LENGTH + 2]++;
    assert_int_equal(csig_backup_length(two, sizeof two, &len), CSIG_E_LENGTH);
    two[0] = CSIG_KIND_ENVELOPE;
    assert_int_equal(csig_backup_length(two, sizeof two, &len), CSIG_E_KIND);
}

/* --- opening --- */

static void what_was_sealed_is_back(void **state)
{
    const backups *f = *state;
    uint8_t a[CSIG_HASH_BYTES], b[CSIG_HASH_BYTES];
    csig_share *share;
    csig_identity *id;

    assert_int_equal(backups_open(f->backup, sizeof f->backup, backups_phrase, &share, &id),
                     CSIG_OK);
    csig_share_public_hash(f->share[1], a);
    csig_share_public_hash(share, b);
    assert_memory_equal(a, b, sizeof a);
    assert_true(csig_scalar_is_eq(&share->x, &f->share[1]->x));
    assert_memory_equal(share->cc, f->share[1]->cc, sizeof share->cc);
    assert_int_equal(share->self, 2);
    assert_memory_equal(id->key.secret, f->id[1]->key.secret, sizeof id->key.secret);
    assert_memory_equal(id->key.id, f->id[1]->key.id, sizeof id->key.id);
    csig_share_free(share);
    csig_identity_free(id);
}

/* Every number of parties there can be, both ends of it. */
static void small_and_large_committees(void **state)
{
    static const uint16_t sizes[][2] = {{2, 2}, {2, 16}, {16, 16}};

    (void)state;
    for (size_t k = 0; k < CSIG_ARRAY_LEN(sizes); k++) {
        csig_identity *id[CSIG_MAX_PARTIES], *back_id;
        csig_share *share[CSIG_MAX_PARTIES], *back;
        const uint16_t n = sizes[k][1];
        uint8_t backup[CSIG_BACKUP_BYTES];
        csig_backup_params p = {.label = "", .passphrase = (const uint8_t *)backups_phrase};

        deal_identities(id, n);
        deal_shares(share, id, sizes[k][0], n);
        p.share = share[n - 1];
        p.identity = id[n - 1];
        p.passphrase_len = 1;
        p.ops = 1;
        p.memory = CSIG_BACKUP_MEMORY_LEAST;
        assert_int_equal(csig_backup_make(backup, &p), CSIG_OK);
        assert_int_equal(backups_open(backup, sizeof backup, "o", &back, &back_id), CSIG_OK);
        assert_int_equal(back->self, n);
        assert_int_equal(back->t, sizes[k][0]);
        csig_share_free(back);
        csig_identity_free(back_id);
        for (int i = 0; i < n; i++) {
            csig_share_free(share[i]);
            csig_identity_free(id[i]);
        }
    }
}

static void two_of_one_share_differ(void **state)
{
    const backups *f = *state;
    const csig_backup_params p = backups_params(f, 1);
    uint8_t again[CSIG_BACKUP_BYTES];

    assert_int_equal(csig_backup_make(again, &p), CSIG_OK);
    assert_memory_equal(again, f->backup, AT_SALT);
    assert_memory_not_equal(again + AT_SALT, f->backup + AT_SALT, CSIG_STRETCH_SALT_BYTES);
    for (size_t i = AT_SEALED; i + 16 <= AT_SIGNATURE; i += 16)
        assert_memory_not_equal(again + i, f->backup + i, 16);
}

/* --- making --- */

static void what_cannot_be_made(void **state)
{
    static const char long_label[] = "00112233445566778899aabbccddeeff0";
    const backups *f = *state;
    const csig_backup_params good = backups_params(f, 1);
    csig_backup_params p = good;
    uint8_t b[CSIG_BACKUP_BYTES];

    p.identity = f->id[0];
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.label = long_label;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p.label = "a b";
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.passphrase_len = 0;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.ops = 0;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_RANGE);
    p.ops = CSIG_BACKUP_OPS_MOST + 1;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_RANGE);
    p = good;
    p.memory = CSIG_BACKUP_MEMORY_LEAST - 1;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_RANGE);
    p.memory = CSIG_BACKUP_MEMORY_MOST + 1;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_RANGE);
}

static void pointers_that_are_missing(void **state)
{
    const backups *f = *state;
    const csig_backup_params good = backups_params(f, 1);
    csig_backup_params p = good;
    csig_backup_info info = {0};
    uint8_t b[CSIG_BACKUP_BYTES], hash[32];
    csig_share *share;
    csig_identity *id;
    size_t len;

    assert_int_equal(csig_backup_make(NULL, &p), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_make(b, NULL), CSIG_E_ARGUMENT);
    p.share = NULL;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.identity = NULL;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.label = NULL;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    p = good;
    p.passphrase = NULL;
    assert_int_equal(csig_backup_make(b, &p), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_length(NULL, 9, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_length(f->backup, 9, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_describe(NULL, 9, &info), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_describe(f->backup, 9, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_hash(NULL, 9, hash), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_hash(f->backup, 9, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backups_belong(NULL, &info), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backups_belong(&info, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_open(NULL, 9, b, 1, &share, &id), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_open(f->backup, 9, NULL, 1, &share, &id), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_open(f->backup, 9, b, 1, NULL, &id), CSIG_E_ARGUMENT);
    assert_int_equal(csig_backup_open(f->backup, 9, b, 1, &share, NULL), CSIG_E_ARGUMENT);
}

/* --- two of them --- */

static void belonging(void **state)
{
    const backups *f = *state;
    csig_backup_info a, b, c;
    uint8_t other[CSIG_BACKUP_BYTES];
    const csig_backup_params p = backups_params(f, 2);

    assert_int_equal(csig_backup_describe(f->backup, sizeof f->backup, &a), CSIG_OK);
    assert_int_equal(csig_backup_make(other, &p), CSIG_OK);
    assert_int_equal(csig_backup_describe(other, sizeof other, &b), CSIG_OK);
    assert_int_equal(csig_backups_belong(&a, &b), CSIG_OK);
    assert_int_equal(csig_backups_belong(&a, &a), CSIG_E_PARTIES);
    assert_memory_not_equal(a.fingerprint, b.fingerprint, sizeof a.fingerprint);
    c = b;
    c.share.key_id[0] ^= 1;
    assert_int_equal(csig_backups_belong(&a, &c), CSIG_E_PARTIES);
    c = b;
    c.share.public_key[0] ^= 1;
    assert_int_equal(csig_backups_belong(&a, &c), CSIG_E_PARTIES);
    c = b;
    c.share.epoch++;
    assert_int_equal(csig_backups_belong(&a, &c), CSIG_E_EPOCH);
    c = b;
    c.share.epoch_attempt++;
    assert_int_equal(csig_backups_belong(&a, &c), CSIG_E_EPOCH);
    c = b;
    c.share.epoch_state[31] ^= 1;
    assert_int_equal(csig_backups_belong(&a, &c), CSIG_E_EPOCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_front),
        cmocka_unit_test(description),
        cmocka_unit_test(hash_and_length),
        cmocka_unit_test(what_was_sealed_is_back),
        cmocka_unit_test(small_and_large_committees),
        cmocka_unit_test(two_of_one_share_differ),
        cmocka_unit_test(what_cannot_be_made),
        cmocka_unit_test(pointers_that_are_missing),
        cmocka_unit_test(belonging),
    };

    return cmocka_run_group_tests(tests, backups_setup, backups_teardown);
}
