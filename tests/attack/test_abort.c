/* Who cheats among three to five is named by all the others, in the same words and provably, over a
 * network that shuffles, duplicates and delays: every message of presigning and signing, told
 * wrongly to all, to one, or differently to two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "proto/verdicts.h"
#include "support/random.h"

static const csig_int one = {.limbs = 1, .d = {1}};
static attack a[6]; /* of so many signers, all of them */

static int setup(void **state)
{
    (void)state;
    random_seed(71);
    for (uint16_t n = 3; n <= 5; n++)
        attack_init(&a[n], dealer_new(n, n, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (uint16_t n = 3; n <= 5; n++)
        attack_free(&a[n]);
    return 0;
}

/* --- lies --- */

static void add_G(csig_point *P)
{
    csig_point G;

    csig_point_generator(&G);
    CSIG_ASSERT(csig_point_has_add(P, P, &G));
}

static void another_K(void *ctx, void *msg)
{
    csig_presign_r1 *m = msg; /* in presigning too it comes first */

    (void)ctx;
    csig_int_set_u64(&m->K, 4);
}

static void another_z1(void *ctx, void *msg)
{
    csig_presign_r1_part *m = msg;

    (void)ctx;
    csig_int_add(&m->psi1.z1, &m->psi1.z1, &one);
}

static void another_Gamma(void *ctx, void *msg)
{
    csig_presign_r2 *m = msg;

    (void)ctx;
    add_G(&m->Gamma);
}

static void another_D(void *ctx, void *msg)
{
    csig_presign_r2_part *m = msg;

    (void)ctx;
    csig_int_set_u64(&m->gamma.D, 4);
}

static void another_z2(void *ctx, void *msg)
{
    csig_presign_r2_part *m = msg;

    (void)ctx;
    csig_int_add(&m->w.psi.z2, &m->w.psi.z2, &one);
}

static void another_Delta(void *ctx, void *msg)
{
    csig_presign_r3 *m = msg;

    (void)ctx;
    add_G(&m->Delta);
}

static void no_point(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    memset(piece + len - CSIG_POINT_BYTES, 0, CSIG_POINT_BYTES);
}

static void last_octet(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 1;
}

static void first_octet(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    piece[4] ^= 1;
}

typedef struct told {
    bool presign;
    uint8_t round;
    liar_piece piece;
    uint16_t part_for, to;
    void (*edit)(void *ctx, void *msg);
    void (*edit_raw)(void *ctx, uint8_t *piece, size_t len);
    int resize;
    csig_err err;
} told;

static const told lies[] = {
    {.round = 1, .piece = LIAR_BCAST, .edit = another_K, .err = CSIG_E_PROOF},
    {.round = 1, .piece = LIAR_PART, .part_for = VICTIM, .edit = another_z1, .err = CSIG_E_PROOF},
    {.round = 1, .piece = LIAR_BCAST, .edit_raw = no_point, .err = CSIG_E_MESSAGE},
    {.round = 1, .piece = LIAR_BCAST, .resize = 1, .err = CSIG_E_MESSAGE},
    {.round = 1, .piece = LIAR_BCAST, .to = VICTIM, .edit = another_K, .err = CSIG_E_EQUIVOCATE},
    {.round = 1, .piece = LIAR_PREAMBLE, .edit_raw = last_octet, .err = CSIG_E_MESSAGE},
    {.round = 2, .piece = LIAR_BCAST, .edit = another_Gamma, .err = CSIG_E_PROOF},
    {.round = 2, .piece = LIAR_PART, .part_for = VICTIM, .edit = another_D, .err = CSIG_E_PROOF},
    {.round = 2, .piece = LIAR_PART, .part_for = VICTIM, .edit = another_z2, .err = CSIG_E_PROOF},
    {.round = 2, .piece = LIAR_BCAST, .resize = -1, .err = CSIG_E_MESSAGE},
    {.round = 2, .piece = LIAR_BCAST, .to = 2, .edit = another_Gamma, .err = CSIG_E_EQUIVOCATE},
    {.round = 3, .piece = LIAR_BCAST, .edit = another_Delta, .err = CSIG_E_PROOF},
    {.round = 3,
     .piece = LIAR_BCAST,
     .to = VICTIM,
     .edit = another_Delta,
     .err = CSIG_E_EQUIVOCATE},
    {.round = 4, .piece = LIAR_BCAST, .edit_raw = last_octet, .err = CSIG_E_PARTIAL},
    {.presign = true, .round = 1, .piece = LIAR_BCAST, .edit = another_K, .err = CSIG_E_PROOF},
    {.presign = true,
     .round = 2,
     .piece = LIAR_PART,
     .part_for = 2,
     .edit = another_D,
     .err = CSIG_E_PROOF},
    {.presign = true, .round = 3, .piece = LIAR_BCAST, .edit = another_Delta, .err = CSIG_E_PROOF},
    {.presign = true, .round = 4, .piece = LIAR_BCAST, .edit_raw = last_octet, .err = CSIG_E_ACK},
    {.presign = true, .round = 4, .piece = LIAR_BCAST, .edit_raw = first_octet, .err = CSIG_E_ACK},
};

static void tell(attack *t, const told *lie)
{
    const csig_ed_key *key = &t->g.d->id[CHEAT]->key;
    liar l;

    if (lie->presign) attack_open_presign(t);
    if (!lie->presign) attack_open_sign(t, VICTIM);
    liar_init(&l, t->g.net, CHEAT, key);
    l.round = lie->round;
    l.piece = lie->piece;
    if (lie->part_for > 0) l.part_for = lie->part_for;
    if (lie->to > 0) l.to = lie->to;
    l.edit = lie->edit;
    l.edit_raw = lie->edit_raw;
    l.resize = lie->resize;
    t->g.net->duplicate = 30;
    t->g.net->lose = 20;
    signing_run(&t->g);
    assert_true(l.told > 0);
    expect_verdict(&t->g, lie->err, lie->round, CHEAT);
    attack_end(t);
}

static void every_lie_is_named_by_all_of_three(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        tell(&a[3], &lies[i]);
}

static void some_by_all_of_four_and_five(void **state)
{
    static const size_t some[] = {1, 4, 8, 12, 13, 15, 17};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(some); i++)
        tell(&a[4 + i % 2], &lies[some[i]]);
}

/* The collector shows all a signature that is none. */
static void a_false_signature_is_named(void **state)
{
    liar l;

    (void)state;
    attack_open_sign(&a[3], CHEAT);
    liar_init(&l, a[3].g.net, CHEAT, &a[3].g.d->id[CHEAT]->key);
    l.round = 5;
    l.piece = LIAR_BCAST;
    l.edit_raw = first_octet;
    signing_run(&a[3].g);
    expect_verdict_of_others(&a[3].g, CSIG_E_OUTPUT, 5, CHEAT);
    attack_end(&a[3]);
}

/* --- two at once --- */

typedef struct twice {
    const csig_ed_key *key;
    uint8_t round;
    bool done;
} twice;

/* The same round again, with another content, to the same one. */
static void say_twice(void *ctx, network *net, net_packet *p)
{
    twice *t = ctx;
    csig_header h;

    if (p->from != CHEAT || p->to != VICTIM || t->done) return;
    liar_header_read(&h, p);
    if (h.round != t->round || h.cast != CSIG_CAST_ALL) return;
    t->done = true;
    net_post(net, CHEAT, VICTIM, p->bytes, p->len);
    p = &net->queue[net->queued - 1];
    p->bytes[p->len - CSIG_ED_SIG_BYTES - 1] ^= 1;
    liar_sign(p, t->key);
}

static void two_messages_of_one_round(void **state)
{
    (void)state;
    for (uint8_t round = 1; round <= 4; round++) {
        attack *t = &a[3 + round % 2];
        twice again = {.key = &t->g.d->id[CHEAT]->key, .round = round};

        attack_open_sign(t, VICTIM);
        t->g.net->tap = say_twice;
        t->g.net->tap_ctx = &again;
        t->g.net->in_order = true;
        signing_run(&t->g);
        assert_true(again.done);
        expect_verdict(&t->g, CSIG_E_EQUIVOCATE, round, CHEAT);
        attack_end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lie_is_named_by_all_of_three),
        cmocka_unit_test(some_by_all_of_four_and_five),
        cmocka_unit_test(a_false_signature_is_named),
        cmocka_unit_test(two_messages_of_one_round),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
