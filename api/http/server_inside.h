/* The server inside, closed to everybody else: connections, exchanges. */
#ifndef CSIGD_HTTP_SERVER_INSIDE_H
#define CSIGD_HTTP_SERVER_INSIDE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/deadline.h"
#include "http/metered.h"
#include "http/server.h"
#include "http/signed.h"

#define CSIGD_NAMES_MAX 3

struct csigd_server {
    csigd_service *service;
    struct MHD_Daemon *daemon;
    csigd_deadlines *deadlines;
    csigd_tls *tls;
    bool unix_socket;
    char names[CSIGD_NAMES_MAX][CSIGD_AUTHORITY_MAX + 1]; /* host:port, in lower case */
    size_t n_names;
    atomic_size_t bodies;  /* octets */
    atomic_size_t running; /* exchanges */
};

/* Who is at the other end. */
typedef struct peer {
    csigd_client *client;
    bool is_admitted; /* by its certificate, looked at once */
    csigd_guest guest;
} peer;

/* One request and its reply. */
typedef struct exchange {
    csigd_server *server; /* NULL before its head is there */
    peer *peer;
    struct MHD_Connection *connection;
    char *target; /* as it came */
    const csigd_route *route;
    csigd_signed *proven; /* NULL over the Unix socket */
    csigd_call call;
    csigd_reply reply;
    csigd_reply_signature *signature;
    bool answered; /* reply is set */
    bool is_last;  /* the connection is closed behind the reply */
    uint8_t *body;
    size_t room;
    size_t held; /* of room: what the key was asked for */
    size_t drained;
} exchange;

/* Everything about who asks that the head decides; over TCP alone. Makes e->proven. */
csigd_code csigd_exchange_meet(exchange *e, const char *method, csigd_problem *why);

/* libmicrohttpd calls these. */
void *csigd_server_target(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result csigd_server_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **context);
void csigd_server_completed(void *cls, struct MHD_Connection *connection, void **context,
                            enum MHD_RequestTerminationCode code);

#endif
