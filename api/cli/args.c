#include "cli/args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/tell.h"
#include "cli/wallet.h"

static const struct option options[] = {
    {"state", required_argument, NULL, OPT_BASE + OPT_STATE},
    {"server", required_argument, NULL, OPT_BASE + OPT_SERVER},
    {"device", required_argument, NULL, OPT_BASE + OPT_DEVICE},
    {"passphrase-file", required_argument, NULL, OPT_BASE + OPT_FILE},
    {"passphrase-fd", required_argument, NULL, OPT_BASE + OPT_FD},
    {"backup-passphrase-file", required_argument, NULL, OPT_BASE + OPT_BACKUP_FILE},
    {"out", required_argument, NULL, OPT_BASE + OPT_OUT},
    {"json", no_argument, NULL, OPT_BASE + OPT_JSON},
    {"signers", required_argument, NULL, OPT_BASE + OPT_SIGNERS},
    {"parties", required_argument, NULL, OPT_BASE + OPT_PARTIES},
    {"count", required_argument, NULL, OPT_BASE + OPT_COUNT},
    {"digest", required_argument, NULL, OPT_BASE + OPT_DIGEST},
    {"path", required_argument, NULL, OPT_BASE + OPT_PATH},
    {"mode", required_argument, NULL, OPT_BASE + OPT_MODE},
    {"presigned", no_argument, NULL, OPT_BASE + OPT_PRESIGNED},
    {"no-aux", no_argument, NULL, OPT_BASE + OPT_NO_AUX},
    {"kdf-memory", required_argument, NULL, OPT_BASE + OPT_KDF},
    {"signature", required_argument, NULL, OPT_BASE + OPT_SIGNATURE},
    {"public-key", required_argument, NULL, OPT_BASE + OPT_KEY},
    {"card", required_argument, NULL, OPT_BASE + OPT_CARD},
    {"recovery", required_argument, NULL, OPT_BASE + OPT_RECOVERY},
    {"recovery-of", required_argument, NULL, OPT_BASE + OPT_RECOVERY_OF},
    {"ca", required_argument, NULL, OPT_BASE + OPT_CA},
    {"token", required_argument, NULL, OPT_BASE + OPT_TOKEN},
    {"name", required_argument, NULL, OPT_BASE + OPT_NAME},
    {"role", required_argument, NULL, OPT_BASE + OPT_ROLE},
    {"wallet", required_argument, NULL, OPT_BASE + OPT_WALLET},
    {"all-wallets", no_argument, NULL, OPT_BASE + OPT_ALL_WALLETS},
    {"seconds", required_argument, NULL, OPT_BASE + OPT_SECONDS},
    {"add", required_argument, NULL, OPT_BASE + OPT_ADD},
    {"remove", required_argument, NULL, OPT_BASE + OPT_REMOVE},
    {"replace", required_argument, NULL, OPT_BASE + OPT_REPLACE},
    {"per-minute", required_argument, NULL, OPT_BASE + OPT_PER_MINUTE},
    {"cert", required_argument, NULL, OPT_BASE + OPT_CERT},
    {"key", required_argument, NULL, OPT_BASE + OPT_CERT_KEY},
    {"help", no_argument, NULL, OPT_BASE + OPT_HELP},
    {"version", no_argument, NULL, OPT_BASE + OPT_VERSION},
    {NULL, 0, NULL, 0},
};

/* --- options --- */

static bool number_is_read(unsigned *v, const char *text, unsigned most)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > most) return false;
    *v = (unsigned)n;
    return true;
}

/* Where an option's argument goes: a text or a number of at most `most`. */
static const char **text_target(cli *c, int opt)
{
    switch (opt) {
    case OPT_STATE:
        return &c->state;
    case OPT_SERVER:
        return &c->server;
    case OPT_FILE:
        return &c->passphrase_file;
    case OPT_BACKUP_FILE:
        return &c->backup_file;
    case OPT_OUT:
        return &c->out;
    case OPT_DIGEST:
        return &c->digest;
    case OPT_PATH:
        return &c->path;
    case OPT_MODE:
        return &c->mode;
    case OPT_SIGNATURE:
        return &c->signature;
    case OPT_KEY:
        return &c->public_key;
    case OPT_CARD:
        return &c->card;
    case OPT_CA:
        return &c->ca;
    case OPT_CERT:
        return &c->cert;
    case OPT_CERT_KEY:
        return &c->cert_key;
    case OPT_TOKEN:
        return &c->token;
    case OPT_NAME:
        return &c->name;
    default:
        return NULL;
    }
}

static unsigned *number_target(cli *c, int opt, unsigned *most)
{
    switch (opt) {
    case OPT_SIGNERS:
        *most = CSIG_PARTIES_MAX;
        return &c->signers_required;
    case OPT_PARTIES:
        *most = CSIG_PARTIES_MAX;
        return &c->parties;
    case OPT_COUNT:
        *most = 1000;
        return &c->count;
    case OPT_KDF:
        *most = 1u << 20;
        return &c->kdf_mib;
    case OPT_PER_MINUTE:
        *most = 1000000;
        return &c->per_minute;
    case OPT_SECONDS:
        *most = 2592000;
        return &c->seconds;
    default:
        return NULL;
    }
}

