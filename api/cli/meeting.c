#include "cli/meeting.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/meeting_inside.h"
#include "cli/tell.h"

/* The host clears the board when the guests have said how it went for them, and does not wait
 * longer for it than this. */
#define FAREWELL_SECONDS 10

void meeting_close(meeting *m)
{
    json_free(&m->plan);
    blob_free(&m->frames);
}

bool meeting_is_held(const meeting *m)
{
    return m != NULL && m->box.as != NULL;
}

bool meeting_has_host_here(const meeting *m)
{
    return !meeting_is_held(m) || m->host == m->box.self;
}

/* --- who takes part --- */

void meeting_seat(meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES], uint16_t party,
                  const device *here, bool signs)
{
    attendee *a = &m->of[m->count++];

    *a = (attendee){.party = party, .here = here, .signs = signs};
    memcpy(a->id, id, sizeof a->id);
}

attendee *meeting_attendee(meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    for (size_t i = 0; i < m->count; i++)
        if (memcmp(m->of[i].id, id, CSIG_IDENTITY_BYTES) == 0) return &m->of[i];
    return NULL;
}

const uint8_t *meeting_nonce(const meeting *m, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    static const uint8_t none[CSIG_NONCE_BYTES] = {0};

    for (size_t i = 0; i < m->count; i++)
        if (memcmp(m->of[i].id, id, CSIG_IDENTITY_BYTES) == 0) return m->of[i].nonce;
    return none;
}

void meeting_renew(meeting *m)
{
    static const char label[] = "the next nonce";
    uint8_t said[sizeof label + CSIG_NONCE_BYTES];

    memcpy(said, label, sizeof label);
    for (size_t i = 0; i < m->count; i++) {
        memcpy(said + sizeof label, m->of[i].nonce, CSIG_NONCE_BYTES);
        (void)crypto_hash_sha256(m->of[i].nonce, said, sizeof said);
    }
}

uint32_t meeting_holds(const meeting *m)
{
    uint32_t all = UINT32_MAX;

    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here == NULL) all &= m->of[i].holds;
    return all;
}

void meeting_name(const meeting *m, size_t member, char name[64])
{
    char id[2 * CSIG_IDENTITY_BYTES + 1];

    hex_write(id, m->box.member[member], CSIG_IDENTITY_BYTES);
    snprintf(name, 64, "device %.12s", id);
    for (size_t i = 0; i < m->count; i++)
        if (memcmp(m->of[i].id, m->box.member[member], CSIG_IDENTITY_BYTES) == 0 &&
            m->of[i].party > 0) {
            if (m->of[i].called != NULL)
                snprintf(name, 64, "party %u (%.40s)", m->of[i].party, m->of[i].called);
            else
                snprintf(name, 64, "party %u (device %.12s)", m->of[i].party, id);
        }
}

void meeting_await_nobody(meeting *m)
{
    memset(m->is_awaited, 0, sizeof m->is_awaited);
}

/* --- out --- */

static const char *use_of(uint8_t kind)
{
    switch (kind) {
    case MEETING_OPEN:
        return "meeting-open";
    case MEETING_READY:
        return "meeting-ready";
    case MEETING_DECLINE:
        return "meeting-decline";
    case MEETING_END:
        return "meeting-end";
    case MEETING_ADOPT:
        return "meeting-adopt";
    default:
        return NULL;
    }
}

cli_exit meeting_say(cli *c, meeting *m, uint8_t kind, const uint8_t *p, size_t len)
{
    AUTO_BLOB b = {.p = malloc(MEETING_HEAD + len), .len = MEETING_HEAD + len};

    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.p[0] = kind;
    b.p[1] = MEETING_VERSION;
    if (len > 0) memcpy(b.p + MEETING_HEAD, p, len);
    CLI_TRY(mailbox_write(c, &m->box, m->sent + 1, b.p, b.len));
    m->sent++;
    return CLI_OK;
}

