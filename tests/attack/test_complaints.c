/* A dealer whose sub-share does not fit its commitments, in key generation, refresh and resharing:
 * only one party sees it, and all name the dealer, with evidence. And who complains of an honest
 * dealer is named itself: with a testimony that is true and shows nothing, and with altered ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/evidence.h"
#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "proto/refresh_group.h"
#include "proto/reshare_group.h"
#include "proto/state.h"
#include "proto/verdicts.h"
#include "share/device.h"
#include "support/random.h"

#define CHEAT  1
#define VICTIM 0

static keygen_group kg;
static refresh_group rg;
static reshare_group sg;
static const uint16_t three[] = {1, 3, 4};
/* A fourth party joins the three that there are. */
static const reshare_case joining = {
    "joining", 2, 3, 3, 4, false, {{1, 1}, {2, 2}, {3, 3}, {0, 4}},
};

/* One session of each protocol. */
typedef struct ring {
    csig_session **s;
    uint16_t n;
    network *net;
    const csig_ed_key *cheat;
    const char *name;
    const csig_share *share; /* NULL: no key yet */
} ring;

static ring keygen(uint16_t n)
{
    keygen_group_init(&kg, 2, n);
    keygen_group_start(&kg, KEYGEN_HONEST, NULL);
    return (ring){kg.s, n, keygen_group_net(&kg, 7), &kg.id[CHEAT]->key, "keygen", NULL};
}

static ring refresh(uint16_t n)
{
    (void)n;
    refresh_group_init(&rg, 2, 4, three, 3);
    refresh_group_start(&rg, 8);
    return (ring){rg.s, 3, rg.net, &rg.d->id[rg.index[CHEAT] - 1]->key, "refresh", rg.d->share[0]};
}

static ring reshare(uint16_t n)
{
    (void)n;
    reshare_group_init(&sg, &joining);
    reshare_group_start(&sg, 9);
    return (ring){sg.s, 4, sg.net, &reshare_group_identity(&sg, CHEAT)->key, "refresh", sg.old[0]};
}

static void end(ring *r)
{
    if (r->s == kg.s) {
        net_free(r->net);
        keygen_group_free(&kg);
    }
    if (r->s == rg.s) refresh_group_free(&rg);
    if (r->s == sg.s) reshare_group_free(&sg);
}

typedef ring opener(uint16_t n);
static opener *const openers[] = {keygen, refresh, reshare};

/* --- what comes of it --- */

static void expect_evidence(const ring *r, csig_session *s, const csig_blame *blame)
{
    static const uint8_t none[CSIG_KEY_ID_BYTES];
    csig_verdict v;
    size_t len;
    uint8_t *evidence = take_evidence(s, &len), id[32];

    assert_int_equal(csig_evidence_verify(evidence, len, &v), CSIG_OK);
    assert_memory_equal(&v.blame, blame, sizeof *blame);
    assert_memory_equal(v.identity, r->cheat->id, sizeof v.identity);
    csig_session_id(s, id);
    assert_memory_equal(v.session_id, id, sizeof id);
    assert_string_equal(v.protocol, r->name);
    assert_memory_equal(v.key_id, r->share != NULL ? r->share->key_id : none, sizeof none);
    free(evidence);
}

static void expect_verdict_of_all(const ring *r, csig_err err, uint8_t round)
{
    csig_blame first = {.err = CSIG_OK}, blame;

    for (uint16_t j = 0; j < r->n; j++) {
        if (j == CHEAT) continue;
        csig_session_blame(r->s[j], &blame);
        if (blame.err != err || csig_session_phase(r->s[j]) != CSIG_FAILED)
            fail_msg("%s, party %d: phase %d, %s in round %d, culprit %d", r->name, j,
                     (int)csig_session_phase(r->s[j]), csig_err_name(blame.err), blame.round,
                     blame.culprit);
        assert_int_equal(blame.culprit, csig_session_run(r->s[j])->index[CHEAT]);
        assert_int_equal(blame.round, round);
        assert_true(csig_session_is_telling(r->s[j]));
        if (first.err == CSIG_OK) first = blame;
        assert_memory_equal(&blame, &first, sizeof blame);
        expect_evidence(r, r->s[j], &blame);
        for (size_t i = 0; i < r->s[j]->secrets_len; i++)
            assert_int_equal(((const uint8_t *)r->s[j]->secrets)[i], 0);
    }
}

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

