/* Memory on libsodium's guarded heap for secrets, on the C heap for public values. The only file of
 * the library that allocates. */
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>

void csig_wipe(void *p, size_t len)
{
    sodium_memzero(p, len);
}

bool csig_is_same(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

/* sodium_malloc puts the end of what it gives at the end of a page: only a whole number of the
 * largest alignment puts the start where every type may stand. */
#define ALIGNMENT _Alignof(max_align_t)

void *csig_secret_alloc(size_t len)
{
    void *p;

    if (sodium_init() < 0 || len > SIZE_MAX - ALIGNMENT) return NULL;
    len = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    p = sodium_malloc(len);
    if (p == NULL) return NULL;
    /* sodium_malloc does not report a failing mlock; asking again does, and is harmless. */
    if (sodium_mlock(p, len) != 0) {
        sodium_free(p);
        return NULL;
    }
    sodium_memzero(p, len);
    return p;
}

void csig_secret_free(void *p)
{
    sodium_free(p);
}

void *csig_public_alloc(size_t len)
{
    return calloc(1, len);
}

void csig_public_free(void *p)
{
    free(p);
}
