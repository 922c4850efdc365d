#include "cli/rounds.h"

#include <stdlib.h>
#include <string.h>

typedef struct outgoing {
    blob to_server;
    size_t sent; /* envelopes of any destination: progress */
} outgoing;

cli_exit rounds_begin(cli *c, rounds *r, const json *reply)
{
    const char *id = json_text(reply, "session");
    uint8_t octets[16];

    if (id == NULL || !hex_is_read(octets, sizeof octets, id))
        return cli_fail(c, CLI_REFUSED, "the server's reply names no session");
    memcpy(r->session, id, sizeof r->session);
    r->n = 1;
    return CLI_OK;
}

void rounds_add(rounds *r, csig_session *s, uint16_t index)
{
    r->s[r->count] = s;
    r->index[r->count++] = index;
}

/* Say what a failed session says. */
static cli_exit failure(cli *c, const csig_session *s, csig_err err)
{
    csig_blame b;

    csig_session_blame(s, &b);
    if (err == CSIG_E_SSID)
        return cli_fail(c, CLI_AGAIN,
                        "the parties see different inputs: %s differs; nothing was signed",
                        b.where);
    return cli_fail(c, cli_exit_of_class(csig_err_class(err)), "%s (%s; party %u, round %u %s)",
                    csig_err_text(err), csig_err_name(err), b.culprit, b.round, b.where);
}

static cli_exit deliver_one(cli *c, rounds *r, const uint8_t *envelope, size_t len)
{
    uint8_t id[32], own[32];
    uint16_t from, to;

    CLI_TRY(cli_check(c, csig_envelope_address(envelope, len, id, &from, &to), "an envelope"));
    for (size_t i = 0; i < r->count; i++) {
        csig_err err;

        if (r->index[i] == from || (to != UINT16_MAX && to != r->index[i])) continue;
        csig_session_id(r->s[i], own);
        if (memcmp(id, own, sizeof own) != 0 && r->count > 1) continue;
        if (csig_session_phase(r->s[i]) == CSIG_DONE) continue;
        err = csig_session_recv(r->s[i], envelope, len);
        if (err != CSIG_OK) return failure(c, r->s[i], err);
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

static cli_exit append(cli *c, blob *b, const uint8_t *p, size_t len)
{
    uint8_t *more = realloc(b->p, b->len + len);

    if (more == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(more + b->len, p, len);
    b->p = more;
    b->len += len;
    return CLI_OK;
}

static bool is_local(const rounds *r, uint16_t index)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->index[i] == index) return true;
    return false;
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
        if (to == UINT16_MAX || is_local(r, to)) CLI_TRY(deliver_one(c, r, b.p, b.len));
        if (r->session[0] != '\0' && (to == UINT16_MAX || !is_local(r, to)))
            CLI_TRY(append(c, &out->to_server, b.p, b.len));
    }
    return CLI_OK;
}

/* Send, store and confirm until nobody here has anything left to do. */
static cli_exit settle(cli *c, rounds *r, outgoing *out)
{
    size_t before;

    do {
        before = out->sent;
        for (size_t i = 0; i < r->count; i++) {
            CLI_TRY(drain(c, r, i, out));
            if (csig_session_phase(r->s[i]) != CSIG_STORE) continue;
            CLI_TRY(r->store(c, r, i, r->arg));
            CLI_TRY(cli_check(c, csig_session_confirm(r->s[i]), "going on after storing"));
            CLI_TRY(drain(c, r, i, out));
            out->sent++;
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

cli_exit rounds_exchange(cli *c, const char *session, unsigned n, const uint8_t *p, size_t len,
                         blob *reply_out)
{
    char path[96];
    http_reply r = {0};

    snprintf(path, sizeof path, "/v1/sessions/%s/rounds/%u", session, n);
    CLI_TRY(client_call(c, "PUT", path, "application/octet-stream", p, len, &r));
    if (r.status != 200) {
        const cli_exit code = client_problem(c, &r);

        http_reply_free(&r);
        return code;
    }
    *reply_out = r.body;
    return CLI_OK;
}

cli_exit rounds_run(cli *c, rounds *r)
{
    for (;;) {
        __attribute__((cleanup(blob_free))) blob answer = {0};
        outgoing out = {0};
        cli_exit code = settle(c, r, &out);

        if (code == CLI_OK && out.to_server.len > 0)
            code =
                rounds_exchange(c, r->session, r->n++, out.to_server.p, out.to_server.len, &answer);
        else if (code == CLI_OK && !all_are_done(r))
            code = cli_fail(c, CLI_AGAIN, "the session stalled: the server said less than was due");
        else if (code == CLI_OK)
            return CLI_OK;
        blob_free(&out.to_server);
        CLI_TRY(code);
        CLI_TRY(rounds_deliver(c, r, answer.p, answer.len));
    }
}

void rounds_close(rounds *r)
{
    for (size_t i = 0; i < r->count; i++)
        csig_session_free(r->s[i]);
    r->count = 0;
}
