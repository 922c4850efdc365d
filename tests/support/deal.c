/* A dealer of shares. */
#include "support/deal.h"

#include <stdlib.h>
#include <string.h>

#include "base/ct.h"

static void require(bool ok)
{
    if (!ok) abort();
}

void deal_identities(csig_identity **id, uint16_t n)
{
    for (uint16_t i = 0; i < n; i++)
        require(csig_identity_new(&id[i]) == CSIG_OK);
}

/* What all shares of the key have in common; self and x are missing. */
static void common(csig_share *s, const csig_poly *f, csig_identity *const *id, uint16_t n,
                   csig_rng *rng, const csig_curve *curve)
{
    memset(s, 0, sizeof *s);
    s->t = f->t;
    s->n = n;
    csig_rng_bytes(rng, "cc", s->cc, sizeof s->cc);
    csig_rng_bytes(rng, "key id", s->key_id, sizeof s->key_id);
    csig_rng_bytes(rng, "rid", s->rid, sizeof s->rid);
    csig_ct_public(s->key_id, sizeof s->key_id);
    csig_ct_public(s->rid, sizeof s->rid);
    require(csig_poly_commit_to(&s->S, f, curve) == CSIG_OK);
    s->pk = s->S.S[0];
    for (uint16_t i = 0; i < n; i++) {
        csig_identity_public(id[i], s->identity[i]);
        require(csig_poly_commit_has_eval(&s->X[i], &s->S, (uint16_t)(i + 1)));
    }
    csig_share_derive(s);
}

void deal_shares(csig_share **share, csig_identity *const *id, uint16_t t, uint16_t n)
{
    csig_poly f;
    csig_rng rng;
    csig_curve curve;

    csig_rng_init(&rng, NULL, NULL);
    require(csig_curve_init(&curve, &rng) == CSIG_OK);
    csig_poly_random(&f, t, NULL, &rng);
    for (uint16_t i = 0; i < n; i++) {
        share[i] = csig_share_alloc();
        require(share[i] != NULL);
        if (i == 0) {
            common(share[0], &f, id, n, &rng, &curve);
        } else {
            *share[i] = *share[0];
        }
        share[i]->self = (uint16_t)(i + 1);
        csig_poly_eval(&share[i]->x, &f, share[i]->self);
    }
    csig_poly_wipe(&f);
    csig_curve_wipe(&curve);
}

void deal_combine(csig_scalar *key, const csig_share *const *share, const uint16_t *positions,
                  uint16_t count)
{
    uint16_t set[CSIG_MAX_PARTIES];
    csig_scalar weight;

    require(count <= CSIG_MAX_PARTIES);
    for (uint16_t k = 0; k < count; k++)
        set[k] = share[positions[k]]->self;
    csig_scalar_set_u32(key, 0);
    for (uint16_t k = 0; k < count; k++) {
        csig_lagrange(&weight, set[k], set, count);
        csig_scalar_mul(&weight, &weight, &share[positions[k]]->x);
        csig_scalar_add(key, key, &weight);
    }
}
