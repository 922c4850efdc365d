/* Octets of any length. */
#ifndef CSIGD_STORE_BLOB_H
#define CSIGD_STORE_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Allocated octets; free with csigd_blob_free. */
typedef struct csigd_blob {
    uint8_t *p;
    size_t len;
} csigd_blob;

void csigd_blob_free(csigd_blob *blob);
/* A copy; false: no memory. */
bool csigd_blob_is_copied(csigd_blob *to, const uint8_t *p, size_t len);

#endif
