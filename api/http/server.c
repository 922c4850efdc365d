#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/prefer.h"
#include "http/server_inside.h"

/* What is read and dropped of a body that was refused before the connection is cut. */
#define DRAIN_MAX ((size_t)1 << 20)

/* --- replies --- */

void csigd_server_refuse(exchange *e, csigd_code code)
{
    e->reply = csigd_reply_code(code);
    e->answered = true;
}

static void add_headers(struct MHD_Response *response, const exchange *e)
{
    const csigd_reply *reply = &e->reply;
    const csigd_reply_signature *signature = e->signature;
    char seconds[16];

    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (reply->body != NULL) MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->session != NULL)
        MHD_add_response_header(response, "Countersign-Session", reply->session);
    if (reply->allow != NULL) MHD_add_response_header(response, "Allow", reply->allow);
    if (reply->retry_after != 0) {
        snprintf(seconds, sizeof seconds, "%u", (unsigned)reply->retry_after);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    if (reply->waited != 0) {
        snprintf(seconds, sizeof seconds, "wait=%u", (unsigned)reply->waited);
        MHD_add_response_header(response, "Preference-Applied", seconds);
    }
    if (signature == NULL) return;
    if (signature->digest[0] != '\0')
        MHD_add_response_header(response, "Content-Digest", signature->digest);
    MHD_add_response_header(response, "Signature-Input", signature->fields.input);
    MHD_add_response_header(response, "Signature", signature->fields.signature);
}

bool csigd_server_reply_is_ready(exchange *e)
{
    if (e->proven == NULL || e->signature != NULL) return true;
    e->signature = calloc(1, sizeof *e->signature);
    if (e->signature != NULL &&
        csigd_reply_is_signed(e->signature, &e->proven->message, e->server->service, &e->reply))
        return true;
    free(e->signature);
    e->signature = NULL;
    return false;
}

static enum MHD_Result send_reply(exchange *e)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    if (!csigd_server_reply_is_ready(e)) return MHD_NO;
    response = MHD_create_response_from_buffer(e->reply.len, e->reply.body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) return MHD_NO;
    csigd_client_hurry(e->peer->client);
    add_headers(response, e);
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

static bool certificate_is_fine(csigd_server *server, struct MHD_Connection *connection, peer *p)
{
    const union MHD_ConnectionInfo *info;

    if (server->tls == NULL || p->is_admitted) return true;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    p->is_admitted = info != NULL && csigd_tls_peer_is_admitted(server->tls, info->tls_session);
    return p->is_admitted;
}

static enum MHD_Result add_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    csigd_signed *s = cls;

    (void)kind;
    if (s->message.n_fields < CSIGD_FIELDS_MAX)
        s->fields[s->message.n_fields++] = (csigd_field){name, value != NULL ? value : ""};
    return MHD_YES;
}

/* The field may be there several times. */
static enum MHD_Result add_preference(void *cls, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    exchange *e = cls;

    (void)kind;
    if (e->waiter.seconds == 0 && value != NULL && strcasecmp(name, "Prefer") == 0)
        e->waiter.seconds = csigd_prefer_wait(value);
    return MHD_YES;
}

/* What a signature is looked for in: the head, never what follows the body. */
static bool message_is_made(exchange *e, const char *method)
{
    const char *host = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, "Host");
    csigd_signed *s = e->proven = calloc(1, sizeof *s);

    if (s == NULL) return false;
    s->caller.is_stranger = true;
    e->call.caller = &s->caller;
    s->message = (csigd_message){.method = method,
                                 .scheme = e->server->tls != NULL ? "https" : "http",
                                 .authority = host != NULL ? host : e->server->names[0],
                                 .target = e->target,
                                 .fields = s->fields};
    (void)MHD_get_connection_values(e->connection, MHD_HEADER_KIND, add_field, s);
    return true;
}

static size_t length_without_port(const char *authority, const char *port)
{
    const size_t len = strlen(authority), port_len = strlen(port);

    return len > port_len && strcmp(authority + len - port_len, port) == 0 ? len - port_len : len;
}

/* A signature for another server is none here. */
static bool authority_is_ours(const exchange *e)
{
    const char *port = e->server->tls != NULL ? ":443" : ":80";
    const char *asked = e->proven->message.authority;
    size_t len;

    len = length_without_port(asked, port);
    for (size_t i = 0; i < e->server->n_names; i++) {
        const char *name = e->server->names[i];

        if (length_without_port(name, port) == len && strncasecmp(name, asked, len) == 0)
            return true;
    }
    return false;
}

