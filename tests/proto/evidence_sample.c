#include "proto/evidence_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "proto/sign_attack.h"
#include "proto/state.h"
#include "share/device.h"

static void another_K(void *ctx, void *msg)
{
    csig_presign_r1 *m = msg;

    (void)ctx;
    csig_int_set_u64(&m->K, 4);
}

static void another_z1(void *ctx, void *msg)
{
    const csig_int one = {.limbs = 1, .d = {1}};
    csig_presign_r2_part *m = msg;

    (void)ctx;
    csig_int_add(&m->w.psi.z1, &m->w.psi.z1, &one);
}

typedef struct teller {
    const csig_ed_key *key;
    evidence_sort sort;
    bool done;
} teller;

static void say_twice(const teller *t, network *net, const net_packet *said)
{
    net_packet *p;

    net_post(net, CHEAT, VICTIM, said->bytes, said->len);
    p = &net->queue[net->queued - 1];
    p->bytes[p->len - CSIG_ED_SIG_BYTES - 1] ^= 1;
    liar_sign(p, t->key);
}

static void accuse(const teller *t, network *net, const csig_header *said)
{
    csig_header h = *said;
    uint8_t body[8] = {0}, envelope[CSIG_ENVELOPE_OVERHEAD + sizeof body];

    h.cast = CSIG_CAST_ABORT;
    h.body_len = sizeof body;
    csig_envelope_write(envelope, &h, body, t->key);
    net_post(net, CHEAT, VICTIM, envelope, sizeof envelope);
}

static void tell(void *ctx, network *net, net_packet *p)
{
    teller *t = ctx;
    const uint8_t round = evidence_sample_round(t->sort);
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != CHEAT || p->to != VICTIM || t->done) return;
    if (h.round != round || h.cast != CSIG_CAST_ALL) return;
    t->done = true;
    if (t->sort == EVIDENCE_TWO) say_twice(t, net, p);
    if (t->sort == EVIDENCE_FALSE) accuse(t, net, &h);
}

csig_err evidence_sample_err(evidence_sort sort)
{
    static const csig_err err[EVIDENCE_SORTS] = {CSIG_E_PROOF,  CSIG_E_PROOF, CSIG_E_EQUIVOCATE,
                                                 CSIG_E_ACCUSE, CSIG_E_SHARE, CSIG_E_COMMIT};

    return err[sort];
}

uint8_t evidence_sample_round(evidence_sort sort)
{
    static const uint8_t round[EVIDENCE_SORTS] = {1, 2, 4, 3, 2, 2};

    return round[sort];
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

static uint8_t *share_sample(evidence_sort sort, size_t *len, uint8_t cheat[CSIG_IDENTITY_BYTES])
{
    static keygen_group g;
    network *net;
    uint8_t *evidence;
    liar l;

    keygen_group_init(&g, 2, 3);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&g, 1);
    memcpy(cheat, g.id[CHEAT]->key.id, CSIG_IDENTITY_BYTES);
    liar_init(&l, net, CHEAT, &g.id[CHEAT]->key);
    l.round = evidence_sample_round(sort);
    l.piece = LIAR_PART;
    l.part_for = VICTIM;
    l.edit_raw = sort == EVIDENCE_SHARE ? another_share : another_chain_code;
    net_run(net);
    evidence = take_evidence(g.s[VICTIM], len);
    net_free(net);
    keygen_group_free(&g);
    return evidence;
}

uint8_t *evidence_sample(evidence_sort sort, size_t *len, uint8_t cheat[CSIG_IDENTITY_BYTES])
{
    teller t = {.sort = sort};
    uint8_t *evidence;
    attack a;
    liar l;

    if (sort >= EVIDENCE_SHARE) return share_sample(sort, len, cheat);
    attack_init(&a, dealer_new(3, 3, true));
    t.key = &a.g.d->id[CHEAT]->key;
    memcpy(cheat, t.key->id, CSIG_IDENTITY_BYTES);
    attack_open_sign(&a, VICTIM);
    a.g.net->tap = tell;
    a.g.net->tap_ctx = &t;
    a.g.net->in_order = true;
    if (sort == EVIDENCE_FIRST || sort == EVIDENCE_SECOND) {
        liar_init(&l, a.g.net, CHEAT, t.key);
        l.round = evidence_sample_round(sort);
        l.piece = sort == EVIDENCE_FIRST ? LIAR_BCAST : LIAR_PART;
        l.part_for = sort == EVIDENCE_FIRST ? LIAR_ALL : VICTIM;
        l.edit = sort == EVIDENCE_FIRST ? another_K : another_z1;
    }
    signing_run(&a.g);
    expect_verdict(&a.g, evidence_sample_err(sort), evidence_sample_round(sort), CHEAT);
    evidence = take_evidence(a.g.s[VICTIM], len);
    attack_free(&a);
    return evidence;
}
