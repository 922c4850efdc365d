#include "num/exp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/engine.h"
#include "support/oracle.h"

/* One modulus with its factors, known to us or not, and one job in two forms: as the oracle's
 * numbers and as the library's. */
typedef struct fixture {
    mpz_t p, q, n, nn, base[3], exp[3], plain, times, want, got, t;
    csig_sec sp, sq;
    csig_ring ring;
    csig_factors own;
    csig_int bases[3], exps[3], plain_int, times_int, out;
    csig_sec sbases[3], sexps[3], plain_sec, secret_out;
    csig_comb *comb[3];
    csig_job job;
} fixture;

static fixture f;

typedef enum role { PUBLIC, SECRET_EXP, SECRET_BASE, COMB, PUBLIC_COMB } role;

static void begin(bool squared, bool own)
{
    memset(&f.job, 0, sizeof f.job);
    f.job.ring = &f.ring;
    f.job.own = own ? &f.own : NULL;
    f.job.squared = squared;
}

/* The base is made a unit. */
static void add_term(role what, const mpz_t base, const mpz_t exp, uint32_t bits)
{
    const uint32_t i = f.job.terms++;
    csig_term *t = &f.job.term[i];

    mpz_set(f.base[i], base);
    mpz_set(f.exp[i], exp);
    oracle_to_int(&f.bases[i], base);
    oracle_to_int(&f.exps[i], exp);
    t->base = &f.bases[i];
    t->exp = &f.exps[i];
    if (what == SECRET_EXP || what == COMB) {
        oracle_to_sec(&f.sexps[i], exp, bits);
        t->exp = NULL;
        t->secret_exp = &f.sexps[i];
    }
    if (what == SECRET_BASE) {
        oracle_to_sec(&f.sbases[i], base, f.job.squared ? CSIG_NN_BITS : CSIG_N_BITS);
        t->base = NULL;
        t->secret_base = &f.sbases[i];
    }
    if (what == COMB || what == PUBLIC_COMB) {
        csig_comb_free(f.comb[i]);
        f.comb[i] = csig_comb_new(&f.ring, &f.bases[i], CSIG_COMB_BITS);
        assert_non_null(f.comb[i]);
        t->comb = f.comb[i];
    }
}

static void random_unit(mpz_t r, const mpz_t n)
{
    do {
        oracle_below(r, n);
        mpz_gcd(f.t, r, n);
    } while (mpz_cmp_ui(f.t, 1) != 0);
}

static void add_random(role what, uint32_t bits, bool neg)
{
    mpz_t base, exp;

    mpz_inits(base, exp, NULL);
    random_unit(base, f.job.squared && what != SECRET_BASE ? f.nn : f.n);
    oracle_bits(exp, bits);
    if (neg) mpz_neg(exp, exp);
    add_term(what, base, exp, bits + 3);
    mpz_clears(base, exp, NULL);
}

static void add_plain(bool secret, const mpz_t m, uint32_t bits)
{
    mpz_set(f.plain, m);
    oracle_to_int(&f.plain_int, m);
    oracle_to_sec(&f.plain_sec, m, bits);
    if (secret)
        f.job.secret_plain = &f.plain_sec;
    else
        f.job.plain = &f.plain_int;
}

static void add_times(void)
{
    oracle_below(f.times, f.job.squared ? f.nn : f.n);
    oracle_to_int(&f.times_int, f.times);
    f.job.times = &f.times_int;
}

static void compute_wanted(void)
{
    const mpz_t *m = f.job.squared ? &f.nn : &f.n;

    mpz_set_ui(f.want, 1);
    for (uint32_t i = 0; i < f.job.terms; i++) {
        mpz_powm(f.t, f.base[i], f.exp[i], *m);
        mpz_mul(f.want, f.want, f.t);
    }
    if (f.job.plain != NULL || f.job.secret_plain != NULL) {
        mpz_mul(f.t, f.plain, f.n);
        mpz_add_ui(f.t, f.t, 1);
        mpz_mul(f.want, f.want, f.t);
    }
    if (f.job.times != NULL) mpz_mul(f.want, f.want, f.times);
    mpz_mod(f.want, f.want, *m);
}

static void check_one(const csig_engine *engine, bool secret)
{
    f.job.out = secret ? NULL : &f.out;
    f.job.secret_out = secret ? &f.secret_out : NULL;
    memset(secret ? (void *)&f.secret_out : (void *)&f.out, 0xff,
           secret ? sizeof f.secret_out : sizeof f.out);
    assert_int_equal(csig_exp_run(engine, &f.job, 1), CSIG_OK);
    if (secret)
        oracle_from_sec(f.got, &f.secret_out);
    else
        oracle_from_int(f.got, &f.out);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
    if (secret) assert_int_equal(f.secret_out.bits, f.job.squared ? CSIG_NN_BITS : CSIG_N_BITS);
}

/* Here and by an engine, in turns into a public and into a secret number. */
static void check(void)
{
    static bool turn;
    test_engine e;

    compute_wanted();
    test_engine_init(&e);
    check_one(NULL, turn);
    turn = !turn;
    check_one(&e.engine, turn);
}

static void single_powers(void **state)
{
    const uint32_t bits[] = {1, 2, 63, 64, 65, 256, CSIG_P_BITS};

    (void)state;
    oracle_seed(1);
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
            begin(kind & 1, kind & 2);
            add_random(PUBLIC, bits[i], i % 2 == 1);
            check();
            begin(kind & 1, kind & 2);
            add_random(SECRET_EXP, bits[i], i % 2 == 0);
            check();
            begin(kind & 1, kind & 2);
            add_random(SECRET_BASE, bits[i], false);
            check();
        }
    }
}

