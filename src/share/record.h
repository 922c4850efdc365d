/* A device's signed record: its moduli with Pi-mod and Pi-prm, made once per generation and sent to
 * every peer as the same octets. protocol.md 7.5. */
#ifndef CSIG_SHARE_RECORD_H
#define CSIG_SHARE_RECORD_H

#include "share/aux.h"
#include "zk/mod.h"
#include "zk/prm.h"

/* Large (150 KB at level 128): never on the stack. */
typedef struct csig_aux_record {
    csig_aux_pub pub;
    csig_zk_mod mod;                      /* of N; ssid := aux id, prover := owner, for all */
    csig_zk_prm prm;                      /* of N^, s, t; likewise */
    uint8_t signature[CSIG_ED_SIG_BYTES]; /* the owner's, over all of the above */
} csig_aux_record;

/* Starts with kind, version and level; reading fills pub.id too. */
void csig_aux_record_wire(csig_wire *w, void *record);

/* The proofs and the signature for ours: paillier, pedersen and pub are filled. CSIG_E_ENGINE also
 * when a proof came out wrong. */
CSIG_MUST csig_err csig_aux_record_make(csig_aux_record *r, const csig_aux *ours,
                                        const csig_ed_key *key, const csig_env *env);

/* A peer's record: owner is the identity that is pinned, its signature holds, the generation is
 * above the last; N and N^ have exactly their size, are distinct and coprime, to each other and to
 * both of ours; s and t are good; Pi-mod, Pi-prm. All failures are of class CHEAT: CSIG_E_MESSAGE,
 * CSIG_E_MODULUS, CSIG_E_PROOF. */
CSIG_MUST csig_err csig_aux_record_check(const csig_aux_record *r,
                                         const uint8_t owner[CSIG_ID_BYTES], uint64_t above,
                                         const csig_aux *ours, const csig_env *env);
/* What of that a third party can check, the owner being whom the record names: CSIG_E_SIGNATURE,
 * CSIG_E_MODULUS, CSIG_E_PROOF. */
CSIG_MUST csig_err csig_aux_record_check_shown(const csig_aux_record *r, const csig_env *env);
/* No prime in common, N and N^ of the one with N and N^ of the other. CSIG_E_MODULUS */
CSIG_MUST csig_err csig_aux_record_compare(const csig_aux_pub *a, const csig_aux_pub *b);

#endif
