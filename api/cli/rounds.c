#include "cli/rounds.h"

#include <stdlib.h>
#include <string.h>

#include "cli/evidence.h"
#include "cli/peers.h"

typedef struct outgoing {
    blob to_server;
    size_t sent; /* envelopes of any destination: progress */
} outgoing;

cli_exit rounds_begin(cli *c, rounds *r, const json *reply)
{
    const char *id = json_text(reply, "session");
    uint8_t octets[16];

    if (id == NULL || !hex_is_read(octets, sizeof octets, id)) return json_lacks(c, "session");
    memcpy(r->session, id, sizeof r->session);
    r->n = 1;
    return CLI_OK;
}

void rounds_add(rounds *r, csig_session *s, uint16_t index, const device *d)
{
    r->s[r->count] = s;
    r->index[r->count] = index;
    r->d[r->count++] = d;
}

/* The party with that number in the same session (numbers mean something in one session alone);
 * count: it is not here. */
static size_t local_of(const rounds *r, const csig_session *s, uint16_t index)
{
    uint8_t id[32], own[32];
    size_t i;

    csig_session_id(s, id);
    for (i = 0; i < r->count; i++) {
        csig_session_id(r->s[i], own);
        if (r->index[i] == index && memcmp(id, own, sizeof id) == 0) break;
    }
    return i;
}

static bool is_local(const rounds *r, const csig_session *s, uint16_t index)
{
    return local_of(r, s, index) < r->count;
}

/* --- failures --- */

/* Nobody but the server takes part from elsewhere. */
static cli_exit lock_server(cli *c, const rounds *r, const csig_session *s, const csig_blame *b)
{
    char reason[80];

    if (r->session[0] == '\0' || is_local(r, s, b->culprit)) return CLI_OK;
    snprintf(reason, sizeof reason, "%s, round %u %.31s", csig_err_name(b->err), b->round,
             b->where);
    for (size_t i = 0; i < r->count; i++)
        CLI_TRY(lock_set(c, r->d[i], r->server, reason));
    return CLI_OK;
}

/* Who failed, as people know it: a session has numbers of its own, in each kind others. */
static void name_culprit(const rounds *r, const csig_session *s, uint16_t culprit, char name[80])
{
    const size_t i = local_of(r, s, culprit);

    if (i < r->count)
        snprintf(name, 80, "device %s", r->d[i]->name);
    else
        snprintf(name, 80, "%s", culprit == 0 ? "nobody is named" : "the server");
}

/* Say what a failed session says. */
static cli_exit failure(cli *c, const rounds *r, const csig_session *s, csig_err err)
{
    const csig_class class = csig_err_class(err);
    char culprit[80];
    csig_blame b;

    csig_session_blame(s, &b);
    name_culprit(r, s, b.culprit, culprit);
    if (class == CSIG_CLASS_CHEAT) CLI_TRY(lock_server(c, r, s, &b));
    if (err == CSIG_E_SSID)
        return cli_fail(c, CLI_AGAIN,
                        "the parties see different inputs: %.31s differs; nothing was signed. "
                        "Start again",
                        b.where);
    if (err == CSIG_E_SIGNATURE)
        return cli_fail(c, CLI_INPUT,
                        "what %s sent is not signed by the server this folder enrolled with; "
                        "check --server",
                        r->session[0] != '\0' ? c->server : "a device here");
    return cli_fail(c, cli_exit_of_class(class), "%s (%s; %s, round %u %.31s)%s",
                    csig_err_text(err), csig_err_name(err), culprit, b.round, b.where,
                    class == CSIG_CLASS_CHEAT
                        ? "; this device refuses that server from now on: look for the reason "
                          "before: countersign wallet unlock WALLET"
                        : "");
}

/* --- envelopes in --- */

/* The session an envelope is for, by its id; one that names none of them is judged by the first, so
 * that it is said what is wrong with it. */
static bool is_for(const rounds *r, size_t i, const uint8_t id[32], uint16_t from, uint16_t to,
                   bool known)
{
    uint8_t own[32];

    if (r->index[i] == from || (to != UINT16_MAX && to != r->index[i])) return false;
    if (!known) return true;
    csig_session_id(r->s[i], own);
    return memcmp(id, own, sizeof own) == 0;
}

static bool id_is_known(const rounds *r, const uint8_t id[32])
{
    uint8_t own[32];

    for (size_t i = 0; i < r->count; i++) {
        csig_session_id(r->s[i], own);
        if (memcmp(id, own, sizeof own) == 0) return true;
    }
    return false;
}

static cli_exit deliver_one(cli *c, rounds *r, const uint8_t *envelope, size_t len)
{
    uint8_t id[32];
    uint16_t from, to;
    bool known;

    CLI_TRY(cli_check(c, csig_envelope_address(envelope, len, id, &from, &to), "an envelope"));
    known = id_is_known(r, id);
    for (size_t i = 0; i < r->count; i++) {
        csig_err err;

        if (!is_for(r, i, id, from, to, known)) continue;
        if (csig_session_phase(r->s[i]) == CSIG_DONE) continue;
        err = csig_session_recv(r->s[i], envelope, len);
        /* Others hear why, and may name somebody whose offence came earlier. */
        if (csig_session_is_telling(r->s[i])) continue;
        if (err != CSIG_OK) return failure(c, r, r->s[i], err);
    }
    return CLI_OK;
}

cli_exit rounds_deliver(cli *c, rounds *r, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t one;

        CLI_TRY(cli_check(c, csig_envelope_length(p, len, &one), "the server's envelopes"));
        CLI_TRY(deliver_one(c, r, p, one));
        p += one;
        len -= one;
    }
    return CLI_OK;
}

