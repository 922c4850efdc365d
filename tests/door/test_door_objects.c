/* The door from outside: what the library is, what rests sealed, statements, shares. */
#include "hall.h"

#include <stdlib.h>
#include <string.h>

static void what_library_it_is(void **state)
{
    const char *version = csig_version();
    unsigned dots = 0;

    (void)state;
    assert_true(csig_level() == 128 || csig_level() == 112);
    for (const char *p = version; *p != 0; p++)
        dots += *p == '.';
    assert_int_equal(dots, 2);
    assert_int_equal(csig_init(), CSIG_OK);
    for (int i = -1; i < 300; i++) {
        assert_true(strlen(csig_err_text((csig_err)i)) > 0);
        assert_true(strlen(csig_err_name((csig_err)i)) > 0);
    }
    assert_int_equal(csig_err_class(CSIG_OK), CSIG_CLASS_NONE);
}

/* --- what rests --- */

typedef csig_err exporter(const void *object, const csig_sealer *sealer, uint8_t *out, size_t *len);
typedef csig_err importer(void **object, const csig_sealer *sealer, const uint8_t *in, size_t len);

#define AT_REST(type)                                                                              \
    static csig_err export_##type(const void *object, const csig_sealer *sealer, uint8_t *out,     \
                                  size_t *len)                                                     \
    {                                                                                              \
        return csig_##type##_export(object, sealer, out, len);                                     \
    }                                                                                              \
    static csig_err import_##type(void **object, const csig_sealer *sealer, const uint8_t *in,     \
                                  size_t len)                                                      \
    {                                                                                              \
        csig_##type *made = NULL;                                                                  \
        const csig_err err = csig_##type##_import(&made, sealer, in, len);                         \
                                                                                                   \
        *object = made;                                                                            \
        return err;                                                                                \
    }                                                                                              \
    static void free_##type(void *object)                                                          \
    {                                                                                              \
        csig_##type##_free(object);                                                                \
    }

AT_REST(identity)
AT_REST(primes)
AT_REST(aux)
AT_REST(peer)
AT_REST(share)
AT_REST(presig)

static const struct {
    const char *file;
    exporter *give;
    importer *take;
    void (*free)(void *);
} kinds[] = {
    {"identity-1", export_identity, import_identity, free_identity},
    {"primes-1", export_primes, import_primes, free_primes},
    {"aux-1", export_aux, import_aux, free_aux},
    {"peer-1", export_peer, import_peer, free_peer},
    {"share-1", export_share, import_share, free_share},
    {"presig-1", export_presig, import_presig, free_presig},
};

static uint8_t *octets_of(size_t kind, size_t *len)
{
    uint8_t *p = hall_file(kinds[kind].file, len), *record;
    size_t more = 0;

    if (strcmp(kinds[kind].file, "aux-1") != 0) return p;
    record = hall_file("record-1", &more);
    memcpy(p + *len, record, more);
    *len += more;
    free(record);
    return p;
}

static void expect_refused(const hall *h, size_t kind, const uint8_t *p, size_t len, csig_err err)
{
    void *object = &len;

    assert_int_equal(kinds[kind].take(&object, &h->sealer, p, len), err);
    assert_null(object);
}

static void the_first_octets_say_what_it_is(void **state)
{
    static const csig_err errors[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};

    for (size_t k = 0; k < HALL_COUNT(kinds); k++) {
        size_t len = 0, other_len = 0;
        uint8_t *p = octets_of(k, &len);
        uint8_t *other = octets_of((k + 1) % HALL_COUNT(kinds), &other_len);

        for (size_t at = 0; at < HALL_COUNT(errors); at++) {
            p[at] ^= 0x20;
            expect_refused(*state, k, p, len, errors[at]);
            p[at] ^= 0x20;
        }
        expect_refused(*state, k, other, other_len, CSIG_E_KIND);
        expect_refused(*state, k, p, 0, CSIG_E_LENGTH);
        expect_refused(*state, k, p, 2, CSIG_E_LENGTH);
        expect_refused(*state, k, p, 3, CSIG_E_LENGTH);
        p[len - 1] ^= 1;
        expect_refused(*state, k, p, len, CSIG_E_SEAL);
        free(other);
        free(p);
    }
}

