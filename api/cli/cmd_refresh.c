/* wallet refresh: new shares of the same key. Every device here that holds a share takes part, and
 * those elsewhere that join; who is neither needs a recovery key; those that sign prove the staged
 * shares with a test signature. */
#include <string.h>

#include "cli/backups.h"
#include "cli/client.h"
#include "cli/reconcile.h"
#include "cli/refreshing.h"
#include "cli/transcript.h"

/* --- asking for it --- */

static json *plan_of(const refreshing *w, const char *wallet)
{
    json *plan = json_new(), *signers = json_array_new(), *test = json_array_new();

    for (uint16_t i = 0; i < w->count; i++)
        json_push_number(signers, w->index[i]);
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_text(plan, "wallet", wallet);
    json_put_number(plan, "epoch", (int64_t)w->t.test->info.epoch);
    json_put(plan, "signers", signers);
    json_put(plan, "test_signers", test);
    return plan;
}

/* Devices here sign the test before those elsewhere do. */
static cli_exit choose_test(cli *c, const devices *all, refreshing *w)
{
    parties *p = w->t.test;
    size_t here = 0, wanted;
    csig_share_info info;

    CLI_TRY(turnover_count(c, all, &here, &info));
    wanted = here + 1 < info.signers_required ? info.signers_required - 1U - here : 0;
    for (uint16_t i = 0; i < w->fars && p->fars < wanted; i++)
        p->far[p->fars++] = w->far[i];
    return parties_choose(c, all, c->wallet, p);
}

static cli_exit meet(cli *c, refreshing *w, meeting *m)
{
    AUTO_JSON answer = NULL;
    AUTO_JSON body = json_new();

    refreshing_seat(w, m);
    CLI_TRY(meeting_host(c, m, "refresh", plan_of(w, c->wallet)));
    CLI_TRY(meeting_pair(c, m));
    CLI_TRY(parties_prepare(c, w->t.test, m));
    refreshing_describe(c, w, m, body);
    CLI_TRY(turnover_ask(c, &w->t, body, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return refreshing_run(c, w, m, answer);
}

/* Those elsewhere are parties, and neither here nor the server. */
static cli_exit check_far(cli *c, const refreshing *w)
{
    for (uint16_t i = 0; i < w->fars; i++) {
        const uint16_t index = w->far[i];
        bool here = index == w->t.test->server;

        for (size_t k = 0; k < w->t.members; k++)
            here = here || w->t.m[k].holds == index;
        if (index > w->t.test->info.parties)
            return cli_fail(c, CLI_USAGE, "wallet %s has parties 1 to %u, not %u", c->wallet,
                            w->t.test->info.parties, index);
        if (here)
            return cli_fail(c, CLI_USAGE, "party %u of wallet %s is here, or the server", index,
                            c->wallet);
    }
    return CLI_OK;
}

static cli_exit refresh(cli *c, const devices *all, refreshing *w)
{
    AUTO_MEETING m = {.count = 0};
    parties named = {.fars = 0};
    cli_exit code;

    CLI_TRY(parties_far(c, &named));
    memcpy(w->far, named.far, sizeof w->far);
    w->fars = named.fars;
    CLI_TRY(choose_test(c, all, w));
    CLI_TRY(refreshing_gather(c, all, w));
    CLI_TRY(check_far(c, w));
    code = meet(c, w, &m);
    meeting_end(c, &m, code);
    return code;
}

cli_exit cmd_wallet_refresh(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES test = {0};
    refreshing w = {.t = {.what = "refresh", .test = &test}};
    cli_exit code;

    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(transcript_begin(c));
    CLI_TRY(backup_begin(c));
    code = refresh(c, &all, &w);
    turnover_close(&w.t);
    return code;
}
