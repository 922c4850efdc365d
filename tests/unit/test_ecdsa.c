/* Finished signatures: known answers of all recovery ids, and everything that is not one. */
#include "crypto/ecdsa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/sign_alone.h"
#include "support/trap.h"

#define Q1 "03aa3b595c1b27c190949877d6e947077b5a8cd042b512fcfae1297efe07386730"

/* SHA-256 of "countersign" */
static const char digest_hex[] = "eedfd749e2646de3fb66b471ce392177a35f36295d66514234627f7b5a28097b";

static const struct known {
    const char *R, *s, *Q; /* in */
    const char *r, *low;   /* out */
    uint8_t recid;
    const char *der;
} known[] = {
    /* even y, low s */
    {"021d3de3f14600d65f89ec2a4b288529774c9cfe693378c027d8f11b289677198f",
     "38fbf491c5b23b29cb8860dc37122c4b1753782d432fd2b7f5a8544c7140a1f8", Q1,
     "1d3de3f14600d65f89ec2a4b288529774c9cfe693378c027d8f11b289677198f",
     "38fbf491c5b23b29cb8860dc37122c4b1753782d432fd2b7f5a8544c7140a1f8", 0,
     "304402201d3de3f14600d65f89ec2a4b288529774c9cfe693378c027d8f11b289677198f"
     "022038fbf491c5b23b29cb8860dc37122c4b1753782d432fd2b7f5a8544c7140a1f8"},
    /* odd y, low s */
    {"03496994980afa6079f8d1a70801c7eff158bd373c0e3aafc8d5a02864532343b0",
     "2111eeba98192edec999ee7e40983853a5e0eaea2749e25511ea83f0a2023f1c", Q1,
     "496994980afa6079f8d1a70801c7eff158bd373c0e3aafc8d5a02864532343b0",
     "2111eeba98192edec999ee7e40983853a5e0eaea2749e25511ea83f0a2023f1c", 1,
     "30440220496994980afa6079f8d1a70801c7eff158bd373c0e3aafc8d5a02864532343b0"
     "02202111eeba98192edec999ee7e40983853a5e0eaea2749e25511ea83f0a2023f1c"},
    /* even y, high s */
    {"0281bd091d759c342e57d52d79af13ace7dbc1bcb1251cf336ec7606a729eb1283",
     "8200bd80e7a1cf8ee227a91b61dec44e9d3d3fa3795b529e78c44d746e8beeb7", Q1,
     "81bd091d759c342e57d52d79af13ace7dbc1bcb1251cf336ec7606a729eb1283",
     "7dff427f185e30711dd856e49e213bb01d719d4335ed4d9d470e111861aa528a", 1,
     "304502210081bd091d759c342e57d52d79af13ace7dbc1bcb1251cf336ec7606a729eb1283"
     "02207dff427f185e30711dd856e49e213bb01d719d4335ed4d9d470e111861aa528a"},
    /* odd y, high s */
    {"0399b11938683eab0c318cd13567636a77a48d768f45077e2d969a1a0bb9c13b7e",
     "9636ac624e00770153a32581a27339d209d5de01177eed0b55e055fe9fd72553", Q1,
     "99b11938683eab0c318cd13567636a77a48d768f45077e2d969a1a0bb9c13b7e",
     "69c9539db1ff88feac5cda7e5d8cc62cb0d8fee597c9b33069f2088e305f1bee", 0,
     "304502210099b11938683eab0c318cd13567636a77a48d768f45077e2d969a1a0bb9c13b7e"
     "022069c9539db1ff88feac5cda7e5d8cc62cb0d8fee597c9b33069f2088e305f1bee"},
    /* x = q + 2, even y; the key was made from r and s */
    {"02fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364143",
     "000000000000000000000000000000001234567890abcdef0000000000000000",
     "02ce34c17400b51e23932c6f4fcbc8d2f5dd1014fe12f2c69ca04fb515bcab4018",
     "0000000000000000000000000000000000000000000000000000000000000002",
     "000000000000000000000000000000001234567890abcdef0000000000000000", 2,
     "301502010202101234567890abcdef0000000000000000"},
    /* x = q + 2, odd y */
    {"03fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364143",
     "000000000000000000000000000000001234567890abcdef0000000000000000",
     "02f60d22d977de9411e85777daa678824ce33a184df9e7f7837d833fcf50e2ecb1",
     "0000000000000000000000000000000000000000000000000000000000000002",
     "000000000000000000000000000000001234567890abcdef0000000000000000", 3,
     "301502010202101234567890abcdef0000000000000000"},
};
#define KNOWN (sizeof known / sizeof known[0])

static csig_point point(const char *hex)
{
    uint8_t sec1[CSIG_POINT_BYTES];
    csig_point P;

    hex_read(sec1, sizeof sec1, hex);
    assert_int_equal(csig_point_from_bytes(&P, sec1), CSIG_OK);
    return P;
}

