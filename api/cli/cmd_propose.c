/* The operator's: policy show, propose. Over the server's Unix socket, without a state folder and a
 * passphrase. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/guard.h"
#include "cli/tell.h"

static cli_exit need_socket(cli *c)
{
    if (c->server != NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "name the server's Unix socket: --server PATH");
}

static cli_exit path_of_wallet(cli *c, const char *wallet, char path[96])
{
    uint8_t id[WALLET_ID_BYTES];

    if (!wallet_id_is_read(id, wallet))
        return cli_fail(c, CLI_USAGE, "a wallet's id has %d lower-case hex digits: not \"%s\"",
                        2 * WALLET_ID_BYTES, wallet);
    (void)snprintf(path, 96, "/v1/wallets/%s/policy", wallet);
    return CLI_OK;
}

/* --- show --- */

static cli_exit tell_policy(cli *c, const json *j)
{
    const json *policy = json_member(j, "policy");
    const char *subject = json_text(j, "subject");
    char *text;
    cli_exit code;

    if (json_is_nothing(policy)) return cli_tell(c, j, "no policy is in force\n");
    if (policy == NULL || subject == NULL) return json_lacks(c, "subject");
    text = json_canonical(policy);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_tell(c, j, "%s, version %lld, since %s:\n%s", subject,
                    (long long)json_number(j, "version"),
                    json_text(j, "created") != NULL ? json_text(j, "created") : "?", text);
    free(text);
    return code;
}

cli_exit cmd_policy_show(cli *c)
{
    AUTO_JSON said = NULL;
    const json *list;
    char path[96];

    CLI_TRY(need_socket(c));
    if (c->files == 1) {
        CLI_TRY(path_of_wallet(c, c->file[0], path));
        CLI_TRY(client_json(c, "GET", path, NULL, &said));
        return tell_policy(c, said);
    }
    CLI_TRY(client_json(c, "GET", "/v1/policies", NULL, &said));
    list = json_member(said, "policies");
    if (!json_is_list(list)) return json_lacks(c, "policies");
    for (size_t i = 0; i < json_count(list); i++)
        CLI_TRY(tell_policy(c, json_at(list, i)));
    return CLI_OK;
}

/* --- propose --- */

static cli_exit read_policy(cli *c, const char *file, json **policy)
{
    char why[CSIG_WHY_BYTES] = "";
    AUTO_BLOB b = {0};
    AUTO_POLICY p = NULL;
    char *text;
    cli_exit code;

    CLI_TRY(file_read(c, file, &b));
    if (csig_policy_read(&p, (const char *)b.p, b.len, why) != CSIG_OK)
        return cli_fail(c, CLI_INPUT, "%s is no policy: %s", file, why);
    text = guard_text(p);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = json_read(c, policy, (const uint8_t *)text, strlen(text));
    free(text);
    return code;
}

cli_exit cmd_policy_propose(cli *c)
{
    AUTO_JSON body = json_new();
    AUTO_JSON said = NULL;
    char path[96] = "/v1/policies";
    json *policy = NULL;
    const char *change, *state;

    CLI_TRY(need_socket(c));
    if (c->n_chosen > 1 || c->n_chosen + (c->all_wallets ? 1 : 0) + (c->label != NULL ? 1 : 0) != 1)
        return cli_fail(c, CLI_USAGE,
                        "for whom: --all-wallets, --wallet WALLET or --label LABEL, one of them");
    if (c->n_chosen == 1) CLI_TRY(path_of_wallet(c, c->chosen[0], path));
    CLI_TRY(read_policy(c, c->file[0], &policy));
    json_put(body, "policy", policy);
    if (c->label != NULL) json_put_text(body, "label", c->label);
    CLI_TRY(client_json(c, "PUT", path, body, &said));
    change = json_text(said, "change");
    state = json_text(said, "state");
    if (change == NULL || state == NULL) return json_lacks(c, "change");
    return cli_tell(c, said, "change %s: %s\n", change,
                    strcmp(state, "pending") == 0
                        ? "it waits for its approvers: countersign policy "
                          "approve"
                        : state);
}
