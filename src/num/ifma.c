/* A number is L digits of 52 bits, eight in a vector. R = 2^(64 k) is not a power of 2^52: one
 * operand is shifted left by s = 52 L - 64 k bits on its way into digits, and a division by 2^(52
 * L) is then one by R:
 *
 *   (a 2^s b + q n) / 2^(52 L) = (a b + (q / 2^s) n) / R
 *
 * Row by row: one digit of b times all of a, one digit q times all of n so that the lowest digit
 * becomes zero, and a shift by one digit. A lane takes at most 6 * 60 terms below 2^52: no
 * overflow. */
#include "num/ifma.h"

#if CSIG_HAS_IFMA
#include <immintrin.h>
#include <string.h>

#include "base/mem.h"

#define IFMA   __attribute__((target("avx512f,avx512ifma,bmi2")))
#define INLINE static inline __attribute__((always_inline)) IFMA
#define UNROLL _Pragma("GCC unroll 8")

#define DIGIT   52
#define MASK    (((uint64_t)1 << DIGIT) - 1)
#define VECTORS 8 /* of the largest modulus */

typedef __m512i vector;

/* The two sizes there is code for: limbs and what follows from them, all compile-time constants. */
typedef struct shape {
    uint32_t limbs;
    uint32_t digits;  /* L */
    uint32_t vectors; /* of eight digits */
    uint32_t shift;   /* s */
} shape;

#define DIGITS(limbs) (((limbs)*64 + DIGIT - 1) / DIGIT)
#define SHAPE(k)      ((shape){(k), DIGITS(k), (DIGITS(k) + 7) / 8, DIGITS(k) * DIGIT - (k)*64})
_Static_assert(DIGITS(CSIG_N_LIMBS) <= 8 * VECTORS, "the largest modulus fits");
/* two bits more than n has: for what is below 3n, and for a doubled operand */
_Static_assert(DIGITS(CSIG_P_LIMBS) * DIGIT - CSIG_P_LIMBS * 64 >= 2, "room above p");
_Static_assert(DIGITS(CSIG_N_LIMBS) * DIGIT - CSIG_N_LIMBS * 64 >= 2, "room above N");

bool csig_ifma_is_for(uint32_t limbs)
{
    return (limbs == CSIG_P_LIMBS || limbs == CSIG_N_LIMBS) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("bmi2");
}

/* A vector of f(at, lane). */
#define EACH(f, at)                                                                                \
    _mm512_setr_epi64(f(at, 0), f(at, 1), f(at, 2), f(at, 3), f(at, 4), f(at, 5), f(at, 6),        \
                      f(at, 7))
/* Which limb digit i begins in, and at which bit of it; and the other way round. */
#define DIGIT_LIMB(at, i) (((at) + DIGIT * (i)) / 64)
#define DIGIT_BIT(at, i)  (((at) + DIGIT * (i)) % 64)
#define LIMB_DIGIT(at, i) (((at) + 64 * (i)) / DIGIT)
#define LIMB_BIT(at, i)   (((at) + 64 * (i)) % DIGIT)

INLINE vector plus(vector x, int n)
{
    return _mm512_add_epi64(x, _mm512_set1_epi64(n));
}

/* Digits of x 2^shift: each lane takes 52 bits from two neighbouring limbs. */
INLINE void to_digits(vector *d, const shape s, const mp_limb_t *x, int shift)
{
    UNROLL for (int v = 0; v < (int)s.vectors; v++)
    {
        const int bit = 8 * DIGIT * v - shift;
        const int from = bit < 0 ? -1 : bit / 64; /* the limb where this vector begins */
        const int at = bit - 64 * from;
        const int limbs = (int)s.limbs - from;
        const int there = (limbs >= 8 ? 0xff : (1 << limbs) - 1) & (from < 0 ? 0xfe : 0xff);
        const vector index = EACH(DIGIT_LIMB, at), down = EACH(DIGIT_BIT, at);
        const vector up = _mm512_sub_epi64(_mm512_set1_epi64(64), down);
        const vector in = _mm512_maskz_loadu_epi64((__mmask8)there, x + from);
        const vector low = _mm512_srlv_epi64(_mm512_permutexvar_epi64(index, in), down);
        const vector high = _mm512_sllv_epi64(_mm512_permutexvar_epi64(plus(index, 1), in), up);

        d[v] = _mm512_and_si512(_mm512_or_si512(low, high), _mm512_set1_epi64((long long)MASK));
    }
}

