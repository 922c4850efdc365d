/* The other side of a listener: octets out, one answer in, over TLS or a Unix socket. */
#ifndef TESTS_API_VISITOR_H
#define TESTS_API_VISITOR_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/message.h"

#define VISITOR_HEAD   16384
#define VISITOR_FIELDS 32

typedef struct visitor {
    const char *path; /* of a socket; NULL: TLS */
    uint16_t port;
    int fd; /* -1: not connected */
    gnutls_session_t tls;
    gnutls_certificate_credentials_t trust;
} visitor;

typedef struct answer {
    unsigned status;
    char head[VISITOR_HEAD];
    csigd_field fields[VISITOR_FIELDS];
    size_t n_fields;
    char body[1 << 20]; /* NUL ended */
    size_t len;
} answer;

/* Writes a certificate of its own for 127.0.0.1 and its key. */
void visitor_certificate(const char *cert, const char *key);
/* A port of this machine that nobody listens on. */
uint16_t visitor_free_port(void);

/* ca: who vouches; NULL with the path of a socket. Connects when something is asked. */
void visitor_begin(visitor *v, const char *path, uint16_t port, const char *ca);
/* The connection ends; the next request makes another one. */
void visitor_hang_up(visitor *v);
void visitor_end(visitor *v);
/* Sends all of it and reads one answer, over a connection that is kept as long as the server keeps
 * it. */
void visitor_ask(visitor *v, const void *octets, size_t len, answer *a);
/* The value of a field of the answer; NULL: it has none. */
const char *answer_field(const answer *a, const char *name);

#endif
