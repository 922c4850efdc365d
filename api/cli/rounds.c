#include "cli/rounds.h"

#include <stdlib.h>
#include <string.h>

#include "cli/evidence.h"
#include "cli/meeting.h"
#include "cli/peers.h"
#include "cli/rounds_inside.h"

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
    r->among[r->count] = NULL;
    r->parties[r->count] = 0;
    r->d[r->count++] = d;
}

void rounds_among(rounds *r, const uint8_t (*ids)[CSIG_IDENTITY_BYTES], uint16_t count)
{
    r->among[r->count - 1] = ids;
    r->parties[r->count - 1] = count;
}

/* The party with that number in the session with that id (numbers mean something in one session
 * alone); count: it is not here. */
static size_t local_of(const rounds *r, const uint8_t id[32], uint16_t index)
{
    uint8_t own[32];
    size_t i;

    for (i = 0; i < r->count; i++) {
        csig_session_id(r->s[i], own);
        if (r->index[i] == index && memcmp(id, own, sizeof own) == 0) break;
    }
    return i;
}

bool rounds_is_local(const rounds *r, const uint8_t id[32], uint16_t index)
{
    return local_of(r, id, index) < r->count;
}

/* --- failures --- */

static const uint8_t *identity_of(const rounds *r, size_t i, uint16_t number)
{
    if (r->among[i] == NULL) return r->server;
    return number >= 1 && number <= r->parties[i] ? r->among[i][number - 1] : NULL;
}

static bool is_elsewhere(const rounds *r)
{
    return r->session[0] != '\0' || meeting_is_held(r->meeting);
}

/* The party that failed a check, where it is somebody elsewhere. */
static const uint8_t *culprit_of(const rounds *r, size_t i, const csig_blame *b)
{
    uint8_t id[32];

    csig_session_id(r->s[i], id);
    if (!is_elsewhere(r) || rounds_is_local(r, id, b->culprit)) return NULL;
    if (b->culprit == 0) return r->server;
    return identity_of(r, i, b->culprit);
}

static cli_exit lock_out(cli *c, const rounds *r, const uint8_t *who, const csig_blame *b)
{
    char reason[80];

    if (who == NULL) return CLI_OK;
    snprintf(reason, sizeof reason, "%s, round %u %.31s", csig_err_name(b->err), b->round,
             b->where);
    for (size_t i = 0; i < r->count; i++)
        CLI_TRY(lock_set(c, r->d[i], who, reason));
    return CLI_OK;
}

/* Who failed, as people know it: a session has numbers of its own, in each kind others. */
static void name_culprit(const rounds *r, size_t i, uint16_t culprit, char name[80])
{
    const uint8_t *who = identity_of(r, i, culprit);
    const attendee *a = NULL;
    uint8_t id[32];
    char hex[2 * CSIG_IDENTITY_BYTES + 1];
    size_t local;

    csig_session_id(r->s[i], id);
    local = local_of(r, id, culprit);
    if (meeting_is_held(r->meeting) && who != NULL) a = meeting_attendee(r->meeting, who);
    if (a != NULL) hex_write(hex, a->id, sizeof a->id);
    if (local < r->count)
        snprintf(name, 80, "device %s", r->d[local]->name);
    else if (a != NULL)
        snprintf(name, 80, "party %u (device %.12s)", a->party, hex);
    else
        snprintf(name, 80, "%s", culprit == 0 ? "nobody is named" : "the server");
}

/* One device here and the server: who is not the one is the other. */
static bool is_pair(const rounds *r)
{
    for (size_t i = 1; i < r->count; i++)
        if (r->d[i] != r->d[0]) return false;
    return r->session[0] != '\0' && !meeting_is_held(r->meeting);
}

/* Say what a failed session says. */
static cli_exit failure(cli *c, const rounds *r, size_t i, csig_err err)
{
    const csig_class class = csig_err_class(err);
    const uint8_t *who = NULL;
    char culprit[80], refuses[SUSPECT_WORDS + 8] = "";
    csig_blame b;

    csig_session_blame(r->s[i], &b);
    name_culprit(r, i, b.culprit, culprit);
    if (class == CSIG_CLASS_CHEAT && b.culprit == 0 && !is_pair(r)) {
        char words[SUSPECT_WORDS];

        CLI_TRY(evidence_suspect(c, r, &b, words));
        snprintf(refuses, sizeof refuses, "; %s", words);
    } else if (class == CSIG_CLASS_CHEAT) {
        who = culprit_of(r, i, &b);
        CLI_TRY(lock_out(c, r, who, &b));
        snprintf(refuses, sizeof refuses,
                 "; this device refuses that %s from now on: look for the reason before: "
                 "countersign wallet unlock WALLET",
                 who != NULL && memcmp(who, r->server, CSIG_IDENTITY_BYTES) != 0 ? "party"
                                                                                 : "server");
    }
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
                    csig_err_text(err), csig_err_name(err), culprit, b.round, b.where, refuses);
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

