/* Presignatures against whoever knows their nonce before the digest is fixed. The letters are those
 * of the catalogue of attacks: D7 Groth and Shoup, D8 the path changed at use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "support/halves.h"
#include "support/random.h"

static attack a;

static int setup(void **state)
{
    (void)state;
    random_seed(42);
    attack_init(&a, dealer_new(2, 2, true));
    attack_make_halves(&a);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a);
    return 0;
}

/* Wanted: a signature of `wish` with the nonce point 2 Gamma. Asked for: h = wish r / r*, where r
 * is the nonce that will be used and r* = x(2 Gamma). From s of h follows s* = s r* / (2 r). */
static csig_err forge(const csig_target *asked, const csig_scalar *sum, const csig_point *Gamma,
                      const uint8_t wish[32])
{
    csig_scalar two, half, r_star, s_star;
    csig_target forged = *asked;
    csig_ecdsa sig = {0};

    csig_scalar_set_u32(&two, 2);
    csig_scalar_inv(&half, &two);
    assert_int_equal(csig_target_set_nonce(&forged, Gamma, &two), CSIG_OK);
    r_star = forged.r;
    csig_scalar_mul(&s_star, sum, &r_star);
    csig_scalar_mul(&s_star, &s_star, &asked->r_inverse);
    csig_scalar_mul(&s_star, &s_star, &half);
    memcpy(forged.digest, wish, 32);
    CSIG_TRY(csig_ecdsa_make(&sig, &forged.R, &s_star));
    return csig_ecdsa_verify(&sig, &forged.pk, wish);
}

/* h = wish r / r*, r of the presignature as it is. */
static void ask_for(uint8_t h[32], const uint8_t wish[32], const csig_point *Gamma)
{
    csig_scalar x, one, two;
    csig_target plain, doubled;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_set_u32(&two, 2);
    assert_int_equal(csig_target_set_nonce(&plain, Gamma, &one), CSIG_OK);
    assert_int_equal(csig_target_set_nonce(&doubled, Gamma, &two), CSIG_OK);
    assert_int_equal(csig_ecdsa_digest(&x, wish), CSIG_OK);
    csig_scalar_mul(&x, &x, &plain.r);
    csig_scalar_mul(&x, &x, &doubled.r_inverse);
    memcpy(h, x.b, 32);
}

static const uint8_t wish[32] = {'p', 'a', 'y', ' ', 'm', 'e'};

/* That it would work on a presignature used as it is shows that the next test can fail. */
static void D7_works_without_a_new_nonce(void **state)
{
    csig_scalar sigma[2], sum, one;
    csig_target t;
    csig_rng rng;
    halves h;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    halves_deal(&h, 2, &rng);
    memset(&t, 0, sizeof t);
    t.pk = h.pk;
    ask_for(t.digest, wish, &h.half[0].Gamma);
    assert_int_equal(csig_ecdsa_digest(&t.m, t.digest), CSIG_OK);
    csig_scalar_set_u32(&one, 1);
    assert_int_equal(csig_target_set_nonce(&t, &h.half[0].Gamma, &one), CSIG_OK);
    const csig_point Gamma = h.half[0].Gamma;

    for (int i = 0; i < 2; i++)
        csig_partial_spend(&sigma[i], &t, &h.half[i]);
    csig_scalar_add(&sum, &sigma[0], &sigma[1]);
    assert_int_equal(forge(&t, &sum, &Gamma, wish), CSIG_OK);
}

static void D7_fails_because_the_nonce_is_new(void **state)
{
    csig_target used;
    csig_scalar s, minus;
    csig_signature sig;
    const csig_online_open *open;

    (void)state;
    attack_load_halves(&a);
    ask_for(a.intent.digest, wish, &a.kept[0]->Gamma);
    attack_online(&a);
    signing_expect_signature(&a.g, &a.intent);
    assert_int_equal(csig_sign_signature(a.g.s[0], &sig), CSIG_OK);
    open = csig_session_run(a.g.s[0])->open;
    used = open->target;
    assert_false(csig_point_is_eq(&used.R, &a.kept[0]->Gamma));
    memcpy(s.b, sig.s, sizeof s.b);
    csig_scalar_neg(&minus, &s);
    assert_int_not_equal(forge(&used, &s, &a.kept[0]->Gamma, wish), CSIG_OK);
    assert_int_not_equal(forge(&used, &minus, &a.kept[0]->Gamma, wish), CSIG_OK);
    attack_end(&a);
}

static csig_err same_nonce(csig_run *run, csig_out *out)
{
    csig_online_open *open = run->open;
    csig_online_r1 *msg = out->bcast;

    memset(msg->nonce, 7, sizeof msg->nonce);
    memset(open->nonce[run->self], 7, sizeof msg->nonce);
    return CSIG_OK;
}

/* Another digest, path, request, input or type: another nonce point, under the same halves and the
 * same n of everybody. */
static void D7_D8_everything_asked_for_is_in_the_nonce(void **state)
{
    const uint32_t path[] = {0, 1}, other_path[] = {0, 2};
    csig_point R[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        attack_load_halves(&a);
        a.intent.path = i == 1 ? other_path : path;
        a.intent.depth = 2;
        if (i == 2) a.intent.digest[0] ^= 1;
        if (i == 3) a.intent.request_id[0] ^= 1;
        if (i == 4) a.intent.input ^= 1;
        if (i == 5) a.intent.type = "other";
        attack_round(&a, &csig_online_protocol, VICTIM, 1)->make = same_nonce;
        attack_online(&a);
        signing_expect_signature_but(&a.g, &a.intent, VICTIM);
        R[i] = ((const csig_online_open *)csig_session_run(a.g.s[0])->open)->target.R;
        for (int j = 0; j < i; j++)
            assert_false(csig_point_is_eq(&R[i], &R[j]));
        attack_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D7_works_without_a_new_nonce),
        cmocka_unit_test(D7_fails_because_the_nonce_is_new),
        cmocka_unit_test(D7_D8_everything_asked_for_is_in_the_nonce),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
