/* device init: identity, primes, auxiliary info. device enrol: pins the server, then pairs with it
 * and with the other devices of this folder. */
#include <stdlib.h>

#include "cli/cards.h"
#include "cli/pairing.h"
#include "cli/primes.h"
#include "cli/reconcile.h"
#include "cli/rekey.h"
#include "cli/rotation.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

static cli_exit tell_device(cli *c, const device *d, const char *what)
{
    char id[2 * CSIG_IDENTITY_BYTES + 1];
    AUTO_JSON j = json_new();

    hex_write(id, d->id, CSIG_IDENTITY_BYTES);
    json_put_text(j, "device", d->name);
    json_put_text(j, "identity", id);
    json_put_number(j, "level", csig_level());
    json_put_flag(j, "auxiliary", d->aux != NULL);
    return cli_tell(c, j, "%s: device %s%s\n  identity  %s\n  level     %u\n", what, d->name,
                    d->aux != NULL ? "" : ", without auxiliary info", id, csig_level());
}

/* --- init --- */

static cli_exit make_aux(cli *c, device *d, const char *primes_path)
{
    csig_primes *primes;
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, d->folder, "aux", NULL));
    CLI_TRY(primes_find(c, d, primes_path, &primes));
    CLI_TRY(cli_check(c, csig_aux_new(&d->aux, primes, d->identity, d->generation + 1, NULL),
                      "auxiliary info"));
    return save_aux(c, d, path, d->aux);
}

cli_exit cmd_device_init(cli *c)
{
    AUTO_DEVICE d = {0};
    char primes[PATH_ROOM];
    const char *name;

    CLI_TRY(device_named(c, &name));
    CLI_TRY(cli_unseal(c, true));
    CLI_TRY(device_make(c, &d, name));
    CLI_TRY(path_join(c, primes, d.folder, "primes", NULL));
    if (d.aux == NULL && d.next != NULL)
        return cli_fail(c, CLI_REFUSED,
                        "device %s has auxiliary info that waits for the server; run: countersign "
                        "device enrol --device %s",
                        d.name, d.name);
    if (d.aux == NULL && !c->no_aux) CLI_TRY(make_aux(c, &d, primes));
    /* Used up: one generation, one set of primes. */
    if (d.aux != NULL) CLI_TRY(file_remove(c, primes));
    return tell_device(c, &d, "ready");
}

/* --- enrol --- */

/* One made with --no-aux holds shares until init is run again without it. */
cli_exit cmd_device_enrol(cli *c)
{
    enrolment said;
    AUTO_DEVICE d = {0};
    const char *name;
    bool open;

    CLI_TRY(device_named(c, &name));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(device_open(c, &d, name));
    if (c->server == NULL) CLI_TRY(server_pinned(c, said.server));
    CLI_TRY(device_http_key(c, &d));
    CLI_TRY(rekey_is_open(c, &d, &open));
    if (open) CLI_TRY(rekey_settle(c, &d));
    CLI_TRY(enrol(c, d.identity, &d.http, d.name, &said));
    CLI_TRY(rotation_settle(c, &d, said.server));
    if (d.aux != NULL) {
        CLI_TRY(check_generation(c, &d, d.aux, &said));
        CLI_TRY(pair_with_server(c, &d, said.server));
        CLI_TRY(pair_with_others(c, &d));
    }
    return tell_device(c, &d, "enrolled");
}

/* --- card --- */

/* The line as it goes into a file, with --json and without. */
cli_exit cmd_device_card(cli *c)
{
    AUTO_DEVICE d = {0};
    AUTO_JSON j = json_new();
    device_card of;
    const char *name;
    char *line;
    cli_exit code;

    if (c->files > 0) c->device[c->devices++] = c->file[0];
    CLI_TRY(device_named(c, &name));
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(device_open(c, &d, name));
    CLI_TRY(device_card_make(c, &of, d.id, d.name));
    json_put_octets(j, "identity", of.identity, sizeof of.identity);
    json_put_text(j, "name", of.name);
    json_put_octets(j, "fingerprint", of.fingerprint, sizeof of.fingerprint);
    line = json_line(j);
    if (line == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_tell(c, j, "%s\n", line);
    free(line);
    return code;
}
