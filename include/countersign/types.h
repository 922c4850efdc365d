/* Sizes, limits and the names of opaque things. Nothing here depends on the consumer's flags: the
 * security level of the library is a function, csig_level(). */
#ifndef COUNTERSIGN_TYPES_H
#define COUNTERSIGN_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "countersign/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_API __attribute__((visibility("default")))

/** Parties of one key at most; indices run from 1. */
#define CSIG_PARTIES_MAX 16
/** Derivation steps at most. */
#define CSIG_PATH_MAX 10

#define CSIG_IDENTITY_BYTES   32 /**< Ed25519 public key of a device */
#define CSIG_PUBKEY_BYTES     33 /**< SEC1 compressed point */
#define CSIG_DIGEST_BYTES     32
#define CSIG_NONCE_BYTES      32 /**< a party's contribution to a session's id */
#define CSIG_KEY_ID_BYTES     32
#define CSIG_AUX_ID_BYTES     32
#define CSIG_PRESIG_ID_BYTES  32
#define CSIG_REQUEST_ID_BYTES 32

typedef struct csig_identity csig_identity; /**< a device's signing identity, secret */
typedef struct csig_primes csig_primes;     /**< a search for the four safe primes of a device */
typedef struct csig_aux csig_aux;       /**< own auxiliary info of one device generation, secret */
typedef struct csig_peer csig_peer;     /**< a peer's verified auxiliary info, public */
typedef struct csig_share csig_share;   /**< this party's share of one key, secret */
typedef struct csig_presig csig_presig; /**< this party's half of a presignature, secret, one use */
typedef struct csig_session csig_session; /**< one run of a protocol */

/** The security level this library was built for: 128 (3072-bit moduli) or 112 (2048-bit). */
CSIG_API unsigned csig_level(void);
/** "major.minor.patch"; static. */
CSIG_API const char *csig_version(void);
/** Call once before anything else; may be called again, from any thread. CSIG_E_RANDOM: the system
 *  gives no randomness. */
CSIG_API csig_err csig_init(void);

#ifdef __cplusplus
}
#endif
#endif
