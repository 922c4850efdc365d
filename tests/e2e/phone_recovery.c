/* What a client reads of a wallet's escrows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/phone.h"

#define FRONT (CSIG_EPOCH_BYTES + 64)

escrow_list escrows_get(const daemon_process *d, const wallet *w)
{
    escrow_list list = {.n = 0};
    char path[64];
    http_reply r;

    snprintf(path, sizeof path, "/v1/wallets/%s/escrows", w->id);
    r = http_call(d, "GET", path, NULL, NULL, 0);
    assert_int_equal(r.status, 200);
    assert_true(r.len > FRONT && (r.len - FRONT) % CSIG_ESCROW_BYTES == 0);
    memcpy(list.epoch, r.body, CSIG_EPOCH_BYTES);
    memcpy(list.commit, r.body + CSIG_EPOCH_BYTES, 64);
    list.n = (r.len - FRONT) / CSIG_ESCROW_BYTES;
    list.escrow = malloc(r.len - FRONT);
    assert_non_null(list.escrow);
    memcpy(list.escrow, r.body + FRONT, r.len - FRONT);
    http_free(&r);
    return list;
}

void escrows_free(escrow_list *list)
{
    free(list->escrow);
    memset(list, 0, sizeof *list);
}

csig_recovery_case escrows_of(const escrow_list *list, const wallet *w, uint16_t index)
{
    const size_t dealers = list->n / w->plan.n;
    size_t k = 0;

    assert_int_equal(list->n, dealers * w->plan.n);
    while (w->plan.index[k] != index)
        k++;
    return (csig_recovery_case){
        .epoch = list->epoch,
        .index = index,
        .recovery_key = w->plan.key[k],
        .escrows = list->escrow[k * dealers],
        .count = (uint16_t)dealers,
    };
}
