/* Key generation and auxiliary info under valgrind: everything that is drawn is undefined memory,
 * so a branch or an index that depends on a secret is reported and fails the run. */
#include <stdlib.h>

#include "base/ct.h"
#include "proto/aux_pair.h"
#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "share/device.h"
#include "support/devices.h"

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

static const uint8_t sealing_key[32] = {1};

/* Sealed, opened and used again. */
static void rest(const csig_share *share)
{
    const csig_sealer sealer = csig_sealer_from_key(sealing_key);
    const uint32_t path[] = {44, 0, 7};
    uint8_t child[CSIG_PUBKEY_BYTES], cc[32];
    static uint8_t out[4096];
    size_t len = sizeof out;
    csig_share *back;

    expect(csig_share_export(share, &sealer, out, &len));
    expect(csig_share_import(&back, &sealer, out, len));
    expect(csig_share_child(back, path, CSIG_ARRAY_LEN(path), child, cc));
    csig_share_free(back);
}

/* What the recovery key opens is as secret as before. */
static void recover(const keygen_group *g)
{
    const csig_recovery_case asked = keygen_group_escrows(g, g->rk_index[0]);
    csig_share *share;

    expect(csig_recovery_share(g->rk[0], &asked, &share, NULL));
    rest(share);
    csig_share_free(share);
}

/* offline: the last one is not there. */
static void keygen(uint16_t t, uint16_t n, bool offline)
{
    static const uint16_t all[] = {1, 2, 3};
    static keygen_group g;
    network *net;

    keygen_group_init(&g, t, n);
    if (offline) keygen_group_online(&g, all, (uint16_t)(n - 1));
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    net_run(net);
    CSIG_ASSERT(net_is_all(net, CSIG_DONE));
    if (offline) recover(&g);
    for (uint16_t i = 0; i < g.count; i++) {
        csig_share *share;

        expect(csig_keygen_share(g.s[i], &share));
        rest(share);
        csig_share_free(share);
    }
    net_free(net);
    keygen_group_free(&g);
}

static void another_share(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    piece[CSIG_SCALAR_BYTES - 1] ^= 1;
}

static void another_chain_code(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 1;
}

/* A dealer lies to one, who opens what it knows; all are convinced. */
static void complaint(uint8_t round, liar_piece piece,
                      void (*lie)(void *ctx, uint8_t *piece, size_t len), csig_err err)
{
    static keygen_group g;
    network *net;
    liar l;

    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    liar_init(&l, net, 1, &g.id[1]->key);
    l.round = round;
    l.piece = piece;
    l.part_for = piece == LIAR_PART ? 0 : LIAR_ALL;
    l.edit_raw = lie;
    net_run(net);
    for (uint16_t j = 0; j < 3; j += 2) {
        csig_blame blame;

        csig_session_blame(g.s[j], &blame);
        CSIG_ASSERT(blame.err == err && blame.culprit == 2);
    }
    net_free(net);
    keygen_group_free(&g);
}

/* What a record says is public; to check it takes long here and shows nothing. */
static const csig_protocol *without_the_records_check(void)
{
    static const csig_round *rounds[3];
    static csig_round r1;
    static csig_protocol p;

    r1 = csig_auxinfo_r1;
    r1.check = NULL;
    rounds[0] = &r1;
    rounds[1] = &csig_auxinfo_r2;
    rounds[2] = &csig_auxinfo_r3;
    p = csig_auxinfo_protocol;
    p.rounds = rounds;
    return &p;
}

/* Exported and imported again, under the name of another device: to make a second one, with proofs,
 * would take as long as the first and show no more. */
static csig_aux *twin_of(const csig_aux *aux, const csig_identity *id)
{
    const csig_sealer sealer = csig_sealer_from_key(sealing_key);
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    csig_aux_record *record = malloc(sizeof *record);
    csig_aux *twin;
    uint8_t *out;
    size_t len = 0;

    CSIG_ASSERT(csig_aux_export(aux, &sealer, NULL, &len) == CSIG_E_BUFFER);
    out = malloc(len);
    CSIG_ASSERT(record != NULL && out != NULL);
    expect(csig_aux_export(aux, &sealer, out, &len));
    expect(csig_aux_import(&twin, &sealer, out, len));
    expect(csig_wire_read(csig_aux_record_wire, record, twin->record, record_len));
    csig_identity_public(id, record->pub.owner);
    csig_aux_pub_id(&record->pub);
    csig_wire_write(csig_aux_record_wire, record, twin->record, record_len);
    twin->pub = record->pub;
    free(record);
    free(out);
    return twin;
}

/* The primes come from a fixed list: devices.c hands them over as secrets. */
static void auxiliary(void)
{
    aux_pair pair = {.nonce = {{1}, {2}}};
    network *net;

    for (int i = 0; i < 2; i++)
        expect(csig_identity_new(&pair.id[i]));
    pair.aux[0] = devices_aux(0, pair.id[0], 1);
    pair.aux[1] = twin_of(pair.aux[0], pair.id[1]);
    for (int i = 0; i < 2; i++) {
        const csig_aux_params p = aux_pair_params(&pair, i);

        expect(csig_aux_session_of(&pair.s[i], &p, without_the_records_check()));
    }
    net = net_new(pair.s, 2, 1);
    net_run(net);
    CSIG_ASSERT(net_is_all(net, CSIG_DONE));
    net_free(net);
    aux_pair_free(&pair);
}

int main(void)
{
    keygen(2, 2, false);
    keygen(2, 3, false);
    keygen(2, 3, true);
    complaint(2, LIAR_PART, another_share, CSIG_E_SHARE);
    complaint(2, LIAR_PART, another_chain_code, CSIG_E_COMMIT);
    complaint(4, LIAR_BCAST, another_chain_code, CSIG_E_ACK);
    auxiliary();
    return 0;
}
