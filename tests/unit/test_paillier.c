/* Paillier encryption against mpz: with and without own factors, edges of the plaintext. */
#include "crypto/paillier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/engine.h"
#include "support/keys.h"
#include "support/oracle.h"
#include "support/trap.h"

static test_paillier key;
static mpz_t N, NN;
static csig_rng rng;

static int setup(void **state)
{
    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    test_paillier_init(&key, 0);
    mpz_inits(N, NN, NULL);
    oracle_from_int(N, &key.own.ring.n);
    mpz_mul(NN, N, N);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mpz_clears(N, NN, NULL);
    return 0;
}

static void run(csig_job job)
{
    assert_int_equal(csig_exp_run(NULL, &job, 1), CSIG_OK);
}

static void expect(const csig_int *got, const mpz_t want)
{
    mpz_t z;

    mpz_init(z);
    oracle_from_int(z, got);
    assert_int_equal(mpz_cmp(z, want), 0);
    mpz_clear(z);
}

/* (1 + N)^m rho^N mod N^2, as the definition has it */
static void encrypt(mpz_t c, const mpz_t m, const mpz_t rho)
{
    mpz_t g;

    mpz_init(g);
    mpz_add_ui(g, N, 1);
    mpz_powm(g, g, m, NN);
    mpz_powm(c, rho, N, NN);
    mpz_mul(c, c, g);
    mpz_mod(c, c, NN);
    mpz_clear(g);
}

/* 0, the ends of the centred range, bounds of the protocol and 1, with both signs. */
#define EDGES 11
static void edge(mpz_t m, int i)
{
    static const uint32_t bits[] = {0, CSIG_ELL, CSIG_ELL + CSIG_EPS, CSIG_ELL_P + CSIG_EPS};

    mpz_set_ui(m, i == 0 ? 0 : 1);
    if (i >= 3) mpz_mul_2exp(m, m, bits[(i - 3) / 2]);
    if (i == 1 || i == 2) {
        mpz_sub_ui(m, N, 1);
        mpz_fdiv_q_2exp(m, m, 1);
    }
    if (i % 2 == 0) mpz_neg(m, m);
}

static void sec(csig_sec *x, const mpz_t m)
{
    oracle_to_sec(x, m, CSIG_N_BITS);
}

static void encryption(void **state)
{
    mpz_t m, rho, want;

    (void)state;
    oracle_seed(1);
    mpz_inits(m, rho, want, NULL);
    for (int i = 0; i < EDGES + 2; i++) {
        csig_sec m_sec, rho_sec;
        csig_int c;

        if (i < EDGES)
            edge(m, i);
        else
            oracle_runs(m, CSIG_N_BITS - 2);
        oracle_unit(rho, N);
        encrypt(want, m, rho);
        sec(&m_sec, m), sec(&rho_sec, rho);
        run(csig_paillier_enc_job(&key.own, &c, &m_sec, &rho_sec));
        expect(&c, want);
        run(csig_paillier_enc_job(&key.peer, &c, &m_sec, &rho_sec));
        expect(&c, want);
    }
    mpz_clears(m, rho, want, NULL);
}

static void affine(void **state)
{
    mpz_t C, x, y, rho, want, t;

    (void)state;
    oracle_seed(2);
    mpz_inits(C, x, y, rho, want, t, NULL);
    for (int i = 0; i < 4; i++) {
        csig_sec x_sec, y_sec, rho_sec;
        csig_int C_int, d;

        oracle_unit(C, NN), oracle_unit(rho, N);
        oracle_runs(x, i < 2 ? CSIG_ELL : CSIG_ELL + CSIG_EPS);
        if (i % 2 == 1) mpz_neg(x, x);
        oracle_runs(y, CSIG_ELL_P);
        encrypt(want, y, rho);
        mpz_powm(t, C, x, NN);
        mpz_mul(want, want, t);
        mpz_mod(want, want, NN);
        oracle_to_int(&C_int, C);
        sec(&x_sec, x), sec(&y_sec, y), sec(&rho_sec, rho);
        run(csig_paillier_affine_job(&key.peer, &d, &C_int, &x_sec, &y_sec, &rho_sec));
        expect(&d, want);
        run(csig_paillier_affine_job(&key.own, &d, &C_int, &x_sec, &y_sec, &rho_sec));
        expect(&d, want);
    }
    mpz_clears(C, x, y, rho, want, t, NULL);
}

