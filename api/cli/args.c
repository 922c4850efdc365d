#include "cli/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/tell.h"
#include "cli/wallet.h"

/* Every command takes these, used or not: they may stand in an alias. */
#define COMMON                                                                                     \
    (BIT(OPT_STATE) | BIT(OPT_SERVER) | BIT(OPT_FILE) | BIT(OPT_FD) | BIT(OPT_JSON) |              \
     BIT(OPT_DEVICE))

/* And those that meet devices elsewhere. */
#define MEETING (BIT(OPT_WITH) | BIT(OPT_WAIT))

/* And those that sign. */
#define PAYLOAD                                                                                    \
    (BIT(OPT_ETH_TX) | BIT(OPT_TYPED_DATA) | BIT(OPT_MESSAGE) | BIT(OPT_PSBT) | BIT(OPT_BIP322) |  \
     BIT(OPT_ADDRESS) | BIT(OPT_DIGEST) | BIT(OPT_PATH))

/* Of those that a server may be met with for the first time. */
#define TRUST (BIT(OPT_CA) | BIT(OPT_CERT) | BIT(OPT_CERT_KEY))

static const cli_command commands[] = {
    {"device", "init", cmd_device_init, TAKES_NOTHING, COMMON | BIT(OPT_NO_AUX) | BIT(OPT_KDF),
     "[--device NAME] [--no-aux] [--kdf-memory MIB]"},
    {"device", "enrol", cmd_device_enrol, TAKES_NOTHING, COMMON | TRUST | BIT(OPT_TOKEN),
     "[--device NAME] --server ADDRESS [--ca FILE] [--cert FILE --key FILE] [--token TOKEN]"},
    {"device", "move", cmd_device_move, TAKES_ANY,
     COMMON | BIT(OPT_ALL) | BIT(OPT_TOKEN) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | MEETING |
         BIT(OPT_YES),
     "WALLET... | --all [--device OLD] [--token TOKEN] [--with INDEX] [--yes]"},
    {"device", "adopt", cmd_device_adopt, TAKES_FILE,
     COMMON | TRUST | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | BIT(OPT_WAIT),
     "INVITATION|FILE|- [--device NEW] [--ca FILE]"},
    {"device", "card", cmd_device_card, TAKES_MAYBE, COMMON, "[NAME]"},
    {"device", "rotate", cmd_device_rotate, TAKES_NOTHING, COMMON, "[--device NAME]"},
    {"device", "rekey", cmd_device_rekey, TAKES_NOTHING, COMMON, "[--device NAME]"},
    {"device", "policy", cmd_device_policy, TAKES_FILES, COMMON,
     "set FILE | show | clear [--device NAME]"},
    {"wallet", "create", cmd_wallet_create, TAKES_NOTHING,
     COMMON | BIT(OPT_SIGNERS) | BIT(OPT_PARTIES) | BIT(OPT_RECOVERY) | BIT(OPT_RECOVERY_OF) |
         BIT(OPT_TRANSCRIPT) | BIT(OPT_LABEL) | BIT(OPT_ALLOW) | MEETING,
     "--signers N [--parties N] [--with CARD] [--recovery CARD] [--recovery-of INDEX=CARD] "
     "[--allow TYPE]... [--label LABEL] "
     "[--transcript FILE]"},
    {"wallet", "list", cmd_wallet_list, TAKES_NOTHING, COMMON, ""},
    {"wallet", "show", cmd_wallet_show, TAKES_WALLET, COMMON | BIT(OPT_PATH),
     "WALLET [--path m/0/1]"},
    {"wallet", "address", cmd_wallet_address, TAKES_WALLET, COMMON | BIT(OPT_PATH) | BIT(OPT_KIND),
     "WALLET --kind ethereum|p2pkh|p2sh-p2wpkh|p2wpkh[@test|@regtest] [--path m/0/1]"},
    {"wallet", "xpub", cmd_wallet_xpub, TAKES_WALLET, COMMON, "WALLET"},
    {"wallet", "unlock", cmd_wallet_unlock, TAKES_WALLET, COMMON, "WALLET [--device NAME]"},
    {"wallet", "refresh", cmd_wallet_refresh, TAKES_WALLET,
     COMMON | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | BIT(OPT_RECOVERY_OF) | BIT(OPT_TRANSCRIPT) |
         MEETING,
     "WALLET [--with INDEX] [--backup-passphrase-file FILE] [--recovery-of INDEX=CARD] "
     "[--transcript FILE]"},
    {"wallet", "reshare", cmd_wallet_reshare, TAKES_WALLET,
     COMMON | BIT(OPT_SIGNERS) | BIT(OPT_ADD) | BIT(OPT_REMOVE) | BIT(OPT_REPLACE) |
         BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) | BIT(OPT_RECOVERY_OF) | BIT(OPT_TRANSCRIPT) | MEETING,
     "WALLET [--signers N] [--add DEVICE] [--remove INDEX] [--replace INDEX=DEVICE] "
     "[--with INDEX] [--transcript FILE]"},
    {"wallet", "escrows", cmd_wallet_escrows, TAKES_WALLET, COMMON | BIT(OPT_OUT),
     "WALLET --out FILE"},
    {"ceremony", "plan", cmd_ceremony_plan, TAKES_FILE,
     COMMON | BIT(OPT_OUT) | BIT(OPT_SIGNERS) | BIT(OPT_WITH) | BIT(OPT_RECOVERY) |
         BIT(OPT_RECOVERY_OF) | BIT(OPT_LIMIT) | BIT(OPT_WALLET) | BIT(OPT_ADD) | BIT(OPT_REMOVE) |
         BIT(OPT_REPLACE),
     "keygen|refresh|reshare --out PLAN [--wallet WALLET] [--signers N] --with CARD...\n"
     "        [--add CARD] [--remove INDEX] [--replace INDEX=CARD] [--recovery CARD] "
     "[--recovery-of INDEX=CARD] [--limit PHASE=SECONDS]"},
    {"ceremony", "sign-plan", cmd_ceremony_sign_plan, TAKES_FILES, COMMON, "PLAN [COPY...]"},
    {"ceremony", "preflight", cmd_ceremony_preflight, TAKES_FILE,
     COMMON | BIT(OPT_TRANSCRIPT) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF),
     "PLAN [--transcript FILE]"},
    {"ceremony", "rehearse", cmd_ceremony_rehearse, TAKES_FILE,
     COMMON | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF), "PLAN"},
    {"ceremony", "run", cmd_ceremony_run, TAKES_FILE,
     COMMON | BIT(OPT_TRANSCRIPT) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF), "PLAN --transcript FILE"},
    {"ceremony", "resume", cmd_ceremony_resume, TAKES_FILE,
     COMMON | BIT(OPT_TRANSCRIPT) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF), "PLAN --transcript FILE"},
    {"ceremony", "status", cmd_ceremony_status, TAKES_FILE, COMMON | BIT(OPT_FOLLOW), "PLAN"},
    {"ceremony", "abort", cmd_ceremony_abort, TAKES_FILE, COMMON, "PLAN"},
    {"ceremony", "verify", cmd_ceremony_verify, TAKES_FILE, COMMON, "TRANSCRIPT"},
    {"presign", NULL, cmd_presign, TAKES_WALLET, COMMON | BIT(OPT_COUNT) | MEETING,
     "WALLET [--count N] [--with INDEX]"},
    {"sign", NULL, cmd_sign, TAKES_WALLET,
     COMMON | PAYLOAD | BIT(OPT_REQUEST) | BIT(OPT_YES) | BIT(OPT_MODE) | BIT(OPT_PRESIGNED) |
         MEETING,
     "WALLET (--eth-tx HEX|FILE | --typed-data FILE | --message TEXT | --psbt FILE |\n"
     "        --bip322 TEXT --address ADDRESS | --digest HEX [--with INDEX]) [--path m/0/1] "
     "[--presigned | --mode phone|server]\n"
     "  sign WALLET --request REQUEST [--yes]"},
    {"describe", NULL, cmd_describe, TAKES_WALLET, COMMON | PAYLOAD,
     "WALLET (--eth-tx HEX|FILE | ...) [--path m/0/1]"},
    {"requests", "list", cmd_requests_list, TAKES_WALLET, COMMON, "WALLET"},
    {"requests", "show", cmd_requests_show, TAKES_FILE, COMMON, "REQUEST"},
    {"requests", "cancel", cmd_requests_cancel, TAKES_FILE, COMMON, "REQUEST"},
    {"requests", "decline", cmd_requests_decline, TAKES_FILE, COMMON | BIT(OPT_YES),
     "REQUEST [--device NAME] [--yes]"},
    {"requests", "wait", cmd_requests_wait, TAKES_NOTHING,
     COMMON | BIT(OPT_YES) | BIT(OPT_WAIT) | BIT(OPT_WALLET),
     "[--device NAME] [--wallet WALLET]... [--yes] [--wait SECONDS]"},
    {"join", NULL, cmd_join, TAKES_MAYBE,
     COMMON | BIT(OPT_YES) | BIT(OPT_EXPECT) | BIT(OPT_FOLLOW) | BIT(OPT_WAIT) | BIT(OPT_WALLET) |
         BIT(OPT_DIGEST) | BIT(OPT_PATH) | BIT(OPT_BACKUP_FILE) | BIT(OPT_KDF) |
         BIT(OPT_RECOVERY_OF),
     "[MAILBOX] [--device NAME] [--yes | --expect PURPOSE] [--wallet WALLET] [--digest HEX] "
     "[--path m/0/1] [--follow]"},
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
    {"token", "new", cmd_token_new, TAKES_NOTHING,
     COMMON | BIT(OPT_ROLE) | BIT(OPT_SECONDS) | BIT(OPT_LABEL),
     "[--role create|sign|approve]... [--label LABEL] [--seconds N]"},
    {"key", "add", cmd_key_add, TAKES_FILE,
     COMMON | BIT(OPT_NAME) | BIT(OPT_ROLE) | BIT(OPT_WALLET) | BIT(OPT_ALL_WALLETS) |
         BIT(OPT_LABEL) | BIT(OPT_PER_MINUTE),
     "PUBLIC.pem --name NAME --role ROLE... (--all-wallets | --wallet WALLET... | --label LABEL) "
     "[--per-minute N]"},
    {"key", "list", cmd_key_list, TAKES_NOTHING, COMMON, ""},
    {"key", "revoke", cmd_key_revoke, TAKES_FILE, COMMON, "KEYID"},
    {"key", "rotate", cmd_key_rotate, TAKES_NOTHING, COMMON | BIT(OPT_SECONDS),
     "--server PATH [--seconds N]"},
    {"campaign", "new", cmd_campaign_new, TAKES_NOTHING,
     COMMON | BIT(OPT_WALLET) | BIT(OPT_ALL_WALLETS) | BIT(OPT_BEFORE) | BIT(OPT_PER_MINUTE) |
         BIT(OPT_AT_ONCE) | BIT(OPT_DEADLINE) | BIT(OPT_ON_MISS),
     "(--all-wallets | --wallet WALLET... | --refreshed-before TIME) --per-minute N --at-once N "
     "--deadline TIME [--on-miss warn|lock]"},
    {"campaign", "list", cmd_campaign_list, TAKES_NOTHING, COMMON, ""},
    {"campaign", "show", cmd_campaign_show, TAKES_FILE, COMMON, "CAMPAIGN"},
    {"campaign", "pause", cmd_campaign_pause, TAKES_FILE, COMMON, "CAMPAIGN"},
    {"campaign", "resume", cmd_campaign_resume, TAKES_FILE, COMMON, "CAMPAIGN"},
    {"campaign", "cancel", cmd_campaign_cancel, TAKES_FILE, COMMON, "CAMPAIGN"},
    {"campaign", "export", cmd_campaign_export, TAKES_FILE, COMMON | BIT(OPT_OUT),
     "CAMPAIGN [--out FILE]"},
    {"approve", NULL, cmd_approve, TAKES_FILE, COMMON | BIT(OPT_YES),
     "REQUEST [--device NAME] [--yes]"},
    {"reject", NULL, cmd_reject, TAKES_FILE, COMMON | BIT(OPT_YES),
     "REQUEST [--device NAME] [--yes]"},
    {"policy", "check", cmd_policy_check, TAKES_FILE, COMMON, "FILE"},
    {"policy", "show", cmd_policy_show, TAKES_MAYBE, COMMON, "[WALLET]"},
    {"policy", "propose", cmd_policy_propose, TAKES_FILE,
     COMMON | BIT(OPT_WALLET) | BIT(OPT_ALL_WALLETS) | BIT(OPT_LABEL),
     "FILE (--all-wallets | --wallet WALLET | --label LABEL)"},
    {"policy", "approve", cmd_policy_approve, TAKES_FILE, COMMON | BIT(OPT_YES),
     "CHANGE [--device NAME] [--yes]"},
    {"policy", "reject", cmd_policy_reject, TAKES_FILE, COMMON | BIT(OPT_YES),
     "CHANGE [--device NAME] [--yes]"},
    {"audit", "export", cmd_audit_export, TAKES_NOTHING, COMMON | BIT(OPT_OUT) | BIT(OPT_AFTER),
     "--out FILE [--after FILE]"},
    {"audit", "head", cmd_audit_head, TAKES_NOTHING, COMMON, ""},
    {"audit", "verify", cmd_audit_verify, TAKES_FILE,
     COMMON | BIT(OPT_IDENTITY) | BIT(OPT_AFTER) | BIT(OPT_HEAD),
     "FILE [--identity HEX] [--after FILE | --head SEQUENCE:HASH]"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* --- words --- */

typedef struct words {
    const char *word[CLI_NAMES_MAX + 3];
    size_t count;
    uint64_t given; /* options, by bit */
} words;

static cli_exit add_word(cli *c, words *w, const char *word)
{
    if (w->count == sizeof w->word / sizeof w->word[0])
        return cli_fail(c, CLI_USAGE, "too many words; see: countersign --help");
    w->word[w->count++] = word;
    return CLI_OK;
}

static cli_exit read_words(cli *c, int argc, char **argv, words *w)
{
    int opt, at = 0;

    opterr = 0;
    while ((opt = getopt_long(argc, argv, "-:", cli_options, &at)) != -1) {
        if (opt == ':') return cli_fail(c, CLI_USAGE, "%s takes an argument", argv[optind - 1]);
        if (opt == '?')
            return cli_fail(c, CLI_USAGE, "unknown option %s; see: countersign --help",
                            argv[optind - 1]);
        if (opt == 1) {
            CLI_TRY(add_word(c, w, optarg));
            continue;
        }
        w->given |= BIT(opt - OPT_BASE);
        CLI_TRY(option_set(c, opt - OPT_BASE, cli_options[at].name));
    }
    while (optind < argc)
        CLI_TRY(add_word(c, w, argv[optind++]));
    return CLI_OK;
}

/* --- the command, and what follows it --- */

static cli_exit take_words(cli *c, const cli_command *k, const char *const *word, size_t count)
{
    static const size_t most[] = {0, 1, 1, CLI_NAMES_MAX, 1, CLI_NAMES_MAX};
    const bool files = k->words >= TAKES_FILE;

    if (count > most[k->words])
        return cli_fail(c, CLI_USAGE, "too many words; see: countersign --help");
    if (k->words == TAKES_WALLET && count > 0) c->wallet = word[0];
    for (size_t i = 0; files && i < count; i++)
        c->file[c->files++] = word[i];
    if (files && c->files == 0 && k->words < TAKES_MAYBE)
        return cli_fail(c, CLI_USAGE, "name the file, or the id; see: countersign --help");
    return CLI_OK;
}

/* With what there is to the first word, where there is anything. */
static cli_exit no_command(cli *c, const char *noun)
{
    char verbs[200] = "";
    size_t n = 0;

    for (size_t i = 0; i < COMMANDS && n < sizeof verbs; i++) {
        if (commands[i].verb == NULL || strcmp(commands[i].noun, noun) != 0) continue;
        n += (size_t)snprintf(verbs + n, sizeof verbs - n, "%s%s", n > 0 ? ", " : "",
                              commands[i].verb);
    }
    if (n == 0) return cli_fail(c, CLI_USAGE, "unknown command; see: countersign --help");
    return cli_fail(c, CLI_USAGE,
                    "unknown command; countersign %s takes %s; see: countersign --help", noun,
                    verbs);
}

static cli_exit find_command(cli *c, const words *w, const cli_command **found)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const cli_command *k = &commands[i];
        const size_t used = k->verb != NULL ? 2 : 1;

        if (w->count < used || strcmp(w->word[0], k->noun) != 0) continue;
        if (used == 2 && strcmp(w->word[1], k->verb) != 0) continue;
        *found = k;
        return take_words(c, k, w->word + used, w->count - used);
    }
    if (w->count > 0) return no_command(c, w->word[0]);
    return cli_fail(c, CLI_USAGE, "no command; see: countersign --help");
}

