/* What countersignd is told on its command line. */
#ifndef CSIGD_CONFIG_H
#define CSIGD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct csigd_config {
    const char *state;    /* folder */
    const char *socket;   /* NULL: the default in the state folder */
    const char *listen;   /* NULL: no TCP */
    const char *tls_cert; /* with the key, or neither: no TLS */
    const char *tls_key;
    const char *authority;       /* NULL: what --listen says */
    const char *metrics_listen;  /* NULL: nowhere */
    const char *tls_client_ca;   /* NULL: no client certificate is asked for */
    const char *passphrase_file; /* at most one of these three */
    const char *key_file;
    int passphrase_fd; /* -1: none */
    unsigned workers;  /* 0: one for each processor */
    unsigned client_seconds;
    unsigned drain_seconds;
    unsigned key_limit, wallet_limit, address_limit; /* a minute */
    unsigned address_connections;
    const char *webhook_ca;
    bool webhook_private; /* addresses that are odd, too */
    const char *hook;     /* its URL, with its key, or neither */
    const char *hook_key, *hook_ca;
    unsigned hook_seconds;
    const char *policy; /* of all wallets, when nothing is in force; NULL: none */
    bool development;   /* wallets without a policy sign what they allow */
    bool help, version;
} csigd_config;

extern const char csigd_usage[];

/* false with a sentence in why. Strings are borrowed from argv. */
bool csigd_config_is_read(csigd_config *config, int argc, char **argv, char *why, size_t why_len);

#endif
