/* Auxiliary info of devices: own, with factors, and verified peers. protocol.md 7.5. */
#ifndef CSIG_SHARE_AUX_H
#define CSIG_SHARE_AUX_H

#include "countersign/aux.h"
#include "crypto/identity.h"
#include "crypto/paillier.h"
#include "crypto/pedersen.h"

/* The proofs a peer has passed; raised when a proof gets stricter, and then verified again. */
#define CSIG_AUX_PROOF_VERSION 1

typedef struct csig_aux_pub {
    uint8_t owner[CSIG_ID_BYTES];
    uint64_t generation; /* from 1 */
    csig_int n, n_hat, s, t;
    uint8_t id[CSIG_AUX_ID_BYTES]; /* H(AUX_ID, version, level, owner, generation, N, N^, s, t) */
} csig_aux_pub;

void csig_aux_pub_wire(csig_wire *w, void *pub); /* without id; csig_aux_pub_id fills it */
void csig_aux_pub_id(csig_aux_pub *pub);

struct csig_aux { /* locked memory */
    csig_aux_pub pub;
    csig_factors n_factors, n_hat_factors;
    csig_sec lambda; /* s = t^lambda mod N^ */
    csig_paillier paillier;
    csig_pedersen pedersen;
    uint8_t *record; /* the signed public record with Pi-mod and Pi-prm, made once, re-sent as is */
};

struct csig_peer { /* ordinary memory: nothing secret */
    csig_aux_pub pub;
    uint32_t proofs;                       /* CSIG_AUX_PROOF_VERSION of the proofs it has passed */
    uint8_t own_aux_id[CSIG_AUX_ID_BYTES]; /* Pi-fac was exchanged with this generation of ours */
    csig_paillier paillier;
    csig_pedersen pedersen;
};

/* A peer that has passed this build's proofs, without tables. CSIG_E_MODULUS. */
CSIG_MUST csig_err csig_peer_init(csig_peer *peer, const csig_aux_pub *pub,
                                  const uint8_t own_aux_id[CSIG_AUX_ID_BYTES]);

/* ssid of the pair's Pi-fac: H(AUX_PAIR, aux id of the prover, aux id of the verifier). */
void csig_aux_pair_ssid(uint8_t ssid[CSIG_SSID_BYTES], const uint8_t prover[CSIG_AUX_ID_BYTES],
                        const uint8_t verifier[CSIG_AUX_ID_BYTES]);

#endif
