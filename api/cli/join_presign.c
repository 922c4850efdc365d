/* A guest presigns: its halves are of its own share's epoch, and stay in its folder. */
#include "cli/halves.h"
#include "cli/joining.h"
#include "cli/presigning.h"

static cli_exit check(cli *c, guest *g, parties *p, uint32_t *count)
{
    const int64_t said = json_number(g->m.plan, "count");

    CLI_TRY(joining_wallet(c, g));
    if (said < 1 || said > PRESIGNING_MAX) return json_lacks(c, "count");
    *count = (uint32_t)said;
    CLI_TRY(joining_signers(c, g, p));
    CLI_TRY(halves_check(c, p));
    parties_seat(p, &g->m);
    return CLI_OK;
}

cli_exit join_presign(cli *c, guest *g)
{
    AUTO_PARTIES p = {0};
    AUTO_JSON answer = NULL;
    uint32_t count = 0;
    const cli_exit code = check(c, g, &p, &count);

    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(joining_consent(c, g, "asks for %u presignature%s of wallet %s\n  by %u of %u parties",
                            count, count == 1 ? "" : "s", c->wallet, p.info.signers_required,
                            p.info.parties));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(parties_prepare(c, &p, &g->m));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return presigning_run(c, &p, &g->m, count, answer);
}
