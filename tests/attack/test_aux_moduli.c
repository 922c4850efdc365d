/* Malformed moduli through the auxiliary session: each is refused, its sender named.
 *
 *   A1  BitForge (CVE-2023-33241): small factors, primes, powers, wrong residues and sizes
 *   A2  CVE-2025-66016: Pi-mod with a w that is no unit
 *   A7  moduli shared, copied or reused; A8 a short N^
 *   E2  what kills a process that exponentiates first and looks later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/evil_aux.h"
#include "support/devices.h"
#include "support/oracle.h"
#include "support/zk_mod.h"

#define Z_BITS (CSIG_ELL + CSIG_EPS + CSIG_P_BITS) /* of the bound of Pi-fac */

static aux_pair pair;
static evil_aux e;

static void prime(csig_int *r, int i)
{
    csig_sec p;

    devices_prime(&p, i);
    csig_sec_reveal(r, &p);
}

/* Everything that the cheat can do for this N but prove it. A modulus is looked at before proofs
 * are. */
static void expect_bad_n(csig_err err)
{
    evil_aux_name(&e);
    if (err != CSIG_E_MODULUS) evil_aux_prove_prm(&e);
    evil_aux_refused(&e, err, 1);
    evil_aux_reset(&e);
}

/* With a proof of another number that looks like one. */
static void A1_small_factors_without_a_proof(void **state)
{
    static const uint32_t bits[] = {16, 32, 200, 255};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        evil_aux_factor(&e, bits[i]);
        expect_bad_n(bits[i] <= 16 ? CSIG_E_MODULUS : CSIG_E_PROOF);
    }
}

/* N is a product of two primes = 3 mod 4, so Pi-mod holds: below 2^16 trial division finds the
 * factor, above it Pi-fac, whether its response is out of range or does not fit the equation. */
static void A1_small_factors_with_a_valid_proof(void **state)
{
    static const uint32_t bits[] = {16, 32, 200, 255};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        evil_aux_factor(&e, bits[i]);
        evil_aux_name(&e);
        evil_aux_prove_mod(&e);
        evil_aux_prove_prm(&e);
        evil_aux_prove_fac(&e);
        e.z2_bits = i % 2 == 0 ? Z_BITS : Z_BITS + 7;
        evil_aux_refused(&e, bits[i] <= 16 ? CSIG_E_MODULUS : CSIG_E_PROOF, bits[i] <= 16 ? 1 : 2);
        evil_aux_reset(&e);
    }
}

/* The cheat's provers are right: for even factors everything is accepted. */
static void the_cheats_proofs_are_real(void **state)
{
    (void)state;
    evil_aux_own_factors(&e);
    evil_aux_prove_mod(&e);
    evil_aux_prove_prm(&e);
    evil_aux_prove_fac(&e);
    e.z2_bits = CSIG_INT_BITS;
    evil_aux_accepted(&e);
    evil_aux_reset(&e);
}

static void times(csig_int *n, int i)
{
    csig_int p;

    prime(&p, i);
    csig_int_mul(n, n, &p);
}

/* n = the next prime above a random number of `bits` bits that is r mod 4 */
static void random_prime(csig_int *n, uint32_t bits, unsigned long r)
{
    mpz_t z;

    mpz_init(z);
    oracle_bits(z, bits);
    do
        mpz_nextprime(z, z);
    while (mpz_fdiv_ui(z, 4) != r);
    oracle_to_int(n, z);
    mpz_clear(z);
}

static void A1_primes_powers_and_products_of_three(void **state)
{
    csig_int *n = &e.record->pub.n;
    csig_int p;

    (void)state;
    random_prime(n, CSIG_N_BITS, 1);
    expect_bad_n(CSIG_E_MODULUS);
    prime(n, 8);
    times(n, 8); /* p^2 */
    expect_bad_n(CSIG_E_MODULUS);
    /* pqr; any Pi-mod fails */
    do {
        random_prime(n, CSIG_N_BITS / 3, 3);
        random_prime(&p, CSIG_N_BITS / 3, 3);
        csig_int_mul(n, n, &p);
        random_prime(&p, CSIG_N_BITS - 2 * (CSIG_N_BITS / 3), 1);
        csig_int_mul(n, n, &p);
    } while (csig_int_bits(n) != CSIG_N_BITS);
    expect_bad_n(CSIG_E_PROOF);
}

