/* Who is where: a row for each participant, told when it changes, and kept in a file that
 * `ceremony status` shows while the ceremony runs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ceremony.h"
#include "cli/meeting.h"
#include "cli/tell.h"

static void write_time(char text[32], int64_t seconds)
{
    const time_t t = (time_t)seconds;
    struct tm tm;

    if (seconds == 0 || gmtime_r(&t, &tm) == NULL)
        snprintf(text, 32, "never");
    else
        (void)strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static json *row_of(const ceremony *x, uint16_t index)
{
    const ceremony_row *r = &x->row[index - 1];
    json *one = json_new();
    char seen[32];

    write_time(seen, r->seen);
    json_put_number(one, plan_is_leaving(&x->p, index) ? "was" : "index",
                    plan_number(&x->p, index));
    json_put_text(one, "name", x->p.party[index - 1].name);
    json_put_text(one, "phase", r->phase[0] != '\0' ? r->phase : "not there yet");
    json_put_text(one, "seen", seen);
    json_put_flag(one, "waited_for", r->awaited);
    return one;
}

static json *table_of(const ceremony *x)
{
    json *j = json_new(), *rows = json_array_new();
    char now[32];

    write_time(now, (int64_t)time(NULL));
    for (uint16_t i = 1; i <= x->p.seats; i++)
        if (x->p.party[i - 1].takes_part) json_push(rows, row_of(x, i));
    json_put_text(j, "plan", x->p.hash_text);
    json_put_number(j, "attempt", x->attempt);
    json_put_text(j, "phase", x->phase);
    json_put_text(j, "at", now);
    json_put(j, "participants", rows);
    return j;
}

/* Of use to people alone: that it cannot be written stops nothing. */
static void keep(const ceremony *x)
{
    cli *c = x->c;
    const cli saved = *c;
    AUTO_JSON j = table_of(x);
    AUTO_BLOB b = {.p = (uint8_t *)json_canonical(j)};
    char path[PATH_ROOM];

    if (x->is_rehearsal || b.p == NULL) return;
    b.len = strlen((const char *)b.p);
    if (ceremony_path(c, x, "progress", path) == CLI_OK)
        (void)(file_write(c, path, b.p, b.len) == CLI_OK);
    memcpy(c->message, saved.message, sizeof c->message);
}

void ceremony_set_phase(ceremony *x, const char *phase)
{
    ceremony_row *own = &x->row[x->self - 1];

    x->phase = phase;
    snprintf(own->phase, sizeof own->phase, "%s", phase);
    own->seen = (int64_t)time(NULL);
    for (uint16_t i = 0; i < x->p.seats; i++)
        x->row[i].round = 0;
    cli_note(x->c, "attempt %u: %s", x->attempt, phase);
    keep(x);
}

/* --- what is heard --- */

/* The furthest round that an envelope of it speaks in. */
static uint8_t round_in(const mailbox_message *message)
{
    const uint8_t *p = message->p + 2;
    size_t len = message->len - 2, one;
    uint8_t furthest = 0, round;

    while (len > 0 && csig_envelope_length(p, len, &one) == CSIG_OK) {
        if (csig_envelope_round(p, one, &round) == CSIG_OK && round > furthest) furthest = round;
        p += one;
        len -= one;
    }
    return furthest;
}

static void describe(ceremony_row *r, const mailbox_message *message)
{
    switch (message->p[0]) {
    case MEETING_OPEN:
        snprintf(r->phase, sizeof r->phase, "invites");
        break;
    case MEETING_READY:
        snprintf(r->phase, sizeof r->phase, "ready");
        break;
    case MEETING_DECLINE:
        snprintf(r->phase, sizeof r->phase, "declines");
        break;
    case MEETING_ENVELOPES:
        if (round_in(message) > r->round) r->round = round_in(message);
        snprintf(r->phase, sizeof r->phase, "round %u", r->round);
        break;
    case MEETING_END:
        snprintf(r->phase, sizeof r->phase,
                 message->len > 2 && message->p[2] != CLI_OK ? "gave up" : "done");
        break;
    case CEREMONY_BUNDLE:
        snprintf(r->phase, sizeof r->phase, "shows its moduli");
        break;
    case CEREMONY_RECEIPT:
        snprintf(r->phase, sizeof r->phase, "signed its receipt");
        break;
    default:
        break;
    }
}

