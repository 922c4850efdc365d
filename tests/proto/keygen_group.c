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
    g->count = n;
    for (uint16_t i = 0; i < n; i++)
        g->index[i] = (uint16_t)(i + 1);
    deal_identities(g->id, n);
    csig_rng_init(&rng, NULL, NULL);
    for (uint16_t i = 0; i < n; i++) {
        csig_identity_public(g->id[i], g->identities[i]);
        csig_rng_bytes(&rng, "nonce", g->nonces[i], CSIG_NONCE_BYTES);
        csig_ct_public(g->nonces[i], CSIG_NONCE_BYTES); /* everybody knows it */
    }
}

void keygen_group_online(keygen_group *g, const uint16_t *online, uint16_t count)
{
    g->count = count;
    memcpy(g->index, online, count * sizeof online[0]);
    g->commits = online[count - 1];
    for (uint16_t i = 1, k = 0; i <= g->n; i++) {
        if (k < count && online[k] == i)
            k++;
        else
            keygen_group_add_key(g, i);
    }
}

void keygen_group_add_key(keygen_group *g, uint16_t index)
{
    const uint16_t k = g->rk_count++;

    g->rk_index[k] = index;
    CSIG_ASSERT(csig_recovery_new(&g->rk[k]) == CSIG_OK);
    csig_recovery_public(g->rk[k], g->ek[k]);
}

csig_keygen_params keygen_group_params(const keygen_group *g, uint16_t position)
{
    const uint16_t self = g->index[position];

    return (csig_keygen_params){
        .identity = g->id[self - 1],
        .signers_required = g->t,
        .parties = g->n,
        .self = self,
        .commits = g->commits,
        .identities = g->identities[0],
        .nonces = g->nonces[0],
        .moves_last = g->last == self,
        .indices = g->count < g->n ? g->index : NULL,
        .count = g->count,
        .recovery = {g->rk_index, g->ek[0], g->rk_count},
    };
}

csig_recovery_case keygen_group_escrows(const keygen_group *g, uint16_t index)
{
    static uint8_t octets[CSIG_MAX_PARTIES][CSIG_ESCROW_BYTES], epoch[CSIG_EPOCH_BYTES];
    csig_recovery_case asked = {epoch, index, NULL, octets[0], g->count};
    csig_share *share;

    for (uint16_t k = 0; k < g->rk_count; k++)
        if (g->rk_index[k] == index) asked.recovery_key = g->ek[k];
    assert_int_equal(csig_keygen_share(g->s[0], &share), CSIG_OK);
    assert_int_equal(csig_share_epoch(share, epoch), CSIG_OK);
    csig_share_free(share);
    for (uint16_t j = 0; j < g->count; j++)
        assert_int_equal(csig_keygen_escrow(g->s[0], g->index[j], index, octets[j]), CSIG_OK);
    return asked;
}

void keygen_group_start(keygen_group *g, uint16_t liar, const csig_protocol *protocol)
{
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_keygen_params p = keygen_group_params(g, i);
        const csig_protocol *runs = i == liar ? protocol : &csig_keygen_protocol;

        CSIG_ASSERT(csig_keygen_session_of(&g->s[i], &p, runs) == CSIG_OK);
    }
}

network *keygen_group_net(keygen_group *g, uint64_t seed)
{
    return net_new(g->s, g->count, seed);
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
    for (uint16_t k = 0; k < g->rk_count; k++)
        csig_recovery_free(g->rk[k]);
    for (uint16_t i = 0; i < g->n; i++)
        csig_identity_free(g->id[i]);
}
