#include "support/halves.h"

#include <stdlib.h>
#include <string.h>

static void require(bool ok)
{
    if (!ok) abort();
}

/* Random shares of a sum. */
static void split(csig_scalar *share, uint16_t n, const csig_scalar *sum, csig_rng *rng)
{
    share[0] = *sum;
    for (uint16_t i = 1; i < n; i++) {
        csig_scalar_random(&share[i], rng, "share");
        csig_scalar_sub(&share[0], &share[0], &share[i]);
    }
}

/* sum k~ = 1 / gamma,  sum chi~ = x / gamma */
void halves_again(halves *h, const csig_scalar *gamma, csig_rng *rng)
{
    csig_scalar k[CSIG_MAX_PARTIES], chi[CSIG_MAX_PARTIES], sum;
    csig_presig common = {
        .magic = CSIG_PRESIG_MAGIC, .count = h->n, .assigner = (uint16_t)(h->n - 1)};

    if (gamma != NULL) {
        h->nonce = *gamma;
    } else {
        csig_scalar_random(&h->nonce, rng, "gamma");
    }
    require(csig_point_has_mul_g_var(&common.Gamma, &h->nonce));
    csig_scalar_inv(&sum, &h->nonce);
    split(k, h->n, &sum, rng);
    csig_scalar_mul(&sum, &sum, &h->key);
    split(chi, h->n, &sum, rng);
    csig_rng_bytes(rng, "ssid", common.ssid, sizeof common.ssid);
    for (uint16_t i = 0; i < h->n; i++) {
        common.index[i] = (uint16_t)(i + 1);
        require(csig_point_has_mul_var(&common.Delta[i], &k[i], &common.Gamma));
        require(csig_point_has_mul_var(&common.S[i], &chi[i], &common.Gamma));
    }
    for (uint16_t i = 0; i < h->n; i++) {
        csig_presig *half = &h->half[i];

        *half = common;
        half->self = i;
        half->k = k[i];
        half->chi = chi[i];
        csig_rng_bytes(rng, "nonce", half->nonce, sizeof half->nonce);
    }
    for (uint16_t i = 0; i < h->n; i++) {
        for (uint16_t j = 0; j < h->n; j++)
            csig_presig_commit(h->half[i].com[j], common.ssid, common.index[j], h->half[j].nonce);
        csig_presig_name(&h->half[i]);
    }
}

void halves_deal(halves *h, uint16_t n, csig_rng *rng)
{
    memset(h, 0, sizeof *h);
    h->n = n;
    csig_scalar_random(&h->key, rng, "key");
    require(csig_point_has_mul_g_var(&h->pk, &h->key));
    halves_again(h, NULL, rng);
}
