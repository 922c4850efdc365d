/* Backups that are refused: altered on the way, or signed by an owner who lies. */
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

/* Neither describes nor opens, for the same reason; nothing is left in what would be filled. */
static void expect_refused(const uint8_t *backup, size_t len, csig_err err)
{
    csig_share *share = (csig_share *)(uintptr_t)backup;
    csig_identity *id = (csig_identity *)(uintptr_t)backup;
    csig_backup_info info;

    assert_int_equal(csig_backup_describe(backup, len, &info), err);
    assert_int_equal(backups_open(backup, len, backups_phrase, &share, &id), err);
    assert_null(share);
    assert_null(id);
}

/* --- refusals --- */

static void wrong_passphrase(void **state)
{
    static const char *const wrong[] = {"open sesamE", "open sesame ", "open sesam", "o"};
    const backups *f = *state;
    csig_share *share;
    csig_identity *id;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        assert_int_equal(backups_open(f->backup, sizeof f->backup, wrong[i], &share, &id),
                         CSIG_E_SEAL);
        assert_true(share == NULL && id == NULL);
    }
    assert_int_equal(backups_open(f->backup, sizeof f->backup, "", &share, &id), CSIG_E_ARGUMENT);
}

/* Every octet, on the way. */
static void altered(void **state)
{
    static const csig_err errors[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};
    const backups *f = *state;
    uint8_t b[CSIG_BACKUP_BYTES + 1] = {0};

    memcpy(b, f->backup, CSIG_BACKUP_BYTES);
    for (size_t at = 0; at < CSIG_BACKUP_BYTES; at++) {
        b[at] ^= 0x10;
        expect_refused(b, CSIG_BACKUP_BYTES,
                       at < AT_LENGTH  ? errors[at]
                       : at < AT_OWNER ? CSIG_E_LENGTH
                                       : CSIG_E_SIGNATURE);
        b[at] ^= 0x10;
    }
    expect_refused(b, CSIG_BACKUP_BYTES + 1, CSIG_E_LENGTH);
    expect_refused(b, CSIG_BACKUP_BYTES - 1, CSIG_E_LENGTH);
    expect_refused(b, AT_LENGTH, CSIG_E_LENGTH);
    expect_refused(b, 0, CSIG_E_LENGTH);
}

/* The owner has signed what cannot be: numbers, backups_label, key, and what Argon2id is asked for.
 */
static void lies_of_the_owner(void **state)
{
    static const struct {
        size_t at;
        uint8_t octets[4];
        size_t len;
        csig_err err;
    } lies[] = {
        {AT_LABEL, {' '}, 1, CSIG_E_FORMAT},
        {AT_LABEL + 9, {0x7f}, 1, CSIG_E_FORMAT},
        {AT_LABEL + 9, {0x1b}, 1, CSIG_E_FORMAT},
        {AT_LABEL + 9, {0}, 1, CSIG_E_FORMAT},
        {AT_PUBLIC_KEY, {5}, 1, CSIG_E_FORMAT},
        {AT_REQUIRED, {0, 1}, 2, CSIG_E_FORMAT},
        {AT_REQUIRED, {0, 4}, 2, CSIG_E_FORMAT},
        {AT_PARTIES, {0, 17}, 2, CSIG_E_FORMAT},
        {AT_PARTIES, {0, 1}, 2, CSIG_E_FORMAT},
        {AT_INDEX, {0, 0}, 2, CSIG_E_FORMAT},
        {AT_INDEX, {0, 4}, 2, CSIG_E_FORMAT},
        {AT_OPS, {0, 0, 0, 0}, 4, CSIG_E_RANGE},
        {AT_OPS, {0, 0, 0, 17}, 4, CSIG_E_RANGE},
        {AT_OPS, {255, 255, 255, 255}, 4, CSIG_E_RANGE},
        {AT_MEMORY, {0, 0, 0x1f, 0xff}, 4, CSIG_E_RANGE},
        {AT_MEMORY, {0, 0x10, 0, 1}, 4, CSIG_E_RANGE},
        {AT_MEMORY, {255, 255, 255, 255}, 4, CSIG_E_RANGE},
    };
    const backups *f = *state;
    uint8_t b[CSIG_BACKUP_BYTES];

    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++) {
        memcpy(b, f->backup, sizeof b);
        memcpy(b + lies[i].at, lies[i].octets, lies[i].len);
        backups_sign(b, f->id[1]);
        expect_refused(b, sizeof b, lies[i].err);
    }
}

