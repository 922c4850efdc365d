/* A guest takes part in a refresh. */
#include <string.h>

#include "cli/backups.h"
#include "cli/committee.h"
#include "cli/epochs.h"
#include "cli/joining.h"
#include "cli/refreshing.h"
#include "cli/server.h"

/* Who signs the test: this device among them, or not. */
static cli_exit choose_test(cli *c, const guest *g, refreshing *w, uint16_t self)
{
    uint16_t signers[CSIG_PARTIES_MAX], count;
    parties *p = w->t.test;
    bool signs = false;

    CLI_TRY(joining_indices(c, g, "test_signers", signers, &count));
    for (uint16_t i = 0; i < count; i++) {
        signs = signs || signers[i] == self;
        if (signers[i] != self && signers[i] != COMMITTEE_SERVER) p->far[p->fars++] = signers[i];
    }
    if (signs) return parties_choose(c, g->all, c->wallet, p);
    CLI_TRY(server_pinned(c, p->server_id));
    snprintf(p->wallet, sizeof p->wallet, "%s", c->wallet);
    memcpy(p->index, signers, sizeof p->index);
    p->count = count;
    return CLI_OK;
}

static cli_exit check_signers(cli *c, const guest *g, const refreshing *w)
{
    uint16_t signers[CSIG_PARTIES_MAX], count;

    CLI_TRY(joining_indices(c, g, "signers", signers, &count));
    if (count == w->count && memcmp(signers, w->index, count * sizeof signers[0]) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the plan leaves somebody out, or this device");
}

static cli_exit check(cli *c, guest *g, refreshing *w)
{
    uint16_t online[CSIG_PARTIES_MAX], count;
    csig_share_info info;
    size_t can_sign;

    CLI_TRY(joining_wallet(c, g));
    CLI_TRY(turnover_count(c, g->all, &can_sign, &info));
    CLI_TRY(joining_indices(c, g, "signers", online, &count));
    for (uint16_t i = 0; i < count; i++)
        if (online[i] != info.self && online[i] != COMMITTEE_SERVER) w->far[w->fars++] = online[i];
    CLI_TRY(choose_test(c, g, w, info.self));
    CLI_TRY(refreshing_gather(c, g->all, w));
    CLI_TRY(epoch_check(c, g->d, c->wallet, &w->t.test->info));
    CLI_TRY(check_signers(c, g, w));
    CLI_TRY(joining_epoch(c, g, &w->t.test->info));
    CLI_TRY(backup_begin(c));
    refreshing_seat(w, &g->m);
    return CLI_OK;
}

static cli_exit take_part(cli *c, guest *g, refreshing *w)
{
    const cli_exit code = check(c, g, w);
    AUTO_JSON answer = NULL;

    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(joining_consent(c, g,
                            "asks to refresh wallet %s: new shares of the same key, epoch %llu "
                            "after %llu; %u of %u parties take part",
                            c->wallet, (unsigned long long)w->t.test->info.epoch + 1,
                            (unsigned long long)w->t.test->info.epoch, w->count,
                            w->t.test->info.parties));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(parties_prepare(c, w->t.test, &g->m));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return refreshing_run(c, w, &g->m, answer);
}

cli_exit join_refresh(cli *c, guest *g)
{
    AUTO_PARTIES test = {0};
    refreshing w = {.t = {.what = "refresh", .test = &test}};
    const cli_exit code = take_part(c, g, &w);

    turnover_close(&w.t);
    return code;
}
