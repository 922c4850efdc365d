/* Fixed-base comb (Lim and Lee 1994) whose blocks cover the exponent from below, so that a shorter
 * exponent needs fewer blocks. Block j serves the bits [j SPAN, (j + 1) SPAN) in CSIG_COMB_TEETH
 * rows of COLUMNS bits: for every column c from the top, one squaring for all blocks and one factor
 * per block, the product of those B^(2^(j SPAN + i COLUMNS)) whose row i has a bit in column c.
 *
 * A negative exponent e is taken as its two's complement e + 2^(j SPAN) for j blocks, times
 * B^-(2^(j SPAN)): no secret inverse, and a zero sign costs the same. */
#include "num/comb.h"

#include <string.h>

#include "base/mem.h"

/* CSIG_COMB_BLOCKS blocks serve the masks of presigning, 2^(l + eps) * N^; only Pi-fac has longer
 */
#define USUAL_BITS (CSIG_ELL + CSIG_EPS + CSIG_N_BITS + 1)
#define TEETH      CSIG_COMB_TEETH
#define COLUMNS    ((USUAL_BITS + CSIG_COMB_BLOCKS * TEETH - 1) / (CSIG_COMB_BLOCKS * TEETH))
#define SPAN       (TEETH * COLUMNS)
#define ENTRIES    (1 << TEETH)
#define MAX_BLOCKS ((CSIG_COMB_BITS + SPAN - 1) / SPAN)
#define LINE       64 /* look-ups read whole lines: see csig_comb.d */
#define MAX_LIMBS  CSIG_LIMBS(MAX_BLOCKS *SPAN)

struct csig_comb {
    uint32_t limbs; /* of N */
    uint32_t blocks;
    mp_limb_t *d; /* per block: ENTRIES factors, then B^-(2^((j + 1) SPAN)); begins a cache line */
};

static uint32_t blocks_for(uint32_t bits)
{
    return (bits + SPAN - 1) / SPAN;
}

static size_t bytes_for(uint32_t bits, uint32_t limbs)
{
    return sizeof(csig_comb) + LINE +
           (size_t)blocks_for(bits) * (ENTRIES + 1) * limbs * sizeof(mp_limb_t);
}

size_t csig_comb_bytes(uint32_t bits)
{
    return bytes_for(bits, CSIG_N_LIMBS);
}

static const mp_limb_t *block_table(const csig_comb *c, uint32_t block)
{
    return c->d + (size_t)block * (ENTRIES + 1) * c->limbs;
}

/* table[i] = the product of tooth[j] over the bits j of i */
static void fill_block(mp_limb_t *table, const csig_mont *m, const mp_limb_t *teeth)
{
    const uint32_t k = m->limbs;

    memcpy(table, m->one, k * sizeof *table);
    for (uint32_t i = 1; i < ENTRIES; i++) {
        const uint32_t top = 31 - (uint32_t)__builtin_clz(i);

        csig_mont_mul(table + i * k, m, table + (i - (1u << top)) * k, teeth + top * k);
    }
}

/* r = 1/a, both in Montgomery form, of a unit */
static void invert(mp_limb_t *r, const csig_ring *ring, const mp_limb_t *a)
{
    const csig_mont *m = &ring->pair.m;
    mp_limb_t d[CSIG_N_LIMBS];
    csig_int plain, inverse;

    csig_mont_leave(d, m, a);
    csig_residues_reveal(&plain, d, m->limbs);
    CSIG_ASSERT(csig_int_has_inverse(&inverse, &plain, &ring->n));
    csig_mont_enter(r, m, inverse.d, inverse.limbs);
}

csig_comb *csig_comb_new(const csig_ring *r, const csig_int *base, uint32_t bits)
{
    const csig_mont *m = &r->pair.m;
    const uint32_t k = m->limbs;
    csig_comb *c;
    mp_limb_t teeth[TEETH * CSIG_N_LIMBS], power[CSIG_N_LIMBS];

    CSIG_ASSERT(bits <= CSIG_COMB_BITS && !base->neg);
    c = csig_public_alloc(bytes_for(bits, k));
    if (c == NULL) return NULL;
    c->limbs = k;
    c->blocks = blocks_for(bits);
    c->d = (mp_limb_t *)(((uintptr_t)(c + 1) + LINE - 1) / LINE * LINE);
    csig_mont_enter(power, m, base->d, base->limbs);
    for (uint32_t j = 0; j < c->blocks; j++) {
        mp_limb_t *table = c->d + (size_t)j * (ENTRIES + 1) * k;

        for (uint32_t i = 0; i < TEETH; i++) {
            memcpy(teeth + i * k, power, k * sizeof *power);
            for (uint32_t s = 0; s < COLUMNS; s++)
                csig_mont_sqr(power, m, power);
        }
        fill_block(table, m, teeth);
        invert(table + (size_t)ENTRIES * k, r, power);
    }
    return c;
}

