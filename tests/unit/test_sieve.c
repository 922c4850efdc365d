/* Small primes against GMP, and strikes against trial division. */
#include "num/sieve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"
#include "support/trap.h"

#define ODDS (CSIG_SIEVE_PIECE / 2)
#define ROW  1000

static uint8_t composite[ODDS];

static void is_like_gmp(uint32_t from)
{
    mpz_t z;

    mpz_init(z);
    csig_sieve_odds(composite, from);
    for (uint32_t i = 0; i < ODDS; i++) {
        mpz_set_ui(z, from + 2 * i + 1);
        assert_int_equal(composite[i], mpz_probab_prime_p(z, 20) == 0);
    }
    mpz_clear(z);
}

static void primes(void **state)
{
    static const uint32_t from[] = {0, 1, 2, 255, 256, CSIG_SIEVE_LIMIT / CSIG_SIEVE_PIECE - 1};
    uint32_t count = 1; /* 2 */

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(from); i++)
        is_like_gmp(from[i] * CSIG_SIEVE_PIECE);
    for (uint32_t at = 0; at < 1 << 20; at += CSIG_SIEVE_PIECE) {
        csig_sieve_odds(composite, at);
        for (uint32_t i = 0; i < ODDS; i++)
            count += composite[i] == 0;
        if (at == 0) assert_int_equal(count, 6542);
    }
    assert_int_equal(count, 82025); /* below 2^20 */
}

static void odds_of(void *from)
{
    csig_sieve_odds(composite, *(const uint32_t *)from);
}

static void other_pieces_trap(void **state)
{
    uint32_t from = 1;

    (void)state;
    assert_true(trap_is_hit(odds_of, &from));
    from = CSIG_SIEVE_LIMIT;
    assert_true(trap_is_hit(odds_of, &from));
}

/* Has z a prime factor in [5, CSIG_SIEVE_PIECE)? */
static bool has_small_factor(const mpz_t z, const mpz_t primorial)
{
    bool has;
    mpz_t g;

    mpz_init(g);
    mpz_gcd(g, z, primorial);
    has = mpz_cmp_ui(g, 1) != 0;
    mpz_clear(g);
    return has;
}

static void product_of(mpz_t product, uint32_t from)
{
    mpz_set_ui(product, 1);
    csig_sieve_odds(composite, from);
    for (uint32_t i = 0; i < ODDS; i++)
        if (composite[i] == 0 && from + 2 * i + 1 > 3)
            mpz_mul_ui(product, product, from + 2 * i + 1);
}

static void strikes_are_right(const mpz_t base, uint32_t from)
{
    static uint8_t struck[ROW / 8 + 1];
    mp_limb_t limbs[CSIG_P_LIMBS];
    mpz_t product, half, p;

    mpz_inits(product, half, p, NULL);
    product_of(product, from);
    oracle_to_limbs(limbs, CSIG_P_LIMBS, base);
    memset(struck, 0, sizeof struck);
    csig_sieve_strike(struck, ROW, limbs, (uint32_t)mpz_size(base), from);
    for (uint32_t k = 0; k < ROW; k++) {
        const bool bit = (struck[k / 8] >> (k % 8) & 1) == 1;

        mpz_add_ui(half, base, 6UL * k);
        mpz_mul_2exp(p, half, 1);
        mpz_add_ui(p, p, 1);
        assert_int_equal(bit, has_small_factor(half, product) || has_small_factor(p, product));
    }
    assert_int_equal(struck[ROW / 8], 0); /* nothing past the row */
    mpz_clears(product, half, p, NULL);
}

static void strikes(void **state)
{
    static const uint32_t bits[] = {300, CSIG_P_BITS - 1, CSIG_P_BITS};
    mpz_t base;

    (void)state;
    oracle_seed(1);
    mpz_init(base);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bits); i++) {
        oracle_bits(base, bits[i]);
        mpz_sub_ui(base, base, mpz_fdiv_ui(base, 6) + 1); /* 5 mod 6 */
        strikes_are_right(base, 0);
        strikes_are_right(base, CSIG_SIEVE_PIECE);
        strikes_are_right(base, 200 * CSIG_SIEVE_PIECE);
    }
    /* residues zero for many primes: candidate 0 is struck by all of them */
    mpz_set_ui(base, 5UL * 7 * 11 * 13 * 17 * 19 * 23);
    strikes_are_right(base, 0);
    mpz_clear(base);
}

/* What is struck stays struck by the next piece. */
static void strikes_add_up(void **state)
{
    uint8_t struck[ROW / 8];
    mp_limb_t limbs[CSIG_P_LIMBS];
    mpz_t base;

    (void)state;
    mpz_init(base);
    oracle_prime(base, 0);
    oracle_to_limbs(limbs, CSIG_P_LIMBS, base);
    memset(struck, 0xff, sizeof struck);
    csig_sieve_strike(struck, ROW, limbs, CSIG_P_LIMBS, 0);
    for (size_t i = 0; i < sizeof struck; i++)
        assert_int_equal(struck[i], 0xff);
    mpz_clear(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(primes),
        cmocka_unit_test(other_pieces_trap),
        cmocka_unit_test(strikes),
        cmocka_unit_test(strikes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
