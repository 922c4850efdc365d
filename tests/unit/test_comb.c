#include "num/comb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

typedef struct fixture {
    csig_ring ring;
    csig_comb *comb[2];
    csig_int base_int[2];
    mpz_t n, base[2], exp[2], want, got, t;
    mp_limb_t exps[2][CSIG_LIMBS(CSIG_COMB_BITS)], r[CSIG_N_LIMBS];
    csig_comb_power power[2];
} fixture;

static fixture f;

static void set_term(int i, uint32_t bits, bool secret)
{
    oracle_to_limbs(f.exps[i], CSIG_LIMBS(CSIG_COMB_BITS), f.exp[i]);
    f.power[i] = (csig_comb_power){.comb = f.comb[i],
                                   .exp = f.exps[i],
                                   .bits = bits,
                                   .neg = mpz_sgn(f.exp[i]) < 0,
                                   .is_secret = secret};
}

static void check(uint32_t terms)
{
    mp_limb_t plain[CSIG_N_LIMBS];

    mpz_set_ui(f.want, 1);
    for (uint32_t i = 0; i < terms; i++) {
        mpz_powm(f.t, f.base[i], f.exp[i], f.n);
        mpz_mul(f.want, f.want, f.t);
    }
    mpz_mod(f.want, f.want, f.n);
    csig_comb_product(f.r, &f.ring, f.power, terms);
    csig_mont_leave(plain, &f.ring.pair.m, f.r);
    oracle_from_limbs(f.got, plain, CSIG_N_LIMBS);
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void every_length_and_sign(void **state)
{
    (void)state;
    oracle_seed(1);
    for (uint32_t bits = 0; bits <= CSIG_COMB_BITS; bits += bits < 4 ? 1 : 293) {
        for (int i = 0; i < 4; i++) {
            oracle_bits(f.exp[0], bits);
            if (i & 1) mpz_neg(f.exp[0], f.exp[0]);
            set_term(0, bits, i & 2);
            check(1);
        }
    }
}

/* zero, one, all ones and powers of two about the ends of blocks, of both signs */
static void edges(void **state)
{
    (void)state;
    for (uint32_t at = 0; at <= CSIG_COMB_BITS; at += at < 400 ? 80 : 487) {
        for (int i = 0; i < 12; i++) {
            mpz_set_ui(f.exp[0], 0);
            if (i / 4 > 0) mpz_setbit(f.exp[0], at);
            if (i / 4 > 1) mpz_sub_ui(f.exp[0], f.exp[0], 1);
            if (i & 1) mpz_neg(f.exp[0], f.exp[0]);
            set_term(0, at + 1 < CSIG_COMB_BITS ? at + 1 : CSIG_COMB_BITS, i & 2);
            if (mpz_sizeinbase(f.exp[0], 2) <= CSIG_COMB_BITS) check(1);
        }
    }
}

/* a zero may carry a sign inside a computation */
static void minus_zero_is_zero(void **state)
{
    (void)state;
    mpz_set_ui(f.exp[0], 0);
    set_term(0, 500, true);
    f.power[0].neg = 1;
    check(1);
    set_term(0, 0, true);
    f.power[0].neg = 1;
    check(1);
}

static void products_share_their_squarings(void **state)
{
    (void)state;
    oracle_seed(2);
    for (int i = 0; i < 8; i++) {
        oracle_bits(f.exp[0], 768);
        oracle_bits(f.exp[1], 768 + CSIG_N_BITS);
        if (i & 1) mpz_neg(f.exp[0], f.exp[0]);
        if (i & 2) mpz_neg(f.exp[1], f.exp[1]);
        set_term(0, 768, i & 4);
        set_term(1, 768 + CSIG_N_BITS, !(i & 4));
        check(2);
    }
    check(0);
}

static void evaluate(void *arg)
{
    (void)arg;
    csig_comb_product(f.r, &f.ring, f.power, 1);
}

static void short_table(void **state)
{
    csig_comb *const full = f.comb[0];

    (void)state;
    oracle_seed(3);
    f.comb[0] = csig_comb_new(&f.ring, &f.base_int[0], 256);
    assert_non_null(f.comb[0]);
    oracle_bits(f.exp[0], 256);
    mpz_neg(f.exp[0], f.exp[0]);
    set_term(0, 256, true);
    check(1);
    set_term(0, 2000, true); /* longer than the table */
    assert_true(trap_is_hit(evaluate, NULL));
    csig_comb_free(f.comb[0]);
    f.comb[0] = full;
}

static void sizes_grow_with_the_exponent(void **state)
{
    (void)state;
    assert_true(csig_comb_bytes(256) < csig_comb_bytes(768));
    /* h = 6, v = 8 for the usual exponent, as the house says */
    assert_in_range(csig_comb_bytes(CSIG_ELL + CSIG_EPS + CSIG_N_BITS),
                    CSIG_COMB_BLOCKS * 65 * CSIG_N_BYTES,
                    CSIG_COMB_BLOCKS * 65 * CSIG_N_BYTES + 128);
    assert_true(csig_comb_bytes(CSIG_COMB_BITS) < 512 * 1024);
}

static void no_memory_is_no_table(void **state)
{
    const struct rlimit nothing = {0, 0};
    const pid_t child = fork();
    int status = 0;

    (void)state;
    assert_true(child >= 0);
    if (child == 0) { /* what this process has is not enough for a large table */
        if (setrlimit(RLIMIT_AS, &nothing) != 0) _exit(2);
        _exit(csig_comb_new(&f.ring, &f.base_int[0], CSIG_COMB_BITS) == NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
#if defined(__SANITIZE_ADDRESS__) || defined(CSIG_EMULATED)
    skip(); /* its own allocator stops the child instead; no limits in an emulator */
#endif
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void free_takes_null(void **state)
{
    (void)state;
    csig_comb_free(NULL);
}

static void set_up(void)
{
    csig_int n;

    mpz_inits(f.n, f.want, f.got, f.t, NULL);
    oracle_seed(7);
    oracle_prime(f.n, 2);
    oracle_prime(f.t, 3);
    mpz_mul(f.n, f.n, f.t);
    oracle_to_int(&n, f.n);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &n));
    for (int i = 0; i < 2; i++) {
        mpz_inits(f.base[i], f.exp[i], NULL);
        oracle_below(f.base[i], f.n);
        oracle_to_int(&f.base_int[i], f.base[i]);
        f.comb[i] = csig_comb_new(&f.ring, &f.base_int[i], CSIG_COMB_BITS);
        CSIG_ASSERT(f.comb[i] != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_sign), cmocka_unit_test(edges),
        cmocka_unit_test(minus_zero_is_zero),    cmocka_unit_test(products_share_their_squarings),
        cmocka_unit_test(short_table),           cmocka_unit_test(sizes_grow_with_the_exponent),
        cmocka_unit_test(no_memory_is_no_table), cmocka_unit_test(free_takes_null),
    };

    set_up();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
