/* Pi-prm: honest proofs, and everything that must not pass for one. */
#include "zk/prm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_party.h"

#define USE         CSIG_LABEL_ZK_PRM
#define FIELDS      (2 * CSIG_REPEAT)
#define PROOF_BYTES (FIELDS * CSIG_N_BYTES)
/* A verification at level 128 takes half a second: fewer changes there. */
#define STEP       (CSIG_LEVEL == 112 ? CSIG_REPEAT : FIELDS)
#define BITS_BYTES (CSIG_REPEAT / 8)

static const csig_int one = {.limbs = 1, .d = {1}};

/* N^, s, t with what their owner knows, and a proof. */
typedef struct sample {
    zk_world *w;
    csig_pedersen v; /* as a verifier has it */
    csig_int phi, lambda;
    csig_transcript tr;
    csig_zk_prm proof;
    uint8_t octets[PROOF_BYTES];
} sample;

/* Made once: the proof that all tests start from. */
static sample honest;

static int setup(void **state)
{
    csig_int p, q;
    sample *s = &honest;

    (void)zk_parties_new(state);
    s->w = *state;
    s->v = s->w->party[0].ring;
    s->v.s_comb = s->v.t_comb = NULL;
    csig_sec_reveal(&s->lambda, &s->w->party[0].lambda);
    csig_sec_reveal(&p, &s->w->party[0].hat_factors.p);
    csig_sec_reveal(&q, &s->w->party[0].hat_factors.q);
    csig_int_sub(&p, &p, &one);
    csig_int_sub(&q, &q, &one);
    csig_int_mul(&s->phi, &p, &q);
    zk_transcript(&s->tr, USE);
    assert_int_equal(csig_zk_prm_prove(&s->proof, &s->w->env, &s->tr, &s->w->party[0].own_ring),
                     CSIG_OK);
    csig_wire_write(csig_zk_prm_wire, &s->proof, s->octets, sizeof s->octets);
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
    return csig_zk_prm_verify(&s->proof, &s->w->env, &s->tr, &s->v);
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    sample *s = ctx;

    CSIG_TRY(csig_wire_read(csig_zk_prm_wire, &s->proof, in, len));
    return verify(s);
}

/* The bits by hand. */
static void challenge(uint8_t bits[BITS_BYTES], const sample *s)
{
    csig_transcript t = s->tr;

    csig_transcript_nat(&t, &s->v.ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->v.s, CSIG_N_BYTES);
    csig_transcript_nat(&t, &s->v.t, CSIG_N_BYTES);
    csig_transcript_list(&t, CSIG_REPEAT);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_transcript_bytes(&t, s->proof.A[i], CSIG_N_BYTES);
    csig_transcript_challenge_bits(&t, bits);
}

static bool is_set(const uint8_t bits[BITS_BYTES], size_t i)
{
    return (bits[i / 8] >> (i % 8) & 1) == 1;
}

/* How many of t^z_i = A_i s^e_i hold under these bits. */
static int equations(const sample *s, const uint8_t bits[BITS_BYTES])
{
    const csig_int *n = &s->v.ring.n;
    int hold = 0;

    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int A, z;

        csig_int_from_bytes(&A, s->proof.A[i], CSIG_N_BYTES);
        csig_int_from_bytes(&z, s->proof.z[i], CSIG_N_BYTES);
        csig_int_powm_var(&z, &s->v.t, &z, n);
        if (is_set(bits, i)) csig_int_mulm(&A, &A, &s->v.s, n);
        hold += csig_int_is_eq(&z, &A);
    }
    return hold;
}

/* The first message of a cheat: A_i = t^a_i times -1 where minus says so. Short a_i: quick. */
static void commit(sample *s, csig_int a[CSIG_REPEAT], const uint8_t minus[BITS_BYTES])
{
    csig_int A, short_n;

    csig_int_pow2(&short_n, 128);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        zk_random_below(&a[i], s->w, &short_n);
        csig_int_powm_var(&A, &s->v.t, &a[i], &s->v.ring.n);
        if (is_set(minus, i)) csig_int_sub(&A, &s->v.ring.n, &A);
        csig_int_to_bytes(s->proof.A[i], CSIG_N_BYTES, &A);
    }
}

static void respond(sample *s, const csig_int a[CSIG_REPEAT], const uint8_t bits[BITS_BYTES])
{
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int z = a[i];

        if (is_set(bits, i)) csig_int_add(&z, &z, &s->lambda);
        csig_int_mod(&z, &z, &s->phi);
        csig_int_to_bytes(s->proof.z[i], CSIG_N_BYTES, &z);
    }
}

