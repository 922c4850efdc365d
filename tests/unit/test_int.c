/* csig_int against mpz: sizes, sums, products, octets, and the promises it traps on. */
#include "num/int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

#define ROUNDS 400

static void expect(const csig_int *a, const mpz_t want)
{
    assert_true(oracle_is_int(a, want));
}

static void expect_small(const csig_int *a, uint64_t want)
{
    mpz_t z;

    mpz_init(z);
    mpz_import(z, 1, 1, sizeof want, 0, 0, &want);
    expect(a, z);
    mpz_clear(z);
}

static void sums_and_products(void **state)
{
    const uint32_t half = CSIG_INT_BITS / 2;
    mpz_t a, b, z;

    (void)state;
    oracle_seed(1);
    mpz_inits(a, b, z, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        csig_int x, y, r;

        oracle_runs(a, half);
        if (i % 8 == 0)
            mpz_set(b, a);
        else if (i % 8 == 1)
            mpz_neg(b, a);
        else
            oracle_runs(b, half);
        oracle_to_int(&x, a);
        oracle_to_int(&y, b);
        expect(&x, a);

        mpz_add(z, a, b);
        csig_int_add(&r, &x, &y);
        expect(&r, z);
        mpz_sub(z, a, b);
        csig_int_sub(&r, &x, &y);
        expect(&r, z);
        mpz_mul(z, a, b);
        csig_int_mul(&r, &x, &y);
        expect(&r, z);
        mpz_neg(z, a);
        csig_int_neg(&r, &x);
        expect(&r, z);
        assert_int_equal(csig_int_cmp(&x, &y) < 0, mpz_cmp(a, b) < 0);
        assert_int_equal(csig_int_cmp(&x, &y) > 0, mpz_cmp(a, b) > 0);
        assert_int_equal(csig_int_is_eq(&x, &y), mpz_cmp(a, b) == 0);
        assert_int_equal(csig_int_is_coprime(&x, &y), (mpz_gcd(z, a, b), mpz_cmp_ui(z, 1) == 0));
    }
    mpz_clears(a, b, z, NULL);
}

/* The powers of two around every limb boundary, one less and one more. */
static void sizes_and_bits(void **state)
{
    csig_int a, one, r;
    mpz_t z;

    (void)state;
    mpz_init(z);
    csig_int_set_u64(&one, 1);
    for (uint32_t bits = 0; bits <= CSIG_INT_BITS; bits++) {
        csig_int_pow2(&a, bits);
        if (bits % GMP_NUMB_BITS < 2) {
            mpz_ui_pow_ui(z, 2, bits);
            expect(&a, z);
        }
        assert_int_equal(csig_int_bits(&a), bits + 1);
        assert_int_equal(csig_int_bit(&a, bits), 1);
        assert_int_equal(csig_int_bit(&a, bits + 1), 0);
        assert_true(csig_int_is_within(&a, bits));
        if (bits > 0) {
            assert_false(csig_int_is_within(&a, bits - 1));
            assert_int_equal(csig_int_bit(&a, bits - 1), 0);
        }
        csig_int_sub(&r, &a, &one);
        assert_int_equal(csig_int_bits(&r), bits);
        assert_true(csig_int_is_within(&r, bits));
        csig_int_add(&r, &a, &one);
        assert_int_equal(csig_int_is_within(&r, bits), 0);
        csig_int_neg(&r, &r);
        assert_false(csig_int_is_within(&r, bits));
        csig_int_neg(&r, &a);
        assert_true(csig_int_is_within(&r, bits));
        assert_int_equal(csig_int_bits(&r), bits + 1);
    }
    assert_int_equal(csig_int_bit(&a, 4 * CSIG_INT_BITS), 0);
    mpz_clear(z);
}

static void small_values(void **state)
{
    static const uint64_t values[] = {0, 1, 2, 0xffffffff, 0x100000000, UINT64_MAX - 1, UINT64_MAX};
    csig_int a;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(values); i++) {
        memset(&a, 0xff, sizeof a);
        csig_int_set_u64(&a, values[i]);
        expect_small(&a, values[i]);
        assert_int_equal(csig_int_is_zero(&a), values[i] == 0);
        assert_int_equal(csig_int_is_one(&a), values[i] == 1);
        assert_int_equal(csig_int_is_odd(&a), values[i] % 2);
        assert_true(csig_int_mod_u32(&a, 1000003) == values[i] % 1000003);
        assert_int_equal(csig_int_mod_u32(&a, 1), 0);
        csig_int_neg(&a, &a);
        assert_false(csig_int_is_one(&a));
        assert_int_equal(csig_int_is_odd(&a), values[i] % 2);
    }
    csig_int_set_u64(&a, 0);
    csig_int_neg(&a, &a);
    expect_small(&a, 0);
    assert_true(csig_int_is_within(&a, 0));
}

