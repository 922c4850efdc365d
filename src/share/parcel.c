/* The escrow object's walk, and what it says. */
#include "share/parcel.h"

#include <string.h>

#include "crypto/header.h"

static void stmt_wire(csig_wire *w, csig_escrow_stmt *s)
{
    csig_bytes_wire(w, s->key_id, sizeof s->key_id);
    csig_point_wire(w, &s->pk);
    csig_u64_wire(w, &s->epoch);
    csig_u64_wire(w, &s->attempt);
    csig_bytes_wire(w, s->state, sizeof s->state);
    csig_u16_wire(w, &s->dealer);
    csig_u16_wire(w, &s->index);
    csig_u16_wire(w, &s->t);
    csig_u16_wire(w, &s->n);
    csig_bytes_wire(w, s->cc_hash, sizeof s->cc_hash);
    csig_point_wire(w, &s->Q);
    csig_bytes_wire(w, s->ek, sizeof s->ek);
}

void csig_parcel_wire(csig_wire *w, void *parcel)
{
    csig_parcel *p = parcel;

    csig_kind_wire(w, CSIG_KIND_ESCROW);
    stmt_wire(w, &p->stmt);
    csig_escrow_wire(w, &p->escrow);
    csig_bytes_wire(w, p->cc, sizeof p->cc);
}

csig_err csig_escrow_describe(const uint8_t escrow[CSIG_ESCROW_BYTES], csig_escrow_info *info)
{
    csig_parcel p;

    CSIG_REQUIRE(escrow != NULL && info != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_kind_check(escrow, CSIG_ESCROW_BYTES, CSIG_KIND_ESCROW));
    CSIG_TRY(csig_wire_read(csig_parcel_wire, &p, escrow, CSIG_ESCROW_BYTES));
    memcpy(info->key_id, p.stmt.key_id, sizeof info->key_id);
    csig_point_to_bytes(info->public_key, &p.stmt.pk);
    info->epoch = p.stmt.epoch;
    info->epoch_attempt = p.stmt.attempt;
    memcpy(info->state_before, p.stmt.state, sizeof info->state_before);
    info->dealer = p.stmt.dealer;
    info->index = p.stmt.index;
    info->signers_required = p.stmt.t;
    info->parties = p.stmt.n;
    memcpy(info->recovery_key, p.stmt.ek, sizeof info->recovery_key);
    return CSIG_OK;
}
