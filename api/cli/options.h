/* The options of all commands, and where their arguments go. */
#ifndef CSIG_CLI_OPTIONS_H
#define CSIG_CLI_OPTIONS_H

#include <getopt.h>

#include "cli/cli.h"

enum {
    OPT_STATE,
    OPT_SERVER,
    OPT_DEVICE,
    OPT_FILE,
    OPT_FD,
    OPT_BACKUP_FILE,
    OPT_OUT,
    OPT_JSON,
    OPT_SIGNERS,
    OPT_PARTIES,
    OPT_COUNT,
    OPT_DIGEST,
    OPT_PATH,
    OPT_MODE,
    OPT_PRESIGNED,
    OPT_NO_AUX,
    OPT_KDF,
    OPT_SIGNATURE,
    OPT_KEY,
    OPT_CARD,
    OPT_RECOVERY,
    OPT_RECOVERY_OF,
    OPT_CA,
    OPT_TOKEN,
    OPT_NAME,
    OPT_ROLE,
    OPT_WALLET,
    OPT_ALL_WALLETS,
    OPT_SECONDS,
    OPT_ADD,
    OPT_REMOVE,
    OPT_REPLACE,
    OPT_TRANSCRIPT,
    OPT_LIMIT,
    OPT_WITH,
    OPT_EXPECT,
    OPT_YES,
    OPT_FOLLOW,
    OPT_WAIT,
    OPT_ALL,
    OPT_PER_MINUTE,
    OPT_LABEL,
    OPT_CERT,
    OPT_CERT_KEY,
    OPT_BEFORE,
    OPT_DEADLINE,
    OPT_ON_MISS,
    OPT_AT_ONCE,
    OPT_AFTER,
    OPT_HEAD,
    OPT_IDENTITY,
    OPT_ALLOW,
    OPT_ETH_TX,
    OPT_TYPED_DATA,
    OPT_MESSAGE,
    OPT_PSBT,
    OPT_BIP322,
    OPT_ADDRESS,
    OPT_REQUEST,
    OPT_KIND,
    OPT_HELP,
    OPT_VERSION,
    OPT_BASE = 256 /* beyond every character */
};

/* Of those a command takes, and of those that were given. */
#define BIT(opt) ((uint64_t)1 << (opt))

/* For getopt_long; the last one has no name. */
extern const struct option cli_options[];
/* getopt has met this one. CLI_USAGE. */
CLI_MUST cli_exit option_set(cli *c, int opt, const char *name);

#endif