static csig_scalar scalar(const char *hex)
{
    csig_scalar s;

    hex_read(s.b, sizeof s.b, hex);
    return s;
}

static csig_ecdsa make(const struct known *k)
{
    const csig_point R = point(k->R);
    const csig_scalar s = scalar(k->s);
    csig_ecdsa sig;

    assert_int_equal(csig_ecdsa_make(&sig, &R, &s), CSIG_OK);
    return sig;
}

static csig_err verify(const csig_ecdsa *sig, const char *Q_hex, const char *digest)
{
    const csig_point Q = point(Q_hex);
    uint8_t m[32];

    hex_read(m, sizeof m, digest);
    return csig_ecdsa_verify(sig, &Q, m);
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        const csig_ecdsa sig = make(&known[i]);
        uint8_t der[CSIG_ECDSA_DER_BYTES];

        hex_expect(sig.r, 32, known[i].r);
        hex_expect(sig.s, 32, known[i].low);
        assert_int_equal(sig.recid, known[i].recid);
        assert_int_equal(verify(&sig, known[i].Q, digest_hex), CSIG_OK);
        hex_expect(der, csig_ecdsa_der(der, &sig), known[i].der);
    }
}

static void zero_r_or_s(void **state)
{
    /* q itself is the x of a point */
    const csig_point R =
        point("02fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const csig_point P = point(known[0].R);
    csig_scalar s;
    csig_ecdsa sig;

    (void)state;
    csig_scalar_set_u32(&s, 1);
    assert_int_equal(csig_ecdsa_make(&sig, &R, &s), CSIG_E_OUTPUT);
    assert_int_equal(csig_ecdsa_make(&sig, &P, &s), CSIG_OK);
    csig_scalar_set_u32(&s, 0);
    assert_int_equal(csig_ecdsa_make(&sig, &P, &s), CSIG_E_OUTPUT);
}

static void the_largest_low_s(void **state)
{
    const csig_point R = point(known[0].R);
    const csig_scalar half = /* (q - 1) / 2 */
        scalar("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    csig_scalar one, next;
    csig_ecdsa low, high;

    (void)state;
    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(&next, &half, &one);
    assert_int_equal(csig_ecdsa_make(&low, &R, &half), CSIG_OK);
    assert_int_equal(csig_ecdsa_make(&high, &R, &next), CSIG_OK);
    assert_memory_equal(low.s, half.b, 32);
    assert_memory_equal(high.s, half.b, 32);
    assert_int_equal(low.recid, 0);
    assert_int_equal(high.recid, 1);
}

static void high_s_is_refused_D3(void **state)
{
    csig_ecdsa sig = make(&known[0]);
    csig_scalar s;

    (void)state;
    memcpy(s.b, sig.s, 32);
    csig_scalar_neg(&s, &s);
    memcpy(sig.s, s.b, 32);
    sig.recid ^= 1;
    assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
}

static void every_recovery_id_but_one_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < KNOWN; i++) {
        for (unsigned recid = 0; recid < 256; recid++) {
            csig_ecdsa sig = make(&known[i]);

            sig.recid = (uint8_t)recid;
            assert_int_equal(verify(&sig, known[i].Q, digest_hex),
                             recid == known[i].recid ? CSIG_OK : CSIG_E_OUTPUT);
        }
    }
}

