/* Identity keys, ephemeral keys and boxes: known answers and everything that is refused. */
#include "crypto/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

#define ID_HEX "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
#define SIG_HEX                                                                                    \
    "2db3eb0eeca817f3005389e7be1d5f6ddb6848dd99e7bd0045e4e6030a88dcfa"                             \
    "b3c66e643da7519b9f8d7f1820b9ef43f5a36ddddaa6bd68fca086e1c1f93408"
/* The same with the group order added to s. */
#define SIG_PLUS_L_HEX                                                                             \
    "2db3eb0eeca817f3005389e7be1d5f6ddb6848dd99e7bd0045e4e6030a88dcfa"                             \
    "a09a64c1570a64f3752a77bbfeb2ce58f5a36ddddaa6bd68fca086e1c1f93418"

static csig_transcript said(const char *text)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_TEST_A);
    csig_transcript_bytes(&t, text, strlen(text));
    return t;
}

static csig_ed_key known_key(void)
{
    uint8_t seed[32];
    csig_ed_key k;

    for (size_t i = 0; i < 32; i++)
        seed[i] = (uint8_t)i;
    csig_ed_key_from_seed(&k, seed);
    return k;
}

static void known_signature(void **state)
{
    const csig_transcript t = said("abc");
    const csig_ed_key k = known_key();
    uint8_t sig[CSIG_ED_SIG_BYTES];

    (void)state;
    hex_expect(k.id, sizeof k.id, ID_HEX);
    csig_ed_sign(sig, &k, &t);
    hex_expect(sig, sizeof sig, SIG_HEX);
    assert_int_equal(csig_ed_verify(sig, k.id, &t), CSIG_OK);
}

static void refused_signatures(void **state)
{
    const csig_transcript t = said("abc"), other = said("abd");
    csig_transcript relabelled;
    uint8_t sig[CSIG_ED_SIG_BYTES], id[CSIG_ID_BYTES];

    (void)state;
    hex_read(id, sizeof id, ID_HEX);
    hex_read(sig, sizeof sig, SIG_HEX);
    assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_OK);
    assert_int_equal(csig_ed_verify(sig, id, &other), CSIG_E_SIGNATURE);
    csig_transcript_init(&relabelled, CSIG_LABEL_TEST_B);
    csig_transcript_bytes(&relabelled, "abc", 3);
    assert_int_equal(csig_ed_verify(sig, id, &relabelled), CSIG_E_SIGNATURE);
    for (size_t i = 0; i < sizeof sig; i++) {
        sig[i] ^= 1;
        assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_E_SIGNATURE);
        sig[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof id; i++) {
        id[i] ^= 1;
        assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_E_SIGNATURE);
        id[i] ^= 1;
    }
    hex_read(sig, sizeof sig, SIG_PLUS_L_HEX);
    assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_E_SIGNATURE);
}

/* With the neutral element as key, R = neutral and s = 0 would sign everything. */
static void small_order_keys_sign_nothing(void **state)
{
    const csig_transcript t = said("abc");
    uint8_t sig[CSIG_ED_SIG_BYTES] = {1}, id[CSIG_ID_BYTES] = {1};

    (void)state;
    assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_E_SIGNATURE);
    memset(sig, 0, sizeof sig), memset(id, 0, sizeof id);
    assert_int_equal(csig_ed_verify(sig, id, &t), CSIG_E_SIGNATURE);
}

static void random_keys(void **state)
{
    const csig_transcript t = said("abc");
    uint8_t sig[CSIG_ED_SIG_BYTES];
    csig_ed_key a, b;
    csig_rng rng;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    csig_ed_key_random(&a, &rng);
    csig_ed_key_random(&b, &rng);
    assert_memory_not_equal(a.id, b.id, sizeof a.id);
    csig_ed_sign(sig, &a, &t);
    assert_int_equal(csig_ed_verify(sig, a.id, &t), CSIG_OK);
    assert_int_equal(csig_ed_verify(sig, b.id, &t), CSIG_E_SIGNATURE);
    csig_ed_key_wipe(&a);
    memset(&b, 0, sizeof b);
    assert_memory_equal(&a, &b, sizeof a);
}

#define PUB_A "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c"
#define PUB_B "5714769d116bf76436ae74bc793d2c30ad1903c59ac5273805c7e2698b410c36"

static csig_eph known_eph(uint8_t first, const char *pub)
{
    csig_eph e;

    for (size_t i = 0; i < sizeof e.secret; i++)
        e.secret[i] = (uint8_t)(first + i);
    hex_read(e.pub, sizeof e.pub, pub);
    return e;
}

static void known_keys(void **state)
{
    const csig_eph a = known_eph(1, PUB_A), b = known_eph(101, PUB_B);
    uint8_t ssid[CSIG_SSID_BYTES], key[CSIG_BOX_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof ssid; i++)
        ssid[i] = (uint8_t)(200 + i);
    for (int by_b = 0; by_b <= 1; by_b++) {
        const csig_eph *mine = by_b ? &b : &a;
        const uint8_t *peer = by_b ? a.pub : b.pub;

        assert_int_equal(csig_eph_key(key, mine, peer, ssid, 1, 2, !by_b), CSIG_OK);
        hex_expect(key, 32, "ba6ec059ae24352971e95b1dab61e643f2ac4cd5d917d6e38ff973e9cfa01748");
        assert_int_equal(csig_eph_key(key, mine, peer, ssid, 2, 1, by_b), CSIG_OK);
        hex_expect(key, 32, "1bae72542a7fd1fe080d944b056bf25fe6c4699ad6c97154a0a2320393784f62");
    }
}

