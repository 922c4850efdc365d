/* Montgomery multiplication: mpn's schoolbook product, whose control flow depends on sizes alone,
 * then the reduction limb by limb (Montgomery 1985, "REDC"). */
#include "num/mont.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/ifma.h"
#include "num/limbs.h"

#define WINDOW 5
#define TABLE  (1 << WINDOW)

void csig_mont_select(mp_limb_t *r, mp_limb_t mask, const mp_limb_t *a, const mp_limb_t *b,
                      uint32_t limbs)
{
    mask = csig_limbs_mask(mask);
    for (uint32_t i = 0; i < limbs; i++)
        r[i] = (a[i] & mask) | (b[i] & ~mask);
}

mp_limb_t csig_mont_same(const mp_limb_t *a, const mp_limb_t *b, uint32_t limbs)
{
    mp_limb_t diff = 0;

    for (uint32_t i = 0; i < limbs; i++)
        diff |= a[i] ^ b[i];
    return ((diff | (0 - diff)) >> (GMP_NUMB_BITS - 1)) - 1;
}

mp_limb_t csig_mont_window(const mp_limb_t *e, uint32_t limbs, uint32_t at, uint32_t width)
{
    const uint32_t i = at / GMP_NUMB_BITS;
    const uint32_t shift = at % GMP_NUMB_BITS;
    mp_limb_t w = i < limbs ? e[i] >> shift : 0;

    if (shift + width > GMP_NUMB_BITS && i + 1 < limbs) w |= e[i + 1] << (GMP_NUMB_BITS - shift);
    return w & (((mp_limb_t)1 << width) - 1);
}

mp_limb_t csig_mont_subtract_once(mp_limb_t *r, mp_limb_t *carry, const mp_limb_t *t,
                                  const csig_mont *m)
{
    mp_limb_t less[CSIG_MONT_LIMBS];
    const mp_limb_t left = *carry - mpn_sub_n(less, t, m->n, m->limbs);
    const mp_limb_t is_less = left >> (GMP_NUMB_BITS - 1);

    csig_mont_select(r, 0 - is_less, t, less, m->limbs);
    *carry = left + is_less;
    return 1 - is_less;
}

/* make the low limbs zero one by one; each freed limb keeps the carry of its row */
mp_limb_t csig_mont_fold(mp_limb_t *t, mp_limb_t *q, const csig_mont *m)
{
    const uint32_t k = m->limbs;

    for (uint32_t i = 0; i < k; i++) {
        q[i] = t[i] * m->inv;
        t[i] = mpn_addmul_1(t + i, m->n, k, q[i]);
    }
    return mpn_add_n(t, t + k, t, k);
}

/* r = t / R mod n for t < n R; t has 2 * limbs limbs and is used up. */
static void redc(mp_limb_t *r, const csig_mont *m, mp_limb_t *t)
{
    mp_limb_t q[CSIG_MONT_LIMBS];
    mp_limb_t carry = csig_mont_fold(t, q, m);

    csig_mont_subtract_once(r, &carry, t, m);
}

void csig_mont_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b)
{
    mp_limb_t t[2 * CSIG_MONT_LIMBS];

#if CSIG_HAS_IFMA
    if (m->is_fast) {
        csig_ifma_mul(r, m, a, b);
        return;
    }
#endif
    mpn_sec_mul(t, a, m->limbs, b, m->limbs, NULL);
    redc(r, m, t);
}

void csig_mont_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a)
{
    mp_limb_t t[2 * CSIG_MONT_LIMBS];

#if CSIG_HAS_IFMA
    if (m->is_fast) {
        csig_ifma_mul(r, m, a, a);
        return;
    }
#endif
    mpn_sec_sqr(t, a, m->limbs, NULL);
    redc(r, m, t);
}

void csig_mont_add(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b)
{
    mp_limb_t t[CSIG_MONT_LIMBS];
    mp_limb_t carry = mpn_add_n(t, a, b, m->limbs);

    csig_mont_subtract_once(r, &carry, t, m);
}

void csig_mont_sub(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b)
{
    mpn_cnd_add_n(mpn_sub_n(r, a, b, m->limbs), r, r, m->n, m->limbs);
}

/* -1/n mod 2^GMP_NUMB_BITS by Newton: 3n ^ 2 is right to 5 bits, each step doubles that. */
static mp_limb_t negated_inverse(mp_limb_t n)
{
    mp_limb_t x = (3 * n) ^ 2;

    for (int bits = 5; bits < GMP_NUMB_BITS; bits *= 2)
        x *= 2 - n * x;
    return 0 - x;
}

/* R mod n: 2^(GMP_NUMB_BITS * (limbs - 1)) <= n, doubled. */
static void init_one(csig_mont *m)
{
    memset(m->one, 0, sizeof m->one);
    m->one[m->limbs - 1] = 1;
    for (int i = 0; i < GMP_NUMB_BITS; i++)
        csig_mont_add(m->one, m, m->one, m->one);
}

