#include "cli/declining.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/folder.h"
#include "cli/seal.h"
#include "cli/tell.h"

#define LINES_ROOM 1024

/* --- the file --- */

static cli_exit path_of(cli *c, const device *d, const char *request, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "declines", request, NULL);
}

static cli_exit keep(cli *c, const device *d, const decline *no, const json *body)
{
    char folder[PATH_ROOM], path[PATH_ROOM];
    char *text = json_line(body);
    AUTO_BLOB b = {.len = CLI_HEADER_BYTES + (text != NULL ? strlen(text) : 0)};

    b.p = text != NULL ? malloc(b.len) : NULL;
    if (b.p != NULL) {
        cli_header_write(b.p, CLI_KIND_DECLINE);
        memcpy(b.p + CLI_HEADER_BYTES, text, b.len - CLI_HEADER_BYTES);
    }
    free(text);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(path_join(c, folder, d->folder, "declines", NULL));
    CLI_TRY(folder_make(c, folder));
    CLI_TRY(path_of(c, d, no->request, path));
    return file_write(c, path, b.p, b.len);
}

/* --- said --- */

/* It will never be taken: the request has ended or is none, or this server knows no such word. */
static bool answer_is_final(const cli *c)
{
    static const long final[] = {400, 403, 404, 405, 409};

    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
        if (c->status == final[i]) return true;
    return false;
}

static cli_exit send(cli *c, const device *d, const char *request, const json *body)
{
    char path[256], file[PATH_ROOM], own[2 * CSIG_IDENTITY_BYTES + 1];
    AUTO_JSON said = NULL;
    cli_exit code;

    hex_write(own, d->id, sizeof d->id);
    (void)snprintf(path, sizeof path, "/v1/requests/%s/declines/%s", request, own);
    CLI_TRY(path_of(c, d, request, file));
    c->status = 0;
    code = client_json(c, "PUT", path, body, &said);
    if (code != CLI_OK && !answer_is_final(c)) return code;
    if (code != CLI_OK)
        cli_note(c, "device %s does not sign request %s: %s", d->name, request, c->message);
    else if (json_text(said, "state") == NULL)
        return json_lacks(c, "state");
    else
        cli_note(c, "device %s has declined request %s, which is %s", d->name, request,
                 json_text(said, "state"));
    return file_remove(c, file);
}

static cli_exit sign(cli *c, const device *d, const decline *no, json *body)
{
    uint8_t hash[crypto_hash_sha256_BYTES], signature[64];
    char hex[2 * sizeof hash + 1], lines[LINES_ROOM];
    size_t len = 0;
    char *text = csig_payload_text(no->payload, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_check(c, csig_payload_text(no->payload, text, &len), "the payload");
    crypto_hash_sha256(hash, (const uint8_t *)text, len - 1);
    free(text);
    CLI_TRY(code);
    hex_write(hex, hash, sizeof hash);
    (void)snprintf(lines, sizeof lines,
                   "countersign-v1-decline\nrequest %s\nwallet %s\npath %s\npayload %s\nrule %s\n"
                   "because %s",
                   no->request, no->wallet, no->path, hex, no->rule, no->because);
    CLI_TRY(cli_check(c,
                      csig_identity_sign(d->identity, "decline", (const uint8_t *)lines,
                                         strlen(lines), signature),
                      "the word of this device"));
    if (no->rule[0] != '\0') json_put_text(body, "rule", no->rule);
    if (no->because[0] != '\0') json_put_text(body, "because", no->because);
    json_put_octets(body, "signature", signature, sizeof signature);
    return CLI_OK;
}

cli_exit declining_say(cli *c, const device *d, const decline *no)
{
    AUTO_JSON body = json_new();

    CLI_TRY(sign(c, d, no, body));
    CLI_TRY(keep(c, d, no, body));
    return send(c, d, no->request, body);
}

/* --- again --- */

static cli_exit resend_one(cli *c, const char *request, void *arg)
{
    const device *d = arg;
    char path[PATH_ROOM];
    AUTO_BLOB b = {0};
    AUTO_JSON body = NULL;

    if (file_name_is_temporary(request)) return CLI_OK;
    CLI_TRY(path_of(c, d, request, path));
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_DECLINE, path));
    if (json_read(c, &body, b.p + CLI_HEADER_BYTES, b.len - CLI_HEADER_BYTES) != CLI_OK)
        return cli_file_is_damaged(c, path, "remove it: the request will be asked about again");
    return send(c, d, request, body);
}

cli_exit declining_resend(cli *c, const device *d)
{
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "declines", NULL));
    return folder_each(c, path, resend_one, (void *)(uintptr_t)d);
}
