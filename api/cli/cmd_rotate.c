/* device rotate: new primes, auxiliary info of the next generation, paired with the server and the
 * other devices of this folder; the old one is dropped then. */
#include "cli/pairing.h"
#include "cli/peers.h"
#include "cli/primes.h"
#include "cli/reconcile.h"
#include "cli/rotation.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

/* Its auxiliary info must be the newest that the server has seen: what is made is above that. */
static cli_exit ask(cli *c, device *d, uint64_t *generation)
{
    enrolment said;

    *generation = d->aux != NULL ? csig_aux_generation(d->aux) : d->generation;
    CLI_TRY(device_http_key(c, d));
    CLI_TRY(enrol(c, d->identity, &d->http, d->name, &said));
    if (d->aux != NULL) CLI_TRY(check_generation(c, d, d->aux, &said));
    if (said.generation > *generation) *generation = said.generation;
    return CLI_OK;
}

static cli_exit make(cli *c, device *d, csig_primes *primes, uint64_t generation)
{
    char path[PATH_ROOM];

    CLI_TRY(cli_check(c, csig_aux_new(&d->next, primes, d->identity, generation, NULL),
                      "auxiliary info"));
    CLI_TRY(path_join(c, path, d->folder, AUX_NEXT, NULL));
    return save_aux(c, d, path, d->next);
}

/* The search needs no server, and what it finds is kept: only before and after it is the server
 * asked. */
static cli_exit prepare(cli *c, device *d, const uint8_t server[CSIG_IDENTITY_BYTES])
{
    char path[PATH_ROOM];
    csig_primes *primes;
    uint64_t generation;
    cli_exit code;

    CLI_TRY(lock_check(c, d, server));
    code = ask(c, d, &generation);
    if (code != CLI_OK && code != CLI_OFFLINE) return code;
    if (code == CLI_OFFLINE) cli_note(c, "%s; the search for primes goes on without", c->message);
    CLI_TRY(path_join(c, path, d->folder, PRIMES_NEXT, NULL));
    CLI_TRY(primes_find(c, d, path, &primes));
    code = ask(c, d, &generation);
    if (code == CLI_OK) return make(c, d, primes, generation + 1);
    csig_primes_free(primes);
    return code;
}

static cli_exit tell(cli *c, const device *d)
{
    const uint64_t generation = csig_aux_generation(d->aux);
    AUTO_JSON j = json_new();

    json_put_text(j, "device", d->name);
    json_put_octets(j, "identity", d->id, sizeof d->id);
    json_put_number(j, "generation", (int64_t)generation);
    return cli_tell(c, j,
                    "rotated: device %s has auxiliary info of generation %llu\n"
                    "to make what was stolen before worthless, refresh each wallet once the server "
                    "has rotated, too: countersign wallet refresh WALLET\n",
                    d->name, (unsigned long long)generation);
}

cli_exit cmd_device_rotate(cli *c)
{
    uint8_t server[CSIG_IDENTITY_BYTES];
    AUTO_DEVICES all = {0};
    const char *name;
    bool open;

    CLI_TRY(device_named(c, &name));
    if (c->devices == 0) c->device[c->devices++] = name;
    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, &all));
    CLI_TRY(server_pinned(c, server));
    /* What an earlier process made is what is asked for. */
    CLI_TRY(rotation_is_open(c, all.d[0], &open));
    if (!open) CLI_TRY(prepare(c, all.d[0], server));
    CLI_TRY(rotation_settle(c, all.d[0], server));
    CLI_TRY(reconcile(c, &all));
    CLI_TRY(pair_with_others(c, all.d[0]));
    return tell(c, all.d[0]);
}
