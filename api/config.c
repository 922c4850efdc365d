#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/hook.h"
#include "service/meter.h"

#define WORKERS_MAX            256
#define CLIENT_SECONDS_DEFAULT 60
#define CLIENT_SECONDS_MAX     3600
#define DRAIN_SECONDS_MAX      600
#define CONNECTIONS_DEFAULT    256
#define CONNECTIONS_MAX        512

const char csigd_usage[] =
    "usage: countersignd --state DIR [options]\n"
    "\n"
    "  --state DIR             folder of the store (mode 0700); made at first start\n"
    "  --socket PATH           Unix socket (mode 0600); default DIR/countersignd.sock\n"
    "  --listen ADDRESS:PORT   besides the socket; off loopback only with TLS and --authority\n"
    "  --authority HOST:PORT   what clients call this server; default as --listen says"
    " (PORT may be left out: 443)\n"
    "  --tls-cert FILE         certificate and those up to the root (PEM); read again at SIGHUP\n"
    "  --tls-key FILE          its key (PEM, closed to others)\n"
    "  --tls-client-ca FILE    take clients alone whose certificates these vouch for (PEM)\n"
    "  --client-seconds N      time a client has for each of head, body and reply; default 60\n"
    "  --metrics-listen ADDRESS:PORT  /metrics, /readyz and /healthz in clear; loopback only\n"
    "  --drain-seconds N       at the end, serve so long after /readyz has turned; default 0\n"
    "  --key-limit N           requests a minute by one key; default 6000\n"
    "  --wallet-limit N        requests to sign, and sessions, a minute for one wallet; default "
    "600\n"
    "  --address-limit N       refusals and enrolments a minute from one address; default 600\n"
    "  --address-connections N connections from one address; default 256\n"
    "  --webhook-ca FILE       who vouches for receivers of webhooks (PEM); default the system's\n"
    "  --webhook-private       call link-local and metadata addresses, too\n"
    "  --hook URL              asked where a rule of a policy says so; https, or http on this "
    "machine\n"
    "  --hook-key FILE         its public key (PEM): what is signed with it alone is believed\n"
    "  --hook-ca FILE          who vouches for it (PEM); default the system's\n"
    "  --hook-seconds N        what it has not decided by then is rejected; default 900\n"
    "  --passphrase-file FILE  \\\n"
    "  --passphrase-fd N        } one of these opens the master key; without, the systemd\n"
    "  --key-file FILE         /  credential countersignd.passphrase, or a prompt\n"
    "  --workers N             threads for protocol work; default one per processor\n"
    "  --policy FILE           policy of all wallets, stored when no policy is in force yet\n"
    "  --development           start without a policy; a wallet without one signs what it allows\n"
    "  --version, --help\n";

typedef struct option {
    const char *name;
    size_t at; /* of a const char * */
} option;

static const option options[] = {
    {"--state", offsetof(csigd_config, state)},
    {"--socket", offsetof(csigd_config, socket)},
    {"--listen", offsetof(csigd_config, listen)},
    {"--tls-cert", offsetof(csigd_config, tls_cert)},
    {"--tls-key", offsetof(csigd_config, tls_key)},
    {"--metrics-listen", offsetof(csigd_config, metrics_listen)},
    {"--authority", offsetof(csigd_config, authority)},
    {"--tls-client-ca", offsetof(csigd_config, tls_client_ca)},
    {"--webhook-ca", offsetof(csigd_config, webhook_ca)},
    {"--passphrase-file", offsetof(csigd_config, passphrase_file)},
    {"--key-file", offsetof(csigd_config, key_file)},
    {"--hook", offsetof(csigd_config, hook)},
    {"--hook-key", offsetof(csigd_config, hook_key)},
    {"--hook-ca", offsetof(csigd_config, hook_ca)},
    {"--policy", offsetof(csigd_config, policy)},
};