static void honest_proofs_are_accepted(void **state)
{
    uint8_t bits[BITS_BYTES];
    sample *s = make();

    (void)state;
    assert_int_equal(csig_wire_size(csig_zk_prm_wire), PROOF_BYTES);
    assert_int_equal(verify(s), CSIG_OK);
    challenge(bits, s);
    assert_int_equal(equations(s, bits), CSIG_REPEAT);

    random_seed(2);
    assert_int_equal(csig_zk_prm_prove(&s->proof, &s->w->env, &s->tr, &s->w->party[0].own_ring),
                     CSIG_OK);
    assert_memory_not_equal(s->proof.A[0], honest.proof.A[0], CSIG_N_BYTES);
    assert_int_equal(verify(s), CSIG_OK);
    free(s);
}

/* The a_i and so the z_i are uniform mod phi(N^): all have nearly full length, none repeats. */
static void exponents_have_full_length(void **state)
{
    size_t small = 0;

    (void)state;
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        small += honest.proof.z[i][0] < 16;
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(honest.proof.z[i], honest.proof.z[j], CSIG_N_BYTES);
    }
    assert_in_range(small, 0, 40); /* 11 are expected */
}

static void altered_fields_are_refused(void **state)
{
    sample *s = make();
    csig_int special[3] = {s->v.ring.n};

    (void)state;
    csig_int_sub(&special[1], &special[0], &one);
    csig_sec_reveal(&special[2], &s->w->party[0].hat_factors.p);

    const zk_octets o = {csig_zk_prm_wire, s->octets, PROOF_BYTES, judge, s, special, 3};
    assert_int_equal(zk_field_count(csig_zk_prm_wire), FIELDS);
    assert_true(zk_refuses_altered_fields(&o, 0, STEP) >= 8);
    zk_refuses_lengths_and_zeros(&o); /* A6: one pair with a large challenge has another length */
    assert_int_equal(judge(s, s->octets, 2 * CSIG_N_BYTES), CSIG_E_LENGTH);
    free(s);
}

/* A4, A6: an honest proof but for the sign of one commitment, in each of some rounds. */
static void A6_every_round_is_checked(void **state)
{
    static const size_t round[] = {0, 1, 7, 8, 63, 126, 127};
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    sample *s = make();

    (void)state;
    assert_non_null(a);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(round); i++) {
        uint8_t bits[BITS_BYTES], minus[BITS_BYTES] = {0};

        minus[round[i] / 8] = (uint8_t)(1 << round[i] % 8);
        commit(s, a, minus);
        challenge(bits, s);
        respond(s, a, bits);
        assert_int_equal(verify(s), CSIG_E_PROOF);
    }
    commit(s, a, (const uint8_t[BITS_BYTES]){0}); /* the same without: nothing else was wrong */
    uint8_t bits[BITS_BYTES];
    challenge(bits, s);
    respond(s, a, bits);
    assert_int_equal(verify(s), CSIG_OK);
    free(a);
    free(s);
}

/* A6: s = -t^lambda. Who guesses all bits is believed; one bit less, and 127 equations hold. */
static void A6_guessed_bits_are_refused(void **state)
{
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    uint8_t guess[BITS_BYTES], bits[BITS_BYTES];
    sample *s = make();

    (void)state;
    assert_non_null(a);
    csig_int_sub(&s->v.s, &s->v.ring.n, &s->v.s);
    csig_rng_bytes(&s->w->rng, "test", guess, sizeof guess);
    commit(s, a, guess);
    respond(s, a, guess);
    assert_int_equal(equations(s, guess), CSIG_REPEAT);
    guess[9] ^= 4;
    assert_int_equal(equations(s, guess), CSIG_REPEAT - 1);
    challenge(bits, s);
    assert_true(equations(s, bits) < CSIG_REPEAT);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    respond(s, a, bits); /* answering the real bits does not help */
    assert_true(equations(s, bits) < CSIG_REPEAT);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(a);
    free(s);
}

/* A5: parameters that a proof holds for and that hide nothing, or that no number is a power of. */
static void A5_degenerate_parameters_are_refused(void **state)
{
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    const csig_int zero = {.limbs = 0};
    uint8_t bits[BITS_BYTES];
    sample *s = make();
    csig_int minus_one, p;

    (void)state;
    assert_non_null(a);
    csig_int_sub(&minus_one, &s->v.ring.n, &one);
    csig_sec_reveal(&p, &s->w->party[0].hat_factors.p);
    const struct {
        csig_int s, t, lambda;
    } bad[] = {{one, s->v.t, zero},        {s->v.t, s->v.t, one},    {minus_one, s->v.t, one},
               {s->v.s, one, zero},        {s->v.s, minus_one, one}, {one, minus_one, zero},
               {minus_one, one, one},      {zero, s->v.t, one},      {s->v.s, zero, one},
               {p, s->v.t, one},           {s->v.s, p, one},         {s->v.ring.n, s->v.t, one},
               {s->v.s, s->v.ring.n, one}, {zero, zero, one}};
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        csig_pedersen v;

        s->v.s = bad[i].s;
        s->v.t = bad[i].t;
        s->lambda = bad[i].lambda;
        commit(s, a, (const uint8_t[BITS_BYTES]){0});
        challenge(bits, s);
        respond(s, a, bits);
        if (i < 2) assert_int_equal(equations(s, bits), CSIG_REPEAT); /* a true proof, of no use */
        assert_int_equal(verify(s), CSIG_E_MODULUS);
        assert_int_equal(csig_pedersen_init(&v, &s->v.ring.n, &s->v.s, &s->v.t, NULL, NULL),
                         CSIG_E_MODULUS);
        memset(&s->proof, 0, sizeof s->proof);
        assert_int_equal(verify(s), CSIG_E_MODULUS);
    }
    free(a);
    free(s);
}

