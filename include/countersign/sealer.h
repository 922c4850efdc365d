/* Sealing of secrets at rest, given by the host: an OS keystore, an HSM, or the key sealer here. */
#ifndef COUNTERSIGN_SEALER_H
#define COUNTERSIGN_SEALER_H

#include "countersign/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How much a sealer may add to what it seals. */
#define CSIG_SEAL_OVERHEAD 128

/** A sealer. Both callbacks return 0 on success. ad is authenticated, not encrypted: kind, id,
 * epoch and level of what is sealed. seal writes at most len + CSIG_SEAL_OVERHEAD octets to out;
 * open writes at most len octets and must fail on any change of ad or of the sealed octets. */
typedef struct csig_sealer {
    void *ctx;
    int (*seal)(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *plain, size_t len,
                uint8_t *out, size_t *out_len);
    int (*open)(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *sealed, size_t len,
                uint8_t *out, size_t *out_len);
} csig_sealer;

/** A sealer under a 32-octet key: XChaCha20-Poly1305 with a random nonce. The octets of key are
 *  borrowed and must outlive the sealer; keep them in locked memory. */
CSIG_API csig_sealer csig_sealer_from_key(const uint8_t *key);

#ifdef __cplusplus
}
#endif
#endif
