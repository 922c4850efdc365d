/* What Pi-aff-g hides behind: full-length masks, and randomisers uniform in Z*_N of the peer. */
#include "zk/affg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/zk_affg.h"

#define DRAWS   4096
#define PROOFS  32
#define BUCKETS 16

static uint32_t longer(uint32_t bits, const csig_int *a)
{
    const uint32_t have = csig_int_bits(a);

    return have > bits ? have : bits;
}

/* Which sixteenth of [0, n) x is in. */
static size_t bucket(const csig_int *x, const csig_int *n)
{
    csig_int a, sixteen;
    size_t i = 0;

    csig_int_set_u64(&sixteen, BUCKETS);
    csig_int_mul(&a, x, &sixteen);
    for (; csig_int_cmp(&a, n) >= 0; i++)
        csig_int_sub(&a, &a, n);
    assert_in_range(i, 0, BUCKETS - 1);
    return i;
}

/* Chi-square with 15 degrees of freedom stays below 75 but once in 10^9. */
static void expect_uniform(const uint32_t count[BUCKETS], uint32_t draws)
{
    double chi = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        const double off = count[i] - (double)draws / BUCKETS;

        chi += off * off / ((double)draws / BUCKETS);
    }
    assert_true(chi < 75);
}

/* Decided 7: the randomiser that a peer's key sees is uniform, whatever that key is. */
static void randomisers_are_uniform_below_a_peers_modulus(void **state)
{
    zk_world *w = *state;
    const csig_int *N = &w->party[1].key.ring.n;
    uint32_t count[BUCKETS] = {0}, low[BUCKETS] = {0}, bits = 0;
    csig_sec x;
    csig_int r;

    for (uint32_t i = 0; i < DRAWS; i++) {
        csig_sec_random_unit(&x, &w->rng, N);
        csig_sec_reveal(&r, &x);
        assert_true(csig_int_is_unit(&r, N));
        count[bucket(&r, N)]++;
        low[csig_int_mod_u32(&r, BUCKETS)]++;
        bits = longer(bits, &r);
    }
    expect_uniform(count, DRAWS);
    expect_uniform(low, DRAWS);
    assert_int_equal(bits, CSIG_N_BITS);
}

/* r = w rho^-e: what the prover drew, from a proof whose witness is known. */
static void randomiser_of(csig_int *r, const csig_int *w, const csig_sec *rho, const csig_int *e,
                          const csig_int *n)
{
    csig_int a;

    csig_sec_reveal(&a, rho);
    csig_int_powm_var(&a, &a, e, n);
    assert_true(csig_int_has_inverse(&a, &a, n));
    csig_int_mulm(r, w, &a, n);
}

/* The same of the proof itself, for both keys: a short or repeated one would stand out. */
static void randomisers_of_proofs_have_full_length(void **state)
{
    zk_world *w = *state;
    const csig_int *Nj = &w->party[1].key.ring.n, *Ni = &w->party[0].key.ring.n;
    uint32_t above_half[2] = {0}, bits[2] = {0};
    csig_int e, r, half[2], last[2] = {{0}};
    affg_sample s;

    affg_random_statement(&s, w);
    for (size_t side = 0; side < 2; side++) {
        csig_int_pow2(&half[side], CSIG_N_BITS - 1);
        csig_int_sub(&half[side], side == 0 ? Nj : Ni, &half[side]);
    }
    for (int i = 0; i < PROOFS; i++) {
        affg_prove(&s);
        affg_challenge(&e, &s);
        for (size_t side = 0; side < 2; side++) {
            if (side == 0) randomiser_of(&r, &s.proof.w, &s.rho, &e, Nj);
            if (side == 1) randomiser_of(&r, &s.proof.wy, &s.rho_y, &e, Ni);
            assert_false(csig_int_is_eq(&r, &last[side]));
            above_half[side] += csig_int_cmp(&r, &half[side]) > 0;
            bits[side] = longer(bits[side], &r);
            last[side] = r;
        }
    }
    for (size_t side = 0; side < 2; side++) {
        assert_in_range(bits[side], CSIG_N_BITS - 1, CSIG_N_BITS);
        assert_in_range(above_half[side], 1, PROOFS - 1);
    }
}

/* B6: beta of 1280 bits, not 256; and the responses are as long as their masks. */
static void B6_masks_have_full_length(void **state)
{
    zk_world *w = *state;
    const uint32_t hat = CSIG_ELL + CSIG_EPS + CSIG_N_BITS;
    uint32_t beta = 0, z[4] = {0};
    csig_sec b;
    csig_int r;
    affg_sample s;

    for (int i = 0; i < 1000; i++) {
        csig_sec_random_pm(&b, &w->rng, CSIG_ELL_P);
        csig_sec_reveal(&r, &b);
        beta = longer(beta, &r);
    }
    assert_in_range(beta, 1270, CSIG_ELL_P);

    affg_random_statement(&s, w);
    for (int i = 0; i < 12; i++) {
        affg_prove(&s);
        assert_int_equal(affg_verify(&s), CSIG_OK);
        z[0] = longer(z[0], &s.proof.z1);
        z[1] = longer(z[1], &s.proof.z2);
        z[2] = longer(z[2], &s.proof.z3);
        z[3] = longer(z[3], &s.proof.z4);
    }
    assert_in_range(z[0], AFFG_Z1_BITS - 8, AFFG_Z1_BITS);
    assert_in_range(z[1], AFFG_Z2_BITS - 8, AFFG_Z2_BITS);
    assert_in_range(z[2], hat - 8, hat);
    assert_in_range(z[3], hat - 8, hat);
}

/* B6: alpha = dec(D) is as long as beta makes it: it does not give k x away. */
static void B6_answer_is_masked(void **state)
{
    zk_world *w = *state;
    uint32_t bits = 0;
    csig_sec m;
    csig_int r;
    affg_sample s;

    for (int i = 0; i < 8; i++) {
        affg_random_statement(&s, w);
        assert_int_equal(csig_paillier_decrypt(&m, &w->party[1].own_key, &s.D, &w->env), CSIG_OK);
        csig_sec_reveal(&r, &m);
        bits = longer(bits, &r);
    }
    assert_in_range(bits, CSIG_ELL_P - 30, CSIG_ELL_P + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(randomisers_are_uniform_below_a_peers_modulus),
        cmocka_unit_test(randomisers_of_proofs_have_full_length),
        cmocka_unit_test(B6_masks_have_full_length),
        cmocka_unit_test(B6_answer_is_masked),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
