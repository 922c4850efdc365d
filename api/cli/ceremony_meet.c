/* The meetings of a ceremony: whose they are, and what earlier ones left behind. */
#include <string.h>
#include <time.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/meeting.h"
#include "cli/tell.h"

#define LOOK_SECONDS 5 /* for the first message of a meeting that is there */

json *ceremony_invitation(const ceremony *x)
{
    json *j = json_new();

    json_put_text(j, "ceremony", x->p.hash_text);
    json_put_number(j, "attempt", x->attempt);
    json_put_flag(j, "rehearsal", x->is_rehearsal);
    return j;
}

static bool is_host_here(const ceremony *x, const meeting *m)
{
    return memcmp(m->box.member[m->host], x->p.party[x->p.host - 1].id, CSIG_IDENTITY_BYTES) == 0;
}

static bool is_ours(const ceremony *x, const meeting *m, const char *purpose)
{
    bool rehearsal;

    return json_text_is(m->plan, "ceremony", x->p.hash_text) &&
           json_text_is(m->plan, "purpose", purpose) &&
           json_is_flag(json_member(m->plan, "rehearsal"), &rehearsal) &&
           rehearsal == x->is_rehearsal && is_host_here(x, m);
}

/* Each that is open, the newest first: a host that was ended leaves older ones behind. */
static cli_exit find_among(cli *c, const ceremony *x, const json *list, meeting *m,
                           const char *purpose, bool *found)
{
    for (size_t i = json_count(list); i > 0 && !*found; i--) {
        const char *id = json_text(json_at(list, i - 1), "mailbox");
        cli_exit code;

        if (id == NULL) return json_lacks(c, "mailbox");
        code = meeting_find(c, m, x->d, id);
        *found = code == CLI_OK && is_ours(x, m, purpose);
        if (code == CLI_OFFLINE || code == CLI_LOCAL) return code;
        if (!*found) {
            meeting_close(m);
            *m = (meeting){.count = 0};
        }
    }
    return CLI_OK;
}

static cli_exit not_there(cli *c, const ceremony *x, const char *purpose, unsigned seconds)
{
    return cli_fail(c, CLI_AGAIN,
                    "party %u (%s), the host, does not begin to %s within %u seconds; there: "
                    "countersign ceremony %s",
                    x->p.host, x->p.party[x->p.host - 1].name, purpose, seconds,
                    x->is_rehearsal ? "rehearse" : "run, or resume");
}

cli_exit ceremony_find(cli *c, const ceremony *x, meeting *m, const char *purpose)
{
    const unsigned wait = c->wait;
    const time_t end = time(NULL) + wait;
    bool found = false;
    cli_exit code = CLI_OK;

    while (code == CLI_OK && !found) {
        AUTO_JSON answer = NULL;
        const time_t left = end - time(NULL);

        if (left <= 0) return not_there(c, x, purpose, wait);
        CLI_TRY(mailbox_list(c, x->d, (unsigned)left, &answer));
        c->wait = LOOK_SECONDS;
        code = find_among(c, x, json_member(answer, "mailboxes"), m, purpose, &found);
        c->wait = wait;
        /* The list is answered at once while there is anything in it. */
        if (!found) (void)nanosleep(&(struct timespec){.tv_nsec = 200000000L}, NULL);
    }
    return code;
}

void ceremony_seat(const ceremony *x, meeting *m, uint16_t index, bool signs)
{
    const plan_party *a = &x->p.party[index - 1];

    meeting_seat(m, a->id, plan_number(&x->p, index), index == x->self ? x->d : NULL, signs);
    m->of[m->count - 1].called = a->name;
}

/* --- what was left open --- */

/* The daemon's session that the host told on the board, if it came to that. */
static cli_exit give_up_session(cli *c, const json *answer)
{
    const json *inner = json_member(answer, "session");
    const char *id = json_text(inner, "session");
    AUTO_REPLY gone = {0};
    uint8_t octets[16];
    char path[96];

    if (id == NULL) id = json_text(answer, "session");
    if (id == NULL || !hex_is_read(octets, sizeof octets, id)) return CLI_OK;
    snprintf(path, sizeof path, "/v1/sessions/%s", id);
    return client_call(c, "DELETE", path, NULL, NULL, 0, &gone);
}

static cli_exit give_up_told(cli *c, const mailbox_message *message)
{
    AUTO_JSON j = NULL;

    if (json_read(c, &j, message->p + 2, message->len - 2) != CLI_OK) return CLI_OK;
    return give_up_session(c, j);
}

static bool is_opened_for(cli *c, const ceremony *x, const mailbox_message *message)
{
    AUTO_JSON j = NULL;
    const size_t around = 2 + PLAN_SIGNATURE;

    return message->len > around && message->p[0] == MEETING_OPEN &&
           json_read(c, &j, message->p + 2, message->len - around) == CLI_OK &&
           json_text_is(j, "ceremony", x->p.hash_text);
}

/* Is it of this plan, by the first message? And which session. */
static cli_exit look_into(cli *c, const ceremony *x, mailbox *box, bool *ours)
{
    AUTO_BLOB frames = {0};
    size_t at = 0;

    *ours = false;
    CLI_TRY(mailbox_look(c, box));
    CLI_TRY(mailbox_read(c, box, 0, 0, &frames));
    while (at < frames.len) {
        mailbox_message one;

        CLI_TRY(mailbox_next(c, box, &frames, &at, &one));
        if (one.position == 1) *ours = is_opened_for(c, x, &one);
        if (!*ours) return CLI_OK;
        if (one.p[0] == MEETING_SESSION) CLI_TRY(give_up_told(c, &one));
    }
    return CLI_OK;
}

cli_exit ceremony_clear(cli *c, const ceremony *x)
{
    AUTO_JSON answer = NULL;
    const json *list;

    CLI_TRY(mailbox_list(c, x->d, 0, &answer));
    list = json_member(answer, "mailboxes");
    for (size_t i = 0; i < json_count(list); i++) {
        const char *id = json_text(json_at(list, i), "mailbox");
        mailbox box = {.as = x->d};
        bool ours;

        if (id == NULL || !hex_is_read(box.octets, sizeof box.octets, id))
            return json_lacks(c, "mailbox");
        memcpy(box.id, id, sizeof box.id);
        if (look_into(c, x, &box, &ours) != CLI_OK || !ours) continue;
        cli_note(c, "meeting %s of an earlier attempt is given up", id);
        CLI_TRY(mailbox_drop(c, &box));
    }
    c->problem[0] = '\0';
    return CLI_OK;
}
