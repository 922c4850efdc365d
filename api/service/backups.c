#include "service/backups.h"

#include <string.h>

#include "http/json.h"
#include "log.h"
#include "service/audit.h"
#include "service/primes.h"
#include "service/signers.h"

/* --- what it is of --- */

static csigd_code bad(csigd_problem *why, csig_err err)
{
    csigd_problem_field(why, CSIGD_BAD_REQUEST, "backup");
    why->err = err;
    return why->code;
}

csigd_code csigd_backup_read(const uint8_t *backup, size_t len, csig_backup_info *info,
                             csigd_problem *why)
{
    const csig_err err = csig_backup_describe(backup, len, info);

    if (err == CSIG_OK) return CSIGD_OK;
    if (err == CSIG_E_VERSION || err == CSIG_E_LEVEL) return csigd_problem_err(why, err);
    return bad(why, err);
}

csigd_code csigd_backup_check(const csigd_backup_of *of, const csig_backup_info *info,
                              csigd_problem *why)
{
    char label[2 * CSIGD_ID_BYTES + 1];

    csigd_hex_write(label, of->wallet, CSIGD_ID_BYTES);
    if (strcmp(info->label, label) != 0 || info->share.self != of->index ||
        memcmp(info->share.key_id, of->key_id, CSIG_KEY_ID_BYTES) != 0 ||
        memcmp(info->owner, of->owner, CSIG_IDENTITY_BYTES) != 0)
        return bad(why, CSIG_OK);
    if (info->share.epoch != of->epoch->number || info->share.epoch_attempt != of->epoch->attempt ||
        memcmp(info->share.epoch_state, of->epoch->state, CSIGD_HASH_BYTES) != 0)
        return csigd_problem_field(why, CSIGD_EPOCH_CHANGED, "backup");
    return CSIGD_OK;
}

/* --- at rest --- */

#define NAME_BYTES (CSIGD_ID_BYTES + 1 + CSIGD_HASH_BYTES)
static void name_of(uint8_t name[NAME_BYTES], const uint8_t *wallet, uint16_t index,
                    const uint8_t state[CSIGD_HASH_BYTES])
{
    memcpy(name, wallet, CSIGD_ID_BYTES);
    name[CSIGD_ID_BYTES] = (uint8_t)index;
    memcpy(name + CSIGD_ID_BYTES + 1, state, CSIGD_HASH_BYTES);
}

csig_err csigd_backup_seal(const csigd_service *service, const uint8_t *wallet,
                           const csig_backup_info *info, const uint8_t *backup, size_t len,
                           csigd_backup_row *row)
{
    uint8_t name[NAME_BYTES];

    name_of(name, wallet, info->share.self, info->share.epoch_state);
    row->party = info->share.self;
    return csigd_vault_seal(service->vault, CSIGD_SEAL_BACKUP, name, sizeof name, backup, len,
                            &row->sealed);
}

/* --- by itself --- */

/* An active wallet and the device at a client's index of it. */
static csigd_code find_party(const csigd_service *service, const uint8_t *id, uint16_t index,
                             csigd_wallet *w, csigd_problem *why)
{
    const csigd_stored stored =
        service->store->wallet_get(service->store, id, csigd_primes_generation(service->primes), w);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (w->state != CSIGD_ACTIVE) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    if (index > w->parties || index == CSIGD_SERVER_INDEX)
        return csigd_problem_set(why, CSIGD_NOT_FOUND);
    return CSIGD_OK;
}

static csigd_code store_backup(const csigd_service *service, const uint8_t *wallet,
                               const csig_backup_info *info, const uint8_t *backup, size_t len,
                               csigd_problem *why)
{
    csigd_backup_row row;
    csigd_stored stored;
    const csig_err err = csigd_backup_seal(service, wallet, info, backup, len, &row);

    if (err != CSIG_OK) return csigd_problem_own(why, err);
    stored = service->store->backup_put(service->store, wallet, info->share.epoch_state, &row);
    csigd_blob_free(&row.sealed);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

csigd_code csigd_backup_put(const csigd_service *service, const uint8_t *wallet, uint16_t index,
                            const uint8_t *backup, size_t len, csigd_problem *why)
{
    csig_backup_info info;
    csigd_wallet w;
    csigd_epoch epoch;
    csigd_code code = find_party(service, wallet, index, &w, why);

    if (code == CSIGD_OK) code = csigd_backup_read(backup, len, &info, why);
    if (code != CSIGD_OK) return code;
    epoch = (csigd_epoch){.number = w.epoch, .attempt = w.epoch_attempt};
    memcpy(epoch.state, w.epoch_state, sizeof epoch.state);
    code = csigd_backup_check(&(csigd_backup_of){.wallet = wallet,
                                                 .key_id = w.key_id,
                                                 .owner = csigd_wallet_device(&w, index),
                                                 .index = index,
                                                 .epoch = &epoch},
                              &info, why);
    if (code != CSIGD_OK) return code;
    return store_backup(service, wallet, &info, backup, len, why);
}

/* Nobody reads one and leaves no trace. */
static csigd_code tell_reading(const csigd_service *service, const uint8_t *wallet, uint16_t index,
                               csigd_blob *backup, csigd_problem *why)
{
    const csigd_stored stored =
        csigd_audit(service, "backup.read", CSIGD_OF_WALLET(wallet), CSIGD_NUMBER("index", index));

    if (stored == CSIGD_STORED) return CSIGD_OK;
    csigd_blob_free(backup);
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_backup_get(const csigd_service *service, const uint8_t *wallet, uint16_t index,
                            csigd_blob *backup, csigd_problem *why)
{
    uint8_t name[NAME_BYTES];
    csigd_wallet w;
    csigd_blob sealed;
    csigd_stored stored;
    csig_err err;
    csigd_code code = find_party(service, wallet, index, &w, why);

    if (code != CSIGD_OK) return code;
    stored = service->store->backup_get(service->store, wallet, index, &sealed);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    name_of(name, wallet, index, w.epoch_state);
    err = csigd_vault_unseal(service->vault, CSIGD_SEAL_BACKUP, name, sizeof name, &sealed, backup);
    csigd_blob_free(&sealed);
    if (err == CSIG_OK) return tell_reading(service, wallet, index, backup, why);
    csigd_log_line(CSIGD_ERROR, "stored backup does not open",
                   CSIGD_TEXT("error", csig_err_name(err)),
                   CSIGD_HEX("wallet", wallet, CSIGD_ID_BYTES));
    return csigd_problem_own(why, err);
}
