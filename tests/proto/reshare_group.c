#include "proto/reshare_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/signing.h"
#include "support/sign_alone.h"

/* Who stays is in next under its new index, unless renamed. */
static void make_old_identities(reshare_group *g)
{
    for (uint16_t i = 0; i < g->c->n; i++)
        assert_int_equal(csig_identity_new(&g->fresh[i]), CSIG_OK), g->old_id[i] = g->fresh[i];
    for (uint16_t k = 0; k < g->count && !g->c->renamed; k++) {
        const reshare_move *m = &g->c->move[k];

        if (m->deals != 0 && m->holds != 0) g->old_id[m->deals - 1] = g->next->id[m->holds - 1];
    }
}

static void make_recovery_keys(reshare_group *g)
{
    for (uint16_t i = 1; i <= g->c->next_n; i++) {
        bool online = false;

        for (uint16_t k = 0; k < g->count; k++) {
            online = online || g->c->move[k].holds == i;
            if (g->c->move[k].holds > g->commits) g->commits = g->c->move[k].holds;
        }
        if (online) continue;
        assert_int_equal(csig_recovery_new(&g->rk[g->rk_count]), CSIG_OK);
        csig_recovery_public(g->rk[g->rk_count], g->ek[g->rk_count]);
        g->rk_index[g->rk_count++] = i;
    }
}

void reshare_group_init(reshare_group *g, const reshare_case *c)
{
    memset(g, 0, sizeof *g);
    g->c = c;
    g->attempt = 1;
    g->next = dealer_new(c->next_t, c->next_n, false);
    while (g->count < CSIG_MAX_PARTIES &&
           (c->move[g->count].deals != 0 || c->move[g->count].holds != 0))
        g->count++;
    make_old_identities(g);
    deal_shares(g->old, g->old_id, c->t, c->n);
    for (uint16_t i = 0; i < c->next_n; i++)
        csig_identity_public(g->next->id[i], g->identities[i]);
    for (uint16_t k = 0; k < g->count; k++) {
        g->member[k].deals = c->move[k].deals;
        g->member[k].holds = c->move[k].holds;
    }
    make_recovery_keys(g);
    assert_int_equal(csig_share_epoch(g->old[0], g->epoch), CSIG_OK);
}

const csig_identity *reshare_group_identity(const reshare_group *g, uint16_t position)
{
    const csig_reshare_member *m = &g->member[position];

    return m->holds != 0 ? g->next->id[m->holds - 1] : g->old_id[m->deals - 1];
}

csig_reshare_params reshare_group_params(const reshare_group *g, uint16_t position)
{
    const csig_reshare_member *m = &g->member[position];

    return (csig_reshare_params){
        .identity = reshare_group_identity(g, position),
        .share = m->deals != 0 ? g->old[m->deals - 1] : NULL,
        .epoch = m->deals != 0 ? NULL : g->epoch,
        .members = g->member,
        .count = g->count,
        .self = (uint16_t)(position + 1),
        .signers_required = g->c->next_t,
        .parties = g->c->next_n,
        .identities = g->identities[0],
        .recovery = {g->rk_index, g->ek[0], g->rk_count},
        .attempt = g->attempt,
        .commits = g->commits,
        .moves_last = g->last == position + 1,
    };
}

bool reshare_group_is_key(const reshare_group *g, csig_share *const *shares,
                          const uint16_t *positions, uint16_t count)
{
    csig_scalar key;
    csig_point pk;

    deal_combine(&key, (const csig_share *const *)shares, positions, count);
    return csig_point_has_mul_g_var(&pk, &key) && csig_point_is_eq(&pk, &g->old[0]->pk);
}

void reshare_group_sign(reshare_group *g, const uint16_t *indices,
                        const uint8_t digest[CSIG_DIGEST_BYTES], csig_signature *signature)
{
    csig_share *dealt[CSIG_MAX_PARTIES];
    csig_intent intent = signing_intent(1, NULL, 0);
    signing sg;

    memcpy(intent.digest, digest, sizeof intent.digest);
    memcpy(dealt, g->next->share, sizeof dealt);
    memcpy(g->next->share, g->staged, sizeof g->staged);
    signing_init(&sg, g->next, indices);
    signing_sign(&sg, &intent, indices[0], NULL);
    signing_run(&sg);
    assert_int_equal(csig_sign_signature(sg.s[0], signature), CSIG_OK);
    assert_int_equal(csig_signature_verify(signature, digest), CSIG_OK);
    signing_free(&sg);
    memcpy(g->next->share, dealt, sizeof dealt);
}

