/* Transcripts: known answers, forks, messages, broken promises. */
#include "crypto/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/trap.h"

static void expect_hash(const csig_transcript *t, const char *hex)
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_hash(t, hash);
    hex_expect(hash, sizeof hash, hex);
}

static csig_int number(uint64_t v, bool neg)
{
    csig_int r;

    csig_int_set_u64(&r, v);
    if (neg) csig_int_neg(&r, &r);
    return r;
}

/* One item of each type. */
static void absorb_all(csig_transcript *t)
{
    const csig_int a = number(0x0102, false), five = number(5, false), minus = number(5, true);
    csig_scalar three;
    csig_point G;

    csig_point_generator(&G);
    csig_scalar_set_u32(&three, 3);
    csig_transcript_init(t, CSIG_LABEL_TEST_A);
    csig_transcript_bytes(t, "abc", 3);
    csig_transcript_bytes(t, NULL, 0);
    csig_transcript_nat(t, &a, 4);
    csig_transcript_int(t, &minus, 3);
    csig_transcript_int(t, &five, 3);
    csig_transcript_point(t, &G);
    csig_transcript_party(t, 7);
    csig_transcript_party(t, CSIG_TO_ALL);
    csig_transcript_scalar(t, &three);
    csig_transcript_u32(t, 0xdeadbeef);
    csig_transcript_u64(t, 0x0123456789abcdef);
    csig_transcript_list(t, 2);
}

static void known_hashes(void **state)
{
    uint8_t half[32];
    csig_transcript t;

    (void)state;
    csig_transcript_init(&t, CSIG_LABEL_TEST_A);
    expect_hash(&t, "d7dbb4cebd2b314276e81e375d4a3073667924b0b0541c5b31e15e6c387347b0"
                    "c9ebff89b31d91b5e90ba4f895452e75d2dbc3bfa102f2c8ba850218ca458a6b");
    absorb_all(&t);
    expect_hash(&t, "5c7114fa13a591b0360594c0aa72ba9e600010e045c5c0c68ac0161689c19e56"
                    "2923be37727d7e06d74b8cf95cd9c4db0cd50e3bdb9771f21f96e35a0dfb0eb9");
    csig_transcript_hash32(&t, half);
    hex_expect(half, 32, "5c7114fa13a591b0360594c0aa72ba9e600010e045c5c0c68ac0161689c19e56");
}

static void known_challenges(void **state)
{
    uint8_t e32[32], bits[CSIG_REPEAT / 8], out[100];
    csig_transcript t;
    csig_scalar scalar;
    csig_int e;

    (void)state;
    absorb_all(&t);
    csig_transcript_challenge(&t, &e);
    csig_int_to_bytes(e32, sizeof e32, &e);
    hex_expect(e32, 32, "e602da7cc11f7ad46e0821be4b582e3ec70005e3ac341398a760a707f1eefebd");
    csig_transcript_challenge_scalar(&t, &scalar);
    assert_memory_equal(scalar.b, e32, 32);
    csig_transcript_challenge_bits(&t, bits);
    hex_expect(bits, sizeof bits, "c690aadefdaaed36904acb69822a7950");
    csig_transcript_expand(&t, 5, out, sizeof out);
    hex_expect(out, sizeof out,
               "c7a041a99314004510176ec6e70dbf9367fda646e66f09b3564e243646f8df45"
               "9656e8bd032407190a85c0790de477a9f7beb6f18ab206d86174d82933e06e7c"
               "0394948447dca11ef83d4a5ff3cd14c735fb13242497b2c0fa7741e27ac6d990bc813f8f");
    /* Nothing of this changed t. */
    expect_hash(&t, "5c7114fa13a591b0360594c0aa72ba9e600010e045c5c0c68ac0161689c19e56"
                    "2923be37727d7e06d74b8cf95cd9c4db0cd50e3bdb9771f21f96e35a0dfb0eb9");
}

