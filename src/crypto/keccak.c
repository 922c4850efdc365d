/* Keccak-f[1600] and the sponge around it, by the Keccak reference, version 3.0, section 1.2:
 * theta, rho and pi, chi, iota; the constants follow from its formulas. */
#include "crypto/keccak.h"

#include <string.h>

#define ROUNDS 24

/* iota: the bits of the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1. */
static const uint64_t RC[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* n in 1 .. 63 */
static uint64_t rotated(uint64_t a, unsigned n)
{
    return a << n | a >> (64 - n);
}

/* A[x, y] ^= parity of column x - 1 ^ rotated parity of column x + 1 */
static void theta(uint64_t A[25])
{
    uint64_t C[5];

    for (size_t x = 0; x < 5; x++)
        C[x] = A[x] ^ A[x + 5] ^ A[x + 10] ^ A[x + 15] ^ A[x + 20];
    for (size_t i = 0; i < 25; i++)
        A[i] ^= C[(i + 4) % 5] ^ rotated(C[(i + 1) % 5], 1);
}

/* Along the walk (x, y) -> (y, 2x + 3y) from (1, 0): the t-th lane goes on to the next place,
 * rotated by (t + 1)(t + 2) / 2. */
static void rho_pi(uint64_t A[25])
{
    size_t x = 1, y = 0;
    uint64_t moving = A[1];

    for (unsigned t = 0; t < 24; t++) {
        const size_t to_y = (2 * x + 3 * y) % 5;
        const unsigned by = (t + 1) * (t + 2) / 2 % 64;
        uint64_t there;

        x = y;
        y = to_y;
        there = A[x + 5 * y];
        A[x + 5 * y] = rotated(moving, by);
        moving = there;
    }
}

static void chi(uint64_t A[25])
{
    for (size_t y = 0; y < 25; y += 5) {
        uint64_t row[5];

        memcpy(row, A + y, sizeof row);
        for (size_t x = 0; x < 5; x++)
            A[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

static void permute(uint64_t A[25])
{
    for (size_t round = 0; round < ROUNDS; round++) {
        theta(A);
        rho_pi(A);
        chi(A);
        A[0] ^= RC[round];
    }
}

static void absorb(csig_keccak *h, uint8_t octet)
{
    h->A[h->at / 8] ^= (uint64_t)octet << (8 * (h->at % 8));
    if (++h->at < CSIG_KECCAK_RATE) return;
    permute(h->A);
    h->at = 0;
}

void csig_keccak_init(csig_keccak *h)
{
    memset(h, 0, sizeof *h);
}

void csig_keccak_update(csig_keccak *h, const void *p, size_t len)
{
    const uint8_t *octets = p;

    for (size_t i = 0; i < len; i++)
        absorb(h, octets[i]);
}

/* Padding 10*1. */
void csig_keccak_final(csig_keccak *h, uint8_t out[CSIG_KECCAK_BYTES])
{
    h->A[h->at / 8] ^= UINT64_C(1) << (8 * (h->at % 8));
    h->A[CSIG_KECCAK_RATE / 8 - 1] ^= UINT64_C(1) << 63;
    permute(h->A);
    for (size_t i = 0; i < CSIG_KECCAK_BYTES; i++)
        out[i] = (uint8_t)(h->A[i / 8] >> (8 * (i % 8)));
}

void csig_keccak256(uint8_t out[CSIG_KECCAK_BYTES], const void *p, size_t len)
{
    csig_keccak h;

    csig_keccak_init(&h);
    csig_keccak_update(&h, p, len);
    csig_keccak_final(&h, out);
}
