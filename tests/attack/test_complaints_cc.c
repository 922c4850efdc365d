/* A dealer that gives who joins another chain code, or in key generation another part of it than it
 * has committed to: all name it, with evidence. Who complains of an honest one is named itself, and
 * nobody that has the chain code of a wallet ever opens what would show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/evidence.h"
#include "proto/ring.h"
#include "proto/verdicts.h"
#include "share/device.h"
#include "support/random.h"

#define CHEAT 1 /* who deals; the last ones join */

static const reshare_case one_joins = {
    "one joins", 2, 3, 3, 4, false, {{1, 1}, {2, 2}, {3, 3}, {0, 4}},
};
static const reshare_case two_join = {
    "two join", 2, 3, 2, 4, false, {{1, 1}, {2, 2}, {0, 3}, {0, 4}},
};
static const reshare_case one_leaves = {
    "one leaves", 2, 3, 2, 3, false, {{1, 0}, {2, 2}, {3, 1}, {0, 3}},
};

/* --- dealers that lie --- */

typedef void lie_fn(void *ctx, uint8_t *piece, size_t len);

static void another_chain_code(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 1;
}

static void no_chain_code(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    memset(piece + CSIG_SCALAR_BYTES, 0, len - CSIG_SCALAR_BYTES);
}

static void another_share(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    piece[31] ^= 1;
}

/* The pad key for the party at position 3: of four, the third in the second list. */
static void another_pad_key(void *ctx, uint8_t *piece, size_t len)
{
    csig_point G;

    (void)ctx;
    (void)len;
    csig_point_generator(&G);
    csig_point_to_bytes(piece + CSIG_HASH_BYTES + 5 * CSIG_POINT_BYTES, &G);
}

/* Up to two lies of one dealer, or of one each. */
static void each_tap(void *ctx, network *net, net_packet *p)
{
    liar *l = ctx;

    liar_tap(&l[0], net, p);
    if (l[1].session != NULL) liar_tap(&l[1], net, p);
}

static void lie(liar *l, ring *r, uint16_t victim, lie_fn *edit)
{
    liar_init(l, r->net, CHEAT, r->key);
    l->round = edit == another_pad_key ? 1 : 2;
    l->piece = edit == another_pad_key ? LIAR_BCAST : LIAR_PART;
    l->part_for = victim;
    l->edit_raw = edit;
}

/* err: one of these two, where either may be heard first; at all the same. */
static void tell(const reshare_case *c, uint16_t first, lie_fn *edit, uint16_t second,
                 lie_fn *another, csig_err err, csig_err or)
{
    ring r = ring_reshare(c, CHEAT);
    liar l[2] = {0};
    csig_blame blame;

    lie(&l[0], &r, first, edit);
    if (another != NULL) lie(&l[1], &r, second, another);
    r.net->tap = each_tap;
    r.net->tap_ctx = l;
    r.net->duplicate = 30;
    r.net->lose = 20;
    net_run(r.net);
    assert_true(l[0].told > 0 && (another == NULL || l[1].told > 0));
    csig_session_blame(r.s[0], &blame);
    ring_expect_verdict(&r, blame.err == or ? or : err, 2);
    ring_end(&r);
}

static void other_chain_codes_are_named_by_all(void **state)
{
    static const reshare_case *const cases[] = {&one_joins, &one_leaves, &two_join};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        tell(cases[i], 3, another_chain_code, 0, NULL, CSIG_E_COMMIT, CSIG_E_COMMIT);
        tell(cases[i], 3, no_chain_code, 0, NULL, CSIG_E_COMMIT, CSIG_E_COMMIT);
        tell(cases[i], 3, another_pad_key, 0, NULL, CSIG_E_COMMIT, CSIG_E_COMMIT);
    }
}