static cli_exit check_options(cli *c, const cli_command *k, uint64_t given)
{
    uint8_t id[WALLET_ID_BYTES];

    for (size_t i = 0; cli_options[i].name != NULL; i++)
        if ((given & ~k->options & BIT(cli_options[i].val - OPT_BASE)) != 0)
            return cli_fail(c, CLI_USAGE, "--%s does not belong here; see: countersign --help",
                            cli_options[i].name);
    if ((given & BIT(OPT_FILE)) != 0 && (given & BIT(OPT_FD)) != 0)
        return cli_fail(c, CLI_USAGE, "--passphrase-file or --passphrase-fd, not both");
    if (k->words != TAKES_WALLET) return CLI_OK;
    if (c->wallet == NULL)
        return cli_fail(c, CLI_USAGE, "name the wallet; see: countersign wallet list");
    if (wallet_id_is_read(id, c->wallet)) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "a wallet's id has %d lower-case hex digits: not \"%s\"",
                    2 * WALLET_ID_BYTES, c->wallet);
}

cli_exit args_read(cli *c, int argc, char **argv, const cli_command **command)
{
    words w = {.count = 0};

    *command = NULL;
    /* What is wrong before it is said as it was asked for, too. */
    for (int i = 1; i < argc; i++)
        c->json = c->json || strcmp(argv[i], "--json") == 0;
    CLI_TRY(read_words(c, argc, argv, &w));
    if ((w.given & BIT(OPT_HELP)) != 0) {
        args_print_help(commands, COMMANDS);
        return CLI_OK;
    }
    if ((w.given & BIT(OPT_VERSION)) != 0) return args_print_version(c);
    CLI_TRY(find_command(c, &w, command));
    return check_options(c, *command, w.given);
}
