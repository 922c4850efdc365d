/* Options by number, for the table of commands and for who reads them. */
#ifndef CSIG_CLI_OPTIONS_H
#define CSIG_CLI_OPTIONS_H

#include "cli/args.h"

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
    OPT_PER_MINUTE,
    OPT_CERT,
    OPT_CERT_KEY,
    OPT_HELP,
    OPT_VERSION,
    OPT_BASE = 256 /* beyond every character */
};

#define BIT(opt) ((uint64_t)1 << (opt))
/* Every command takes these, used or not: they may stand in an alias. */
#define COMMON                                                                                     \
    (BIT(OPT_STATE) | BIT(OPT_SERVER) | BIT(OPT_FILE) | BIT(OPT_FD) | BIT(OPT_JSON) |              \
     BIT(OPT_DEVICE))

#endif
