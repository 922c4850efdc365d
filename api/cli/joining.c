#include "cli/joining.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/parties.h"
#include "cli/path.h"
#include "cli/tell.h"
#include "cli/wallet.h"

cli_exit joining_wallet(cli *c, const guest *g)
{
    uint8_t id[WALLET_ID_BYTES];

    c->wallet = json_text(g->m.plan, "wallet");
    return c->wallet != NULL && wallet_id_is_read(id, c->wallet) ? CLI_OK : json_lacks(c, "wallet");
}

cli_exit joining_epoch(cli *c, const guest *g, const csig_share_info *info)
{
    if (json_number(g->m.plan, "epoch") == (int64_t)info->epoch) return CLI_OK;
    return cli_fail(c, CLI_AGAIN, "party %u is at epoch %llu of the wallet, the host at another",
                    info->self, (unsigned long long)info->epoch);
}

cli_exit joining_indices(cli *c, const guest *g, const char *name, uint16_t *list, uint16_t *count)
{
    const json *from = json_member(g->m.plan, name);

    *count = 0;
    for (size_t i = 0; i < json_count(from); i++) {
        const int64_t index = json_number_at(from, i);

        if (i == CSIG_PARTIES_MAX || index < 1 || index > CSIG_PARTIES_MAX ||
            (i > 0 && index <= list[i - 1]))
            return cli_fail(c, CLI_INPUT, "the plan's %s are no parties", name);
        list[(*count)++] = (uint16_t)index;
    }
    return CLI_OK;
}

cli_exit joining_signers(cli *c, const guest *g, struct parties *p)
{
    uint16_t signers[CSIG_PARTIES_MAX], count;
    wallet_record record;
    csig_share_info info;
    csig_share *share;

    CLI_TRY(joining_indices(c, g, "signers", signers, &count));
    CLI_TRY(wallet_open(c, g->d, c->wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    for (uint16_t i = 0; i < count; i++)
        if (signers[i] != info.self && signers[i] != record.server) p->far[p->fars++] = signers[i];
    CLI_TRY(parties_choose(c, g->all, c->wallet, p));
    if (p->count != count || memcmp(p->index, signers, count * sizeof signers[0]) != 0)
        return cli_fail(c, CLI_INPUT, "party %u is not among the signers", info.self);
    return joining_epoch(c, g, &p->info);
}

/* --- consent --- */

static bool wallet_is_expected(const cli *c, const char *wallet)
{
    for (size_t i = 0; i < c->n_chosen; i++)
        if (wallet != NULL && strcmp(c->chosen[i], wallet) == 0) return true;
    return c->n_chosen == 0;
}

/* There are some, and each has this and nothing else. */
static bool inputs_are_expected(const json *plan, const char *name, const char *v)
{
    const json *inputs = json_member(plan, "inputs");

    for (size_t i = 0; i < json_count(inputs); i++)
        if (!json_text_is(json_at(inputs, i), name, v)) return false;
    return json_count(inputs) > 0;
}

static cli_exit check_expected(cli *c, const guest *g)
{
    const json *plan = g->m.plan;
    char expected[PATH_TEXT_ROOM];
    uint32_t steps[CSIG_PATH_MAX];
    size_t depth;

    if (c->expect != NULL && !json_text_is(plan, "purpose", c->expect))
        return cli_fail(c, CLI_REFUSED, "not %s is asked for, but %s", c->expect,
                        json_text(plan, "purpose"));
    if (!wallet_is_expected(c, json_text(plan, "wallet")))
        return cli_fail(c, CLI_REFUSED, "it is about another wallet than --wallet");
    if (c->digest != NULL && !inputs_are_expected(plan, "digest", c->digest))
        return cli_fail(c, CLI_REFUSED, "another digest is to be signed than --digest");
    if (c->path == NULL) return CLI_OK;
    CLI_TRY(derivation_read(c, c->path, steps, &depth));
    derivation_write(expected, steps, depth);
    if (inputs_are_expected(plan, "path", expected)) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "another path is asked for than --path");
}

cli_exit joining_ask_either(cli *c, bool *no)
{
    const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    char answer[8];
    ssize_t got;

    *no = false;
    if (tty < 0)
        return cli_fail(c, CLI_USAGE,
                        "no terminal to ask for consent: --yes, or --expect with what is agreed "
                        "to");
    /* What was typed before this was shown is no answer to it. */
    (void)tcflush(tty, TCIFLUSH);
    dprintf(tty, "Agree? (yes or no) ");
    got = read(tty, answer, sizeof answer);
    close(tty);
    *no = got == 3 && memcmp(answer, "no\n", 3) == 0;
    if (*no || (got == 4 && memcmp(answer, "yes\n", 4) == 0)) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "the person there says neither yes nor no");
}

cli_exit joining_ask(cli *c)
{
    bool no;

    CLI_TRY(joining_ask_either(c, &no));
    return no ? cli_fail(c, CLI_REFUSED, "the person there says no") : CLI_OK;
}

cli_exit joining_consent(cli *c, guest *g, const char *format, ...)
{
    char text[1200];
    va_list args;
    cli_exit code;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_note(c, "meeting %s: %s %s", g->m.box.id, g->host, text);
    code = check_expected(c, g);
    if (code == CLI_OK && !c->yes && c->expect == NULL) code = joining_ask(c);
    return code == CLI_OK ? CLI_OK : meeting_decline(c, &g->m, code, c->message);
}
