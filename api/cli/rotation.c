#include "cli/rotation.h"

#include <string.h>

#include "cli/json.h"
#include "cli/pairing.h"
#include "cli/peers.h"
#include "cli/tell.h"
#include "cli/wallet.h"

static cli_exit path_in(cli *c, const device *d, const char *name, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, name, NULL);
}

/* --- what is open --- */

cli_exit rotation_is_open(cli *c, const device *d, bool *open)
{
    char path[PATH_ROOM];

    CLI_TRY(path_in(c, d, PEER_NEXT, path));
    *open = d->next != NULL || file_is_there(path);
    return CLI_OK;
}

/* The server as verified with the auxiliary info that is in use by now. */
static cli_exit adopt_peer(cli *c, const device *d)
{
    uint8_t id[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], of_pair[CSIG_AUX_ID_BYTES],
        own[CSIG_AUX_ID_BYTES];
    char from[PATH_ROOM], to[PATH_ROOM];
    uint64_t generation;
    csig_peer *peer;

    CLI_TRY(path_in(c, d, PEER_NEXT, from));
    if (!file_is_there(from)) return CLI_OK;
    CLI_TRY(load_peer(c, d, from, &peer));
    csig_peer_ids(peer, id, aux, of_pair, &generation);
    csig_peer_free(peer);
    if (d->aux != NULL) csig_aux_id(d->aux, own);
    if (d->aux == NULL || memcmp(own, of_pair, sizeof own) != 0) return file_remove(c, from);
    CLI_TRY(peer_path(c, d, id, to));
    return file_rename(c, from, to);
}

static cli_exit adopt_aux(cli *c, device *d)
{
    char from[PATH_ROOM], to[PATH_ROOM];

    CLI_TRY(path_in(c, d, AUX_NEXT, from));
    CLI_TRY(path_in(c, d, "aux", to));
    CLI_TRY(file_rename(c, from, to));
    csig_aux_free(d->aux);
    d->aux = d->next;
    d->next = NULL;
    return CLI_OK;
}

cli_exit rotation_settle(cli *c, device *d, const uint8_t server[CSIG_IDENTITY_BYTES])
{
    char primes[PATH_ROOM];

    if (d->next != NULL) {
        /* Used up: nothing is ever made of them again. */
        CLI_TRY(path_in(c, d, PRIMES_NEXT, primes));
        CLI_TRY(file_remove(c, primes));
        CLI_TRY(pair_next_with_server(c, d, server));
        CLI_TRY(adopt_aux(c, d));
    }
    return adopt_peer(c, d);
}

/* --- the server's generation --- */

static cli_exit is_behind(cli *c, const device *d, const uint8_t server[CSIG_IDENTITY_BYTES],
                          uint64_t generation, bool *behind)
{
    uint8_t id[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    uint64_t known = 0;
    csig_peer *peer;

    CLI_TRY(peer_get(c, d, server, &peer));
    if (peer != NULL) csig_peer_ids(peer, id, aux, own, &known);
    csig_peer_free(peer);
    *behind = known < generation;
    return CLI_OK;
}

static cli_exit follow(cli *c, device *d, const char *wallet,
                       const uint8_t server[CSIG_IDENTITY_BYTES], uint64_t generation)
{
    wallet_state state;
    bool behind;
    cli_exit code;

    CLI_TRY(wallet_look(c, d, wallet, &state));
    if (state != WALLET_BORN || d->aux == NULL) return CLI_OK;
    CLI_TRY(is_behind(c, d, server, generation, &behind));
    if (!behind) return CLI_OK;
    code = pair_again(c, d);
    if (code == CLI_OK || code == CLI_LOCAL) return code;
    cli_note(c, "device %s is not paired with the server's new auxiliary info yet: %s", d->name,
             c->message);
    return CLI_OK;
}

cli_exit rotation_follow(cli *c, const devices *all, const char *wallet,
                         const uint8_t server[CSIG_IDENTITY_BYTES])
{
    for (size_t i = 0; i < all->count; i++)
        CLI_TRY(follow(c, all->d[i], wallet, server, c->server_generation));
    return CLI_OK;
}
