#include "service/shares.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

csigd_epoch csigd_epoch_of(const csig_share *share)
{
    csig_share_info info;
    csigd_epoch epoch;

    csig_share_describe(share, &info);
    epoch = (csigd_epoch){.number = info.epoch, .attempt = info.epoch_attempt};
    memcpy(epoch.state, info.epoch_state, sizeof epoch.state);
    return epoch;
}

static csig_err export_share(const void *share, const csig_sealer *sealer, uint8_t *out,
                             size_t *len)
{
    return csig_share_export(share, sealer, out, len);
}

/* A wrapping key's name is the wallet: the share inside says which epoch it is of. */
csig_err csigd_share_seal(const csigd_service *service, const uint8_t *wallet,
                          const csig_share *share, csigd_share_row *row)
{
    uint8_t *key = csigd_locked_alloc(CSIGD_WRAPPING_BYTES);
    csig_sealer sealer;
    csig_err err;

    *row = (csigd_share_row){.key = {NULL, 0}};
    if (key == NULL) return CSIG_E_MEMORY;
    err = csigd_vault_make_key(service->vault, wallet, CSIGD_ID_BYTES, key, &row->key);
    sealer = csig_sealer_from_key(key);
    if (err == CSIG_OK) err = csigd_export(&row->sealed, export_share, share, &sealer);
    csigd_locked_free(key);
    if (err != CSIG_OK) csigd_share_row_free(row);
    return err;
}

static csig_err unseal(const csigd_service *service, const uint8_t *wallet,
                       const csigd_share_row *row, csig_share **share)
{
    uint8_t *key;
    csig_sealer sealer;
    csig_err err;

    /* From a store of format 1. */
    if (row->key.len == 0)
        return csig_share_import(share, csigd_vault_sealer(service->vault, CSIGD_SEAL_SHARE),
                                 row->sealed.p, row->sealed.len);
    key = csigd_locked_alloc(CSIGD_WRAPPING_BYTES);
    if (key == NULL) return CSIG_E_MEMORY;
    err = csigd_vault_open_key(service->vault, wallet, CSIGD_ID_BYTES, &row->key, key);
    sealer = csig_sealer_from_key(key);
    if (err == CSIG_OK) err = csig_share_import(share, &sealer, row->sealed.p, row->sealed.len);
    csigd_locked_free(key);
    return err;
}

csigd_code csigd_share_load(const csigd_service *service, const csigd_wallet *wallet,
                            csig_share **share, csigd_problem *why)
{
    csigd_share_row row;
    const csigd_stored stored = service->store->share_get(service->store, wallet->id, &row);
    csig_err err;

    *share = NULL;
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    err = unseal(service, wallet->id, &row, share);
    csigd_share_row_free(&row);
    if (err != CSIG_OK) {
        csigd_log_line(CSIGD_ERROR, "stored share does not open",
                       CSIGD_TEXT("error", csig_err_name(err)),
                       CSIGD_HEX("wallet", wallet->id, CSIGD_ID_BYTES));
        return csigd_problem_own(why, err);
    }
    /* Wallet and share were read one after the other. */
    if (csigd_epoch_of(*share).number == wallet->epoch) return CSIGD_OK;
    csig_share_free(*share);
    *share = NULL;
    return csigd_problem_set(why, CSIGD_EPOCH_CHANGED);
}

/* --- stores of format 1 --- */

typedef struct list {
    csigd_wallet *wallets;
    size_t n;
    bool complete;
} list;

static void add_unknown(void *ctx, const csigd_wallet *wallet)
{
    list *l = ctx;
    csigd_wallet *grown;

    if (wallet->has_epoch_state || !l->complete) return;
    grown = realloc(l->wallets, (l->n + 1) * sizeof *grown);
    l->complete = grown != NULL;
    if (grown == NULL) return;
    l->wallets = grown;
    l->wallets[l->n++] = *wallet;
}

static csigd_stored learn(const csigd_service *service, const csigd_wallet *wallet)
{
    csig_share *share;
    csigd_problem why;
    csigd_epoch epoch;

    /* What does not open was logged; nothing can be done with it. */
    if (csigd_share_load(service, wallet, &share, &why) != CSIGD_OK) return CSIGD_STORED;
    epoch = csigd_epoch_of(share);
    csig_share_free(share);
    return service->store->epoch_learn(service->store, wallet->id, &epoch);
}

csigd_stored csigd_shares_learn_epochs(const csigd_service *service)
{
    list l = {.complete = true};
    csigd_stored stored = service->store->wallet_list(service->store, 0, NULL, add_unknown, &l);

    if (stored == CSIGD_STORED && !l.complete) stored = CSIGD_STORE_FAILED;
    for (size_t i = 0; i < l.n && stored == CSIGD_STORED; i++)
        stored = learn(service, &l.wallets[i]);
    free(l.wallets);
    return stored;
}
