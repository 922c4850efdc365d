#include "support/random.h"

#include <sodium.h>
#include <string.h>

static uint8_t key[randombytes_SEEDBYTES]; /* the seed, then zeros, then the number of the draw */
static uint8_t fill;
static uint64_t draws;
static size_t taken;

static const char *name(void)
{
    return "repeatable";
}

static void put_le(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static void seeded(void *const out, const size_t len)
{
    put_le(key + sizeof key - 8, draws++);
    taken += len;
    randombytes_buf_deterministic(out, len, key);
}

static void constant(void *const out, const size_t len)
{
    taken += len;
    memset(out, fill, len);
}

static uint32_t word(void)
{
    uint8_t le[4];

    randombytes_buf(le, sizeof le);
    return (uint32_t)le[3] << 24 | (uint32_t)le[2] << 16 | (uint32_t)le[1] << 8 | le[0];
}

/* libsodium keeps the pointer. */
static randombytes_implementation implementation = {.implementation_name = name, .random = word};

static void install(void (*buf)(void *const, const size_t))
{
    implementation.buf = buf;
    taken = 0;
    randombytes_set_implementation(&implementation);
}

void random_seed(uint64_t seed)
{
    memset(key, 0, sizeof key);
    put_le(key, seed);
    draws = 0;
    install(seeded);
}

void random_constant(uint8_t byte)
{
    fill = byte;
    install(constant);
}

size_t random_taken(void)
{
    return taken;
}