static cli_exit what_is_signed(cli *c, const meeting *m, const uint8_t *p, size_t len, blob *b)
{
    *b = (blob){malloc(MAILBOX_ID_BYTES + len + 1), MAILBOX_ID_BYTES + len};
    if (b->p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(b->p, m->box.octets, MAILBOX_ID_BYTES);
    if (len > 0) memcpy(b->p + MAILBOX_ID_BYTES, p, len);
    return CLI_OK;
}

cli_exit meeting_say_signed(cli *c, meeting *m, uint8_t kind, const csig_identity *by,
                            const uint8_t *p, size_t len)
{
    AUTO_BLOB said = {.p = malloc(len + MEETING_SIGNATURE), .len = len + MEETING_SIGNATURE};
    AUTO_BLOB b = {0};

    if (said.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(what_is_signed(c, m, p, len, &b));
    memcpy(said.p, p, len);
    CLI_TRY(cli_check(c, csig_identity_sign(by, use_of(kind), b.p, b.len, said.p + len),
                      "signing for a meeting"));
    return meeting_say(c, m, kind, said.p, said.len);
}

/* --- in --- */

cli_exit meeting_verify(cli *c, const meeting *m, const mailbox_message *message,
                        const uint8_t by[CSIG_IDENTITY_BYTES], blob *lent)
{
    AUTO_BLOB b = {0};
    char name[64];

    meeting_name(m, message->member, name);
    if (message->len < MEETING_HEAD + MEETING_SIGNATURE)
        return cli_fail(c, CLI_INPUT, "a message of %s is none", name);
    *lent = (blob){(uint8_t *)(uintptr_t)message->p + MEETING_HEAD,
                   message->len - MEETING_HEAD - MEETING_SIGNATURE};
    CLI_TRY(what_is_signed(c, m, lent->p, lent->len, &b));
    if (csig_identity_verify(by, use_of(message->p[0]), b.p, b.len, lent->p + lent->len) == CSIG_OK)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "what stands on the board as a message of %s is not signed by it; nothing was "
                    "done with it",
                    name);
}

unsigned meeting_patience(const cli *c)
{
    return c->wait > 0 ? c->wait : MEETING_SECONDS;
}

/* Everybody reads the same board: whole and in order, or it is not read on. */
static cli_exit check_order(cli *c, meeting *m, const mailbox_message *message)
{
    char name[64];

    if (message->position == m->after + 1 && message->number == m->number[message->member] + 1) {
        m->after = message->position;
        m->number[message->member] = message->number;
        return CLI_OK;
    }
    meeting_name(m, message->member, name);
    return cli_fail(c, CLI_INPUT,
                    "the server does not give the messages of meeting %s as they were put there "
                    "(message %u of %s where %u is due); nothing was done with them",
                    m->box.id, message->number, name, m->number[message->member] + 1);
}

cli_exit meeting_take(cli *c, meeting *m, unsigned wait, bool *found, mailbox_message *message)
{
    *found = false;
    if (m->at == m->frames.len) {
        m->at = 0;
        CLI_TRY(mailbox_read(c, &m->box, m->after, wait, &m->frames));
    }
    if (m->frames.len == 0) {
        if (m->watch != NULL) m->watch(m, NULL);
        return CLI_OK;
    }
    CLI_TRY(mailbox_next(c, &m->box, &m->frames, &m->at, message));
    CLI_TRY(check_order(c, m, message));
    if (m->watch != NULL) m->watch(m, message);
    *found = true;
    if (message->len >= MEETING_HEAD && message->p[1] == MEETING_VERSION) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "a message of meeting %s is of another version", m->box.id);
}

/* What others write, for a terminal. */
static void words_of(const blob *lent, size_t from, char words[200])
{
    size_t n = 0;

    for (; from + n < lent->len && n < 199; n++)
        words[n] =
            lent->p[from + n] >= 0x20 && lent->p[from + n] < 0x7f ? (char)lent->p[from + n] : '?';
    words[n] = '\0';
}

/* Who is done goes; who failed takes the meeting with it: without it nothing comes to an end. */
static cli_exit take_end(cli *c, meeting *m, const mailbox_message *message)
{
    const bool declines = message->p[0] == MEETING_DECLINE;
    char name[64], words[200];
    blob lent;

    CLI_TRY(meeting_verify(c, m, message, m->box.member[message->member], &lent));
    if (!declines && lent.len == 0) return cli_fail(c, CLI_INPUT, "an end that does not say how");
    m->has_ended[message->member] = true;
    if (!declines && lent.p[0] == CLI_OK) return CLI_OK;
    meeting_name(m, message->member, name);
    words_of(&lent, declines ? 0 : 1, words);
    return cli_fail(c, declines ? CLI_REFUSED : CLI_AGAIN, "%s %s: %s", name,
                    declines ? "declines" : "gave up", words);
}