/* From 1 on. */
static const struct {
    const char *name;
    size_t at; /* of an unsigned */
    long max;
} numbers[] = {
    {"--workers", offsetof(csigd_config, workers), WORKERS_MAX},
    {"--client-seconds", offsetof(csigd_config, client_seconds), CLIENT_SECONDS_MAX},
    {"--drain-seconds", offsetof(csigd_config, drain_seconds), DRAIN_SECONDS_MAX},
    {"--key-limit", offsetof(csigd_config, key_limit), CSIGD_PER_MINUTE_MAX},
    {"--wallet-limit", offsetof(csigd_config, wallet_limit), CSIGD_PER_MINUTE_MAX},
    {"--address-limit", offsetof(csigd_config, address_limit), CSIGD_PER_MINUTE_MAX},
    {"--hook-seconds", offsetof(csigd_config, hook_seconds), CSIGD_HOOK_SECONDS_MAX},
    {"--address-connections", offsetof(csigd_config, address_connections), CONNECTIONS_MAX},
};

static bool number_is_read(const char *text, long max, long *number)
{
    char *end;

    if (*text < '0' || *text > '9') return false;
    *number = strtol(text, &end, 10);
    return *end == '\0' && *number <= max;
}

static bool option_is_taken(csigd_config *c, const char *name, const char *value, char *why,
                            size_t why_len)
{
    long number;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char **at = (const char **)(void *)((char *)c + options[i].at);

        if (strcmp(options[i].name, name) != 0) continue;
        if (*at != NULL || *value == '\0') {
            snprintf(why, why_len, "%s is given twice or empty", name);
            return false;
        }
        *at = value;
        return true;
    }
    if (strcmp(name, "--passphrase-fd") == 0 && number_is_read(value, 65535, &number)) {
        c->passphrase_fd = (int)number;
        return true;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        unsigned *at = (unsigned *)(void *)((char *)c + numbers[i].at);

        if (strcmp(numbers[i].name, name) != 0) continue;
        if (!number_is_read(value, numbers[i].max, &number) || number == 0) break;
        *at = (unsigned)number;
        return true;
    }
    snprintf(why, why_len, "unknown option or value: %s %s (see --help)", name, value);
    return false;
}

static bool config_is_whole(const csigd_config *c, char *why, size_t why_len)
{
    const int ways = (c->passphrase_file != NULL) + (c->key_file != NULL) + (c->passphrase_fd >= 0);

    if (c->help || c->version) return true;
    if (c->state == NULL) {
        snprintf(why, why_len, "--state is missing (see --help)");
        return false;
    }
    if (ways > 1) {
        snprintf(why, why_len, "give one of --passphrase-file, --passphrase-fd and --key-file");
        return false;
    }
    if ((c->tls_cert == NULL) != (c->tls_key == NULL)) {
        snprintf(why, why_len, "--tls-cert and --tls-key go together");
        return false;
    }
    if (c->tls_client_ca != NULL && c->tls_cert == NULL) {
        snprintf(why, why_len, "--tls-client-ca goes with --tls-cert and --tls-key");
        return false;
    }
    if ((c->tls_cert != NULL || c->authority != NULL) && c->listen == NULL) {
        snprintf(why, why_len, "--tls-cert and --authority go with --listen");
        return false;
    }
    if ((c->hook == NULL) != (c->hook_key == NULL) || (c->hook_ca != NULL && c->hook == NULL)) {
        snprintf(why, why_len, "--hook and --hook-key go together, and --hook-ca with them");
        return false;
    }
    return true;
}

bool csigd_config_is_read(csigd_config *config, int argc, char **argv, char *why, size_t why_len)
{
    *config = (csigd_config){.passphrase_fd = -1,
                             .client_seconds = CLIENT_SECONDS_DEFAULT,
                             .key_limit = CSIGD_KEY_PER_MINUTE,
                             .wallet_limit = CSIGD_WALLET_PER_MINUTE,
                             .address_limit = CSIGD_ADDRESS_PER_MINUTE,
                             .address_connections = CONNECTIONS_DEFAULT,
                             .hook_seconds = CSIGD_HOOK_SECONDS};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            config->help = true;
        } else if (strcmp(argv[i], "--version") == 0) {
            config->version = true;
        } else if (strcmp(argv[i], "--webhook-private") == 0) {
            config->webhook_private = true;
        } else if (strcmp(argv[i], "--development") == 0) {
            config->development = true;
        } else if (i + 1 == argc) {
            snprintf(why, why_len, "unknown option, or without its value: %s (see --help)",
                     argv[i]);
            return false;
        } else {
            if (!option_is_taken(config, argv[i], argv[i + 1], why, why_len)) return false;
            i++;
        }
    }
    return config_is_whole(config, why, why_len);
}