static void mark_awaited(ceremony *x, const meeting *m)
{
    for (uint16_t i = 0; i < x->p.seats; i++) {
        x->row[i].awaited = false;
        for (size_t k = 0; k < m->box.members; k++)
            if (m->is_awaited[k] && k != m->box.self &&
                memcmp(m->box.member[k], x->p.party[i].id, CSIG_IDENTITY_BYTES) == 0)
                x->row[i].awaited = true;
    }
}

static void see(meeting *m, const mailbox_message *message)
{
    ceremony *x = m->watch_arg;
    char before[CEREMONY_PHASE_ROOM];
    uint16_t index;

    mark_awaited(x, m);
    if (message == NULL || message->len < 3) {
        keep(x);
        return;
    }
    index = plan_index(&x->p, m->box.member[message->member]);
    if (index == 0) return;
    memcpy(before, x->row[index - 1].phase, sizeof before);
    describe(&x->row[index - 1], message);
    x->row[index - 1].seen = (int64_t)time(NULL);
    if (strcmp(before, x->row[index - 1].phase) == 0) return;
    if (index != x->self)
        cli_note(x->c, "party %u (%s): %s", plan_number(&x->p, index), x->p.party[index - 1].name,
                 x->row[index - 1].phase);
    keep(x);
}

void ceremony_watch(ceremony *x, meeting *m)
{
    m->watch = see;
    m->watch_arg = x;
}

/* Where one is silent all wait, for one another too: whose last message is the oldest is said. */
cli_exit ceremony_blame(cli *c, ceremony *x, cli_exit code)
{
    char why[1100], list[300] = "";
    uint8_t least = UINT8_MAX, most = 0;
    size_t n = 0;

    snprintf(why, sizeof why, "%.1099s", c->message);
    for (uint16_t i = 0; i < x->p.seats; i++) {
        if (!x->p.party[i].takes_part || i + 1 == CREATION_SERVER || i + 1 == x->self) continue;
        if (x->row[i].round < least) least = x->row[i].round;
        if (x->row[i].round > most) most = x->row[i].round;
    }
    for (uint16_t i = 0; i < x->p.seats && n < sizeof list && least < most; i++)
        if (x->p.party[i].takes_part && i + 1 != CREATION_SERVER && i + 1 != x->self &&
            x->row[i].round == least)
            n += (size_t)snprintf(list + n, sizeof list - n, "%sparty %u (%s)",
                                  n > 0 ? ", " : "; behind the others: ",
                                  plan_number(&x->p, (uint16_t)(i + 1)), x->p.party[i].name);
    return cli_fail(c, code, "%s%s. Begin again, all of you: countersign ceremony %s", why, list,
                    x->is_rehearsal ? "rehearse" : "resume");
}

/* --- shown --- */

cli_exit ceremony_show(cli *c, const json *progress)
{
    const json *rows = json_member(progress, "participants");
    char text[PLAN_SEATS_MAX * 200] = "";
    size_t n = 0;

    for (size_t i = 0; i < json_count(rows) && n < sizeof text; i++) {
        const json *one = json_at(rows, i);
        const char *name = json_text(one, "name"), *phase = json_text(one, "phase");
        const char *seen = json_text(one, "seen");
        const int64_t index = json_number(one, "index");
        bool awaited;

        if (name == NULL || phase == NULL || seen == NULL ||
            !json_is_flag(json_member(one, "waited_for"), &awaited))
            return cli_fail(c, CLI_INPUT, "the progress file is damaged");
        n += (size_t)snprintf(text + n, sizeof text - n, "%-5lld  %-20s  %-20s  %-20s  %s\n",
                              (long long)(index > 0 ? index : json_number(one, "was")), name, phase,
                              seen, awaited ? "waited for" : "");
    }
    return cli_tell(c, progress, "attempt %lld, %s, at %s\nparty  %-20s  %-20s  last seen\n%s",
                    (long long)json_number(progress, "attempt"), json_text(progress, "phase"),
                    json_text(progress, "at"), "participant", "phase", text);
}
