#include "proto/refresh_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/signing.h"

void refresh_group_init(refresh_group *g, uint16_t t, uint16_t n, const uint16_t *online,
                        uint16_t count)
{
    memset(g, 0, sizeof *g);
    g->d = dealer_new(t, n, false);
    g->count = count;
    memcpy(g->index, online, count * sizeof online[0]);
    g->commits = online[count - 1];
    g->attempt = 1;
    for (uint16_t i = 1, k = 0; i <= n; i++) {
        if (k < count && online[k] == i)
            k++;
        else
            refresh_group_add_key(g, i);
    }
}

void refresh_group_add_key(refresh_group *g, uint16_t index)
{
    uint16_t at = g->rk_count++;

    for (; at > 0 && g->rk_index[at - 1] > index; at--) {
        g->rk_index[at] = g->rk_index[at - 1];
        g->rk[at] = g->rk[at - 1];
        memcpy(g->ek[at], g->ek[at - 1], sizeof g->ek[at]);
    }
    g->rk_index[at] = index;
    assert_int_equal(csig_recovery_new(&g->rk[at]), CSIG_OK);
    csig_recovery_public(g->rk[at], g->ek[at]);
}

csig_refresh_params refresh_group_params(const refresh_group *g, uint16_t position)
{
    const uint16_t at = (uint16_t)(g->index[position] - 1);

    return (csig_refresh_params){
        .identity = g->d->id[at],
        .share = g->d->share[at],
        .indices = g->index,
        .count = g->count,
        .nonces = g->nonces[0],
        .recovery = {g->rk_index, g->ek[0], g->rk_count},
        .attempt = g->attempt,
        .commits = g->commits,
        .moves_last = g->last == g->index[position],
    };
}

void refresh_group_sign(refresh_group *g, const uint16_t *indices,
                        const uint8_t digest[CSIG_DIGEST_BYTES], csig_signature *signature)
{
    csig_share *current[CSIG_MAX_PARTIES];
    csig_intent intent = signing_intent(1, NULL, 0);
    signing sg;

    memcpy(intent.digest, digest, sizeof intent.digest);
    memcpy(current, g->d->share, sizeof current);
    memcpy(g->d->share, g->staged, sizeof g->staged);
    signing_init(&sg, g->d, indices);
    signing_sign(&sg, &intent, indices[0], NULL);
    signing_run(&sg);
    assert_int_equal(csig_sign_signature(sg.s[0], signature), CSIG_OK);
    assert_int_equal(csig_signature_verify(signature, digest), CSIG_OK);
    signing_free(&sg);
    memcpy(g->d->share, current, sizeof current);
}

/* The host at its first stop: share and backup; the committer at its second: the test. */
static csig_err store(void *ctx, uint16_t position, csig_session *s)
{
    refresh_group *g = ctx;
    const uint16_t at = (uint16_t)(g->index[position] - 1);
    uint8_t digest[CSIG_DIGEST_BYTES], backup[32];
    csig_signature test;

    /* It waits for something else first, and nothing leaves. */
    assert_int_equal(csig_session_confirm(s), CSIG_E_STATE);
    assert_int_equal(csig_session_phase(s), CSIG_STORE);
    assert_int_equal(csig_session_pending(s), 0);
    if (g->net->stores[position] == 0) {
        assert_int_equal(csig_refresh_share(s, &g->staged[at]), CSIG_OK);
        memset(backup, at + 1, sizeof backup);
        assert_int_equal(csig_refresh_backup_of(s, g->index[0], digest), CSIG_E_STATE);
        return csig_refresh_backup(s, backup);
    }
    assert_int_equal(csig_refresh_backup(s, backup), CSIG_E_STATE);
    assert_int_equal(csig_refresh_test_digest(s, digest), CSIG_OK);
    if (g->use_bad_test) {
        assert_int_equal(csig_refresh_tested(s, &g->bad_test), CSIG_E_OUTPUT);
        return CSIG_E_HOST;
    }
    refresh_group_sign(g, g->index, digest, &test);
    return csig_refresh_tested(s, &test);
}

void refresh_group_start(refresh_group *g, uint64_t seed)
{
    randombytes_buf(g->nonces, sizeof g->nonces);
    for (uint16_t i = 0; i < g->count; i++) {
        const csig_refresh_params p = refresh_group_params(g, i);

        assert_int_equal(csig_refresh_session(&g->s[i], &p), CSIG_OK);
    }
    g->net = net_new(g->s, g->count, seed);
    g->net->store = store;
    g->net->store_ctx = g;
}

void refresh_group_recover(refresh_group *g, uint16_t index)
{
    static uint8_t octets[CSIG_MAX_PARTIES][CSIG_ESCROW_BYTES], epoch[CSIG_EPOCH_BYTES];
    csig_recovery_case asked = {epoch, index, NULL, octets[0], g->count};
    uint16_t k = 0;

    while (g->rk_index[k] != index)
        k++;
    asked.recovery_key = g->ek[k];
    assert_int_equal(csig_share_epoch(g->staged[g->index[0] - 1], epoch), CSIG_OK);
    for (uint16_t j = 0; j < g->count; j++)
        assert_int_equal(csig_refresh_escrow(g->s[0], g->index[j], index, octets[j]), CSIG_OK);
    csig_share_free(g->staged[index - 1]);
    assert_int_equal(csig_recovery_share(g->rk[k], &asked, &g->staged[index - 1], NULL), CSIG_OK);
}

void refresh_group_stop(refresh_group *g)
{
    for (uint16_t i = 0; i < g->count; i++)
        csig_session_free(g->s[i]);
    for (uint16_t i = 0; i < g->d->n; i++)
        csig_share_free(g->staged[i]);
    memset(g->s, 0, sizeof g->s);
    memset(g->staged, 0, sizeof g->staged);
    net_free(g->net);
    g->net = NULL;
}

void refresh_group_free(refresh_group *g)
{
    refresh_group_stop(g);
    for (uint16_t k = 0; k < g->rk_count; k++)
        csig_recovery_free(g->rk[k]);
    dealer_free(g->d);
}
