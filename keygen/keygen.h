/* Key generation: state, messages and table. The rounds are in keygen_r1.c .. keygen_r5.c; who says
 * what is in README.md. Source: protocol.md 2.1, 7.3; the masks of 2.3. */
#ifndef CSIG_KEYGEN_KEYGEN_H
#define CSIG_KEYGEN_KEYGEN_H

#include "countersign/keygen.h"
#include "crypto/shamir.h"
#include "keygen/complaint.h"
#include "keygen/escrows.h"
#include "proto/session.h"
#include "share/share.h"
#include "zk/sch.h"

/* --- messages; the widths of lists follow from the session's n and t --- */

/* Y: the mask keys for the other parties, in order of position, own left out. */
typedef struct csig_keygen_commit_msg {
    uint8_t V[CSIG_HASH_BYTES];
    csig_point Y[CSIG_MAX_PARTIES - 1];
} csig_keygen_commit_msg;

typedef struct csig_keygen_open_msg {
    uint8_t rid[32];
    uint8_t cc_hash[32];            /* H(CHAIN_CODE_SHARE, ssid, i, cc_i) */
    csig_point S[CSIG_MAX_PARTIES]; /* t of them: the commitments of f_i */
    csig_point A;                   /* of Pi-sch, fixed before rid is known */
    uint8_t u[32];
} csig_keygen_open_msg;

typedef struct csig_keygen_masked_msg {
    csig_scalar c;  /* f_i(j) + mask_ij */
    uint8_t cc[32]; /* cc_i XOR pad_ij */
} csig_keygen_masked_msg;

typedef struct csig_keygen_prove_msg {
    csig_zk_sch sch;
    csig_escrow_msg escrow[CSIG_MAX_PARTIES]; /* of f_i(k), for each k with a recovery key */
} csig_keygen_prove_msg;

typedef struct csig_keygen_ack_msg {
    uint8_t hash[CSIG_HASH_BYTES];
} csig_keygen_ack_msg;

typedef struct csig_keygen_born_msg {
    uint8_t signature[CSIG_ED_SIG_BYTES];
} csig_keygen_born_msg;

void csig_keygen_commit_wire(csig_wire *w, void *msg);
void csig_keygen_open_wire(csig_wire *w, void *msg);
void csig_keygen_masked_wire(csig_wire *w, void *msg);
void csig_keygen_prove_wire(csig_wire *w, void *msg);
void csig_keygen_ack_wire(csig_wire *w, void *msg);
void csig_keygen_born_wire(csig_wire *w, void *msg);

/* --- state --- */

/* One pad for each direction between two parties. */
typedef struct csig_pads {
    uint8_t at[CSIG_MAX_PARTIES][32];
} csig_pads;

/* Positions as in csig_run: of the parties online. */
typedef struct csig_keygen_secret {
    csig_ed_key key; /* own identity, at the committer: signs the birth */
    csig_poly f;
    csig_scalar y[CSIG_MAX_PARTIES];        /* of the mask keys Y_i,j = y_i,j G; with more than two
                                               parties until all sub-shares have been checked */
    csig_scalar mask_out[CSIG_MAX_PARTIES]; /* mask_ij, for what goes to j */
    csig_scalar mask_in[CSIG_MAX_PARTIES];  /* mask_ji, for what comes from j */
    csig_pads pad_out, pad_in;
    csig_scalar alpha;                      /* A = alpha G */
    uint8_t cc[32];                         /* own part of the chain code */
    csig_pads parts;                        /* everybody's, with more than two parties until all
                                               acknowledgements have been checked */
    csig_keygen_open_msg own;               /* hidden until round 2 */
    csig_scalar escrowed[CSIG_MAX_PARTIES]; /* f_i(k) for those with a recovery key */
    csig_share share;
} csig_keygen_secret;

