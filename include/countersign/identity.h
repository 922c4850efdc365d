/* A device's identity: an Ed25519 key that signs every envelope. Peers pin its public half. */
#ifndef COUNTERSIGN_IDENTITY_H
#define COUNTERSIGN_IDENTITY_H

#include "countersign/sealer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A new identity in locked memory. CSIG_E_MEMORY. */
CSIG_API csig_err csig_identity_new(csig_identity **id);
CSIG_API void csig_identity_public(const csig_identity *id, uint8_t pub[CSIG_IDENTITY_BYTES]);
/** Sealed export. *len: in, room at out; out, octets written. CSIG_E_BUFFER sets *len to what is
 *  needed; out may then be NULL. CSIG_E_HOST: the sealer failed. */
CSIG_API csig_err csig_identity_export(const csig_identity *id, const csig_sealer *sealer,
                                       uint8_t *out, size_t *len);
/** CSIG_E_SEAL, E_KIND, E_VERSION, E_LEVEL, E_LENGTH, E_MEMORY. */
CSIG_API csig_err csig_identity_import(csig_identity **id, const csig_sealer *sealer,
                                       const uint8_t *in, size_t len);
CSIG_API void csig_identity_free(csig_identity *id);

/** Sign a statement of the application, for example an enrolment or a receipt. `use` (at most 32
 *  characters) separates uses; statements are never confused with envelopes. */
CSIG_API csig_err csig_identity_sign(const csig_identity *id, const char *use, const uint8_t *msg,
                                     size_t len, uint8_t signature[64]);
/** CSIG_E_SIGNATURE */
CSIG_API csig_err csig_identity_verify(const uint8_t pub[CSIG_IDENTITY_BYTES], const char *use,
                                       const uint8_t *msg, size_t len, const uint8_t signature[64]);

#ifdef __cplusplus
}
#endif
#endif
