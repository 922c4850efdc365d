/* Signing with a presignature, re-randomised at use (protocol.md 2.6-C and 7.2). Scalars and points
 * only: no exponentiation modulo anything large.
 *
 * The half is taken from its owner before anything else happens and lives in this session alone. No
 * n_i leaves before the assigner's fresh n is known, and before the host has durably replaced its
 * stored half by what is about to be sent. */
#ifndef CSIG_SIGNER_ONLINE_H
#define CSIG_SIGNER_ONLINE_H

#include "signer/partial.h"
#include "signer/setup.h"

/* Round 1, from the assigner: its fresh nonce. */
typedef struct csig_online_r1 {
    uint8_t nonce[CSIG_NONCE_BYTES];
} csig_online_r1;

/* Round 2, from all but the assigner: n_i behind com_i. */
typedef struct csig_online_r2 {
    uint8_t nonce[CSIG_NONCE_BYTES];
} csig_online_r2;

/* Round 3, from all but the assigner. */
typedef struct csig_online_r3 {
    csig_scalar sigma;
} csig_online_r3;

/* Round 4, from the assigner. */
typedef struct csig_online_r4 {
    csig_ecdsa signature;
} csig_online_r4;

void csig_online_r1_wire(csig_wire *w, void *msg);
void csig_online_r2_wire(csig_wire *w, void *msg);
void csig_online_r3_wire(csig_wire *w, void *msg);
void csig_online_r4_wire(csig_wire *w, void *msg);

typedef struct csig_online_open {
    uint16_t assigner; /* position */
    csig_target target;
    csig_transcript intent; /* of rho: everything but the nonces */
    uint8_t nonce[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    csig_ecdsa signature;
} csig_online_open;

typedef struct csig_online_secret {
    csig_presig half;
} csig_online_secret;

/* The assigner speaks in rounds 1 and 4, all others in 2 and 3. */
bool csig_online_is_assigner(const csig_run *run, uint16_t from);
bool csig_online_is_other(const csig_run *run, uint16_t from);

extern const csig_round csig_online_round_1, csig_online_round_2;
extern const csig_round csig_online_round_3, csig_online_round_4;
extern const csig_protocol csig_online_protocol;

/* csig_online_session with another table of rounds. */
CSIG_MUST csig_err csig_online_open_session(csig_session **s, const csig_protocol *protocol,
                                            const csig_signers *signers, csig_presig **presig,
                                            const csig_intent *intent);

#endif