/* Those that silence is blamed on, with when they were last there. */
static cli_exit name_missing(cli *c, meeting *m)
{
    char list[900] = "", name[64], seen[32];
    size_t n = 0;

    for (size_t i = 0; i < m->box.members; i++) {
        if (!m->is_awaited[i] || i == m->box.self) continue;
        meeting_name(m, i, name);
        if (mailbox_seen(c, &m->box, i, seen) != CLI_OK) snprintf(seen, sizeof seen, "unknown");
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s, last seen %s", n > 0 ? "; " : "",
                              name, seen);
        if (n >= sizeof list) break;
    }
    return cli_fail(c, CLI_AGAIN, "nothing was heard in meeting %s for %u seconds; missing: %s",
                    m->box.id, meeting_patience(c), list[0] != '\0' ? list : "the server");
}

static int64_t seconds_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static cli_exit take_in_time(cli *c, meeting *m, mailbox_message *message)
{
    const int64_t end = seconds_now() + meeting_patience(c);
    bool found = false;

    while (!found) {
        const int64_t left = end - seconds_now();
        const cli_exit code =
            left > 0 ? meeting_take(c, m, (unsigned)left, &found, message) : CLI_AGAIN;

        if (left <= 0) return name_missing(c, m);
        if (code != CLI_OK && strcmp(c->problem, "not-found") == 0)
            return cli_fail(c, CLI_AGAIN, "meeting %s is over: its mailbox is gone", m->box.id);
        CLI_TRY(code);
    }
    return CLI_OK;
}

/* *heard: it is somebody else's, and not about an end. */
static cli_exit hear(cli *c, meeting *m, const mailbox_message *message, bool *heard)
{
    *heard = false;
    if (message->member == m->box.self) return CLI_OK;
    if (message->p[0] == MEETING_END || message->p[0] == MEETING_DECLINE) {
        *heard = m->hears_ends;
        return take_end(c, m, message);
    }
    if (message->p[0] == MEETING_PAIRED) m->is_paired[message->member] = true;
    *heard = true;
    return CLI_OK;
}

cli_exit meeting_next(cli *c, meeting *m, mailbox_message *message)
{
    bool heard = false;

    while (!heard) {
        CLI_TRY(take_in_time(c, m, message));
        CLI_TRY(hear(c, m, message, &heard));
    }
    return CLI_OK;
}

cli_exit meeting_rest(cli *c, meeting *m, bool *found, mailbox_message *message)
{
    bool heard = false;

    *found = false;
    while (!heard && m->at < m->frames.len) {
        CLI_TRY(meeting_take(c, m, 0, found, message));
        CLI_TRY(hear(c, m, message, &heard));
    }
    *found = heard;
    return CLI_OK;
}

/* --- the end --- */

static bool somebody_is_there(const meeting *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here == NULL && m->of[i].is_ready && !m->has_ended[m->of[i].member])
            return true;
    return false;
}

static void farewell(cli *c, meeting *m)
{
    const int64_t end = seconds_now() + FAREWELL_SECONDS;
    mailbox_message message;
    bool found;

    while (somebody_is_there(m) && seconds_now() < end) {
        if (meeting_take(c, m, 1, &found, &message) != CLI_OK) break;
        if (found && message.p[0] == MEETING_END && take_end(c, m, &message) != CLI_OK &&
            message.member != m->box.self)
            cli_note(c, "%s", c->message);
    }
    if (mailbox_drop(c, &m->box) != CLI_OK) c->answered = false;
}

void meeting_end(cli *c, meeting *m, cli_exit code)
{
    const cli saved = *c;
    uint8_t said[256];
    size_t len;

    if (!meeting_is_held(m) || code == CLI_OFFLINE) return;
    said[0] = (uint8_t)code;
    len = code == CLI_OK ? 0 : strnlen(saved.message, sizeof said - 1);
    memcpy(said + 1, saved.message, len);
    if (m->plan != NULL)
        (void)(meeting_say_signed(c, m, MEETING_END, m->box.as->identity, said, len + 1) == CLI_OK);
    if (meeting_has_host_here(m)) farewell(c, m);
    memcpy(c->message, saved.message, sizeof c->message);
    memcpy(c->problem, saved.problem, sizeof c->problem);
    c->status = saved.status;
}
