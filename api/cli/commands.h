/* The options there are; commands.c has the table of commands and which options each takes. */
#ifndef CSIG_CLI_COMMANDS_H
#define CSIG_CLI_COMMANDS_H

#include "cli/args.h"

typedef enum cli_option {
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
    OPT_PER_MINUTE,
    OPT_HELP,
    OPT_VERSION,
    OPT_BASE = 256 /* beyond every character */
} cli_option;

#define BIT(opt) ((uint64_t)1 << (opt))

extern const cli_command cli_commands[];
extern const size_t cli_commands_count;

#endif
