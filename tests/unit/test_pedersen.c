/* Ring-Pedersen parameters and commitments against mpz: own, a peer's, with and without tables. */
#include "crypto/pedersen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/keys.h"
#include "support/oracle.h"
#include "support/trap.h"

static test_pedersen key;
static csig_pedersen tabled; /* the peer's view with tables */
static mpz_t N, P, S, T, LAMBDA;

static int setup(void **state)
{
    (void)state;
    test_pedersen_init(&key, 2);
    mpz_inits(N, P, S, T, LAMBDA, NULL);
    oracle_from_int(N, &key.own.ring.n);
    oracle_prime(P, 2);
    oracle_from_int(S, &key.own.s);
    oracle_from_int(T, &key.own.t);
    oracle_from_sec(LAMBDA, &key.lambda);
    tabled = key.peer;
    return csig_pedersen_tables(&tabled) == CSIG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    csig_pedersen_free(&tabled);
    assert_null(tabled.s_comb);
    assert_null(tabled.t_comb);
    csig_pedersen_free(&tabled); /* again: nothing left */
    csig_pedersen_free(&key.peer);
    mpz_clears(N, P, S, T, LAMBDA, NULL);
    return 0;
}

static void run_and_expect(csig_job job, const mpz_t want)
{
    mpz_t z;

    mpz_init(z);
    assert_int_equal(csig_exp_run(NULL, &job, 1), CSIG_OK);
    oracle_from_int(z, job.out);
    assert_int_equal(mpz_cmp(z, want), 0);
    mpz_clear(z);
}

/* s^u t^v mod N^ */
static void commit(mpz_t c, const mpz_t u, const mpz_t v)
{
    mpz_t z;

    mpz_init(z);
    mpz_powm(c, S, u, N);
    mpz_powm(z, T, v, N);
    mpz_mul(c, c, z);
    mpz_mod(c, c, N);
    mpz_clear(z);
}

static void expect_commitment(const mpz_t u, uint32_t u_bits, const mpz_t v, uint32_t v_bits)
{
    const csig_pedersen *const each[] = {&key.own, &key.peer, &tabled};
    csig_sec u_sec, v_sec;
    csig_int c;
    mpz_t want;

    mpz_init(want);
    commit(want, u, v);
    oracle_to_sec(&u_sec, u, u_bits);
    oracle_to_sec(&v_sec, v, v_bits);
    for (size_t i = 0; i < 3; i++)
        run_and_expect(csig_pedersen_commit_job(each[i], &c, &u_sec, &v_sec), want);
    mpz_clear(want);
}

/* The lengths of u and v in the protocol, each with both signs; the last two are longer than the
 * tables by one bit and Pi-fac's, which go without. */
static void commitments(void **state)
{
    static const uint32_t bits[][2] = {
        {CSIG_ELL, CSIG_ELL + CSIG_N_BITS},
        {CSIG_ELL + CSIG_EPS, CSIG_ELL + CSIG_EPS + CSIG_N_BITS},
        {CSIG_ELL_P, CSIG_ELL + CSIG_N_BITS},
        {CSIG_ELL_P + CSIG_EPS + 1, CSIG_PEDERSEN_T_BITS},
        {CSIG_PEDERSEN_S_BITS, CSIG_PEDERSEN_T_BITS + 1},
        {CSIG_PEDERSEN_S_BITS + 1, CSIG_ELL + CSIG_EPS + 2 * CSIG_N_BITS},
    };
    mpz_t u, v;

    (void)state;
    oracle_seed(2);
    mpz_inits(u, v, NULL);
    for (int i = 0; i < 6; i++) {
        oracle_runs(u, bits[i][0]), mpz_setbit(u, bits[i][0] - 1);
        oracle_runs(v, bits[i][1]), mpz_setbit(v, bits[i][1] - 1);
        if (i % 2 == 0) mpz_neg(u, u);
        if (i % 3 == 0) mpz_neg(v, v);
        expect_commitment(u, bits[i][0], v, bits[i][1]);
    }
    mpz_set_ui(u, 0), mpz_set_si(v, -1);
    expect_commitment(u, CSIG_ELL, v, CSIG_ELL);
    mpz_set_ui(u, 1), mpz_set_ui(v, 0);
    expect_commitment(u, 1, v, 0);
    mpz_clears(u, v, NULL);
}

static void expect_table(bool is_there, const csig_comb *comb)
{
    assert_int_equal(comb != NULL, is_there);
}

