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

#define IFMA   __attribute__((target("avx512f,avx512ifma")))
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
/* two bits more than n has room for a sum of four, and one for a doubled operand */
_Static_assert(DIGITS(CSIG_P_LIMBS) * DIGIT - CSIG_P_LIMBS * 64 >= 2, "room above p");
_Static_assert(DIGITS(CSIG_N_LIMBS) * DIGIT - CSIG_N_LIMBS * 64 >= 2, "room above N");

bool csig_ifma_is_for(uint32_t limbs)
{
    return (limbs == CSIG_P_LIMBS || limbs == CSIG_N_LIMBS) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512ifma");
}

/* Digits of x 2^shift: each lane takes 52 bits from two neighbouring limbs. */
INLINE void to_digits(vector *d, const shape s, const mp_limb_t *x, int shift)
{
    const vector lane = _mm512_setr_epi64(0, 52, 104, 156, 208, 260, 312, 364);

    UNROLL for (int v = 0; v < (int)s.vectors; v++)
    {
        const int bit = 8 * DIGIT * v - shift;
        const int from = bit < 0 ? -1 : bit / 64; /* the limb where this vector begins */
        const int limbs = (int)s.limbs - from;
        const __mmask8 there =
            (__mmask8)((limbs >= 8 ? 0xff : (1 << limbs) - 1) & (from < 0 ? 0xfe : 0xff));
        const vector at = _mm512_add_epi64(lane, _mm512_set1_epi64(bit - 64 * from));
        const vector index = _mm512_srli_epi64(at, 6);
        const vector low = _mm512_and_si512(at, _mm512_set1_epi64(63));
        const vector in = _mm512_maskz_loadu_epi64(there, x + from);
        const vector next =
            _mm512_permutexvar_epi64(_mm512_add_epi64(index, _mm512_set1_epi64(1)), in);

        d[v] =
            _mm512_or_si512(_mm512_srlv_epi64(_mm512_permutexvar_epi64(index, in), low),
                            _mm512_sllv_epi64(next, _mm512_sub_epi64(_mm512_set1_epi64(64), low)));
        d[v] = _mm512_and_si512(d[v], _mm512_set1_epi64((long long)MASK));
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

/* Limbs of carried digits; returns what is above them. */
INLINE mp_limb_t to_limbs(mp_limb_t *t, const shape s, const vector *x)
{
    uint64_t d[8 * VECTORS + 2];

    store(d, s, x);
    d[8 * s.vectors] = d[8 * s.vectors + 1] = 0;
    _Pragma("GCC unroll 48") for (uint32_t i = 0; i < s.limbs; i++)
    {
        const uint32_t j = 64 * i / DIGIT, low = 64 * i % DIGIT;

        t[i] = d[j] >> low | d[j + 1] << (DIGIT - low);
        if (2 * DIGIT - low < 64) t[i] |= d[j + 2] << (2 * DIGIT - low);
    }
    return d[s.digits - 1] >> (DIGIT - s.shift);
}

/* acc += low halves of a b, lane by lane */
INLINE void add_low(vector *acc, const shape s, const vector *a, vector b)
{
    UNROLL for (uint32_t v = 0; v < s.vectors; v++) acc[v] = _mm512_madd52lo_epu64(acc[v], a[v], b);
}

INLINE void add_high(vector *acc, const shape s, const vector *a, vector b)
{
    UNROLL for (uint32_t v = 0; v < s.vectors; v++) acc[v] = _mm512_madd52hi_epu64(acc[v], a[v], b);
}

/* acc += q n with the q that makes the lowest digit zero, then one digit down but for the high
 * halves of q n. Returns q. */
INLINE vector reduce_low(vector *acc, const shape s, const vector *n, uint64_t inv)
{
    const uint64_t x = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(acc[0]));
    const vector q = _mm512_set1_epi64((long long)(x * inv & MASK));
    vector out;

    add_low(acc, s, n, q);
    out = _mm512_maskz_srai_epi64(1, acc[0], DIGIT);
    UNROLL for (uint32_t v = 0; v + 1 < s.vectors; v++) acc[v] =
        _mm512_alignr_epi64(acc[v + 1], acc[v], 1);
    acc[s.vectors - 1] = _mm512_alignr_epi64(_mm512_setzero_si512(), acc[s.vectors - 1], 1);
    acc[0] = _mm512_add_epi64(acc[0], out);
    return q;
}

INLINE void mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *a, const mp_limb_t *b,
                const shape s)
{
    vector n[VECTORS], x[VECTORS], acc[VECTORS] = {0};
    uint64_t y[8 * VECTORS];
    mp_limb_t t[CSIG_MONT_LIMBS], top;

    to_digits(x, s, b, 0);
    store(y, s, x);
    to_digits(x, s, a, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        const vector b_i = _mm512_set1_epi64((long long)y[i]);
        vector q;

        add_low(acc, s, x, b_i);
        q = reduce_low(acc, s, n, m->inv);
        add_high(acc, s, x, b_i);
        add_high(acc, s, n, q);
    }
    carry(acc, s);
    top = to_limbs(t, s, acc);
    csig_mont_subtract_once(r, &top, t, m);
}

