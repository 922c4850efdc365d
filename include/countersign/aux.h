/* Auxiliary info: a device's Paillier and ring-Pedersen moduli. Made once per device generation,
 * sealed apart from shares, never part of a backup: a new or restored device makes its own. Each
 * pair of devices runs one auxiliary session; the result serves every key they share. */
#ifndef COUNTERSIGN_AUX_H
#define COUNTERSIGN_AUX_H

#include "countersign/identity.h"
#include "countersign/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- four safe primes, in the background --- */

/** A new search. CSIG_E_MEMORY. */
CSIG_API csig_err csig_primes_new(csig_primes **primes);
/** Work for about `tests` Fermat tests (a millisecond each at level 128 on a server core), or until
 *  `stop`, when given, returns non-zero: it is asked after each test, so the host sets the time
 *  budget with its own clock. *done becomes 1 when all four primes are there. */
CSIG_API csig_err csig_primes_step(csig_primes *primes, uint32_t tests, int (*stop)(void *ctx),
                                   void *ctx, int *done);
/** Progress: tests made, tests expected in all for four primes (a mean, not a bound), primes found
 *  (0..4). Any pointer may be NULL. */
CSIG_API void csig_primes_progress(const csig_primes *primes, uint64_t *made, uint64_t *expected,
                                   unsigned *found);
/** Sealed state, so that a search goes on after the app was ended. Same conventions as
 *  csig_identity_export. */
CSIG_API csig_err csig_primes_export(const csig_primes *primes, const csig_sealer *sealer,
                                     uint8_t *out, size_t *len);
CSIG_API csig_err csig_primes_import(csig_primes **primes, const csig_sealer *sealer,
                                     const uint8_t *in, size_t len);
CSIG_API void csig_primes_free(csig_primes *primes);

/* --- own auxiliary info --- */

/** From a finished search (which is used up and freed, also on failure): N, N^, s, t, the proofs
 *  Pi-mod and Pi-prm, signed. About a second of CPU at level 128. generation: this device's count,
 *  from 1, never repeated. CSIG_E_STATE: the search is not done. CSIG_E_ENGINE: the engine failed,
 *  or a proof made with it does not verify. */
CSIG_API csig_err csig_aux_new(csig_aux **aux, csig_primes *primes, const csig_identity *id,
                               uint64_t generation, const csig_engine *engine);
CSIG_API void csig_aux_id(const csig_aux *aux, uint8_t id[CSIG_AUX_ID_BYTES]);
CSIG_API uint64_t csig_aux_generation(const csig_aux *aux);
CSIG_API csig_err csig_aux_export(const csig_aux *aux, const csig_sealer *sealer, uint8_t *out,
                                  size_t *len);
CSIG_API csig_err csig_aux_import(csig_aux **aux, const csig_sealer *sealer, const uint8_t *in,
                                  size_t len);
CSIG_API void csig_aux_free(csig_aux *aux);

/* --- the auxiliary session: exactly two devices --- */

typedef struct csig_aux_params {
    const csig_identity
        *identity;       /**< own; borrowed during the call only, like all pointers here */
    const csig_aux *aux; /**< own; must outlive the session */
    uint8_t peer[CSIG_IDENTITY_BYTES];
    uint64_t peer_generation_above;         /**< refuse a generation not above this; 0 at first */
    uint8_t nonce_first[CSIG_NONCE_BYTES];  /**< of the side that moves first */
    uint8_t nonce_second[CSIG_NONCE_BYTES]; /**< of the side that moves last */
    int moves_last;                         /**< 1 on exactly one side: the server */
    const csig_engine *engine;              /**< NULL: the library's own */
} csig_aux_params;

/** Indices in envelopes: the side that moves first is 1, the other 2. */
CSIG_API csig_err csig_aux_session(csig_session **s, const csig_aux_params *params);
/** The verified peer, in phase CSIG_STORE or CSIG_DONE: store it sealed, then confirm. */
CSIG_API csig_err csig_aux_session_peer(csig_session *s, csig_peer **peer);

/* --- verified peers --- */

/** The peer's identity, aux id, generation, and own aux id of the pair. */
CSIG_API void csig_peer_ids(const csig_peer *peer, uint8_t identity[CSIG_IDENTITY_BYTES],
                            uint8_t aux_id[CSIG_AUX_ID_BYTES],
                            uint8_t own_aux_id[CSIG_AUX_ID_BYTES], uint64_t *generation);
/** Build the fixed-base tables for this peer (about half a megabyte, some 20 ms): worth it from the
 *  second session on. Not thread safe; before the peer is shared among threads. Optional. */
CSIG_API csig_err csig_peer_prepare(csig_peer *peer);
CSIG_API csig_err csig_peer_export(const csig_peer *peer, const csig_sealer *sealer, uint8_t *out,
                                   size_t *len);
CSIG_API csig_err csig_peer_import(csig_peer **peer, const csig_sealer *sealer, const uint8_t *in,
                                   size_t len);
CSIG_API void csig_peer_free(csig_peer *peer);

#ifdef __cplusplus
}
#endif
#endif
