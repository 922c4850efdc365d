/* The refresh rides in the meeting of a signature: the same devices, the next nonces, one session
 * more. Everybody does what `wallet refresh` does, or who joins it. */
#include <string.h>

#include "cli/backups.h"
#include "cli/refreshing.h"
#include "cli/ride.h"
#include "cli/tell.h"

static bool is_of(const cli *c, const char *wallet)
{
    return ride_is_wanted(c) && strcmp(c->wanted, wallet) == 0;
}

/* Those that sign are there, and those that refresh are the same. */
static cli_exit gather(cli *c, const devices *all, const parties *p, refreshing *w)
{
    parties *test = w->t.test;

    memcpy(w->far, p->far, sizeof w->far);
    memcpy(test->far, p->far, sizeof test->far);
    w->fars = test->fars = p->fars;
    CLI_TRY(parties_choose(c, all, p->wallet, test));
    CLI_TRY(refreshing_gather(c, all, w));
    if (w->count == p->count && memcmp(w->index, p->index, p->count * sizeof p->index[0]) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "not all who refresh wallet %s sign", p->wallet);
}

void ride_plan(cli *c, const devices *all, const parties *p, json *plan)
{
    AUTO_PARTIES test = {0};
    refreshing w = {.t = {.what = "refresh", .test = &test}};

    if (p->fars == 0 || !is_of(c, p->wallet)) return;
    if (gather(c, all, p, &w) == CLI_OK) json_put_text(plan, "refresh", c->campaign);
    turnover_close(&w.t);
}

cli_exit ride_check(cli *c, const json *plan)
{
    const char *campaign = json_text(plan, "refresh");

    if (campaign == NULL || (is_of(c, c->wallet) && strcmp(campaign, c->campaign) == 0))
        return CLI_OK;
    return cli_fail(c, CLI_AGAIN,
                    "the host wants wallet %s refreshed for a campaign that the server does not "
                    "tell this device of",
                    c->wallet);
}

static cli_exit play(cli *c, refreshing *w, meeting *m)
{
    AUTO_JSON answer = NULL;
    AUTO_JSON body = json_new();

    meeting_renew(m);
    CLI_TRY(parties_prepare(c, w->t.test, m));
    if (meeting_has_host_here(m)) {
        refreshing_describe(c, w, m, body);
        CLI_TRY(turnover_ask(c, &w->t, body, &answer));
        CLI_TRY(meeting_tell(c, m, answer));
    } else {
        m->hears_ends = true; /* it may come to nothing */
        CLI_TRY(meeting_hear(c, m, &answer));
    }
    return refreshing_run(c, w, m, answer);
}

static cli_exit refresh(cli *c, const devices *all, const parties *p, meeting *m)
{
    AUTO_PARTIES test = {0};
    refreshing w = {.t = {.what = "refresh", .test = &test}};
    cli_exit code = backup_begin(c);

    if (code == CLI_OK) code = gather(c, all, p, &w);
    if (code == CLI_OK) code = play(c, &w, m);
    turnover_close(&w.t);
    return code;
}

void ride_along(cli *c, const devices *all, const parties *p, meeting *m)
{
    if (m->plan == NULL || json_text(m->plan, "refresh") == NULL || cli_tell_end(c) != CLI_OK)
        return;
    c->riding = true;
    if (refresh(c, all, p, m) != CLI_OK) ride_tell_failure(c);
    /* Once, in this meeting. */
    c->riding = false;
    c->wanted[0] = '\0';
}
