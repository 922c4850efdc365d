#include "support/parcels.h"

#include <string.h>

#include "base/mem.h"

static const uint16_t dealers[PARCELS] = {1, 3};

void parcels_prove(csig_parcel *p, const csig_scalar *x, const uint8_t cc[32])
{
    csig_curve curve;
    csig_rng rng;
    const csig_env env = {.rng = &rng, .curve = &curve};

    csig_rng_init(&rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&curve, &rng) == CSIG_OK);
    CSIG_ASSERT(csig_point_mul_g(&p->stmt.Q, &curve, x) == CSIG_OK);
    CSIG_ASSERT(csig_escrow_prove(&p->escrow, &env, &p->stmt, x) == CSIG_OK);
    CSIG_ASSERT(csig_escrow_cc_seal(p->cc, &env, &p->stmt, cc) == CSIG_OK);
    csig_curve_wipe(&curve);
}

static void state_it(csig_parcel *p, const csig_share *share, const csig_recovery *key, int k)
{
    memset(p, 0, sizeof *p);
    memcpy(p->stmt.key_id, share->key_id, sizeof p->stmt.key_id);
    memcpy(p->stmt.cc_hash, share->cc_hash, sizeof p->stmt.cc_hash);
    p->stmt.pk = share->pk;
    p->stmt.epoch = share->epoch;
    p->stmt.attempt = share->attempt;
    memset(p->stmt.state, share->epoch > 0 ? 0x77 : 0, sizeof p->stmt.state);
    p->stmt.dealer = dealers[k];
    p->stmt.index = share->self;
    p->stmt.t = share->t;
    p->stmt.n = share->n;
    csig_recovery_public(key, p->stmt.ek);
}

void parcels_make(csig_parcel parcel[PARCELS], const csig_share *share, const csig_recovery *key)
{
    csig_scalar weight[PARCELS], x[PARCELS], term;
    csig_rng rng;

    for (int k = 0; k < PARCELS; k++) {
        csig_scalar_set_u32(&weight[k], 1);
        if (share->epoch > 0) csig_lagrange(&weight[k], dealers[k], dealers, PARCELS);
    }
    /* x = w0 x0 + w1 x1 */
    csig_rng_init(&rng, NULL, NULL);
    csig_scalar_random(&x[0], &rng, "test");
    csig_scalar_mul(&term, &weight[0], &x[0]);
    csig_scalar_sub(&term, &share->x, &term);
    csig_scalar_inv(&x[1], &weight[1]);
    csig_scalar_mul(&x[1], &x[1], &term);
    for (int k = 0; k < PARCELS; k++) {
        state_it(&parcel[k], share, key, k);
        parcels_prove(&parcel[k], &x[k], share->cc);
    }
}

void parcels_write(uint8_t *out, const csig_parcel *parcel, size_t count)
{
    for (size_t k = 0; k < count; k++)
        csig_wire_write(csig_parcel_wire, &parcel[k], out + k * CSIG_ESCROW_BYTES,
                        CSIG_ESCROW_BYTES);
}
