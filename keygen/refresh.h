/* Refresh and resharing, one protocol: state, messages and table. The rounds are in refresh_r1.c ..
 * refresh_r4.c; who says what is in README.md. Source: protocol.md 2.3, 7.4, 7.7. */
#ifndef CSIG_KEYGEN_REFRESH_H
#define CSIG_KEYGEN_REFRESH_H

#include "countersign/reshare.h"
#include "crypto/ecdsa.h"
#include "crypto/escrow.h"
#include "keygen/keygen.h"

/* --- messages --- */

/* V zero from who does not deal. Z: the pad keys, as Y, where somebody joins. */
typedef struct csig_refresh_keys_msg {
    csig_keygen_commit_msg commit;
    csig_point Z[CSIG_MAX_PARTIES - 1];
} csig_refresh_keys_msg;

typedef struct csig_refresh_opening {
    uint8_t rid[32];
    csig_point C[CSIG_MAX_PARTIES]; /* t of them: the commitments of g_i, C_0 = X_i */
    uint8_t u[32];
} csig_refresh_opening;

typedef struct csig_refresh_open_msg {
    csig_refresh_opening opening;
    csig_escrow_msg escrow[CSIG_MAX_PARTIES]; /* of g_i(k), for each k with a recovery key */
} csig_refresh_open_msg;

/* For who leaves all of it is zero. */
typedef struct csig_refresh_part_msg {
    csig_scalar c;  /* g_i(j) + mask_ij */
    uint8_t cc[32]; /* cc XOR pad_ij, where somebody joins */
} csig_refresh_part_msg;

typedef struct csig_refresh_receipt_msg {
    uint8_t hash[CSIG_HASH_BYTES];          /* of the new public output */
    uint8_t backup[CSIG_BACKUP_HASH_BYTES]; /* zeros from who leaves */
} csig_refresh_receipt_msg;

typedef struct csig_refresh_commit_msg {
    csig_ecdsa test;
    uint8_t signature[CSIG_ED_SIG_BYTES];
} csig_refresh_commit_msg;

void csig_refresh_keys_wire(csig_wire *w, void *msg);
void csig_refresh_open_wire(csig_wire *w, void *msg);
void csig_refresh_part_wire(csig_wire *w, void *msg);
void csig_refresh_receipt_wire(csig_wire *w, void *msg);
void csig_refresh_commit_wire(csig_wire *w, void *msg);

/* --- state --- */

/* Positions are over the members online. */
typedef struct csig_refresh_secret {
    csig_ed_key key;                 /* own identity, at the committer: signs the commit */
    csig_poly g;                     /* of who deals: g(0) = x_i */
    csig_scalar y[CSIG_MAX_PARTIES]; /* of the mask keys, until all sub-shares have been checked */
    csig_scalar z[CSIG_MAX_PARTIES]; /* of the pad keys: to open a mask opens no chain code. At who
                                        joins as long as y; nobody else opens a pad */
    csig_scalar mask_out[CSIG_MAX_PARTIES];
    csig_scalar mask_in[CSIG_MAX_PARTIES];
    csig_pads pad_out, pad_in; /* where somebody joins */
    csig_refresh_opening own;  /* hidden until round 2 */
    csig_share share; /* the current one, or what is public of it; the staged one after round 2 */
} csig_refresh_secret;

typedef struct csig_refresh_open {
    uint16_t deals[CSIG_MAX_PARTIES]; /* by position: index in the current epoch; 0: joins */
    uint16_t holds[CSIG_MAX_PARTIES]; /* index in the next epoch; 0: leaves */
    uint16_t commits;                 /* index in the next epoch */
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES]; /* of the next epoch */
    csig_escrows escrows;                              /* and what is said of that epoch */
    uint8_t V[CSIG_MAX_PARTIES][CSIG_HASH_BYTES];
    csig_mask_keys keys, pads;
    uint8_t output[CSIG_HASH_BYTES];
    uint8_t backup[CSIG_MAX_PARTIES][CSIG_BACKUP_HASH_BYTES];
    csig_ecdsa test;
    uint8_t commit[CSIG_ED_SIG_BYTES];
    bool has_backup, has_receipts, has_test, has_commit;
} csig_refresh_open;

