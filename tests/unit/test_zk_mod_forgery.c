/* CVE-2025-66016 and its neighbours: what Pi-mod proves nothing about must not be accepted. */
#include "zk/mod.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/zk_mod.h"

static const csig_int one = {.limbs = 1, .d = {1}};

/* Forges in the first session whose y_i are all units. */
static void forge(csig_zk_mod *p, csig_transcript *tr, const mod_bad_modulus *m)
{
    for (uint8_t i = 0; i < 100; i++) {
        const uint8_t ssid[CSIG_SSID_BYTES] = {i};

        csig_transcript_proof(tr, CSIG_LABEL_ZK_MOD, ssid, 1, CSIG_TO_ALL);
        if (mod_has_forged(p, tr, m)) return;
    }
    fail();
}

/* N = P * 48 primes of 32 bits (32 at level 112): the forgery satisfies every equation and nothing
 * but the Jacobi symbol of w, which is 0, tells. */
static void A2_mod_forgery_is_refused(void **state)
{
    const zk_world *w = *state;
    csig_zk_mod *p = malloc(sizeof *p);
    csig_transcript tr;
    mod_bad_modulus m;

    assert_non_null(p);
    mod_bad_modulus_make(&m, 0);
    forge(p, &tr, &m);
    assert_int_equal(csig_int_jacobi(&p->w, &m.N), 0);
    assert_true(mod_is_valid_but_for_w(p, &tr, &m.N));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_E_PROOF);
    free(p);
}

/* The advisory's own numbers: sixteen primes of 16 bits. Trial division comes first. */
static void A2_mod_forgery_with_16_bit_primes_is_refused(void **state)
{
    const zk_world *w = *state;
    csig_zk_mod *p = malloc(sizeof *p);
    csig_transcript tr;
    mod_bad_modulus m;

    assert_non_null(p);
    mod_bad_modulus_make(&m, 16);
    forge(p, &tr, &m);
    assert_true(mod_is_valid_but_for_w(p, &tr, &m.N));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_E_MODULUS);
    free(p);
}

/* The same w for a good N: a multiple of p. */
static void A2_w_that_a_factor_divides_is_refused(void **state)
{
    const zk_world *w = *state;
    csig_zk_mod *p = malloc(sizeof *p);
    csig_transcript tr;
    mod_bad_modulus m;

    assert_non_null(p);
    m.N = w->party[0].key.ring.n;
    csig_sec_reveal(&m.P, &w->party[0].n_factors.p);
    csig_sec_reveal(&m.M, &w->party[0].n_factors.q);
    csig_int_sub(&m.phi_M, &m.M, &one);
    forge(p, &tr, &m);
    assert_true(mod_is_valid_but_for_w(p, &tr, &m.N));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_E_PROOF);
    free(p);
}

/* The forgery with the w it would need to pass: then its equations fail. */
static void A2_mod_forgery_with_a_good_w_is_refused(void **state)
{
    zk_world *w = *state;
    csig_zk_mod *p = malloc(sizeof *p);
    csig_transcript tr;
    mod_bad_modulus m;

    assert_non_null(p);
    mod_bad_modulus_make(&m, 0);
    forge(p, &tr, &m);
    do
        zk_random_below(&p->w, w, &m.N);
    while (csig_int_jacobi(&p->w, &m.N) != -1);
    assert_false(mod_is_valid_but_for_w(p, &tr, &m.N));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_E_PROOF);
    free(p);
}

/* N = P M, M the Mersenne prime of 17 bits, P the largest prime = 3 mod 4 that makes |N| bits. */
static void uneven_blum_modulus(mod_bad_modulus *m)
{
    csig_int gap;

    csig_int_set_u64(&m->M, 131071);
    csig_int_sub(&m->phi_M, &m->M, &one);
    csig_int_pow2(&m->P, CSIG_N_BITS - 17);
    csig_int_set_u64(&gap, CSIG_LEVEL == 128 ? 5617 : 2617);
    csig_int_sub(&m->P, &m->P, &gap);
    csig_int_mul(&m->N, &m->P, &m->M);
    assert_true(csig_int_is_prime(&m->P));
    assert_int_equal(csig_int_mod_u32(&m->P, 4), 3);
    assert_int_equal(csig_int_bits(&m->N), CSIG_N_BITS);
}

/* A session and w of symbol -1 with which some y_i is a multiple of M, or none is. */
static void find_session(csig_zk_mod *p, csig_transcript *tr, zk_world *w, const csig_int *N,
                         bool want_multiple)
{
    csig_int y;

    zk_transcript(tr, CSIG_LABEL_ZK_MOD);
    for (;;) {
        bool has_multiple = false;

        zk_random_below(&p->w, w, N);
        if (csig_int_jacobi(&p->w, N) != -1) continue;
        for (uint32_t i = 0; i < CSIG_REPEAT; i++) {
            mod_challenge(&y, tr, N, &p->w, i);
            has_multiple = has_multiple || csig_int_mod_u32(&y, 131071) == 0;
        }
        if (has_multiple == want_multiple) return;
    }
}

/* gcd(y_i, N) = 1, shown where it can fail: a Blum modulus with a factor just above trial division.
 * (That such a factor passes Pi-mod is by design; Pi-fac refuses it.) */
static void challenges_that_are_no_units_are_refused(void **state)
{
    zk_world *w = *state;
    csig_zk_mod *p = calloc(1, sizeof *p);
    csig_transcript tr;
    mod_bad_modulus m;

    assert_non_null(p);
    uneven_blum_modulus(&m);
    find_session(p, &tr, w, &m.N, false);
    mod_prove(p, &tr, &m);
    assert_true(mod_is_valid_but_for_w(p, &tr, &m.N));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_OK);
    find_session(p, &tr, w, &m.N, true);
    mod_prove(p, &tr, &m);
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &m.N), CSIG_E_PROOF);
    free(p);
}

/* The weak verifier is one: it accepts honest proofs and refuses others, or the tests above would
 * show nothing. */
static void the_verifier_without_the_check_is_sound_otherwise(void **state)
{
    zk_world *w = *state;
    csig_zk_mod *p = malloc(sizeof *p);
    csig_transcript tr;

    assert_non_null(p);
    zk_transcript(&tr, CSIG_LABEL_ZK_MOD);
    assert_int_equal(
        csig_zk_mod_prove(p, &w->env, &tr, &w->party[0].own_key.ring, &w->party[0].n_factors, NULL),
        CSIG_OK);
    assert_true(mod_is_valid_but_for_w(p, &tr, &w->party[0].key.ring.n));
    assert_int_equal(csig_zk_mod_verify(p, &w->env, &tr, &w->party[0].key.ring.n), CSIG_OK);
    p->z[7][CSIG_N_BYTES - 1] ^= 1;
    assert_false(mod_is_valid_but_for_w(p, &tr, &w->party[0].key.ring.n));
    p->z[7][CSIG_N_BYTES - 1] ^= 1;
    p->a[127] ^= 1;
    assert_false(mod_is_valid_but_for_w(p, &tr, &w->party[0].key.ring.n));
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(A2_mod_forgery_is_refused),
        cmocka_unit_test(A2_mod_forgery_with_16_bit_primes_is_refused),
        cmocka_unit_test(A2_w_that_a_factor_divides_is_refused),
        cmocka_unit_test(A2_mod_forgery_with_a_good_w_is_refused),
        cmocka_unit_test(challenges_that_are_no_units_are_refused),
        cmocka_unit_test(the_verifier_without_the_check_is_sound_otherwise),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