INLINE void store(uint64_t *d, const shape s, const vector *x)
{
    UNROLL for (uint32_t v = 0; v < s.vectors; v++) _mm512_storeu_si512(d + 8 * v, x[v]);
}

/* Carry through all lanes: first what is above 52 bits by one lane, after which a carry is one or
 * none and runs over digits that are all ones, found by one addition of bit masks. */
INLINE void carry(vector *d, const shape s)
{
    const vector mask = _mm512_set1_epi64((long long)MASK), one = _mm512_set1_epi64(1);
    vector below = _mm512_setzero_si512();
    uint64_t more = 0, full = 0;

    UNROLL for (uint32_t v = 0; v < s.vectors; v++)
    {
        const vector above = _mm512_srli_epi64(d[v], DIGIT);

        d[v] = _mm512_add_epi64(_mm512_and_si512(d[v], mask), _mm512_alignr_epi64(above, below, 7));
        below = above;
        more |= (uint64_t)_mm512_cmpgt_epu64_mask(d[v], mask) << (8 * v);
        full |= (uint64_t)_mm512_cmpeq_epu64_mask(d[v], mask) << (8 * v);
    }
    more = ((more << 1) + full) ^ full;
    UNROLL for (uint32_t v = 0; v < s.vectors; v++)
    {
        d[v] = _mm512_mask_add_epi64(d[v], (__mmask8)(more >> (8 * v)), d[v], one);
        d[v] = _mm512_and_si512(d[v], mask);
    }
}

/* d -= n, if that is not negative: a borrow comes from a negative lane and runs over zeros. Returns
 * 1 when it was not. d and n are carried. */
INLINE uint64_t subtract_once(vector *d, const shape s, const vector *n)
{
    const vector zero = _mm512_setzero_si512();
    vector less[VECTORS], keep;
    uint64_t negative = 0, none = 0, is_less;

    UNROLL for (uint32_t v = 0; v < s.vectors; v++)
    {
        less[v] = _mm512_sub_epi64(d[v], n[v]);
        negative |= (uint64_t)_mm512_cmplt_epi64_mask(less[v], zero) << (8 * v);
        none |= (uint64_t)_mm512_cmpeq_epi64_mask(less[v], zero) << (8 * v);
    }
    negative = ((negative << 1) + none) ^ none;
    is_less = negative >> s.digits & 1;
    keep = _mm512_set1_epi64((long long)(0 - is_less));
    UNROLL for (uint32_t v = 0; v < s.vectors; v++)
    {
        less[v] = _mm512_mask_sub_epi64(less[v], (__mmask8)(negative >> (8 * v)), less[v],
                                        _mm512_set1_epi64(1));
        less[v] = _mm512_and_si512(less[v], _mm512_set1_epi64((long long)MASK));
        d[v] = _mm512_or_si512(_mm512_and_si512(keep, d[v]), _mm512_andnot_si512(keep, less[v]));
    }
    return 1 - is_less;
}

/* Limbs of carried digits below 2^(64 k): each lane takes 64 bits from three neighbouring digits.
 */
