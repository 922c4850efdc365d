/* RIPEMD-160: two lines of five rounds of sixteen steps over each block of 64 octets, joined at the
 * end. Letters and tables as in the paper (A, B, C, D, E; r, s, K). */
#include "crypto/ripemd160.h"

#include <string.h>

#define BLOCK  64
#define STEPS  80
#define ROUND  16
#define LENGTH 8 /* octets of the bit length that ends the last block */

/* The left line and the right line, the paper's primed one. */
static const uint32_t K[2][5] = {
    {0x00000000, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e},
    {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0x00000000},
};

static const uint8_t r[2][STEPS] = {
    {0,  1, 2,  3, 4,  5,  6, 7,  8, 9,  10, 11, 12, 13, 14, 15, 7,  4,  13, 1,
     10, 6, 15, 3, 12, 0,  9, 5,  2, 14, 11, 8,  3,  10, 14, 4,  9,  15, 8,  1,
     2,  7, 0,  6, 13, 11, 5, 12, 1, 9,  11, 10, 0,  8,  12, 4,  13, 3,  7,  15,
     14, 5, 6,  2, 4,  0,  5, 9,  7, 12, 2,  10, 14, 1,  3,  8,  11, 6,  15, 13},
    {5,  14, 7,  0,  9,  2,  11, 4,  13, 6, 15, 8, 1,  10, 3,  12, 6, 11, 3, 7,
     0,  13, 5,  10, 14, 15, 8,  12, 4,  9, 1,  2, 15, 5,  1,  3,  7, 14, 6, 9,
     11, 8,  12, 2,  10, 0,  4,  13, 8,  6, 4,  1, 3,  11, 15, 0,  5, 12, 2, 13,
     9,  7,  10, 14, 12, 15, 10, 4,  1,  5, 8,  7, 6,  2,  13, 14, 0, 3,  9, 11},
};

static const uint8_t s[2][STEPS] = {
    {11, 14, 15, 12, 5, 8,  7,  9,  11, 13, 14, 15, 6,  7,  9,  8,  7,  6,  8,  13,
     11, 9,  7,  15, 7, 12, 15, 9,  11, 7,  13, 12, 11, 13, 6,  7,  14, 9,  13, 15,
     14, 8,  13, 6,  5, 12, 7,  5,  11, 12, 14, 15, 14, 15, 9,  8,  9,  14, 5,  6,
     8,  6,  5,  12, 9, 15, 5,  11, 6,  8,  13, 12, 5,  12, 13, 14, 11, 8,  5,  6},
    {8,  9,  9,  11, 13, 15, 15, 5, 7,  7,  8,  11, 14, 14, 12, 6,  9,  13, 15, 7,
     12, 8,  9,  11, 7,  7,  12, 7, 6,  15, 13, 11, 9,  7,  15, 11, 8,  6,  6,  14,
     12, 13, 5,  14, 13, 13, 7,  5, 15, 5,  8,  11, 14, 14, 6,  14, 6,  9,  12, 9,
     12, 5,  15, 8,  8,  5,  12, 9, 12, 5,  14, 6,  8,  13, 6,  5,  15, 13, 11, 11},
};

static uint32_t rol(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* The function of the j-th round of the left line; the right line takes them backwards. */
static uint32_t f(unsigned j, uint32_t x, uint32_t y, uint32_t z)
{
    switch (j) {
    case 0:
        return x ^ y ^ z;
    case 1:
        return (x & y) | (~x & z);
    case 2:
        return (x | ~y) ^ z;
    case 3:
        return (x & z) | (y & ~z);
    default:
        return x ^ (y | ~z);
    }
}

/* One of the two lines over a block X; v holds A, B, C, D, E. */
static void line(unsigned which, uint32_t v[5], const uint32_t X[ROUND])
{
    for (unsigned j = 0; j < STEPS; j++) {
        const unsigned round = j / ROUND;
        const uint32_t T = rol(v[0] + f(which == 0 ? round : 4 - round, v[1], v[2], v[3]) +
                                   X[r[which][j]] + K[which][round],
                               s[which][j]) +
                           v[4];

        v[0] = v[4];
        v[4] = v[3];
        v[3] = rol(v[2], 10);
        v[2] = v[1];
        v[1] = T;
    }
}

static void compress(uint32_t h[5], const uint8_t block[BLOCK])
{
    uint32_t X[ROUND], a[5], b[5], T;

    for (size_t i = 0; i < ROUND; i++)
        X[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
               (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    memcpy(a, h, sizeof a);
    memcpy(b, h, sizeof b);
    line(0, a, X);
    line(1, b, X);
    T = h[1] + a[2] + b[3];
    h[1] = h[2] + a[3] + b[4];
    h[2] = h[3] + a[4] + b[0];
    h[3] = h[4] + a[0] + b[1];
    h[4] = h[0] + a[1] + b[2];
    h[0] = T;
}

void csig_ripemd160(uint8_t out[CSIG_RIPEMD160_BYTES], const uint8_t *msg, size_t len)
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t last[2 * BLOCK] = {0};
    const size_t whole = len / BLOCK * BLOCK, rest = len - whole;
    const size_t padded = rest < BLOCK - LENGTH ? BLOCK : 2 * BLOCK;
    const uint64_t bits = (uint64_t)len * 8;

    for (size_t at = 0; at < whole; at += BLOCK)
        compress(h, msg + at);
    if (rest > 0) memcpy(last, msg + whole, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < LENGTH; i++)
        last[padded - LENGTH + i] = (uint8_t)(bits >> (8 * i));
    for (size_t at = 0; at < padded; at += BLOCK)
        compress(h, last + at);
    for (size_t i = 0; i < CSIG_RIPEMD160_BYTES; i++)
        out[i] = (uint8_t)(h[i / 4] >> (8 * (i % 4)));
}