static bool *flag_target(cli *c, int opt)
{
    switch (opt) {
    case OPT_JSON:
        return &c->json;
    case OPT_PRESIGNED:
        return &c->presigned;
    case OPT_NO_AUX:
        return &c->no_aux;
    case OPT_ALL_WALLETS:
        return &c->all_wallets;
    default:
        return NULL;
    }
}

static cli_exit set_number(cli *c, unsigned *number, unsigned most, const char *name)
{
    if (number_is_read(number, optarg, most)) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--%s takes a number up to %u, not \"%s\"", name, most, optarg);
}

/* Options that may be given again: where the next argument goes. */
static const char **list_target(cli *c, int opt, size_t **count)
{
    switch (opt) {
    case OPT_DEVICE:
        *count = &c->devices;
        return c->device;
    case OPT_RECOVERY:
        *count = &c->recoveries;
        return c->recovery;
    case OPT_RECOVERY_OF:
        *count = &c->recoveries_of;
        return c->recovery_of;
    case OPT_ROLE:
        *count = &c->roles;
        return c->role;
    case OPT_WALLET:
        *count = &c->n_chosen;
        return c->chosen;
    case OPT_ADD:
        *count = &c->additions;
        return c->add;
    case OPT_REMOVE:
        *count = &c->removals;
        return c->remove;
    case OPT_REPLACE:
        *count = &c->replacements;
        return c->replace;
    default:
        return NULL;
    }
}

static cli_exit set_option(cli *c, int opt, const char *name)
{
    size_t *count = NULL;
    const char **list = list_target(c, opt, &count);
    unsigned most = 1023, fd = 0;
    const char **text = text_target(c, opt);
    unsigned *number = number_target(c, opt, &most);
    bool *flag = flag_target(c, opt);

    if (text != NULL) *text = optarg;
    if (flag != NULL) *flag = true;
    if (opt == OPT_SECONDS) c->has_seconds = true;
    if (number != NULL) return set_number(c, number, most, name);
    if (opt == OPT_FD) {
        CLI_TRY(set_number(c, &fd, most, name));
        c->passphrase_fd = (int)fd;
    }
    if (list == NULL) return CLI_OK;
    if (*count == CLI_NAMES_MAX) return cli_fail(c, CLI_USAGE, "--%s was given too often", name);
    list[(*count)++] = optarg;
    return CLI_OK;
}

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
    while ((opt = getopt_long(argc, argv, "-:", options, &at)) != -1) {
        if (opt == ':') return cli_fail(c, CLI_USAGE, "%s takes an argument", argv[optind - 1]);
        if (opt == '?')
            return cli_fail(c, CLI_USAGE, "unknown option %s; see: countersign --help",
                            argv[optind - 1]);
        if (opt == 1) {
            CLI_TRY(add_word(c, w, optarg));
            continue;
        }
        w->given |= BIT(opt - OPT_BASE);
        CLI_TRY(set_option(c, opt - OPT_BASE, options[at].name));
    }
    while (optind < argc)
        CLI_TRY(add_word(c, w, argv[optind++]));
    return CLI_OK;
}

/* --- the command, and what follows it --- */

static cli_exit take_words(cli *c, const cli_command *k, const char *const *word, size_t count)
{
    static const size_t most[] = {0, 1, 1, CLI_NAMES_MAX};
    const bool files = k->words == TAKES_FILE || k->words == TAKES_FILES;

    if (count > most[k->words])
        return cli_fail(c, CLI_USAGE, "too many words; see: countersign --help");
    if (k->words == TAKES_WALLET && count > 0) c->wallet = word[0];
    for (size_t i = 0; files && i < count; i++)
        c->file[c->files++] = word[i];
    if (files && c->files == 0)
        return cli_fail(c, CLI_USAGE, "name the file, or the key's id; see: countersign --help");
    return CLI_OK;
}

static cli_exit find_command(cli *c, const words *w, const cli_command **found)
{
    for (size_t i = 0; i < cli_commands_count; i++) {
        const cli_command *k = &cli_commands[i];
        const size_t used = k->verb != NULL ? 2 : 1;

        if (w->count < used || strcmp(w->word[0], k->noun) != 0) continue;
        if (used == 2 && strcmp(w->word[1], k->verb) != 0) continue;
        *found = k;
        return take_words(c, k, w->word + used, w->count - used);
    }
    return cli_fail(c, CLI_USAGE, "%s; see: countersign --help",
                    w->count > 0 ? "unknown command" : "no command");
}

static cli_exit check_options(cli *c, const cli_command *k, uint64_t given)
{
    uint8_t id[WALLET_ID_BYTES];

    for (size_t i = 0; options[i].name != NULL; i++)
        if ((given & ~k->options & BIT(options[i].val - OPT_BASE)) != 0)
            return cli_fail(c, CLI_USAGE, "--%s does not belong here; see: countersign --help",
                            options[i].name);
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
        args_print_help(cli_commands, cli_commands_count);
        return CLI_OK;
    }
    if ((w.given & BIT(OPT_VERSION)) != 0) return args_print_version(c);
    CLI_TRY(find_command(c, &w, command));
    return check_options(c, *command, w.given);
}