static int refuse_to_seal(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *plain,
                          size_t len, uint8_t *out, size_t *out_len)
{
    (void)ctx, (void)ad, (void)ad_len, (void)plain;
    memset(out, 0xee, len);
    *out_len = len;
    return 1;
}

static void sealers_that_fail(void **state)
{
    const hall *h = *state;
    const uint8_t other_key[32] = {9};
    const csig_sealer other = csig_sealer_from_key(other_key);
    const csig_sealer closed = {.seal = refuse_to_seal, .open = refuse_to_seal};

    for (size_t k = 0; k < HALL_COUNT(kinds); k++) {
        size_t len = 0, room = 1 << 18;
        uint8_t *p = octets_of(k, &len), *out = malloc(room);
        void *object, *none = &len;

        assert_non_null(out);
        assert_int_equal(kinds[k].take(&object, &h->sealer, p, len), CSIG_OK);
        assert_int_equal(kinds[k].give(object, &closed, out, &room), CSIG_E_HOST);
        assert_int_equal(kinds[k].take(&none, &closed, p, len), CSIG_E_SEAL);
        assert_null(none);
        assert_int_equal(kinds[k].take(&none, &other, p, len), CSIG_E_SEAL);
        assert_null(none);
        kinds[k].free(object);
        free(out);
        free(p);
    }
}

static void room_for_what_is_exported(void **state)
{
    const hall *h = *state;

    for (size_t k = 0; k < HALL_COUNT(kinds); k++) {
        size_t len = 0, need = 0;
        uint8_t *p = octets_of(k, &len), *out;
        void *object, *again;

        assert_int_equal(kinds[k].take(&object, &h->sealer, p, len), CSIG_OK);
        assert_int_equal(kinds[k].give(object, &h->sealer, NULL, &need), CSIG_E_BUFFER);
        assert_true(need >= len);
        out = malloc(need);
        assert_non_null(out);
        len = need - 1;
        assert_int_equal(kinds[k].give(object, &h->sealer, out, &len), CSIG_E_BUFFER);
        assert_int_equal(len, need);
        assert_int_equal(kinds[k].give(object, &h->sealer, out, &len), CSIG_OK);
        assert_true(len <= need);
        assert_int_equal(kinds[k].take(&again, &h->sealer, out, len), CSIG_OK);
        kinds[k].free(again);
        kinds[k].free(object);
        kinds[k].free(NULL);
        free(out);
        free(p);
    }
}

/* --- statements --- */

static void statements(void **state)
{
    static const char longest[] = "12345678901234567890123456789012";
    static const char too_long[] = "123456789012345678901234567890123";
    const hall *h = *state;
    uint8_t pub[CSIG_IDENTITY_BYTES], other[CSIG_IDENTITY_BYTES], signature[64];
    const uint8_t msg[] = "enrol";

    csig_identity_public(h->id[0], pub);
    csig_identity_public(h->id[1], other);
    assert_int_equal(csig_identity_sign(h->id[0], longest, msg, sizeof msg, signature), CSIG_OK);
    assert_int_equal(csig_identity_verify(pub, longest, msg, sizeof msg, signature), CSIG_OK);
    assert_int_equal(csig_identity_verify(pub, "1", msg, sizeof msg, signature), CSIG_E_SIGNATURE);
    assert_int_equal(csig_identity_verify(pub, longest, msg, sizeof msg - 1, signature),
                     CSIG_E_SIGNATURE);
    assert_int_equal(csig_identity_verify(other, longest, msg, sizeof msg, signature),
                     CSIG_E_SIGNATURE);
    assert_int_equal(csig_identity_sign(h->id[0], too_long, msg, sizeof msg, signature),
                     CSIG_E_ARGUMENT);
    assert_int_equal(csig_identity_sign(h->id[0], "", msg, sizeof msg, signature), CSIG_E_ARGUMENT);
    assert_int_equal(csig_identity_sign(h->id[0], NULL, msg, sizeof msg, signature),
                     CSIG_E_ARGUMENT);
}

