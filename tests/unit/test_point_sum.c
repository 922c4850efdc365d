/* Sums of points, infinity on the way and at the end, and the form of every verification. */
#include "num/point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/trap.h"

static void small(csig_point *R, int32_t k)
{
    csig_scalar s;

    csig_scalar_set_u32(&s, (uint32_t)(k < 0 ? -k : k));
    if (k < 0) csig_scalar_neg(&s, &s);
    assert_true(csig_point_has_mul_g_var(R, &s));
}

static void expect(const csig_point *A, const csig_point *B)
{
    uint8_t a[CSIG_POINT_BYTES], b[CSIG_POINT_BYTES];

    csig_point_to_bytes(a, A);
    csig_point_to_bytes(b, B);
    assert_memory_equal(a, b, sizeof a);
    assert_true(csig_point_is_eq(A, B));
}

static void additions(void **state)
{
    csig_point A, B, R, want;

    (void)state;
    for (int32_t a = -4; a <= 4; a++) {
        for (int32_t b = -4; b <= 4; b++) {
            if (a == 0 || b == 0) continue;
            small(&A, a);
            small(&B, b);
            assert_int_equal(csig_point_has_add(&R, &A, &B), a + b != 0);
            if (a + b == 0) continue;
            small(&want, a + b);
            expect(&R, &want);
            assert_true(csig_point_has_add(&A, &A, &B)); /* in place */
            expect(&A, &want);
        }
    }
}

/* Every number of points around the chunk size, with the partial sum infinite at every place. */
static void sums(void **state)
{
    static csig_point term[40];
    const csig_point *P[40];
    csig_point R, want;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(P); i++)
        P[i] = &term[i];
    assert_false(csig_point_has_sum(&R, P, 0));
    for (size_t n = 1; n <= CSIG_ARRAY_LEN(P); n++) {
        for (size_t i = 0; i < n; i++)
            small(&term[i], 1);
        assert_true(csig_point_has_sum(&R, P, n));
        small(&want, (int32_t)n);
        expect(&R, &want);
        for (size_t i = 1; i < n; i++) { /* the first i + 1 terms vanish */
            int32_t rest = (int32_t)(n - i - 1);

            small(&term[i], -(int32_t)i);
            assert_int_equal(csig_point_has_sum(&R, P, n), rest != 0);
            if (rest != 0) small(&want, rest), expect(&R, &want);
            small(&term[i], 1);
        }
    }
}

typedef struct equation {
    int32_t k[8], p[8]; /* sum of k * pG; p = 0 stands for NULL, which is G */
    size_t n;
} equation;

static bool holds(const equation *e)
{
    csig_scalar k[8];
    csig_point P[8];
    const csig_scalar *ks[8];
    const csig_point *Ps[8];

    for (size_t i = 0; i < e->n; i++) {
        csig_scalar_set_u32(&k[i], (uint32_t)(e->k[i] < 0 ? -e->k[i] : e->k[i]));
        if (e->k[i] < 0) csig_scalar_neg(&k[i], &k[i]);
        if (e->p[i] != 0) small(&P[i], e->p[i]);
        ks[i] = &k[i];
        Ps[i] = e->p[i] != 0 ? &P[i] : NULL;
    }
    return csig_point_is_zero_sum_var(ks, Ps, e->n);
}

static void zero_sums(void **state)
{
    static const equation cases[] = {
        {.n = 0},
        {{0}, {1}, 1},
        {{0, 0, 0}, {1, 0, 5}, 3},
        {{1, -1}, {5, 5}, 2},
        {{5, -1}, {0, 5}, 2},
        {{1, -1, 7, -7}, {2, 2, 3, 3}, 4}, /* infinite after two */
        {{1, -1, 0, 2, -1}, {4, 4, 9, 3, 6}, 5},
        {{2, 2, -1}, {3, 3, 12}, 3}, /* equal terms: a doubling */
        {{1, 1, 1, 1, 1, 1, 1, -7}, {0, 0, 0, 0, 0, 0, 0, 0}, 8},
        {{3, -3, 3, -3, 3, -3, 3, -3}, {2, 2, 2, 2, 2, 2, 2, 2}, 8},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        assert_true(holds(&cases[i]));
        for (size_t j = 0; j < cases[i].n; j++) { /* one more of any point, and it fails */
            equation e = cases[i];

            e.k[j]++;
            assert_false(holds(&e));
        }
    }
}

static void nine_terms(void *arg)
{
    const csig_scalar *k[9];
    const csig_point *P[9] = {NULL};

    for (size_t i = 0; i < 9; i++)
        k[i] = arg;
    (void)csig_point_is_zero_sum_var(k, P, 9);
}

static void more_than_eight_terms_trap(void **state)
{
    csig_scalar one;

    (void)state;
    csig_scalar_set_u32(&one, 1);
    assert_true(trap_is_hit(nine_terms, &one));
}

/* The shape of a Schnorr check with random numbers: zG - A - eX. */
static void zero_sum_of_a_proof(void **state)
{
    csig_rng rng;
    csig_scalar a, e, x, z, one, minus_one, minus_e;
    csig_point A, X;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    csig_scalar_set_u32(&one, 1);
    csig_scalar_neg(&minus_one, &one);
    csig_scalar_random(&a, &rng, "test");
    csig_scalar_random(&e, &rng, "test");
    csig_scalar_random(&x, &rng, "test");
    csig_scalar_neg(&minus_e, &e);
    csig_scalar_response(&z, &a, &e, &x);
    assert_true(csig_point_has_mul_g_var(&A, &a));
    assert_true(csig_point_has_mul_g_var(&X, &x));
    {
        const csig_scalar *const k[] = {&z, &minus_one, &minus_e};
        const csig_point *const P[] = {NULL, &A, &X};

        assert_true(csig_point_is_zero_sum_var(k, P, 3));
        csig_scalar_add(&z, &z, &one);
        assert_false(csig_point_is_zero_sum_var(k, P, 3));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions),           cmocka_unit_test(sums),
        cmocka_unit_test(zero_sums),           cmocka_unit_test(more_than_eight_terms_trap),
        cmocka_unit_test(zero_sum_of_a_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
