#include "bench/openssl.h"

#ifdef HAVE_OPENSSL
#include <openssl/bn.h>
#include <stdio.h>

#include "bench/bench.h"

typedef struct numbers {
    BN_CTX *ctx;
    BN_MONT_CTX *mont;
    BIGNUM *m, *a, *b, *e, *r;
} numbers;

static void numbers_init(numbers *x, uint32_t modulus_bits, uint32_t exponent_bits)
{
    x->ctx = BN_CTX_new();
    x->mont = BN_MONT_CTX_new();
    x->m = BN_new(), x->a = BN_new(), x->b = BN_new(), x->e = BN_new(), x->r = BN_new();
    CSIG_ASSERT(BN_rand(x->m, (int)modulus_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
    CSIG_ASSERT(BN_rand_range(x->a, x->m) == 1 && BN_rand_range(x->b, x->m) == 1);
    CSIG_ASSERT(BN_rand(x->e, (int)exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
    CSIG_ASSERT(BN_MONT_CTX_set(x->mont, x->m, x->ctx) == 1);
}

static void numbers_free(numbers *x)
{
    BN_free(x->m), BN_free(x->a), BN_free(x->b), BN_free(x->e), BN_free(x->r);
    BN_MONT_CTX_free(x->mont);
    BN_CTX_free(x->ctx);
}

static void modexp(void *arg)
{
    numbers *x = arg;

    CSIG_ASSERT(BN_mod_exp_mont_consttime(x->r, x->a, x->e, x->m, x->ctx, x->mont) == 1);
}

static void mul(void *arg)
{
    numbers *x = arg;

    CSIG_ASSERT(BN_mod_mul_montgomery(x->r, x->a, x->b, x->mont, x->ctx) == 1);
}

static void sqr(void *arg)
{
    numbers *x = arg;

    CSIG_ASSERT(BN_mod_mul_montgomery(x->r, x->a, x->a, x->mont, x->ctx) == 1);
}

static double measure(void (*fn)(void *), const char *what, uint32_t modulus_bits,
                      uint32_t exponent_bits)
{
    char name[64];
    numbers x;
    double us;

    (void)snprintf(name, sizeof name, "openssl_%s_%u_%u", what, modulus_bits, exponent_bits);
    numbers_init(&x, modulus_bits, exponent_bits);
    us = bench_run(name, fn, &x, 0);
    numbers_free(&x);
    return us;
}

double openssl_modexp_us(uint32_t modulus_bits, uint32_t exponent_bits)
{
    return measure(modexp, "modexp", modulus_bits, exponent_bits);
}

double openssl_mul_us(uint32_t modulus_bits, bool square)
{
    return measure(square ? sqr : mul, square ? "sqr" : "mul", modulus_bits, 1);
}
#else
double openssl_modexp_us(uint32_t modulus_bits, uint32_t exponent_bits)
{
    (void)modulus_bits, (void)exponent_bits;
    return 0;
}

double openssl_mul_us(uint32_t modulus_bits, bool square)
{
    (void)modulus_bits, (void)square;
    return 0;
}
#endif
