/* A guest: what an invitation asks for is checked, shown in words and agreed to, purpose by
 * purpose; then the device takes part by the same code as it would beside the host's. */
#ifndef CSIG_CLI_JOINING_H
#define CSIG_CLI_JOINING_H

#include "cli/meeting.h"

struct parties;

typedef struct guest {
    devices *all; /* one */
    const device *d;
    meeting m;
    char host[64]; /* in words */
} guest;

/* Each of these: from the plan to the end. */
CLI_MUST cli_exit join_create(cli *c, guest *g);
CLI_MUST cli_exit join_sign(cli *c, guest *g);
CLI_MUST cli_exit join_presign(cli *c, guest *g);
CLI_MUST cli_exit join_refresh(cli *c, guest *g);
CLI_MUST cli_exit join_reshare(cli *c, guest *g);

/* Shows what is asked for, and whether this is what --expect, --wallet, --digest and --path say; or
 * asks. CLI_REFUSED: no; the host was told. */
CLI_MUST cli_exit joining_consent(cli *c, guest *g, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The plan's wallet, as the command's. CLI_INPUT. */
CLI_MUST cli_exit joining_wallet(cli *c, const guest *g);
/* The plan is of this share's epoch. CLI_AGAIN. */
CLI_MUST cli_exit joining_epoch(cli *c, const guest *g, const csig_share_info *info);
/* Indices of the plan's list `name`, ascending, at most CSIG_PARTIES_MAX. CLI_INPUT. */
CLI_MUST cli_exit joining_indices(cli *c, const guest *g, const char *name, uint16_t *list,
                                  uint16_t *count);
/* The plan's signers are those of the wallet with this device, at the share's epoch. CLI_INPUT,
 * CLI_AGAIN, or as parties_choose. */
CLI_MUST cli_exit joining_signers(cli *c, const guest *g, struct parties *p);

/* Asks on the terminal. CLI_REFUSED: anything but yes; CLI_USAGE: there is no terminal. */
CLI_MUST cli_exit joining_ask(cli *c);
/* *no: that is what the person there says; it is no failure. CLI_REFUSED: neither yes nor no. */
CLI_MUST cli_exit joining_ask_either(cli *c, bool *no);

#endif
