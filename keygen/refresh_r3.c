/* Refresh and resharing, round 3: everyone online has stored the staged share and sealed its
 * backup; who leaves has seen the same public output and has nothing to store.
 *
 * Out, after the host's durable write: the hash of the new public output, and the hash of the
 * backup that the host has named, zeros from who leaves. In: the first is everybody's. */
#include <string.h>

#include "base/mem.h"
#include "keygen/refresh.h"

void csig_refresh_receipt_wire(csig_wire *w, void *msg)
{
    csig_refresh_receipt_msg *m = msg;

    csig_bytes_wire(w, m->hash, sizeof m->hash);
    csig_bytes_wire(w, m->backup, sizeof m->backup);
}

static csig_err make(csig_run *run, csig_out *out)
{
    const csig_refresh_open *open = csig_refresh_open_of(run);
    csig_refresh_receipt_msg *msg = out->bcast;

    CSIG_REQUIRE(open->has_backup || csig_refresh_holds(run, run->self) == 0, CSIG_E_STATE);
    memcpy(msg->hash, open->output, sizeof msg->hash);
    memcpy(msg->backup, open->backup[run->self], sizeof msg->backup);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    static const uint8_t none[CSIG_BACKUP_HASH_BYTES];
    const csig_refresh_receipt_msg *msg = in->bcast;

    CSIG_REQUIRE(csig_is_same(msg->hash, csig_refresh_open_of(run)->output, sizeof msg->hash),
                 CSIG_E_ACK);
    CSIG_REQUIRE(csig_refresh_holds(run, from) != 0 || csig_is_same(msg->backup, none, sizeof none),
                 CSIG_E_MESSAGE);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_refresh_open *open = csig_refresh_open_of(run);

    (void)culprit;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_refresh_receipt_msg *msg = in[j].bcast;

        if (msg != NULL) memcpy(open->backup[j], msg->backup, sizeof msg->backup);
    }
    open->has_receipts = true;
    return CSIG_OK;
}

const csig_round csig_refresh_r3 = {
    .name = "refresh/3",
    .bcast = csig_refresh_receipt_wire,
    .bcast_size = sizeof(csig_refresh_receipt_msg),
    .echo = true,
    .hold = true,
    .late = true,
    .make = make,
    .check = check,
    .step = step,
};
