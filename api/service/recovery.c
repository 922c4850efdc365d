#include "service/recovery.h"

#include <stdlib.h>
#include <string.h>

#include "countersign/keygen.h"
#include "countersign/refresh.h"

void csigd_recovery_list(const csigd_wallet *w, csigd_recovery_lists *lists)
{
    lists->count = (uint16_t)w->n_recovery;
    for (size_t i = 0; i < w->n_recovery; i++) {
        lists->indices[i] = w->recovery[i].index;
        memcpy(lists->keys[i], w->recovery[i].key, sizeof lists->keys[i]);
    }
}

csig_recovery_keys csigd_recovery_keys(const csigd_recovery_lists *lists)
{
    return (csig_recovery_keys){
        .indices = lists->indices, .keys = lists->keys[0], .count = lists->count};
}

bool csigd_wallet_has_recovery(const csigd_wallet *w, uint16_t index)
{
    for (size_t i = 0; i < w->n_recovery; i++) {
        if (w->recovery[i].index == index) return true;
    }
    return false;
}

/* --- a session's escrows --- */

void csigd_recovery_expect(csigd_live *live, const csigd_wallet *w)
{
    csigd_escrowing *e = &live->escrows;

    for (size_t i = 0; i < w->n_recovery; i++)
        e->indices[e->n_indices++] = w->recovery[i].index;
    for (uint16_t index = 1; index <= w->parties; index++) {
        bool online = index == CSIGD_SERVER_INDEX;

        for (size_t i = 0; i < live->row.n_devices; i++)
            online = online || live->device_index[i] == index;
        if (online) e->dealers[e->n_dealers++] = index;
    }
}

static csig_err take(const csigd_live *live, uint16_t dealer, uint16_t index, uint8_t *escrow)
{
    return live->row.kind == CSIGD_KIND_KEYGEN
               ? csig_keygen_escrow(live->run[0], dealer, index, escrow)
               : csig_refresh_escrow(live->run[0], dealer, index, escrow);
}

static csig_err gather(const csigd_live *live, const csig_share *share, csigd_recoverable *out)
{
    const csigd_escrowing *e = &live->escrows;
    uint8_t *at = out->escrows.p;
    csig_err err = csig_share_epoch(share, out->epoch.p);

    for (size_t i = 0; i < e->n_indices; i++) {
        for (size_t k = 0; k < e->n_dealers && err == CSIG_OK; k++) {
            err = take(live, e->dealers[k], e->indices[i], at);
            at += CSIG_ESCROW_BYTES;
        }
    }
    return err;
}

csig_err csigd_recovery_gather(const csigd_live *live, const csig_share *share,
                               csigd_recoverable *out)
{
    const csigd_escrowing *e = &live->escrows;
    const size_t len = e->n_indices * e->n_dealers * CSIG_ESCROW_BYTES;
    csig_err err = CSIG_E_MEMORY;

    csigd_recoverable_free(out);
    if (e->n_indices == 0) return CSIG_OK;
    out->epoch = (csigd_blob){malloc(CSIG_EPOCH_BYTES), CSIG_EPOCH_BYTES};
    out->escrows = (csigd_blob){malloc(len), len};
    if (out->epoch.p != NULL && out->escrows.p != NULL) err = gather(live, share, out);
    if (err != CSIG_OK) csigd_recoverable_free(out);
    return err;
}

void csigd_recoverable_free(csigd_recoverable *r)
{
    csigd_blob_free(&r->epoch);
    csigd_blob_free(&r->escrows);
}