/* The components u and v of a product of pairs from their lanes: u < 2n, and v in [-1, 3n - 2]
 * lacks 1 if u is reduced. n is added to v first, which makes every lane positive. */
INLINE void finish_pair(mp_limb_t *r, const csig_mont *m, const shape s, const vector *n, vector *u,
                        vector *v)
{
    mp_limb_t t[CSIG_MONT_LIMBS], top, was_reduced;

    carry(u, s);
    top = to_limbs(t, s, u);
    was_reduced = csig_mont_subtract_once(r, &top, t, m);
    UNROLL for (uint32_t i = 0; i < s.vectors; i++) v[i] = _mm512_add_epi64(v[i], n[i]);
    v[0] = _mm512_add_epi64(v[0], _mm512_maskz_set1_epi64(1, (long long)was_reduced));
    carry(v, s);
    top = to_limbs(t, s, v);
    csig_mont_subtract_once(t, &top, t, m);
    csig_mont_subtract_once(t, &top, t, m);
    csig_mont_subtract_once(r + s.limbs, &top, t, m);
}

/* (a + b n) (c + d n): u from a c, whose q goes from v digit by digit, v from a d + b c. */
INLINE void pair_mul(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x, const mp_limb_t *y,
                     const shape s)
{
    vector n[VECTORS], a[VECTORS], b[VECTORS], u[VECTORS] = {0}, v[VECTORS] = {0};
    uint64_t c[8 * VECTORS], d[8 * VECTORS];

    to_digits(a, s, y, 0);
    store(c, s, a);
    to_digits(a, s, y + s.limbs, 0);
    store(d, s, a);
    to_digits(a, s, x, (int)s.shift);
    to_digits(b, s, x + s.limbs, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        const vector c_i = _mm512_set1_epi64((long long)c[i]);
        const vector d_i = _mm512_set1_epi64((long long)d[i]);
        vector q, p;

        add_low(u, s, a, c_i);
        add_low(v, s, a, d_i);
        add_low(v, s, b, c_i);
        q = reduce_low(u, s, n, m->inv);
        v[0] = _mm512_mask_sub_epi64(v[0], 1, v[0], q);
        p = reduce_low(v, s, n, m->inv);
        add_high(u, s, a, c_i);
        add_high(v, s, a, d_i);
        add_high(v, s, b, c_i);
        add_high(u, s, n, q);
        add_high(v, s, n, p);
    }
    finish_pair(r, m, s, n, u, v);
}

/* (a + b n)^2: as above with v from a (2b). */
INLINE void pair_sqr(mp_limb_t *r, const csig_mont *m, const mp_limb_t *x, const shape s)
{
    vector n[VECTORS], a[VECTORS], u[VECTORS] = {0}, v[VECTORS] = {0};
    uint64_t c[8 * VECTORS], d[8 * VECTORS];

    to_digits(a, s, x, 0);
    store(c, s, a);
    to_digits(a, s, x + s.limbs, 1);
    store(d, s, a);
    to_digits(a, s, x, (int)s.shift);
    to_digits(n, s, m->n, 0);
    for (uint32_t i = 0; i < s.digits; i++) {
        const vector c_i = _mm512_set1_epi64((long long)c[i]);
        const vector d_i = _mm512_set1_epi64((long long)d[i]);
        vector q, p;

        add_low(u, s, a, c_i);
        add_low(v, s, a, d_i);
        q = reduce_low(u, s, n, m->inv);
        v[0] = _mm512_mask_sub_epi64(v[0], 1, v[0], q);
        p = reduce_low(v, s, n, m->inv);
        add_high(u, s, a, c_i);
        add_high(v, s, a, d_i);
        add_high(u, s, n, q);
        add_high(v, s, n, p);
    }
    finish_pair(r, m, s, n, u, v);
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