/* What could be, but is not what was sealed: bound to it, so nothing opens. */
static void swapped_fronts(void **state)
{
    static const size_t at[] = {AT_LABEL,        AT_KEY_ID + 4, AT_PUBLIC_KEY, AT_INDEX + 1,
                                AT_EPOCH + 7,    AT_ATTEMPT,    AT_STATE,      AT_GENERATION,
                                AT_SALT,         AT_MEMORY + 2, AT_SEALED,     AT_SEALED + 100,
                                AT_SIGNATURE - 1};
    const backups *f = *state;
    csig_backup_info info;
    csig_share *share;
    csig_identity *id;
    uint8_t b[CSIG_BACKUP_BYTES];

    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        memcpy(b, f->backup, sizeof b);
        b[at[i]] ^= 1;
        backups_sign(b, f->id[1]);
        assert_int_equal(csig_backup_describe(b, sizeof b, &info), CSIG_OK);
        assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_SEAL);
    }
    /* Somebody else says it is theirs. */
    memcpy(b, f->backup, sizeof b);
    memcpy(b + AT_OWNER, f->id[0]->key.id, 32);
    backups_sign(b, f->id[0]);
    assert_int_equal(csig_backup_describe(b, sizeof b, &info), CSIG_OK);
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_SEAL);
}

/* --- sealed by an owner who has the passphrase --- */

typedef struct inside {
    const csig_share *share;
    const csig_identity *id;
} inside;

static void inside_wire(csig_wire *w, void *msg)
{
    static csig_share measured;
    const inside *in = msg;
    uint8_t seed[32] = {0};
    csig_share share = w->op == CSIG_WIRE_MEASURE ? measured : *in->share;

    if (w->op == CSIG_WIRE_WRITE) memcpy(seed, in->id->key.secret, sizeof seed);
    csig_bytes_wire(w, seed, sizeof seed);
    csig_share_wire(w, &share);
}

static void seal_other(uint8_t *b, const backups *f, const csig_share *share,
                       const csig_identity *id, const csig_identity *owner)
{
    const csig_stretch how = {.ops = 1, .memory = CSIG_BACKUP_MEMORY_LEAST};
    const inside in = {share, id};
    const size_t len = csig_wire_size(inside_wire);
    uint8_t key[CSIG_STRETCH_KEY_BYTES], plain[CSIG_BACKUP_BYTES];
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_stretch salted = how;
    size_t sealed = 0;

    memcpy(b, f->backup, CSIG_BACKUP_BYTES);
    memcpy(b + AT_OWNER, owner->key.id, sizeof owner->key.id);
    memcpy(salted.salt, b + AT_SALT, sizeof salted.salt);
    assert_int_equal(
        csig_stretch_key(key, &salted, (const uint8_t *)backups_phrase, strlen(backups_phrase)),
        CSIG_OK);
    csig_wire_write(inside_wire, &in, plain, len);
    assert_int_equal(sealer.seal(sealer.ctx, b, AT_SEALED, plain, len, b + AT_SEALED, &sealed), 0);
    assert_int_equal(AT_SEALED + sealed, AT_SIGNATURE);
    backups_sign(b, owner);
}

static void another_inside(void **state)
{
    const backups *f = *state;
    uint8_t b[CSIG_BACKUP_BYTES];
    csig_share *share, *wrong = csig_share_alloc(), *later = csig_share_alloc();
    csig_identity *id;

    assert_true(wrong != NULL && later != NULL);
    *later = *f->share[1];
    later->epoch++;
    csig_share_derive(later);
    *wrong = *f->share[1];
    wrong->x.b[31] ^= 1;
    seal_other(b, f, f->share[1], f->id[1], f->id[1]);
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_OK);
    csig_share_free(share);
    csig_identity_free(id);
    seal_other(b, f, f->share[0], f->id[1], f->id[1]); /* another index */
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    seal_other(b, f, f->share[1], f->id[0], f->id[1]); /* another identity */
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    seal_other(b, f, wrong, f->id[1], f->id[1]);
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    seal_other(b, f, later, f->id[1], f->id[1]); /* another epoch */
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    seal_other(b, f, f->share[1], f->id[1], f->id[0]); /* sealed by somebody else */
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    seal_other(b, f, f->share[1], f->id[0], f->id[0]); /* and who is no party at this index */
    assert_int_equal(backups_open(b, sizeof b, backups_phrase, &share, &id), CSIG_E_FORMAT);
    assert_true(share == NULL && id == NULL);
    csig_share_free(later);
    csig_share_free(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_passphrase),  cmocka_unit_test(altered),
        cmocka_unit_test(lies_of_the_owner), cmocka_unit_test(swapped_fronts),
        cmocka_unit_test(another_inside),
    };

    return cmocka_run_group_tests(tests, backups_setup, backups_teardown);
}
