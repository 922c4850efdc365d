/* join: a device here takes part in what another process hosts. */
#include <string.h>

#include "cli/joining.h"
#include "cli/reconcile.h"
#include "cli/tell.h"

static const struct {
    const char *purpose;
    cli_exit (*join)(cli *c, guest *g);
} purposes[] = {
    {"create", join_create},   {"sign", join_sign},       {"presign", join_presign},
    {"refresh", join_refresh}, {"reshare", join_reshare},
};

#define PURPOSES (sizeof purposes / sizeof purposes[0])

static cli_exit take_part(cli *c, guest *g)
{
    const char *purpose = json_text(g->m.plan, "purpose");
    char why[96];

    for (size_t i = 0; i < PURPOSES; i++)
        if (strcmp(purposes[i].purpose, purpose) == 0) return purposes[i].join(c, g);
    snprintf(why, sizeof why, "this program does not know what %.40s is", purpose);
    return meeting_decline(c, &g->m, CLI_INPUT, why);
}

static cli_exit join(cli *c, devices *all)
{
    guest g = {.all = all, .d = all->d[0]};
    cli_exit code = meeting_find(c, &g.m, g.d, c->files > 0 ? c->file[0] : NULL);

    if (code == CLI_OK) {
        meeting_name(&g.m, g.m.host, g.host);
        code = take_part(c, &g);
        meeting_end(c, &g.m, code);
    }
    meeting_close(&g.m);
    return code;
}

/* What is wrong with one meeting is told, and the next one is waited for. */
static cli_exit follow(cli *c, devices *all)
{
    for (;;) {
        const cli_exit code = join(c, all);

        if (code == CLI_BUG || code == CLI_USAGE || code == CLI_LOCAL || code == CLI_OFFLINE)
            return code;
        CLI_TRY(cli_tell_end(c));
        if (code != CLI_OK) cli_note(c, "%s", c->message);
        CLI_TRY(reconcile(c, all));
    }
}

static cli_exit check_options(cli *c)
{
    uint8_t id[MAILBOX_ID_BYTES];

    if (c->files > 0 && !hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE, "a meeting has %d lower-case hex digits: not \"%s\"",
                        2 * MAILBOX_ID_BYTES, c->file[0]);
    if (c->files > 0 && c->follow)
        return cli_fail(c, CLI_USAGE, "--follow takes every meeting, not one");
    if (!c->yes || c->expect == NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--yes or --expect, not both");
}

cli_exit cmd_join(cli *c)
{
    AUTO_DEVICES all = {0};

    CLI_TRY(check_options(c));
    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1) return cli_fail(c, CLI_USAGE, "say which device joins: --device NAME");
    return c->follow ? follow(c, &all) : join(c, &all);
}