static void response(void **state)
{
    csig_sec r_sec, rho_sec;
    csig_int e_int, one, w;
    mpz_t r, rho, e, want;

    (void)state;
    oracle_seed(3);
    mpz_inits(r, rho, e, want, NULL);
    csig_int_set_u64(&one, 1);
    for (int i = 0; i < 4; i++) {
        oracle_unit(r, N), oracle_unit(rho, N);
        if (i < 2)
            mpz_set_ui(e, (unsigned long)i);
        else
            oracle_bits(e, CSIG_Q_BITS);
        mpz_powm(want, rho, e, N);
        mpz_mul(want, want, r);
        mpz_mod(want, want, N);
        oracle_to_int(&e_int, e);
        sec(&r_sec, r), sec(&rho_sec, rho);
        run(csig_paillier_response_job(&key.own, &w, &r_sec, &rho_sec, &e_int, &one));
        expect(&w, want);
        run(csig_paillier_response_job(&key.peer, &w, &r_sec, &rho_sec, &e_int, &one));
        expect(&w, want);
    }
    mpz_clears(r, rho, e, want, NULL);
}

/* enc(z; w) C^x D^-e */
static void check(const mpz_t z, const mpz_t w, const mpz_t C, const mpz_t x, const mpz_t D,
                  const mpz_t minus_e)
{
    csig_int z_int, w_int, C_int, x_int, D_int, e_int, a;
    mpz_t want, t;

    mpz_inits(want, t, NULL);
    oracle_to_int(&z_int, z), oracle_to_int(&w_int, w), oracle_to_int(&C_int, C);
    oracle_to_int(&x_int, x), oracle_to_int(&D_int, D), oracle_to_int(&e_int, minus_e);
    encrypt(want, z, w);
    mpz_powm(t, D, minus_e, NN);
    mpz_mul(want, want, t);
    mpz_mod(want, want, NN);
    run(csig_paillier_check_job(&key.own, &a, &z_int, &w_int, NULL, NULL, &D_int, &e_int));
    expect(&a, want);
    run(csig_paillier_check_job(&key.peer, &a, &z_int, &w_int, NULL, NULL, &D_int, &e_int));
    expect(&a, want);
    mpz_powm(t, C, x, NN);
    mpz_mul(want, want, t);
    mpz_mod(want, want, NN);
    run(csig_paillier_check_job(&key.own, &a, &z_int, &w_int, &C_int, &x_int, &D_int, &e_int));
    expect(&a, want);
    run(csig_paillier_check_job(&key.peer, &a, &z_int, &w_int, &C_int, &x_int, &D_int, &e_int));
    expect(&a, want);
    mpz_clears(want, t, NULL);
}

static void checks(void **state)
{
    mpz_t z, w, C, x, D, e;

    (void)state;
    oracle_seed(4);
    mpz_inits(z, w, C, x, D, e, NULL);
    for (int i = 0; i < 3; i++) {
        oracle_unit(w, N), oracle_unit(C, NN), oracle_unit(D, NN);
        oracle_runs(z, CSIG_ELL_P + CSIG_EPS);
        oracle_runs(x, CSIG_ELL + CSIG_EPS);
        oracle_bits(e, CSIG_Q_BITS);
        if (i == 2) mpz_set_ui(e, 0), mpz_set_ui(x, 0), mpz_set_ui(z, 0);
        mpz_neg(e, e);
        check(z, w, C, x, D, e);
    }
    mpz_clears(z, w, C, x, D, e, NULL);
}

static void expect_plain(const mpz_t c, const mpz_t m)
{
    const csig_env env = {.rng = &rng};
    csig_int c_int;
    csig_sec got;
    mpz_t z;

    mpz_init(z);
    oracle_to_int(&c_int, c);
    assert_int_equal(csig_paillier_decrypt(&got, &key.own, &c_int, &env), CSIG_OK);
    oracle_from_sec(z, &got);
    assert_int_equal(mpz_cmp(z, m), 0);
    mpz_clear(z);
}

static void decryption_is_centred_B7(void **state)
{
    mpz_t m, rho, c;

    (void)state;
    oracle_seed(5);
    mpz_inits(m, rho, c, NULL);
    for (int i = 0; i < EDGES + 2; i++) {
        if (i < EDGES)
            edge(m, i);
        else
            oracle_runs(m, CSIG_N_BITS - 2);
        oracle_unit(rho, N);
        encrypt(c, m, rho);
        expect_plain(c, m);
    }
    /* (N + 1) / 2 is -(N - 1) / 2 */
    mpz_add_ui(m, N, 1);
    mpz_fdiv_q_2exp(m, m, 1);
    encrypt(c, m, rho);
    mpz_sub(m, m, N);
    expect_plain(c, m);
    mpz_clears(m, rho, c, NULL);
}

