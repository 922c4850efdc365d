/* policy approve, reject: somebody's word about a change of policy. The policy is read here, shown,
 * and signed as it was read. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/guard.h"
#include "cli/joining.h"
#include "cli/tell.h"
#include "cli/word.h"

#define CHANGE_ID_BYTES 32
#define SUBJECT_MAX     200

/* "all", "label/..." or "wallet/...": what stands in a line is one word. */
static cli_exit subject_of(cli *c, const json *j, const char *name, const char **subject)
{
    *subject = json_text(j, name);
    if (*subject == NULL || strlen(*subject) > SUBJECT_MAX) return json_lacks(c, name);
    for (const char *s = *subject; *s != '\0'; s++)
        if (*s <= ' ' || *s > '~') return json_lacks(c, name);
    return CLI_OK;
}

/* The canonical text, by the library's reader; free() it. */
static cli_exit read_policy(cli *c, const json *change, char **text)
{
    char why[CSIG_WHY_BYTES] = "";
    AUTO_POLICY p = NULL;
    char *said;
    csig_err err;

    if (json_member(change, "policy") == NULL) return json_lacks(c, "policy");
    said = json_line(json_member(change, "policy"));
    if (said == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    err = csig_policy_read(&p, said, strlen(said), why);
    free(said);
    if (err != CSIG_OK) return cli_fail(c, CLI_INPUT, "the change is no policy: %s", why);
    *text = guard_text(p);
    return *text != NULL ? CLI_OK : cli_fail(c, CLI_LOCAL, "out of memory");
}

/* The lines of api/README.md. */
static cli_exit lines_of(cli *c, const json *change, const char *decision, const char *policy,
                         char lines[WORD_LINES_ROOM])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    const char *subject, *over;
    const int64_t version = json_number(change, "over_version");

    CLI_TRY(subject_of(c, change, "subject", &subject));
    CLI_TRY(subject_of(c, change, "over", &over));
    if (version < 1) return json_lacks(c, "over_version");
    crypto_hash_sha256(hash, (const uint8_t *)policy, strlen(policy));
    hex_write(hex, hash, sizeof hash);
    (void)snprintf(lines, WORD_LINES_ROOM,
                   "countersign-v1-policy-change\n%s\nchange %s\nsubject %s\nover %s %lld\n"
                   "policy %s",
                   decision, c->file[0], subject, over, (long long)version, hex);
    cli_note(c, "change %s: policy for %s, over that of %s, version %lld:\n%s", c->file[0], subject,
             over, (long long)version, policy);
    return CLI_OK;
}

static cli_exit agree(cli *c, const json *change, const char *decision, char lines[WORD_LINES_ROOM])
{
    char *policy = NULL;
    cli_exit code = read_policy(c, change, &policy);

    if (code == CLI_OK) code = lines_of(c, change, decision, policy, lines);
    if (code == CLI_OK && !c->yes) code = joining_ask(c);
    free(policy);
    return code;
}

static cli_exit say(cli *c, const char *decision)
{
    AUTO_DEVICES all = {0};
    AUTO_JSON change = NULL;
    uint8_t id[CHANGE_ID_BYTES];
    char path[128], lines[WORD_LINES_ROOM];

    if (!hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE, "a change's id has %zu lower-case hex digits", 2 * sizeof id);
    CLI_TRY(word_begin(c, &all));
    (void)snprintf(path, sizeof path, "/v1/policy-changes/%s", c->file[0]);
    CLI_TRY(client_json(c, "GET", path, NULL, &change));
    CLI_TRY(agree(c, change, decision, lines));
    return word_give(c, all.d[0], decision, lines, path);
}

cli_exit cmd_policy_approve(cli *c)
{
    return say(c, "approve");
}

cli_exit cmd_policy_reject(cli *c)
{
    return say(c, "reject");
}