/* Anybody may write on a board: what its sender did not sign for this session is passed over. */
static cli_exit judge(cli *c, rounds *r, size_t i, csig_err err, bool from_board)
{
    csig_blame b;

    /* The test of a new epoch, of which only some of those that meet are. */
    if (meeting_is_held(r->meeting) && err == CSIG_E_SESSION) return CLI_OK;
    if (!from_board || csig_err_class(err) != CSIG_CLASS_INPUT) return failure(c, r, i, err);
    csig_session_blame(r->s[i], &b);
    if (err != CSIG_E_SESSION && err != CSIG_E_SENDER)
        snprintf(r->refused, sizeof r->refused, "%.100s (%s)", csig_err_text(err),
                 csig_err_name(err));
    return CLI_OK;
}

cli_exit rounds_take(cli *c, rounds *r, const uint8_t *envelope, size_t len, bool from_board)
{
    uint8_t id[32];
    uint16_t from, to;
    bool known;

    CLI_TRY(cli_check(c, csig_envelope_address(envelope, len, id, &from, &to), "an envelope"));
    known = id_is_known(r, id);
    if (!known && r->others) return CLI_OK;
    for (size_t i = 0; i < r->count; i++) {
        csig_err err;

        if (!is_for(r, i, id, from, to, known)) continue;
        if (csig_session_phase(r->s[i]) == CSIG_DONE) continue;
        err = csig_session_recv(r->s[i], envelope, len);
        /* Others hear why, and may name somebody whose offence came earlier. */
        if (csig_session_is_telling(r->s[i])) continue;
        if (err != CSIG_OK) CLI_TRY(judge(c, r, i, err, from_board));
    }
    return CLI_OK;
}

cli_exit rounds_deliver(cli *c, rounds *r, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t one;

        CLI_TRY(cli_check(c, csig_envelope_length(p, len, &one), "the server's envelopes"));
        CLI_TRY(rounds_take(c, r, p, one, false));
        p += one;
        len -= one;
    }
    return CLI_OK;
}

/* --- envelopes out --- */

cli_exit rounds_append(cli *c, blob *b, const uint8_t *p, size_t len)
{
    uint8_t *more = realloc(b->p, b->len + len + 1);

    if (more == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(more + b->len, p, len);
    b->p = more;
    b->len += len;
    return CLI_OK;
}

/* Everything session i has to say, to the parties here and to those elsewhere. */
static cli_exit drain(cli *c, rounds *r, size_t i, outgoing *out)
{
    size_t room;

    while ((room = csig_session_pending(r->s[i])) > 0) {
        AUTO_BLOB b = {.p = malloc(room)};
        uint8_t id[32];
        uint16_t from, to;
        bool local;

        if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
        CLI_TRY(cli_check(c, csig_session_send(r->s[i], b.p, room, &b.len), "sending"));
        CLI_TRY(cli_check(c, csig_envelope_address(b.p, b.len, id, &from, &to), "sending"));
        out->sent++;
        local = to != UINT16_MAX && rounds_is_local(r, id, to);
        if (to == UINT16_MAX || local) CLI_TRY(rounds_take(c, r, b.p, b.len, false));
        if (is_elsewhere(r) && !local) CLI_TRY(rounds_append(c, &out->away, b.p, b.len));
    }
    return CLI_OK;
}

/* Store and go on, as often as the session asks for it. */
static cli_exit store_one(cli *c, rounds *r, size_t i, outgoing *out)
{
    csig_err err;

    CLI_TRY(r->store(c, r, i, r->arg));
    if (r->extra.len > 0) CLI_TRY(rounds_append(c, &out->away, r->extra.p, r->extra.len));
    blob_free(&r->extra);
    err = csig_session_confirm(r->s[i]);
    if (err != CSIG_OK) return failure(c, r, i, err);
    out->sent++;
    return drain(c, r, i, out);
}

/* Send, store and confirm until nobody here has anything left to do. */
cli_exit rounds_settle(cli *c, rounds *r, outgoing *out)
{
    size_t before;

    do {
        before = out->sent;
        for (size_t i = 0; i < r->count; i++) {
            CLI_TRY(drain(c, r, i, out));
            if (csig_session_phase(r->s[i]) == CSIG_STORE && !evidence_is_told(r) &&
                !r->stops_at_store)
                CLI_TRY(store_one(c, r, i, out));
        }
    } while (out->sent != before);
    return CLI_OK;
}

bool rounds_are_done(const rounds *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const csig_phase phase = csig_session_phase(r->s[i]);

        if (phase != CSIG_DONE && !(phase == CSIG_STORE && r->stops_at_store)) return false;
    }
    return true;
}

void rounds_close(rounds *r)
{
    for (size_t i = 0; i < r->count; i++)
        csig_session_free(r->s[i]);
    r->count = 0;
    blob_free(&r->extra);
}
