#include "support/random.h"

#include <sodium.h>
#include <string.h>

static uint8_t key[randombytes_SEEDBYTES];
static uint8_t fill;
static uint64_t draws;
static size_t taken;

static const char *name(void)
{
    return "repeatable";
}

static void seeded(void *const out, const size_t len)
{
    memcpy(key + sizeof key - sizeof draws, &draws, sizeof draws);
    draws++;
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
    uint32_t v;

    randombytes_buf(&v, sizeof v);
    return v;
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
    memcpy(key, &seed, sizeof seed);
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
