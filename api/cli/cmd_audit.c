/* audit export, head: the operator's, over the server's Unix socket. audit verify: needs no server,
 * no state folder and no secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/audit.h"
#include "cli/client.h"
#include "cli/tell.h"

#define AUDIT "/v1/audit"

static cli_exit need_socket(cli *c)
{
    if (c->server != NULL) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "name the server's Unix socket: --server PATH");
}

static cli_exit last_of(cli *c, audit_head *last, const char *path)
{
    AUTO_BLOB text = {0};

    CLI_TRY(file_read(c, path, &text));
    return audit_last(c, last, path, &text);
}

/* --- head --- */

cli_exit cmd_audit_head(cli *c)
{
    AUTO_JSON answer = NULL;
    uint8_t hash[AUDIT_HASH_BYTES];

    CLI_TRY(need_socket(c));
    CLI_TRY(client_json(c, "GET", AUDIT, NULL, &answer));
    CLI_TRY(json_octets(c, answer, "hash", hash, sizeof hash));
    if (json_number(answer, "sequence") < 1) return json_lacks(c, "sequence");
    return cli_tell(c, answer, "%lld:%s\n", (long long)json_number(answer, "sequence"),
                    json_text(answer, "hash"));
}

/* --- export --- */

static size_t lines_in(const blob *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++)
        n += text->p[i] == '\n';
    return n;
}

static cli_exit write_pages(cli *c, FILE *out, int64_t after, size_t *entries)
{
    for (;;) {
        AUTO_REPLY r = {0};
        char path[64];
        size_t n;

        (void)snprintf(path, sizeof path, AUDIT "/%lld", (long long)after);
        CLI_TRY(client_call(c, "GET", path, NULL, NULL, 0, &r));
        if (r.status != 200) return client_problem(c, &r);
        n = lines_in(&r.body);
        if (n == 0) return CLI_OK;
        if (fwrite(r.body.p, 1, r.body.len, out) != r.body.len)
            return cli_fail(c, CLI_LOCAL, "the export cannot be written");
        after += (int64_t)n;
        *entries += n;
    }
}

cli_exit cmd_audit_export(cli *c)
{
    AUTO_JSON j = json_new();
    audit_head last = {.sequence = 0};
    size_t entries = 0;
    cli_exit code;
    FILE *out;

    CLI_TRY(need_socket(c));
    if (c->out == NULL) return cli_fail(c, CLI_USAGE, "--out FILE: a new file for the log");
    if (c->after != NULL) CLI_TRY(last_of(c, &last, c->after));
    out = fopen(c->out, "wxe");
    if (out == NULL)
        return cli_fail(c, CLI_LOCAL, "%s cannot be made, or is there already", c->out);
    code = write_pages(c, out, last.sequence, &entries);
    if (fclose(out) != 0 && code == CLI_OK)
        code = cli_fail(c, CLI_LOCAL, "%s cannot be written", c->out);
    if (code != CLI_OK) return code;
    json_put_text(j, "file", c->out);
    json_put_number(j, "entries", (int64_t)entries);
    return cli_tell(c, j, "%zu entries in %s\n", entries, c->out);
}

/* --- verify --- */

static cli_exit tell(cli *c, const audit_log *log)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "file", c->file[0]);
    json_put_number(j, "sequence", log->last.sequence);
    json_put_octets(j, "hash", log->last.hash, sizeof log->last.hash);
    json_put_octets(j, "server_identity", log->identity, sizeof log->identity);
    json_put_text(j, "since", log->since);
    json_put_text(j, "until", log->until);
    return cli_tell(c, j,
                    "%s: whole and unaltered\n  from        %s\n  to          %s\n  head        "
                    "%lld:%s\n  identity    %s%s\n",
                    c->file[0], log->since, log->until, (long long)log->last.sequence,
                    json_text(j, "hash"), json_text(j, "server_identity"),
                    c->identity != NULL ? ""
                                        : "\nwhose identity that is, the file alone does not say: "
                                          "compare it with the one you know");
}

cli_exit cmd_audit_verify(cli *c)
{
    audit_log log = {.has_identity = c->identity != NULL};
    AUTO_BLOB text = {0};

    if (log.has_identity && !hex_is_read(log.identity, sizeof log.identity, c->identity))
        return cli_fail(c, CLI_USAGE, "--identity takes 64 lower-case hex digits");
    if (c->head != NULL && c->after != NULL)
        return cli_fail(c, CLI_USAGE, "--head or --after, not both");
    if (c->head != NULL) CLI_TRY(audit_head_read(c, &log.pin, c->head));
    if (c->after != NULL) CLI_TRY(last_of(c, &log.pin, c->after));
    CLI_TRY(file_read(c, c->file[0], &text));
    CLI_TRY(audit_verify(c, &log, c->file[0], &text));
    return tell(c, &log);
}