typedef struct csig_keygen_open {
    uint16_t commits;                             /* index */
    uint8_t V[CSIG_MAX_PARTIES][CSIG_HASH_BYTES]; /* the peers' */
    csig_mask_keys keys;
    csig_point A[CSIG_MAX_PARTIES];
    csig_poly_commit S[CSIG_MAX_PARTIES]; /* everybody's, from round 2 on */
    uint8_t cc_hash[CSIG_MAX_PARTIES][32];
    csig_escrows escrows;
    uint8_t output[CSIG_HASH_BYTES]; /* hash of the public output */
    uint8_t commit[CSIG_ED_SIG_BYTES];
    bool has_commit;
    bool no_cc; /* watching without cc_hash: what is bound to it is not looked at */
} csig_keygen_open;

static inline csig_keygen_secret *csig_keygen_secret_of(const csig_run *run)
{
    return run->secret;
}
static inline csig_keygen_open *csig_keygen_open_of(const csig_run *run)
{
    return run->open;
}

/* The place of j's entry in a list of i's that leaves i out. */
static inline uint16_t csig_keygen_slot(uint16_t i, uint16_t j)
{
    return (uint16_t)(j < i ? j : j - 1);
}

/* V_i = H(KG_COMMIT, ssid, i, opening, u) */
void csig_keygen_commitment(uint8_t V[CSIG_HASH_BYTES], const csig_run *run, uint16_t position,
                            const csig_keygen_open_msg *opening);
/* H(CHAIN_CODE_SHARE, ssid, i, cc_i), 32 octets */
void csig_keygen_cc_hash(uint8_t hash[32], const csig_run *run, uint16_t position,
                         const uint8_t cc[32]);
/* mask_ij = H(KG_MASK, ssid, i, j, DH(y_ij, Y_ji)) mod q, from i to j; dh is the same both ways. */
void csig_keygen_mask(csig_scalar *mask, const csig_run *run, uint16_t from, uint16_t to,
                      const uint8_t dh[64]);
/* pad_ij = H(KG_CC, ssid, i, j, DH(y_ij, Y_ji)), first 32 octets, from i to j: of the same keys as
 * the mask. What is opened with it is a part of a chain code that no key will ever have. */
void csig_keygen_pad(uint8_t pad[32], const csig_run *run, uint16_t from, uint16_t to,
                     const uint8_t dh[64]);
/* The start of Pi-sch for x_i: (ssid, i, rid, PK, all X); A_i and X_i follow as the statement. */
void csig_keygen_sch_transcript(csig_transcript *t, const csig_run *run, uint16_t position);
/* Who has dealt S at a position. */
csig_escrow_dealer csig_keygen_dealer(const csig_run *run, uint16_t position);

extern const csig_round csig_keygen_r1, csig_keygen_r2, csig_keygen_r3, csig_keygen_r4,
    csig_keygen_r5;
/* In round 2; in 3 and 4: testimony.c */
extern const csig_testimony csig_keygen_opens, csig_keygen_opens_parts;

/* csig_protocol.watch: a session that watches for one who accuses, from what was kept of its
 * parameters. It does not know the chain code's hash. */
CSIG_MUST csig_err csig_keygen_witness(csig_session **s, const csig_protocol *protocol,
                                       const uint8_t *inputs, size_t len, uint16_t accuser);
/* A watching session: as params say, whose identity is NULL and whose self is anybody's. Its
 * cc_hash is given: who watches cannot compute it; NULL: what is bound to it is not looked at.
 * Errors of csig_keygen_session. */
CSIG_MUST csig_err csig_keygen_watch(csig_session **s, const csig_keygen_params *params,
                                     const uint8_t cc_hash[32]);

/* csig_keygen_session on a protocol of the caller's choice: tests give a copy of the table in which
 * one round is replaced. */
CSIG_MUST csig_err csig_keygen_session_of(csig_session **s, const csig_keygen_params *params,
                                          const csig_protocol *protocol);

#endif