/* The whole of MtA: dec(K^x enc(-beta)) = k x - beta, as integers. */
static void homomorphism(void **state)
{
    const csig_env env = {.rng = &rng};
    csig_sec k, x, y, rho, s, got;
    csig_scalar k_q, x_q, y_q, sum_q;
    csig_int K, D;

    (void)state;
    csig_sec_random_pm(&k, &rng, CSIG_ELL - 1);
    csig_sec_random_pm(&x, &rng, CSIG_ELL - 1);
    csig_sec_random_pm(&y, &rng, CSIG_ELL_P);
    csig_sec_random_unit(&rho, &rng, &key.own.ring.n);
    csig_sec_random_unit(&s, &rng, &key.own.ring.n);
    run(csig_paillier_enc_job(&key.own, &K, &k, &rho));
    run(csig_paillier_affine_job(&key.peer, &D, &K, &x, &y, &s));
    assert_int_equal(csig_paillier_decrypt(&got, &key.own, &D, &env), CSIG_OK);
    csig_sec_mod_q(&k_q, &k), csig_sec_mod_q(&x_q, &x), csig_sec_mod_q(&y_q, &y);
    csig_scalar_mul(&k_q, &k_q, &x_q);
    csig_scalar_add(&k_q, &k_q, &y_q);
    csig_sec_mod_q(&sum_q, &got);
    assert_true(csig_scalar_is_eq(&sum_q, &k_q));
}

static csig_err init_with(const mpz_t n)
{
    csig_paillier k;
    csig_int n_int;

    oracle_to_int(&n_int, n);
    return csig_paillier_init(&k, &n_int, NULL);
}

static void moduli_A1(void **state)
{
    mpz_t n;

    (void)state;
    mpz_init(n);
    assert_int_equal(init_with(N), CSIG_OK);
    mpz_set(n, N), mpz_clrbit(n, 0);
    assert_int_equal(init_with(n), CSIG_E_MODULUS); /* even */
    mpz_set(n, N), mpz_clrbit(n, CSIG_N_BITS - 1);
    assert_int_equal(init_with(n), CSIG_E_MODULUS); /* shorter */
    mpz_set(n, N), mpz_setbit(n, CSIG_N_BITS);
    assert_int_equal(init_with(n), CSIG_E_MODULUS); /* longer */
    mpz_neg(n, N);
    assert_int_equal(init_with(n), CSIG_E_MODULUS);
    mpz_set_ui(n, 0);
    assert_int_equal(init_with(n), CSIG_E_MODULUS);
    mpz_set_ui(n, 1);
    assert_int_equal(init_with(n), CSIG_E_MODULUS);
    mpz_ui_pow_ui(n, 2, CSIG_N_BITS - 1), mpz_setbit(n, 0);
    assert_int_equal(init_with(n), CSIG_OK); /* the smallest; what it is made of, Pi-mod says */
    mpz_clear(n);
}

static void engine_failures(void **state)
{
    csig_env env = {.rng = &rng};
    test_engine engine;
    csig_int c;
    csig_sec m;

    (void)state;
    csig_int_set_u64(&c, 4);
    test_engine_init(&engine);
    env.engine = &engine.engine;
    assert_int_equal(csig_paillier_decrypt(&m, &key.own, &c, &env), CSIG_OK);
    assert_true(engine.calls > 0);
    test_engine_init(&engine);
    engine.fail_at = 1;
    assert_int_equal(csig_paillier_decrypt(&m, &key.own, &c, &env), CSIG_E_ENGINE);
}

static void decrypt_for_a_peer(void *arg)
{
    const csig_env env = {.rng = &rng};
    csig_int c;
    csig_sec m;

    (void)arg;
    csig_int_set_u64(&c, 4);
    assert_int_equal(csig_paillier_decrypt(&m, &key.peer, &c, &env), CSIG_OK);
}

static void half_a_term(void *arg)
{
    const csig_int two = key.own.ring.n;
    csig_int a;

    (void)arg;
    (void)csig_paillier_check_job(&key.own, &a, &two, &two, &two, NULL, &two, &two);
}

static void one_is_not_one(void *arg)
{
    csig_sec r = {0};
    csig_int w;

    (void)arg;
    (void)csig_paillier_response_job(&key.own, &w, &r, &r, &key.own.ring.n, &key.own.ring.n);
}

static void broken_promises_trap(void **state)
{
    (void)state;
    assert_true(trap_is_hit(decrypt_for_a_peer, NULL));
    assert_true(trap_is_hit(half_a_term, NULL));
    assert_true(trap_is_hit(one_is_not_one, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encryption),
        cmocka_unit_test(affine),
        cmocka_unit_test(response),
        cmocka_unit_test(checks),
        cmocka_unit_test(decryption_is_centred_B7),
        cmocka_unit_test(homomorphism),
        cmocka_unit_test(moduli_A1),
        cmocka_unit_test(engine_failures),
        cmocka_unit_test(broken_promises_trap),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
