/* Who asks, over TCP: certificate, name of the server, signature, limits. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/server_inside.h"
#include "service/service.h"

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

/* Who reads it in another way would take its end for another place, or another server for meant. */
static bool head_is_ambiguous(const csigd_message *m)
{
    size_t lengths = 0, hosts = 0;

    for (size_t i = 0; i < m->n_fields; i++) {
        lengths += strcasecmp(m->fields[i].name, "Content-Length") == 0 ||
                   strcasecmp(m->fields[i].name, "Transfer-Encoding") == 0;
        hosts += strcasecmp(m->fields[i].name, "Host") == 0;
    }
    return lengths > 1 || hosts > 1;
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
    e->is_last = head_is_ambiguous(&e->proven->message);
    if (e->proven->message.n_fields == CSIGD_FIELDS_MAX || e->is_last)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "headers");
    if (csigd_guest_admit(e->server->service->meter, &e->peer->guest, why) != CSIGD_OK)
        return why->code;
    if (who == CSIGD_FOR_ALL) return CSIGD_OK;
    if (!authority_is_ours(e)) return csigd_problem_set(why, CSIGD_MISDIRECTED);
    return csigd_signed_open(e->proven, e->server->service, who == CSIGD_FOR_STRANGERS, why);
}

/* Whoever is refused, somebody pays for it. */
csigd_code csigd_exchange_meet(exchange *e, const char *method, csigd_problem *why)
{
    csigd_meter *meter = e->server->service->meter;
    csigd_guest *guest = &e->peer->guest;
    csigd_code code = prove(e, method, why);
    const bool known = code == CSIGD_OK && !e->proven->caller.is_stranger;

    if (code == CSIGD_OK) code = csigd_metered_head(meter, guest, &e->proven->caller, why);
    if (code != CSIGD_OK && !known) csigd_guest_blame(meter, guest, code);
    e->is_last = e->is_last || csigd_guest_is_out(guest);
    return code;
}
