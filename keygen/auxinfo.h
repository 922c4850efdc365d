/* The auxiliary session of two devices: state, messages and table. The rounds are in auxinfo_r1.c
 * .. auxinfo_r3.c; who says what is in README.md. Source: protocol.md 7.5. */
#ifndef CSIG_KEYGEN_AUXINFO_H
#define CSIG_KEYGEN_AUXINFO_H

#include "proto/session.h"
#include "share/record.h"
#include "zk/fac.h"

/* Round 1 sends a csig_aux_record, round 2 a csig_zk_fac. */
typedef struct csig_auxinfo_paired_msg {
    uint8_t hash[CSIG_HASH_BYTES];
} csig_auxinfo_paired_msg;

void csig_auxinfo_paired_wire(csig_wire *w, void *msg);

/* Nothing here is secret; what is, is in *ours. */
typedef struct csig_auxinfo {
    const csig_aux *ours; /* of the caller */
    uint64_t above;       /* the peer's generation must be */
    csig_peer peer;       /* after round 1 */
} csig_auxinfo;

static inline csig_auxinfo *csig_auxinfo_of(const csig_run *run)
{
    return run->open;
}

/* The start of Pi-fac from one device to the other: ssid of the pair in this direction. */
void csig_auxinfo_fac_transcript(csig_transcript *t, const csig_aux_pub *prover,
                                 const csig_aux_pub *verifier);
/* H(ACK, ssid, aux ids in order of position) */
void csig_auxinfo_pair_hash(uint8_t hash[CSIG_HASH_BYTES], const csig_run *run);

extern const csig_round csig_auxinfo_r1, csig_auxinfo_r2, csig_auxinfo_r3;
extern const csig_protocol csig_auxinfo_protocol;

/* csig_aux_session on a protocol of the caller's choice: tests give a copy of the table in which
 * one round is replaced. */
CSIG_MUST csig_err csig_aux_session_of(csig_session **s, const csig_aux_params *params,
                                       const csig_protocol *protocol);

#endif
