/* A dealer whose sub-share does not fit its commitments, in key generation, refresh and resharing:
 * only one party sees it, and all name the dealer, with evidence. And who complains of an honest
 * dealer is named itself: with a testimony that is true and shows nothing, and with altered ones.
 * The same of chain codes is in test_complaints_cc.c. */
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

#define CHEAT  1
#define VICTIM 0

/* A fourth party joins the three that there are. */
static const reshare_case joining = {
    "joining", 2, 3, 3, 4, false, {{1, 1}, {2, 2}, {3, 3}, {0, 4}},
};

static ring reshare(uint16_t n, uint16_t cheat)
{
    (void)n;
    return ring_reshare(&joining, cheat);
}

static ring_opener *const openers[] = {ring_keygen, ring_refresh, reshare};

/* --- dealers that lie --- */

static void another_share(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    piece[31] ^= 1;
}

static void no_share(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    memset(piece, 0, 32);
}

/* The first mask key: for the party at position 0. */
static void another_mask_key(void *ctx, uint8_t *piece, size_t len)
{
    csig_point G;

    (void)ctx;
    (void)len;
    csig_point_generator(&G);
    csig_point_to_bytes(piece + CSIG_HASH_BYTES, &G);
}

static void tell(ring_opener *open, uint16_t n, uint8_t round,
                 void (*edit)(void *ctx, uint8_t *piece, size_t len), csig_err err)
{
    ring r = open(n, CHEAT);
    liar l;

    liar_init(&l, r.net, CHEAT, r.key);
    l.round = round;
    l.piece = round == 1 ? LIAR_BCAST : LIAR_PART;
    l.part_for = VICTIM;
    l.edit_raw = edit;
    r.net->duplicate = 30;
    r.net->lose = 20;
    net_run(r.net);
    assert_true(l.told > 0);
    ring_expect_verdict(&r, err, 2);
    ring_end(&r);
}

static void C9_sub_shares_that_do_not_fit_are_named_by_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(openers); i++) {
        tell(openers[i], 3, 2, another_share, CSIG_E_SHARE);
        tell(openers[i], 4, 2, no_share, CSIG_E_SHARE);
        tell(openers[i], 3, 1, another_mask_key, CSIG_E_SHARE);
    }
}

/* In a resharing what is opened takes off the mask and nothing else: not the pad of the chain code
 * beside it. */
static void a_complaint_opens_no_chain_code(void **state)
{
    ring r = reshare(4, CHEAT);
    const csig_run *run = csig_session_run(r.s[VICTIM]);
    const uint8_t *inputs, *rest;
    uint8_t dh[64], pad[32], hash[32], *evidence;
    size_t len, rest_len;
    csig_complaint said;
    csig_scalar one;
    csig_claim c;
    liar l;

    (void)state;
    liar_init(&l, r.net, CHEAT, r.key);
    l.round = 2;
    l.piece = LIAR_PART;
    l.part_for = VICTIM;
    l.edit_raw = another_share;
    net_run(r.net);
    evidence = take_evidence(r.s[VICTIM], &len);
    assert_int_equal(csig_claim_read(&c, &inputs, &rest, &rest_len, evidence, len), CSIG_OK);
    assert_int_equal(c.sort, CSIG_SORT_COMPLAINT);
    assert_int_equal(csig_wire_read(csig_complaint_wire, &said, rest, CSIG_COMPLAINT_BYTES),
                     CSIG_OK);
    csig_scalar_set_u32(&one, 1);
    assert_int_equal(csig_point_dh(dh, &one, &said.D), CSIG_OK);
    csig_refresh_pad(pad, run, CHEAT, VICTIM, dh);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= csig_run_part(run, 1, CHEAT, VICTIM)[CSIG_SCALAR_BYTES + i];
    csig_chain_code_hash(hash, r.share->key_id, pad);
    assert_memory_not_equal(hash, r.share->cc_hash, sizeof hash);
    csig_chain_code_hash(hash, r.share->key_id, r.share->cc);
    assert_memory_equal(hash, r.share->cc_hash, sizeof hash);
    free(evidence);
    ring_end(&r);
}

/* --- who complains of the honest --- */

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

static void first_commitment(ring_claim *c)
{
    memcpy(c->testimony + 33, c->testimony, 33);
}

static void second_commitment(ring_claim *c)
{
    memcpy(c->testimony + 66, c->testimony, 33);
}

static void the_response(ring_claim *c)
{
    c->testimony[130] ^= 1;
}

static void no_point(ring_claim *c)
{
    memset(c->testimony, 0, 33);
}

static void all_zero(ring_claim *c)
{
    memset(c->testimony, 0, CSIG_COMPLAINT_BYTES);
}

static void no_testimony(ring_claim *c)
{
    c->len = 0;
}

/* What it is a testimony of is another thing. */
static void of_something_else(ring_claim *c)
{
    c->err = CSIG_E_COMMIT;
}

typedef struct complainer {
    const ring *r;
    ring_claim claim;
    void (*alter)(ring_claim *c);
    bool done;
} complainer;

static void keep_honest(complainer *who)
{
    const csig_run *run = csig_session_run(who->r->s[CHEAT]);
    const csig_testimony *t = run->protocol->rounds[1]->testimony;

    who->claim.len = t->bytes;
    assert_int_equal(t->make(run, VICTIM, CSIG_E_SHARE, who->claim.testimony), CSIG_OK);
}

/* Once it has everybody's round 2. */
static void complain(void *ctx, network *net, net_packet *p)
{
    csig_session *s = net->party[CHEAT];
    complainer *who = ctx;
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != CHEAT || who->done || h.cast != CSIG_CAST_ALL) return;
    if (h.round == 2) keep_honest(who);
    if (s->log[1][VICTIM].p == NULL || s->echo_log[0][VICTIM].p == NULL || h.round < 3) return;
    who->done = true;
    who->alter(&who->claim);
    ring_accuse(who->r, &who->claim);
}

static void false_complainers_are_named_by_all(void **state)
{
    static const struct {
        void (*alter)(ring_claim *c);
        const char *name;
    } lies[] = {
        {nothing, "true testimony"},
        {the_point, "another point"},
        {first_commitment, "another A"},
        {second_commitment, "another B"},
        {the_response, "another z"},
        {no_point, "no point"},
        {all_zero, "zeros"},
        {no_testimony, "none"},
        {of_something_else, "of something else"},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(openers) * CSIG_ARRAY_LEN(lies); i++) {
        ring r = openers[i / CSIG_ARRAY_LEN(lies)](3 + (uint16_t)(i % 2), CHEAT);
        complainer who = {.r = &r,
                          .claim = {.victim = VICTIM, .round = 2, .err = CSIG_E_SHARE},
                          .alter = lies[i % CSIG_ARRAY_LEN(lies)].alter};

        r.net->tap = complain;
        r.net->tap_ctx = &who;
        net_run(r.net);
        if (!who.done) fail_msg("%s: not told", lies[i % CSIG_ARRAY_LEN(lies)].name);
        ring_expect_verdict(&r, CSIG_E_ACCUSE, 2);
        ring_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C9_sub_shares_that_do_not_fit_are_named_by_all),
        cmocka_unit_test(a_complaint_opens_no_chain_code),
        cmocka_unit_test(false_complainers_are_named_by_all),
    };

    random_seed(81);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