/* --- envelopes out --- */

static cli_exit append(cli *c, blob *b, const uint8_t *p, size_t len)
{
    uint8_t *more = realloc(b->p, b->len + len);

    if (more == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(more + b->len, p, len);
    b->p = more;
    b->len += len;
    return CLI_OK;
}

/* Everything session i has to say, to the parties here and into the next exchange. */
static cli_exit drain(cli *c, rounds *r, size_t i, outgoing *out)
{
    size_t room;

    while ((room = csig_session_pending(r->s[i])) > 0) {
        AUTO_BLOB b = {.p = malloc(room)};
        uint8_t id[32];
        uint16_t from, to;

        if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
        CLI_TRY(cli_check(c, csig_session_send(r->s[i], b.p, room, &b.len), "sending"));
        CLI_TRY(cli_check(c, csig_envelope_address(b.p, b.len, id, &from, &to), "sending"));
        out->sent++;
        if (to == UINT16_MAX || is_local(r, r->s[i], to)) CLI_TRY(deliver_one(c, r, b.p, b.len));
        if (r->session[0] != '\0' && (to == UINT16_MAX || !is_local(r, r->s[i], to)))
            CLI_TRY(append(c, &out->to_server, b.p, b.len));
    }
    return CLI_OK;
}

/* Store and go on, as often as the session asks for it. */
static cli_exit store_one(cli *c, rounds *r, size_t i, outgoing *out)
{
    csig_err err;

    CLI_TRY(r->store(c, r, i, r->arg));
    if (r->extra.len > 0) CLI_TRY(append(c, &out->to_server, r->extra.p, r->extra.len));
    blob_free(&r->extra);
    err = csig_session_confirm(r->s[i]);
    if (err != CSIG_OK) return failure(c, r, r->s[i], err);
    out->sent++;
    return drain(c, r, i, out);
}

/* Send, store and confirm until nobody here has anything left to do. */
static cli_exit settle(cli *c, rounds *r, outgoing *out)
{
    size_t before;

    do {
        before = out->sent;
        for (size_t i = 0; i < r->count; i++) {
            CLI_TRY(drain(c, r, i, out));
            if (csig_session_phase(r->s[i]) == CSIG_STORE && !evidence_is_told(r))
                CLI_TRY(store_one(c, r, i, out));
        }
    } while (out->sent != before);
    return CLI_OK;
}

static bool all_are_done(const rounds *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (csig_session_phase(r->s[i]) != CSIG_DONE) return false;
    return true;
}

/* --- exchanges --- */

cli_exit rounds_exchange(cli *c, const char *session, unsigned n, const uint8_t *p, size_t len,
                         blob *reply)
{
    AUTO_REPLY r = {0};
    char path[96];

    snprintf(path, sizeof path, "/v1/sessions/%s/rounds/%u", session, n);
    CLI_TRY(client_call(c, "PUT", path, "application/octet-stream", p, len, &r));
    if (r.status != 200) return client_problem(c, &r);
    *reply = r.body;
    r.body = (blob){0};
    return CLI_OK;
}

static cli_exit exchange(cli *c, rounds *r, const blob *body)
{
    AUTO_BLOB answer = {0};

    if (r->leave != NULL && !evidence_is_told(r)) CLI_TRY(r->leave(c, r, body, r->arg));
    CLI_TRY(rounds_exchange(c, r->session, r->n++, body->p, body->len, &answer));
    return rounds_deliver(c, r, answer.p, answer.len);
}

static cli_exit run(cli *c, rounds *r)
{
    for (;;) {
        AUTO_BLOB body = {0};
        outgoing out = {0};
        const cli_exit code = settle(c, r, &out);

        body = out.to_server;
        CLI_TRY(code);
        if (body.len > 0) {
            const cli_exit said = exchange(c, r, &body);

            /* A server that has come to its verdict hears no more. */
            if (evidence_is_told(r) && said != CLI_OK) return evidence_tell(c, r);
            if (said != CLI_OK && said != CLI_OFFLINE) CLI_TRY(evidence_silence(c, r));
            CLI_TRY(said);
        } else if (evidence_is_told(r)) {
            return evidence_tell(c, r);
        } else if (all_are_done(r)) {
            return CLI_OK;
        } else {
            CLI_TRY(evidence_silence(c, r));
            return cli_fail(c, CLI_AGAIN,
                            "the session stalled: the server said less than was due. Start again");
        }
    }
}

/* The server need not keep a session that nobody goes on with. What failed is what is told. */
static void give_up(cli *c, const rounds *r)
{
    const cli saved = *c;
    AUTO_REPLY ignored = {0};
    char path[96];

    snprintf(path, sizeof path, "/v1/sessions/%s", r->session);
    if (client_call(c, "DELETE", path, NULL, NULL, 0, &ignored) != CLI_OK)
        c->answered = false; /* do not wait for it again */
    memcpy(c->message, saved.message, sizeof c->message);
    memcpy(c->problem, saved.problem, sizeof c->problem);
    c->status = saved.status;
}

cli_exit rounds_run(cli *c, rounds *r)
{
    const cli_exit code = run(c, r);

    if (code != CLI_OK && code != CLI_OFFLINE && r->session[0] != '\0') give_up(c, r);
    return code;
}

void rounds_close(rounds *r)
{
    for (size_t i = 0; i < r->count; i++)
        csig_session_free(r->s[i]);
    r->count = 0;
    blob_free(&r->extra);
}
