#include "cli/ride.h"

#include <string.h>

#include "cli/tell.h"
#include "cli/wallet.h"

void ride_hear(cli *c, const char *wallet, const json *answer)
{
    const char *id = json_text(answer, "refresh_wanted");
    uint8_t octets[WALLET_ID_BYTES];

    if (c->riding) return;
    if (strcmp(wallet, c->wanted) == 0) c->wanted[0] = '\0';
    if (id == NULL || !wallet_id_is_read(octets, id) || !wallet_id_is_read(octets, wallet)) return;
    memcpy(c->wanted, wallet, sizeof c->wanted);
    memcpy(c->campaign, id, sizeof c->campaign);
}

bool ride_is_wanted(const cli *c)
{
    return !c->riding && c->wanted[0] != '\0';
}

void ride_tell_failure(cli *c)
{
    /* It starts no more now: somebody else was faster. */
    if (strcmp(c->problem, "refresh-later") == 0) return;
    cli_note(c,
             "campaign %s of the server wants wallet %s refreshed, and that was not done; it is "
             "tried again with the next command: %s",
             c->campaign, c->wanted, c->message);
}

void ride(cli *c)
{
    const char *wallet = c->wallet, *backup_file = c->backup_file;
    const size_t n_devices = c->devices, recoveries_of = c->recoveries_of, withs = c->withs;
    const unsigned kdf_mib = c->kdf_mib;

    if (!ride_is_wanted(c)) return;
    /* All devices of the folder take part, whichever the command is about, and the backup is under
     * the folder's passphrase. */
    c->wallet = c->wanted;
    c->backup_file = NULL;
    c->devices = c->recoveries_of = c->withs = 0;
    c->kdf_mib = 0;
    c->riding = true;
    if (cmd_wallet_refresh(c) != CLI_OK) ride_tell_failure(c);
    c->wallet = wallet;
    c->backup_file = backup_file;
    c->devices = n_devices;
    c->recoveries_of = recoveries_of;
    c->withs = withs;
    c->kdf_mib = kdf_mib;
}

void ride_at_end(cli *c, cli_exit ended)
{
    /* A wallet that missed the deadline does not sign: this is the way out. */
    if (ended == CLI_OK || strcmp(c->problem, "refresh-required") == 0) ride(c);
}
