/* How a meeting begins: the plan, and who is ready. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/meeting_inside.h"
#include "cli/peers.h"
#include "cli/seal.h"
#include "cli/tell.h"

/* Of the body of READY, before what is known of each. */
enum {
    HASH_AT = 0,
    PLACE_AT = 32,
    NONCE_AT = 33,
    OWN_AT = 65,
    AUX_AT = 97,
    HOLDS_AT = 129,
    KNOWS_AT = 133
};
/* A meeting may be silent for --wait seconds again and again: the mailbox outlives that. */
#define LIFE_MORE 3600
#define LIFE_MAX  604800
#define WORDS_MAX 199

/* --- ready --- */

static void hash_plan(meeting *m, const uint8_t *p, size_t len)
{
    (void)crypto_hash_sha256(m->open_hash, p, len);
}

static cli_exit what_it_knows(cli *c, const meeting *m, attendee *a)
{
    uint8_t id[CSIG_IDENTITY_BYTES], own[CSIG_AUX_ID_BYTES];
    uint64_t generation;

    if (a->here->aux == NULL) return CLI_OK;
    csig_aux_id(a->here->aux, a->aux);
    for (size_t i = 0; i < m->count; i++) {
        csig_peer *peer;

        CLI_TRY(peer_get(c, a->here, m->of[i].id, &peer));
        if (peer == NULL) continue;
        csig_peer_ids(peer, id, a->knows[i], own, &generation);
        csig_peer_free(peer);
    }
    return CLI_OK;
}

static cli_exit get_ready(cli *c, meeting *m, attendee *a)
{
    random_octets(a->nonce, sizeof a->nonce);
    random_octets(a->own, sizeof a->own);
    a->is_ready = true;
    return a->signs ? what_it_knows(c, m, a) : CLI_OK;
}

static cli_exit say_ready(cli *c, meeting *m, size_t place)
{
    const attendee *a = &m->of[place];
    uint8_t said[KNOWS_AT + sizeof a->knows];

    memcpy(said + HASH_AT, m->open_hash, sizeof m->open_hash);
    said[PLACE_AT] = (uint8_t)place;
    memcpy(said + NONCE_AT, a->nonce, sizeof a->nonce);
    memcpy(said + OWN_AT, a->own, sizeof a->own);
    memcpy(said + AUX_AT, a->aux, sizeof a->aux);
    for (unsigned i = 0; i < sizeof a->holds; i++)
        said[HOLDS_AT + i] = (uint8_t)(a->holds >> (24 - 8 * i));
    memcpy(said + KNOWS_AT, a->knows, m->count * CSIG_AUX_ID_BYTES);
    return meeting_say_signed(c, m, MEETING_READY, a->here->identity, said,
                              KNOWS_AT + m->count * CSIG_AUX_ID_BYTES);
}

static cli_exit take_ready(cli *c, meeting *m, const mailbox_message *message)
{
    const size_t len = KNOWS_AT + m->count * CSIG_AUX_ID_BYTES;
    attendee *a;
    char name[64];
    blob said;

    meeting_name(m, message->member, name);
    if (message->len != MEETING_HEAD + len + MEETING_SIGNATURE ||
        message->p[MEETING_HEAD + PLACE_AT] >= m->count)
        return cli_fail(c, CLI_INPUT, "%s is ready for something else", name);
    a = &m->of[message->p[MEETING_HEAD + PLACE_AT]];
    if (a->here != NULL || a->member != message->member || a->is_ready)
        return cli_fail(c, CLI_INPUT, "%s speaks for somebody else", name);
    CLI_TRY(meeting_verify(c, m, message, a->id, &said));
    if (memcmp(said.p + HASH_AT, m->open_hash, sizeof m->open_hash) != 0)
        return cli_fail(c, CLI_AGAIN, "%s was shown another plan", name);
    memcpy(a->nonce, said.p + NONCE_AT, sizeof a->nonce);
    memcpy(a->own, said.p + OWN_AT, sizeof a->own);
    memcpy(a->aux, said.p + AUX_AT, sizeof a->aux);
    for (unsigned i = 0; i < sizeof a->holds; i++)
        a->holds = a->holds << 8 | said.p[HOLDS_AT + i];
    memcpy(a->knows, said.p + KNOWS_AT, m->count * CSIG_AUX_ID_BYTES);
    a->is_ready = true;
    return CLI_OK;
}

static bool all_are_ready(meeting *m)
{
    bool all = true;

    meeting_await_nobody(m);
    for (size_t i = 0; i < m->count; i++) {
        if (m->of[i].is_ready) continue;
        all = false;
        m->is_awaited[m->of[i].member] = true;
    }
    return all;
}

/* Nobody here meets whom it refuses. */
static cli_exit check_locks(cli *c, const meeting *m)
{
    for (size_t i = 0; i < m->count; i++)
        for (size_t j = 0; m->of[i].here != NULL && j < m->count; j++)
            CLI_TRY(lock_check(c, m->of[i].here, m->of[j].id));
    return CLI_OK;
}

