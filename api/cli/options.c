#include "cli/options.h"

#include <stdlib.h>

const struct option cli_options[] = {
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
    {"eth-tx", required_argument, NULL, OPT_BASE + OPT_ETH_TX},
    {"typed-data", required_argument, NULL, OPT_BASE + OPT_TYPED_DATA},
    {"message", required_argument, NULL, OPT_BASE + OPT_MESSAGE},
    {"psbt", required_argument, NULL, OPT_BASE + OPT_PSBT},
    {"bip322", required_argument, NULL, OPT_BASE + OPT_BIP322},
    {"address", required_argument, NULL, OPT_BASE + OPT_ADDRESS},
    {"request", required_argument, NULL, OPT_BASE + OPT_REQUEST},
    {"kind", required_argument, NULL, OPT_BASE + OPT_KIND},
    {"allow", required_argument, NULL, OPT_BASE + OPT_ALLOW},
    {"role", required_argument, NULL, OPT_BASE + OPT_ROLE},
    {"wallet", required_argument, NULL, OPT_BASE + OPT_WALLET},
    {"all-wallets", no_argument, NULL, OPT_BASE + OPT_ALL_WALLETS},
    {"seconds", required_argument, NULL, OPT_BASE + OPT_SECONDS},
    {"add", required_argument, NULL, OPT_BASE + OPT_ADD},
    {"remove", required_argument, NULL, OPT_BASE + OPT_REMOVE},
    {"replace", required_argument, NULL, OPT_BASE + OPT_REPLACE},
    {"transcript", required_argument, NULL, OPT_BASE + OPT_TRANSCRIPT},
    {"limit", required_argument, NULL, OPT_BASE + OPT_LIMIT},
    {"with", required_argument, NULL, OPT_BASE + OPT_WITH},
    {"expect", required_argument, NULL, OPT_BASE + OPT_EXPECT},
    {"yes", no_argument, NULL, OPT_BASE + OPT_YES},
    {"follow", no_argument, NULL, OPT_BASE + OPT_FOLLOW},
    {"all", no_argument, NULL, OPT_BASE + OPT_ALL},
    {"wait", required_argument, NULL, OPT_BASE + OPT_WAIT},
    {"per-minute", required_argument, NULL, OPT_BASE + OPT_PER_MINUTE},
    {"label", required_argument, NULL, OPT_BASE + OPT_LABEL},
    {"cert", required_argument, NULL, OPT_BASE + OPT_CERT},
    {"key", required_argument, NULL, OPT_BASE + OPT_CERT_KEY},
    {"refreshed-before", required_argument, NULL, OPT_BASE + OPT_BEFORE},
    {"deadline", required_argument, NULL, OPT_BASE + OPT_DEADLINE},
    {"on-miss", required_argument, NULL, OPT_BASE + OPT_ON_MISS},
    {"at-once", required_argument, NULL, OPT_BASE + OPT_AT_ONCE},
    {"after", required_argument, NULL, OPT_BASE + OPT_AFTER},
    {"head", required_argument, NULL, OPT_BASE + OPT_HEAD},
    {"identity", required_argument, NULL, OPT_BASE + OPT_IDENTITY},
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

static const char **payload_target(cli *c, int opt)
{
    switch (opt) {
    case OPT_ETH_TX:
        return &c->eth_tx;
    case OPT_TYPED_DATA:
        return &c->typed_data;
    case OPT_MESSAGE:
        return &c->text;
    case OPT_PSBT:
        return &c->psbt;
    case OPT_BIP322:
        return &c->bip322;
    case OPT_ADDRESS:
        return &c->address_text;
    case OPT_REQUEST:
        return &c->request;
    case OPT_KIND:
        return &c->kind;
    default:
        return NULL;
    }
}

static const char **audit_target(cli *c, int opt)
{
    switch (opt) {
    case OPT_AFTER:
        return &c->after;
    case OPT_HEAD:
        return &c->head;
    case OPT_IDENTITY:
        return &c->identity;
    default:
        return payload_target(c, opt);
    }
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
    case OPT_LABEL:
        return &c->label;
    case OPT_CERT:
        return &c->cert;
    case OPT_CERT_KEY:
        return &c->cert_key;
    case OPT_TOKEN:
        return &c->token;
    case OPT_NAME:
        return &c->name;
    case OPT_EXPECT:
        return &c->expect;
    case OPT_BEFORE:
        return &c->refreshed_before;
    case OPT_DEADLINE:
        return &c->deadline;
    case OPT_ON_MISS:
        return &c->on_miss;
    case OPT_TRANSCRIPT:
        return &c->transcript;
    default:
        return audit_target(c, opt);
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
    case OPT_WAIT:
        *most = 86400;
        return &c->wait;
    case OPT_AT_ONCE:
        *most = 256;
        return &c->at_once;
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
    case OPT_YES:
        return &c->yes;
    case OPT_FOLLOW:
        return &c->follow;
    case OPT_ALL:
        return &c->all;
    default:
        return NULL;
    }
}

/* 0 is for those that can do without; to all others it would be as if nothing was said. */
static cli_exit set_number(cli *c, unsigned *number, unsigned least, unsigned most,
                           const char *name)
{
    if (number_is_read(number, optarg, most) && *number >= least) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--%s takes a number from %u to %u, not \"%s\"", name, least,
                    most, optarg);
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
    case OPT_ALLOW:
        *count = &c->allows;
        return c->allow;
    case OPT_REMOVE:
        *count = &c->removals;
        return c->remove;
    case OPT_LIMIT:
        *count = &c->limits;
        return c->limit;
    case OPT_WITH:
        *count = &c->withs;
        return c->with;
    case OPT_REPLACE:
        *count = &c->replacements;
        return c->replace;
    default:
        return NULL;
    }
}

cli_exit option_set(cli *c, int opt, const char *name)
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
    if (number != NULL) return set_number(c, number, opt == OPT_SECONDS ? 0 : 1, most, name);
    if (opt == OPT_FD) {
        CLI_TRY(set_number(c, &fd, 0, most, name));
        c->passphrase_fd = (int)fd;
    }
    if (list == NULL) return CLI_OK;
    if (*count == CLI_NAMES_MAX) return cli_fail(c, CLI_USAGE, "--%s was given too often", name);
    list[(*count)++] = optarg;
    return CLI_OK;
}
