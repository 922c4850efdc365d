/* Finished signatures at the door, results of the wrong session, and the sizes of all messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "signer/online.h"
#include "signer/sign.h"
#include "support/dealer.h"
#include "support/hex.h"
#include "support/random.h"

/* A signature of another implementation: RFC 6979's nonce, key 1, SHA-256 of "Satoshi Nakamoto",
 * low s (a vector that Bitcoin libraries share). */
static const char r_hex[] = "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8";
static const char s_hex[] = "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5";
static const char digest_hex[] = "a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e";
static const char key_hex[] = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

static csig_signature sig;
static uint8_t digest[32];

static int setup(void **state)
{
    (void)state;
    random_seed(51);
    memset(&sig, 0, sizeof sig);
    hex_read(sig.r, sizeof sig.r, r_hex);
    hex_read(sig.s, sizeof sig.s, s_hex);
    hex_read(sig.public_key, sizeof sig.public_key, key_hex);
    hex_read(digest, sizeof digest, digest_hex);
    /* One of the two recovery ids leads back to the key. */
    if (csig_signature_verify(&sig, digest) != CSIG_OK) sig.recovery_id = 1;
    return 0;
}

static void known_signature(void **state)
{
    csig_signature other = sig;

    (void)state;
    assert_int_equal(csig_signature_verify(&sig, digest), CSIG_OK);
    other.recovery_id ^= 1;
    assert_int_equal(csig_signature_verify(&other, digest), CSIG_E_OUTPUT);
    other.recovery_id = 4;
    assert_int_equal(csig_signature_verify(&other, digest), CSIG_E_OUTPUT);
}

static void altered_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < 32; i += 5) {
        csig_signature other = sig;
        uint8_t other_digest[32];

        other.r[i] ^= 1;
        assert_int_equal(csig_signature_verify(&other, digest), CSIG_E_OUTPUT);
        other = sig;
        other.s[i] ^= 1;
        assert_int_equal(csig_signature_verify(&other, digest), CSIG_E_OUTPUT);
        other = sig;
        other.public_key[i + 1] ^= 1;
        assert_int_equal(csig_signature_verify(&other, digest), CSIG_E_OUTPUT);
        memcpy(other_digest, digest, sizeof digest);
        other_digest[i] ^= 1;
        assert_int_equal(csig_signature_verify(&sig, other_digest), CSIG_E_OUTPUT);
    }
    csig_signature none = {.public_key = {4}};

    assert_int_equal(csig_signature_verify(&none, digest), CSIG_E_OUTPUT);
    assert_int_equal(csig_signature_verify(NULL, digest), CSIG_E_ARGUMENT);
    assert_int_equal(csig_signature_verify(&sig, NULL), CSIG_E_ARGUMENT);
}

