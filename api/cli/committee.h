/* Who holds a wallet's shares after a resharing, as the command line asks for it. */
#ifndef CSIG_CLI_COMMITTEE_H
#define CSIG_CLI_COMMITTEE_H

#include "cli/device.h"

/* The server's index in every wallet. */
#define COMMITTEE_SERVER 2

/* A party of the next epoch. */
typedef struct seat {
    uint8_t id[CSIG_IDENTITY_BYTES];
    uint16_t before; /* the index it had, or had whom it replaces; 0: it is added */
    bool is_new;     /* another device than before: nobody's recovery key is its */
} seat;

typedef struct committee {
    seat of[CSIG_PARTIES_MAX]; /* by index - 1 */
    uint16_t parties, signers_required;
} committee;

/* From the share's committee and --signers, --add, --remove, --replace. Who stays keeps its order;
 * the server is always the second, so the one behind it moves to the front when the first one goes.
 * CLI_USAGE: no such party or device, a party named twice, numbers that cannot be. */
CLI_MUST cli_exit committee_make(cli *c, const csig_share *share,
                                 const uint8_t server[CSIG_IDENTITY_BYTES], const devices *all,
                                 committee *next);
/* 0: no party of it. */
uint16_t committee_index(const committee *next, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