/* Those here are, and wait for the others. */
static cli_exit gather(cli *c, meeting *m)
{
    mailbox_message message;

    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here != NULL) CLI_TRY(get_ready(c, m, &m->of[i]));
    if (!meeting_is_held(m)) return CLI_OK;
    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here != NULL) CLI_TRY(say_ready(c, m, i));
    while (!all_are_ready(m)) {
        CLI_TRY(meeting_next(c, m, &message));
        if (message.p[0] == MEETING_READY) CLI_TRY(take_ready(c, m, &message));
    }
    return CLI_OK;
}

/* Who speaks for each: itself, or where it is no member the host. */
static void find_members(meeting *m)
{
    for (size_t i = 0; i < m->count; i++) {
        m->of[i].member = m->host;
        for (size_t k = 0; k < m->box.members; k++)
            if (memcmp(m->of[i].id, m->box.member[k], CSIG_IDENTITY_BYTES) == 0)
                m->of[i].member = k;
    }
}

/* --- the host --- */

static cli_exit say_plan(cli *c, meeting *m)
{
    char *text = json_line(m->plan);
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    hash_plan(m, (const uint8_t *)text, strlen(text));
    code = meeting_say_signed(c, m, MEETING_OPEN, m->box.as->identity, (const uint8_t *)text,
                              strlen(text));
    free(text);
    return code;
}

static void invite(meeting *m)
{
    json *members = json_array_new();

    for (size_t i = 0; i < m->count; i++) {
        const attendee *a = &m->of[i];

        json_push_octets(members, a->id, sizeof a->id);
        if (a->here != NULL && m->box.as != NULL) continue;
        if (a->here != NULL) m->box.as = a->here;
    }
    json_put(m->plan, "members", members);
    memcpy(m->box.member[m->box.members++], m->box.as->id, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here == NULL)
            memcpy(m->box.member[m->box.members++], m->of[i].id, CSIG_IDENTITY_BYTES);
}

static bool all_are_here(const meeting *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].here == NULL) return false;
    return true;
}

static void tell_waiting(const cli *c, const meeting *m)
{
    char list[900] = "", name[64];
    size_t n = 0;

    for (size_t i = 0; i < m->box.members && n < sizeof list; i++) {
        if (i == m->box.self) continue;
        meeting_name(m, i, name);
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n > 0 ? ", " : "", name);
    }
    cli_note(c, "meeting %s waits for %s; there: countersign join %s", m->box.id, list, m->box.id);
}

cli_exit meeting_host(cli *c, meeting *m, const char *purpose, json *plan)
{
    const unsigned life = meeting_patience(c) + LIFE_MORE;

    m->plan = plan;
    CLI_TRY(check_locks(c, m));
    if (all_are_here(m)) return gather(c, m);
    if (c->transcript != NULL)
        return cli_fail(c, CLI_USAGE,
                        "a transcript has a receipt of every device: --transcript where all of "
                        "them are here");
    json_put_text(plan, "purpose", purpose);
    invite(m);
    CLI_TRY(mailbox_make(c, &m->box, life < LIFE_MAX ? life : LIFE_MAX));
    m->host = m->box.self;
    find_members(m);
    if (m->herald != NULL)
        CLI_TRY(meeting_say(c, m->herald, MEETING_NEXT, m->box.octets, MAILBOX_ID_BYTES));
    else
        tell_waiting(c, m);
    CLI_TRY(say_plan(c, m));
    return gather(c, m);
}

cli_exit meeting_tell(cli *c, meeting *m, const json *answer)
{
    char *text;
    cli_exit code;

    if (!meeting_is_held(m)) return CLI_OK;
    text = json_line(answer);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = meeting_say(c, m, MEETING_SESSION, (const uint8_t *)text, strlen(text));
    free(text);
    return code;
}

/* --- a guest --- */

static cli_exit read_plan(cli *c, meeting *m, const mailbox_message *message)
{
    blob said;

    m->host = message->member;
    CLI_TRY(meeting_verify(c, m, message, m->box.member[m->host], &said));
    hash_plan(m, said.p, said.len);
    CLI_TRY(json_read(c, &m->plan, said.p, said.len));
    if (json_text(m->plan, "purpose") != NULL && json_is_list(json_member(m->plan, "members")))
        return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the plan of meeting %s does not say what for", m->box.id);
}

/* An earlier process of this device has answered it, or it is over. */
static cli_exit is_open(cli *c, const meeting *m, bool *open)
{
    size_t at = m->at;

    *open = true;
    while (at < m->frames.len) {
        mailbox_message message;

        CLI_TRY(mailbox_next(c, &m->box, &m->frames, &at, &message));
        if (message.member == m->box.self || (message.len > 0 && message.p[0] == MEETING_END))
            *open = false;
    }
    return CLI_OK;
}