static void expansion_is_one_stream(void **state)
{
    uint8_t whole[200], part[64];
    csig_transcript t;

    (void)state;
    absorb_all(&t);
    csig_transcript_expand(&t, 0, whole, sizeof whole);
    for (uint32_t i = 0; i < 3; i++) {
        csig_transcript_expand(&t, i, part, sizeof part);
        assert_memory_equal(part, whole + 64 * i, sizeof part);
    }
    memset(part, 0, sizeof part);
    csig_transcript_expand(&t, 1, part, 1);
    assert_int_equal(part[0], whole[64]);
    assert_int_equal(part[1], 0);
}

static void a_copy_forks(void **state)
{
    uint8_t a[CSIG_HASH_BYTES], b[CSIG_HASH_BYTES];
    csig_transcript t, fork;

    (void)state;
    absorb_all(&t);
    fork = t;
    csig_transcript_u32(&fork, 1);
    csig_transcript_hash(&fork, a);
    csig_transcript_hash(&t, b);
    assert_memory_not_equal(a, b, sizeof a);
    csig_transcript_u32(&t, 1);
    csig_transcript_hash(&t, b);
    assert_memory_equal(a, b, sizeof a);
}

static void starts_of_proofs(void **state)
{
    uint8_t ssid[CSIG_SSID_BYTES], prover[CSIG_ID_BYTES], verifier[CSIG_ID_BYTES];
    csig_transcript t;

    (void)state;
    for (size_t i = 0; i < sizeof ssid; i++)
        ssid[i] = (uint8_t)i;
    memset(prover, 0xa1, sizeof prover);
    memset(verifier, 0xb2, sizeof verifier);

    csig_transcript_proof(&t, CSIG_LABEL_TEST_B, ssid, 1, 2);
    expect_hash(&t, "00e3853ac8d8e6c8d92021374ea59e74cec415a9c76f9a480f56bf2479f0a14e"
                    "2e2442c47c3fe41a9dbec241e03195e0fae7ed58e3d4542cbaf90a6598359ee9");
    csig_transcript_proof(&t, CSIG_LABEL_TEST_B, ssid, 1, CSIG_TO_ALL);
    expect_hash(&t, "fdf2f234d75c9ccf821350bedcdce4d8b9eee677b18d360e0e65bfe92f9c22d7"
                    "935a4fb969b01856ea505e45e9f596550a38b892ca81a1d5534c2cb68f7a7c4b");
    csig_transcript_device_proof(&t, CSIG_LABEL_TEST_B, ssid, prover, verifier);
    expect_hash(&t, "bff20d6280e3e92e1ec9278bbfd6d98701718bec58011aeb2faaefda830c1065"
                    "67d15b0600f9a743e84e21c8114fd940559fa2b5f3a324e7f20be05fa3e0fb92");
    csig_transcript_device_proof(&t, CSIG_LABEL_TEST_B, ssid, prover, NULL);
    expect_hash(&t, "cd7320e4c5d4877794fb675d72624487ad04964cca07d837b5aed632321a26ed"
                    "27d10f30e5632244ca01980939af12cbb7eef8bd5ed71187940b42bffd7d97fc");
}

typedef struct small {
    uint16_t a;
    uint8_t b[5];
    uint64_t c;
} small;

static void small_wire(csig_wire *w, void *msg)
{
    small *m = msg;

    csig_u16_wire(w, &m->a);
    csig_bytes_wire(w, m->b, sizeof m->b);
    csig_u64_wire(w, &m->c);
}

/* Fields of the greatest width there is at the lower level: more than the window in sum. */
#define BIG 32768
typedef struct big {
    uint16_t head, middle, tail;
    uint8_t a[BIG], b[BIG];
} big;

static void big_wire(csig_wire *w, void *msg)
{
    big *m = msg;

    csig_u16_wire(w, &m->head);
    csig_bytes_wire(w, m->a, sizeof m->a);
    csig_u16_wire(w, &m->middle);
    csig_bytes_wire(w, m->b, sizeof m->b);
    csig_u16_wire(w, &m->tail);
}

