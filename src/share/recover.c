/* The escrows of one index in one epoch: verified by anybody, opened by the recovery key.
 *
 * They are of one share when the points that they are about give X of that index: by their plain
 * sum after key generation, where each dealer has dealt its own part of the key, and by Lagrange's
 * weights of the dealers after a resharing. Source: protocol.md 7.6, 7.7. */
#include <string.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "share/parcel.h"
#include "share/share.h"

static const uint8_t *escrow_at(const csig_recovery_case *asked, uint16_t k)
{
    return asked->escrows + (size_t)k * CSIG_ESCROW_BYTES;
}

static csig_err read_parcel(csig_parcel *p, const uint8_t escrow[CSIG_ESCROW_BYTES])
{
    CSIG_TRY(csig_kind_check(escrow, CSIG_ESCROW_BYTES, CSIG_KIND_ESCROW));
    return csig_wire_read(csig_parcel_wire, p, escrow, CSIG_ESCROW_BYTES);
}

/* The epoch that is asked for; what is asked is possible. */
static csig_err read_case(csig_share *epoch, const csig_recovery_case *asked)
{
    CSIG_REQUIRE(asked != NULL && asked->epoch != NULL && asked->recovery_key != NULL,
                 CSIG_E_ARGUMENT);
    CSIG_TRY(csig_epoch_read(epoch, asked->epoch));
    CSIG_REQUIRE(asked->index >= 1 && asked->index <= epoch->n, CSIG_E_ARGUMENT);
    return CSIG_OK;
}

/* The label is what was asked for, all of it. The point is compared by whoever has all of them. */
static csig_err check_label(const csig_escrow_stmt *s, const csig_share *epoch,
                            const csig_recovery_case *asked)
{
    static const uint8_t none[sizeof s->state];

    CSIG_REQUIRE(csig_is_same(s->key_id, epoch->key_id, sizeof s->key_id), CSIG_E_SESSION);
    CSIG_REQUIRE(csig_point_is_eq(&s->pk, &epoch->pk), CSIG_E_SESSION);
    CSIG_REQUIRE(csig_is_same(s->cc_hash, epoch->cc_hash, sizeof s->cc_hash), CSIG_E_SESSION);
    CSIG_REQUIRE(s->epoch == epoch->epoch && s->attempt == epoch->attempt, CSIG_E_EPOCH);
    CSIG_REQUIRE(s->t == epoch->t && s->n == epoch->n, CSIG_E_EPOCH);
    CSIG_REQUIRE((s->epoch == 0) == csig_is_same(s->state, none, sizeof none), CSIG_E_EPOCH);
    CSIG_REQUIRE(s->index == asked->index, CSIG_E_SENDER);
    CSIG_REQUIRE(csig_is_same(s->ek, asked->recovery_key, sizeof s->ek), CSIG_E_SEAL);
    return CSIG_OK;
}

static csig_err verify_one(csig_parcel *p, const csig_share *epoch, const csig_recovery_case *asked,
                           const uint8_t escrow[CSIG_ESCROW_BYTES])
{
    CSIG_TRY(read_parcel(p, escrow));
    CSIG_TRY(check_label(&p->stmt, epoch, asked));
    return csig_escrow_verify(&p->escrow, &p->stmt);
}