/* *found false: not for us any more, or not begun within a moment. */
static cli_exit try(cli *c, meeting *m, const device *d, const char *id, bool *found)
{
    mailbox_message message;

    meeting_close(m);
    *m = (meeting){.box = {.as = d}};
    *found = false;
    if (!hex_is_read(m->box.octets, MAILBOX_ID_BYTES, id)) return json_lacks(c, "mailbox");
    memcpy(m->box.id, id, sizeof m->box.id);
    CLI_TRY(mailbox_look(c, &m->box));
    CLI_TRY(meeting_take(c, m, 5, found, &message));
    if (!*found) return CLI_OK;
    CLI_TRY(is_open(c, m, found));
    *found = *found && message.p[0] == MEETING_OPEN && message.member != m->box.self;
    return *found ? read_plan(c, m, &message) : CLI_OK;
}

/* What is wrong with one invitation must not keep others away. */
static cli_exit try_each(cli *c, meeting *m, const device *d, unsigned wait, bool *found)
{
    AUTO_JSON answer = NULL;
    const json *list;

    *found = false;
    CLI_TRY(mailbox_list(c, d, wait, &answer));
    list = json_member(answer, "mailboxes");
    for (size_t i = 0; i < json_count(list) && !*found; i++) {
        const char *id = json_text(json_at(list, i), "mailbox");
        const cli_exit code = id == NULL ? json_lacks(c, "mailbox") : try(c, m, d, id, found);

        if (code == CLI_OFFLINE || code == CLI_LOCAL) return code;
        if (code != CLI_OK) *found = false;
        if (code != CLI_OK && strcmp(c->problem, "not-found") != 0)
            cli_note(c, "an invitation is passed over: %s", c->message);
    }
    if (*found || json_count(list) == 0) return CLI_OK;
    /* The list is answered at once while there is anything in it. */
    (void)nanosleep(&(struct timespec){.tv_nsec = 300000000L}, NULL);
    return CLI_OK;
}

cli_exit meeting_find(cli *c, meeting *m, const device *d, const char *id)
{
    const time_t end = time(NULL) + meeting_patience(c);
    bool found = false;

    while (!found) {
        const time_t left = end - time(NULL);

        if (left <= 0) {
            meeting_close(m);
            *m = (meeting){0};
            return cli_fail(c, CLI_AGAIN, "no invitation for device %s within %u seconds", d->name,
                            meeting_patience(c));
        }
        if (id == NULL) {
            CLI_TRY(try_each(c, m, d, (unsigned)left, &found));
            continue;
        }
        CLI_TRY(try(c, m, d, id, &found));
        if (!found && m->after > 0)
            return cli_fail(c, CLI_REFUSED,
                            "meeting %s is over, or was answered by device %s before; ask for a "
                            "new one",
                            id, d->name);
    }
    return CLI_OK;
}

/* The plan names those that are seated, in order, and nobody else; one of them invites. */
static cli_exit check_seats(cli *c, const meeting *m)
{
    const json *members = json_member(m->plan, "members");
    uint8_t id[CSIG_IDENTITY_BYTES];
    bool host = false;

    for (size_t i = 0; i < m->count; i++) {
        const char *text = json_text_at(members, i);

        if (text == NULL || !hex_is_read(id, sizeof id, text) ||
            memcmp(id, m->of[i].id, sizeof id) != 0)
            return cli_fail(c, CLI_INPUT, "the plan names other devices than take part");
        host = host || memcmp(id, m->box.member[m->host], sizeof id) == 0;
    }
    if (json_count(members) == m->count && host) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the plan is of somebody who does not take part in it");
}

cli_exit meeting_agree(cli *c, meeting *m)
{
    cli_exit code = check_seats(c, m);

    if (code == CLI_OK) code = check_locks(c, m);
    if (code != CLI_OK) return meeting_decline(c, m, code, c->message);
    find_members(m);
    return gather(c, m);
}

cli_exit meeting_decline(cli *c, meeting *m, cli_exit code, const char *why)
{
    char words[sizeof c->message];

    snprintf(words, sizeof words, "%s", why);
    if (code != CLI_OFFLINE &&
        meeting_say_signed(c, m, MEETING_DECLINE, m->box.as->identity, (const uint8_t *)words,
                           strnlen(words, WORDS_MAX)) != CLI_OK)
        c->answered = false; /* it is not heard: do not wait for it again */
    return cli_fail(c, code, "%s", words);
}

cli_exit meeting_hear(cli *c, meeting *m, json **answer)
{
    mailbox_message message;

    do {
        meeting_await_nobody(m);
        m->is_awaited[m->host] = true;
        CLI_TRY(meeting_next(c, m, &message));
        if (m->has_ended[m->host]) return cli_fail(c, CLI_AGAIN, "the host has ended the meeting");
    } while (message.member != m->host || message.p[0] != MEETING_SESSION);
    return json_read(c, answer, message.p + MEETING_HEAD, message.len - MEETING_HEAD);
}
