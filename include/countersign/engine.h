/* An engine for modular exponentiations, given by the host: SIMD lanes, a secure element, a
 * collector across sessions. Without one the library's own constant-time arithmetic runs. */
#ifndef COUNTERSIGN_ENGINE_H
#define COUNTERSIGN_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One exponentiation: result = base^exponent mod modulus. All numbers big-endian. base and result
 *  have modulus_len octets, base < modulus, modulus odd. */
typedef struct csig_modexp {
    const uint8_t *modulus;
    const uint8_t *base;
    const uint8_t *exponent;
    uint8_t *result;
    size_t modulus_len;
    size_t exponent_len;
    int secret; /* 1: base, exponent and even the modulus may be secret: constant time, wipe copies
                 */
} csig_modexp;

/** run computes all n jobs, in any order, and returns 0; anything else fails the session with
 *  CSIG_E_ENGINE. A wrong result is worse: this party looks like a cheat to its peers, and if it
 * was computed modulo a prime of its own, what leaves may give the factors away. Only those of
 *  csig_aux_new are verified again; a host that cannot rely on its engine checks what it returns.
 */
typedef struct csig_engine {
    void *ctx;
    int (*run)(void *ctx, csig_modexp *jobs, size_t n);
} csig_engine;

#ifdef __cplusplus
}
#endif
#endif
