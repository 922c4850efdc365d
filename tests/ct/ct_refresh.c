/* Refresh and resharing under valgrind: the shares, the polynomials, the masks, the sub-shares and
 * the seeds of the escrows are undefined memory. Built everywhere; means something only in CSIG_CT
 * builds under valgrind. */
#include <string.h>

#include <sodium.h>

#include "base/ct.h"
#include "keygen/refresh.h"
#include "proto/liar.h"
#include "proto/net.h"
#include "proto/reshare_group.h"
#include "support/deal.h"

#define ONLINE 2
#define ALL    3

static csig_identity *id[ALL];
static csig_share *share[ALL];
static csig_session *session[ONLINE];

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

/* Until the committer waits for the test signature, which signing is shown for by itself. */
static csig_err store(void *ctx, uint16_t position, csig_session *s)
{
    const uint8_t backup[CSIG_BACKUP_HASH_BYTES] = {1};
    csig_share *staged;

    (void)ctx, (void)position;
    if (csig_refresh_backup(s, backup) != CSIG_OK) return CSIG_E_HOST;
    expect(csig_refresh_share(s, &staged));
    csig_share_free(staged);
    return CSIG_OK;
}

static void start(uint16_t i, const uint8_t *nonces, const uint8_t *ek)
{
    static const uint16_t online[ONLINE] = {1, 2}, offline = 3;
    const csig_refresh_params p = {
        .identity = id[i],
        .share = share[i],
        .indices = online,
        .count = ONLINE,
        .nonces = nonces,
        .recovery = {&offline, ek, 1},
        .attempt = 1,
        .commits = 2,
    };

    csig_ct_secret(&share[i]->x, sizeof share[i]->x);
    expect(csig_refresh_session(&session[i], &p));
}

static void refresh(void)
{
    uint8_t nonces[ONLINE * CSIG_NONCE_BYTES], dk[32], ek[32];
    network *net;

    randombytes_buf(nonces, sizeof nonces);
    randombytes_buf(dk, sizeof dk);
    csig_escrow_key_public(ek, dk);
    deal_identities(id, ALL);
    deal_shares(share, id, 2, ALL);
    for (uint16_t i = 0; i < ONLINE; i++)
        start(i, nonces, ek);
    net = net_new(session, ONLINE, 1);
    net->store = store;
    net_run(net);
    CSIG_ASSERT(csig_session_phase(session[1]) == CSIG_STORE);
    CSIG_ASSERT(net->stores[0] == 1 && net->stores[1] == 1);
    net_free(net);
    for (uint16_t i = 0; i < ALL; i++) {
        if (i < ONLINE) csig_session_free(session[i]);
        csig_share_free(share[i]);
        csig_identity_free(id[i]);
    }
}

/* --- resharing: one leaves, one stays, one joins --- */

static reshare_group g;

static csig_err store_reshared(void *ctx, uint16_t position, csig_session *s)
{
    (void)ctx;
    return g.member[position].holds == 0 ? CSIG_OK : store(NULL, position, s);
}

static const reshare_case migration = {
    "migration", 2, 2, 2, 2, false, {{1, 0}, {2, 2}, {0, 1}},
};

static void reshare(void)
{
    reshare_group_init(&g, &migration);
    for (int i = 0; i < 2; i++) {
        csig_ct_secret(&g.old[i]->x, sizeof g.old[i]->x);
        csig_ct_secret(g.old[i]->cc, sizeof g.old[i]->cc);
    }
    reshare_group_start(&g, 1);
    g.net->store = store_reshared;
    net_run(g.net);
    CSIG_ASSERT(csig_session_phase(g.s[1]) == CSIG_STORE);
    for (int i = 0; i < 3; i++)
        CSIG_ASSERT(g.net->stores[i] == 1);
    reshare_group_free(&g);
}

/* --- who stays gives who joins another chain code, who opens its pad --- */

static void another_chain_code(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 1;
}

static void complaint(void)
{
    csig_blame blame;
    liar l;

    reshare_group_init(&g, &migration);
    for (int i = 0; i < 2; i++)
        csig_ct_secret(g.old[i]->cc, sizeof g.old[i]->cc);
    reshare_group_start(&g, 2);
    liar_init(&l, g.net, 1, &reshare_group_identity(&g, 1)->key);
    l.round = 2;
    l.piece = LIAR_PART;
    l.part_for = 2;
    l.edit_raw = another_chain_code;
    net_run(g.net);
    for (int i = 0; i < 3; i += 2) {
        csig_session_blame(g.s[i], &blame);
        CSIG_ASSERT(blame.err == CSIG_E_COMMIT && blame.culprit == 2);
    }
    reshare_group_free(&g);
}

int main(void)
{
    refresh();
    reshare();
    complaint();
    return 0;
}
