/* Montgomery multiplication: mpn's schoolbook product, whose control flow depends on sizes alone,
 * then the reduction limb by limb (Montgomery 1985, "REDC"). */
#include "num/mont.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/ifma.h"
#include "num/limbs.h"

#define KARATSUBA 24 /* limbs from which it pays */

#define WINDOW 5
/* Limbs that even plain processors take together. */
typedef mp_limb_t lanes __attribute__((vector_size(16)));
#define LANES (sizeof(lanes) / sizeof(mp_limb_t))

#define TABLE (1 << WINDOW)

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

/* Eight limbs at a time stay in registers while all entries pass by. */
void csig_mont_lookup(mp_limb_t *r, const mp_limb_t *table, uint32_t width, uint32_t entries,
                      mp_limb_t index)
{
    mp_limb_t mask[CSIG_MONT_ENTRIES];
    uint32_t i = 0;

    CSIG_ASSERT(entries <= CSIG_MONT_ENTRIES);
    for (uint32_t e = 0; e < entries; e++) {
        const mp_limb_t other = e ^ index;

        mask[e] = csig_limbs_mask(((other | (0 - other)) >> (GMP_NUMB_BITS - 1)) - 1);
    }
    for (; i + 8 <= width; i += 8) {
        lanes sum[8 / LANES] = {0};

        for (uint32_t e = 0; e < entries; e++) {
            const mp_limb_t *from = table + e * width + i;

            _Pragma("GCC unroll 8") for (size_t j = 0; j < 8 / LANES; j++)
            {
                lanes in;

                memcpy(&in, from + j * LANES, sizeof in);
                sum[j] |= in & mask[e];
            }
        }
        memcpy(r + i, sum, sizeof sum);
    }
    for (; i < width; i++) {
        mp_limb_t sum = 0;

        for (uint32_t e = 0; e < entries; e++)
            sum |= table[e * width + i] & mask[e];
        r[i] = sum;
    }
}

mp_limb_t csig_mont_window(const mp_limb_t *e, uint32_t limbs, uint32_t at, uint32_t width)
{
    const uint32_t i = at / GMP_NUMB_BITS;
    const uint32_t shift = at % GMP_NUMB_BITS;
    mp_limb_t w = i < limbs ? e[i] >> shift : 0;

    if (shift + width > GMP_NUMB_BITS && i + 1 < limbs) w |= e[i + 1] << (GMP_NUMB_BITS - shift);
    return w & (((mp_limb_t)1 << width) - 1);
}

/* With a = a0 + a1 B, b = b0 + b1 B and differences x = a0 - a1, y = b1 - b0:
 *
 *   a b = a0 b0 + (a0 b0 + a1 b1 + x y) B + a1 b1 B^2
 *
 * A negative difference is known modulo B; what its product lacks is taken from the high half.
 * (mpn's own Karatsuba compares the halves and branches.) */
void csig_mont_product(mp_limb_t *t, const mp_limb_t *a, const mp_limb_t *b, uint32_t limbs)
{
    const uint32_t h = limbs / 2;
    mp_limb_t x[CSIG_MONT_LIMBS / 2], y[CSIG_MONT_LIMBS / 2];
    mp_limb_t xy[CSIG_MONT_LIMBS], mid[CSIG_MONT_LIMBS];
    mp_limb_t x_neg, y_neg, carry;

    if (limbs < KARATSUBA || limbs % 2 != 0) {
        mpn_sec_mul(t, a, limbs, b, limbs, NULL);
        return;
    }
    x_neg = mpn_sub_n(x, a, a + h, h);
    y_neg = mpn_sub_n(y, b + h, b, h);
    csig_mont_product(t, a, b, h);
    csig_mont_product(t + limbs, a + h, b + h, h);
    csig_mont_product(xy, x, y, h);
    carry = x_neg & y_neg;
    carry -= mpn_cnd_sub_n(x_neg, xy + h, xy + h, y, h);
    carry -= mpn_cnd_sub_n(y_neg, xy + h, xy + h, x, h);
    carry += mpn_add_n(mid, t, t + limbs, limbs);
    carry += mpn_add_n(mid, mid, xy, limbs);
    carry += mpn_add_n(t + h, t + h, mid, limbs);
    for (uint32_t i = h + limbs; i < 2 * limbs; i++) {
        t[i] += carry;
        carry = t[i] < carry;
    }
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
    csig_mont_product(t, a, b, m->limbs);
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

#define BELOW_BYTES 16384 /* several times what a product uses */

__attribute__((noinline)) void csig_mont_forget(void)
{
    uint8_t below[BELOW_BYTES];

    csig_wipe(below, sizeof below);
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
        csig_mont_lookup(entry, table, k, TABLE,
                         csig_mont_window(e, CSIG_LIMBS(bits), w * WINDOW, WINDOW));
        csig_mont_mul(acc, m, acc, entry);
    }
    memcpy(r, acc, k * sizeof *r);
    csig_wipe(table, sizeof table);
    csig_wipe(acc, sizeof acc);
    csig_wipe(entry, sizeof entry);
    csig_mont_forget();
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
    csig_mont_forget();
    return is_one != 0;
}
