/* What a worker does with a request, and requests that wait for their answer. */
#include <string.h>

#include "http/json.h"
#include "http/server_inside.h"
#include "service/access.h"
#include "service/audit.h"
#include "service/service.h"

/* --- who may --- */

/* A signature that is none, or not for the first time: not the key's doing. */
static void give_back(exchange *e, csigd_code code)
{
    csigd_meter *meter = e->server->service->meter;
    csigd_guest *guest = &e->peer->guest;

    if (!e->call.caller->is_stranger)
        csigd_metered_return(meter, guest, e->call.caller, e->call.len);
    csigd_guest_blame(meter, guest, code);
    e->is_last = csigd_guest_is_out(guest);
}

/* An enrolment that was good cost its address nothing. */
static void welcome(const exchange *e)
{
    if (e->proven != NULL && e->call.caller->is_stranger)
        csigd_metered_return(e->server->service->meter, &e->peer->guest, e->call.caller, 0);
}

static csigd_code admit(exchange *e, csigd_problem *why)
{
    const csigd_service *service = e->server->service;
    const csigd_route *r = e->route;
    csigd_key own;
    bool has_own = false;
    csigd_code code;

    e->call.body = e->body;
    if (e->proven == NULL || r->who == CSIGD_FOR_ALL) return CSIGD_OK;
    if (e->proven->caller.is_stranger) has_own = r->key_is_read(&e->call, &own);
    code = csigd_metered_key(service->meter, e->call.caller, e->call.len, why);
    if (code != CSIGD_OK) return code;
    code = csigd_signed_admit(e->proven, service, has_own ? &own : NULL, e->body, e->call.len, why);
    if (csigd_code_status(code) == 401) give_back(e, code);
    if (code != CSIGD_OK || r->who == CSIGD_FOR_STRANGERS) return code;
    code = csigd_access_decide(service, e->call.caller, r->act, r->about, e->call.id, why);
    return code == CSIGD_OK ? csigd_metered_wallet(service, r, &e->call, why) : code;
}

/* Who has waited may not be who it was. */
static csigd_code admit_again(exchange *e, csigd_problem *why)
{
    const csigd_route *r = e->route;

    if (e->proven == NULL) return CSIGD_OK;
    if (!csigd_keys_has_key(e->server->service->keys, e->proven->keyid, &e->proven->caller.key))
        return csigd_problem_set(why, CSIGD_BAD_SIGNATURE);
    return csigd_access_decide(e->server->service, e->call.caller, r->act, r->about, e->call.id,
                               why);
}

/* --- the context --- */

void csigd_server_know(exchange *e)
{
    csigd_context *c = &e->context;

    c->by = e->server->unix_socket ? CSIGD_BY_SOCKET : CSIGD_BY_STRANGER;
    c->has_uid = e->peer->has_uid;
    c->uid = e->peer->uid;
    c->has_trace = true;
    if (e->parent == NULL || !csigd_trace_is_continued(&c->trace, e->parent))
        csigd_trace_new(&c->trace);
    e->parent = NULL;
}

/* The key that signed; of a stranger it is what the head names. */
static void know_key(exchange *e)
{
    csigd_context *c = &e->context;
    const csigd_key_row *key = e->proven != NULL ? &e->proven->caller.key : NULL;

    if (key == NULL) return;
    if (e->proven->caller.is_stranger) {
        (void)csigd_hex_is_read(c->key, sizeof c->key, e->proven->keyid, strlen(e->proven->keyid));
        return;
    }
    c->by = CSIGD_BY_KEY;
    c->roles = key->roles;
    c->has_device = key->has_device;
    memcpy(c->key, key->id, sizeof c->key);
    memcpy(c->device, key->device, sizeof c->device);
}

static void enter(exchange *e)
{
    know_key(e);
    csigd_context_enter(&e->context);
}

/* --- refusals --- */

/* Who is known and tries what it may not is worth a look. */
static void tell_refusal(const exchange *e, csigd_code code)
{
    if (e->context.by == CSIGD_BY_STRANGER) return;
    csigd_audit_refusal(e->server->service, e->route->method, e->route->path,
                        csigd_code_name(code));
}

void csigd_server_tell_later(exchange *e, csigd_code code)
{
    if (code != CSIGD_UNIX_SOCKET_ONLY || e->proven == NULL) return;
    enter(e);
    if (e->context.by == CSIGD_BY_KEY)
        csigd_audit_refusal_later(e->server->service, e->route->method, e->route->path,
                                  csigd_code_name(code));
    csigd_context_leave();
}

/* --- the reply --- */

/* Nothing has happened when it is refused: that of a question alone. */
static bool reply_has_room(exchange *e)
{
    atomic_size_t *bodies = &e->server->bodies;

    if (!e->reply.waits || e->reply.len <= CSIGD_JSON_MAX) return true;
    if (atomic_fetch_add(bodies, e->reply.len) + e->reply.len > CSIGD_BODIES_MAX) {
        atomic_fetch_sub(bodies, e->reply.len);
        return false;
    }
    /* It goes with the body's. */
    e->room += e->reply.len;
    return true;
}

