/* Identities: public half, statements, sealing. */
#include "share/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/level.h"
#include "crypto/header.h"
#include "support/open_sealer.h"

#define ROOM 512

static const uint8_t key[32] = {4};

static void identities_differ(void **state)
{
    csig_identity *a, *b;
    uint8_t pa[CSIG_IDENTITY_BYTES], pb[CSIG_IDENTITY_BYTES], sa[32], again[32];

    (void)state;
    assert_int_equal(csig_identity_new(&a), CSIG_OK);
    assert_int_equal(csig_identity_new(&b), CSIG_OK);
    csig_identity_public(a, pa);
    csig_identity_public(b, pb);
    assert_memory_not_equal(pa, pb, sizeof pa);
    csig_identity_seed(a, sa);
    csig_identity_seed(a, again);
    assert_memory_equal(sa, again, sizeof sa);
    csig_identity_seed(b, again);
    assert_memory_not_equal(sa, again, sizeof sa);
    csig_identity_free(a);
    csig_identity_free(b);
    csig_identity_free(NULL);
}

static void statements(void **state)
{
    const uint8_t msg[] = "enrol";
    uint8_t pub[CSIG_IDENTITY_BYTES], sig[64];
    csig_identity *id;

    (void)state;
    assert_int_equal(csig_identity_new(&id), CSIG_OK);
    csig_identity_public(id, pub);
    assert_int_equal(csig_identity_sign(id, "use", msg, sizeof msg, sig), CSIG_OK);
    assert_int_equal(csig_identity_verify(pub, "use", msg, sizeof msg, sig), CSIG_OK);
    /* another use, another text, and the boundary between the two moved */
    assert_int_equal(csig_identity_verify(pub, "usf", msg, sizeof msg, sig), CSIG_E_SIGNATURE);
    assert_int_equal(csig_identity_verify(pub, "use", msg, sizeof msg - 1, sig), CSIG_E_SIGNATURE);
    assert_int_equal(csig_identity_verify(pub, "usee", msg + 1, sizeof msg - 1, sig),
                     CSIG_E_SIGNATURE);
    sig[0] ^= 1;
    assert_int_equal(csig_identity_verify(pub, "use", msg, sizeof msg, sig), CSIG_E_SIGNATURE);
    csig_identity_free(id);
}

static void uses_are_short_and_named(void **state)
{
    const uint8_t msg[] = "x";
    uint8_t sig[64];
    csig_identity *id;

    (void)state;
    assert_int_equal(csig_identity_new(&id), CSIG_OK);
    assert_int_equal(csig_identity_sign(id, "", msg, 1, sig), CSIG_E_ARGUMENT);
    assert_int_equal(csig_identity_sign(id, NULL, msg, 1, sig), CSIG_E_ARGUMENT);
    assert_int_equal(csig_identity_sign(id, "12345678901234567890123456789012", msg, 1, sig),
                     CSIG_OK);
    assert_int_equal(csig_identity_sign(id, "123456789012345678901234567890123", msg, 1, sig),
                     CSIG_E_ARGUMENT);
    csig_identity_free(id);
}

static void round_trip(void **state)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    uint8_t out[ROOM], pub[CSIG_IDENTITY_BYTES], sig[64];
    csig_identity *id, *back;
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_identity_new(&id), CSIG_OK);
    assert_int_equal(csig_identity_export(id, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len <= ROOM);
    assert_int_equal(csig_identity_export(id, &sealer, out, &len), CSIG_OK);
    csig_identity_public(id, pub);
    csig_identity_free(id);
    assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_OK);
    assert_int_equal(csig_identity_sign(back, "use", out, len, sig), CSIG_OK);
    assert_int_equal(csig_identity_verify(pub, "use", out, len, sig), CSIG_OK);
    csig_identity_free(back);
}

static void refusals(void **state)
{
    const uint8_t other[32] = {5};
    const csig_sealer sealer = csig_sealer_from_key(key), wrong = csig_sealer_from_key(other);
    uint8_t out[ROOM];
    csig_identity *id, *back = (csig_identity *)out;
    size_t len = sizeof out;

    (void)state;
    assert_int_equal(csig_identity_new(&id), CSIG_OK);
    assert_int_equal(csig_identity_export(id, &sealer, out, &len), CSIG_OK);
    csig_identity_free(id);
    assert_int_equal(csig_identity_import(&back, &wrong, out, len), CSIG_E_SEAL);
    assert_null(back);
    assert_int_equal(csig_identity_import(&back, &sealer, out, 0), CSIG_E_LENGTH);
    out[3] ^= 1; /* the id in clear is bound to the sealed part */
    assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_E_SEAL);
    out[3] ^= 1;
    out[0] = CSIG_KIND_SHARE;
    assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_E_KIND);
    out[0] = CSIG_KIND_IDENTITY;
    out[1]++;
    assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_E_VERSION);
    out[1]--;
    out[2] ^= 128 ^ 112;
    assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_E_LEVEL);
}

/* What stands in clear has to be what is sealed, even if the host's sealer does not see to it. */
static void the_clear_part_is_checked(void **state)
{
    const csig_sealer sealer = open_sealer();
    /* the id in clear, the epoch where there is none, the seed, the public key */
    static const size_t at[] = {CSIG_KIND_BYTES, CSIG_OBJECT_CLEAR_BYTES - 1,
                                CSIG_OBJECT_CLEAR_BYTES, CSIG_OBJECT_CLEAR_BYTES + 32};
    uint8_t out[ROOM];
    csig_identity *id, *back;

    (void)state;
    assert_int_equal(csig_identity_new(&id), CSIG_OK);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        size_t len = sizeof out;

        assert_int_equal(csig_identity_export(id, &sealer, out, &len), CSIG_OK);
        out[at[i]] ^= 1;
        assert_int_equal(csig_identity_import(&back, &sealer, out, len), CSIG_E_FORMAT);
        assert_null(back);
    }
    csig_identity_free(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities_differ),
        cmocka_unit_test(statements),
        cmocka_unit_test(uses_are_short_and_named),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_clear_part_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
