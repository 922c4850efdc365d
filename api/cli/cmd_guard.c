/* device policy: the device's own, which its part of every signature is judged by. */
#include <stdlib.h>
#include <string.h>

#include "cli/guard.h"
#include "cli/history.h"
#include "cli/seal.h"
#include "cli/tell.h"

static cli_exit tell_policy(cli *c, const device *d, const csig_policy *p)
{
    AUTO_JSON j = json_new();
    AUTO_HISTORY h = {.newest = 0};
    char *text;
    cli_exit code;

    json_put_text(j, "device", d->name);
    if (p == NULL) return cli_tell(c, j, "device %s has no policy of its own\n", d->name);
    CLI_TRY(history_read(c, d, &h));
    text = guard_text(p);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    json_put_text(j, "policy", text);
    json_put_number(j, "signed", (int64_t)history_rows(&h));
    code = cli_tell(c, j, "device %s, %zu signed under a policy of its own:\n%s\n", d->name,
                    history_rows(&h), text);
    free(text);
    return code;
}

static cli_exit set(cli *c, const device *d, const char *file)
{
    char why[CSIG_WHY_BYTES] = "";
    AUTO_BLOB text = {0};
    AUTO_POLICY p = NULL;

    CLI_TRY(file_read(c, file, &text));
    if (csig_policy_read(&p, (const char *)text.p, text.len, why) != CSIG_OK)
        return cli_fail(c, CLI_INPUT, "%s is no policy: %s", file, why);
    CLI_TRY(guard_set(c, d, p));
    return tell_policy(c, d, p);
}

static cli_exit show(cli *c, const device *d)
{
    AUTO_POLICY p = NULL;

    CLI_TRY(guard_policy(c, d, &p));
    return tell_policy(c, d, p);
}

cli_exit cmd_device_policy(cli *c)
{
    AUTO_DEVICE d = {0};
    const char *verb = c->file[0], *name;
    const bool sets = strcmp(verb, "set") == 0, clears = strcmp(verb, "clear") == 0;

    if (!sets && !clears && strcmp(verb, "show") != 0)
        return cli_fail(c, CLI_USAGE,
                        "device policy set FILE, show or clear; see: countersign "
                        "--help");
    if (c->files != (sets ? 2U : 1U))
        return cli_fail(c, CLI_USAGE, "device policy %s", sets ? "set FILE: name the file" : verb);
    CLI_TRY(device_named(c, &name));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(device_open(c, &d, name));
    if (sets) return set(c, &d, c->file[1]);
    if (clears) CLI_TRY(guard_clear(c, &d));
    return show(c, &d);
}
