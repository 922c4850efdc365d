/* The combined sieve of p' and p = 2p' + 1 (performance.md, section 5): r divides base + 6k exactly
 * when k = -base/6 mod r, and 2(base + 6k) + 1 exactly when k = -base/6 - 1/12 mod r. */
#include "num/sieve.h"

#include <string.h>

#define ODDS  (CSIG_SIEVE_PIECE / 2)
#define ROOT  8192 /* sqrt(CSIG_SIEVE_LIMIT) */
#define ROOTS (ROOT / 2)
_Static_assert((long)ROOT *ROOT == CSIG_SIEVE_LIMIT, "ROOT");

/* composite[i] belongs to 2i + 1. */
static void odds_below_root(uint8_t composite[ROOTS])
{
    memset(composite, 0, ROOTS);
    composite[0] = 1;
    for (uint32_t r = 3; r * r < ROOT; r += 2) {
        if (composite[r / 2]) continue;
        for (uint32_t i = r * r / 2; i < ROOTS; i += r)
            composite[i] = 1;
    }
}

void csig_sieve_odds(uint8_t composite[ODDS], uint32_t from)
{
    uint8_t root[ROOTS];

    CSIG_ASSERT(from % CSIG_SIEVE_PIECE == 0 && from < CSIG_SIEVE_LIMIT);
    odds_below_root(root);
    memset(composite, 0, ODDS);
    composite[0] = from == 0; /* 1 */
    for (uint32_t r = 3; r < ROOT && r * r < from + CSIG_SIEVE_PIECE; r += 2) {
        uint32_t first = r * r;

        if (root[r / 2]) continue;
        if (first < from) first = from + r - from % r; /* the first multiple above from */
        if (first % 2 == 0) first += r;                /* odd ones only */
        for (uint32_t i = (first - from) / 2; i < ODDS; i += r)
            composite[i] = 1;
    }
}

static void strike(uint8_t *struck, uint32_t row, uint32_t k, uint32_t r)
{
    for (; k < row; k += r)
        struck[k / 8] |= (uint8_t)(1 << (k % 8));
}

/* rest = base mod r or mod a multiple of r */
static void strike_prime(uint8_t *struck, uint32_t row, mp_limb_t rest, uint32_t r)
{
    /* 1/6 mod r: 6 divides r + 1 or 5r + 1; 1/12 is half of it */
    const uint32_t sixth = r % 6 == 5 ? (r + 1) / 6 : (5 * r + 1) / 6;
    const uint32_t twelfth = (sixth % 2 == 0 ? sixth : sixth + r) / 2;
    const uint32_t m = (uint32_t)(rest % r);
    const uint32_t k0 = (uint32_t)((uint64_t)(r - m) * sixth % r);
    const uint32_t k1 = k0 >= twelfth ? k0 - twelfth : k0 + r - twelfth;

    strike(struck, row, k0, r);
    strike(struck, row, k1, r);
}

/* The primes are taken in products that fill a limb: one long division for each product, then
 * short ones for each prime. */
void csig_sieve_strike(uint8_t *struck, uint32_t row, const mp_limb_t *base, uint32_t limbs,
                       uint32_t from)
{
    uint8_t composite[ODDS];
    uint32_t i = 0, j = 0;

    csig_sieve_odds(composite, from);
    if (from == 0) i = j = 5 / 2;
    for (; i < ODDS; i = j) {
        mp_limb_t product = 1, rest;

        for (; j < ODDS; j++) {
            if (composite[j]) continue;
            if (product > GMP_NUMB_MAX / (from + 2 * j + 1)) break;
            product *= from + 2 * j + 1;
        }
        rest = mpn_mod_1(base, limbs, product);
        for (; i < j; i++)
            if (!composite[i]) strike_prime(struck, row, rest, from + 2 * i + 1);
    }
}
