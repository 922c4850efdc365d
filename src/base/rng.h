/* The only source of randomness (protocol: Decided 14).
 *
 * Every draw is XOF(H("hedge", 64 fresh bytes of the system, own secret seed, context, the last
 * message received, counter, purpose)): a cloned machine cannot repeat a nonce, and never is
 * anything drawn without fresh bytes. Tests make the system's bytes repeatable with libsodium's
 * randombytes_set_implementation; there is no switch in the product. */
#ifndef CSIG_BASE_RNG_H
#define CSIG_BASE_RNG_H

#include "base/base.h"

#define CSIG_RNG_SEED_BYTES 32

typedef struct csig_rng {
    uint8_t seed[CSIG_RNG_SEED_BYTES]; /* secret of this party; zero where there is none yet */
    uint8_t context[32];               /* ssid */
    uint8_t heard[64];                 /* running hash of messages received */
    uint64_t counter;
} csig_rng;

/* seed and context may be NULL (zeros). */
void csig_rng_init(csig_rng *rng, const uint8_t seed[32], const uint8_t context[32]);

/* Mix in a message of a peer. */
void csig_rng_hear(csig_rng *rng, const void *msg, size_t len);

/* Fill out; purpose is a short literal that says what for. The bytes are secret. */
void csig_rng_bytes(csig_rng *rng, const char *purpose, void *out, size_t len);

void csig_rng_wipe(csig_rng *rng);

#endif