/* A5: s that is no square cannot be a power of t; and zeros, for parameters that are fine. */
static void A5_s_outside_the_group_of_t_is_refused(void **state)
{
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    uint8_t bits[BITS_BYTES];
    sample *s = make();

    (void)state;
    assert_non_null(a);
    memset(&s->proof, 0, sizeof s->proof);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    do
        zk_random_below(&s->v.s, s->w, &s->v.ring.n);
    while (csig_int_jacobi(&s->v.s, &s->v.ring.n) != -1);
    commit(s, a, (const uint8_t[BITS_BYTES]){0});
    challenge(bits, s);
    respond(s, a, bits);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(a);
    free(s);
}

/* Where e_i = 0 the response is a_i, which need not be reduced: N^ - 1 is accepted, N^ is not. */
static void range_of_z_is_exact(void **state)
{
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    uint8_t bits[BITS_BYTES];
    sample *s = make();
    csig_int z, A;

    (void)state;
    assert_non_null(a);
    for (int add = -1; add <= 0; add++) {
        z = s->v.ring.n;
        if (add < 0) csig_int_sub(&z, &z, &one);
        csig_int_powm_var(&A, &s->v.t, &z, &s->v.ring.n);
        do {
            commit(s, a, (const uint8_t[BITS_BYTES]){0});
            csig_int_to_bytes(s->proof.A[5], CSIG_N_BYTES, &A);
            challenge(bits, s);
        } while (is_set(bits, 5));
        respond(s, a, bits);
        csig_int_to_bytes(s->proof.z[5], CSIG_N_BYTES, &z);
        assert_int_equal(equations(s, bits), CSIG_REPEAT);
        assert_int_equal(verify(s), add < 0 ? CSIG_OK : CSIG_E_PROOF);
    }
    free(a);
    free(s);
}

/* A_i + N^ would do where e_i = 1, as A_i s is reduced; it is refused. */
static void range_of_A_is_exact(void **state)
{
    csig_int *a = calloc(CSIG_REPEAT, sizeof *a);
    uint8_t bits[BITS_BYTES];
    sample *s = make();
    csig_int A;

    (void)state;
    assert_non_null(a);
    do {
        commit(s, a, (const uint8_t[BITS_BYTES]){0});
        csig_int_from_bytes(&A, s->proof.A[5], CSIG_N_BYTES);
        csig_int_add(&A, &A, &s->v.ring.n);
        if (csig_int_bits(&A) > CSIG_N_BITS) continue;
        csig_int_to_bytes(s->proof.A[5], CSIG_N_BYTES, &A);
        challenge(bits, s);
    } while (csig_int_bits(&A) > CSIG_N_BITS || !is_set(bits, 5));
    respond(s, a, bits);
    assert_int_equal(equations(s, bits), CSIG_REPEAT);
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(a);
    free(s);
}

static void A3_B5_proof_from_other_context_is_refused(void **state)
{
    csig_transcript other[ZK_OTHERS];
    sample *s = make();

    (void)state;
    zk_other_transcripts(other, USE);
    for (size_t i = 0; i < ZK_OTHERS; i++) {
        s->tr = other[i];
        assert_int_equal(verify(s), CSIG_E_PROOF);
    }
    s->tr = honest.tr; /* A7: replayed for other parameters */
    s->v = s->w->party[1].ring;
    assert_int_equal(verify(s), CSIG_E_PROOF);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_proofs_are_accepted),
        cmocka_unit_test(exponents_have_full_length),
        cmocka_unit_test(altered_fields_are_refused),
        cmocka_unit_test(A6_every_round_is_checked),
        cmocka_unit_test(A6_guessed_bits_are_refused),
        cmocka_unit_test(A5_degenerate_parameters_are_refused),
        cmocka_unit_test(A5_s_outside_the_group_of_t_is_refused),
        cmocka_unit_test(range_of_z_is_exact),
        cmocka_unit_test(range_of_A_is_exact),
        cmocka_unit_test(A3_B5_proof_from_other_context_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, zk_parties_free);
}
