/* A dealer of shares and auxiliary info. */
#include "support/dealer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/devices.h"

static void require(bool ok)
{
    if (!ok) abort();
}

static void factors_from_fixed(csig_factors *f, int first)
{
    CSIG_AUTO(csig_sec) p;
    CSIG_AUTO(csig_sec) q;

    devices_prime(&p, first);
    devices_prime(&q, first + 1);
    csig_factors_init(f, &p, &q);
}

/* t = r^2, s = t^lambda mod N^ */
static void make_bases(csig_aux *a, csig_rng *rng)
{
    csig_sec r;
    csig_ring ring;

    require(csig_ring_has_init(&ring, &a->pub.n_hat));
    csig_sec_random_unit(&r, rng, &a->pub.n_hat);
    csig_sec_reveal(&a->pub.t, &r);
    csig_int_mulm(&a->pub.t, &a->pub.t, &a->pub.t, &a->pub.n_hat);
    csig_factors_random_exponent(&a->lambda, &a->n_hat_factors, rng);
    csig_job power = {
        .ring = &ring,
        .own = &a->n_hat_factors,
        .term = {{.base = &a->pub.t, .secret_exp = &a->lambda}},
        .terms = 1,
        .out = &a->pub.s,
    };
    require(csig_exp_run(NULL, &power, 1) == CSIG_OK);
}

static csig_aux *make_aux(const csig_identity *id, uint16_t position)
{
    csig_aux *a = csig_secret_alloc(sizeof *a);
    csig_rng rng;

    require(a != NULL);
    csig_rng_init(&rng, NULL, NULL);
    factors_from_fixed(&a->n_factors, 4 * position);
    factors_from_fixed(&a->n_hat_factors, 4 * position + 2);
    csig_identity_public(id, a->pub.owner);
    a->pub.generation = 1;
    csig_factors_product(&a->pub.n, &a->n_factors);
    csig_factors_product(&a->pub.n_hat, &a->n_hat_factors);
    make_bases(a, &rng);
    csig_aux_pub_id(&a->pub);
    require(csig_paillier_init(&a->paillier, &a->pub.n, &a->n_factors) == CSIG_OK);
    require(csig_pedersen_init(&a->pedersen, &a->pub.n_hat, &a->pub.s, &a->pub.t, &a->n_hat_factors,
                               &a->lambda) == CSIG_OK);
    return a;
}

static void make_known(csig_peer *p, const csig_aux *a, bool tables)
{
    require(csig_peer_init(p, &a->pub, a->pub.id) == CSIG_OK);
    if (tables) require(csig_peer_prepare(p) == CSIG_OK);
}

/* Tables are shared: dealer_free frees them once. */
static csig_peer *pair(const csig_peer *known, const csig_aux *own)
{
    csig_peer *p = malloc(sizeof *p);

    require(p != NULL);
    *p = *known;
    memcpy(p->own_aux_id, own->pub.id, sizeof p->own_aux_id);
    return p;
}

dealer *dealer_new(uint16_t t, uint16_t n, bool tables)
{
    dealer *d = calloc(1, sizeof *d);

    require(d != NULL);
    d->t = t;
    d->n = n;
    deal_identities(d->id, n);
    deal_shares(d->share, d->id, t, n);
    for (uint16_t i = 0; i < n; i++) {
        d->aux[i] = make_aux(d->id[i], i);
        make_known(&d->known[i], d->aux[i], tables);
    }
    for (uint16_t i = 0; i < n; i++) {
        for (uint16_t j = 0; j < n; j++)
            if (i != j) d->peer[i][j] = pair(&d->known[j], d->aux[i]);
    }
    return d;
}

void dealer_free(dealer *d)
{
    for (uint16_t i = 0; i < d->n; i++) {
        csig_identity_free(d->id[i]);
        csig_share_free(d->share[i]);
        csig_secret_free(d->aux[i]);
        csig_pedersen_free(&d->known[i].pedersen);
        for (uint16_t j = 0; j < d->n; j++)
            free(d->peer[i][j]);
    }
    free(d);
}