/* |a| <= 2^bits * m: at the bound, one more, one less, and at every shift within a limb. */
static void within_times(void **state)
{
    csig_int a, m, one, zero;
    mpz_t z, b;

    (void)state;
    oracle_seed(3);
    mpz_inits(z, b, NULL);
    csig_int_set_u64(&one, 1);
    csig_int_set_u64(&zero, 0);
    for (uint32_t bits = 0; bits < 300; bits++) {
        do
            oracle_runs(z, 1 + bits * 7);
        while (mpz_sgn(z) <= 0);
        oracle_to_int(&m, z);
        mpz_mul_2exp(b, z, bits);
        oracle_to_int(&a, b);
        for (int sign = 0; sign < 2; sign++) {
            assert_true(csig_int_is_within_times(&a, bits, &m));
            mpz_add_ui(z, b, 1);
            oracle_to_int(&a, z);
            if (sign == 1) csig_int_neg(&a, &a);
            assert_false(csig_int_is_within_times(&a, bits, &m));
            mpz_sub_ui(z, b, 1);
            oracle_to_int(&a, z);
            if (sign == 1) csig_int_neg(&a, &a);
            assert_true(csig_int_is_within_times(&a, bits, &m));
            mpz_mul_2exp(z, b, 1);
            oracle_to_int(&a, z);
            assert_false(csig_int_is_within_times(&a, bits, &m));
            mpz_neg(z, b);
            oracle_to_int(&a, z);
        }
        assert_true(csig_int_is_within_times(&zero, bits, &m));
    }
    assert_true(csig_int_is_within_times(&zero, 5, &zero));
    assert_false(csig_int_is_within_times(&one, 5, &zero));
    /* 2^bits * m itself need not fit: the largest bound of the protocols and more */
    csig_int_pow2(&a, CSIG_INT_BITS);
    csig_int_pow2(&m, CSIG_NN_BITS);
    assert_true(csig_int_is_within_times(&a, CSIG_INT_BITS - CSIG_NN_BITS, &m));
    assert_false(csig_int_is_within_times(&a, CSIG_INT_BITS - CSIG_NN_BITS - 1, &m));
    assert_true(csig_int_is_within_times(&a, 2 * CSIG_NN_BITS, &m));
    mpz_clears(z, b, NULL);
}

static void octets(void **state)
{
    uint8_t be[sizeof(mp_limb_t) * CSIG_INT_LIMBS + 9], out[sizeof be];
    csig_int a;
    mpz_t z;

    (void)state;
    mpz_init(z);
    for (size_t len = 0; len <= sizeof be - 9; len++) {
        for (size_t i = 0; i < len; i++)
            be[i] = (uint8_t)(0xff - (i & 0x7f));
        mpz_import(z, len, 1, 1, 1, 0, be);
        csig_int_from_bytes(&a, be, len);
        expect(&a, z);
        memset(out, 0xee, sizeof out);
        csig_int_neg(&a, &a); /* the sign is not written */
        csig_int_to_bytes(out, len, &a);
        assert_memory_equal(out, be, len);
        assert_int_equal(out[len], 0xee);
        csig_int_to_bytes(out, len + 9, &a); /* padded left */
        for (size_t i = 0; i < 9; i++)
            assert_int_equal(out[i], 0);
        assert_memory_equal(out + 9, be, len);
    }
    memset(be, 0, sizeof be); /* leading zeros beyond the capacity are nothing */
    be[sizeof be - 1] = 7;
    csig_int_from_bytes(&a, be, sizeof be);
    expect_small(&a, 7);
    mpz_clear(z);
}

#define WIDTH 5

static void nat_walk(csig_wire *w, void *msg)
{
    csig_int *a = msg;

    csig_nat_wire(w, a, WIDTH);
}

static void int_walk(csig_wire *w, void *msg)
{
    csig_int *a = msg;

    csig_int_wire(w, a, WIDTH);
}