static void altered_is_refused(void **state)
{
    static const char q_hex[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const csig_ecdsa good = make(&known[0]);
    csig_ecdsa sig;

    (void)state;
    for (size_t i = 0; i < 32; i++) {
        sig = good, sig.r[i] ^= 1;
        assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
        sig = good, sig.s[i] ^= 1;
        assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
    }
    sig = good, memset(sig.r, 0, 32);
    assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
    sig = good, memset(sig.s, 0, 32);
    assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
    sig = good, hex_read(sig.r, 32, q_hex);
    assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
    sig = good, hex_read(sig.s, 32, q_hex);
    assert_int_equal(verify(&sig, Q1, digest_hex), CSIG_E_OUTPUT);
    assert_int_equal(verify(&good, known[4].Q, digest_hex), CSIG_E_OUTPUT);
    assert_int_equal(verify(&good, Q1, q_hex), CSIG_E_OUTPUT);
}

static void digests(void **state)
{
    uint8_t d[32];
    csig_scalar m;

    (void)state;
    hex_read(d, 32, digest_hex);
    assert_int_equal(csig_ecdsa_digest(&m, d), CSIG_OK);
    assert_memory_equal(m.b, d, 32);
    hex_read(d, 32, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364143");
    assert_int_equal(csig_ecdsa_digest(&m, d), CSIG_OK);
    hex_expect(m.b, 32, "0000000000000000000000000000000000000000000000000000000000000002");
    hex_read(d, 32, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    assert_int_equal(csig_ecdsa_digest(&m, d), CSIG_E_DIGEST);
    memset(d, 0, sizeof d);
    assert_int_equal(csig_ecdsa_digest(&m, d), CSIG_E_DIGEST);
}

static void wire(csig_wire *w, void *msg)
{
    csig_ecdsa_wire(w, msg);
}

static void walk(void **state)
{
    const csig_ecdsa sig = make(&known[3]);
    uint8_t octets[65];
    csig_ecdsa back;

    (void)state;
    assert_int_equal(csig_wire_size(wire), 65);
    csig_wire_write(wire, &sig, octets, sizeof octets);
    hex_expect(octets, 32, known[3].r);
    hex_expect(octets + 32, 32, known[3].low);
    assert_int_equal(octets[64], known[3].recid);
    assert_int_equal(csig_wire_read(wire, &back, octets, sizeof octets), CSIG_OK);
    assert_memory_equal(&back, &sig, sizeof sig);
    assert_int_equal(csig_wire_read(wire, &back, octets, sizeof octets - 1), CSIG_E_LENGTH);
}

static void numbers_above_the_order_have_no_der(void **state)
{
    uint8_t der[CSIG_ECDSA_DER_BYTES];
    csig_ecdsa sig = make(&known[0]);

    (void)state;
    memset(sig.r, 0xff, sizeof sig.r);
    assert_int_equal(csig_ecdsa_der(der, &sig), 0);
    sig = make(&known[0]);
    memset(sig.s, 0xff, sizeof sig.s);
    assert_int_equal(csig_ecdsa_der(der, &sig), 0);
}

/* DER as it is written, and nothing else. */
static void der_of_others(void **state)
{
    uint8_t der[CSIG_ECDSA_DER_BYTES + 1] = {0}, digest[32];
    csig_ecdsa sig = make(&known[0]);
    const size_t len = csig_ecdsa_der(der, &sig);
    const csig_point Q = point(known[0].Q);

    (void)state;
    hex_read(digest, sizeof digest, digest_hex);
    assert_int_equal(csig_ecdsa_verify_der(der, len, &Q, digest), CSIG_OK);
    for (size_t i = 0; i < len; i++) {
        der[i] ^= 1;
        assert_int_equal(csig_ecdsa_verify_der(der, len, &Q, digest), CSIG_E_OUTPUT);
        der[i] ^= 1;
    }
    assert_int_equal(csig_ecdsa_verify_der(der, len - 1, &Q, digest), CSIG_E_OUTPUT);
    assert_int_equal(csig_ecdsa_verify_der(der, len + 1, &Q, digest), CSIG_E_OUTPUT);
    assert_int_equal(csig_ecdsa_verify_der(der, 0, &Q, digest), CSIG_E_OUTPUT);
}

/* The key comes back from the signature alone; a signature that does not verify leads nowhere. */
static void recovery(void **state)
{
    const uint8_t digest[32] = {1, 2, 3};
    csig_scalar key = {{[31] = 77}};
    csig_signature made;
    csig_ecdsa sig;
    csig_point Q, P;
    csig_rng rng;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    sign_alone(&made, &key, digest, &rng);
    memcpy(sig.r, made.r, sizeof sig.r);
    memcpy(sig.s, made.s, sizeof sig.s);
    sig.recid = made.recovery_id;
    assert_int_equal(csig_point_from_bytes(&P, made.public_key), CSIG_OK);
    assert_true(csig_ecdsa_has_recovered(&Q, &sig, digest));
    assert_true(csig_point_is_eq(&P, &Q));
    sig.recid ^= 1;
    assert_true(csig_ecdsa_has_recovered(&Q, &sig, digest));
    assert_false(csig_point_is_eq(&P, &Q));
    sig.recid = 4;
    assert_false(csig_ecdsa_has_recovered(&Q, &sig, digest));
    sig.recid = made.recovery_id;
    sig.s[0] |= 0x80; /* high */
    assert_false(csig_ecdsa_has_recovered(&Q, &sig, digest));
    memset(sig.s, 0, sizeof sig.s);
    assert_false(csig_ecdsa_has_recovered(&Q, &sig, digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(zero_r_or_s),
        cmocka_unit_test(the_largest_low_s),
        cmocka_unit_test(high_s_is_refused_D3),
        cmocka_unit_test(every_recovery_id_but_one_is_refused),
        cmocka_unit_test(altered_is_refused),
        cmocka_unit_test(digests),
        cmocka_unit_test(recovery),
        cmocka_unit_test(walk),
        cmocka_unit_test(der_of_others),
        cmocka_unit_test(numbers_above_the_order_have_no_der),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
