/* Keys in and out, and each signature judged by OpenSSL and by us. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "api/judge.h"
#include "auth/key.h"

static const csigd_key_algorithm algorithms[] = {CSIGD_KEY_ED25519, CSIGD_KEY_P256};
static const char message[] = "\"@method\": POST\n\"@signature-params\": (\"@method\")";

#define N_ALGORITHMS (sizeof algorithms / sizeof algorithms[0])

static bool is_ours(const csigd_key *key, const char *text, const uint8_t *signature, size_t len)
{
    const csigd_auth error =
        csigd_key_verify(key, (const uint8_t *)text, strlen(text), signature, len);

    assert_true(error == CSIGD_AUTH_OK || error == CSIGD_AUTH_BAD_SIGNATURE);
    return error == CSIGD_AUTH_OK;
}

static void our_signatures_convince_openssl(void **state)
{
    (void)state;
    for (size_t i = 0; i < 16 * N_ALGORITHMS; i++) {
        uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES], der[CSIGD_KEY_PUBLIC_MAX];
        csigd_key_secret secret;
        csigd_signer signer;
        EVP_PKEY *judge;

        assert_int_equal(csigd_key_make(&secret, algorithms[i % N_ALGORITHMS]), CSIGD_AUTH_OK);
        assert_int_equal(csigd_signer_of(&signer, &secret), CSIGD_AUTH_OK);
        assert_int_equal(
            signer.sign(signer.context, signature, (const uint8_t *)message, strlen(message)),
            CSIGD_AUTH_OK);
        judge = judge_from_der(der, csigd_key_write(der, &signer.key));
        assert_non_null(judge);
        assert_true(judge_accepts(judge, message, strlen(message), signature, sizeof signature));
        assert_true(is_ours(&signer.key, message, signature, sizeof signature));
        signature[i % 64] ^= 1;
        assert_false(judge_accepts(judge, message, strlen(message), signature, sizeof signature));
        EVP_PKEY_free(judge);
        csigd_key_secret_wipe(&secret);
        assert_int_equal(secret.octets[0], 0);
    }
}

static void openssls_signatures_convince_us(void **state)
{
    (void)state;
    for (size_t i = 0; i < 16 * N_ALGORITHMS; i++) {
        EVP_PKEY *judge = judge_make(i % 2 == 1);
        uint8_t signature[64], der[CSIGD_KEY_PUBLIC_MAX], again[CSIGD_KEY_PUBLIC_MAX];
        const size_t len = judge_der(der, sizeof der, judge);
        csigd_key key;

        judge_sign(signature, judge, message, strlen(message));
        assert_int_equal(csigd_key_read(&key, der, len), CSIGD_AUTH_OK);
        assert_int_equal(key.algorithm, algorithms[i % 2]);
        assert_int_equal(csigd_key_write(again, &key), len);
        assert_memory_equal(again, der, len);
        assert_true(is_ours(&key, message, signature, sizeof signature));
        assert_false(is_ours(&key, "another", signature, sizeof signature));
        EVP_PKEY_free(judge);
    }
}

static void every_bit_of_a_signature_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES + 1] = {0};
        csigd_key_secret secret;
        csigd_key key;

        assert_int_equal(csigd_key_make(&secret, algorithms[i]), CSIGD_AUTH_OK);
        assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
        assert_int_equal(
            csigd_key_sign(signature, &secret, (const uint8_t *)message, strlen(message)),
            CSIGD_AUTH_OK);
        for (size_t bit = 0; bit < 512; bit += 5) {
            signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(is_ours(&key, message, signature, 64));
            signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(is_ours(&key, message, signature, 64));
        assert_false(is_ours(&key, message, signature, 63));
        assert_false(is_ours(&key, message, signature, 65));
        assert_false(is_ours(&key, message, signature, 0));
    }
}

/* Zero, the group order and what is above it, in either half. */
static void numbers_out_of_range_are_no_signature(void **state)
{
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                      0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    uint8_t good[64], bad[64];
    csigd_key_secret secret;
    csigd_key key;

    (void)state;
    assert_int_equal(csigd_key_make(&secret, CSIGD_KEY_P256), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_sign(good, &secret, (const uint8_t *)message, strlen(message)),
                     CSIGD_AUTH_OK);
    for (size_t half = 0; half < 64; half += 32) {
        memcpy(bad, good, 64);
        memset(bad + half, 0, 32);
        assert_false(is_ours(&key, message, bad, 64));
        memset(bad + half, 0xff, 32);
        assert_false(is_ours(&key, message, bad, 64));
        memcpy(bad + half, order, 32);
        assert_false(is_ours(&key, message, bad, 64));
    }
    memset(bad, 0, 64);
    assert_false(is_ours(&key, message, bad, 64));
}

