/* presign: a stock of presignatures, for when somebody waits. */
#include <string.h>

#include "cli/client.h"
#include "cli/halves.h"
#include "cli/presigning.h"
#include "cli/reconcile.h"
#include "cli/ride.h"

static json *plan_of(const parties *p, uint32_t count)
{
    json *plan = json_new(), *signers = json_array_new();

    for (uint16_t j = 0; j < p->count; j++)
        json_push_number(signers, p->index[j]);
    json_put_text(plan, "wallet", p->wallet);
    json_put_number(plan, "epoch", (int64_t)p->info.epoch);
    json_put(plan, "signers", signers);
    json_put_number(plan, "count", count);
    return plan;
}

static cli_exit meet(cli *c, parties *p, meeting *m)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    char path[96];

    parties_seat(p, m);
    CLI_TRY(meeting_host(c, m, "presign", plan_of(p, c->count)));
    CLI_TRY(meeting_pair(c, m));
    CLI_TRY(parties_prepare(c, p, m));
    json_put_text(body, "kind", "presign");
    json_put_number(body, "count", c->count);
    parties_describe(p, body);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", p->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return presigning_run(c, p, m, c->count, answer);
}

static cli_exit presign(cli *c, parties *p)
{
    AUTO_MEETING m = {.count = 0};
    const cli_exit code = meet(c, p, &m);

    meeting_end(c, &m, code);
    return code;
}

static cli_exit open_all(cli *c, devices *all, parties *p)
{
    CLI_TRY(parties_far(c, p));
    CLI_TRY(begin_with_devices(c, all));
    CLI_TRY(parties_choose(c, all, c->wallet, p));
    return halves_check(c, p);
}

cli_exit cmd_presign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};

    if (c->count == 0) c->count = 1;
    if (c->count > PRESIGNING_MAX)
        return cli_fail(c, CLI_USAGE, "--count takes at most %d at once", PRESIGNING_MAX);
    CLI_TRY(open_all(c, &all, &p));
    /* Presignatures end with their epoch: a refresh that is wanted comes first. */
    if (ride_is_wanted(c)) {
        parties_close(&p);
        devices_close(&all);
        p = (parties){0};
        ride(c);
        CLI_TRY(open_all(c, &all, &p));
    }
    return presign(c, &p);
}
