/* Recovery keys as objects: made, sealed, opened, fingerprinted. */
#include "countersign/recovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "share/parcel.h"
#include "support/hex.h"

static const uint8_t key[32] = {7};
static uint8_t sealed[512];

static void pairs_are_fresh(void **state)
{
    csig_recovery *a, *b;
    uint8_t pub[32], other[32], again[32];

    (void)state;
    assert_int_equal(csig_recovery_new(&a), CSIG_OK);
    assert_int_equal(csig_recovery_new(&b), CSIG_OK);
    csig_recovery_public(a, pub), csig_recovery_public(b, other);
    assert_memory_not_equal(pub, other, sizeof pub);
    csig_escrow_key_public(again, a->dk);
    assert_memory_equal(pub, again, sizeof pub);
    csig_recovery_free(a), csig_recovery_free(b), csig_recovery_free(NULL);
    assert_int_equal(csig_recovery_new(NULL), CSIG_E_ARGUMENT);
}

static void sealed_and_opened(void **state)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_recovery *a, *b = NULL;
    uint8_t pub[32], again[32];
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_recovery_new(&a), CSIG_OK);
    assert_int_equal(csig_recovery_export(a, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len <= sizeof sealed);
    assert_int_equal(csig_recovery_export(a, &sealer, sealed, &len), CSIG_OK);
    assert_int_equal(csig_recovery_import(&b, &sealer, sealed, len), CSIG_OK);
    csig_recovery_public(a, pub), csig_recovery_public(b, again);
    assert_memory_equal(pub, again, sizeof pub);
    assert_memory_equal(a->dk, b->dk, sizeof a->dk);
    csig_recovery_free(b);
    for (size_t at = 0; at < len; at++) {
        static const csig_err front[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};

        sealed[at] ^= 0x20;
        assert_int_equal(csig_recovery_import(&b, &sealer, sealed, len),
                         at < 3 ? front[at] : CSIG_E_SEAL);
        assert_null(b);
        sealed[at] ^= 0x20;
    }
    assert_int_equal(csig_recovery_import(&b, &sealer, sealed, 3), CSIG_E_LENGTH);
    assert_int_equal(csig_recovery_export(NULL, &sealer, sealed, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_export(a, NULL, sealed, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_import(NULL, &sealer, sealed, len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_import(&b, NULL, sealed, len), CSIG_E_ARGUMENT);
    csig_recovery_free(a);
}

/* H("recovery-fp", key): the octets are part of the format, people keep them on paper. */
static void fingerprints(void **state)
{
    uint8_t pub[32], print[32], other[32];
    csig_transcript t;

    (void)state;
    hex_read(pub, 32, "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c");
    assert_int_equal(csig_recovery_fingerprint(pub, print), CSIG_OK);
    csig_transcript_init(&t, CSIG_LABEL_RECOVERY_FP);
    csig_transcript_bytes(&t, pub, sizeof pub);
    csig_transcript_hash32(&t, other);
    assert_memory_equal(print, other, sizeof print);
    pub[0] ^= 1;
    assert_int_equal(csig_recovery_fingerprint(pub, other), CSIG_OK);
    assert_memory_not_equal(print, other, sizeof print);
    memset(pub, 0, sizeof pub);
    assert_int_equal(csig_recovery_fingerprint(pub, print), CSIG_E_POINT);
    assert_int_equal(csig_recovery_fingerprint(NULL, print), CSIG_E_ARGUMENT);
    assert_int_equal(csig_recovery_fingerprint(pub, NULL), CSIG_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_fresh),
        cmocka_unit_test(sealed_and_opened),
        cmocka_unit_test(fingerprints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
