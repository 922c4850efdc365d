/* Full signing: rounds 1 to 3 of presigning bound to one digest and path, then the partial
 * signatures to the collector and the signature to all (protocol.md 2.5 and 7.1). */
#ifndef CSIG_SIGNER_SIGN_H
#define CSIG_SIGNER_SIGN_H

#include "signer/partial.h"
#include "signer/setup.h"

/* Round 4, from all but the collector. */
typedef struct csig_sign_r4 {
    csig_scalar sigma;
} csig_sign_r4;

/* Round 5, from the collector; also the last round of signing with a presignature. */
typedef struct csig_sign_r5 {
    csig_ecdsa signature;
} csig_sign_r5;

void csig_sign_r4_wire(csig_wire *w, void *msg);
void csig_sign_r5_wire(csig_wire *w, void *msg);

typedef struct csig_sign_open {
    csig_presign_open presign; /* first: rounds 1 to 3 see nothing else */
    uint16_t collector;        /* position */
    csig_target target;        /* rho is 1, shift is 0: the path is in the shares */
    csig_ecdsa signature;
} csig_sign_open;

extern const csig_round csig_sign_round_4, csig_sign_round_5;

/* Ids and public state; signers->identity and aux NULL: of a session that only watches. */
CSIG_MUST csig_err csig_sign_fill_session(csig_session **s, const csig_protocol *protocol,
                                          const csig_signers *signers, uint16_t self,
                                          const csig_intent *intent, uint16_t collects,
                                          const csig_point *child);
CSIG_MUST csig_err csig_presign_fill_session(csig_session **s, const csig_protocol *protocol,
                                             const csig_signers *signers, uint16_t self,
                                             uint16_t assigns, uint32_t number);
/* csig_sign_session with another table of rounds in place of csig_sign_protocol. */
CSIG_MUST csig_err csig_sign_open_session(csig_session **s, const csig_protocol *protocol,
                                          const csig_signers *signers, const csig_intent *intent,
                                          uint16_t collector);
/* csig_presign_session likewise. */
CSIG_MUST csig_err csig_presign_open_session(csig_session **s, const csig_protocol *protocol,
                                             const csig_signers *signers, uint16_t assigner,
                                             uint32_t number);

#endif
