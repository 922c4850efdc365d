/* Pi-mod: honest proofs, and everything that must not pass for one. The forgeries of A2 have their
 * own file. */
#include "zk/mod.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_mod.h"

#define USE CSIG_LABEL_ZK_MOD
/* The fields of a proof: w; 128 times a, b, x; 8 times z. */
#define FIELDS (1 + 3 * CSIG_REPEAT + CSIG_MOD_NTH_ROOTS)

static const csig_int one = {.limbs = 1, .d = {1}};

typedef struct sample {
    zk_world *w;
    csig_int N;
    csig_transcript tr;
    csig_zk_mod proof;
    uint8_t octets[MOD_PROOF_BYTES];
} sample;

static void prove(csig_zk_mod *p, const sample *s, const csig_int *given_w)
{
    memset(p, 0xaa, sizeof *p);
    assert_int_equal(csig_zk_mod_prove(p, &s->w->env, &s->tr, &s->w->party[0].own_key.ring,
                                       &s->w->party[0].n_factors, given_w),
                     CSIG_OK);
}

/* Made once: the proof that all tests start from. */
static sample honest;

static int setup(void **state)
{
    (void)zk_parties_new(state);
    honest.w = *state;
    honest.N = honest.w->party[0].key.ring.n;
    zk_transcript(&honest.tr, USE);
    prove(&honest.proof, &honest, NULL);
    csig_wire_write(csig_zk_mod_wire, &honest.proof, honest.octets, sizeof honest.octets);
    return 0;
}

static sample *make(void)
{
    sample *s = malloc(sizeof *s);

    assert_non_null(s);
    *s = honest;
    return s;
}

static csig_err verify(const sample *s)
{
    return csig_zk_mod_verify(&s->proof, &s->w->env, &s->tr, &s->N);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    sample *s = ctx;

    CSIG_TRY(csig_wire_read(csig_zk_mod_wire, &s->proof, in, len));
    return verify(s);
}

static void honest_proofs_are_accepted(void **state)
{
    sample *s = make();

    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        assert_int_equal(verify(s), CSIG_OK);
        assert_true(mod_is_valid_but_for_w(&s->proof, &s->tr, &s->N));
        assert_int_equal(csig_int_jacobi(&s->proof.w, &s->N), -1);
        random_seed(seed);
        prove(&s->proof, s, NULL);
    }
    assert_int_equal(csig_wire_size(csig_zk_mod_wire), MOD_PROOF_BYTES);
    free(s);
}

/* Decided 8: one (ssid, w) has one proof; two with other roots would factor N. */
static void proof_follows_from_w(void **state)
{
    sample *s = make();
    uint8_t *again = malloc(MOD_PROOF_BYTES);
    csig_int w = s->proof.w;

    (void)state;
    assert_non_null(again);
    random_seed(99);
    prove(&s->proof, s, &w);
    csig_wire_write(csig_zk_mod_wire, &s->proof, again, MOD_PROOF_BYTES);
    assert_memory_equal(again, s->octets, MOD_PROOF_BYTES);

    prove(&s->proof, s, NULL);
    assert_false(csig_int_is_eq(&w, &s->proof.w)); /* drawn afresh */

    csig_transcript_proof(&s->tr, CSIG_LABEL_TEST_A, (const uint8_t[CSIG_SSID_BYTES]){3}, 1, 2);
    prove(&s->proof, s, &w);
    assert_memory_not_equal(s->proof.x[0], s->octets + CSIG_N_BYTES + 2, CSIG_N_BYTES);
    free(again);
    free(s);
}

/* Each root that is sent is itself a square modulo both primes: no sign is chosen. */
static void roots_are_squares(void **state)
{
    sample *s = make();
    csig_int p[2], x;

    (void)state;
    csig_sec_reveal(&p[0], &s->w->party[0].n_factors.p);
    csig_sec_reveal(&p[1], &s->w->party[0].n_factors.q);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int_from_bytes(&x, s->proof.x[i], CSIG_N_BYTES);
        assert_int_equal(csig_int_jacobi(&x, &p[0]), 1);
        assert_int_equal(csig_int_jacobi(&x, &p[1]), 1);
    }
    free(s);
}