static void init_modulus(csig_mont *m, const mp_limb_t *n, uint32_t limbs)
{
    CSIG_ASSERT(limbs >= 1 && limbs <= CSIG_MONT_LIMBS);
    m->limbs = limbs;
#if CSIG_HAS_IFMA
    m->is_fast = csig_ifma_is_for(limbs);
#endif
    memcpy(m->n, n, limbs * sizeof *n);
    m->inv = negated_inverse(n[0]);
    init_one(m);
}

void csig_mont_init(csig_mont *m, const mp_limb_t *n, uint32_t limbs)
{
    /* the scratch space that mpn asks for on other machines */
    CSIG_ASSERT(mpn_sec_mul_itch(limbs, limbs) == 0 && mpn_sec_sqr_itch(limbs) == 0);
    memset(m, 0, sizeof *m);
    init_modulus(m, n, limbs);
    /* 2^limbs R, squared log2(GMP_NUMB_BITS) times, is 2^(limbs * GMP_NUMB_BITS) R */
    memcpy(m->rr, m->one, sizeof m->rr);
    for (uint32_t i = 0; i < limbs; i++)
        csig_mont_add(m->rr, m, m->rr, m->rr);
    for (int i = 1; i < GMP_NUMB_BITS; i *= 2)
        csig_mont_sqr(m->rr, m, m->rr);
}

void csig_mont_wipe(csig_mont *m)
{
    csig_wipe(m, sizeof *m);
}

/* Horner over pieces of the size of R: r = r R + piece. A piece may exceed n, never R: its product
 * with rr < n is below n R all the same. */
void csig_mont_enter(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, uint32_t limbs)
{
    const uint32_t k = m->limbs;
    mp_limb_t acc[CSIG_MONT_LIMBS] = {0};
    mp_limb_t piece[CSIG_MONT_LIMBS];

    for (uint32_t at = (limbs + k - 1) / k * k; at > 0; at -= k) {
        const uint32_t from = at - k;
        const uint32_t take = limbs - from < k ? limbs - from : k;

        memset(piece, 0, sizeof piece);
        memcpy(piece, a + from, take * sizeof *a);
        csig_mont_mul(piece, m, piece, m->rr);
        csig_mont_mul(acc, m, acc, m->rr);
        csig_mont_add(acc, m, acc, piece);
    }
    memcpy(r, acc, k * sizeof *r);
    csig_wipe(acc, sizeof acc);
    csig_wipe(piece, sizeof piece);
}

void csig_mont_leave(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a)
{
    mp_limb_t t[2 * CSIG_MONT_LIMBS] = {0};

    memcpy(t, a, m->limbs * sizeof *a);
    redc(r, m, t);
    csig_wipe(t, sizeof t);
}

/* Fixed windows from the top; every entry of the table is read for each. */
void csig_mont_pow(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *e,
                   uint32_t bits)
{
    const uint32_t k = m->limbs;
    const uint32_t windows = (bits + WINDOW - 1) / WINDOW;
    mp_limb_t table[TABLE * CSIG_MONT_LIMBS];
    mp_limb_t acc[CSIG_MONT_LIMBS];
    mp_limb_t entry[CSIG_MONT_LIMBS];

    memcpy(table, m->one, k * sizeof *table);
    memcpy(table + k, a, k * sizeof *table);
    for (uint32_t i = 2; i < TABLE; i++)
        csig_mont_mul(table + i * k, m, table + (i - 1) * k, a);
    memcpy(acc, m->one, sizeof acc);
    for (uint32_t w = windows; w-- > 0;) {
        for (int i = 0; i < WINDOW; i++)
            csig_mont_sqr(acc, m, acc);
        mpn_sec_tabselect(entry, table, k, TABLE,
                          (mp_size_t)csig_mont_window(e, CSIG_LIMBS(bits), w * WINDOW, WINDOW));
        csig_mont_mul(acc, m, acc, entry);
    }
    memcpy(r, acc, k * sizeof *r);
    csig_wipe(table, sizeof table);
    csig_wipe(acc, sizeof acc);
    csig_wipe(entry, sizeof entry);
}

bool csig_mont_is_fermat2(const mp_limb_t *n, uint32_t limbs)
{
    CSIG_AUTO(csig_mont) m = {0};
    mp_limb_t acc[CSIG_MONT_LIMBS];
    mp_limb_t twice[CSIG_MONT_LIMBS];
    mp_limb_t is_one;

    init_modulus(&m, n, limbs);
    memcpy(acc, m.one, sizeof acc);
    /* the lowest bit of n - 1 is 0 where n has 1 */
    for (uint32_t i = limbs * GMP_NUMB_BITS; i-- > 0;) {
        const mp_limb_t bit = csig_mont_window(n, limbs, i, 1) & (i != 0);

        csig_mont_sqr(acc, &m, acc);
        csig_mont_add(twice, &m, acc, acc);
        csig_mont_select(acc, 0 - bit, twice, acc, limbs);
    }
    is_one = csig_mont_same(acc, m.one, limbs);
    /* the answer is what the caller asked for */
    csig_ct_public(&is_one, sizeof is_one);
    csig_wipe(acc, sizeof acc);
    csig_wipe(twice, sizeof twice);
    return is_one != 0;
}
