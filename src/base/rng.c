/* Hedged randomness: fresh system bytes hashed with what only this party and this session know. */
#include "base/rng.h"

#include <sodium.h>
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

#define FRESH_BYTES 64
#define BLOCK_BYTES crypto_hash_sha512_BYTES

static const char prefix[] = "countersign/v1/hedge";

static void put_u64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
}

void csig_rng_init(csig_rng *rng, const uint8_t seed[32], const uint8_t context[32])
{
    memset(rng, 0, sizeof *rng);
    if (seed != NULL) memcpy(rng->seed, seed, sizeof rng->seed);
    if (context != NULL) memcpy(rng->context, context, sizeof rng->context);
}

void csig_rng_hear(csig_rng *rng, const void *msg, size_t len)
{
    crypto_hash_sha512_state h;

    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, rng->heard, sizeof rng->heard);
    crypto_hash_sha512_update(&h, msg, len);
    crypto_hash_sha512_final(&h, rng->heard);
}

/* The key of one draw. The prefix is fixed, the purpose ends with its NUL and every other part has
 * a fixed size: injective. */
static void draw(csig_rng *rng, const char *purpose, uint8_t key[BLOCK_BYTES])
{
    crypto_hash_sha512_state h;
    uint8_t fresh[FRESH_BYTES];
    uint8_t counter[8];

    randombytes_buf(fresh, sizeof fresh);
    put_u64(counter, rng->counter++);
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, (const uint8_t *)prefix, sizeof prefix);
    crypto_hash_sha512_update(&h, fresh, sizeof fresh);
    crypto_hash_sha512_update(&h, rng->seed, sizeof rng->seed);
    crypto_hash_sha512_update(&h, rng->context, sizeof rng->context);
    crypto_hash_sha512_update(&h, rng->heard, sizeof rng->heard);
    crypto_hash_sha512_update(&h, counter, sizeof counter);
    crypto_hash_sha512_update(&h, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_hash_sha512_final(&h, key);
    csig_wipe(&h, sizeof h);
    csig_wipe(fresh, sizeof fresh);
}

void csig_rng_bytes(csig_rng *rng, const char *purpose, void *out, size_t len)
{
    uint8_t key[BLOCK_BYTES];
    uint8_t block[BLOCK_BYTES];
    uint8_t *p = out;
    uint64_t i = 0;

    draw(rng, purpose, key);
    while (len > 0) {
        const size_t take = len < BLOCK_BYTES ? len : BLOCK_BYTES;
        crypto_hash_sha512_state h;
        uint8_t counter[8];

        put_u64(counter, i++);
        crypto_hash_sha512_init(&h);
        crypto_hash_sha512_update(&h, (const uint8_t *)"countersign/v1/hedge-xof", 25);
        crypto_hash_sha512_update(&h, key, sizeof key);
        crypto_hash_sha512_update(&h, counter, sizeof counter);
        crypto_hash_sha512_final(&h, block);
        csig_wipe(&h, sizeof h);
        memcpy(p, block, take);
        p += take;
        len -= take;
    }
    csig_wipe(key, sizeof key);
    csig_wipe(block, sizeof block);
    csig_ct_secret(out, (size_t)(p - (uint8_t *)out));
}

void csig_rng_wipe(csig_rng *rng)
{
    csig_wipe(rng, sizeof *rng);
}
