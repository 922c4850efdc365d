/* Backups that come with a refresh. They may lie anywhere in a body up to the receipts that name
 * them: so they are kept as they are until the body has been taken, and then looked at. */
#include <string.h>

#include "service/backups.h"
#include "service/live.h"

/* In the place of an earlier one of the same index. Takes the octets. */
static void list_backup(csigd_backup_row *list, size_t *n, const csigd_backup_row *row)
{
    size_t i = 0;

    while (i < *n && list[i].party != row->party)
        i++;
    if (i == *n)
        ++*n;
    else
        csigd_blob_free(&list[i].sealed);
    list[i] = *row;
}

/* The device that is this party here; NULL: none is. Who leaves is none. */
static const uint8_t *device_of(const csigd_live *live, uint16_t index)
{
    if (index == 0) return NULL;
    for (size_t i = 0; i < live->row.n_devices; i++) {
        if (live->device_index[i] == index) return live->row.devices[i];
    }
    return NULL;
}

csigd_code csigd_refresh_backup(csigd_live *live, const uint8_t *backup, size_t len,
                                csigd_problem *why)
{
    csig_backup_info info;
    csigd_backup_row row;
    const csigd_code code = csigd_backup_read(backup, len, &info, why);
    const uint8_t *owner;

    if (code != CSIGD_OK) return code;
    owner = device_of(live, info.share.self);
    if (owner == NULL || memcmp(owner, info.owner, CSIG_IDENTITY_BYTES) != 0)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "backup");
    row.party = info.share.self;
    if (!csigd_blob_is_copied(&row.sealed, backup, len))
        return csigd_problem_set(why, CSIGD_OVERLOADED);
    list_backup(live->turn.fresh, &live->turn.n_fresh, &row);
    return CSIGD_OK;
}

/* --- at the end of a body --- */

/* Of the staged share of its index, then sealed; before there is one nothing can be. */
static csig_err accept(const csigd_service *service, csigd_live *live,
                       const csigd_backup_row *fresh)
{
    const uint8_t *octets = fresh->sealed.p;
    const size_t len = fresh->sealed.len;
    csig_share_info staged;
    csig_backup_info info;
    csigd_problem why;
    csigd_backup_row row;
    csig_err err = csig_backup_describe(octets, len, &info);

    if (err != CSIG_OK) return err;
    if (live->stores == 0) return CSIG_E_STATE;
    csig_share_describe(live->share, &staged);
    if (csigd_backup_check(&(csigd_backup_of){.wallet = live->row.wallet,
                                              .key_id = staged.key_id,
                                              .owner = device_of(live, fresh->party),
                                              .index = fresh->party,
                                              .epoch = &live->refresh.staged},
                           &info, &why) != CSIGD_OK)
        return CSIG_E_STATE;
    err = csig_backup_hash(octets, len, live->refresh.backup_hash[fresh->party - 1]);
    if (err == CSIG_OK)
        err = csigd_backup_seal(service, live->row.wallet, &info, octets, len, &row);
    if (err != CSIG_OK) return err;
    live->refresh.has_backup[fresh->party - 1] = true;
    list_backup(live->turn.backups, &live->turn.n_backups, &row);
    return CSIG_OK;
}

static csig_err accept_all(const csigd_service *service, csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csig_err err = CSIG_OK;

    for (size_t i = 0; i < turn->n_fresh && err == CSIG_OK; i++)
        err = accept(service, live, &turn->fresh[i]);
    return err;
}

/* Nobody's receipt counts without its backup, and with all receipts there each backup is the one
 * that its owner named. */
static csig_err check_receipts(const csigd_live *live)
{
    const bool all = live->stores == 1 && csig_session_phase(live->run[0]) == CSIG_STORE;

    for (size_t i = 0; i < live->row.n_devices; i++) {
        const uint16_t index = live->device_index[i];
        uint8_t named[CSIG_BACKUP_HASH_BYTES];
        csig_err err;

        if (index == 0 || !live->refresh.has_receipt[live->refresh.place[i] - 1]) continue;
        if (!live->refresh.has_backup[index - 1]) return CSIG_E_STATE;
        if (!all) continue;
        err = csig_refresh_backup_of(live->run[0], index, named);
        if (err != CSIG_OK) return err;
        if (memcmp(named, live->refresh.backup_hash[index - 1], sizeof named) != 0)
            return CSIG_E_STATE;
    }
    return CSIG_OK;
}

csig_err csigd_refresh_settle_backups(const csigd_service *service, csigd_live *live,
                                      csigd_problem *problem)
{
    csig_err err = accept_all(service, live);

    if (err == CSIG_OK) err = check_receipts(live);
    if (err == CSIG_E_STATE) csigd_problem_field(problem, CSIGD_BAD_REQUEST, "backup");
    return err;
}