static void a_key_id_is_the_hash_of_the_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        uint8_t der[CSIGD_KEY_PUBLIC_MAX], hash[SHA256_DIGEST_LENGTH];
        char id[CSIGD_KEY_ID_BYTES];
        csigd_key_secret secret;
        csigd_key key;

        assert_int_equal(csigd_key_make(&secret, algorithms[i]), CSIGD_AUTH_OK);
        assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
        SHA256(der, csigd_key_write(der, &key), hash);
        csigd_key_id(id, &key);
        assert_int_equal(strlen(id), 64);
        for (size_t k = 0; k < sizeof hash; k++) {
            static const char digits[] = "0123456789abcdef";

            assert_int_equal(id[2 * k], digits[hash[k] >> 4]);
            assert_int_equal(id[2 * k + 1], digits[hash[k] & 15]);
        }
    }
    assert_string_equal(csigd_key_algorithm_name(CSIGD_KEY_ED25519), "ed25519");
    assert_string_equal(csigd_key_algorithm_name(CSIGD_KEY_P256), "ecdsa-p256-sha256");
}

static void refuse(const uint8_t *der, size_t len)
{
    csigd_key key;

    assert_int_equal(csigd_key_read(&key, der, len), CSIGD_AUTH_BAD_KEY);
}

static void what_is_no_key_is_refused(void **state)
{
    uint8_t der[CSIGD_KEY_PUBLIC_MAX + 1] = {0};
    csigd_key_secret secret;
    csigd_key key;
    size_t len;

    (void)state;
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        assert_int_equal(csigd_key_make(&secret, algorithms[i]), CSIGD_AUTH_OK);
        assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_OK);
        len = csigd_key_write(der, &key);
        refuse(der, 0);
        refuse(der, len - 1);
        refuse(der, len + 1);
        der[8] ^= 1; /* of the algorithm's name */
        refuse(der, len);
        der[8] ^= 1;
        /* Ed25519: the identity, of order 1. P-256: x = y = 0. */
        memset(der + len - (i == 0 ? 32 : 64), 0, i == 0 ? 32 : 64);
        if (i == 0) der[len - 32] = 1;
        refuse(der, len);
    }
    csigd_key_write(der, &key);
    der[26] = 0x02; /* a compressed point's first octet */
    refuse(der, 91);
    der[26] = 0x04;
    der[90] ^= 1; /* off the curve */
    refuse(der, 91);
    der[90] ^= 1;
    assert_int_equal(csigd_key_read(&key, der, 91), CSIGD_AUTH_OK);
    memset(der + 27, 0xff, 64); /* not below the field's prime */
    refuse(der, 91);
}

static void a_secret_whose_halves_differ_is_refused(void **state)
{
    csigd_key_secret secret;
    csigd_signer signer;
    csigd_key key;

    (void)state;
    assert_int_equal(csigd_key_make(&secret, CSIGD_KEY_P256), CSIGD_AUTH_OK);
    secret.octets[31] ^= 1;
    assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_BAD_KEY);
    assert_int_equal(csigd_signer_of(&signer, &secret), CSIGD_AUTH_BAD_KEY);
    memset(secret.octets, 0, sizeof secret.octets);
    assert_int_equal(csigd_key_public(&key, &secret), CSIGD_AUTH_BAD_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_signatures_convince_openssl),
        cmocka_unit_test(openssls_signatures_convince_us),
        cmocka_unit_test(every_bit_of_a_signature_counts),
        cmocka_unit_test(numbers_out_of_range_are_no_signature),
        cmocka_unit_test(a_key_id_is_the_hash_of_the_key),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(a_secret_whose_halves_differ_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
