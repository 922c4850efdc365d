/* What has a walk, as a sealed object: export and import of everything that rests. */
#ifndef CSIG_CRYPTO_SEALED_H
#define CSIG_CRYPTO_SEALED_H

#include "base/wire.h"
#include "crypto/header.h"

/* Seal the octets of msg's walk. *len: in, room at out; out, octets written. CSIG_E_BUFFER sets
 * *len to the room that is needed; out may then be NULL. CSIG_E_HOST: the sealer failed.
 * CSIG_E_MEMORY. */
CSIG_MUST csig_err csig_sealed_write(const csig_sealer *sealer, const csig_object *what,
                                     csig_wire_fn *fn, const void *msg, uint8_t *out, size_t *len);

/* Open an object of what->kind into msg; its id and epoch are put into what, and are worth
 * comparing with what msg says. Errors of csig_kind_check, CSIG_E_LENGTH, CSIG_E_SEAL,
 * CSIG_E_FORMAT, CSIG_E_MEMORY. msg is undefined on error. */
CSIG_MUST csig_err csig_sealed_read(const csig_sealer *sealer, csig_object *what, csig_wire_fn *fn,
                                    void *msg, const uint8_t *in, size_t len);

#endif
