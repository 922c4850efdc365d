/* The ways out: exchanges with the daemon, and a meeting's board. The host of a meeting passes on
 * between them; all parties read the board in one order, and the host says what the daemon said
 * before it says what follows from it. So nobody hears of a step before what it rests on. */
#include <stdlib.h>
#include <string.h>

#include "cli/bodies.h"
#include "cli/evidence.h"
#include "cli/meeting_inside.h"
#include "cli/rounds_inside.h"
#include "cli/tell.h"

/* The server's index, in sessions that the host takes no part in: the test of a new epoch. */
#define SERVER_INDEX 2
#define PARTS_MAX    256

/* What is on its way to the daemon, and whose it is. */
typedef struct freight {
    blob b;
    size_t member[PARTS_MAX], len[PARTS_MAX];
    size_t parts;
} freight;

typedef struct course {
    outgoing out;
    freight to_daemon;
} course;

static void course_close(course *x)
{
    blob_free(&x->out.away);
    blob_free(&x->to_daemon.b);
}
#define AUTO_COURSE __attribute__((cleanup(course_close))) course

static bool drives_daemon(const rounds *r)
{
    return r->session[0] != '\0' && meeting_has_host_here(r->meeting);
}

/* --- what goes where --- */

typedef struct address {
    uint8_t id[32];
    uint16_t from, to;
} address;

static bool is_for_server(const rounds *r, const address *a)
{
    uint8_t own[32];

    for (size_t i = 0; i < r->count; i++) {
        csig_session_id(r->s[i], own);
        if (memcmp(own, a->id, sizeof own) != 0) continue;
        if (r->among[i] == NULL) return !rounds_is_local(r, a->id, a->to);
        return a->to >= 1 && a->to <= r->parties[i] &&
               memcmp(r->among[i][a->to - 1], r->server, CSIG_IDENTITY_BYTES) == 0;
    }
    return a->to == SERVER_INDEX;
}

/* Those items of p that the daemon has a use for, or that the board has. */
static cli_exit sift(cli *c, const rounds *r, const uint8_t *p, size_t len, bool for_daemon,
                     blob *out)
{
    while (len > 0) {
        size_t one;
        bool is_backup, wanted;
        address a;

        CLI_TRY(bodies_item(c, p, len, &one, &is_backup));
        wanted = for_daemon || !drives_daemon(r);
        if (!is_backup) {
            CLI_TRY(
                cli_check(c, csig_envelope_address(p, one, a.id, &a.from, &a.to), "an envelope"));
            wanted = a.to == UINT16_MAX ||
                     (for_daemon || drives_daemon(r) ? is_for_server(r, &a) == for_daemon : true);
        }
        if (wanted) CLI_TRY(rounds_append(c, out, p, one));
        p += one;
        len -= one;
    }
    return CLI_OK;
}

static cli_exit load(cli *c, const rounds *r, freight *f, size_t member, const uint8_t *p,
                     size_t len)
{
    const size_t before = f->b.len;

    CLI_TRY(sift(c, r, p, len, true, &f->b));
    if (f->b.len == before) return CLI_OK;
    f->member[f->parts] = member;
    f->len[f->parts++] = f->b.len - before;
    return CLI_OK;
}

/* --- the daemon --- */

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

/* Refused is no answer: one part after the other shows whose was no good. */
static cli_exit find_refused(cli *c, rounds *r, const freight *f, blob *reply)
{
    const uint8_t *p = f->b.p;
    char name[64], words[600];

    for (size_t i = 0; i < f->parts; i++) {
        AUTO_BLOB one = {0};
        const cli_exit code = rounds_exchange(c, r->session, r->n, p, f->len[i], &one);

        if (code != CLI_OK && (c->status == 400 || c->status == 401) &&
            f->member[i] != r->meeting->box.self) {
            snprintf(words, sizeof words, "%.599s", c->message);
            meeting_name(r->meeting, f->member[i], name);
            return cli_fail(c, CLI_INPUT, "what %s sent is no good: %s", name, words);
        }
        CLI_TRY(code);
        r->n++;
        CLI_TRY(rounds_append(c, reply, one.p, one.len));
        p += f->len[i];
    }
    return CLI_OK;
}

/* In as many bodies as it takes; what the daemon answers to all of them. */
static cli_exit send_all(cli *c, rounds *r, const freight *f, size_t *sent, blob *reply)
{
    for (size_t body; *sent < f->b.len; *sent += body) {
        AUTO_BLOB one = {0};

        CLI_TRY(bodies_next(c, bodies_room(), f->b.p + *sent, f->b.len - *sent, &body));
        CLI_TRY(rounds_exchange(c, r->session, r->n, f->b.p + *sent, body, &one));
        r->n++;
        CLI_TRY(rounds_append(c, reply, one.p, one.len));
    }
    return CLI_OK;
}

