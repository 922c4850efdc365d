/* Partial signatures of one digest under one half (protocol.md 2.5 and 2.6-C). One set of formulas
 * serves full signing, where rho = 1 and the path's shift is already in the shares, and signing
 * with a presignature, where both come at use:
 *
 *   R = rho Gamma,  r = x(R) mod q
 *   sigma_i = (m k~_i + r (chi~_i + shift k~_i)) / rho
 *   sigma_j R = (m + r shift) Delta~_j + r S~_j, checked divided by r
 */
#ifndef CSIG_SIGNER_PARTIAL_H
#define CSIG_SIGNER_PARTIAL_H

#include "crypto/ecdsa.h"
#include "signer/presignature.h"

/* What is signed, how, and by which key. All public. */
typedef struct csig_target {
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_scalar m;     /* the digest mod q, not 0 */
    csig_point pk;     /* of the path */
    csig_scalar shift; /* of the path, where the shares do not have it yet; else 0 */
    csig_scalar rho_inverse;
    csig_point R;
    csig_scalar r, r_inverse;
} csig_target;

/* R and r. CSIG_E_RANGE: rho or r is 0, which happens to nobody. */
CSIG_MUST csig_err csig_target_set_nonce(csig_target *target, const csig_point *Gamma,
                                         const csig_scalar *rho);

/* sigma_i; public from here, and it is the half's last use: k~ and chi~ are wiped. */
void csig_partial_spend(csig_scalar *sigma, const csig_target *target, csig_presig *half);
/* CSIG_E_PARTIAL: sigma is not what the signer at position j must send. */
CSIG_MUST csig_err csig_partial_check(const csig_scalar *sigma, const csig_target *target,
                                      const csig_presig *half, uint16_t j);
/* The signature from all n partial ones, verified. CSIG_E_OUTPUT: it does not verify, and *sig is
 * zero. */
CSIG_MUST csig_err csig_partial_combine(csig_ecdsa *sig, const csig_target *target,
                                        const csig_scalar *sigma, uint16_t n);
/* A finished signature of this session: it verifies and its r is the agreed nonce's.
 * CSIG_E_OUTPUT. */
CSIG_MUST csig_err csig_target_verify(const csig_target *target, const csig_ecdsa *sig);

#endif
