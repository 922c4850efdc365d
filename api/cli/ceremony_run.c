/* ceremony rehearse, run, resume, status, abort, preflight. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/folder.h"
#include "cli/meeting.h"
#include "cli/tell.h"

#define DECLINE_SECONDS 3

/* --- the meeting in which the key is made --- */

static cli_exit gather(cli *c, ceremony *x, creation *w, meeting *m)
{
    ceremony_set_phase(x, "gathering");
    c->wait = x->p.gather;
    if (!x->is_host) CLI_TRY(ceremony_find(c, x, m, x->purpose));
    ceremony_watch(x, m);
    for (size_t i = 0; i < w->clients; i++)
        ceremony_seat(x, m, plan_index(&x->p, w->client[i]), false);
    CLI_TRY(x->is_host ? meeting_host(c, m, x->purpose, ceremony_invitation(x))
                       : meeting_agree(c, m));
    return ceremony_name_meeting(c, x, m->box.id);
}

/* The test that a new key signs is a digest; what it is for is for its policy to say. */
static json *every_type(void)
{
    static const char *const types[] = {"digest", "eth_tx", "eip191", "eip712", "psbt", "bip322"};
    json *list = json_array_new();

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        json_push_text(list, types[i]);
    return list;
}

cli_exit ceremony_make_key(cli *c, ceremony *x, creation *w, meeting *m)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;

    CLI_TRY(gather(c, x, w, m));
    ceremony_set_phase(x, "rounds");
    c->wait = x->p.rounds;
    if (!x->is_host) {
        CLI_TRY(meeting_hear(c, m, &answer));
        return creation_run(c, w, m, answer);
    }
    creation_ask(c, w, m, body);
    json_put(body, "allow", every_type());
    CLI_TRY(client_json(c, "POST", "/v1/wallets", body, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return creation_run(c, w, m, answer);
}

static cli_exit create(cli *c, ceremony *x, meeting *m)
{
    char wallet_file[PATH_ROOM], record_file[PATH_ROOM];
    creation w;

    CLI_TRY(plan_creation(c, &x->p, &w));
    for (size_t i = 0; i < w.clients; i++)
        if (memcmp(w.client[i], x->d->id, sizeof x->d->id) == 0) w.here[i] = x->d;
    CLI_TRY(ceremony_path(c, x, "wallet", wallet_file));
    CLI_TRY(ceremony_path(c, x, "record", record_file));
    w.is_rehearsal = x->is_rehearsal;
    w.wallet_file = x->is_rehearsal ? NULL : wallet_file;
    w.record_file = x->is_rehearsal ? NULL : record_file;
    return ceremony_make_key(c, x, &w, m);
}

static cli_exit attempt(cli *c, ceremony *x)
{
    AUTO_MEETING m = {.count = 0};
    cli_exit code;

    CLI_TRY(ceremony_begin_attempt(c, x));
    if (plan_is_creation(&x->p))
        code = create(c, x, &m);
    else
        code = x->is_rehearsal ? ceremony_rehearse(c, x) : ceremony_change(c, x, &m);
    meeting_end(c, &m, code);
    if (code == CLI_AGAIN || code == CLI_OFFLINE) code = ceremony_blame(c, x, code);
    ceremony_end_attempt(c, x, code);
    return code;
}

/* --- run, resume --- */

static cli_exit tell_done(cli *c, const ceremony *x, const char *wallet)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "wallet", wallet);
    json_put_text(j, "plan", x->p.hash_text);
    json_put_number(j, "attempts", (int64_t)json_count(x->attempts));
    json_put_text(j, "transcript", x->file);
    return cli_tell(c, j,
                    "%s of wallet %s\n  %u of %u parties sign\n  by plan %s, in attempt %zu\n  "
                    "transcript  %s\n",
                    x->p.operation, wallet, x->p.signers_required, x->p.parties, x->p.hash_text,
                    json_count(x->attempts), x->file);
}

/* A host that waits already hears at once who cannot, and why. */
static cli_exit check_or_decline(cli *c, ceremony *x)
{
    AUTO_MEETING m = {.count = 0};
    char why[sizeof c->message];
    const cli_exit code = ceremony_preflight(c, x, false);

    if (code == CLI_OK || code == CLI_OFFLINE || x->is_host) return code;
    memcpy(why, c->message, sizeof why);
    c->wait = DECLINE_SECONDS;
    if (ceremony_find(c, x, &m, x->purpose) == CLI_OK) (void)meeting_decline(c, &m, code, why);
    return cli_fail(c, code, "%s", why);
}

/* What is finished is not done again: the key, then the receipts. */
static cli_exit carry_on(cli *c, ceremony *x)
{
    char wallet[2 * WALLET_ID_BYTES + 1];
    bool made;

    CLI_TRY(check_or_decline(c, x));
    /* From here on the ceremony makes it, and not who holds the sessions. */
    x->file = c->transcript;
    c->transcript = NULL;
    CLI_TRY(ceremony_is_made(c, x, &made, wallet));
    if (x->is_host) CLI_TRY(ceremony_clear(c, x));
    if (!made) {
        CLI_TRY(attempt(c, x));
        CLI_TRY(ceremony_is_made(c, x, &made, wallet));
    }
    if (!made) return cli_fail(c, CLI_BUG, "what this ceremony is for is not there");
    CLI_TRY(ceremony_receipts(c, x, wallet, x->file));
    ceremony_set_phase(x, "done");
    return tell_done(c, x, wallet);
}