static void der(void **state)
{
    csig_signature other = sig;
    uint8_t out[72];
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_signature_der(&sig, out, &len), CSIG_OK);
    assert_int_equal(len, 71); /* r has its top bit set: one zero before it */
    assert_int_equal(out[0], 0x30);
    assert_int_equal(out[1], 69);
    assert_memory_equal(out + 5, sig.r, 32);
    assert_memory_equal(out + 39, sig.s, 32);
    assert_int_equal(csig_signature_der(NULL, out, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_signature_der(&sig, NULL, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_signature_der(&sig, out, NULL), CSIG_E_ARGUMENT);
    memset(other.s, 0xff, sizeof other.s); /* as it may come from anywhere */
    assert_int_equal(csig_signature_der(&other, out, &len), CSIG_E_OUTPUT);
}

/* A session asked for what it cannot have. */
static void results_of_the_wrong_session(void **state)
{
    dealer *d = dealer_new(2, 2, false);
    const uint16_t both[] = {1, 2};
    const csig_peer *const peers[] = {NULL, d->peer[0][1]};
    uint8_t nonces[2 * CSIG_NONCE_BYTES], reply[8];
    const csig_signers q = {
        .identity = d->id[0],
        .share = d->share[0],
        .aux = d->aux[0],
        .indices = both,
        .peers = peers,
        .nonces = nonces,
        .count = 2,
        .moves_last = 1,
    };
    const csig_intent intent = {.type = "digest", .digest = {1}};
    csig_session *full, *presign;
    csig_presig *half;
    csig_signature out;
    size_t len = sizeof reply;

    (void)state;
    memset(nonces, 1, sizeof nonces);
    assert_int_equal(csig_sign_session(&full, &q, &intent, 1), CSIG_OK);
    assert_int_equal(csig_presign_session(&presign, &q, 2, 0), CSIG_OK);
    assert_int_equal(csig_sign_signature(full, &out), CSIG_E_STATE);
    assert_int_equal(csig_sign_signature(presign, &out), CSIG_E_STATE);
    assert_int_equal(csig_sign_signature(NULL, &out), CSIG_E_ARGUMENT);
    assert_int_equal(csig_sign_signature(full, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presign_result(full, &half), CSIG_E_STATE);
    assert_int_equal(csig_presign_result(presign, &half), CSIG_E_STATE);
    assert_int_equal(csig_presign_result(NULL, &half), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presign_result(presign, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_online_reply(full, reply, &len), CSIG_E_STATE);
    assert_int_equal(csig_online_reply(NULL, reply, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_online_reply(full, reply, NULL), CSIG_E_ARGUMENT);
    csig_session_free(full);
    csig_session_free(presign);
    dealer_free(d);
}

/* signer/README.md's tables as octets. */
static void sizes(void **state)
{
    const size_t elog = 3 * CSIG_POINT_BYTES + 2 * 32;
    const size_t encelg = csig_wire_size(csig_zk_encelg_wire);
    const size_t answer = csig_wire_size(csig_mta_answer_wire);

    (void)state;
    assert_int_equal(csig_wire_size(csig_presign_r1_wire),
                     2 * CSIG_NN_BYTES + 5 * CSIG_POINT_BYTES);
    assert_int_equal(csig_wire_size(csig_presign_r1_com_wire),
                     2 * CSIG_NN_BYTES + 5 * CSIG_POINT_BYTES + 64);
    assert_int_equal(csig_wire_size(csig_presign_r1_part_wire), 2 * encelg);
    assert_int_equal(csig_wire_size(csig_presign_r2_wire), CSIG_POINT_BYTES + elog);
    assert_int_equal(csig_wire_size(csig_presign_r2_part_wire), 2 * answer);
    assert_int_equal(csig_wire_size(csig_presign_r3_wire), 32 + 2 * CSIG_POINT_BYTES + elog);
    assert_int_equal(csig_wire_size(csig_presign_r4_wire), 64);
    assert_int_equal(csig_wire_size(csig_sign_r4_wire), 32);
    assert_int_equal(csig_wire_size(csig_sign_r5_wire), 65);
    assert_int_equal(csig_wire_size(csig_online_r1_wire), 32);
    assert_int_equal(csig_wire_size(csig_online_r2_wire), 32);
    assert_int_equal(csig_wire_size(csig_online_r3_wire), 32);
    assert_int_equal(csig_wire_size(csig_online_r4_wire), 65);
}

/* What the door says of the table. */
static void the_partial_round(void **state)
{
    (void)state;
    assert_ptr_equal(csig_sign_protocol.rounds[CSIG_SIGN_PARTIAL_ROUND - 1], &csig_sign_round_4);
}

/* Locked memory of a two-party session, and the rest of it. */
static void memory(void **state)
{
    (void)state;
    assert_true(csig_sign_protocol.secret_bytes(2) <= 64 * 1024);
    assert_true(csig_presign_protocol.secret_bytes(2) <= 64 * 1024);
    assert_true(csig_online_protocol.secret_bytes(2) <= 64 * 1024);
    assert_true(csig_sign_protocol.open_bytes(16) <= 256 * 1024);
    assert_true(csig_online_protocol.open_bytes(16) <= 256 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_signature),
        cmocka_unit_test(altered_signatures),
        cmocka_unit_test(der),
        cmocka_unit_test(results_of_the_wrong_session),
        cmocka_unit_test(sizes),
        cmocka_unit_test(memory),
        cmocka_unit_test(the_partial_round),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
