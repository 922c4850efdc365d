#include "http/server.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/deadline.h"
#include "log.h"
#include "service/service.h"

#define CONNECTIONS_MAX   256u
#define IDLE_SECONDS      30u
#define CONNECTION_MEMORY ((size_t)32 << 10)
/* Bodies being read or worked on, all together. */
#define BODIES_MAX ((size_t)128 << 20)
/* What is read and dropped of a body that was refused before the connection is cut. */
#define DRAIN_MAX ((size_t)1 << 20)

struct csigd_server {
    csigd_service *service;
    struct MHD_Daemon *daemon;
    csigd_deadlines *deadlines;
    csigd_tls *tls;
    bool unix_socket;
    atomic_size_t bodies;  /* octets */
    atomic_size_t running; /* exchanges */
};

/* Who is at the other end. */
typedef struct peer {
    csigd_client *client;
    bool is_admitted; /* by its certificate, looked at once */
} peer;

/* One request and its reply. */
typedef struct exchange {
    csigd_server *server;
    peer *peer;
    struct MHD_Connection *connection;
    const csigd_route *route;
    csigd_call call;
    csigd_reply reply;
    bool answered; /* reply is set */
    uint8_t *body;
    size_t room;
    size_t drained;
} exchange;

/* --- replies --- */

static void refuse(exchange *e, csigd_code code)
{
    e->reply = csigd_reply_code(code);
    e->answered = true;
}

static void add_headers(struct MHD_Response *response, const csigd_reply *reply)
{
    char seconds[16];

    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (reply->body != NULL) MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->session != NULL)
        MHD_add_response_header(response, "Countersign-Session", reply->session);
    if (reply->allow != NULL) MHD_add_response_header(response, "Allow", reply->allow);
    if (reply->retry_after == 0) return;
    snprintf(seconds, sizeof seconds, "%u", (unsigned)reply->retry_after);
    MHD_add_response_header(response, "Retry-After", seconds);
}

static enum MHD_Result send_reply(exchange *e)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(e->reply.len, e->reply.body, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    if (response == NULL) {
        csigd_reply_free(&e->reply);
        return MHD_NO;
    }
    csigd_client_hurry(e->peer->client);
    add_headers(response, &e->reply);
    /* The response owns the body now. */
    e->reply.body = NULL;
    result = MHD_queue_response(e->connection, e->reply.status, response);
    MHD_destroy_response(response);
    return result;
}

/* --- a request begins --- */

static uint64_t announced_length(struct MHD_Connection *connection)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

/* --- connections --- */

static peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* libmicrohttpd closes the socket after it has told us. */
static void connected(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code)
{
    csigd_server *server = cls;
    peer *p = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const int fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

        p = calloc(1, sizeof *p);
        if (p != NULL) p->client = csigd_client_enter(server->deadlines, fd);
        if (p != NULL && p->client == NULL) {
            free(p);
            p = NULL;
        }
        *context = p;
    } else if (p != NULL) {
        csigd_client_leave(p->client);
        free(p);
        *context = NULL;
    }
}

static bool certificate_is_fine(csigd_server *server, struct MHD_Connection *connection, peer *p)
{
    const union MHD_ConnectionInfo *info;

    if (server->tls == NULL || p->is_admitted) return true;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    p->is_admitted = info != NULL && csigd_tls_peer_is_admitted(server->tls, info->tls_session);
    return p->is_admitted;
}

static void look_at(exchange *e, const char *method, const char *path)
{
    const char *type = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, "Content-Type");
    const char *allow;
    csigd_code code;

    if (!certificate_is_fine(e->server, e->connection, e->peer)) {
        refuse(e, CSIGD_CLIENT_CERTIFICATE);
        return;
    }
    code = csigd_route_find(&e->route, &e->call, &allow, method, path);
    if (code == CSIGD_OK &&
        MHD_get_connection_values(e->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0)
        code = CSIGD_BAD_REQUEST;
    if (code == CSIGD_OK)
        code = csigd_route_admit(e->route, &e->call, type, announced_length(e->connection));
    if (code == CSIGD_OK) return;
    refuse(e, code);
    e->reply.allow = allow;
}

static enum MHD_Result begin(csigd_server *server, struct MHD_Connection *connection,
                             const char *method, const char *path, void **context)
{
    peer *p = peer_of(connection);
    exchange *e = p != NULL ? calloc(1, sizeof *e) : NULL;

    if (e == NULL) return MHD_NO;
    *context = e;
    e->peer = p;
    csigd_client_hurry(p->client);
    e->server = server;
    e->connection = connection;
    e->call.service = server->service;
    e->call.unix_socket = server->unix_socket;
    atomic_fetch_add(&server->running, 1);
    look_at(e, method, path);
    /* What is announced as too large is not even begun to be read. */
    if (e->answered && announced_length(connection) > DRAIN_MAX) return send_reply(e);
    return MHD_YES;
}

/* --- its body --- */

