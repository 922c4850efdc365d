/* The parties of a wallet that this process holds, ready to sign together. */
#ifndef CSIG_CLI_PARTIES_H
#define CSIG_CLI_PARTIES_H

#include "cli/json.h"
#include "cli/meeting.h"
#include "cli/rounds.h"
#include "cli/wallet.h"

/* One local signer. */
typedef struct signer {
    const device *d;
    csig_share *share;
    csig_peer *peer[CSIG_PARTIES_MAX]; /* by position in parties.index; own NULL */
    const csig_peer *view[CSIG_PARTIES_MAX];
    uint16_t index;
} signer;

typedef struct parties {
    char wallet[2 * WALLET_ID_BYTES + 1];
    csig_share_info info;
    uint16_t server; /* its index */
    uint8_t server_id[CSIG_IDENTITY_BYTES];
    uint16_t index[CSIG_PARTIES_MAX]; /* the signing set, ascending */
    uint16_t count;
    /* by position; the server's after the POST */
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    signer local[CSIG_PARTIES_MAX];
    size_t locals;
    uint16_t far[CSIG_PARTIES_MAX]; /* indices that are elsewhere, as the caller wants them */
    uint16_t fars;
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES]; /* of every party, by index - 1 */
} parties;

/* The wallet's signing set: the server, those far (which the caller has set), and of the devices
 * here the first that make it signers_required, with their shares and the peers that are not far.
 * CLI_REFUSED: too few, or not paired; CLI_CHEAT: one of them refuses the server. */
CLI_MUST cli_exit parties_choose(cli *c, const devices *all, const char *wallet, parties *p);
/* Everybody of the set that is no server, into a meeting. */
void parties_seat(const parties *p, meeting *m);
/* The peers that are far, and everybody's nonces from the meeting. CLI_REFUSED: not paired. */
CLI_MUST cli_exit parties_prepare(cli *c, parties *p, const meeting *m);
/* For another session in that meeting: the next nonces. */
void parties_renew(parties *p, meeting *m);
/* --with INDEX..., as those far. CLI_USAGE. */
CLI_MUST cli_exit parties_far(cli *c, parties *p);
void parties_close(parties *p);
#define AUTO_PARTIES __attribute__((cleanup(parties_close))) parties

/* "signers" and "nonces" of a session's POST; and all nonces from its reply. */
void parties_describe(const parties *p, json *body);
CLI_MUST cli_exit parties_nonces(cli *c, parties *p, const json *answer);
csig_signers parties_signers(const parties *p, size_t local);

#endif