static void messages_are_their_octets(void **state)
{
    static big b = {.head = 9, .middle = 8, .tail = 7};
    small s = {.a = 0x1234, .b = "hello", .c = 77};
    csig_transcript t;

    (void)state;
    csig_transcript_init(&t, CSIG_LABEL_TEST_A);
    csig_transcript_msg(&t, small_wire, &s);
    expect_hash(&t, "d7d99e875439e477f1f9e07f4e73efed53c3ffdabf840ab18ab87e239783fd0a"
                    "1618d6efbe0db3a6e485dc1e7bd164cc77cb4cc240a90ea550478301ebeb0317");
    for (size_t i = 0; i < BIG; i++)
        b.a[i] = b.b[i] = (uint8_t)((i * 7) ^ (i >> 8));
    csig_transcript_init(&t, CSIG_LABEL_TEST_A);
    csig_transcript_msg(&t, big_wire, &b);
    expect_hash(&t, "2c068a931be8449a9abc98c1a91dc4b92da979867616ee8feb19363faea920aa"
                    "ccd0aaf581c158025f6f1f57d561aaa0e3828aec8b184278e655bbb45ebc61ff");
}

/* A message of t octets. */
static void shaped_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, msg, w->shape->t);
}

static void shaped_messages(void **state)
{
    const csig_wire_shape two = {.n = 3, .t = 2}, three = {.n = 3, .t = 3};
    uint8_t msg[3] = {'a', 'b', 'c'}, hash[CSIG_HASH_BYTES], want[CSIG_HASH_BYTES];
    csig_transcript t;

    (void)state;
    for (int i = 2; i <= 3; i++) {
        csig_transcript_init(&t, CSIG_LABEL_TEST_A);
        csig_transcript_msg_shaped(&t, shaped_wire, i == 2 ? &two : &three, msg);
        csig_transcript_hash(&t, hash);
        csig_transcript_init(&t, CSIG_LABEL_TEST_A);
        csig_transcript_bytes(&t, msg, (size_t)i);
        csig_transcript_hash(&t, want);
        assert_memory_equal(hash, want, sizeof hash);
    }
}

static void every_part_of_a_proof_binds(void **state)
{
    uint8_t ssid[2][CSIG_SSID_BYTES] = {{1}, {2}}, hash[16][CSIG_HASH_BYTES];
    const csig_label use[2] = {CSIG_LABEL_TEST_A, CSIG_LABEL_TEST_B};

    (void)state;
    for (size_t i = 0; i < 16; i++) {
        csig_transcript t;

        csig_transcript_proof(&t, use[i & 1], ssid[i >> 1 & 1], (uint16_t)(1 + (i >> 2 & 1)),
                              (uint16_t)(1 + (i >> 3 & 1)));
        csig_transcript_hash(&t, hash[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(hash[i], hash[j], CSIG_HASH_BYTES);
    }
}

static void negative_nat(void *arg)
{
    const csig_int a = number(1, true);
    csig_transcript_nat(arg, &a, 4);
}
static void wide_nat(void *arg)
{
    const csig_int a = number(256, false);
    csig_transcript_nat(arg, &a, 1);
}
static void wide_int(void *arg)
{
    const csig_int a = number(256, true);
    csig_transcript_int(arg, &a, 1);
}
static void no_label(void *arg)
{
    csig_transcript_init(arg, (csig_label)10000);
}

static void broken_promises_trap(void **state)
{
    csig_transcript t;

    (void)state;
    csig_transcript_init(&t, CSIG_LABEL_TEST_A);
    assert_true(trap_is_hit(negative_nat, &t));
    assert_true(trap_is_hit(wide_nat, &t));
    assert_true(trap_is_hit(wide_int, &t));
    assert_true(trap_is_hit(no_label, &t));
}

static void wiped(void **state)
{
    static const csig_transcript zero;
    csig_transcript t;

    (void)state;
    absorb_all(&t);
    csig_transcript_wipe(&t);
    assert_memory_equal(&t, &zero, sizeof t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes),
        cmocka_unit_test(known_challenges),
        cmocka_unit_test(expansion_is_one_stream),
        cmocka_unit_test(a_copy_forks),
        cmocka_unit_test(starts_of_proofs),
        cmocka_unit_test(messages_are_their_octets),
        cmocka_unit_test(shaped_messages),
        cmocka_unit_test(every_part_of_a_proof_binds),
        cmocka_unit_test(broken_promises_trap),
        cmocka_unit_test(wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