static void wire(void **state)
{
    static const uint64_t values[] = {0, 1, 255, 256, 0x0102030405, 0xffffffffff};
    uint8_t out[WIDTH + 1], again[WIDTH + 1];
    csig_int a, r;

    (void)state;
    assert_int_equal(csig_wire_size(nat_walk), WIDTH);
    assert_int_equal(csig_wire_size(int_walk), WIDTH + 1);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(values); i++) {
        csig_int_set_u64(&a, values[i]);
        csig_wire_write(nat_walk, &a, out, WIDTH);
        for (size_t j = 0; j < WIDTH; j++)
            assert_int_equal(out[j], values[i] >> (8 * (WIDTH - 1 - j)) & 0xff);
        assert_int_equal(csig_wire_read(nat_walk, &r, out, WIDTH), CSIG_OK);
        assert_true(csig_int_is_eq(&a, &r));
        for (uint8_t sign = 0; sign < 2; sign++) {
            csig_wire_write(int_walk, &a, again, WIDTH + 1);
            assert_int_equal(again[0], sign == 1 && values[i] != 0);
            assert_memory_equal(again + 1, out, WIDTH);
            assert_int_equal(csig_wire_read(int_walk, &r, again, WIDTH + 1), CSIG_OK);
            assert_true(csig_int_is_eq(&a, &r));
            csig_int_neg(&a, &a);
        }
    }
    for (unsigned sign = 0; sign < 256; sign++) {
        memset(again, 0, sizeof again);
        again[0] = (uint8_t)sign;
        assert_int_equal(csig_wire_read(int_walk, &r, again, WIDTH + 1),
                         sign == 0 ? CSIG_OK : CSIG_E_FORMAT); /* no minus zero */
        again[WIDTH] = 1;
        assert_int_equal(csig_wire_read(int_walk, &r, again, WIDTH + 1),
                         sign < 2 ? CSIG_OK : CSIG_E_FORMAT);
    }
}

/* Our own mistakes stop the process. */
static csig_int largest, two, minus_one, zero;

static void add_too_far(void *arg)
{
    csig_int_add(arg, &largest, &largest);
}

static void multiply_too_far(void *arg)
{
    csig_int_mul(arg, &largest, &two);
}

static void shift_too_far(void *arg)
{
    csig_int_pow2(arg, CSIG_INT_LIMBS * GMP_NUMB_BITS);
}

static void read_too_much(void *arg)
{
    uint8_t be[sizeof largest.d + 1] = {1};

    csig_int_from_bytes(arg, be, sizeof be);
}

static void write_too_little(void *arg)
{
    uint8_t be[sizeof largest.d - 1];

    (void)arg;
    csig_int_to_bytes(be, sizeof be, &largest);
}

static void divide_by_zero(void *arg)
{
    csig_int_mod(arg, &two, &zero);
}

static void divide_by_negative(void *arg)
{
    csig_int_mod(arg, &two, &minus_one);
}

static void mod_zero(void *arg)
{
    (void)arg;
    (void)csig_int_mod_u32(&two, 0);
}

static void jacobi_of_even(void *arg)
{
    (void)arg;
    (void)csig_int_jacobi(&minus_one, &two);
}

static void negative_exponent(void *arg)
{
    csig_int_powm_var(arg, &two, &minus_one, &largest);
}

static void factors_of_zero(void *arg)
{
    (void)arg;
    (void)csig_int_has_factor_below_2_16(&zero);
}

static void write_negative_nat(void *arg)
{
    uint8_t out[WIDTH];

    (void)arg;
    csig_wire_write(nat_walk, &minus_one, out, sizeof out);
}

static void wide_walk(csig_wire *w, void *msg)
{
    csig_nat_wire(w, msg, sizeof largest.d + 1);
}

static void measure_too_wide(void *arg)
{
    (void)arg;
    (void)csig_wire_size(wide_walk);
}

static void broken_promises_trap(void **state)
{
    static void (*const fn[])(void *) = {
        add_too_far,     multiply_too_far,   shift_too_far,    read_too_much,  write_too_little,
        divide_by_zero,  divide_by_negative, mod_zero,         jacobi_of_even, negative_exponent,
        factors_of_zero, write_negative_nat, measure_too_wide,
    };
    uint8_t be[sizeof largest.d];
    csig_int r;

    (void)state;
    memset(be, 0xff, sizeof be);
    csig_int_from_bytes(&largest, be, sizeof be);
    csig_int_set_u64(&two, 2);
    csig_int_set_u64(&zero, 0);
    csig_int_set_u64(&minus_one, 1);
    csig_int_neg(&minus_one, &minus_one);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(fn); i++)
        assert_true(trap_is_hit(fn[i], &r));
    csig_int_add(&r, &largest, &minus_one); /* and what fits does not */
    csig_int_sub(&r, &r, &largest);
    assert_true(csig_int_is_eq(&r, &minus_one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products),
        cmocka_unit_test(sizes_and_bits),
        cmocka_unit_test(small_values),
        cmocka_unit_test(within_times),
        cmocka_unit_test(octets),
        cmocka_unit_test(wire),
        cmocka_unit_test(broken_promises_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