static cli_exit exchange(cli *c, rounds *r, freight *f, blob *reply)
{
    size_t sent = 0;
    cli_exit code = send_all(c, r, f, &sent, reply);

    if (code != CLI_OK && sent == 0 && meeting_is_held(r->meeting) &&
        (c->status == 400 || c->status == 401))
        code = find_refused(c, r, f, reply);
    blob_free(&f->b);
    f->parts = 0;
    return code;
}

/* --- in --- */

/* With others elsewhere what an envelope leads to must be there before the next one comes: a
 * session that somebody began after it may speak in that. */
static cli_exit take(cli *c, rounds *r, course *x, const uint8_t *p, size_t len, bool from_board)
{
    if (!meeting_is_held(r->meeting)) return rounds_deliver(c, r, p, len);
    while (len > 0) {
        size_t one;
        bool is_backup;

        CLI_TRY(bodies_item(c, p, len, &one, &is_backup));
        if (!is_backup) CLI_TRY(rounds_take(c, r, p, one, from_board));
        CLI_TRY(rounds_settle(c, r, &x->out));
        p += one;
        len -= one;
    }
    return CLI_OK;
}

static void await_missing(rounds *r)
{
    meeting *m = r->meeting;

    memset(m->is_awaited, 0, sizeof m->is_awaited);
    for (size_t i = 0; i < r->count; i++) {
        uint16_t missing[CSIG_PARTIES_MAX];
        const size_t n = csig_session_missing(r->s[i], missing);

        for (size_t k = 0; k < n && r->among[i] != NULL; k++) {
            const attendee *a = missing[k] >= 1 && missing[k] <= r->parties[i]
                                    ? meeting_attendee(m, r->among[i][missing[k] - 1])
                                    : NULL;

            m->is_awaited[a != NULL ? a->member : m->host] = true;
        }
    }
}

/* What does not parse is nobody's but the one's who wrote it there, and is passed over. */
static cli_exit take_message(cli *c, rounds *r, course *x, const mailbox_message *message)
{
    const uint8_t *p = message->p + 2;
    const size_t len = message->len - 2;
    char name[64];

    if (message->p[0] != MEETING_ENVELOPES) return CLI_OK;
    for (size_t at = 0, one; at < len; at += one) {
        bool is_backup;

        if (bodies_item(c, p + at, len - at, &one, &is_backup) == CLI_OK) continue;
        meeting_name(r->meeting, message->member, name);
        snprintf(r->refused, sizeof r->refused, "%s wrote what are no envelopes", name);
        return CLI_OK;
    }
    if (drives_daemon(r)) CLI_TRY(load(c, r, &x->to_daemon, message->member, p, len));
    return take(c, r, x, p, len, true);
}

static cli_exit listen(cli *c, rounds *r, course *x)
{
    mailbox_message message;
    cli_exit code;
    bool more = true;

    await_missing(r);
    code = meeting_next(c, r->meeting, &message);
    if (code == CLI_AGAIN && r->refused[0] != '\0')
        cli_note(c, "an envelope was not taken: %s", r->refused);
    CLI_TRY(code);
    while (more) {
        CLI_TRY(take_message(c, r, x, &message));
        if (rounds_are_done(r) || x->to_daemon.parts == PARTS_MAX - 1) return CLI_OK;
        CLI_TRY(meeting_rest(c, r->meeting, &more, &message));
    }
    return CLI_OK;
}

/* Not of the daemon alone. No more is gathered than fits. */
static bool awaits_others(const rounds *r, const course *x)
{
    bool others = false;

    if (!r->gathers || x->to_daemon.parts >= PARTS_MAX - 1) return false;
    for (size_t i = 0; i < r->count; i++) {
        uint16_t missing[CSIG_PARTIES_MAX];
        const size_t n = csig_session_missing(r->s[i], missing);

        for (size_t k = 0; k < n && r->among[i] != NULL; k++)
            others =
                others || memcmp(r->among[i][missing[k] - 1], r->server, CSIG_IDENTITY_BYTES) != 0;
    }
    return others;
}

/* Why somebody stops is said to all: until a moment of silence more may be said, and somebody else
 * named whose offence came earlier. */
static cli_exit hear_accusations(cli *c, rounds *r, course *x, bool *more)
{
    mailbox_message message;
    bool found = meeting_is_held(r->meeting);

    while (found) {
        CLI_TRY(meeting_take(c, r->meeting, 1, &found, &message));
        if (found && message.member != r->meeting->box.self)
            CLI_TRY(take_message(c, r, x, &message));
    }
    *more = x->to_daemon.parts > 0 || x->out.away.len > 0;
    return CLI_OK;
}

