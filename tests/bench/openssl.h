/* The reference of all measures: OpenSSL's constant-time exponentiation and its Montgomery product.
 * Built without OpenSSL every time is 0: there is no reference. */
#ifndef TESTS_BENCH_OPENSSL_H
#define TESTS_BENCH_OPENSSL_H

#include <stdbool.h>
#include <stdint.h>

/* BN_mod_exp_mont_consttime with numbers of exactly these sizes, us; printed as a line too. */
double openssl_modexp_us(uint32_t modulus_bits, uint32_t exponent_bits);
/* BN_mod_mul_montgomery, us; square: of one number with itself. */
double openssl_mul_us(uint32_t modulus_bits, bool square);

#endif
