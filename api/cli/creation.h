/* Key generation: what `wallet create`, and who joins it, have in common. */
#ifndef CSIG_CLI_CREATION_H
#define CSIG_CLI_CREATION_H

#include "cli/cards.h"
#include "cli/keys.h"
#include "cli/meeting.h"
#include "cli/rounds.h"
#include "cli/wallet.h"

#define CREATION_SERVER 2 /* its index in every wallet */

typedef struct creation {
    uint8_t server[CSIG_IDENTITY_BYTES];
    /* Who makes the key, but the server: the first is party 1, the others follow from 3. */
    uint8_t client[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    const device *here[CSIG_PARTIES_MAX]; /* NULL: elsewhere */
    size_t clients;
    card offline[CSIG_PARTIES_MAX]; /* of the parties without a device: the last ones */
    uint16_t offlines, parties, signers_required;
    recovery_keys keys;
    /* From the server. */
    char wallet[2 * WALLET_ID_BYTES + 1];
    wallet_record record;
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES]; /* by index - 1 */
    /* In a ceremony, NULL elsewhere: files for the wallet's id, as soon as the server has said it,
     * and for the record of the session, before the birth counts here. */
    const char *wallet_file, *record_file;
    bool is_rehearsal; /* up to the first write, and nothing is kept */
    bool throws_away;  /* to the end, to rehearse more with it */
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* likewise, of who is online */
} creation;

uint16_t creation_index(size_t client);
/* Everybody but the server, into a meeting. */
void creation_seat(const creation *w, meeting *m);
/* Numbers that can be, no device twice, and no owner of enough recovery keys. CLI_USAGE. */
CLI_MUST cli_exit creation_check(cli *c, const creation *w);
/* "recovery" of a body, or of a plan. */
json *creation_keys(const creation *w);
/* The body that asks the daemon for it, once everybody in the meeting has said its nonce. */
void creation_ask(const cli *c, const creation *w, const meeting *m, json *body);
/* From the daemon's answer to the end: the wallet is born, and told. */
CLI_MUST cli_exit creation_run(cli *c, creation *w, meeting *m, const json *answer);

#endif
