#include "num/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/engine.h"
#include "support/oracle.h"

#define TASKS 12

typedef struct fixture {
    csig_pair pair[2];
    csig_task task[TASKS];
    csig_task *list[TASKS];
    mpz_t n[2], base, exp, m, want[TASKS], got;
    test_engine e;
} fixture;

static fixture f;

/* of all kinds: mod n and n^2, a prime and a product, exponents of zero bits and more */
static void set_tasks(void)
{
    oracle_seed(1);
    for (uint32_t i = 0; i < TASKS; i++) {
        csig_task *const t = &f.task[i];
        mp_limb_t d[CSIG_PAIR_LIMBS];

        *t = (csig_task){.z = {.n = &f.pair[i % 2], .is_squared = i % 4 >= 2},
                         .bits = i % 5 * 67,
                         .is_secret = i % 3 == 0,
                         .is_private = i % 3 < 2};
        mpz_pow_ui(f.m, f.n[i % 2], i % 4 >= 2 ? 2 : 1);
        oracle_below(f.base, f.m);
        oracle_bits(f.exp, t->bits);
        mpz_powm(f.want[i], f.base, f.exp, f.m);
        oracle_to_limbs(d, csig_residues_limbs(&t->z), f.base);
        csig_residues_enter(t->value, &t->z, d, csig_residues_limbs(&t->z));
        oracle_to_limbs(t->exp, CSIG_INT_LIMBS, f.exp);
        f.list[i] = t;
    }
}

static void check_tasks(void)
{
    for (uint32_t i = 0; i < TASKS; i++) {
        mp_limb_t d[CSIG_PAIR_LIMBS];

        csig_residues_leave(d, &f.task[i].z, f.task[i].value);
        oracle_from_limbs(f.got, d, csig_residues_limbs(&f.task[i].z));
        assert_int_equal(mpz_cmp(f.got, f.want[i]), 0);
    }
}

static void tasks_are_run_here(void **state)
{
    (void)state;
    set_tasks();
    assert_int_equal(csig_task_run(NULL, f.list, TASKS), CSIG_OK);
    check_tasks();
}

static void tasks_are_run_by_an_engine(void **state)
{
    (void)state;
    set_tasks();
    test_engine_init(&f.e);
    assert_int_equal(csig_task_run(&f.e.engine, f.list, TASKS), CSIG_OK);
    check_tasks();
    assert_int_equal(f.e.calls, 1);
    assert_int_equal(f.e.jobs, TASKS);
    assert_int_equal(f.e.secret_jobs, 8);
}

static void nothing_to_do_calls_nobody(void **state)
{
    (void)state;
    test_engine_init(&f.e);
    assert_int_equal(csig_task_run(&f.e.engine, f.list, 0), CSIG_OK);
    assert_int_equal(csig_task_run(NULL, f.list, 0), CSIG_OK);
    assert_int_equal(f.e.calls, 0);
}

static void failing_engines_are_reported(void **state)
{
    (void)state;
    set_tasks();
    test_engine_init(&f.e);
    f.e.fail_at = 1;
    assert_int_equal(csig_task_run(&f.e.engine, f.list, TASKS), CSIG_E_ENGINE);
}

/* an engine whose results are not reduced, and may be anything */
static int answer_all_ones(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        memset(jobs[i].result, 0xff, jobs[i].modulus_len);
    return 0;
}

static void strange_results_are_reduced(void **state)
{
    const csig_engine engine = {.run = answer_all_ones};

    (void)state;
    set_tasks();
    assert_int_equal(csig_task_run(&engine, f.list, TASKS), CSIG_OK);
    for (uint32_t i = 0; i < TASKS; i++) {
        const uint32_t bits = csig_residues_limbs(&f.task[i].z) * GMP_NUMB_BITS;

        mpz_pow_ui(f.m, f.n[i % 2], i % 4 >= 2 ? 2 : 1);
        mpz_set_ui(f.want[i], 0);
        mpz_setbit(f.want[i], bits);
        mpz_sub_ui(f.want[i], f.want[i], 1);
        mpz_mod(f.want[i], f.want[i], f.m);
    }
    check_tasks();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_are_run_here),
        cmocka_unit_test(tasks_are_run_by_an_engine),
        cmocka_unit_test(nothing_to_do_calls_nobody),
        cmocka_unit_test(failing_engines_are_reported),
        cmocka_unit_test(strange_results_are_reduced),
    };

    mpz_inits(f.n[0], f.n[1], f.base, f.exp, f.m, f.got, NULL);
    for (int i = 0; i < TASKS; i++)
        mpz_init(f.want[i]);
    oracle_prime(f.n[0], 0);
    oracle_prime(f.n[1], 1);
    mpz_mul(f.n[1], f.n[0], f.n[1]);
    for (int i = 0; i < 2; i++) {
        mp_limb_t d[CSIG_MONT_LIMBS];

        oracle_to_limbs(d, CSIG_MONT_LIMBS, f.n[i]);
        csig_pair_init(&f.pair[i], d, (uint32_t)mpz_size(f.n[i]));
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
