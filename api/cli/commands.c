/* THE table of commands. */
#include "cli/options.h"

/* Of those that a server may be met with for the first time. */
#define TRUST (BIT(OPT_CA) | BIT(OPT_CERT) | BIT(OPT_CERT_KEY))

const cli_command cli_commands[] = {
    {"device", "init", cmd_device_init, TAKES_NOTHING, COMMON | BIT(OPT_NO_AUX) | BIT(OPT_KDF),
     "[--device NAME] [--no-aux] [--kdf-memory MIB]"},
    {"device", "enrol", cmd_device_enrol, TAKES_NOTHING, COMMON | TRUST | BIT(OPT_TOKEN),
     "[--device NAME] --server ADDRESS [--ca FILE] [--cert FILE --key FILE] [--token TOKEN]"},
    {"device", "rotate", cmd_device_rotate, TAKES_NOTHING, COMMON, "[--device NAME]"},
    {"device", "rekey", cmd_device_rekey, TAKES_NOTHING, COMMON, "[--device NAME]"},
    {"wallet", "create", cmd_wallet_create, TAKES_NOTHING,
     COMMON | BIT(OPT_SIGNERS) | BIT(OPT_PARTIES) | BIT(OPT_RECOVERY) | BIT(OPT_RECOVERY_OF),
     "--signers N [--parties N] [--recovery CARD] [--recovery-of INDEX=CARD]"},
    {"wallet", "list", cmd_wallet_list, TAKES_NOTHING, COMMON, ""},
    {"wallet", "show", cmd_wallet_show, TAKES_WALLET, COMMON | BIT(OPT_PATH),
     "WALLET [--path m/0/1]"},
    {"wallet", "unlock", cmd_wallet_unlock, TAKES_WALLET, COMMON, "WALLET [--device NAME]"},
    {"wallet", "refresh", cmd_wallet_refresh, TAKES_WALLET,
     COMMON | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | BIT(OPT_RECOVERY_OF),
     "WALLET [--backup-passphrase-file FILE] [--recovery-of INDEX=CARD]"},
    {"wallet", "reshare", cmd_wallet_reshare, TAKES_WALLET,
     COMMON | BIT(OPT_SIGNERS) | BIT(OPT_ADD) | BIT(OPT_REMOVE) | BIT(OPT_REPLACE) |
         BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | BIT(OPT_RECOVERY_OF),
     "WALLET [--signers N] [--add DEVICE] [--remove INDEX] [--replace INDEX=DEVICE]"},
    {"wallet", "escrows", cmd_wallet_escrows, TAKES_WALLET, COMMON | BIT(OPT_OUT),
     "WALLET --out FILE"},
    {"presign", NULL, cmd_presign, TAKES_WALLET, COMMON | BIT(OPT_COUNT), "WALLET [--count N]"},
    {"sign", NULL, cmd_sign, TAKES_WALLET,
     COMMON | BIT(OPT_DIGEST) | BIT(OPT_PATH) | BIT(OPT_MODE) | BIT(OPT_PRESIGNED),
     "WALLET --digest HEX [--path m/0/1] [--presigned | --mode phone|server]"},
    {"verify", NULL, cmd_verify, TAKES_NOTHING,
     COMMON | BIT(OPT_DIGEST) | BIT(OPT_SIGNATURE) | BIT(OPT_KEY),
     "--digest HEX --signature HEX --public-key HEX"},
    {"verify-evidence", NULL, cmd_verify_evidence, TAKES_FILE, COMMON, "FILE"},
    {"backup", "export", cmd_backup_export, TAKES_WALLET,
     COMMON | BIT(OPT_OUT) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF),
     "WALLET --out FILE [--device NAME] [--backup-passphrase-file FILE]"},
    {"backup", "inspect", cmd_backup_inspect, TAKES_FILES, COMMON, "FILE [FILE...]"},
    {"backup", "restore", cmd_backup_restore, TAKES_FILE,
     COMMON | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | TRUST | BIT(OPT_TOKEN),
     "FILE [--device NAME] [--server ADDRESS] [--ca FILE] [--token TOKEN] "
     "[--backup-passphrase-file FILE]"},
    {"recovery", "init", cmd_recovery_init, TAKES_NOTHING, COMMON | BIT(OPT_CARD) | BIT(OPT_KDF),
     "--card FILE [--device NAME] [--kdf-memory MIB]"},
    {"recovery", "inspect", cmd_recovery_inspect, TAKES_FILE, COMMON, "FILE"},
    {"recovery", "restore", cmd_recovery_restore, TAKES_FILE, COMMON | TRUST | BIT(OPT_TOKEN),
     "FILE [--device NAME] [--server ADDRESS] [--ca FILE] [--token TOKEN]"},
    {"token", "new", cmd_token_new, TAKES_NOTHING, COMMON | BIT(OPT_ROLE) | BIT(OPT_SECONDS),
     "[--role create|sign|approve]... [--seconds N]"},
    {"key", "add", cmd_key_add, TAKES_FILE,
     COMMON | BIT(OPT_NAME) | BIT(OPT_ROLE) | BIT(OPT_WALLET) | BIT(OPT_ALL_WALLETS) |
         BIT(OPT_PER_MINUTE),
     "PUBLIC.pem --name NAME --role ROLE... (--all-wallets | --wallet WALLET...) [--per-minute N]"},
    {"key", "list", cmd_key_list, TAKES_NOTHING, COMMON, ""},
    {"key", "revoke", cmd_key_revoke, TAKES_FILE, COMMON, "KEYID"},
    {"key", "rotate", cmd_key_rotate, TAKES_NOTHING, COMMON | BIT(OPT_SECONDS),
     "--server PATH [--seconds N]"},
};

const size_t cli_commands_count = sizeof cli_commands / sizeof cli_commands[0];