static cli_exit check_transcript(cli *c)
{
    if (c->transcript != NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--transcript takes the file in which this ceremony is kept");
}

cli_exit cmd_ceremony_run(cli *c)
{
    AUTO_CEREMONY x = {.attempt = 0};

    CLI_TRY(check_transcript(c));
    CLI_TRY(ceremony_open(c, c->file[0], &x));
    if (x.attempt > 0)
        return cli_fail(c, CLI_REFUSED,
                        "this ceremony was begun already: countersign ceremony resume %s",
                        c->file[0]);
    return carry_on(c, &x);
}

cli_exit cmd_ceremony_resume(cli *c)
{
    AUTO_CEREMONY x = {.attempt = 0};

    CLI_TRY(check_transcript(c));
    CLI_TRY(ceremony_open(c, c->file[0], &x));
    return carry_on(c, &x);
}

/* --- rehearse --- */

cli_exit cmd_ceremony_rehearse(cli *c)
{
    AUTO_CEREMONY x = {.is_rehearsal = true};
    AUTO_JSON j = json_new();

    CLI_TRY(ceremony_open(c, c->file[0], &x));
    CLI_TRY(check_or_decline(c, &x));
    if (x.is_host) CLI_TRY(ceremony_clear(c, &x));
    CLI_TRY(attempt(c, &x));
    json_put_flag(j, "rehearsed", true);
    json_put_text(j, "plan", x.p.hash_text);
    return cli_tell(c, j,
                    "rehearsed: all participants of this %s did it on a throw-away key; nothing of "
                    "that key is left\n",
                    x.p.operation);
}

/* --- preflight --- */

cli_exit cmd_ceremony_preflight(cli *c)
{
    AUTO_CEREMONY x = {.is_rehearsal = true};

    CLI_TRY(ceremony_open(c, c->file[0], &x));
    return ceremony_preflight(c, &x, true);
}

/* --- status: beside the process that runs it --- */

static cli_exit show_once(cli *c, const char *path, bool *ended)
{
    AUTO_BLOB b = {0};
    AUTO_JSON j = NULL;
    size_t at;

    CLI_TRY(file_read(c, path, &b));
    j = json_read_canonical(b.p, b.len, &at);
    if (j == NULL || json_text(j, "phase") == NULL || json_text(j, "at") == NULL)
        return cli_fail(c, CLI_INPUT, "%s is damaged", path);
    *ended = json_text_is(j, "phase", "done");
    return ceremony_show(c, j);
}

/* On a terminal in one place, again and again; else once for each second. */
static cli_exit follow(cli *c, const char *path)
{
    const bool redraw = isatty(STDOUT_FILENO) && !c->json;
    bool ended = false;

    for (;;) {
        if (redraw) fputs("\033[H\033[J", stdout);
        CLI_TRY(show_once(c, path, &ended));
        CLI_TRY(cli_tell_end(c));
        if (ended) return CLI_OK;
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
}

cli_exit cmd_ceremony_status(cli *c)
{
    AUTO_PLAN p = {.j = NULL};
    char path[PATH_ROOM], hash[33];
    bool ended;

    CLI_TRY(plan_read(c, c->file[0], &p));
    CLI_TRY(folder_choose(c));
    snprintf(hash, sizeof hash, "%.32s", p.hash_text);
    CLI_TRY(path_join(c, path, c->state, "ceremonies", hash, "progress", NULL));
    if (!file_is_there(path))
        return cli_fail(c, CLI_REFUSED,
                        "this ceremony was not begun from %s: countersign ceremony run %s",
                        c->state, c->file[0]);
    return c->follow ? follow(c, path) : show_once(c, path, &ended);
}

/* --- abort --- */

cli_exit cmd_ceremony_abort(cli *c)
{
    AUTO_CEREMONY x = {.attempt = 0};
    AUTO_JSON j = json_new();
    char wallet[2 * WALLET_ID_BYTES + 1], path[PATH_ROOM];
    bool made;

    CLI_TRY(ceremony_open(c, c->file[0], &x));
    CLI_TRY(ceremony_is_made(c, &x, &made, wallet));
    if (made)
        return cli_fail(
            c, CLI_REFUSED,
            "the point of no return is behind wallet %s; countersign ceremony resume makes "
            "the transcript",
            wallet);
    CLI_TRY(ceremony_path(c, &x, "aborted", path));
    CLI_TRY(file_write(c, path, NULL, 0));
    CLI_TRY(ceremony_clear(c, &x));
    json_put_flag(j, "aborted", true);
    json_put_text(j, "plan", x.p.hash_text);
    return cli_tell(c, j,
                    "aborted: nothing was made, and this plan is not gone on with here; who waits "
                    "in its meeting hears that it is over\n");
}