/* --- out --- */

static cli_exit say(cli *c, rounds *r, const uint8_t *p, size_t len)
{
    AUTO_BLOB b = {0};

    if (!meeting_is_held(r->meeting) || len == 0) return CLI_OK;
    CLI_TRY(sift(c, r, p, len, false, &b));
    for (size_t at = 0, body; at < b.len; at += body) {
        CLI_TRY(bodies_next(c, bodies_room(), b.p + at, b.len - at, &body));
        CLI_TRY(meeting_say(c, r->meeting, MEETING_ENVELOPES, b.p + at, body));
    }
    return CLI_OK;
}

static cli_exit let_go(cli *c, rounds *r, course *x)
{
    AUTO_BLOB away = x->out.away;
    const size_t self = meeting_is_held(r->meeting) ? r->meeting->box.self : 0;
    cli_exit code;

    x->out.away = (blob){0};
    if (away.len == 0) return CLI_OK;
    if (r->leave != NULL && !evidence_is_told(r)) CLI_TRY(r->leave(c, r, &away, r->arg));
    code = say(c, r, away.p, away.len);
    /* Nobody needs what is too large for the board: who has the same proofs comes to the same. */
    if (!evidence_is_told(r)) CLI_TRY(code);
    if (!drives_daemon(r)) return CLI_OK;
    return load(c, r, &x->to_daemon, self, away.p, away.len);
}

static cli_exit speak_to_daemon(cli *c, rounds *r, course *x)
{
    AUTO_BLOB answer = {0};
    cli_exit code;

    if (r->post != NULL && !evidence_is_told(r)) CLI_TRY(r->post(c, r, &x->to_daemon.b, r->arg));
    code = exchange(c, r, &x->to_daemon, &answer);
    /* A server that has come to its verdict hears no more. */
    if (evidence_is_told(r) && code != CLI_OK) return evidence_tell(c, r);
    if (code != CLI_OK && code != CLI_OFFLINE) CLI_TRY(evidence_silence(c, r));
    CLI_TRY(code);
    CLI_TRY(say(c, r, answer.p, answer.len));
    return take(c, r, x, answer.p, answer.len, false);
}

static cli_exit wait_for_more(cli *c, rounds *r, course *x)
{
    cli_exit code;

    if (!meeting_is_held(r->meeting)) {
        CLI_TRY(evidence_silence(c, r));
        return cli_fail(c, CLI_AGAIN,
                        "the session stalled: the server said less than was due. Start again");
    }
    code = listen(c, r, x);
    if (code == CLI_AGAIN) CLI_TRY(evidence_silence(c, r));
    return code;
}

static cli_exit run(cli *c, rounds *r, course *x)
{
    for (;;) {
        bool more = false;

        CLI_TRY(rounds_settle(c, r, &x->out));
        CLI_TRY(let_go(c, r, x));
        if (x->to_daemon.parts > 0 && (evidence_is_told(r) || !awaits_others(r, x))) {
            CLI_TRY(speak_to_daemon(c, r, x));
        } else if (evidence_is_told(r)) {
            CLI_TRY(hear_accusations(c, r, x, &more));
            if (!more) return evidence_tell(c, r);
        } else if (rounds_are_done(r)) {
            return CLI_OK;
        } else {
            CLI_TRY(wait_for_more(c, r, x));
        }
    }
}

/* --- the end --- */

static void restore_words(cli *c, const cli *saved)
{
    memcpy(c->message, saved->message, sizeof c->message);
    memcpy(c->problem, saved->problem, sizeof c->problem);
    c->status = saved->status;
}

/* The daemon gets what shows who cheated, so that it says the same. */
static void accuse(cli *c, rounds *r, course *x)
{
    const cli saved = *c;
    AUTO_BLOB answer = {0};
    const freight *f = &x->to_daemon;

    if (f->parts > 0 && rounds_exchange(c, r->session, r->n, f->b.p, f->b.len, &answer) != CLI_OK)
        c->answered = false; /* an answer or none: it is the last word */
    restore_words(c, &saved);
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
    restore_words(c, &saved);
}

cli_exit rounds_run(cli *c, rounds *r)
{
    AUTO_COURSE x = {.to_daemon = {.parts = 0}};
    const cli_exit code = run(c, r, &x);

    if (code == CLI_CHEAT && meeting_is_held(r->meeting)) accuse(c, r, &x);
    if (code != CLI_OK && code != CLI_OFFLINE && r->session[0] != '\0') give_up(c, r);
    return code;
}
