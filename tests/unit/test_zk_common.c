/* What the proofs share: unit lists, the forms of a challenge, items of a statement. */
#include "zk/common.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/zk.h"

typedef struct numbers {
    csig_int p, N, NN;
} numbers;

static void make(numbers *m)
{
    mpz_t p, q;

    mpz_inits(p, q, NULL);
    oracle_seed(1);
    oracle_prime(p, 0);
    oracle_prime(q, 1);
    oracle_to_int(&m->p, p);
    mpz_mul(q, p, q);
    oracle_to_int(&m->N, q);
    csig_int_mul(&m->NN, &m->N, &m->N);
    mpz_clears(p, q, NULL);
}

static void unit_lists_are_accepted(void **state)
{
    numbers m;
    csig_int a, b, c;
    const csig_int *const list[] = {&a, &b, &c};

    (void)state;
    make(&m);
    csig_int_set_u64(&a, 1);
    csig_int_set_u64(&b, 2);
    csig_int_sub(&c, &m.N, &a); /* -1 */
    assert_true(csig_zk_has_only_units(list, 3, &m.N, &m.N));
    assert_true(csig_zk_has_only_units(list, 0, &m.N, &m.N));
    csig_int_sub(&c, &m.NN, &a);
    csig_int_add(&b, &m.N, &a); /* 1 mod N and not below N */
    assert_true(csig_zk_has_only_units(list, 3, &m.NN, &m.N));
    assert_false(csig_zk_has_only_units(list, 2, &m.N, &m.N));
}

/* Each number that is none, in each place of a list. */
static void one_bad_number_spoils_a_list(void **state)
{
    numbers m;
    csig_int bad[7], good[3];

    (void)state;
    make(&m);
    csig_int_set_u64(&bad[0], 0);
    bad[1] = m.N;
    csig_int_mul(&bad[2], &m.p, &m.p);
    csig_int_set_u64(&bad[3], 5);
    csig_int_neg(&bad[3], &bad[3]);
    bad[4] = m.NN;
    csig_int_set_u64(&bad[5], 1);
    csig_int_add(&bad[5], &bad[5], &m.NN);
    bad[6] = m.p;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++)
        for (size_t at = 0; at < 3; at++) {
            const csig_int *list[] = {&good[0], &good[1], &good[2]};

            for (uint64_t j = 0; j < 3; j++)
                csig_int_set_u64(&good[j], j + 3);
            list[at] = &bad[i];
            assert_false(csig_zk_has_only_units(list, 3, &m.NN, &m.N));
        }
}

static void challenge_has_four_forms(void **state)
{
    csig_transcript t;
    csig_scalar want, sum;
    csig_int zero;
    csig_zk_e e;

    (void)state;
    zk_transcript(&t, CSIG_LABEL_TEST_A);
    csig_transcript_challenge_scalar(&t, &want);
    csig_zk_challenge(&e, &t);
    assert_false(e.e.neg);
    assert_true(csig_scalar_is_eq(&e.scalar, &want));
    csig_int_add(&zero, &e.e, &e.minus_e);
    assert_true(csig_int_is_zero(&zero));
    csig_scalar_add(&sum, &e.scalar, &e.minus_scalar);
    assert_true(csig_scalar_is_zero(&sum));

    csig_zk_minus_one(&sum);
    csig_scalar_set_u32(&want, 1);
    csig_scalar_add(&sum, &sum, &want);
    assert_true(csig_scalar_is_zero(&sum));
}

static void expect_same(const csig_transcript *a, const csig_transcript *b)
{
    uint8_t x[CSIG_HASH_BYTES], y[CSIG_HASH_BYTES];

    csig_transcript_hash(a, x);
    csig_transcript_hash(b, y);
    assert_memory_equal(x, y, sizeof x);
}

static void items_have_fixed_width(void **state)
{
    csig_paillier k = {.own = NULL};
    csig_pedersen v = {.own = NULL};
    csig_transcript a, b;
    csig_point G;

    (void)state;
    csig_int_set_u64(&k.ring.n, 7); /* short numbers: the width must not follow from them */
    csig_int_set_u64(&v.ring.n, 8);
    csig_int_set_u64(&v.s, 9);
    csig_int_set_u64(&v.t, 10);
    zk_transcript(&a, CSIG_LABEL_TEST_A);
    b = a;
    csig_zk_absorb_paillier(&a, &k);
    csig_zk_absorb_pedersen(&a, &v);
    csig_zk_absorb_generator(&a);
    csig_transcript_nat(&b, &k.ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&b, &v.ring.n, CSIG_N_BYTES);
    csig_transcript_nat(&b, &v.s, CSIG_N_BYTES);
    csig_transcript_nat(&b, &v.t, CSIG_N_BYTES);
    csig_point_generator(&G);
    csig_transcript_point(&b, &G);
    expect_same(&a, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unit_lists_are_accepted),
        cmocka_unit_test(one_bad_number_spoils_a_list),
        cmocka_unit_test(challenge_has_four_forms),
        cmocka_unit_test(items_have_fixed_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