static void finish(exchange *e)
{
    struct MHD_Connection *connection = e->connection;

    if (e->waits) {
        csigd_waiting_leave(e->server->service->waiting, &e->waiter);
        if (e->reply.waits) e->reply.waited = e->waiter.seconds;
    }
    if (!reply_has_room(e)) {
        csigd_reply_free(&e->reply);
        csigd_server_refuse(e, CSIGD_OVERLOADED);
        e->reply.retry_after = 1;
    }
    e->answered = true;
    (void)csigd_server_reply_is_ready(e);
    /* From here on e belongs to the I/O thread again. */
    MHD_resume_connection(connection);
}

/* --- looking and waiting --- */

static csigd_lane lane_of(const csigd_route *route)
{
    const bool asks = strcmp(route->method, "GET") == 0;

    return asks && route->lane == CSIGD_CONTROL ? CSIGD_QUESTIONS : route->lane;
}

static void look(exchange *e)
{
    csigd_waiting *waiting = e->server->service->waiting;
    csigd_parked parked = CSIGD_LOOK_AGAIN;

    while (parked == CSIGD_LOOK_AGAIN) {
        if (e->waits) csigd_waiting_begin(waiting, &e->waiter);
        csigd_reply_free(&e->reply);
        e->reply = e->route->handler(&e->call);
        if (e->route->who == CSIGD_FOR_STRANGERS && e->reply.status < 300) welcome(e);
        e->call.again = true;
        if (e->reply.status == 403 || e->reply.status == 423) tell_refusal(e, e->reply.code);
        if (!e->waits || !e->reply.is_nothing) break;
        parked = csigd_waiting_park(waiting, &e->waiter, e->reply.until);
    }
    /* A parked one may be somebody else's already. */
    if (parked != CSIGD_PARKED) finish(e);
}

static exchange *exchange_of(csigd_waiter *waiter)
{
    return (exchange *)(void *)((char *)waiter - offsetof(exchange, waiter));
}

static void look_again(void *ctx)
{
    exchange *e = ctx;
    csigd_problem why;

    enter(e);
    if (admit_again(e, &why) == CSIGD_OK) {
        look(e);
    } else {
        csigd_reply_free(&e->reply);
        e->reply = csigd_reply_problem(&why);
        finish(e);
    }
    csigd_context_leave();
}

/* Without a worker it hears that there is nothing, and asks again. */
static void wake(csigd_waiter *waiter, bool to_look)
{
    exchange *e = exchange_of(waiter);

    if (to_look &&
        csigd_jobs_has_taken(e->server->service->jobs, lane_of(e->route), NULL, look_again, e))
        return;
    finish(e);
}

static bool is_left(csigd_waiter *waiter)
{
    return csigd_client_is_gone(exchange_of(waiter)->peer->client);
}

/* What may be waited for has an id in its path. */
static void come_in(exchange *e)
{
    csigd_waiter *w = &e->waiter;

    if (w->seconds == 0 || strcmp(e->route->method, "GET") != 0) return;
    if (strchr(e->route->path, ':') == NULL) return;
    if (w->seconds > CSIGD_WAITING_SECONDS) w->seconds = CSIGD_WAITING_SECONDS;
    memcpy(w->topic, e->call.id, sizeof w->topic);
    w->has_key = e->call.caller != NULL;
    if (w->has_key) memcpy(w->key, e->call.caller->key.id, sizeof w->key);
    w->wake = wake;
    w->is_left = is_left;
    e->waits = csigd_waiting_has_room(e->server->service->waiting, w);
}

/* --- a worker has it --- */

static void work(void *ctx)
{
    exchange *e = ctx;
    csigd_problem why;
    csigd_code code;

    enter(e);
    code = admit(e, &why);
    if (code == CSIGD_OK) {
        come_in(e);
        look(e);
    } else {
        e->reply = csigd_reply_problem(&why);
        if (code == CSIGD_FORBIDDEN || code == CSIGD_NOT_FOUND) tell_refusal(e, code);
        finish(e);
    }
    csigd_context_leave();
}

enum MHD_Result csigd_server_submit(exchange *e)
{
    const bool has_id = strchr(e->route->path, ':') != NULL;
    /* What changes one thing runs one after the other. */
    const uint8_t *key = has_id && strcmp(e->route->method, "GET") != 0 ? e->call.id : NULL;

    csigd_client_rest(e->peer->client);
    MHD_suspend_connection(e->connection);
    if (!csigd_jobs_has_taken(e->server->service->jobs, lane_of(e->route), key, work, e)) {
        csigd_server_refuse(e, CSIGD_OVERLOADED);
        e->reply.retry_after = 1;
        MHD_resume_connection(e->connection);
    }
    return MHD_YES;
}