csig_err csig_recovery_verify_one(const csig_recovery_case *asked,
                                  const uint8_t escrow[CSIG_ESCROW_BYTES])
{
    csig_share epoch;
    csig_parcel p;

    CSIG_REQUIRE(escrow != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(read_case(&epoch, asked));
    return verify_one(&p, &epoch, asked, escrow);
}

/* --- all of them --- */

/* Who has dealt what: public. */
typedef struct deal {
    uint16_t count;
    uint16_t dealer[CSIG_MAX_PARTIES];
    csig_point Q[CSIG_MAX_PARTIES];
    csig_scalar weight[CSIG_MAX_PARTIES];
    uint8_t state[32];
} deal;

/* Dealers ascend, and all speak of one epoch before. */
static csig_err add_dealer(deal *d, const csig_escrow_stmt *s)
{
    const uint16_t k = d->count;

    CSIG_REQUIRE(s->dealer >= 1 && s->dealer <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(k == 0 || s->dealer > d->dealer[k - 1], CSIG_E_PARTIES);
    if (k == 0) memcpy(d->state, s->state, sizeof d->state);
    CSIG_REQUIRE(csig_is_same(d->state, s->state, sizeof d->state), CSIG_E_EPOCH);
    d->dealer[k] = s->dealer;
    d->Q[k] = s->Q;
    d->count++;
    return CSIG_OK;
}

static void weigh(deal *d, const csig_share *epoch)
{
    for (uint16_t k = 0; k < d->count; k++) {
        csig_scalar_set_u32(&d->weight[k], 1);
        if (epoch->epoch > 0) csig_lagrange(&d->weight[k], d->dealer[k], d->dealer, d->count);
    }
}

/* sum weight_k Q_k == X */
static csig_err check_sum(const deal *d, const csig_point *X)
{
    csig_point term[CSIG_MAX_PARTIES], sum;
    const csig_point *terms[CSIG_MAX_PARTIES];

    for (uint16_t k = 0; k < d->count; k++) {
        CSIG_ASSERT(csig_point_has_mul_var(&term[k], &d->weight[k], &d->Q[k])); /* not 0 */
        terms[k] = &term[k];
    }
    CSIG_REQUIRE(csig_point_has_sum(&sum, terms, d->count), CSIG_E_SHARE);
    CSIG_REQUIRE(csig_point_is_eq(&sum, X), CSIG_E_SHARE);
    return CSIG_OK;
}

static csig_err verify_all(deal *d, const csig_share *epoch, const csig_recovery_case *asked,
                           uint16_t *culprit)
{
    memset(d, 0, sizeof *d);
    CSIG_REQUIRE(asked->escrows != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(asked->count >= 2 && asked->count <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    for (uint16_t k = 0; k < asked->count; k++) {
        csig_parcel p = {.stmt = {.dealer = 0}};
        csig_err err = verify_one(&p, epoch, asked, escrow_at(asked, k));

        if (err == CSIG_OK) err = add_dealer(d, &p.stmt);
        if (err != CSIG_OK) *culprit = p.stmt.dealer;
        CSIG_TRY(err);
    }
    weigh(d, epoch);
    return check_sum(d, &epoch->X[asked->index - 1]);
}

csig_err csig_recovery_verify(const csig_recovery_case *asked, uint16_t *culprit)
{
    uint16_t nobody;
    csig_share epoch;
    deal d;

    if (culprit == NULL) culprit = &nobody;
    *culprit = 0;
    CSIG_TRY(read_case(&epoch, asked));
    return verify_all(&d, &epoch, asked, culprit);
}

/* --- recovery --- */

/* The chain code, if this dealer has sealed the right one and nobody before it had. */
static void open_chain_code(csig_share *share, const csig_recovery *key, const csig_parcel *p)
{
    uint8_t hash[sizeof share->cc_hash];
    csig_err err;

    csig_share_cc_hash(share, hash);
    if (csig_is_same(hash, share->cc_hash, sizeof hash)) return;
    err = csig_escrow_cc_open(share->cc, p->cc, &p->stmt, key->dk);
    CSIG_ASSERT(err == CSIG_OK || err == CSIG_E_SEAL); /* else it is not the key of this label */
}

/* share->x += weight x_k */
static csig_err open_one(csig_share *share, const csig_recovery *key, const csig_curve *curve,
                         const csig_scalar *weight, const uint8_t *escrow)
{
    CSIG_AUTO(csig_scalar) x = {{0}};
    csig_parcel p;

    CSIG_TRY(read_parcel(&p, escrow));
    CSIG_TRY(csig_escrow_recover(&x, &p.escrow, curve, &p.stmt, key->dk));
    csig_scalar_mul(&x, &x, weight);
    csig_scalar_add(&share->x, &share->x, &x);
    open_chain_code(share, key, &p);
    return CSIG_OK;
}

static csig_err open_all(csig_share *share, const csig_recovery *key, const csig_curve *curve,
                         const deal *d, const csig_recovery_case *asked, uint16_t *culprit)
{
    share->self = asked->index;
    for (uint16_t k = 0; k < d->count; k++) {
        const csig_err err = open_one(share, key, curve, &d->weight[k], escrow_at(asked, k));

        if (err != CSIG_OK) *culprit = d->dealer[k];
        CSIG_TRY(err);
    }
    /* All but the chain code has been verified: xG = X follows from the points. */
    CSIG_REQUIRE(csig_share_check(share, curve) == CSIG_OK, CSIG_E_SEAL);
    return CSIG_OK;
}

static csig_err recover(csig_share *share, const csig_recovery *key,
                        const csig_recovery_case *asked, uint16_t *culprit)
{
    csig_curve curve;
    csig_rng rng;
    csig_err err;
    deal d;

    CSIG_TRY(read_case(share, asked));
    CSIG_REQUIRE(csig_is_same(key->ek, asked->recovery_key, sizeof key->ek), CSIG_E_SEAL);
    CSIG_TRY(verify_all(&d, share, asked, culprit));
    csig_rng_init(&rng, key->dk, share->key_id);
    err = csig_curve_init(&curve, &rng);
    csig_rng_wipe(&rng);
    CSIG_TRY(err);
    err = open_all(share, key, &curve, &d, asked, culprit);
    csig_curve_wipe(&curve);
    return err;
}

csig_err csig_recovery_share(const csig_recovery *key, const csig_recovery_case *asked,
                             csig_share **share, uint16_t *culprit)
{
    uint16_t nobody;
    csig_share *made;
    csig_err err;

    CSIG_REQUIRE(share != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    CSIG_REQUIRE(key != NULL, CSIG_E_ARGUMENT);
    if (culprit == NULL) culprit = &nobody;
    *culprit = 0;
    made = csig_share_alloc();
    CSIG_REQUIRE(made != NULL, CSIG_E_MEMORY);
    err = recover(made, key, asked, culprit);
    if (err == CSIG_OK) {
        *share = made;
    } else {
        csig_share_free(made);
    }
    return err;
}