static inline csig_refresh_secret *csig_refresh_secret_of(const csig_run *run)
{
    return run->secret;
}
static inline csig_refresh_open *csig_refresh_open_of(const csig_run *run)
{
    return run->open;
}

static inline bool csig_refresh_has_dealt(const csig_run *run, uint16_t position)
{
    return csig_refresh_open_of(run)->deals[position] != 0;
}
static inline uint16_t csig_refresh_holds(const csig_run *run, uint16_t position)
{
    return csig_refresh_open_of(run)->holds[position];
}

/* V_i = H(REFRESH_COMMIT, ssid, i, opening, u) */
void csig_refresh_commitment(uint8_t V[CSIG_HASH_BYTES], const csig_run *run, uint16_t position,
                             const csig_refresh_opening *opening);
/* g_i as its commitments show it. */
void csig_refresh_polynomial(csig_poly_commit *C, const csig_run *run,
                             const csig_refresh_opening *opening);
/* pad_ij = H(REFRESH_CC, ssid, i, j, DH(z_ij, Z_ji)), first 32 octets, from i to j */
void csig_refresh_pad(uint8_t pad[32], const csig_run *run, uint16_t from, uint16_t to,
                      const uint8_t dh[64]);
/* H(REFRESH_TEST, ssid, new public output), 32 octets */
void csig_refresh_digest(uint8_t digest[CSIG_DIGEST_BYTES], const csig_run *run);

extern const csig_round csig_refresh_r1, csig_refresh_r2, csig_refresh_r3, csig_refresh_r4;
extern const csig_testimony csig_refresh_opens; /* in round 2: testimony.c */

/* What a session is made of, refresh or resharing. Borrowed; by position. */
typedef struct csig_reshare_plan {
    const csig_identity *identity; /* NULL: a third party's */
    const csig_share *share;       /* own; NULL for who joins */
    const csig_share *current;     /* what is public of the current epoch */
    uint16_t count, self;
    uint16_t number[CSIG_MAX_PARTIES]; /* in envelopes: ascending */
    uint16_t deals[CSIG_MAX_PARTIES], holds[CSIG_MAX_PARTIES];
    uint8_t nonce[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    uint16_t t, n;             /* of the next epoch */
    const uint8_t *identities; /* n of them */
    csig_recovery_keys recovery;
    uint64_t attempt;
    uint16_t commits;
    bool moves_last;
    const csig_engine *engine;
} csig_reshare_plan;

/* A watching session of a plan without identity and share; anybody's self. Errors of
 * csig_reshare_session. */
CSIG_MUST csig_err csig_reshare_watch(csig_session **s, const csig_reshare_plan *plan);
/* csig_protocol.watch: a session that watches for one who accuses, from what was kept of its plan.
 */
CSIG_MUST csig_err csig_refresh_witness(csig_session **s, const csig_protocol *protocol,
                                        const uint8_t *inputs, size_t len, uint16_t accuser);
/* Errors of csig_reshare_session. */
CSIG_MUST csig_err csig_reshare_start(csig_session **s, const csig_reshare_plan *plan,
                                      const csig_protocol *protocol);
/* csig_refresh_session and csig_reshare_session on a protocol of the caller's choice: tests give a
 * copy of the table in which one round is replaced. */
CSIG_MUST csig_err csig_refresh_session_of(csig_session **s, const csig_refresh_params *params,
                                           const csig_protocol *protocol);
CSIG_MUST csig_err csig_reshare_session_of(csig_session **s, const csig_reshare_params *params,
                                           const csig_protocol *protocol);

#endif