static void tables_serve_what_fits(void **state)
{
    csig_sec u = {.bits = CSIG_PEDERSEN_S_BITS}, v = {.bits = CSIG_PEDERSEN_T_BITS};
    csig_job job;
    csig_int c;

    (void)state;
    job = csig_pedersen_commit_job(&tabled, &c, &u, &v);
    expect_table(true, job.term[0].comb);
    expect_table(true, job.term[1].comb);
    u.bits++, v.bits++;
    job = csig_pedersen_commit_job(&tabled, &c, &u, &v);
    expect_table(false, job.term[0].comb);
    expect_table(false, job.term[1].comb);
    u.bits--, v.bits--;
    job = csig_pedersen_commit_job(&key.peer, &c, &u, &v);
    expect_table(false, job.term[0].comb);
    expect_table(false, job.term[1].comb);
}

/* What the masks of the protocol are sampled with is what the tables were made for. */
static void masks_fit_the_tables(void **state)
{
    csig_sec alpha, beta, gamma;
    csig_rng rng;
    csig_int root;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    csig_int_pow2(&root, CSIG_P_BITS);
    csig_sec_random_pm(&beta, &rng, CSIG_ELL_P + CSIG_EPS);
    csig_sec_random_pm_times(&alpha, &rng, CSIG_ELL + CSIG_EPS, &root);
    csig_sec_random_pm_times(&gamma, &rng, CSIG_ELL + CSIG_EPS, &key.own.ring.n);
    assert_true(beta.bits <= CSIG_PEDERSEN_S_BITS);
    assert_true(alpha.bits <= CSIG_PEDERSEN_S_BITS);
    assert_true(gamma.bits <= CSIG_PEDERSEN_T_BITS);
    /* README's figure for what a peer costs */
    assert_in_range(csig_comb_bytes(CSIG_PEDERSEN_S_BITS), 1, 160 * 1024);
    assert_in_range(csig_comb_bytes(CSIG_PEDERSEN_T_BITS), 1, 240 * 1024);
}

static void expect_product(const mpz_t z1, const mpz_t z2, const mpz_t C, const mpz_t minus_e)
{
    const csig_pedersen *const each[] = {&key.own, &key.peer, &tabled};
    csig_int z1_int, z2_int, C_int, e_int, a;
    csig_sec room;
    mpz_t want, z;

    mpz_inits(want, z, NULL);
    commit(want, z1, z2);
    mpz_powm(z, C, minus_e, N);
    mpz_mul(want, want, z);
    mpz_mod(want, want, N);
    oracle_to_int(&z1_int, z1), oracle_to_int(&z2_int, z2);
    oracle_to_int(&C_int, C), oracle_to_int(&e_int, minus_e);
    for (size_t i = 0; i < 3; i++)
        run_and_expect(
            csig_pedersen_check_job(each[i], &a, &z1_int, &z2_int, &C_int, &e_int, &room), want);
    mpz_clears(want, z, NULL);
}

static void checks(void **state)
{
    static const uint32_t bits[][2] = {
        {CSIG_ELL + CSIG_EPS, CSIG_PEDERSEN_T_BITS},
        {CSIG_ELL_P + CSIG_EPS + 1, CSIG_PEDERSEN_T_BITS},
        {CSIG_ELL + CSIG_EPS + CSIG_P_BITS + 1, CSIG_PEDERSEN_T_BITS + 1},
    };
    mpz_t z1, z2, C, e;

    (void)state;
    oracle_seed(3);
    mpz_inits(z1, z2, C, e, NULL);
    for (int i = 0; i < 6; i++) {
        oracle_runs(z1, bits[i % 3][0]), mpz_setbit(z1, bits[i % 3][0] - 1);
        oracle_runs(z2, bits[i % 3][1]), mpz_setbit(z2, bits[i % 3][1] - 1);
        if (i % 2 == 0) mpz_neg(z1, z1);
        if (i > 2) mpz_neg(z2, z2);
        oracle_below(C, N);
        oracle_bits(e, CSIG_Q_BITS);
        mpz_neg(e, e);
        expect_product(z1, z2, C, e);
    }
    mpz_set_ui(z1, 0), mpz_set_ui(z2, 0), mpz_set_ui(e, 0);
    expect_product(z1, z2, C, e);
    /* Under own parameters the two exponents may cancel. */
    mpz_set_ui(z1, 1), mpz_neg(z2, LAMBDA);
    expect_product(z1, z2, C, e);
    mpz_clears(z1, z2, C, e, NULL);
}

static csig_err init_with(const mpz_t n, const mpz_t s, const mpz_t t)
{
    csig_int n_int, s_int, t_int;
    csig_pedersen v;

    oracle_to_int(&n_int, n), oracle_to_int(&s_int, s), oracle_to_int(&t_int, t);
    return csig_pedersen_init(&v, &n_int, &s_int, &t_int, NULL, NULL);
}

