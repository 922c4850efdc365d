/* The server inside, closed to everybody else: connections, exchanges. */
#ifndef CSIGD_HTTP_SERVER_INSIDE_H
#define CSIGD_HTTP_SERVER_INSIDE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "context.h"
#include "http/deadline.h"
#include "http/metered.h"
#include "http/server.h"
#include "http/signed.h"
#include "service/waiting.h"

#define CSIGD_NAMES_MAX 3
/* Bodies and replies being read, worked on or sent, all together. */
#define CSIGD_BODIES_MAX ((size_t)128 << 20)

struct csigd_server {
    csigd_service *service;
    struct MHD_Daemon *daemon;
    csigd_deadlines *deadlines;
    csigd_tls *tls;
    bool unix_socket;
    bool for_monitoring;
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
    bool has_uid; /* over the Unix socket: whose process it is */
    uint32_t uid;
} peer;

/* One request and its reply. It belongs to the I/O thread, from submit to MHD_resume_connection to
 * the worker that has it, and in between, while there is nothing to answer yet, to
 * service/waiting.h.
 */
typedef struct exchange {
    csigd_server *server; /* NULL before its head is there */
    peer *peer;
    struct MHD_Connection *connection;
    char *target; /* as it came */
    const csigd_route *route;
    csigd_signed *proven; /* NULL over the Unix socket */
    csigd_call call;
    const char *parent;    /* its traceparent; borrowed while the head is looked at */
    csigd_context context; /* who asks, in which trace */
    csigd_reply reply;
    csigd_reply_signature *signature;
    bool answered;       /* reply is set */
    bool is_last;        /* the connection is closed behind the reply */
    csigd_waiter waiter; /* seconds: as the client prefers; 0: it does not wait */
    bool waits;          /* waiter came in */
    uint8_t *body;
    size_t room;
    size_t held; /* of room: what the key was asked for */
    size_t drained;
} exchange;

/* --- server.c --- */

/* Does it take requests of people that it has to know by their signatures? */
static inline bool csigd_server_has_strangers(const csigd_server *server)
{
    return !server->unix_socket && !server->for_monitoring;
}

/* This is the reply. */
void csigd_server_refuse(exchange *e, csigd_code code);
/* Over TCP every reply is signed. One that cannot be is not sent. */
bool csigd_server_reply_is_ready(exchange *e);

/* --- server_meet.c --- */

/* Everything about who asks that the head decides; over TCP alone. Makes e->proven. */
csigd_code csigd_exchange_meet(exchange *e, const char *method, csigd_problem *why);

/* --- server_work.c --- */

/* Who asks, as far as that is known before anything is proven, and in which trace. */
void csigd_server_know(exchange *e);
/* A known key was refused by the head alone. */
void csigd_server_tell_later(exchange *e, csigd_code code);

/* To a worker, with the connection suspended until there is a reply. */
enum MHD_Result csigd_server_submit(exchange *e);

/* --- libmicrohttpd calls these --- */

void *csigd_server_target(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result csigd_server_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **context);
void csigd_server_completed(void *cls, struct MHD_Connection *connection, void **context,
                            enum MHD_RequestTerminationCode code);

#endif