/* Two fresh parties agree on one key per direction; each input changes it. */
static void keys_bind_their_inputs(void **state)
{
    uint8_t ssid[2][CSIG_SSID_BYTES] = {{1}, {2}};
    uint8_t key[6][CSIG_BOX_KEY_BYTES], theirs[CSIG_BOX_KEY_BYTES];
    csig_eph a, b, c;
    csig_rng rng;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    csig_eph_random(&a, &rng), csig_eph_random(&b, &rng), csig_eph_random(&c, &rng);
    assert_int_equal(csig_eph_key(key[0], &a, b.pub, ssid[0], 1, 2, true), CSIG_OK);
    assert_int_equal(csig_eph_key(theirs, &b, a.pub, ssid[0], 1, 2, false), CSIG_OK);
    assert_memory_equal(key[0], theirs, sizeof theirs);
    assert_int_equal(csig_eph_key(key[1], &a, b.pub, ssid[1], 1, 2, true), CSIG_OK);
    assert_int_equal(csig_eph_key(key[2], &a, b.pub, ssid[0], 3, 2, true), CSIG_OK);
    assert_int_equal(csig_eph_key(key[3], &a, b.pub, ssid[0], 1, 3, true), CSIG_OK);
    assert_int_equal(csig_eph_key(key[4], &a, c.pub, ssid[0], 1, 2, true), CSIG_OK);
    assert_int_equal(csig_eph_key(key[5], &a, b.pub, ssid[0], 1, 2, false), CSIG_OK);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(key[i], key[j], sizeof key[i]);
    csig_eph_wipe(&a);
    memset(&b, 0, sizeof b);
    assert_memory_equal(&a, &b, sizeof a);
}

/* The encodings of points whose multiples by a clamped scalar are zero (RFC 7748, section 6). */
static void small_order_peers(void **state)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    const csig_eph mine = known_eph(1, PUB_A);
    uint8_t ssid[CSIG_SSID_BYTES] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint8_t peer[CSIG_EPH_BYTES], key[CSIG_BOX_KEY_BYTES];

        hex_read(peer, sizeof peer, points[i]);
        assert_int_equal(csig_eph_key(key, &mine, peer, ssid, 1, 2, true), CSIG_E_MESSAGE);
    }
}

#define TEXT     "a sub-share"
#define TEXT_LEN 11
#define BOX_LEN  (TEXT_LEN + CSIG_BOX_TAG_BYTES)
#define COUNTER  0x0102030405060708

static void known_box(void **state)
{
    uint8_t key[CSIG_BOX_KEY_BYTES], box[BOX_LEN], text[TEXT_LEN];
    const uint8_t *ad = (const uint8_t *)"header";

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(64 + i);
    csig_box_seal(box, (const uint8_t *)TEXT, TEXT_LEN, ad, 6, key, COUNTER);
    hex_expect(box, sizeof box, "8f5a2a83ecb4e867b8a51f318c4e807a9a3ff56989c1272df56c62");
    assert_int_equal(csig_box_open(text, box, sizeof box, ad, 6, key, COUNTER), CSIG_OK);
    assert_memory_equal(text, TEXT, TEXT_LEN);
}

static void altered_boxes(void **state)
{
    uint8_t key[CSIG_BOX_KEY_BYTES] = {7}, box[BOX_LEN], text[TEXT_LEN];
    uint8_t ad[6] = "header";

    (void)state;
    csig_box_seal(box, (const uint8_t *)TEXT, TEXT_LEN, ad, 6, key, 1);
    for (size_t i = 0; i < sizeof box; i++) {
        box[i] ^= 1;
        assert_int_equal(csig_box_open(text, box, sizeof box, ad, 6, key, 1), CSIG_E_MESSAGE);
        box[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof ad; i++) {
        ad[i] ^= 1;
        assert_int_equal(csig_box_open(text, box, sizeof box, ad, 6, key, 1), CSIG_E_MESSAGE);
        ad[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof box; len++)
        assert_int_equal(csig_box_open(text, box, len, ad, 6, key, 1), CSIG_E_MESSAGE);
    assert_int_equal(csig_box_open(text, box, sizeof box, ad, 5, key, 1), CSIG_E_MESSAGE);
    assert_int_equal(csig_box_open(text, box, sizeof box, ad, 6, key, 2), CSIG_E_MESSAGE);
    key[0] ^= 1;
    assert_int_equal(csig_box_open(text, box, sizeof box, ad, 6, key, 1), CSIG_E_MESSAGE);
}

static void empty_boxes(void **state)
{
    uint8_t key[CSIG_BOX_KEY_BYTES] = {7}, box[CSIG_BOX_TAG_BYTES], text[1];

    (void)state;
    csig_box_seal(box, NULL, 0, NULL, 0, key, 0);
    assert_int_equal(csig_box_open(text, box, sizeof box, NULL, 0, key, 0), CSIG_OK);
    box[0] ^= 1;
    assert_int_equal(csig_box_open(text, box, sizeof box, NULL, 0, key, 0), CSIG_E_MESSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_signature),
        cmocka_unit_test(refused_signatures),
        cmocka_unit_test(small_order_keys_sign_nothing),
        cmocka_unit_test(random_keys),
        cmocka_unit_test(known_keys),
        cmocka_unit_test(keys_bind_their_inputs),
        cmocka_unit_test(small_order_peers),
        cmocka_unit_test(known_box),
        cmocka_unit_test(altered_boxes),
        cmocka_unit_test(empty_boxes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