static bool room_is_made(exchange *e, size_t need)
{
    size_t room = e->room > 0 ? e->room : 4096;
    uint8_t *grown;

    if (need <= e->room) return true;
    while (room < need)
        room *= 2;
    if (atomic_fetch_add(&e->server->bodies, room - e->room) + (room - e->room) > BODIES_MAX) {
        atomic_fetch_sub(&e->server->bodies, room - e->room);
        return false;
    }
    grown = realloc(e->body, room);
    if (grown == NULL) {
        atomic_fetch_sub(&e->server->bodies, room - e->room);
        return false;
    }
    e->body = grown;
    e->room = room;
    return true;
}

static enum MHD_Result take_body(exchange *e, const char *data, size_t len)
{
    if (!e->answered && e->call.len + len > csigd_route_body_max(e->route))
        refuse(e, CSIGD_TOO_LARGE);
    if (!e->answered && !room_is_made(e, e->call.len + len)) refuse(e, CSIGD_OVERLOADED);
    if (e->answered) {
        e->drained += len;
        return e->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    memcpy(e->body + e->call.len, data, len);
    e->call.len += len;
    return MHD_YES;
}

/* --- its work --- */

static void work(void *ctx)
{
    exchange *e = ctx;
    struct MHD_Connection *connection = e->connection;

    e->reply = e->route->handler(&e->call);
    e->answered = true;
    /* From here on e belongs to the I/O thread again. */
    MHD_resume_connection(connection);
}

static enum MHD_Result submit(exchange *e)
{
    const bool has_id = strchr(e->route->path, ':') != NULL;
    /* What changes one thing runs one after the other. */
    const uint8_t *key = has_id && strcmp(e->route->method, "GET") != 0 ? e->call.id : NULL;

    e->call.body = e->body;
    csigd_client_rest(e->peer->client);
    MHD_suspend_connection(e->connection);
    if (!csigd_jobs_has_taken(e->server->service->jobs, e->route->lane, key, work, e)) {
        refuse(e, CSIGD_OVERLOADED);
        e->reply.retry_after = 1;
        MHD_resume_connection(e->connection);
    }
    return MHD_YES;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *data_len, void **context)
{
    exchange *e = *context;

    (void)version;
    if (e == NULL) return begin(cls, connection, method, url, context);
    if (*data_len > 0) {
        const size_t len = *data_len;

        *data_len = 0;
        return take_body(e, data, len);
    }
    return e->answered ? send_reply(e) : submit(e);
}

static void completed(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_RequestTerminationCode code)
{
    csigd_server *server = cls;
    exchange *e = *context;

    (void)connection;
    (void)code;
    if (e == NULL) return;
    csigd_client_hurry(e->peer->client);
    atomic_fetch_sub(&server->bodies, e->room);
    free(e->body);
    csigd_reply_free(&e->reply);
    free(e);
    *context = NULL;
    atomic_fetch_sub(&server->running, 1);
}

/* --- life --- */

/* Ids are hexadecimal: nothing in a path needs escapes, and none are undone. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void log_words(void *cls, const char *format, va_list args)
{
    char words[512];

    (void)cls;
    vsnprintf(words, sizeof words, format, args);
    words[strcspn(words, "\n")] = '\0';
    csigd_log_line(CSIGD_WARNING, "http", CSIGD_TEXT("words", words));
}

static void server_free(csigd_server *server)
{
    csigd_deadlines_free(server->deadlines);
    free(server);
}

csigd_server *csigd_server_start(csigd_service *service, const csigd_listener *listener, char *why,
                                 size_t why_len)
{
    csigd_server *server = calloc(1, sizeof *server);
    const bool tls = listener->tls != NULL;

    snprintf(why, why_len, "the HTTP server does not start");
    if (server != NULL) server->deadlines = csigd_deadlines_new(listener->client_seconds);
    if (server == NULL || server->deadlines == NULL) {
        close(listener->fd);
        free(server);
        return NULL;
    }
    server->service = service;
    server->unix_socket = listener->unix_socket;
    server->tls = listener->tls;
    server->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG | (tls ? (unsigned)MHD_USE_TLS : 0),
        0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, log_words, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener->fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, connected, server,
        /* Without TLS the list ends here. */
        tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, CSIGD_TLS_PRIORITIES,
        MHD_OPTION_HTTPS_CERT_CALLBACK2, csigd_tls_callback(), MHD_OPTION_END);
    if (server->daemon != NULL) return server;
    close(listener->fd);
    server_free(server);
    return NULL;
}

void csigd_server_quiesce(csigd_server *server)
{
    int fd;

    if (server == NULL) return;
    fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0) close(fd);
}

void csigd_server_stop(csigd_server *server)
{
    if (server == NULL) return;
    /* Replies of the last jobs go out; nobody is waited for long. */
    for (int i = 0; i < 100 && atomic_load(&server->running) > 0; i++)
        usleep(20000);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}
