/* Before a session: who signs, what is signed, and the id of the session that binds it all
 * (protocol.md 7.1). Every mistake of the caller is found here, before any nonce exists. */
#ifndef CSIG_SIGNER_SETUP_H
#define CSIG_SIGNER_SETUP_H

#include "countersign/sign.h"
#include "proto/session.h"
#include "signer/partial.h"
#include "signer/presign.h"

/* Q is a set that can sign with this share and this identity; *self is the own position.
 * CSIG_E_ARGUMENT, CSIG_E_PARTIES. */
CSIG_MUST csig_err csig_signers_check(uint16_t *self, const csig_signers *q);
/* For sessions with proofs: own auxiliary info, every peer's, and fresh nonces. CSIG_E_AUX,
 * CSIG_E_ARGUMENT. */
CSIG_MUST csig_err csig_signers_check_aux(const csig_signers *q, uint16_t self);
/* The position of an index of the key. CSIG_E_ARGUMENT: not of Q. */
CSIG_MUST csig_err csig_signers_position(uint16_t *position, const csig_signers *q, uint16_t index);

/* The intent is well formed; *target gets digest, m, pk and the path's shift. CSIG_E_ARGUMENT,
 * CSIG_E_DIGEST, CSIG_E_PATH. */
CSIG_MUST csig_err csig_intent_check(csig_target *target, const csig_share *share,
                                     const csig_intent *intent);

/* The ssid: what all protocols have; what is bound where there are proofs; what is signed, NULL
 * where that is not known yet. csig_ssid_end is the caller's. */
void csig_signers_begin_ssid(csig_ssid *ssid, const csig_signers *q, const char *mode,
                             const char *leader, uint16_t leader_index);
void csig_signers_bind_aux(csig_ssid *ssid, const csig_signers *q);
void csig_signers_bind_intent(csig_ssid *ssid, const csig_intent *intent);

/* A session over Q, not started. */
CSIG_MUST csig_err csig_signers_session(csig_session **s, const csig_signers *q, uint16_t self,
                                        const csig_protocol *protocol, const csig_ssid *ssid,
                                        bool moves_last);
/* State of rounds 1 to 3: keys, additive shares w and W_j of the key at `pk`; w without the shift
 * by which pk is above the share's. CSIG_E_PATH: a W_j is infinity there, which happens to nobody.
 */
CSIG_MUST csig_err csig_signers_fill(csig_run *run, const csig_signers *q, const csig_point *pk);
/* w is of the key at shift: the first of Q adds it. */
void csig_signers_shift(csig_run *run, const csig_scalar *shift);

#endif
