#include "proto/keygen_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/ct.h"
#include "support/deal.h"

void keygen_group_init(keygen_group *g, uint16_t t, uint16_t n)
{
    csig_rng rng;

    memset(g, 0, sizeof *g);
    g->t = t;
    g->n = n;
    g->commits = n;
    deal_identities(g->id, n);
    csig_rng_init(&rng, NULL, NULL);
    for (uint16_t i = 0; i < n; i++) {
        csig_identity_public(g->id[i], g->identities[i]);
        csig_rng_bytes(&rng, "nonce", g->nonces[i], CSIG_NONCE_BYTES);
        csig_ct_public(g->nonces[i], CSIG_NONCE_BYTES); /* everybody knows it */
    }
}

csig_keygen_params keygen_group_params(const keygen_group *g, uint16_t self)
{
    return (csig_keygen_params){
        .identity = g->id[self],
        .signers_required = g->t,
        .parties = g->n,
        .self = (uint16_t)(self + 1),
        .commits = g->commits,
        .identities = g->identities[0],
        .nonces = g->nonces[0],
        .moves_last = g->last == self + 1,
    };
}

void keygen_group_start(keygen_group *g, uint16_t liar, const csig_protocol *protocol)
{
    for (uint16_t i = 0; i < g->n; i++) {
        const csig_keygen_params p = keygen_group_params(g, i);
        const csig_protocol *runs = i == liar ? protocol : &csig_keygen_protocol;

        CSIG_ASSERT(csig_keygen_session_of(&g->s[i], &p, runs) == CSIG_OK);
    }
}

network *keygen_group_net(keygen_group *g, uint64_t seed)
{
    return net_new(g->s, g->n, seed);
}

static bool is_all_zero(const void *p, size_t len)
{
    const uint8_t *octet = p;
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= octet[i];
    return any == 0;
}

void keygen_group_refused(const keygen_group *g, uint16_t position, csig_err err, uint8_t round,
                          uint16_t culprit)
{
    csig_session *s = g->s[position];
    csig_blame blame;
    csig_share *share;

    assert_int_equal(csig_session_phase(s), CSIG_FAILED);
    csig_session_blame(s, &blame);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, culprit);
    assert_int_equal(blame.round, round);
    assert_int_equal(csig_err_class(err), CSIG_CLASS_CHEAT);
    assert_int_equal(csig_session_pending(s), 0);
    assert_int_equal(csig_keygen_share(s, &share), CSIG_E_STATE);
    assert_true(is_all_zero(csig_session_run(s)->secret, sizeof(csig_keygen_secret)));
}

void keygen_group_stop(keygen_group *g)
{
    for (uint16_t i = 0; i < g->n; i++) {
        csig_session_free(g->s[i]);
        g->s[i] = NULL;
    }
}

void keygen_group_free(keygen_group *g)
{
    keygen_group_stop(g);
    for (uint16_t i = 0; i < g->n; i++)
        csig_identity_free(g->id[i]);
}