static void altered_fields_are_refused(void **state)
{
    sample *s = make();
    csig_int special[3] = {s->N};
    size_t tried;

    (void)state;
    csig_int_sub(&special[1], &s->N, &one);
    csig_sec_reveal(&special[2], &s->w->party[0].n_factors.p);

    const zk_octets o = {csig_zk_mod_wire, s->octets, MOD_PROOF_BYTES, judge, s, special, 3};
    assert_int_equal(zk_field_count(csig_zk_mod_wire), FIELDS);
    /* Some fields of each kind, with every change. */
    tried = zk_refuses_altered_fields(&o, 0, CSIG_LEVEL == 112 ? 13 : 43);
    assert_true(tried >= (FIELDS / 43) * 4);
    zk_refuses_lengths_and_zeros(&o);
    free(s);
}

/* E7: 128 and 8 roots are sent, 128 and 8 are checked. */
static void E7_every_root_is_checked(void **state)
{
    sample *s = make();

    (void)state;
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        s->proof.a[i] ^= 1;
        assert_int_equal(verify(s), CSIG_E_PROOF);
        s->proof.a[i] ^= 1;
    }
    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++) {
        s->proof.z[i][CSIG_N_BYTES - 1] ^= 2;
        assert_int_equal(verify(s), CSIG_E_PROOF);
        s->proof.z[i][CSIG_N_BYTES - 1] ^= 2;
    }
    assert_int_equal(verify(s), CSIG_OK);
    for (size_t i = 0; i < 16; i++) { /* no bits, where the wire was not asked */
        uint8_t *const bit = i % 2 == 0 ? &s->proof.a[i] : &s->proof.b[i];

        *bit |= 2;
        assert_int_equal(verify(s), CSIG_E_PROOF);
        *bit &= 1;
    }
    free(s);
}

/* The field plus N, where that has room: 1 when it was tried. */
static size_t refuses_plus_N(const sample *s, uint8_t field[CSIG_N_BYTES])
{
    uint8_t keep[CSIG_N_BYTES];
    csig_int v;

    csig_int_from_bytes(&v, field, CSIG_N_BYTES);
    csig_int_add(&v, &v, &s->N);
    if (csig_int_bits(&v) > CSIG_N_BITS) return 0;
    memcpy(keep, field, sizeof keep);
    csig_int_to_bytes(field, CSIG_N_BYTES, &v);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    memcpy(field, keep, sizeof keep);
    return 1;
}

/* A value and its class mod N: only the reduced one is a field. */
static void unreduced_fields_are_refused(void **state)
{
    sample *s = make();
    size_t xs = 0, zs = 0;

    (void)state;
    s->proof.w.neg = 1;
    assert_int_equal(verify(s), CSIG_E_PROOF);
    s->proof.w.neg = 0;
    csig_int_add(&s->proof.w, &s->proof.w, &s->N);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    csig_int_sub(&s->proof.w, &s->proof.w, &s->N);
    for (;;) {
        for (size_t i = 0; i < CSIG_REPEAT && xs == 0; i++)
            xs = refuses_plus_N(s, s->proof.x[i]);
        for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS && zs == 0; i++)
            zs = refuses_plus_N(s, s->proof.z[i]);
        assert_int_equal(verify(s), CSIG_OK);
        if (xs > 0 && zs > 0) break;
        prove(&s->proof, s, NULL);
    }
    free(s);
}

static void A2_w_without_symbol_minus_one_is_refused(void **state)
{
    sample *s = make();
    csig_int w[6];

    (void)state;
    csig_int_sub(&w[0], &one, &one);
    w[1] = one;
    csig_int_sub(&w[2], &s->N, &one);
    csig_sec_reveal(&w[3], &s->w->party[0].n_factors.p);
    w[4] = s->N;
    do
        zk_random_below(&w[5], s->w, &s->N);
    while (csig_int_jacobi(&w[5], &s->N) != 1);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(w); i++) {
        s->proof.w = w[i];
        assert_int_equal(verify(s), CSIG_E_PROOF);
    }
    free(s);
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    sample *s = make();
    csig_transcript other[ZK_OTHERS];

    (void)state;
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s->tr = other[i];
        assert_int_equal(verify(s), CSIG_E_PROOF);
    }
    zk_transcript(&s->tr, USE);
    s->N = s->w->party[1].key.ring.n; /* A7: replayed for another modulus */
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(s);
}