INLINE void to_limbs(mp_limb_t *t, const shape s, const vector *x)
{
    uint64_t d[8 * VECTORS + 16];

    UNROLL for (uint32_t v = 0; v < s.vectors; v++) _mm512_storeu_si512(d + 8 * v, x[v]);
    _mm512_storeu_si512(d + 8 * s.vectors, _mm512_setzero_si512());
    UNROLL for (int w = 0; w < (int)s.limbs / 8; w++)
    {
        const int from = 512 * w / DIGIT, at = 512 * w % DIGIT;
        const vector near = _mm512_loadu_si512(d + from), far = _mm512_loadu_si512(d + from + 8);
        const vector index = EACH(LIMB_DIGIT, at), down = EACH(LIMB_BIT, at);
        const vector up = _mm512_sub_epi64(_mm512_set1_epi64(DIGIT), down);
        const vector low = _mm512_permutex2var_epi64(near, index, far);
        const vector mid = _mm512_permutex2var_epi64(near, plus(index, 1), far);
        const vector high = _mm512_permutex2var_epi64(near, plus(index, 2), far);
        const vector ends =
            _mm512_or_si512(_mm512_srlv_epi64(low, down), _mm512_sllv_epi64(high, plus(up, DIGIT)));

        _mm512_storeu_si512(t + 8 * w, _mm512_or_si512(ends, _mm512_sllv_epi64(mid, up)));
    }
}

/* One sum of products on its way through the rows. Its lowest digit, which decides q, is kept apart
 * in a register for numbers: the way through the vectors would be twice as long. */
typedef struct sum {
    vector lane[VECTORS]; /* that of the lowest digit is not used */
    uint64_t low;
} sum;

INLINE uint64_t lowest(vector x)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(x));
}

INLINE void add_low(sum *t, const shape s, const vector *a, uint64_t b)
{
    const vector all = _mm512_set1_epi64((long long)b);

    UNROLL for (uint32_t v = 0; v < s.vectors; v++) t->lane[v] =
        _mm512_madd52lo_epu64(t->lane[v], a[v], all);
    t->low += lowest(a[0]) * b & MASK;
}

INLINE void add_high(sum *t, const shape s, const vector *a, uint64_t b)
{
    const vector all = _mm512_set1_epi64((long long)b);

    UNROLL for (uint32_t v = 0; v < s.vectors; v++) t->lane[v] =
        _mm512_madd52hi_epu64(t->lane[v], a[v], all);
    t->low += (uint64_t)((unsigned __int128)lowest(a[0]) * b >> DIGIT);
}

/* t += q n with the q that makes the lowest digit zero, and one digit down but for the high halves
 * of q n. Returns q. */
INLINE uint64_t reduce(sum *t, const shape s, const vector *n, uint64_t inv)
{
    const uint64_t q = t->low * inv & MASK;
    const vector all = _mm512_set1_epi64((long long)q);
    const uint64_t out = (t->low + (lowest(n[0]) * q & MASK)) >> DIGIT;

    UNROLL for (uint32_t v = 0; v < s.vectors; v++) t->lane[v] =
        _mm512_madd52lo_epu64(t->lane[v], n[v], all);
    UNROLL for (uint32_t v = 0; v < s.vectors; v++) t->lane[v] = _mm512_alignr_epi64(
        v + 1 < s.vectors ? t->lane[v + 1] : _mm512_setzero_si512(), t->lane[v], 1);
    t->low = lowest(t->lane[0]) + out;
    return q;
}

/* The sum as carried digits. */
INLINE void finish(vector *d, sum *t, const shape s)
{
    t->lane[0] = _mm512_mask_set1_epi64(t->lane[0], 1, (long long)t->low);
    UNROLL for (uint32_t v = 0; v < s.vectors; v++) d[v] = t->lane[v];
    carry(d, s);
}

INLINE void mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b,
                const shape s)
{
    vector n[VECTORS], x[VECTORS];
    uint64_t y[8 * VECTORS];
    sum t = {0};

    to_digits(x, s, b, 0);
    store(y, s, x);
    to_digits(x, s, a, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        uint64_t q;

        add_low(&t, s, x, y[i]);
        q = reduce(&t, s, n, m->inv);
        add_high(&t, s, x, y[i]);
        add_high(&t, s, n, q);
    }
    finish(x, &t, s);
    subtract_once(x, s, n);
    to_limbs(r, s, x);
}

