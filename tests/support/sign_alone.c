#include "support/sign_alone.h"

#include <string.h>

void sign_alone(csig_signature *signature, const csig_scalar *key,
                const uint8_t digest[CSIG_DIGEST_BYTES], csig_rng *rng)
{
    csig_scalar k, r, m, s;
    csig_point R, pk;
    csig_ecdsa made;
    uint8_t x_of_R[32];

    csig_scalar_random(&k, rng, "test nonce");
    CSIG_ASSERT(csig_point_has_mul_g_var(&R, &k) && csig_point_has_mul_g_var(&pk, key));
    csig_point_x(x_of_R, &R);
    csig_scalar_from_bytes(&r, x_of_R, sizeof x_of_R);
    CSIG_ASSERT(csig_ecdsa_digest(&m, digest) == CSIG_OK);
    /* s = (m + r x) / k */
    csig_scalar_mul(&s, &r, key);
    csig_scalar_add(&s, &s, &m);
    csig_scalar_inv(&k, &k);
    csig_scalar_mul(&s, &s, &k);
    CSIG_ASSERT(csig_ecdsa_make(&made, &R, &s) == CSIG_OK);
    memcpy(signature->r, made.r, sizeof made.r);
    memcpy(signature->s, made.s, sizeof made.s);
    signature->recovery_id = made.recid;
    csig_point_to_bytes(signature->public_key, &pk);
}