/* Who asks, over TCP. */
static csigd_code prove(exchange *e, const char *method, csigd_problem *why)
{
    const csigd_who who = e->route != NULL ? e->route->who : CSIGD_FOR_KEYS;

    if (!message_is_made(e, method)) return csigd_problem_set(why, CSIGD_OVERLOADED);
    if (!certificate_is_fine(e->server, e->connection, e->peer))
        return csigd_problem_set(why, CSIGD_CLIENT_CERTIFICATE);
    if (e->proven->message.n_fields == CSIGD_FIELDS_MAX)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "headers");
    if (who == CSIGD_FOR_ALL) return CSIGD_OK;
    if (!authority_is_ours(e)) return csigd_problem_set(why, CSIGD_MISDIRECTED);
    return csigd_signed_open(e->proven, e->server->service, who == CSIGD_FOR_STRANGERS, why);
}

static void look_at(exchange *e, const char *method, const char *path)
{
    const char *type = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, "Content-Type");
    const char *allow;
    csigd_problem why;
    csigd_code code = csigd_route_find(&e->route, &e->call, &allow, method, path);

    if (!e->server->unix_socket && prove(e, method, &why) != CSIGD_OK) {
        e->reply = csigd_reply_problem(&why);
        e->answered = true;
        return;
    }
    if (code == CSIGD_OK &&
        MHD_get_connection_values(e->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0)
        code = CSIGD_BAD_REQUEST;
    if (code == CSIGD_OK)
        code = csigd_route_admit(e->route, &e->call, type, announced_length(e->connection));
    if (code == CSIGD_OK) return;
    csigd_server_refuse(e, code);
    e->reply.allow = allow;
}

/* The request line is there. */
void *csigd_server_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    exchange *e = calloc(1, sizeof *e);

    (void)cls;
    if (e == NULL) return NULL;
    e->peer = peer_of(connection);
    e->connection = connection;
    e->target = strdup(target);
    if (e->peer != NULL && e->target != NULL) return e;
    free(e->target);
    free(e);
    return NULL;
}

static enum MHD_Result begin(csigd_server *server, exchange *e, const char *method,
                             const char *path)
{
    csigd_client_hurry(e->peer->client);
    e->server = server;
    e->call.service = server->service;
    e->call.unix_socket = server->unix_socket;
    atomic_fetch_add(&server->running, 1);
    (void)MHD_get_connection_values(e->connection, MHD_HEADER_KIND, add_preference, e);
    look_at(e, method, path);
    /* What is announced as too large is not even begun to be read. */
    if (e->answered && announced_length(e->connection) > DRAIN_MAX) return send_reply(e);
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
    if (atomic_fetch_add(&e->server->bodies, room - e->room) + (room - e->room) >
        CSIGD_BODIES_MAX) {
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
        csigd_server_refuse(e, CSIGD_TOO_LARGE);
    if (!e->answered && !room_is_made(e, e->call.len + len))
        csigd_server_refuse(e, CSIGD_OVERLOADED);
    if (e->answered) {
        e->drained += len;
        return e->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    memcpy(e->body + e->call.len, data, len);
    e->call.len += len;
    return MHD_YES;
}

/* --- libmicrohttpd calls --- */

enum MHD_Result csigd_server_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **context)
{
    exchange *e = *context;

    (void)connection;
    (void)version;
    if (e == NULL) return MHD_NO;
    if (e->server == NULL) return begin(cls, e, method, url);
    if (*data_len > 0) {
        const size_t len = *data_len;

        *data_len = 0;
        return take_body(e, data, len);
    }
    return e->answered ? send_reply(e) : csigd_server_submit(e);
}

void csigd_server_completed(void *cls, struct MHD_Connection *connection, void **context,
                            enum MHD_RequestTerminationCode code)
{
    csigd_server *server = cls;
    exchange *e = *context;

    (void)connection;
    (void)code;
    if (e == NULL) return;
    csigd_client_hurry(e->peer->client);
    atomic_fetch_sub(&server->bodies, e->room);
    if (e->server != NULL) atomic_fetch_sub(&server->running, 1);
    free(e->body);
    free(e->target);
    free(e->signature);
    csigd_signed_free(e->proven);
    csigd_reply_free(&e->reply);
    free(e);
    *context = NULL;
}