/* Lies to several: each opens what it got, and all come to one verdict. */
static void lies_to_several_are_one_verdict(void **state)
{
    static const struct {
        uint16_t first, second;
        lie_fn *another;
        csig_err err, or ;
    } lies[] = {
        {3, 2, another_chain_code, CSIG_E_COMMIT, CSIG_E_COMMIT},
        {3, 2, no_chain_code, CSIG_E_COMMIT, CSIG_E_COMMIT},
        {3, 2, another_share, CSIG_E_COMMIT, CSIG_E_SHARE},
        {3, 0, another_share, CSIG_E_COMMIT, CSIG_E_SHARE},
        {2, 2, another_share, CSIG_E_SHARE, CSIG_E_SHARE},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        tell(&two_join, lies[i].first, another_chain_code, lies[i].second, lies[i].another,
             lies[i].err, lies[i].or);
}

/* Who deals has the chain code, and looks at nobody's: it is nobody's harm. */
static void who_deals_does_not_look(void **state)
{
    ring r = ring_reshare(&one_joins, CHEAT);
    liar l;

    (void)state;
    lie(&l, &r, 0, another_chain_code);
    net_run(r.net);
    assert_true(l.told > 0);
    ring_expect_done(&r);
    ring_end(&r);
}

/* --- what is opened --- */

/* What the newcomer at position 3 has opened. */
static csig_point opened(csig_session *victim)
{
    const uint8_t *inputs, *rest;
    size_t len, rest_len;
    uint8_t *evidence = take_evidence(victim, &len);
    csig_complaint said;
    csig_claim c;

    assert_int_equal(csig_claim_read(&c, &inputs, &rest, &rest_len, evidence, len), CSIG_OK);
    assert_int_equal(c.sort, CSIG_SORT_COMPLAINT);
    assert_int_equal(csig_wire_read(csig_complaint_wire, &said, rest, CSIG_COMPLAINT_BYTES),
                     CSIG_OK);
    free(evidence);
    return said.D;
}

/* The pad and nothing else: not the mask of the sub-share beside it. */
static void a_complaint_opens_no_sub_share(void **state)
{
    static csig_refresh_open_msg said;
    ring r = ring_reshare(&one_joins, CHEAT);
    const csig_run *run = csig_session_run(r.s[3]);
    csig_scalar mask, sigma, one;
    csig_point D, got, dealt;
    csig_poly_commit C;
    uint8_t dh[64];
    liar l;

    (void)state;
    lie(&l, &r, 3, another_chain_code);
    net_run(r.net);
    D = opened(r.s[3]);
    csig_scalar_set_u32(&one, 1);
    assert_int_equal(csig_point_dh(dh, &one, &D), CSIG_OK);
    csig_keygen_mask(&mask, run, CHEAT, 3, dh);
    csig_scalar_from_bytes(&sigma, csig_run_part(run, 1, CHEAT, 3), CSIG_SCALAR_BYTES);
    csig_scalar_sub(&sigma, &sigma, &mask);
    assert_int_equal(csig_wire_read_shaped(csig_refresh_open_wire, &run->shape, &said,
                                           run->body[1][CHEAT], run->front[1]),
                     CSIG_OK);
    csig_refresh_polynomial(&C, run, &said.opening);
    assert_true(csig_poly_commit_has_eval(&dealt, &C, csig_refresh_holds(run, 3)));
    csig_point_generator(&got);
    assert_int_equal(csig_point_mul(&got, &sigma, &got), CSIG_OK);
    assert_false(csig_point_is_eq(&got, &dealt));
    ring_end(&r);
}

static bool is_wiped(const csig_run *run)
{
    static const csig_scalar none[CSIG_MAX_PARTIES];
    const csig_refresh_secret *st = csig_refresh_secret_of(run);

    return memcmp(st->z, none, sizeof none) == 0;
}

/* When it deals, its pad keys are gone already. */
static void look_at_dealer(void *ctx, network *net, net_packet *p)
{
    const csig_run *run = csig_session_run(net->party[p->from]);
    uint8_t out[CSIG_COMPLAINT_BYTES];
    unsigned *seen = ctx;
    csig_header h;

    liar_header_read(&h, p);
    if (h.round != 2 || h.cast != CSIG_CAST_ALL) return;
    assert_int_equal(csig_refresh_opens.make(run, p->to, CSIG_E_COMMIT, out), CSIG_E_EVIDENCE);
    assert_int_equal(csig_refresh_opens.make(run, p->to, CSIG_E_PROOF, out), CSIG_E_EVIDENCE);
    assert_true(is_wiped(run));
    (*seen)++;
}

static void who_deals_opens_no_pad(void **state)
{
    ring r = ring_reshare(&one_leaves, CHEAT);
    unsigned seen = 0;

    (void)state;
    r.net->tap = look_at_dealer;
    r.net->tap_ctx = &seen;
    net_run(r.net);
    assert_int_equal(seen, 9); /* three dealers, to three each */
    ring_expect_done(&r);
    for (uint16_t j = 0; j < r.n; j++)
        assert_true(is_wiped(csig_session_run(r.s[j])));
    ring_end(&r);
}

/* --- who complains of the honest --- */

typedef struct complainer {
    const ring *r;
    ring_claim claim;
    void (*alter)(ring_claim *c);
    csig_scalar z; /* of its pad key for the victim, from round 1 */
    bool done;
} complainer;

/* The true point of its pad with the victim, whether its own code would open it or not. */
static void keep_true(complainer *who)
{
    const csig_run *run = csig_session_run(who->r->s[who->r->cheat]);
    const csig_mask_keys *pads = &csig_refresh_open_of(run)->pads;

    who->claim.len = CSIG_COMPLAINT_BYTES;
    assert_int_equal(
        csig_complaint_make(who->claim.testimony, run, pads, &who->z, who->claim.victim), CSIG_OK);
}

/* Of round 2 who deals has its own message before it; of round 3, everybody. */
static void complain(void *ctx, network *net, net_packet *p)
{
    complainer *who = ctx;
    csig_session *s = net->party[who->r->cheat];
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != who->r->cheat || who->done) return;
    if (h.round == 1 && h.cast == CSIG_CAST_ALL)
        who->z = csig_refresh_secret_of(csig_session_run(s))->z[who->claim.victim];
    if (h.round != 3 || h.cast != CSIG_CAST_ALL) return;
    keep_true(who);
    who->done = true;
    who->alter(&who->claim);
    ring_accuse(who->r, &who->claim);
}