/* E2: with some of these the exponentiations of careless verifiers end the process. */
static void A1_E2_residues_and_sizes(void **state)
{
    csig_int *n = &e.record->pub.n;
    csig_int two, one;

    (void)state;
    csig_int_set_u64(&one, 1);
    csig_int_set_u64(&two, 2);
    csig_int_add(n, n, &two); /* 3 mod 4 */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_add(n, n, &one); /* even */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_pow2(n, CSIG_N_BITS - 1); /* a power of two of the right size */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_pow2(n, CSIG_N_BITS - 1), csig_int_sub(n, n, &one); /* a bit short */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_set_u64(n, 0);
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_set_u64(n, 1);
    expect_bad_n(CSIG_E_MODULUS);
    prime(n, 8); /* half the size */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_pow2(n, CSIG_N_BITS), csig_int_sub(n, n, &one); /* the largest that can be sent */
    expect_bad_n(CSIG_E_MODULUS);
}

/* --- A2 --- */

static void forge(int small_16, csig_err err)
{
    mod_bad_modulus bad;
    csig_transcript t;

    mod_bad_modulus_make(&bad, small_16);
    e.record->pub.n = bad.N;
    /* another generation until all y_i are units */
    do {
        e.record->pub.generation++;
        evil_aux_name(&e);
        evil_aux_transcript(&e, &t, CSIG_LABEL_ZK_MOD);
    } while (!mod_has_forged(&e.record->mod, &t, &bad));
    assert_true(mod_is_valid_but_for_w(&e.record->mod, &t, &bad.N));
    expect_bad_n(err);
}

static void A2_forged_mod_proof(void **state)
{
    (void)state;
    forge(0, CSIG_E_PROOF);
    forge(16, CSIG_E_MODULUS);
}

static void A2_other_w(void **state)
{
    const csig_int *n = &e.record->pub.n;
    csig_int *w = &e.record->mod.w;
    csig_int one;

    (void)state;
    csig_int_set_u64(&one, 1);
    csig_int_set_u64(w, 0);
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    *w = one;
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    csig_int_sub(w, n, &one); /* N - 1: Jacobi symbol 1 */
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    *w = *n;
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    prime(w, AUX_PRIME(1)); /* a factor of N */
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_reset(&e);
    csig_int_mulm(w, w, w, n); /* Jacobi symbol 1 */
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_reset(&e);
}

/* --- A7, A8 --- */

static void A7_shared_moduli(void **state)
{
    csig_aux_pub *pub = &e.record->pub;
    const csig_aux_pub *victim = &pair.aux[0]->pub;

    (void)state;
    pub->n_hat = pub->n; /* N^ = N */
    expect_bad_n(CSIG_E_MODULUS);
    pub->n = pub->n_hat;
    expect_bad_n(CSIG_E_MODULUS);
    pub->n = victim->n;
    expect_bad_n(CSIG_E_MODULUS);
    pub->n = victim->n_hat;
    expect_bad_n(CSIG_E_MODULUS);
    pub->n_hat = victim->n_hat;
    expect_bad_n(CSIG_E_MODULUS);
    pub->n_hat = victim->n;
    expect_bad_n(CSIG_E_MODULUS);
    prime(&pub->n, AUX_PRIME(0)); /* one prime of the victim's N */
    times(&pub->n, AUX_PRIME(1));
    expect_bad_n(CSIG_E_MODULUS);
    prime(&pub->n_hat, AUX_PRIME(0) + 3); /* of the victim's N^ */
    times(&pub->n_hat, AUX_PRIME(1) + 2);
    expect_bad_n(CSIG_E_MODULUS);
    prime(&pub->n_hat, AUX_PRIME(1)); /* of its own N */
    times(&pub->n_hat, AUX_PRIME(1) + 2);
    expect_bad_n(CSIG_E_MODULUS);
}

static void A8_E2_sizes_of_n_hat(void **state)
{
    csig_int *n = &e.record->pub.n_hat;
    csig_int one;

    (void)state;
    csig_int_set_u64(&one, 1);
    random_prime(n, 1024, 3);
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_pow2(n, CSIG_N_BITS - 1), csig_int_sub(n, n, &one); /* a bit short */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_sub(n, n, &one); /* even */
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_set_u64(n, 0);
    expect_bad_n(CSIG_E_MODULUS);
    csig_int_set_u64(n, 1);
    expect_bad_n(CSIG_E_MODULUS);
}

static int setup(void **state)
{
    (void)state;
    aux_pair_init(&pair);
    evil_aux_init(&e, &pair);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    evil_aux_free(&e);
    aux_pair_free(&pair);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheats_proofs_are_real),
        cmocka_unit_test(A1_small_factors_without_a_proof),
        cmocka_unit_test(A1_small_factors_with_a_valid_proof),
        cmocka_unit_test(A1_primes_powers_and_products_of_three),
        cmocka_unit_test(A1_E2_residues_and_sizes),
        cmocka_unit_test(A2_forged_mod_proof),
        cmocka_unit_test(A2_other_w),
        cmocka_unit_test(A7_shared_moduli),
        cmocka_unit_test(A8_E2_sizes_of_n_hat),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
