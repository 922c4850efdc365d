/* Partial signatures: made, checked, combined; low s, recovery, degenerate values. */
#include "signer/partial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/halves.h"
#include "support/openssl.h"
#include "support/random.h"

static csig_rng rng;
static halves h;
static csig_scalar sigma[CSIG_MAX_PARTIES];

static int setup(void **state)
{
    (void)state;
    random_seed(11);
    csig_rng_init(&rng, NULL, NULL);
    return 0;
}

static void set_u32(csig_scalar *r, uint32_t v)
{
    csig_scalar_set_u32(r, v);
}

/* A random digest for the key `shift` above the halves'. */
static void aim(csig_target *t, uint32_t shift)
{
    csig_point shift_G;

    memset(t, 0, sizeof *t);
    csig_rng_bytes(&rng, "digest", t->digest, sizeof t->digest);
    assert_int_equal(csig_ecdsa_digest(&t->m, t->digest), CSIG_OK);
    set_u32(&t->shift, shift);
    t->pk = h.pk;
    if (csig_point_has_mul_g_var(&shift_G, &t->shift))
        assert_true(csig_point_has_add(&t->pk, &h.pk, &shift_G));
}

/* rho NULL: 1. */
static void aim_with(csig_target *t, uint32_t shift, const csig_scalar *rho)
{
    csig_scalar one;

    aim(t, shift);
    set_u32(&one, 1);
    assert_int_equal(csig_target_set_nonce(t, &h.half[0].Gamma, rho != NULL ? rho : &one), CSIG_OK);
}

static void sign_all(const csig_target *t)
{
    for (uint16_t i = 0; i < h.n; i++) {
        csig_presig half = h.half[i];

        csig_partial_spend(&sigma[i], t, &half);
    }
}

static void expect_signature(const csig_ecdsa *sig, const csig_target *t)
{
    uint8_t pub[CSIG_POINT_BYTES], der[CSIG_ECDSA_DER_BYTES];
    const size_t len = csig_ecdsa_der(der, sig);

    csig_point_to_bytes(pub, &t->pk);
    assert_true(openssl_verifies(pub, t->digest, der, len));
    assert_int_equal(csig_target_verify(t, sig), CSIG_OK);
}

static void any_number_of_signers(void **state)
{
    csig_scalar rho;
    csig_target t;
    csig_ecdsa sig;

    (void)state;
    for (uint16_t n = 2; n <= CSIG_MAX_PARTIES; n += 7) {
        halves_deal(&h, n, &rng);
        csig_scalar_random(&rho, &rng, "rho");
        aim_with(&t, n, &rho);
        sign_all(&t);
        for (uint16_t j = 0; j < n; j++)
            assert_int_equal(csig_partial_check(&sigma[j], &t, &h.half[0], j), CSIG_OK);
        assert_int_equal(csig_partial_combine(&sig, &t, sigma, n), CSIG_OK);
        expect_signature(&sig, &t);
    }
}

/* A thousand signatures: s is low, and the recovery id leads back to the key (csig_ecdsa_verify
 * recovers). All four ids but the rare ones appear. */
static void low_s_and_recovery_D3(void **state)
{
    unsigned ids[4] = {0};

    (void)state;
    halves_deal(&h, 2, &rng);
    for (int i = 0; i < 1000; i++) {
        csig_target t;
        csig_ecdsa sig;
        csig_scalar s;

        halves_again(&h, NULL, &rng);
        aim_with(&t, (uint32_t)i, NULL);
        sign_all(&t);
        assert_int_equal(csig_partial_combine(&sig, &t, sigma, 2), CSIG_OK);
        memcpy(s.b, sig.s, sizeof s.b);
        assert_false(csig_scalar_is_high(&s));
        ids[sig.recid]++;
        if (i % 50 == 0) expect_signature(&sig, &t);
    }
    assert_in_range(ids[0], 400, 600);
    assert_in_range(ids[1], 400, 600);
}

/* A high s is no signature of ours, although it is one of ECDSA. */
static void high_s_is_refused_D3(void **state)
{
    csig_target t;
    csig_ecdsa sig;
    csig_scalar s;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim_with(&t, 0, NULL);
    sign_all(&t);
    assert_int_equal(csig_partial_combine(&sig, &t, sigma, 2), CSIG_OK);
    memcpy(s.b, sig.s, sizeof s.b);
    csig_scalar_neg(&s, &s);
    memcpy(sig.s, s.b, sizeof sig.s);
    sig.recid ^= 1;
    assert_int_equal(csig_target_verify(&t, &sig), CSIG_E_OUTPUT);
}

static void the_wrong_partial_is_named_D2(void **state)
{
    csig_target t;
    csig_scalar one;

    (void)state;
    halves_deal(&h, 5, &rng);
    aim_with(&t, 9, NULL);
    set_u32(&one, 1);
    for (uint16_t bad = 0; bad < h.n; bad++) {
        sign_all(&t);
        csig_scalar_add(&sigma[bad], &sigma[bad], &one);
        for (uint16_t j = 0; j < h.n; j++)
            assert_int_equal(csig_partial_check(&sigma[j], &t, &h.half[0], j),
                             j == bad ? CSIG_E_PARTIAL : CSIG_OK);
    }
}

