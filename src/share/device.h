/* A device's identity as the host holds it: a handle around the Ed25519 key. */
#ifndef CSIG_SHARE_DEVICE_H
#define CSIG_SHARE_DEVICE_H

#include "countersign/identity.h"
#include "crypto/identity.h"

struct csig_identity { /* locked memory */
    csig_ed_key key;
};

/* The 32 octets that hedge the randomness of a device that has no share yet: H(SEAL_KEY, "device",
 * secret key). Secret. */
void csig_identity_seed(const csig_identity *id, uint8_t seed[32]);

#endif
