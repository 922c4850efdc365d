/* HTTP: sockets, connections, bodies. server*.c alone know libmicrohttpd. A
 * connection is suspended while a worker has its request, so that the I/O thread never waits. */
#ifndef CSIGD_HTTP_SERVER_H
#define CSIGD_HTTP_SERVER_H

#include "http/router.h"
#include "http/tls.h"

typedef struct csigd_server csigd_server;

/* Listening sockets; -1 with a sentence in why. A Unix socket is made with mode 0600; one that
 * nobody listens on any more is replaced. Addresses ("127.0.0.1:8441", "[::1]:8441") must be
 * loopback, or everywhere is fine. */
int csigd_listen_unix(const char *path, char *why, size_t why_len);
int csigd_listen_tcp(const char *address, bool everywhere, char *why, size_t why_len);

#define CSIGD_AUTHORITY_MAX 255

typedef struct csigd_listener {
    int fd; /* it is taken */
    bool unix_socket;
    const char *address;          /* TCP: as it was given */
    const char *authority;        /* host and port that clients know; NULL: the address */
    csigd_tls *tls;               /* NULL: none. Must outlive the server */
    bool for_monitoring;          /* takes /metrics, /readyz and /healthz alone, from everybody */
    unsigned client_seconds;      /* a client has for each of head, body and reply */
    unsigned address_connections; /* from one address; 0: no limit of their own */
} csigd_listener;

/* NULL with a sentence in why. */
csigd_server *csigd_server_start(csigd_service *service, const csigd_listener *listener, char *why,
                                 size_t why_len);
/* Accept nobody any more; requests that came in go on. */
void csigd_server_quiesce(csigd_server *server);
/* After the service's jobs have ended: lets replies out, then closes everything. */
void csigd_server_stop(csigd_server *server);

#endif