/* The sum is verified before anything is shown. */
static void a_wrong_sum_shows_nothing_D1(void **state)
{
    static const csig_ecdsa nothing;
    csig_target t;
    csig_scalar one;
    csig_ecdsa sig;

    (void)state;
    halves_deal(&h, 3, &rng);
    aim_with(&t, 0, NULL);
    sign_all(&t);
    set_u32(&one, 1);
    csig_scalar_add(&sigma[1], &sigma[1], &one);
    memset(&sig, 0xff, sizeof sig);
    assert_int_equal(csig_partial_combine(&sig, &t, sigma, 3), CSIG_E_OUTPUT);
    assert_memory_equal(&sig, &nothing, sizeof sig);
}

/* sigma_j = 0 is a partial signature like any other; s = 0 is none. */
static void zeros_D4(void **state)
{
    static const csig_scalar zero;
    csig_target t;
    csig_ecdsa sig;
    csig_scalar x;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim_with(&t, 0, NULL);
    /* chi~ = -m k~ / r makes sigma 0; the other half gets the rest. */
    csig_scalar_mul(&x, &t.m, &h.half[0].k);
    csig_scalar_mul(&x, &x, &t.r_inverse);
    csig_scalar_neg(&x, &x);
    csig_scalar_add(&h.half[1].chi, &h.half[1].chi, &h.half[0].chi);
    csig_scalar_sub(&h.half[1].chi, &h.half[1].chi, &x);
    h.half[0].chi = x;
    for (int j = 0; j < 2; j++)
        assert_true(csig_point_has_mul_var(&h.half[0].S[j], &h.half[j].chi, &h.half[0].Gamma));
    sign_all(&t);
    assert_true(csig_scalar_is_zero(&sigma[0]));
    assert_int_equal(csig_partial_check(&sigma[0], &t, &h.half[0], 0), CSIG_OK);
    assert_int_equal(csig_partial_check(&sigma[1], &t, &h.half[0], 1), CSIG_OK);
    assert_int_equal(csig_partial_check(&zero, &t, &h.half[0], 1), CSIG_E_PARTIAL);
    assert_int_equal(csig_partial_combine(&sig, &t, sigma, 2), CSIG_OK);
    expect_signature(&sig, &t);

    csig_scalar_neg(&sigma[0], &sigma[1]);
    assert_int_equal(csig_partial_combine(&sig, &t, sigma, 2), CSIG_E_OUTPUT);
}

static void rho_is_not_zero_D4(void **state)
{
    static const csig_scalar zero;
    csig_target t;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim(&t, 0);
    assert_int_equal(csig_target_set_nonce(&t, &h.half[0].Gamma, &zero), CSIG_E_RANGE);
}

/* Another digest, another path, another rho: another partial. */
static void a_partial_is_of_one_target_D8(void **state)
{
    csig_target t, u;
    csig_scalar rho;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim_with(&t, 1, NULL);
    sign_all(&t);
    aim_with(&u, 1, NULL);
    assert_int_equal(csig_partial_check(&sigma[0], &u, &h.half[0], 0), CSIG_E_PARTIAL);
    u = t;
    set_u32(&u.shift, 2);
    assert_int_equal(csig_partial_check(&sigma[0], &u, &h.half[0], 0), CSIG_E_PARTIAL);
    u = t;
    set_u32(&rho, 2);
    assert_int_equal(csig_target_set_nonce(&u, &h.half[0].Gamma, &rho), CSIG_OK);
    assert_int_equal(csig_partial_check(&sigma[0], &u, &h.half[0], 0), CSIG_E_PARTIAL);
    assert_int_equal(csig_partial_check(&sigma[0], &t, &h.half[1], 0), CSIG_OK);
    assert_int_equal(csig_partial_check(&sigma[0], &t, &h.half[1], 1), CSIG_E_PARTIAL);
}

/* A valid signature of the same digest under another nonce is not this session's. */
static void another_nonce_is_refused(void **state)
{
    csig_target t, u;
    csig_ecdsa sig;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim_with(&t, 0, NULL);
    u = t;
    halves_again(&h, NULL, &rng);
    csig_scalar one;
    set_u32(&one, 1);
    assert_int_equal(csig_target_set_nonce(&u, &h.half[0].Gamma, &one), CSIG_OK);
    sign_all(&u);
    assert_int_equal(csig_partial_combine(&sig, &u, sigma, 2), CSIG_OK);
    expect_signature(&sig, &u);
    assert_int_equal(csig_target_verify(&t, &sig), CSIG_E_OUTPUT);
}

static void a_spent_half_is_wiped_D6(void **state)
{
    static const csig_scalar zero;
    static const uint8_t no_nonce[CSIG_NONCE_BYTES];
    csig_target t;

    (void)state;
    halves_deal(&h, 2, &rng);
    aim_with(&t, 0, NULL);
    csig_partial_spend(&sigma[0], &t, &h.half[0]);
    assert_memory_equal(&h.half[0].k, &zero, sizeof zero);
    assert_memory_equal(&h.half[0].chi, &zero, sizeof zero);
    assert_memory_equal(h.half[0].nonce, no_nonce, sizeof no_nonce);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_signers),
        cmocka_unit_test(low_s_and_recovery_D3),
        cmocka_unit_test(high_s_is_refused_D3),
        cmocka_unit_test(the_wrong_partial_is_named_D2),
        cmocka_unit_test(a_wrong_sum_shows_nothing_D1),
        cmocka_unit_test(zeros_D4),
        cmocka_unit_test(rho_is_not_zero_D4),
        cmocka_unit_test(a_partial_is_of_one_target_D8),
        cmocka_unit_test(another_nonce_is_refused),
        cmocka_unit_test(a_spent_half_is_wiped_D6),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