/* With bases that are units of every odd modulus. */
static csig_err init_modulus(const mpz_t n)
{
    csig_err err;
    mpz_t two, four;

    mpz_init_set_ui(two, 2);
    mpz_init_set_ui(four, 4);
    err = init_with(n, two, four);
    mpz_clears(two, four, NULL);
    return err;
}

static void moduli_A8(void **state)
{
    mpz_t n;

    (void)state;
    mpz_init(n);
    assert_int_equal(init_modulus(N), CSIG_OK);
    mpz_set(n, N), mpz_clrbit(n, 0);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS); /* even */
    mpz_set(n, N), mpz_clrbit(n, CSIG_N_BITS - 1);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS); /* shorter */
    mpz_set(n, N), mpz_setbit(n, CSIG_N_BITS);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS); /* longer */
    mpz_fdiv_q_2exp(n, N, CSIG_N_BITS - 1024), mpz_setbit(n, 0);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS); /* 1024 bits */
    mpz_neg(n, N);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS);
    mpz_set_ui(n, 0);
    assert_int_equal(init_modulus(n), CSIG_E_MODULUS);
    mpz_clear(n);
}

static void bases_A5(void **state)
{
    mpz_t b;

    (void)state;
    mpz_init(b);
    assert_int_equal(init_with(N, T, S), CSIG_OK);
    assert_int_equal(init_with(N, T, T), CSIG_E_MODULUS);
    for (int i = 0; i < 7; i++) {
        switch (i) {
        case 0:
            mpz_set_ui(b, 0);
            break;
        case 1:
            mpz_set_ui(b, 1);
            break;
        case 2:
            mpz_sub_ui(b, N, 1);
            break;
        case 3:
            mpz_set(b, N);
            break;
        case 4:
            mpz_add(b, N, T);
            break;
        case 5:
            mpz_set(b, P);
            break;
        case 6:
            mpz_neg(b, T);
            break;
        }
        assert_int_equal(init_with(N, b, T), CSIG_E_MODULUS);
        assert_int_equal(init_with(N, S, b), CSIG_E_MODULUS);
    }
    mpz_set_ui(b, 2);
    assert_int_equal(init_with(N, b, T), CSIG_OK);
    mpz_sub_ui(b, N, 2);
    assert_int_equal(init_with(N, S, b), CSIG_OK);
    mpz_clear(b);
}

/* In a child: from here on the system gives no memory, and what the heap still has is taken, but
 * for the room of the first table. */
static void no_memory_but_for(size_t len)
{
    const struct rlimit nothing = {0, 0};
    void *room = csig_public_alloc(len);

    if (room == NULL || setrlimit(RLIMIT_AS, &nothing) != 0) _exit(2);
    while (csig_public_alloc(4096) != NULL)
        ;
    while (csig_public_alloc(16) != NULL)
        ;
    csig_public_free(room);
}

static bool refused_with_room_for(size_t len)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        csig_pedersen v = key.peer;
        csig_err err;

        no_memory_but_for(len);
        err = csig_pedersen_tables(&v);
        if (err != CSIG_E_MEMORY || v.s_comb != NULL || v.t_comb != NULL) _exit(1);
        /* and what there was is there again */
        _exit(csig_public_alloc(len) != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void without_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(CSIG_EMULATED)
    skip(); /* its allocator stops the process instead; no limits in an emulator */
#endif
    assert_true(refused_with_room_for(4096));
    assert_true(refused_with_room_for(csig_comb_bytes(CSIG_PEDERSEN_S_BITS)));
}

static void tables_twice(void *arg)
{
    (void)arg;
    assert_int_equal(csig_pedersen_tables(&tabled), CSIG_OK);
}

static void tables_of_ours(void *arg)
{
    (void)arg;
    assert_int_equal(csig_pedersen_tables(&key.own), CSIG_OK);
}

static void factors_without_lambda(void *arg)
{
    csig_pedersen v;

    (void)arg;
    assert_int_equal(
        csig_pedersen_init(&v, &key.own.ring.n, &key.own.s, &key.own.t, &key.factors, NULL),
        CSIG_OK);
}

static void broken_promises_trap(void **state)
{
    (void)state;
    assert_true(trap_is_hit(tables_twice, NULL));
    assert_true(trap_is_hit(tables_of_ours, NULL));
    assert_true(trap_is_hit(factors_without_lambda, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commitments),
        cmocka_unit_test(tables_serve_what_fits),
        cmocka_unit_test(masks_fit_the_tables),
        cmocka_unit_test(checks),
        cmocka_unit_test(moduli_A8),
        cmocka_unit_test(bases_A5),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(broken_promises_trap),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
