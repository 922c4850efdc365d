/* Sharing: known answers, any t shares give the secret back, commitments follow. */
#include "crypto/shamir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/trap.h"

static csig_rng rng;
static csig_curve curve;

static int setup(void **state)
{
    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    return csig_curve_init(&curve, &rng) == CSIG_OK ? 0 : -1;
}

static csig_poly known_poly(void)
{
    static const char *const a[] = {
        "73ab48767734d7c1c7fde805ec99108ddb5b5fab8f4d3e27dda1494c73cf256d",
        "79cb9e86830c71c2cdcc69292f45e678309d6b79965eda32dae445508201e2bd",
        "244caf9c4dabb4817253edc6181879932fa91425cb0088539d2c67eda13ffe79",
    };
    csig_poly f;

    memset(&f, 0, sizeof f);
    f.t = 3;
    for (size_t k = 0; k < 3; k++)
        hex_read(f.a[k].b, 32, a[k]);
    return f;
}

static void expect_point(const csig_point *P, const char *hex)
{
    uint8_t sec1[CSIG_POINT_BYTES];

    csig_point_to_bytes(sec1, P);
    hex_expect(sec1, sizeof sec1, hex);
}

static void known_answers(void **state)
{
    static const char *const S[] = {
        "03c0d524a389f854f123214453ffc1364624cd5346179bf4b73ab75ed6cb668994",
        "02fbac490aa7688c9454c038387ece03e966bdbd86e66a72d4c1efc5f5ca9caf96",
        "031049b3daa4e07060f30cf810b7c199741327d8c61e200fdeb9662f6d8f2e082c",
    };
    static const struct {
        uint16_t x;
        const char *y, *Y;
    } at[] = {
        {1, "11c3969947ecfe06081e3ef533f7709a80f302644164007295df97fdc6dac562",
         "020032234881fb99a3afcfec3bbf6622296a9c40e3947c465f9e6d87afed07bf5a"},
        {2, "f87543f4b3fc8d4d2ce67170ab86c3cc408baa4f38c473a0484915172c9ca38a",
         "027526cbf48fac4a2c8a5c1056d6be27954dba5a63c5440a97d1ef0d21ffae8dad"},
        {16, "5d14cd2c53b07560f8b240b0f9710b7878384569d547aaadc0254bc20a989311",
         "03a8a713d55bd76d7ed2fce8977589c7da5a23d9e886e934533373875ee586e78c"},
    };
    const csig_poly f = known_poly();
    csig_poly_commit c;

    (void)state;
    assert_int_equal(csig_poly_commit_to(&c, &f, &curve), CSIG_OK);
    assert_int_equal(c.t, 3);
    for (size_t k = 0; k < 3; k++)
        expect_point(&c.S[k], S[k]);
    for (size_t i = 0; i < 3; i++) {
        csig_scalar y;
        csig_point Y;

        csig_poly_eval(&y, &f, at[i].x);
        hex_expect(y.b, 32, at[i].y);
        assert_true(csig_poly_commit_has_eval(&Y, &c, at[i].x));
        expect_point(&Y, at[i].Y);
    }
}

