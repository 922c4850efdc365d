/* Many jobs in one call, with and without an engine; and rings. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "num/exp.h"
#include "support/engine.h"
#include "support/oracle.h"

typedef struct fixture {
    csig_ring ring;
    csig_factors own;
    test_engine e;
    mpz_t n, t, got;
} fixture;

static fixture f;

static void random_int(csig_int *r)
{
    oracle_below(f.t, f.n);
    oracle_to_int(r, f.t);
}

/* of every kind, more than go to an engine together */
static void many_jobs_at_once(void **state)
{
    enum { JOBS = 37 };
    static csig_job jobs[JOBS];
    static csig_int out[2][JOBS], base[JOBS], exp[JOBS];

    (void)state;
    oracle_seed(1);
    test_engine_init(&f.e);
    for (int i = 0; i < JOBS; i++) {
        random_int(&base[i]);
        oracle_bits(f.t, i % 3 ? 20 : 0);
        oracle_to_int(&exp[i], f.t);
        jobs[i] = (csig_job){.ring = &f.ring,
                             .own = i % 2 ? &f.own : NULL,
                             .squared = i % 3 == 0,
                             .term = {{.base = &base[i], .exp = i % 3 ? &exp[i] : &f.ring.n}},
                             .terms = 1,
                             .out = &out[0][i]};
    }
    assert_int_equal(csig_exp_run(NULL, jobs, JOBS), CSIG_OK);
    for (int i = 0; i < JOBS; i++)
        jobs[i].out = &out[1][i];
    assert_int_equal(csig_exp_run(&f.e.engine, jobs, JOBS), CSIG_OK);
    for (int i = 0; i < JOBS; i++)
        assert_true(csig_int_is_eq(&out[0][i], &out[1][i]));
}

static void no_job_is_no_failure(void **state)
{
    (void)state;
    test_engine_init(&f.e);
    assert_int_equal(csig_exp_run(NULL, NULL, 0), CSIG_OK);
    assert_int_equal(csig_exp_run(&f.e.engine, NULL, 0), CSIG_OK);
    assert_int_equal(f.e.calls, 0);
}

/* Two stages for a lift, one for all else, all tasks of a stage together. Of three jobs r^N y^e mod
 * N^2 the second is under a peer's key: 2 tasks instead of 4, and no lift. */
static void engine_gets_everything_in_one_call_per_stage(void **state)
{
    csig_job jobs[3];
    csig_int base, e, here, out[3];
    csig_sec unit;

    (void)state;
    oracle_seed(2);
    random_int(&base);
    csig_int_set_u64(&e, 1000003);
    csig_int_neg(&e, &e);
    oracle_below(f.t, f.n);
    oracle_to_sec(&unit, f.t, CSIG_N_BITS);
    for (int i = 0; i < 3; i++)
        jobs[i] = (csig_job){
            .ring = &f.ring,
            .own = i == 1 ? NULL : &f.own,
            .squared = true,
            .term = {{.secret_base = &unit, .exp = &f.ring.n}, {.base = &base, .exp = &e}},
            .terms = 2,
            .out = i == 1 ? &here : &out[i]};
    assert_int_equal(csig_exp_run(NULL, &jobs[1], 1), CSIG_OK);
    jobs[1].out = &out[1];
    test_engine_init(&f.e);
    assert_int_equal(csig_exp_run(&f.e.engine, jobs, 3), CSIG_OK);
    assert_int_equal(f.e.calls, 2);
    assert_int_equal(f.e.jobs, 2 * (4 + 2) + 2);
    assert_int_equal(f.e.secret_jobs, 2 * (4 + 2) + 1);
    for (int i = 0; i < 3; i++)
        assert_true(csig_int_is_eq(&here, &out[i]));
    for (size_t at = 1; at <= 2; at++) {
        test_engine_init(&f.e);
        f.e.fail_at = at;
        assert_int_equal(csig_exp_run(&f.e.engine, jobs, 3), CSIG_E_ENGINE);
        assert_int_equal(f.e.calls, at);
    }
}

/* In a child whose memory is what it has: locked memory for an engine's jobs is refused. */
static void try_without_memory(const csig_engine *engine, csig_err want)
{
    const struct rlimit nothing = {0, 0};
    csig_int base, out;
    csig_job job = {
        .ring = &f.ring, .term = {{.base = &base, .exp = &base}}, .terms = 1, .out = &out};

    csig_int_set_u64(&base, 3);
    if (setrlimit(RLIMIT_AS, &nothing) != 0) _exit(2);
    _exit(csig_exp_run(engine, &job, 1) == want ? 0 : 1);
}

static bool ends_well(const csig_engine *engine, csig_err want)
{
    const pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) try_without_memory(engine, want);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void memory_is_needed_for_engines_alone(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(CSIG_EMULATED)
    skip(); /* its own allocations stop the process; no limits in an emulator */
#endif
    test_engine_init(&f.e);
    assert_true(ends_well(&f.e.engine, CSIG_E_MEMORY));
    assert_true(ends_well(NULL, CSIG_OK));
}

static void rings_are_checked(void **state)
{
    csig_ring r;
    csig_int n;

    (void)state;
    for (uint64_t v = 0; v < 20; v++) {
        csig_int_set_u64(&n, v);
        assert_int_equal(csig_ring_has_init(&r, &n), v >= 3 && v % 2 == 1);
    }
    csig_int_neg(&n, &n);
    assert_false(csig_ring_has_init(&r, &n));
    mpz_set_ui(f.t, 1);
    mpz_mul_2exp(f.t, f.t, CSIG_N_BITS);
    mpz_add_ui(f.t, f.t, 1);
    oracle_to_int(&n, f.t);
    assert_false(csig_ring_has_init(&r, &n));
    mpz_sub_ui(f.t, f.t, 2);
    oracle_to_int(&n, f.t);
    assert_true(csig_ring_has_init(&r, &n));
    mpz_mul(f.t, f.t, f.t);
    oracle_from_int(f.got, &r.nn);
    assert_int_equal(mpz_cmp(f.got, f.t), 0);
}

static void set_up(void)
{
    csig_sec p, q;
    csig_int n;

    mpz_inits(f.n, f.t, f.got, NULL);
    oracle_prime(f.t, 0);
    oracle_to_sec(&p, f.t, CSIG_P_BITS);
    oracle_prime(f.t, 1);
    oracle_to_sec(&q, f.t, CSIG_P_BITS);
    csig_factors_init(&f.own, &p, &q);
    csig_factors_product(&n, &f.own);
    oracle_from_int(f.n, &n);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_jobs_at_once),
        cmocka_unit_test(no_job_is_no_failure),
        cmocka_unit_test(engine_gets_everything_in_one_call_per_stage),
        cmocka_unit_test(memory_is_needed_for_engines_alone),
        cmocka_unit_test(rings_are_checked),
    };

    set_up();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
