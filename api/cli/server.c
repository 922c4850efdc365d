#include "cli/server.h"

#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/seal.h"
#include "cli/wire.h"

#define ADDRESS_AT (CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES)

static cli_exit path_of(cli *c, char path[PATH_ROOM])
{
    return path_join(c, path, c->state, "server", NULL);
}

cli_exit server_is_pinned(cli *c, bool *pinned)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, path));
    *pinned = file_is_there(path);
    return CLI_OK;
}

static cli_exit read_pin(cli *c, uint8_t id[CSIG_IDENTITY_BYTES], char address[CLI_ADDRESS_ROOM])
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];
    size_t len;

    CLI_TRY(path_of(c, path));
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_SERVER, path));
    if (b.len <= ADDRESS_AT || b.len - ADDRESS_AT >= CLI_ADDRESS_ROOM ||
        memchr(b.p + ADDRESS_AT, '\0', b.len - ADDRESS_AT) != NULL)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    len = b.len - ADDRESS_AT;
    memcpy(id, b.p + CLI_HEADER_BYTES, CSIG_IDENTITY_BYTES);
    memcpy(address, b.p + ADDRESS_AT, len);
    address[len] = '\0';
    return CLI_OK;
}

cli_exit server_pinned(cli *c, uint8_t id[CSIG_IDENTITY_BYTES])
{
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (!pinned)
        return cli_fail(c, CLI_REFUSED,
                        "no device has enrolled with a server yet; run: countersign device enrol "
                        "--server ADDRESS");
    CLI_TRY(read_pin(c, id, c->address));
    if (c->server == NULL) c->server = c->address;
    return CLI_OK;
}

static cli_exit another_server(cli *c)
{
    return cli_fail(c, CLI_CHEAT,
                    "%s is another server than the one this folder enrolled with; nothing was done "
                    "with it. Check --server; if the server was replaced on purpose, start a new "
                    "state folder",
                    c->server);
}

/* A relative path means something else tomorrow; the whole one is kept where it is a possible one.
 */
static cli_exit lasting_address(cli *c, char address[CLI_ADDRESS_ROOM])
{
    char *whole = client_address_is_url(c->server) ? NULL : realpath(c->server, NULL);
    const bool better = whole != NULL && client_check_address(c, whole) == CLI_OK;
    const int n = snprintf(address, CLI_ADDRESS_ROOM, "%s", better ? whole : c->server);

    free(whole);
    if (n >= 0 && n < CLI_ADDRESS_ROOM) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "the server's address is too long");
}

cli_exit server_pin(cli *c, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    uint8_t file[ADDRESS_AT + CLI_ADDRESS_ROOM], before[CSIG_IDENTITY_BYTES];
    char path[PATH_ROOM], address[CLI_ADDRESS_ROOM], old[CLI_ADDRESS_ROOM];
    size_t len;
    bool pinned;

    CLI_TRY(server_is_pinned(c, &pinned));
    if (pinned) CLI_TRY(read_pin(c, before, old));
    if (pinned && memcmp(before, id, sizeof before) != 0) return another_server(c);
    CLI_TRY(wire_pin(c));
    CLI_TRY(lasting_address(c, address));
    if (pinned && strcmp(old, address) == 0) return CLI_OK;
    len = strlen(address);
    cli_header_write(file, CLI_KIND_SERVER);
    memcpy(file + CLI_HEADER_BYTES, id, CSIG_IDENTITY_BYTES);
    memcpy(file + ADDRESS_AT, address, len);
    CLI_TRY(path_of(c, path));
    return file_write(c, path, file, ADDRESS_AT + len);
}

cli_exit server_check(cli *c, const json *reply)
{
    uint8_t pinned[CSIG_IDENTITY_BYTES], said[CSIG_IDENTITY_BYTES];

    CLI_TRY(server_pinned(c, pinned));
    CLI_TRY(json_octets(c, reply, "server_identity", said, sizeof said));
    return memcmp(pinned, said, sizeof said) == 0 ? CLI_OK : another_server(c);
}
