/* The next epoch of a wallet is made: what refresh and resharing have in common. Shares are staged,
 * sign a test, and become the wallet's with the server's commit; until then both are kept. */
#ifndef CSIG_CLI_TURNOVER_H
#define CSIG_CLI_TURNOVER_H

#include "cli/keys.h"
#include "cli/parties.h"

/* A device here that takes part. */
typedef struct turnover_member {
    const device *d;
    uint16_t deals, holds; /* its index in the current and in the next epoch; 0: joins, leaves */
    csig_share *share;     /* of the current epoch; NULL: it joins */
    csig_share *staged;    /* outlives the test's sessions; NULL: it leaves */
} turnover_member;

typedef struct turnover {
    const char *what; /* "refresh", "resharing" */
    parties *test;    /* who signs the test, by index of the next epoch */
    turnover_member m[CSIG_PARTIES_MAX];
    size_t members, holders, staged;                   /* who holds comes first */
    uint8_t id[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES]; /* of the next epoch, by index - 1 */
    uint16_t parties;
    recovery_keys keys; /* of the next epoch */
    bool keys_change;   /* they are not the current epoch's */
    uint64_t attempt;
    wallet_record record;
    bool has_next; /* the next epoch is known: a session here has staged */
    uint8_t next[CSIG_EPOCH_BYTES];
    wallet_record before; /* of the current epoch */
    /* In a ceremony, NULL elsewhere: for the record of m[0]'s session, and for the public state of
     * the next epoch where m[0] leaves. */
    const char *record_file, *next_file;
    bool throws_away; /* a throw-away wallet is changed */
} turnover;

void turnover_close(turnover *t);
#define AUTO_TURNOVER __attribute__((cleanup(turnover_close))) turnover

/* Is device d without auxiliary info, locked, undecided, at another epoch than the others? Adds it
 * with the share that it holds; a device that has none of the wallet is not added. */
CLI_MUST cli_exit turnover_add(cli *c, turnover *t, const device *d);
/* How many devices here could sign for the wallet, and what one that has it knows of it; parties 0:
 * none does. */
CLI_MUST cli_exit turnover_count(cli *c, const devices *all, size_t *can_sign,
                                 csig_share_info *info);
/* POST; a session that an earlier process left open holds the wallet: it is given up first. */
CLI_MUST cli_exit turnover_ask(cli *c, const turnover *t, const json *body, json **answer);
/* The reply's session and attempt. */
CLI_MUST cli_exit turnover_begin(cli *c, turnover *t, rounds *r, const json *answer);
/* Runs the sessions of r, where that of m[i] is s[i], to the end. CLI_OK: the next epoch is the
 * wallet's here, too. Otherwise what the server makes of it is followed as far as it can be. */
CLI_MUST cli_exit turnover_run(cli *c, turnover *t, rounds *r);
/* With --transcript: of a turnover that has been run to its end. */
CLI_MUST cli_exit turnover_transcript(cli *c, const turnover *t, const rounds *r,
                                      const char *operation);

#endif
