/* The escrows of a session: parameters, made, verified, kept. */
#include "keygen/escrows.h"

#include <string.h>

#include "base/mem.h"

/* --- parameters --- */

static const uint8_t *key_at(const csig_recovery_keys *keys, uint16_t k)
{
    return keys->keys + (size_t)k * CSIG_RECOVERY_KEY_BYTES;
}

/* How many of the indices have the same key as the k-th. */
static uint16_t equal_keys(const csig_recovery_keys *keys, uint16_t k)
{
    uint16_t count = 0;

    for (uint16_t j = 0; j < keys->count; j++)
        count += csig_is_same(key_at(keys, j), key_at(keys, k), CSIG_RECOVERY_KEY_BYTES);
    return count;
}

csig_err csig_escrows_check(const csig_recovery_keys *keys, const bool *online, uint16_t t,
                            uint16_t n)
{
    bool served[CSIG_MAX_PARTIES] = {false};

    CSIG_REQUIRE(keys->count == 0 || (keys->indices != NULL && keys->keys != NULL),
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(keys->count <= n, CSIG_E_PARTIES);
    for (uint16_t k = 0; k < keys->count; k++) {
        const uint16_t index = keys->indices[k];

        CSIG_REQUIRE(index >= 1 && index <= n, CSIG_E_PARTIES);
        CSIG_REQUIRE(k == 0 || index > keys->indices[k - 1], CSIG_E_PARTIES);
        CSIG_TRY(csig_escrow_key_check(key_at(keys, k)));
        CSIG_REQUIRE(equal_keys(keys, k) < t, CSIG_E_PARTIES);
        served[index - 1] = true;
    }
    for (uint16_t i = 0; i < n; i++)
        CSIG_REQUIRE(online[i] || served[i], CSIG_E_PARTIES);
    return CSIG_OK;
}

csig_err csig_escrows_init(csig_escrows *e, const csig_recovery_keys *keys, uint16_t positions)
{
    e->count = keys->count;
    if (e->count == 0) return CSIG_OK;
    memcpy(e->index, keys->indices, e->count * sizeof e->index[0]);
    memcpy(e->ek, keys->keys, (size_t)e->count * CSIG_RECOVERY_KEY_BYTES);
    e->parcel = csig_public_alloc((size_t)positions * e->count * sizeof *e->parcel);
    CSIG_REQUIRE(e->parcel != NULL, CSIG_E_MEMORY);
    return CSIG_OK;
}

void csig_escrows_free(csig_escrows *e)
{
    csig_public_free(e->parcel);
}

void csig_escrows_ssid(csig_ssid *ssid, const csig_recovery_keys *keys)
{
    uint8_t all[CSIG_MAX_PARTIES * (2 + CSIG_RECOVERY_KEY_BYTES)];
    uint8_t *at = all;

    for (uint16_t k = 0; k < keys->count; k++) {
        *at++ = (uint8_t)(keys->indices[k] >> 8);
        *at++ = (uint8_t)keys->indices[k];
        memcpy(at, key_at(keys, k), CSIG_RECOVERY_KEY_BYTES);
        at += CSIG_RECOVERY_KEY_BYTES;
    }
    csig_ssid_add(ssid, "recovery_keys", all, (size_t)(at - all));
}

/* --- messages --- */

void csig_escrows_wire(csig_wire *w, csig_escrow_msg *msg)
{
    for (uint16_t k = 0; k < w->shape->escrows; k++) {
        csig_escrow_wire(w, &msg[k].escrow);
        csig_bytes_wire(w, msg[k].cc, sizeof msg[k].cc);
    }
}

csig_err csig_escrows_stmt(csig_escrow_stmt *stmt, const csig_escrows *e,
                           const csig_escrow_dealer *d, uint16_t k)
{
    *stmt = (csig_escrow_stmt){
        .pk = d->share->pk,
        .epoch = e->epoch,
        .attempt = e->attempt,
        .dealer = d->index,
        .index = e->index[k],
        .t = e->t,
        .n = e->n,
    };
    memcpy(stmt->key_id, d->share->key_id, sizeof stmt->key_id);
    memcpy(stmt->state, e->before, sizeof stmt->state);
    memcpy(stmt->cc_hash, d->share->cc_hash, sizeof stmt->cc_hash);
    memcpy(stmt->ek, e->ek[k], sizeof stmt->ek);
    CSIG_REQUIRE(csig_poly_commit_has_eval(&stmt->Q, d->C, e->index[k]), CSIG_E_SHARE);
    return CSIG_OK;
}

csig_err csig_escrows_make(csig_escrow_msg *msg, const csig_escrows *e, const csig_env *env,
                           const csig_escrow_dealer *d, const csig_scalar *sigma)
{
    for (uint16_t k = 0; k < e->count; k++) {
        csig_escrow_stmt stmt;

        CSIG_TRY(csig_escrows_stmt(&stmt, e, d, k));
        CSIG_TRY(csig_escrow_prove(&msg[k].escrow, env, &stmt, &sigma[k]));
        CSIG_TRY(csig_escrow_cc_seal(msg[k].cc, env, &stmt, d->share->cc));
    }
    return CSIG_OK;
}

/* What the chain code's box holds only its owner can see: one honest dealer is enough. */
csig_err csig_escrows_verify(const csig_escrow_msg *msg, const csig_escrows *e,
                             const csig_escrow_dealer *d)
{
    for (uint16_t k = 0; k < e->count; k++) {
        csig_escrow_stmt stmt;

        CSIG_TRY(csig_escrows_stmt(&stmt, e, d, k));
        CSIG_TRY(csig_escrow_verify(&msg[k].escrow, &stmt));
    }
    return CSIG_OK;
}

/* --- afterwards --- */

csig_err csig_escrows_keep(csig_escrows *e, const csig_escrow_msg *msg, const csig_escrow_dealer *d)
{
    for (uint16_t k = 0; k < e->count; k++) {
        csig_parcel *p = &e->parcel[(size_t)d->position * e->count + k];

        CSIG_TRY(csig_escrows_stmt(&p->stmt, e, d, k));
        p->escrow = msg[k].escrow;
        memcpy(p->cc, msg[k].cc, sizeof p->cc);
    }
    return CSIG_OK;
}

csig_err csig_escrows_write(const csig_escrows *e, uint16_t position, uint16_t index,
                            uint8_t out[CSIG_ESCROW_BYTES])
{
    uint16_t k = 0;

    while (k < e->count && e->index[k] != index)
        k++;
    CSIG_REQUIRE(k < e->count, CSIG_E_ARGUMENT);
    csig_wire_write(csig_parcel_wire, &e->parcel[(size_t)position * e->count + k], out,
                    CSIG_ESCROW_BYTES);
    return CSIG_OK;
}
