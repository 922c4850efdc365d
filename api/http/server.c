#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/idempotency.h"
#include "http/json_forget.h"
#include "http/prefer.h"
#include "http/server_inside.h"
#include "service/metrics.h"

/* What is read and dropped of a body that was refused before the connection is cut. */
#define DRAIN_MAX ((size_t)2 << 20)

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
    char seconds[16], trace[CSIGD_TRACE_PARENT_BYTES];

    csigd_trace_parent(&e->context.trace, trace);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "traceparent", trace);
    if (reply->body != NULL) MHD_add_response_header(response, "Content-Type", reply->type);
    if (reply->session != NULL)
        MHD_add_response_header(response, "Countersign-Session", reply->session);
    if (reply->allow != NULL) MHD_add_response_header(response, "Allow", reply->allow);
    if (reply->retry_after != 0) {
        snprintf(seconds, sizeof seconds, "%u", (unsigned)reply->retry_after);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    if (e->is_last) MHD_add_response_header(response, "Connection", "close");
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
    response = MHD_create_response_from_buffer_with_free_callback(e->reply.len, e->reply.body,
                                                                  csigd_forget);
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

static peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* What else a request says of itself. Preferences may be there several times; of several traces
 * none counts. */
static enum MHD_Result look_at_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                     const char *value)
{
    exchange *e = cls;

    (void)kind;
    if (value != NULL && strcasecmp(name, "traceparent") == 0)
        e->parent = e->parent == NULL ? value : "";
    if (e->waiter.seconds == 0 && value != NULL && strcasecmp(name, "Prefer") == 0)
        e->waiter.seconds = csigd_prefer_wait(value);
    if (strcasecmp(name, "Idempotency-Key") == 0 &&
        (e->call.known_as[0] != '\0' ||
         !csigd_idempotency_is_read(e->call.known_as, value != NULL ? value : "")))
        e->call.known_as_wrong = true;
    return MHD_YES;
}

/* By what it does: the table of routes knows no listeners. */
static bool is_for_monitoring(const csigd_route *route)
{
    static const char *const paths[] = {"/metrics", "/readyz", "/healthz"};
    bool found = false;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        found = found || strcmp(route->path, paths[i]) == 0;
    return found;
}

static void look_at(exchange *e, const char *method, const char *path)
{
    const char *type = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, "Content-Type");
    const char *allow;
    csigd_problem why;
    csigd_code code = csigd_route_find(&e->route, &e->call, &allow, method, path);

    if (code == CSIGD_OK && e->server->for_monitoring && !is_for_monitoring(e->route))
        code = CSIGD_NOT_FOUND;
    if (csigd_server_has_strangers(e->server) && csigd_exchange_meet(e, method, &why) != CSIGD_OK) {
        e->reply = csigd_reply_problem(&why);
        e->answered = true;
        return;
    }
    if (code == CSIGD_OK && csigd_query_read(&e->call, e->route, e->target, &why) != CSIGD_OK) {
        e->reply = csigd_reply_problem(&why);
        e->answered = true;
        return;
    }
    if (code == CSIGD_OK)
        code = csigd_route_admit(e->route, &e->call, type, announced_length(e->connection));
    if (code == CSIGD_OK) return;
    csigd_server_refuse(e, code);
    e->reply.allow = allow;
    csigd_server_tell_later(e, code);
    /* Not remembered, so not the key's to pay. */
    if (csigd_server_has_strangers(e->server)) {
        csigd_guest_blame(e->server->service->meter, &e->peer->guest, code);
        e->is_last = csigd_guest_is_out(&e->peer->guest);
    }
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

/* For our word, before it sends the body. */
static bool client_waits(const exchange *e)
{
    const char *text = MHD_lookup_connection_value(e->connection, MHD_HEADER_KIND, "Expect");

    return text != NULL && strcasecmp(text, "100-continue") == 0;
}

static enum MHD_Result begin(csigd_server *server, exchange *e, const char *method,
                             const char *path)
{
    csigd_client_hurry(e->peer->client);
    e->server = server;
    e->call.service = server->service;
    e->call.unix_socket = server->unix_socket;
    atomic_fetch_add(&server->running, 1);
    (void)MHD_get_connection_values(e->connection, MHD_HEADER_KIND, look_at_field, e);
    csigd_server_know(e);
    look_at(e, method, path);
    /* What is announced as too large, or not sent before we ask for it, is not even begun to be
     * read. */
    if (e->answered && (announced_length(e->connection) > DRAIN_MAX || client_waits(e)))
        return send_reply(e);
    return MHD_YES;
}

/* --- its body --- */

/* Nobody takes all the room there is. */
static bool room_is_held(exchange *e, size_t more)
{
    csigd_metered_id key;

    if (e->proven == NULL || e->proven->caller.is_stranger) return true;
    key = csigd_metered_caller(&e->proven->caller);
    if (!csigd_meter_has_held(e->server->service->meter, &key, more)) return false;
    e->held += more;
    return true;
}

static csigd_code make_room(exchange *e, size_t need)
{
    size_t room = e->room > 0 ? e->room : 4096;
    uint8_t *grown;

    if (need <= e->room) return CSIGD_OK;
    while (room < need)
        room *= 2;
    if (!room_is_held(e, room - e->room)) return CSIGD_RATE_LIMITED;
    if (atomic_fetch_add(&e->server->bodies, room - e->room) + (room - e->room) >
        CSIGD_BODIES_MAX) {
        atomic_fetch_sub(&e->server->bodies, room - e->room);
        return CSIGD_OVERLOADED;
    }
    /* realloc would leave what was there. */
    grown = malloc(room);
    if (grown == NULL) {
        atomic_fetch_sub(&e->server->bodies, room - e->room);
        return CSIGD_OVERLOADED;
    }
    if (e->call.len > 0) memcpy(grown, e->body, e->call.len);
    csigd_forget(e->body);
    e->body = grown;
    e->room = room;
    return CSIGD_OK;
}

static enum MHD_Result take_body(exchange *e, const char *data, size_t len)
{
    csigd_code code = CSIGD_OK;

    if (!e->answered && e->call.len + len > csigd_route_body_max(e->route)) code = CSIGD_TOO_LARGE;
    if (!e->answered && code == CSIGD_OK) code = make_room(e, e->call.len + len);
    if (code != CSIGD_OK) {
        csigd_server_refuse(e, code);
        if (code != CSIGD_TOO_LARGE) e->reply.retry_after = 1;
    }
    if (e->answered) {
        e->drained += len;
        return e->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    memcpy(e->body + e->call.len, data, len);
    e->call.len += len;
    return MHD_YES;
}

static void count(const exchange *e)
{
    const size_t route = e->route != NULL ? (size_t)(e->route - csigd_routes) : csigd_routes_count;

    if (e->server != NULL && e->reply.status != 0)
        csigd_metrics_answered(e->server->service->metrics, route, e->reply.status);
}

static void release(const exchange *e)
{
    const csigd_metered_id key = csigd_metered_caller(&e->proven->caller);

    csigd_meter_release(e->server->service->meter, &key, e->held);
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
    count(e);
    csigd_client_hurry(e->peer->client);
    if (e->held > 0) release(e);
    atomic_fetch_sub(&server->bodies, e->room);
    if (e->server != NULL) atomic_fetch_sub(&server->running, 1);
    csigd_forget(e->body);
    free(e->target);
    free(e->signature);
    csigd_signed_free(e->proven);
    csigd_reply_free(&e->reply);
    free(e);
    *context = NULL;
}
