/* A key from a passphrase: Argon2id (RFC 9106). Its accesses to memory depend on the passphrase, as
 * they do by design from the second half of the first pass on. */
#ifndef CSIG_CRYPTO_STRETCH_H
#define CSIG_CRYPTO_STRETCH_H

#include "base/base.h"

#define CSIG_STRETCH_KEY_BYTES  32
#define CSIG_STRETCH_SALT_BYTES 16

typedef struct csig_stretch {
    uint8_t salt[CSIG_STRETCH_SALT_BYTES];
    uint32_t ops;    /* passes */
    uint32_t memory; /* KiB */
} csig_stretch;

/* One lane. CSIG_E_RANGE: numbers that Argon2id does not take; CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_stretch_key(uint8_t key[CSIG_STRETCH_KEY_BYTES], const csig_stretch *how,
                                    const uint8_t *passphrase, size_t len);

#endif