/* The components u and v of a product of pairs: u < 2n, and v, which lacks 1 if u is reduced, is in
 * [0, 3n - 2] with it (as in pair.c). */
INLINE void finish_pair(mp_limb_t *r, const shape s, const vector *n, sum *u, sum *v)
{
    vector d[VECTORS];

    finish(d, u, s);
    v->low += subtract_once(d, s, n);
    to_limbs(r, s, d);
    finish(d, v, s);
    subtract_once(d, s, n);
    subtract_once(d, s, n);
    to_limbs(r + s.limbs, s, d);
}

/* (a + b n) (c + d n): u from a c, whose q goes from v digit by digit, v from a d + b c. Each time
 * 2^52 is lent to v's lowest digit and taken back from the next, which got at least 1 from it. */
INLINE void pair_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x, const mp_limb_t *y,
                     const shape s)
{
    vector n[VECTORS], a[VECTORS], b[VECTORS];
    uint64_t c[8 * VECTORS], d[8 * VECTORS];
    sum u = {0}, v = {0};

    to_digits(a, s, y, 0);
    store(c, s, a);
    to_digits(a, s, y + s.limbs, 0);
    store(d, s, a);
    to_digits(a, s, x, (int)s.shift);
    to_digits(b, s, x + s.limbs, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        uint64_t q, p;

        add_low(&u, s, a, c[i]);
        add_low(&v, s, a, d[i]);
        add_low(&v, s, b, c[i]);
        q = reduce(&u, s, n, m->inv);
        v.low += MASK + 1 - q;
        p = reduce(&v, s, n, m->inv);
        v.low--;
        add_high(&u, s, a, c[i]);
        add_high(&v, s, a, d[i]);
        add_high(&v, s, b, c[i]);
        add_high(&u, s, n, q);
        add_high(&v, s, n, p);
    }
    finish_pair(r, s, n, &u, &v);
}

/* (a + b n)^2: as above with v from a (2b). */
INLINE void pair_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x, const shape s)
{
    vector n[VECTORS], a[VECTORS];
    uint64_t c[8 * VECTORS], d[8 * VECTORS];
    sum u = {0}, v = {0};

    to_digits(a, s, x, 0);
    store(c, s, a);
    to_digits(a, s, x + s.limbs, 1);
    store(d, s, a);
    to_digits(a, s, x, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        uint64_t q, p;

        add_low(&u, s, a, c[i]);
        add_low(&v, s, a, d[i]);
        q = reduce(&u, s, n, m->inv);
        v.low += MASK + 1 - q;
        p = reduce(&v, s, n, m->inv);
        v.low--;
        add_high(&u, s, a, c[i]);
        add_high(&v, s, a, d[i]);
        add_high(&u, s, n, q);
        add_high(&v, s, n, p);
    }
    finish_pair(r, s, n, &u, &v);
}

IFMA void csig_ifma_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b)
{
    if (m->limbs == CSIG_P_LIMBS)
        mul(r, m, a, b, SHAPE(CSIG_P_LIMBS));
    else
        mul(r, m, a, b, SHAPE(CSIG_N_LIMBS));
}

IFMA void csig_ifma_pair_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x,
                             const mp_limb_t *y)
{
    if (m->limbs == CSIG_P_LIMBS)
        pair_mul(r, m, x, y, SHAPE(CSIG_P_LIMBS));
    else
        pair_mul(r, m, x, y, SHAPE(CSIG_N_LIMBS));
}

IFMA void csig_ifma_pair_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x)
{
    if (m->limbs == CSIG_P_LIMBS)
        pair_sqr(r, m, x, SHAPE(CSIG_P_LIMBS));
    else
        pair_sqr(r, m, x, SHAPE(CSIG_N_LIMBS));
}
#endif