void csig_comb_free(csig_comb *c)
{
    csig_public_free(c);
}

/* One exponent on its way through the columns. */
typedef struct comb_walk {
    const csig_comb_power *power;
    uint32_t blocks;
    uint32_t limbs;
    mp_limb_t is_neg;         /* and not zero */
    mp_limb_t exp[MAX_LIMBS]; /* two's complement where negative */
} comb_walk;

static void init_walk(comb_walk *w, const csig_comb_power *p)
{
    mp_limb_t any = 0;
    mp_limb_t carry;

    w->power = p;
    w->blocks = blocks_for(p->bits);
    w->limbs = CSIG_LIMBS(w->blocks * SPAN);
    CSIG_ASSERT(w->blocks <= p->comb->blocks);
    memset(w->exp, 0, sizeof w->exp);
    for (uint32_t i = 0; i < CSIG_LIMBS(p->bits); i++)
        any |= w->exp[i] = p->exp[i];
    w->is_neg = p->neg & ((any | (0 - any)) >> (GMP_NUMB_BITS - 1));
    carry = w->is_neg;
    for (uint32_t i = 0; i < w->limbs; i++) {
        const mp_limb_t flipped = w->exp[i] ^ (0 - w->is_neg);

        w->exp[i] = flipped + carry;
        carry = w->exp[i] < carry;
    }
}

static void take_factor(mp_limb_t *factor, const comb_walk *w, uint32_t block, uint32_t column)
{
    const mp_limb_t *table = block_table(w->power->comb, block);
    const uint32_t k = w->power->comb->limbs;
    mp_limb_t index = 0;

    for (uint32_t i = 0; i < TEETH; i++)
        index |= csig_mont_window(w->exp, w->limbs, block * SPAN + i * COLUMNS + column, 1) << i;
    if (w->power->is_secret)
        csig_mont_lookup(factor, table, k, ENTRIES, index);
    else
        memcpy(factor, table + index * k, k * sizeof *factor);
}

/* acc times the correction of a negative exponent, or times one */
static void correct_sign(mp_limb_t *acc, const comb_walk *w, const csig_mont *m)
{
    const mp_limb_t *below;
    mp_limb_t factor[CSIG_N_LIMBS];

    if (w->blocks == 0) return;
    below = block_table(w->power->comb, w->blocks - 1) + (size_t)ENTRIES * m->limbs;
    csig_mont_select(factor, 0 - w->is_neg, below, m->one, m->limbs);
    csig_mont_mul(acc, m, acc, factor);
}

void csig_comb_product(mp_limb_t *r, const csig_ring *ring, const csig_comb_power *power,
                       uint32_t terms)
{
    const csig_mont *m = &ring->pair.m;
    comb_walk walks[CSIG_JOB_TERMS];
    mp_limb_t acc[CSIG_N_LIMBS], factor[CSIG_N_LIMBS];

    CSIG_ASSERT(terms <= CSIG_JOB_TERMS);
    for (uint32_t t = 0; t < terms; t++) {
        CSIG_ASSERT(power[t].comb->limbs == m->limbs);
        init_walk(&walks[t], &power[t]);
    }
    memcpy(acc, m->one, sizeof acc);
    for (uint32_t column = COLUMNS; column-- > 0;) {
        csig_mont_sqr(acc, m, acc);
        for (uint32_t t = 0; t < terms; t++) {
            for (uint32_t block = 0; block < walks[t].blocks; block++) {
                take_factor(factor, &walks[t], block, column);
                csig_mont_mul(acc, m, acc, factor);
            }
        }
    }
    for (uint32_t t = 0; t < terms; t++)
        correct_sign(acc, &walks[t], m);
    memcpy(r, acc, m->limbs * sizeof *r);
    csig_wipe(walks, sizeof walks);
    csig_wipe(acc, sizeof acc);
    csig_wipe(factor, sizeof factor);
    csig_mont_forget();
}
