/* A signature by who knows the key: where a signature is wanted and signing is not what is tested.
 */
#ifndef TESTS_SUPPORT_SIGN_ALONE_H
#define TESTS_SUPPORT_SIGN_ALONE_H

#include "countersign/sign.h"
#include "crypto/ecdsa.h"

void sign_alone(csig_signature *signature, const csig_scalar *key,
                const uint8_t digest[CSIG_DIGEST_BYTES], csig_rng *rng);

#endif
