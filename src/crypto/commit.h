/* Hash commitments V = H(label, ssid, committer, opening, u) with 32 random octets u. */
#ifndef CSIG_CRYPTO_COMMIT_H
#define CSIG_CRYPTO_COMMIT_H

#include "crypto/transcript.h"

/* The opening is a message with its walk; u travels with it. */
void csig_commit(uint8_t V[CSIG_HASH_BYTES], csig_label label, const uint8_t ssid[CSIG_SSID_BYTES],
                 uint16_t committer, csig_wire_fn *fn, const void *opening, const uint8_t u[32]);
/* CSIG_E_COMMIT: does not open V. */
CSIG_MUST csig_err csig_commit_open(const uint8_t V[CSIG_HASH_BYTES], csig_label label,
                                    const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer,
                                    csig_wire_fn *fn, const void *opening, const uint8_t u[32]);

/* The same for openings whose walk follows from a shape. */
void csig_commit_shaped(uint8_t V[CSIG_HASH_BYTES], csig_label label,
                        const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer, csig_wire_fn *fn,
                        const csig_wire_shape *shape, const void *opening, const uint8_t u[32]);
CSIG_MUST csig_err csig_commit_open_shaped(const uint8_t V[CSIG_HASH_BYTES], csig_label label,
                                           const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer,
                                           csig_wire_fn *fn, const csig_wire_shape *shape,
                                           const void *opening, const uint8_t u[32]);

#endif
