/* One exchange: alpha + beta = k x mod q, whatever the mask; and answers that are refused. */
#include "signer/mta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/zk_party.h"

/* Party 0 asks, party 1 answers. */
typedef struct exchange {
    zk_world *w;
    csig_scalar k, x;
    csig_point X;
    csig_int K;
    csig_mta_answer answer;
    csig_mta_mask mask;
    csig_mta at_answerer, at_asker;
    csig_transcript tr;
} exchange;

static void ask(exchange *e, zk_world *w)
{
    csig_mta_asked asked;

    memset(e, 0, sizeof *e);
    e->w = w;
    csig_scalar_random(&e->k, &w->rng, "test");
    zk_random_point(&e->X, &e->x, w);
    csig_job job = csig_mta_ask(&asked, &e->K, &w->party[0].own_key, &e->k, &w->rng);
    zk_run(&job, 1);
    e->at_answerer = (csig_mta){
        .asker = &w->party[0].key,
        .answerer = &w->party[1].own_key,
        .verifier = &w->party[0].ring,
        .K = &e->K,
        .X = &e->X,
    };
    e->at_asker = (csig_mta){
        .asker = &w->party[0].own_key,
        .answerer = &w->party[1].key,
        .verifier = &w->party[0].own_ring,
        .K = &e->K,
        .X = &e->X,
    };
    csig_transcript_proof(&e->tr, CSIG_LABEL_ZK_AFFG_X,
                          (const uint8_t *)"session: thirty-two characters..", 2, 1);
}

/* y NULL: a mask as drawn. */
static void answer(exchange *e, const csig_int *y)
{
    csig_job job[2];
    csig_sec x;

    csig_sec_from_scalar(&x, &e->x);
    csig_mta_answer_jobs(job, &e->answer, &e->mask, &e->at_answerer, &x, &e->w->rng);
    if (y != NULL) csig_sec_from_int(&e->mask.y, y, CSIG_ELL_P + 1);
    zk_run(job, 2);
    assert_int_equal(
        csig_mta_answer_prove(&e->answer, &e->w->env, &e->tr, &e->at_answerer, &e->x, &e->mask),
        CSIG_OK);
}

static csig_err check(const exchange *e)
{
    return csig_mta_answer_check(&e->answer, &e->w->env, &e->tr, &e->at_asker);
}

static void expect_product(const exchange *e)
{
    csig_scalar alpha, beta, kx;

    assert_int_equal(check(e), CSIG_OK);
    assert_int_equal(csig_mta_finish(&alpha, &e->answer, e->at_asker.asker, &e->w->env), CSIG_OK);
    csig_mta_beta(&beta, &e->mask);
    csig_scalar_add(&alpha, &alpha, &beta);
    csig_scalar_mul(&kx, &e->k, &e->x);
    assert_true(csig_scalar_is_eq(&alpha, &kx));
}

static void shares_add_up_to_the_product(void **state)
{
    exchange e;

    for (int i = 0; i < 3; i++) {
        ask(&e, *state);
        answer(&e, NULL);
        expect_product(&e);
    }
}

/* The plaintext k x + y is made 0, 1, -1, the smallest and the largest. */
static void edges_of_the_plaintext_B7(void **state)
{
    csig_int kx, x, one, y[5];
    exchange e;

    ask(&e, *state);
    csig_int_set_u64(&one, 1);
    csig_scalar_to_int(&kx, &e.k);
    csig_scalar_to_int(&x, &e.x);
    csig_int_mul(&kx, &kx, &x);
    csig_int_neg(&y[0], &kx);
    csig_int_add(&y[1], &y[0], &one);
    csig_int_sub(&y[2], &y[0], &one);
    csig_int_pow2(&y[3], CSIG_ELL_P);
    csig_int_neg(&y[4], &y[3]);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(y); i++) {
        answer(&e, &y[i]);
        expect_product(&e);
    }
}

/* Unsigned decryption would be off by N mod q for half of all masks. */
static void decryption_is_centred_B7(void **state)
{
    csig_int minus_one;
    csig_scalar alpha, expected;
    exchange e;

    ask(&e, *state);
    csig_int_set_u64(&minus_one, 1);
    csig_int_neg(&minus_one, &minus_one);
    zk_encrypt(&e.answer.D, &e.mask.rho, e.w, e.at_asker.asker, &minus_one);
    assert_int_equal(csig_mta_finish(&alpha, &e.answer, e.at_asker.asker, &e.w->env), CSIG_OK);
    csig_scalar_from_int(&expected, &minus_one);
    assert_true(csig_scalar_is_eq(&alpha, &expected));
}

/* A mask of 256 bits would show the product's upper half. */
static void masks_are_as_long_as_they_must_be_B6(void **state)
{
    uint32_t longest = 0, shortest = CSIG_ELL_P + 1, negative = 0;
    exchange e;

    ask(&e, *state);
    for (int i = 0; i < 1000; i++) {
        csig_job job[2];
        csig_sec x;
        csig_int y;

        csig_sec_from_scalar(&x, &e.x);
        csig_mta_answer_jobs(job, &e.answer, &e.mask, &e.at_answerer, &x, &e.w->rng);
        csig_sec_reveal(&y, &e.mask.y);
        assert_true(csig_int_is_within(&y, CSIG_ELL_P));
        if (csig_int_bits(&y) > longest) longest = csig_int_bits(&y);
        if (csig_int_bits(&y) < shortest) shortest = csig_int_bits(&y);
        negative += y.neg;
    }
    assert_in_range(longest, 1279, 1281);
    assert_in_range(shortest, 1240, 1279);
    assert_in_range(negative, 400, 600);
}