static void known_weights(void **state)
{
    static const struct {
        size_t n;
        uint16_t set[3];
        const char *l[3];
    } known[] = {
        {1, {3}, {"0000000000000000000000000000000000000000000000000000000000000001"}},
        {2,
         {1, 2},
         {"0000000000000000000000000000000000000000000000000000000000000002",
          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"}},
        {3,
         {1, 2, 3},
         {"0000000000000000000000000000000000000000000000000000000000000003",
          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413e",
          "0000000000000000000000000000000000000000000000000000000000000001"}},
        {3,
         {2, 5, 16},
         {"cf3cf3cf3cf3cf3cf3cf3cf3cf3cf3ce3599bf03e33acadb08ffa1dfb4be34d5",
          "e0f83e0f83e0f83e0f83e0f83e0f83dfda5b9b565bfa012cbfd7e67bbebb509d",
          "4fcace213f2b3884fcace213f2b3884f65685f731f5c746fb6cd34be2cf2fd11"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        for (size_t k = 0; k < known[i].n; k++) {
            csig_scalar l;

            csig_lagrange(&l, known[i].set[k], known[i].set, known[i].n);
            hex_expect(l.b, 32, known[i].l[k]);
        }
    }
}

/* The sum of weights times shares over `set` is f(0). */
static void expect_secret(const csig_poly *f, const uint16_t *set, size_t n)
{
    csig_scalar sum, l, y;

    csig_scalar_set_u32(&sum, 0);
    for (size_t k = 0; k < n; k++) {
        csig_lagrange(&l, set[k], set, n);
        csig_poly_eval(&y, f, set[k]);
        csig_scalar_mul(&y, &y, &l);
        csig_scalar_add(&sum, &sum, &y);
    }
    assert_true(csig_scalar_is_eq(&sum, &f->a[0]));
}

static void any_t_shares_give_the_secret(void **state)
{
    (void)state;
    for (uint16_t t = 1; t <= CSIG_MAX_PARTIES; t++) {
        csig_poly f;

        csig_poly_random(&f, t, NULL, &rng);
        assert_int_equal(f.t, t);
        for (uint16_t first = 0; first < CSIG_MAX_PARTIES; first += 5) {
            uint16_t set[CSIG_MAX_PARTIES];

            /* t indices in steps of 3 around the 16: all different, not in order */
            for (uint16_t k = 0; k < t; k++)
                set[k] = (uint16_t)(1 + (first + 3 * k) % CSIG_MAX_PARTIES);
            expect_secret(&f, set, t);
        }
    }
}

static void commitments_follow_shares(void **state)
{
    const uint16_t lengths[] = {1, 2, 9, CSIG_MAX_PARTIES};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        csig_poly_commit c;
        csig_poly f;

        csig_poly_random(&f, lengths[i], NULL, &rng);
        assert_int_equal(csig_poly_commit_to(&c, &f, &curve), CSIG_OK);
        for (uint16_t x = 1; x <= CSIG_MAX_PARTIES; x++) {
            csig_point Y, y_G;
            csig_scalar y;

            csig_poly_eval(&y, &f, x);
            assert_true(csig_point_has_mul_g_var(&y_G, &y));
            assert_true(csig_poly_commit_has_eval(&Y, &c, x));
            assert_true(csig_point_is_eq(&Y, &y_G));
        }
    }
}

static void random_keeps_the_constant_term(void **state)
{
    csig_scalar a0;
    csig_poly f, g;

    (void)state;
    csig_scalar_set_u32(&a0, 5);
    csig_poly_random(&f, 4, &a0, &rng);
    csig_poly_random(&g, 4, &a0, &rng);
    assert_true(csig_scalar_is_eq(&f.a[0], &a0));
    assert_true(csig_scalar_is_eq(&g.a[0], &a0));
    for (size_t k = 0; k < 4; k++)
        assert_false(csig_scalar_is_zero(&f.a[k]));
    for (size_t k = 1; k < 4; k++)
        assert_false(csig_scalar_is_eq(&f.a[k], &g.a[k]));
    for (size_t k = 4; k < CSIG_MAX_PARTIES; k++)
        assert_true(csig_scalar_is_zero(&f.a[k]));
}

/* Commitments to small coefficients, for sums that vanish. */
static csig_poly_commit small_commit(const int *a, uint16_t t)
{
    csig_poly_commit c;
    csig_poly f;

    memset(&f, 0, sizeof f);
    f.t = t;
    for (size_t k = 0; k < t; k++) {
        csig_scalar_set_u32(&f.a[k], (uint32_t)(a[k] < 0 ? -a[k] : a[k]));
        if (a[k] < 0) csig_scalar_neg(&f.a[k], &f.a[k]);
    }
    assert_int_equal(csig_poly_commit_to(&c, &f, &curve), CSIG_OK);
    return c;
}

static void infinity_in_evaluation(void **state)
{
    /* at x = 2: 1, then 2 * 1 - 2 = 0, then 2 */
    const csig_poly_commit passing = small_commit((const int[]){2, -2, 1}, 3);
    /* at x = 2: 1, -1, -2 + 2 = 0 */
    const csig_poly_commit ending = small_commit((const int[]){2, -3, 1}, 3);
    csig_point Y, two_G;
    csig_scalar two;

    (void)state;
    csig_scalar_set_u32(&two, 2);
    assert_true(csig_point_has_mul_g_var(&two_G, &two));
    assert_true(csig_poly_commit_has_eval(&Y, &passing, 2));
    assert_true(csig_point_is_eq(&Y, &two_G));
    assert_false(csig_poly_commit_has_eval(&Y, &ending, 2));
    assert_true(csig_poly_commit_has_eval(&Y, &ending, 3));
    assert_true(csig_point_is_eq(&Y, &two_G));
}

static void sums(void **state)
{
    const csig_poly_commit a = small_commit((const int[]){1, 2, 3}, 3);
    const csig_poly_commit b = small_commit((const int[]){10, 20, -30}, 3);
    const csig_poly_commit minus_b = small_commit((const int[]){100, -20, 1}, 3);
    const csig_poly_commit want = small_commit((const int[]){11, 22, -27}, 3);
    const csig_poly_commit *const both[] = {&a, &b}, *const vanishing[] = {&b, &minus_b};
    csig_poly_commit sum;

    (void)state;
    assert_true(csig_poly_commit_has_sum(&sum, both, 2));
    assert_int_equal(sum.t, 3);
    for (size_t k = 0; k < 3; k++)
        assert_true(csig_point_is_eq(&sum.S[k], &want.S[k]));
    assert_true(csig_poly_commit_has_sum(&sum, both, 1));
    assert_true(csig_point_is_eq(&sum.S[2], &a.S[2]));
    assert_false(csig_poly_commit_has_sum(&sum, vanishing, 2));
}

static void zero_coefficient_has_no_commitment(void **state)
{
    csig_poly f = known_poly();
    csig_poly_commit c;

    (void)state;
    csig_scalar_set_u32(&f.a[1], 0);
    assert_int_equal(csig_poly_commit_to(&c, &f, &curve), CSIG_E_RANGE);
}

static void wiped(void **state)
{
    static const csig_poly zero;
    csig_poly f = known_poly();

    (void)state;
    csig_poly_wipe(&f);
    assert_memory_equal(&f, &zero, sizeof f);
}

/* --- promises: each breaks one --- */

static void eval_at_zero(void *arg)
{
    csig_scalar y;
    csig_poly_eval(&y, arg, 0);
}
static void eval_beyond(void *arg)
{
    csig_scalar y;
    csig_poly_eval(&y, arg, CSIG_MAX_PARTIES + 1);
}
static void zero_constant(void *arg)
{
    csig_scalar zero;
    csig_scalar_set_u32(&zero, 0);
    csig_poly_random(arg, 2, &zero, &rng);
}
static void no_coefficients(void *arg)
{
    csig_poly_random(arg, 0, NULL, &rng);
}
static void too_many_coefficients(void *arg)
{
    csig_poly_random(arg, CSIG_MAX_PARTIES + 1, NULL, &rng);
}
static void two_lengths(void *arg)
{
    const csig_poly_commit a = small_commit((const int[]){1, 2}, 2);
    const csig_poly_commit b = small_commit((const int[]){1, 2, 3}, 3);
    const csig_poly_commit *const both[] = {&a, &b};
    csig_poly_commit sum;

    (void)arg;
    (void)csig_poly_commit_has_sum(&sum, both, 2);
}
static void weigh(uint16_t i, uint16_t a, uint16_t b, uint16_t c)
{
    const uint16_t set[] = {a, b, c};
    csig_scalar l;

    csig_lagrange(&l, i, set, 3);
}
static void twice(void *arg)
{
    (void)arg, weigh(1, 1, 2, 2);
}
static void self_twice(void *arg)
{
    (void)arg, weigh(1, 1, 1, 2);
}
static void not_there(void *arg)
{
    (void)arg, weigh(4, 1, 2, 3);
}
static void index_zero(void *arg)
{
    (void)arg, weigh(1, 1, 0, 3);
}
static void index_17(void *arg)
{
    (void)arg, weigh(1, 1, 17, 3);
}

static void broken_promises_trap(void **state)
{
    void (*const breaks[])(void *) = {eval_at_zero, eval_beyond,     zero_constant,
                                      twice,        no_coefficients, too_many_coefficients,
                                      two_lengths,  self_twice,      not_there,
                                      index_zero,   index_17};
    csig_poly f = known_poly();

    (void)state;
    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++)
        assert_true(trap_is_hit(breaks[i], &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(known_weights),
        cmocka_unit_test(any_t_shares_give_the_secret),
        cmocka_unit_test(commitments_follow_shares),
        cmocka_unit_test(random_keeps_the_constant_term),
        cmocka_unit_test(infinity_in_evaluation),
        cmocka_unit_test(sums),
        cmocka_unit_test(zero_coefficient_has_no_commitment),
        cmocka_unit_test(wiped),
        cmocka_unit_test(broken_promises_trap),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
