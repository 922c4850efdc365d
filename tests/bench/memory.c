#include "bench/memory.h"

#include "base/mem.h"

#define BLOCKS 4096

typedef struct block {
    void *p;
    size_t len;
} block;

static block blocks[BLOCKS];
static size_t held, peak;

static void *noted(void *p, size_t len)
{
    for (size_t i = 0; p != NULL && i < BLOCKS; i++) {
        if (blocks[i].p != NULL) continue;
        blocks[i] = (block){p, len};
        held += len;
        if (held > peak) peak = held;
        return p;
    }
    CSIG_ASSERT(p == NULL);
    return p;
}

static void forgotten(void *p)
{
    for (size_t i = 0; p != NULL && i < BLOCKS; i++) {
        if (blocks[i].p != p) continue;
        held -= blocks[i].len;
        blocks[i] = (block){0};
        return;
    }
}

void *__real_csig_public_alloc(size_t len);
void __real_csig_public_free(void *p);
void *__real_csig_secret_alloc(size_t len);
void __real_csig_secret_free(void *p);
void *__wrap_csig_public_alloc(size_t len);
void __wrap_csig_public_free(void *p);
void *__wrap_csig_secret_alloc(size_t len);
void __wrap_csig_secret_free(void *p);

void *__wrap_csig_public_alloc(size_t len)
{
    return noted(__real_csig_public_alloc(len), len);
}

void *__wrap_csig_secret_alloc(size_t len)
{
    return noted(__real_csig_secret_alloc(len), len);
}

void __wrap_csig_public_free(void *p)
{
    forgotten(p);
    __real_csig_public_free(p);
}

void __wrap_csig_secret_free(void *p)
{
    forgotten(p);
    __real_csig_secret_free(p);
}

void memory_start(void)
{
    peak = held;
}

size_t memory_held(void)
{
    return held;
}

size_t memory_peak(void)
{
    return peak;
}