/* every exponent there is a special case for, with every base there is */
static void edges(void **state)
{
    mpz_t base, exp;

    (void)state;
    mpz_inits(base, exp, NULL);
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < 20; i++) {
            const mpz_t *m = kind & 1 ? &f.nn : &f.n;

            mpz_set_si(base, (const int[]){1, -1, 2, -2}[i % 4]);
            mpz_mod(base, base, *m);
            mpz_set_ui(exp, 0);
            if (i / 4 > 0) mpz_setbit(exp, (const mp_bitcnt_t[]){0, 0, 1, 64, 600}[i / 4]);
            if (i / 4 > 1) mpz_sub_ui(exp, exp, 1);
            begin(kind & 1, kind & 2);
            add_term(PUBLIC, base, exp, 0);
            check();
            begin(kind & 1, kind & 2);
            add_term(SECRET_EXP, base, exp, i % 5 ? 610 : 1600);
            check();
            begin(kind & 1, kind & 2);
            add_term(SECRET_BASE, base, exp, 0);
            check();
        }
    }
    mpz_clears(base, exp, NULL);
}

/* p - 1 and its neighbours and multiples: where reduction of exponents begins and ends */
static void exponents_about_the_order(void **state)
{
    mpz_t base, exp;

    (void)state;
    oracle_seed(2);
    mpz_inits(base, exp, NULL);
    for (int i = 0; i < 15; i++) {
        mpz_sub_ui(exp, i % 2 ? f.p : f.q, 1);
        mpz_mul_ui(exp, exp, (const unsigned long[]){1, 2, 3}[i / 2 % 3]);
        if (i % 6 / 3) mpz_mul(exp, exp, f.p);
        mpz_add_ui(exp, exp, (unsigned long)(i / 6));
        mpz_sub_ui(exp, exp, 2);
        if (i % 5 == 1) mpz_neg(exp, exp);
        for (int kind = 0; kind < 2; kind++) {
            random_unit(base, f.n);
            begin(kind & 1, true);
            add_term(i % 3 ? PUBLIC : SECRET_EXP, base, exp, CSIG_N_BITS + 2);
            check();
        }
    }
    mpz_clears(base, exp, NULL);
}

static void encryption_with_and_without_factors(void **state)
{
    csig_int here;
    mpz_t base, m;

    (void)state;
    oracle_seed(3);
    mpz_inits(base, m, NULL);
    for (int i = 0; i < 6; i++) {
        random_unit(base, f.n);
        oracle_bits(m, (const uint32_t[]){0, 1, 256, CSIG_ELL_P + CSIG_EPS, CSIG_N_BITS, 5}[i]);
        if (i % 2 == 1) mpz_neg(m, m);
        begin(true, true);
        add_term(SECRET_BASE, base, f.n, 0);
        add_plain(i < 3, m, CSIG_N_BITS);
        check();
        check_one(NULL, false);
        here = f.out;
        f.job.own = NULL;
        check_one(NULL, false);
        assert_true(csig_int_is_eq(&here, &f.out));
    }
    mpz_clears(base, m, NULL);
}

/* D = C^x enc(y; rho) and enc(z; w) C^x D^-e, as Paillier's users ask for them */
static void products_of_three(void **state)
{
    mpz_t w, m;

    (void)state;
    oracle_seed(4);
    mpz_inits(w, m, NULL);
    for (int i = 0; i < 8; i++) {
        const bool own = i & 1, secret = i & 2;

        random_unit(w, f.n);
        oracle_bits(m, CSIG_ELL_P);
        mpz_neg(m, m);
        begin(true, own);
        add_random(secret ? SECRET_EXP : PUBLIC, CSIG_ELL + CSIG_EPS, i & 4);
        add_term(secret ? SECRET_BASE : PUBLIC, w, f.n, 0);
        if (i & 4) add_random(PUBLIC, 256, true);
        add_plain(secret, m, CSIG_ELL_P + CSIG_EPS);
        if (i > 4) add_times();
        check();
    }
    mpz_clears(w, m, NULL);
}

static void combs_and_other_terms(void **state)
{
    (void)state;
    oracle_seed(5);
    for (int i = 0; i < 6; i++) {
        const bool own = i == 5;

        begin(false, own);
        add_random(i % 2 ? COMB : PUBLIC_COMB, 768, i & 1);
        add_random(i % 3 ? COMB : SECRET_EXP, 768 + CSIG_N_BITS, i & 2);
        if (i > 2) add_random(PUBLIC, 256, true);
        if (i > 3) add_times();
        check();
    }
    begin(true, false); /* a table mod N is of no use mod N^2 */
    add_random(COMB, 256, true);
    check();
}

static void no_term_at_all(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        begin(kind & 1, kind & 2);
        check();
        add_times();
        check();
    }
}

static void set_up(void)
{
    csig_int n;

    mpz_inits(f.p, f.q, f.n, f.nn, f.plain, f.times, f.want, f.got, f.t, NULL);
    for (int i = 0; i < 3; i++)
        mpz_inits(f.base[i], f.exp[i], NULL);
    oracle_prime(f.p, 0);
    oracle_prime(f.q, 1);
    mpz_mul(f.n, f.p, f.q);
    mpz_mul(f.nn, f.n, f.n);
    oracle_to_sec(&f.sp, f.p, CSIG_P_BITS);
    oracle_to_sec(&f.sq, f.q, CSIG_P_BITS);
    csig_factors_init(&f.own, &f.sp, &f.sq);
    oracle_to_int(&n, f.n);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_powers),
        cmocka_unit_test(edges),
        cmocka_unit_test(exponents_about_the_order),
        cmocka_unit_test(encryption_with_and_without_factors),
        cmocka_unit_test(products_of_three),
        cmocka_unit_test(combs_and_other_terms),
        cmocka_unit_test(no_term_at_all),
    };

    set_up();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