static void nothing(ring_claim *c)
{
    (void)c;
}

static void the_point(ring_claim *c)
{
    csig_point G;

    csig_point_generator(&G);
    csig_point_to_bytes(c->testimony, &G);
}

static void the_response(ring_claim *c)
{
    c->testimony[130] ^= 1;
}

static void all_zero(ring_claim *c)
{
    memset(c->testimony, 0, CSIG_COMPLAINT_BYTES);
}

static void no_testimony(ring_claim *c)
{
    c->len = 0;
}

static void of_a_sub_share(ring_claim *c)
{
    c->err = CSIG_E_SHARE;
}

/* Also with the true point of one that deals, and where nobody joins and there are no pads. */
static void false_complainers_are_named_by_all(void **state)
{
    static void (*const lies[])(ring_claim *) = {nothing,  the_point,    the_response,
                                                 all_zero, no_testimony, of_a_sub_share};

    (void)state;
    for (size_t i = 0; i < 2 * CSIG_ARRAY_LEN(lies); i++) {
        const uint16_t cheat = i < CSIG_ARRAY_LEN(lies) ? 3 : 0;
        ring r = ring_reshare(&one_joins, cheat);
        complainer who = {.r = &r,
                          .claim = {.victim = CHEAT, .round = 2, .err = CSIG_E_COMMIT},
                          .alter = lies[i % CSIG_ARRAY_LEN(lies)]};

        r.net->tap = complain;
        r.net->tap_ctx = &who;
        net_run(r.net);
        assert_true(who.done);
        ring_expect_verdict(&r, CSIG_E_ACCUSE, 2);
        ring_end(&r);
    }
}

/* --- key generation --- */

static void another_part_of_it(void *ctx, void *msg)
{
    (void)ctx;
    ((csig_keygen_masked_msg *)msg)->cc[0] ^= 1;
}

static void another_hash_of_it(void *ctx, void *msg)
{
    (void)ctx;
    ((csig_keygen_open_msg *)msg)->cc_hash[0] ^= 1;
}

static void tell_keygen(uint16_t n, liar_piece piece, void (*edit)(void *, void *))
{
    ring r = ring_keygen(n, CHEAT);
    liar l;

    liar_init(&l, r.net, CHEAT, r.key);
    l.round = 2;
    l.piece = piece;
    l.part_for = piece == LIAR_PART ? 0 : LIAR_ALL;
    l.edit = edit;
    r.net->duplicate = 30;
    r.net->lose = 20;
    net_run(r.net);
    assert_true(l.told > 0);
    ring_expect_verdict(&r, CSIG_E_COMMIT, 2);
    ring_end(&r);
}

static void other_parts_of_the_chain_code_are_named_by_all(void **state)
{
    (void)state;
    for (uint16_t n = 3; n <= 4; n++) {
        tell_keygen(n, LIAR_PART, another_part_of_it);
        tell_keygen(n, LIAR_BCAST, another_hash_of_it);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_chain_codes_are_named_by_all),
        cmocka_unit_test(lies_to_several_are_one_verdict),
        cmocka_unit_test(who_deals_does_not_look),
        cmocka_unit_test(a_complaint_opens_no_sub_share),
        cmocka_unit_test(who_deals_opens_no_pad),
        cmocka_unit_test(false_complainers_are_named_by_all),
        cmocka_unit_test(other_parts_of_the_chain_code_are_named_by_all),
    };

    random_seed(82);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
