/* Memory: wiping, the two kinds of allocation, constant-time comparison. */
#ifndef CSIG_BASE_MEM_H
#define CSIG_BASE_MEM_H

#include "base/base.h"

/* Overwrite; never optimised away. */
void csig_wipe(void *p, size_t len);

/* Equal? Time depends on len alone. */
bool csig_is_same(const void *a, const void *b, size_t len);

/* Locked, guarded, zeroed memory for secrets, aligned for every type and left out of core dumps;
 * NULL when there is none or when it cannot be locked (RLIMIT_MEMLOCK). csig_secret_free wipes.
 * NULL-safe. */
void *csig_secret_alloc(size_t len);
void csig_secret_free(void *p);

/* Ordinary zeroed memory for public values; NULL when there is none. NULL-safe free. */
void *csig_public_alloc(size_t len);
void csig_public_free(void *p);

#endif