/* What the asker decrypts is as long as the mask. */
static void decrypted_values_are_masked_B6(void **state)
{
    csig_sec alpha;
    csig_int value;
    exchange e;

    ask(&e, *state);
    for (int i = 0; i < 4; i++) {
        answer(&e, NULL);
        assert_int_equal(csig_paillier_decrypt(&alpha, e.at_asker.asker, &e.answer.D, &e.w->env),
                         CSIG_OK);
        csig_sec_reveal(&value, &alpha);
        if (csig_int_bits(&value) > 1200) return;
    }
    fail_msg("four plaintexts below 2^1200");
}

/* --- refused --- */

static void altered_answers(void **state)
{
    csig_int one;
    csig_point other_X;
    csig_scalar other_x;
    exchange e;

    ask(&e, *state);
    answer(&e, NULL);
    csig_int_set_u64(&one, 1);
    const exchange good = e;

    csig_int_mulm(&e.answer.D, &e.answer.D, &e.K, &e.at_asker.asker->ring.nn);
    assert_int_equal(check(&e), CSIG_E_PROOF);
    e = good;
    e.answer.F = one;
    assert_int_equal(check(&e), CSIG_E_PROOF);
    e = good;
    e.answer.D = e.at_asker.asker->ring.n; /* not a unit */
    assert_int_equal(check(&e), CSIG_E_PROOF);
    e = good;
    csig_int_set_u64(&e.answer.D, 0);
    assert_int_equal(check(&e), CSIG_E_PROOF);
    e = good;
    zk_random_point(&other_X, &other_x, e.w);
    e.at_asker.X = &other_X;
    assert_int_equal(check(&e), CSIG_E_PROOF);
    e = good;
    csig_transcript_proof(&e.tr, CSIG_LABEL_ZK_AFFG_GAMMA,
                          (const uint8_t *)"session: thirty-two characters..", 2, 1);
    assert_int_equal(check(&e), CSIG_E_PROOF);
    assert_int_equal(check(&good), CSIG_OK);
}

static void a_failing_engine(void **state)
{
    csig_env env;
    csig_scalar alpha;
    exchange e;

    ask(&e, *state);
    answer(&e, NULL);
    env = e.w->env;
    env.engine = &zk_failing_engine;
    assert_int_equal(csig_mta_answer_check(&e.answer, &env, &e.tr, &e.at_asker), CSIG_E_ENGINE);
    assert_int_equal(csig_mta_finish(&alpha, &e.answer, e.at_asker.asker, &env), CSIG_E_ENGINE);
    assert_int_equal(csig_mta_answer_prove(&e.answer, &env, &e.tr, &e.at_answerer, &e.x, &e.mask),
                     CSIG_E_ENGINE);
}

static void secrets_are_wiped(void **state)
{
    static const csig_mta_mask no_mask;
    static const csig_mta_asked nothing;
    csig_mta_asked asked;
    csig_int K;
    exchange e;

    ask(&e, *state);
    answer(&e, NULL);
    csig_mta_mask_wipe(&e.mask);
    assert_memory_equal(e.mask.y.d, no_mask.y.d, sizeof e.mask.y.d);
    assert_memory_equal(e.mask.rho.d, no_mask.rho.d, sizeof e.mask.rho.d);
    assert_memory_equal(e.mask.rho_y.d, no_mask.rho_y.d, sizeof e.mask.rho_y.d);
    (void)csig_mta_ask(&asked, &K, &e.w->party[0].own_key, &e.k, &e.w->rng);
    csig_mta_asked_wipe(&asked);
    assert_memory_equal(asked.k.d, nothing.k.d, sizeof asked.k.d);
    assert_memory_equal(asked.rho.d, nothing.rho.d, sizeof asked.rho.d);
}

static void octets(void **state)
{
    static uint8_t bytes[2 * CSIG_NN_BYTES + 16384];
    const size_t len = csig_wire_size(csig_mta_answer_wire);
    csig_mta_answer again;
    exchange e;

    ask(&e, *state);
    answer(&e, NULL);
    assert_int_equal(len, 2 * CSIG_NN_BYTES + csig_wire_size(csig_zk_affg_wire));
    csig_wire_write(csig_mta_answer_wire, &e.answer, bytes, len);
    assert_int_equal(csig_wire_read(csig_mta_answer_wire, &again, bytes, len), CSIG_OK);
    e.answer = again;
    assert_int_equal(check(&e), CSIG_OK);
    assert_int_equal(csig_wire_read(csig_mta_answer_wire, &again, bytes, len - 1), CSIG_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_add_up_to_the_product),
        cmocka_unit_test(edges_of_the_plaintext_B7),
        cmocka_unit_test(decryption_is_centred_B7),
        cmocka_unit_test(masks_are_as_long_as_they_must_be_B6),
        cmocka_unit_test(decrypted_values_are_masked_B6),
        cmocka_unit_test(altered_answers),
        cmocka_unit_test(a_failing_engine),
        cmocka_unit_test(secrets_are_wiped),
        cmocka_unit_test(octets),
    };

    return cmocka_run_group_tests(tests, zk_parties_new, zk_parties_free);
}
