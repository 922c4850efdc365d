/* The operator's: campaign new, list, show, pause, resume, cancel, export. Over the server's Unix
 * socket, without a state folder and a passphrase. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/tell.h"
#include "cli/wallet.h"

#define CAMPAIGNS "/v1/campaigns"

static cli_exit need_socket(cli *c)
{
    if (c->server != NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "name the server's Unix socket: --server PATH");
}

/* A campaign's id looks like a wallet's. */
static cli_exit path_of(cli *c, const char *behind, char path[96])
{
    uint8_t id[WALLET_ID_BYTES];

    CLI_TRY(need_socket(c));
    if (!wallet_id_is_read(id, c->file[0]))
        return cli_fail(c, CLI_USAGE,
                        "a campaign's id has %d lower-case hex digits; see: countersign campaign "
                        "list",
                        2 * WALLET_ID_BYTES);
    (void)snprintf(path, 96, CAMPAIGNS "/%s%s", c->file[0], behind);
    return CLI_OK;
}

/* --- telling --- */

static const char *text_or(const json *j, const char *name)
{
    const char *text = json_text(j, name);

    return text != NULL ? text : "?";
}

static cli_exit tell_counts(cli *c, const json *j)
{
    return cli_tell(c, j,
                    "campaign %s: %s\n  selected    %s, %lld wallets\n  pace        %lld a minute, "
                    "%lld at once\n  deadline    %s, then %s\n  done        %lld\n"
                    "  waiting     %lld\n  running     %lld\n  late        %lld\n"
                    "  failed      %lld\n",
                    text_or(j, "campaign"), text_or(j, "state"), text_or(j, "selected"),
                    (long long)json_number(j, "eligible"), (long long)json_number(j, "per_minute"),
                    (long long)json_number(j, "at_once"), text_or(j, "deadline"),
                    text_or(j, "on_miss"), (long long)json_number(j, "done"),
                    (long long)json_number(j, "waiting"), (long long)json_number(j, "running"),
                    (long long)json_number(j, "late"), (long long)json_number(j, "failed"));
}

static cli_exit tell_line(cli *c, const json *j)
{
    return cli_tell(c, j, "%s  %s  %lld wallets  deadline %s, then %s\n", text_or(j, "campaign"),
                    text_or(j, "state"), (long long)json_number(j, "eligible"),
                    text_or(j, "deadline"), text_or(j, "on_miss"));
}

/* --- new --- */

static json *wallets_of(const cli *c)
{
    json *array = json_array_new();

    for (size_t i = 0; i < c->n_chosen; i++)
        json_push_text(array, c->chosen[i]);
    return array;
}

cli_exit cmd_campaign_new(cli *c)
{
    const int selected = (c->all_wallets ? 1 : 0) + (c->n_chosen > 0 ? 1 : 0) +
                         (c->refreshed_before != NULL ? 1 : 0);
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;

    CLI_TRY(need_socket(c));
    if (selected != 1 || c->deadline == NULL || c->per_minute == 0 || c->at_once == 0)
        return cli_fail(c, CLI_USAGE,
                        "a campaign takes --all-wallets, --wallet or --refreshed-before, and "
                        "--per-minute, --at-once, --deadline");
    if (c->all_wallets) json_put_flag(body, "all_wallets", true);
    if (c->n_chosen > 0) json_put(body, "wallets", wallets_of(c));
    if (c->refreshed_before != NULL) json_put_text(body, "refreshed_before", c->refreshed_before);
    json_put_number(body, "per_minute", c->per_minute);
    json_put_number(body, "at_once", c->at_once);
    json_put_text(body, "deadline", c->deadline);
    json_put_text(body, "on_miss", c->on_miss != NULL ? c->on_miss : "warn");
    CLI_TRY(client_json(c, "POST", CAMPAIGNS, body, &answer));
    return tell_counts(c, answer);
}

/* --- list, show --- */

cli_exit cmd_campaign_list(cli *c)
{
    AUTO_JSON answer = NULL;
    const json *all;

    CLI_TRY(need_socket(c));
    CLI_TRY(client_json(c, "GET", CAMPAIGNS, NULL, &answer));
    all = json_member(answer, "campaigns");
    for (size_t i = 0; i < json_count(all); i++)
        CLI_TRY(tell_line(c, json_at(all, i)));
    return CLI_OK;
}

static cli_exit ask(cli *c, const char *method, const char *behind)
{
    AUTO_JSON answer = NULL;
    char path[96];

    CLI_TRY(path_of(c, behind, path));
    CLI_TRY(client_json(c, method, path, NULL, &answer));
    return tell_counts(c, answer);
}

cli_exit cmd_campaign_show(cli *c)
{
    return ask(c, "GET", "");
}

/* --- pause, resume, cancel --- */

cli_exit cmd_campaign_pause(cli *c)
{
    return ask(c, "POST", "/pause");
}

cli_exit cmd_campaign_resume(cli *c)
{
    return ask(c, "POST", "/resume");
}

cli_exit cmd_campaign_cancel(cli *c)
{
    return ask(c, "POST", "/cancel");
}

/* --- export: JSON lines --- */

static cli_exit write_page(cli *c, FILE *out, const json *page)
{
    const json *all = json_member(page, "wallets");

    for (size_t i = 0; i < json_count(all); i++) {
        char *line = json_line(json_at(all, i));
        const bool good = line != NULL && fprintf(out, "%s\n", line) > 0;

        free(line);
        if (!good) return cli_fail(c, CLI_LOCAL, "the export cannot be written");
    }
    return CLI_OK;
}

static cli_exit export_to(cli *c, FILE *out)
{
    AUTO_JSON campaign = NULL;
    char path[96];
    int64_t pages;

    CLI_TRY(path_of(c, "", path));
    CLI_TRY(client_json(c, "GET", path, NULL, &campaign));
    pages = json_number(campaign, "pages");
    if (pages < 1) return json_lacks(c, "pages");
    for (int64_t n = 1; n <= pages; n++) {
        AUTO_JSON page = NULL;
        char behind[32];

        (void)snprintf(behind, sizeof behind, "/wallets/%lld", (long long)n);
        CLI_TRY(path_of(c, behind, path));
        CLI_TRY(client_json(c, "GET", path, NULL, &page));
        CLI_TRY(write_page(c, out, page));
    }
    return CLI_OK;
}

cli_exit cmd_campaign_export(cli *c)
{
    FILE *out = c->out != NULL ? fopen(c->out, "wxe") : stdout;
    cli_exit code;

    if (out == NULL)
        return cli_fail(c, CLI_LOCAL, "%s cannot be made, or is there already", c->out);
    code = export_to(c, out);
    if (out == stdout) return code;
    if (fclose(out) != 0 && code == CLI_OK)
        code = cli_fail(c, CLI_LOCAL, "%s cannot be written", c->out);
    return code;
}
