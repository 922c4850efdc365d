/* TLS of the one TCP listener: certificate and key, their replacement while it runs, and whose
 * client certificates are taken. The one file of the server that knows GnuTLS. */
#ifndef CSIGD_HTTP_TLS_H
#define CSIGD_HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct csigd_tls csigd_tls;

/* What GnuTLS negotiates: TLS 1.3 alone. */
#define CSIGD_TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3"

typedef struct csigd_tls_files {
    const char *cert;      /* PEM: the certificate, then those up to the root */
    const char *key;       /* PEM; not readable by others */
    const char *client_ca; /* PEM; NULL: no client certificate is asked for */
} csigd_tls_files;

/* At most one at a time in a process: GnuTLS hands its callback no context. NULL with a sentence in
 * why. The names must outlive it. */
csigd_tls *csigd_tls_open(const csigd_tls_files *files, char *why, size_t why_len);
/* Reads the files again; for handshakes that begin from now on. false with a sentence in why: all
 * stays as it was. */
bool csigd_tls_is_reloaded(csigd_tls *tls, char *why, size_t why_len);
bool csigd_tls_has_client_ca(const csigd_tls *tls);
/* session: a gnutls_session_t after its handshake. Has the peer shown a certificate for clients
 * that our list vouches for now? True when no list was given. */
bool csigd_tls_peer_is_admitted(csigd_tls *tls, void *session);
/* A gnutls_certificate_retrieve_function3 for the open one. */
void *csigd_tls_callback(void);
void csigd_tls_close(csigd_tls *tls);

#endif