/* By the new shares that there are: in a session where two can sign, else by all that they are. */
static void test_staged(reshare_group *g, const uint8_t digest[CSIG_DIGEST_BYTES],
                        csig_signature *test)
{
    uint16_t positions[CSIG_MAX_PARTIES] = {0}, indices[CSIG_MAX_PARTIES], count = 0;
    csig_scalar key;
    csig_rng rng;

    for (uint16_t i = 0; i < g->c->next_n && count < g->c->next_t; i++) {
        if (g->staged[i] == NULL) continue;
        positions[count] = i;
        indices[count++] = (uint16_t)(i + 1);
    }
    assert_int_equal(count, g->c->next_t);
    if (count == 2) {
        reshare_group_sign(g, indices, digest, test);
        return;
    }
    deal_combine(&key, (const csig_share *const *)g->staged, positions, count);
    csig_rng_init(&rng, NULL, NULL);
    sign_alone(test, &key, digest, &rng);
}

static void expect_nothing_to_store(csig_session *s)
{
    uint8_t octets[32] = {1};
    csig_share *share;

    assert_int_equal(csig_refresh_share(s, &share), CSIG_E_STATE);
    assert_int_equal(csig_refresh_backup(s, octets), CSIG_E_STATE);
}

csig_err reshare_group_store(void *ctx, uint16_t position, csig_session *s)
{
    reshare_group *g = ctx;
    const uint16_t holds = g->member[position].holds;
    const uint8_t backup[32] = {(uint8_t)holds};
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_signature test;

    if (holds == 0) {
        expect_nothing_to_store(s);
        return CSIG_OK;
    }
    /* It waits for something else first, and nothing leaves. */
    assert_int_equal(csig_session_confirm(s), CSIG_E_STATE);
    assert_int_equal(csig_session_pending(s), 0);
    if (g->net->stores[position] == 0) {
        assert_int_equal(csig_refresh_share(s, &g->staged[holds - 1]), CSIG_OK);
        return csig_refresh_backup(s, backup);
    }
    assert_int_equal(csig_refresh_test_digest(s, digest), CSIG_OK);
    test_staged(g, digest, &test);
    return csig_refresh_tested(s, &test);
}

void reshare_group_start(reshare_group *g, uint64_t seed)
{
    for (uint16_t i = 0; i < g->count; i++)
        randombytes_buf(g->member[i].nonce, sizeof g->member[i].nonce);
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_reshare_params p = reshare_group_params(g, i);

        assert_int_equal(csig_reshare_session(&g->s[i], &p), CSIG_OK);
    }
    g->net = net_new(g->s, g->count, seed);
    g->net->store = reshare_group_store;
    g->net->store_ctx = g;
}

void reshare_group_recover(reshare_group *g, uint16_t index)
{
    static uint8_t octets[CSIG_MAX_PARTIES][CSIG_ESCROW_BYTES], epoch[CSIG_EPOCH_BYTES];
    csig_recovery_case asked = {epoch, index, NULL, octets[0], 0};
    uint16_t k = 0;

    while (g->rk_index[k] != index)
        k++;
    asked.recovery_key = g->ek[k];
    assert_int_equal(csig_share_epoch(g->staged[g->commits - 1], epoch), CSIG_OK);
    for (uint16_t from = 1; from <= g->c->n; from++) {
        if (csig_refresh_escrow(g->s[0], from, index, octets[asked.count]) == CSIG_OK)
            asked.count++;
    }
    assert_int_equal(csig_recovery_share(g->rk[k], &asked, &g->staged[index - 1], NULL), CSIG_OK);
}

void reshare_group_stop(reshare_group *g)
{
    for (uint16_t i = 0; i < g->count; i++)
        csig_session_free(g->s[i]);
    for (uint16_t i = 0; i < g->c->next_n; i++)
        csig_share_free(g->staged[i]);
    memset(g->s, 0, sizeof g->s);
    memset(g->staged, 0, sizeof g->staged);
    net_free(g->net);
    g->net = NULL;
}

void reshare_group_free(reshare_group *g)
{
    reshare_group_stop(g);
    for (uint16_t i = 0; i < g->c->n; i++) {
        csig_share_free(g->old[i]);
        csig_identity_free(g->fresh[i]);
    }
    for (uint16_t k = 0; k < g->rk_count; k++)
        csig_recovery_free(g->rk[k]);
    dealer_free(g->next);
}
