/* The keys that sign HTTP messages: Ed25519, and P-256 as phones' hardware has it. A key's
 * algorithm is its own property: no message chooses it. */
#ifndef CSIGD_AUTH_KEY_H
#define CSIGD_AUTH_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/error.h"

#define CSIGD_KEY_SIGNATURE_BYTES 64 /* both algorithms: Ed25519; r and s of P-256 */
#define CSIGD_KEY_ID_BYTES        65 /* 64 lower-case hex digits and NUL */
#define CSIGD_KEY_PUBLIC_MAX      91 /* SubjectPublicKeyInfo of P-256 */

typedef enum csigd_key_algorithm {
    CSIGD_KEY_ED25519 = 1, /* numbers are stored: never renumber */
    CSIGD_KEY_P256 = 2
} csigd_key_algorithm;

/* A public key that is known to be one: Ed25519's 32 octets, or the 65 of P-256's uncompressed
 * point. */
typedef struct csigd_key {
    csigd_key_algorithm algorithm;
    uint8_t octets[65];
} csigd_key;

/* The name in RFC 9421: "ed25519", "ecdsa-p256-sha256". */
const char *csigd_key_algorithm_name(csigd_key_algorithm algorithm);

/* From a SubjectPublicKeyInfo in DER (what `openssl pkey -pubout -outform DER` and phones'
 * keystores give): exactly one of the two forms, points uncompressed. CSIGD_AUTH_BAD_KEY: anything
 * else, a point off the curve, an Ed25519 point of small order. */
csigd_auth csigd_key_read(csigd_key *key, const uint8_t *der, size_t len);
/* The octets of that form, and how many. */
size_t csigd_key_write(uint8_t der[CSIGD_KEY_PUBLIC_MAX], const csigd_key *key);
/* SHA-256 of that form: the key's name is the key itself. */
void csigd_key_id(char id[CSIGD_KEY_ID_BYTES], const csigd_key *key);

/* CSIGD_AUTH_BAD_SIGNATURE. P-256: any s is taken, as RFC 9421 says; a signature that was altered
 * into its other form is still of the same message and nonce. */
csigd_auth csigd_key_verify(const csigd_key *key, const uint8_t *message, size_t len,
                            const uint8_t *signature, size_t signature_len);

/* --- the secret half --- */

#define CSIGD_KEY_SECRET_BYTES 96

/* Ed25519: the seed. P-256: the secret number, then the point's x and y. Wipe it. */
typedef struct csigd_key_secret {
    csigd_key_algorithm algorithm;
    uint8_t octets[CSIGD_KEY_SECRET_BYTES];
} csigd_key_secret;

/* CSIGD_AUTH_SIGNER: the library failed. */
csigd_auth csigd_key_make(csigd_key_secret *secret, csigd_key_algorithm algorithm);
/* CSIGD_AUTH_BAD_KEY: no key, or its halves do not belong together. */
csigd_auth csigd_key_public(csigd_key *key, const csigd_key_secret *secret);
csigd_auth csigd_key_sign(uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES],
                          const csigd_key_secret *secret, const uint8_t *message, size_t len);
void csigd_key_secret_wipe(csigd_key_secret *secret);

/* Who signs: a secret of ours, a phone's hardware, a token. */
typedef struct csigd_signer {
    csigd_key key;
    void *context;
    /* CSIGD_AUTH_OK, or CSIGD_AUTH_SIGNER. */
    csigd_auth (*sign)(void *context, uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES],
                       const uint8_t *message, size_t len);
} csigd_signer;

/* A signer that uses this secret, which must outlive it. */
csigd_auth csigd_signer_of(csigd_signer *signer, csigd_key_secret *secret);

#endif
