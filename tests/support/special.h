/* Numbers that try a test of primality, in lower-case hexadecimal. */
#ifndef TESTS_SUPPORT_SPECIAL_H
#define TESTS_SUPPORT_SPECIAL_H

#include <stdint.h>

/* a, b = 3a - 2 and p = 2ab + 1 are prime, 2 is a cube mod b: the composite ab passes Fermat's test
 * to base 2, and so does p, which has CSIG_P_BITS bits, the top two set. */
extern const char *const special_pseudoprime_a;
/* 6m + 1, 12m + 1 and 18m + 1 are prime: their product of CSIG_P_BITS bits is a Carmichael number
 * (Chernick 1939), which passes Fermat's test to every base prime to it. */
extern const char *const special_chernick_m;
/* Safe primes with the bits 10 and 01 on top of CSIG_P_BITS. */
extern const char *const special_top_10;
extern const char *const special_top_01;

/* (3 * 2^(CSIG_P_BITS - 2 - k) + j) * 2^k + 1 is prime. */
#define SPECIAL_PROTHS 11
typedef struct special_proth {
    uint32_t k;
    uint32_t j;
} special_proth;
extern const special_proth special_proths[SPECIAL_PROTHS];

#endif
