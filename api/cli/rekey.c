#include "cli/rekey.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

static cli_exit path_of_next(cli *c, const device *d, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "http.next", NULL);
}

cli_exit rekey_is_open(cli *c, const device *d, bool *open)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of_next(c, d, path));
    *open = file_is_there(path);
    return CLI_OK;
}

cli_exit rekey_begin(cli *c, const device *d)
{
    char path[PATH_ROOM];
    http_key key = {.secret = NULL};
    cli_exit code = http_key_make(c, &key);

    if (code == CLI_OK) code = path_of_next(c, d, path);
    if (code == CLI_OK) code = http_key_save(c, &key, path, &d->sealer, d->id);
    http_key_free(&key);
    return code;
}

/* *known: the key that signs this is one that the server knows. */
static cli_exit tell_server(cli *c, const device *d, const http_key *next, bool *known)
{
    char path[96], id[2 * CSIG_IDENTITY_BYTES + 1];
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    cli_exit code;

    hex_write(id, d->id, sizeof d->id);
    (void)snprintf(path, sizeof path, "/v1/devices/%s/keys", id);
    CLI_TRY(http_key_vouch(c, next, d->identity, body));
    code = client_json(c, "POST", path, body, &answer);
    *known = code == CLI_OK || strcmp(c->problem, "bad-signature") != 0;
    return code;
}

static void swap(http_key *a, http_key *b)
{
    const http_key kept = *a;

    *a = *b;
    *b = kept;
}

/* The old key tells; when the server does not know it any more, it has the next one already, which
 * then says so itself. */
static cli_exit tell_with_either(cli *c, device *d, http_key *next)
{
    bool known;
    cli_exit code = tell_server(c, d, next, &known);

    if (code == CLI_OK || known) return code;
    swap(&d->http, next);
    code = tell_server(c, d, &d->http, &known);
    swap(&d->http, next);
    return code;
}

cli_exit rekey_settle(cli *c, device *d)
{
    char path[PATH_ROOM], place[PATH_ROOM];
    http_key next = {.secret = NULL};
    cli_exit code;

    CLI_TRY(path_of_next(c, d, path));
    CLI_TRY(path_join(c, place, d->folder, "http", NULL));
    CLI_TRY(device_http_key(c, d));
    code = http_key_load(c, &next, path, &d->sealer, d->id);
    if (code == CLI_OK) code = tell_with_either(c, d, &next);
    if (code == CLI_OK) code = file_rename(c, path, place);
    if (code == CLI_OK) swap(&d->http, &next);
    http_key_free(&next);
    return code;
}

/* --- device rekey --- */

cli_exit cmd_device_rekey(cli *c)
{
    AUTO_DEVICE d = {0};
    AUTO_JSON j = json_new();
    char id[CSIGD_KEY_ID_BYTES];
    uint8_t server[CSIG_IDENTITY_BYTES];
    const char *name;
    bool open;

    CLI_TRY(device_named(c, &name));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(device_open(c, &d, name));
    CLI_TRY(server_pinned(c, server));
    CLI_TRY(rekey_is_open(c, &d, &open));
    if (!open) CLI_TRY(rekey_begin(c, &d));
    CLI_TRY(rekey_settle(c, &d));
    csigd_key_id(id, &d.http.signer.key);
    json_put_text(j, "device", d.name);
    json_put_text(j, "keyid", id);
    return cli_tell(c, j, "device %s signs its requests with another key\n  key  %s\n", d.name, id);
}