/* The largest prime = 1 mod 4 of |N| bits. */
static void long_prime(csig_int *N)
{
    csig_int gap;

    csig_int_pow2(N, CSIG_N_BITS);
    csig_int_set_u64(&gap, CSIG_LEVEL == 128 ? 47 : 2543);
    csig_int_sub(N, N, &gap);
    assert_int_equal(csig_int_bits(N), CSIG_N_BITS);
    assert_int_equal(csig_int_mod_u32(N, 4), 1);
    assert_true(csig_int_is_prime(N));
}

static void A1_E2_malformed_moduli_are_refused(void **state)
{
    sample *s = make();
    csig_int bad[12], m;
    mod_bad_modulus other;

    (void)state;
    csig_int_sub(&bad[0], &one, &one);
    bad[1] = one;
    csig_int_neg(&bad[2], &s->N);
    csig_int_add(&bad[3], &s->N, &one); /* 2 mod 4 */
    csig_int_sub(&bad[4], &s->N, &one); /* 0 mod 4 */
    mod_bad_modulus_make_3_mod_4(&other);
    bad[5] = other.N;                        /* 3 mod 4 without a small factor */
    csig_int_pow2(&bad[6], CSIG_N_BITS - 2); /* too short by a bit, and far too short */
    csig_int_add(&bad[6], &bad[6], &one);
    csig_sec_reveal(&bad[7], &s->w->party[0].n_factors.p);
    csig_int_pow2(&bad[8], CSIG_N_BITS); /* too long */
    csig_int_add(&bad[8], &bad[8], &one);
    long_prime(&bad[9]);
    csig_int_mul(&bad[10], &bad[7], &bad[7]); /* p^2 */
    csig_int_pow2(&bad[11], CSIG_N_BITS - 16);
    csig_int_set_u64(&m, 65521);
    csig_int_add(&bad[11], &bad[11], &one);
    csig_int_mul(&bad[11], &bad[11], &m); /* a factor of 16 bits */
    assert_int_equal(csig_int_bits(&bad[6]), CSIG_N_BITS - 1);
    assert_int_equal(csig_int_mod_u32(&bad[11], 4), 1);
    assert_int_equal(csig_int_bits(&bad[10]), CSIG_N_BITS);
    assert_int_equal(csig_int_bits(&bad[11]), CSIG_N_BITS);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        s->N = bad[i];
        assert_int_equal(verify(s), CSIG_E_MODULUS);
    }
    free(s);
}

/* A1: a factor of 32 bits passes trial division; the roots do not exist. */
static void A1_modulus_of_many_primes_is_refused(void **state)
{
    sample *s = make();
    mod_bad_modulus m;

    (void)state;
    mod_bad_modulus_make(&m, 0);
    s->N = m.N;
    do
        zk_random_below(&s->proof.w, s->w, &s->N);
    while (csig_int_jacobi(&s->proof.w, &s->N) != -1);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        s->proof.x[i][0] = 0; /* in range, at least */
    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++)
        s->proof.z[i][0] = 0;
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(s);
}

static void a_failing_engine_is_no_cheat(void **state)
{
    sample *s = make();
    const csig_env env = {.rng = &s->w->rng, .engine = &zk_failing_engine};

    (void)state;
    assert_int_equal(csig_zk_mod_verify(&s->proof, &env, &s->tr, &s->N), CSIG_E_ENGINE);
    assert_int_equal(csig_zk_mod_prove(&s->proof, &env, &s->tr, &s->w->party[0].own_key.ring,
                                       &s->w->party[0].n_factors, NULL),
                     CSIG_E_ENGINE);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(proof_follows_from_w),
        cmocka_unit_test(roots_are_squares),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(E7_every_root_is_checked),
        cmocka_unit_test(unreduced_fields_are_refused),
        cmocka_unit_test(A2_w_without_symbol_minus_one_is_refused),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
        cmocka_unit_test(A1_E2_malformed_moduli_are_refused),
        cmocka_unit_test(A1_modulus_of_many_primes_is_refused),
        cmocka_unit_test(a_failing_engine_is_no_cheat),
    };

    return cmocka_run_group_tests(tests, setup, zk_parties_free);
}
