#include "num/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"

typedef struct fixture {
    csig_pair pair;
    csig_residues z;
    mpz_t n, m, base[3], exp[3], want, got, t;
    mp_limb_t bases[3][CSIG_PAIR_LIMBS], exps[3][CSIG_INT_LIMBS], r[CSIG_PAIR_LIMBS];
    csig_power power[3];
} fixture;

static fixture f;

static void set_ring(bool squared)
{
    mp_limb_t n[CSIG_MONT_LIMBS];

    oracle_prime(f.n, 0);
    oracle_to_limbs(n, CSIG_MONT_LIMBS, f.n);
    csig_pair_init(&f.pair, n, (uint32_t)mpz_size(f.n));
    f.z = (csig_residues){.n = &f.pair, .is_squared = squared};
    mpz_set(f.m, f.n);
    if (squared) mpz_mul(f.m, f.m, f.n);
}

static void check(uint32_t terms)
{
    mp_limb_t plain[CSIG_PAIR_LIMBS];

    mpz_set_ui(f.want, 1);
    for (uint32_t i = 0; i < terms; i++) {
        mpz_powm(f.t, f.base[i], f.exp[i], f.m);
        mpz_mul(f.want, f.want, f.t);
    }
    mpz_mod(f.want, f.want, f.m);
    csig_power_product(f.r, &f.z, f.power, terms);
    csig_residues_leave(plain, &f.z, f.r);
    oracle_from_limbs(f.got, plain, csig_residues_limbs(&f.z));
    assert_int_equal(mpz_cmp(f.got, f.want), 0);
}

static void set_term(uint32_t i, uint32_t bits, bool secret)
{
    const uint32_t limbs = csig_residues_limbs(&f.z);
    mp_limb_t plain[CSIG_PAIR_LIMBS];

    oracle_to_limbs(plain, limbs, f.base[i]);
    csig_residues_enter(f.bases[i], &f.z, plain, limbs);
    oracle_to_limbs(f.exps[i], CSIG_INT_LIMBS, f.exp[i]);
    f.power[i] =
        (csig_power){.base = f.bases[i], .exp = f.exps[i], .bits = bits, .is_secret = secret};
}

/* every window size, and what lies just before and after where it changes */
static void every_length(void **state)
{
    (void)state;
    oracle_seed(1);
    for (int kind = 0; kind < 4; kind++) {
        set_ring(kind & 1);
        for (uint32_t bits = 0; bits < 700; bits += bits < 30 ? 1 : 13) {
            oracle_below(f.base[0], f.m);
            oracle_bits(f.exp[0], bits);
            set_term(0, bits, kind & 2);
            check(1);
            set_term(0, bits + 11, kind & 2); /* leading zeros */
            check(1);
            mpz_set_ui(f.exp[0], 0); /* all ones */
            mpz_setbit(f.exp[0], bits);
            mpz_sub_ui(f.exp[0], f.exp[0], 1);
            set_term(0, bits, kind & 2);
            check(1);
        }
    }
}

static void sparse_and_zero_exponents(void **state)
{
    (void)state;
    oracle_seed(2);
    for (int kind = 0; kind < 4; kind++) {
        set_ring(kind & 1);
        oracle_below(f.base[0], f.m);
        for (uint32_t at = 0; at < 300; at += 7) {
            mpz_set_ui(f.exp[0], at & 1);
            mpz_setbit(f.exp[0], at);
            set_term(0, 300, kind & 2);
            check(1);
        }
        mpz_set_ui(f.exp[0], 0);
        set_term(0, 300, kind & 2);
        check(1);
        mpz_set_ui(f.base[0], 0); /* 0^0 is 1 */
        set_term(0, 300, kind & 2);
        check(1);
        mpz_set_ui(f.exp[0], 3);
        set_term(0, 300, kind & 2);
        check(1);
    }
}

static void products_share_their_squarings(void **state)
{
    (void)state;
    oracle_seed(3);
    for (int kind = 0; kind < 2; kind++) {
        set_ring(kind & 1);
        for (int i = 0; i < 20; i++) {
            const uint32_t bits[3] = {(uint32_t)i * 37 % 500, 256, (uint32_t)i * 91 % 800};

            for (uint32_t j = 0; j < 3; j++) {
                oracle_below(f.base[j], f.m);
                oracle_bits(f.exp[j], bits[j]);
                set_term(j, bits[j], i >> j & 1);
            }
            for (uint32_t terms = 0; terms <= 3; terms++)
                check(terms);
        }
    }
}

static void longest_exponent(void **state)
{
    (void)state;
    oracle_seed(4);
    set_ring(true);
    for (int secret = 0; secret < 2; secret++) {
        oracle_below(f.base[0], f.m);
        oracle_bits(f.exp[0], CSIG_INT_BITS);
        set_term(0, CSIG_INT_BITS, secret);
        check(1);
    }
}

static void revealed_numbers_are_trimmed(void **state)
{
    const mp_limb_t d[4] = {7, 9, 0, 0};
    csig_int r;

    (void)state;
    csig_residues_reveal(&r, d, 4);
    assert_int_equal(r.limbs, 2);
    assert_int_equal(r.neg, 0);
    assert_true(r.d[0] == 7 && r.d[1] == 9);
    csig_residues_reveal(&r, d + 2, 2);
    assert_true(csig_int_is_zero(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(sparse_and_zero_exponents),
        cmocka_unit_test(products_share_their_squarings),
        cmocka_unit_test(longest_exponent),
        cmocka_unit_test(revealed_numbers_are_trimmed),
    };

    mpz_inits(f.n, f.m, f.want, f.got, f.t, NULL);
    for (int i = 0; i < 3; i++)
        mpz_inits(f.base[i], f.exp[i], NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
