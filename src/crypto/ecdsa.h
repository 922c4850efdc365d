/* Finished ECDSA signatures: low s, recovery id, verification by libsecp256k1. */
#ifndef CSIG_CRYPTO_ECDSA_H
#define CSIG_CRYPTO_ECDSA_H

#include "num/point.h"

typedef struct csig_ecdsa {
    uint8_t r[32], s[32]; /* big-endian, s <= q/2 */
    uint8_t recid;        /* parity of the nonce point's y, 2 if its x >= q; after low-s */
} csig_ecdsa;

void csig_ecdsa_wire(csig_wire *w, csig_ecdsa *sig);
/* From the nonce point R and s; makes s low. CSIG_E_OUTPUT: r or s is 0. */
CSIG_MUST csig_err csig_ecdsa_make(csig_ecdsa *sig, const csig_point *R, const csig_scalar *s);
/* CSIG_E_OUTPUT: not a valid low-s signature of digest under Q, or the recovery id does not lead
 * back to Q. */
CSIG_MUST csig_err csig_ecdsa_verify(const csig_ecdsa *sig, const csig_point *Q,
                                     const uint8_t digest[32]);
/* The key that a valid low-s signature with its recovery id leads to; false: there is none. */
bool csig_ecdsa_has_recovered(csig_point *Q, const csig_ecdsa *sig, const uint8_t digest[32]);
/* The digest as a scalar mod q; CSIG_E_DIGEST when it is 0 mod q. */
CSIG_MUST csig_err csig_ecdsa_digest(csig_scalar *m, const uint8_t digest[32]);
#define CSIG_ECDSA_DER_BYTES 72
/* Returns the length written, at most CSIG_ECDSA_DER_BYTES; 0: r or s is q or more. */
size_t csig_ecdsa_der(uint8_t out[CSIG_ECDSA_DER_BYTES], const csig_ecdsa *sig);
/* The same of a signature in DER, made by whomever. CSIG_E_OUTPUT: not strict DER, or not a valid
 * low-s signature of digest under Q. */
CSIG_MUST csig_err csig_ecdsa_verify_der(const uint8_t *der, size_t len, const csig_point *Q,
                                         const uint8_t digest[32]);

#endif
