/* Refresh by resharing: state, messages and table. The rounds are in refresh_r1.c .. refresh_r4.c;
 * who says what is in README.md. Source: protocol.md 7.4, 7.7; the masks of 2.3. */
#ifndef CSIG_KEYGEN_REFRESH_H
#define CSIG_KEYGEN_REFRESH_H

#include "countersign/refresh.h"
#include "crypto/ecdsa.h"
#include "crypto/escrow.h"
#include "keygen/keygen.h"

/* --- messages; round 1 and the parts of round 2 are those of key generation --- */

typedef struct csig_refresh_opening {
    uint8_t rid[32];
    csig_point C[CSIG_MAX_PARTIES]; /* t of them: the commitments of g_i, C_0 = X_i */
    uint8_t u[32];
} csig_refresh_opening;

typedef struct csig_refresh_open_msg {
    csig_refresh_opening opening;
    csig_escrow_msg escrow[CSIG_MAX_PARTIES]; /* of g_i(k), for each k with a recovery key */
} csig_refresh_open_msg;

typedef struct csig_refresh_receipt_msg {
    uint8_t hash[CSIG_HASH_BYTES]; /* of the new public output */
    uint8_t backup[CSIG_BACKUP_HASH_BYTES];
} csig_refresh_receipt_msg;

typedef struct csig_refresh_commit_msg {
    csig_ecdsa test;
    uint8_t signature[CSIG_ED_SIG_BYTES];
} csig_refresh_commit_msg;

void csig_refresh_open_wire(csig_wire *w, void *msg);
void csig_refresh_receipt_wire(csig_wire *w, void *msg);
void csig_refresh_commit_wire(csig_wire *w, void *msg);

/* --- state --- */

/* Positions are over the members online. */
typedef struct csig_refresh_secret {
    csig_ed_key key; /* own identity, at the committer: signs the commit */
    csig_poly g;     /* g(0) = x_i */
    csig_scalar y[CSIG_MAX_PARTIES];
    csig_scalar mask_out[CSIG_MAX_PARTIES];
    csig_scalar mask_in[CSIG_MAX_PARTIES];
    csig_refresh_opening own; /* hidden until round 2 */
    csig_share share;         /* the current one; the staged one after round 2 */
} csig_refresh_secret;

typedef struct csig_refresh_open {
    uint16_t commits; /* index */
    csig_escrows escrows;
    uint8_t V[CSIG_MAX_PARTIES][CSIG_HASH_BYTES];
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

/* V_i = H(REFRESH_COMMIT, ssid, i, opening, u) */
void csig_refresh_commitment(uint8_t V[CSIG_HASH_BYTES], const csig_run *run, uint16_t position,
                             const csig_refresh_opening *opening);
/* g_i as its commitments show it. */
void csig_refresh_polynomial(csig_poly_commit *C, const csig_run *run,
                             const csig_refresh_opening *opening);
/* H(REFRESH_TEST, ssid, new public output), 32 octets */
void csig_refresh_digest(uint8_t digest[CSIG_DIGEST_BYTES], const csig_run *run);

extern const csig_round csig_refresh_r1, csig_refresh_r2, csig_refresh_r3, csig_refresh_r4;
extern const csig_protocol csig_refresh_protocol;

/* csig_refresh_session on a protocol of the caller's choice: tests give a copy of the table in
 * which one round is replaced. */
CSIG_MUST csig_err csig_refresh_session_of(csig_session **s, const csig_refresh_params *params,
                                           const csig_protocol *protocol);

#endif