/* --- backups --- */

static void backups(void **state)
{
    static const uint8_t phrase[] = "golden", wrong[] = "Golden";
    const hall *h = *state;
    size_t len = 0;
    uint8_t *golden = hall_file("backup-1", &len), again[CSIG_BACKUP_BYTES];
    csig_backup_info info[2];
    csig_backup_params p = {.label = "hall", .passphrase = phrase, .passphrase_len = 6};
    csig_share *share;
    csig_identity *id;

    p.share = h->share[1];
    p.identity = h->id[1];
    p.ops = 1;
    p.memory = CSIG_BACKUP_MEMORY_LEAST;
    assert_int_equal(csig_backup_describe(golden, len, &info[0]), CSIG_OK);
    assert_int_equal(csig_backup_open(golden, len, wrong, 6, &share, &id), CSIG_E_SEAL);
    assert_int_equal(csig_backup_open(golden, len, phrase, 6, &share, &id), CSIG_OK);
    assert_int_equal(csig_backup_make(again, &p), CSIG_OK);
    assert_int_equal(csig_backup_describe(again, sizeof again, &info[1]), CSIG_OK);
    assert_string_equal(info[1].label, "hall");
    assert_int_equal(csig_backups_belong(&info[0], &info[1]), CSIG_OK);
    golden[len - 1] ^= 1;
    assert_int_equal(csig_backup_describe(golden, len, &info[0]), CSIG_E_SIGNATURE);
    csig_share_free(share);
    csig_identity_free(id);
    free(golden);
}

/* --- shares --- */

static void shares(void **state)
{
    const hall *h = *state;
    uint8_t octets[CSIG_PUBKEY_BYTES], identity[CSIG_IDENTITY_BYTES];
    csig_share_info info;

    csig_share_describe(h->share[1], &info);
    assert_true(info.signers_required == 2 && info.parties == 2 && info.self == 2);
    for (uint16_t i = 0; i < 5; i++) {
        const csig_err err = i == 1 || i == 2 ? CSIG_OK : CSIG_E_ARGUMENT;

        assert_int_equal(csig_share_identity(h->share[0], i, identity), err);
        assert_int_equal(csig_share_public(h->share[0], i, octets), err);
    }
}

static void child_keys(void **state)
{
    static const uint32_t deep[CSIG_PATH_MAX + 1] = {0}, hardened[] = {44, 0x80000000U};
    const hall *h = *state;
    uint8_t child[CSIG_PUBKEY_BYTES], same[CSIG_PUBKEY_BYTES], cc[32];
    csig_share_info info;

    csig_share_describe(h->share[0], &info);
    assert_int_equal(csig_share_child(h->share[0], NULL, 0, child, cc), CSIG_OK);
    assert_memory_equal(child, info.public_key, sizeof child);
    assert_int_equal(csig_share_child(h->share[0], deep, CSIG_PATH_MAX, child, NULL), CSIG_OK);
    assert_int_equal(csig_child(info.public_key, cc, deep, CSIG_PATH_MAX, same, cc), CSIG_OK);
    assert_memory_equal(child, same, sizeof child);
    assert_int_equal(csig_share_child(h->share[0], deep, CSIG_PATH_MAX + 1, child, NULL),
                     CSIG_E_PATH);
    assert_int_equal(csig_share_child(h->share[0], hardened, 2, child, NULL), CSIG_E_PATH);
    assert_int_equal(csig_share_child(h->share[0], NULL, 1, child, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_child(info.public_key, cc, hardened, 2, child, cc), CSIG_E_PATH);
    info.public_key[0] = 5;
    assert_int_equal(csig_child(info.public_key, cc, deep, 1, child, cc), CSIG_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_library_it_is), cmocka_unit_test(the_first_octets_say_what_it_is),
        cmocka_unit_test(sealers_that_fail),  cmocka_unit_test(room_for_what_is_exported),
        cmocka_unit_test(statements),         cmocka_unit_test(shares),
        cmocka_unit_test(child_keys),         cmocka_unit_test(backups),
    };

    return cmocka_run_group_tests(tests, hall_open, hall_close);
}