static void tell(opener *open, uint16_t n, uint8_t round,
                 void (*edit)(void *ctx, uint8_t *piece, size_t len), csig_err err)
{
    ring r = open(n);
    liar l;

    liar_init(&l, r.net, CHEAT, r.cheat);
    l.round = round;
    l.piece = round == 1 ? LIAR_BCAST : LIAR_PART;
    l.part_for = VICTIM;
    l.edit_raw = edit;
    r.net->duplicate = 30;
    r.net->lose = 20;
    net_run(r.net);
    assert_true(l.told > 0);
    expect_verdict_of_all(&r, err, 2);
    end(&r);
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

/* What is opened takes off the mask and nothing else: not the pad of the chain code beside it. */
static void a_complaint_opens_no_chain_code(void **state)
{
    ring r = reshare(4);
    const csig_run *run = csig_session_run(r.s[VICTIM]);
    const uint8_t *inputs, *rest;
    uint8_t dh[64], pad[32], hash[32], *evidence;
    size_t len, rest_len;
    csig_complaint said;
    csig_scalar one;
    csig_claim c;
    liar l;

    (void)state;
    liar_init(&l, r.net, CHEAT, r.cheat);
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
    end(&r);
}

/* --- what the victim alone can see --- */

static void another_chain_code(void *ctx, void *msg)
{
    (void)ctx;
    ((csig_keygen_cc_msg *)msg)->cc[0] ^= 1;
}

/* Encrypted for one: that one knows who it was, says nothing it cannot show, and has no evidence.
 * The others wait. */
static void what_cannot_be_shown_is_not_claimed(void **state)
{
    ring r = keygen(3);
    csig_blame blame;
    size_t len = 0;
    liar l;

    (void)state;
    liar_init(&l, r.net, CHEAT, r.cheat);
    l.round = 2;
    l.piece = LIAR_P2P;
    l.to = VICTIM;
    l.edit = another_chain_code;
    net_run(r.net);
    assert_int_equal(l.told, 1);
    csig_session_blame(r.s[VICTIM], &blame);
    assert_int_equal(blame.err, CSIG_E_COMMIT);
    assert_int_equal(blame.culprit, CHEAT + 1);
    assert_int_equal(csig_session_evidence(r.s[VICTIM], NULL, &len), CSIG_E_STATE);
    assert_int_equal(csig_session_phase(r.s[2]), CSIG_RUNNING);
    end(&r);
}

/* --- who complains of the honest --- */

/* Of what the cheat knew in round 2: its testimony about the victim. */
static uint8_t honest[CSIG_COMPLAINT_BYTES];
static uint8_t (*alter)(uint8_t *testimony);

static uint8_t nothing(uint8_t *t)
{
    (void)t;
    return CSIG_SORT_COMPLAINT;
}

static uint8_t the_point(uint8_t *t)
{
    csig_point G;

    csig_point_generator(&G);
    csig_point_to_bytes(t, &G);
    return CSIG_SORT_COMPLAINT;
}

static uint8_t first_commitment(uint8_t *t)
{
    memcpy(t + 33, t, 33);
    return CSIG_SORT_COMPLAINT;
}

static uint8_t second_commitment(uint8_t *t)
{
    memcpy(t + 66, t, 33);
    return CSIG_SORT_COMPLAINT;
}

static uint8_t the_response(uint8_t *t)
{
    t[130] ^= 1;
    return CSIG_SORT_COMPLAINT;
}

static uint8_t no_point(uint8_t *t)
{
    memset(t, 0, 33);
    return CSIG_SORT_COMPLAINT;
}

static uint8_t all_zero(uint8_t *t)
{
    memset(t, 0, CSIG_COMPLAINT_BYTES);
    return CSIG_SORT_COMPLAINT;
}

static uint8_t no_testimony(uint8_t *t)
{
    (void)t;
    return CSIG_SORT_CHECK;
}

static void keep_honest(csig_session *s)
{
    const csig_run *run = csig_session_run(s);

    assert_int_equal(run->protocol->testimony->make(run, VICTIM, honest), CSIG_OK);
}

static void accuse(network *net, csig_session *s)
{
    static uint8_t claim[1 << 18], envelope[1 << 18];
    csig_header h = {.kind = CSIG_KIND_ENVELOPE,
                     .version = CSIG_FORMAT_VERSION,
                     .level = CSIG_LEVEL,
                     .protocol = s->run.protocol->id,
                     .round = 2,
                     .cast = CSIG_CAST_ABORT,
                     .from = s->run.index[CHEAT],
                     .to = CSIG_TO_ALL};
    uint8_t testimony[CSIG_COMPLAINT_BYTES];
    uint8_t sort;

    memcpy(testimony, honest, sizeof honest);
    sort = alter(testimony);
    s->testimony = (csig_octets){NULL, 0};
    if (sort == CSIG_SORT_COMPLAINT) s->testimony = (csig_octets){testimony, CSIG_COMPLAINT_BYTES};
    h.body_len = (uint32_t)csig_claim_write(NULL, s, CSIG_E_SHARE, VICTIM, 1);
    assert_true(h.body_len < sizeof claim - CSIG_ENVELOPE_OVERHEAD);
    (void)csig_claim_write(claim, s, CSIG_E_SHARE, VICTIM, 1);
    s->testimony = (csig_octets){NULL, 0};
    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    csig_envelope_write(envelope, &h, claim, &s->secrets->key);
    for (uint16_t to = 0; to < net->n; to++)
        if (to != CHEAT) net_post(net, CHEAT, to, envelope, CSIG_ENVELOPE_OVERHEAD + h.body_len);
}

/* Once it has everybody's round 2. */
static void complain(void *ctx, network *net, net_packet *p)
{
    csig_session *s = net->party[CHEAT];
    bool *done = ctx;
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != CHEAT || *done || h.cast != CSIG_CAST_ALL) return;
    if (h.round == 2) keep_honest(s);
    if (s->log[1][VICTIM].p == NULL || s->echo_log[0][VICTIM].p == NULL || h.round < 3) return;
    *done = true;
    accuse(net, s);
}

static void false_complainers_are_named_by_all(void **state)
{
    static const struct {
        uint8_t (*alter)(uint8_t *testimony);
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
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(openers) * CSIG_ARRAY_LEN(lies); i++) {
        ring r = openers[i / CSIG_ARRAY_LEN(lies)](3 + (uint16_t)(i % 2));
        bool done = false;

        alter = lies[i % CSIG_ARRAY_LEN(lies)].alter;
        r.net->tap = complain;
        r.net->tap_ctx = &done;
        net_run(r.net);
        if (!done) fail_msg("%s: not told", lies[i % CSIG_ARRAY_LEN(lies)].name);
        expect_verdict_of_all(&r, CSIG_E_ACCUSE, 2);
        end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(C9_sub_shares_that_do_not_fit_are_named_by_all),
        cmocka_unit_test(a_complaint_opens_no_chain_code),
        cmocka_unit_test(what_cannot_be_shown_is_not_claimed),
        cmocka_unit_test(false_complainers_are_named_by_all),
    };

    random_seed(81);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
