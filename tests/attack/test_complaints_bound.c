/* What is bound to the chain code of a key that is being made, escrows, acknowledgements and birth:
 * who lies about it is named by all, with evidence, though who was not there does not have its
 * hash. And nobody can make up a hash by which an honest one would be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/evidence.h"
#include "proto/ring.h"
#include "support/random.h"

#define VICTIM 0

/* --- lies --- */

static void another_row(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 90] ^= 1; /* the chain code's box is behind the rows */
}

static void another_key(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    (void)len;
    piece[5] ^= 1;
}

static void tell(ring_opener *open, uint16_t n, uint16_t cheat, uint8_t round,
                 void (*edit)(void *ctx, uint8_t *piece, size_t len), csig_err err)
{
    ring r = open(n, cheat);
    liar l;

    liar_init(&l, r.net, cheat, r.key);
    l.round = round;
    l.piece = LIAR_BCAST;
    l.edit_raw = edit;
    r.net->duplicate = 30;
    r.net->lose = 20;
    net_run(r.net);
    assert_true(l.told > 0);
    ring_expect_verdict(&r, err, round);
    ring_end(&r);
}

/* The last party commits. */
static void lies_are_named_by_all(void **state)
{
    (void)state;
    for (uint16_t n = 3; n <= 4; n++) {
        tell(ring_keygen_escrowed, n, 1, 3, another_row, CSIG_E_PROOF);
        tell(ring_keygen_escrowed, n, 1, 4, another_key, CSIG_E_ACK);
        tell(ring_keygen, n, 1, 4, another_key, CSIG_E_ACK);
        tell(ring_keygen, n, (uint16_t)(n - 1), 4, another_key, CSIG_E_ACK);
        tell(ring_keygen, n, (uint16_t)(n - 1), 5, another_key, CSIG_E_ACK);
    }
}

/* --- who complains of the honest --- */

typedef struct complainer {
    const ring *r;
    ring_claim claim;
    void (*alter)(ring_claim *c);
    csig_pads parts;
    bool done;
} complainer;

/* With its echo, when everybody's message is there. */
static void complain(void *ctx, network *net, net_packet *p)
{
    complainer *who = ctx;
    csig_session *s = net->party[who->r->cheat];
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != who->r->cheat || who->done) return;
    if (h.round == 3 && h.cast == CSIG_CAST_ALL)
        who->parts = csig_keygen_secret_of(csig_session_run(s))->parts;
    if (h.round != who->claim.round || h.cast != CSIG_CAST_ECHO) return;
    who->done = true;
    memcpy(who->claim.testimony, &who->parts, sizeof who->parts);
    who->claim.len = sizeof who->parts;
    who->alter(&who->claim);
    ring_accuse(who->r, &who->claim);
}

static void nothing(ring_claim *c)
{
    (void)c;
}

static void own_part(ring_claim *c)
{
    c->testimony[2 * 32] ^= 1;
}

static void part_of_the_accused(ring_claim *c)
{
    c->testimony[VICTIM * 32] ^= 1;
}

static void behind_the_parts(ring_claim *c)
{
    c->testimony[c->len - 1] ^= 1;
}

static void all_zero(ring_claim *c)
{
    memset(c->testimony, 0, c->len);
}

static void no_testimony(ring_claim *c)
{
    c->len = 0;
}

static void false_complainers_are_named_by_all(void **state)
{
    static void (*const lies[])(ring_claim *) = {nothing,          own_part, part_of_the_accused,
                                                 behind_the_parts, all_zero, no_testimony};
    static const struct {
        uint8_t round;
        csig_err err;
    } about[] = {{3, CSIG_E_PROOF}, {4, CSIG_E_ACK}};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(about) * CSIG_ARRAY_LEN(lies); i++) {
        const size_t at = i / CSIG_ARRAY_LEN(lies);
        ring r = ring_keygen_escrowed(3, 1);
        complainer who = {
            .r = &r,
            .claim = {.victim = VICTIM, .round = about[at].round, .err = about[at].err},
            .alter = lies[i % CSIG_ARRAY_LEN(lies)]};

        r.net->tap = complain;
        r.net->tap_ctx = &who;
        net_run(r.net);
        assert_true(who.done);
        ring_expect_verdict(&r, CSIG_E_ACCUSE, about[at].round);
        ring_end(&r);
    }
}

/* A birth is measured by its committer's own acknowledgement: an honest one stands, in a claim that
 * somebody writes when the session is over. */
static void honest_births_convict_nobody(void **state)
{
    static uint8_t claim[1 << 16];
    ring r = ring_keygen(3, 0);
    csig_verdict v;

    (void)state;
    net_run(r.net);
    ring_expect_done(&r);
    for (csig_err err = 1; err < 128; err++) {
        const size_t len = csig_claim_write(NULL, r.s[0], err, 2, 4);

        if (err == CSIG_E_EQUIVOCATE) continue;
        assert_true(len <= sizeof claim);
        (void)csig_claim_write(claim, r.s[0], err, 2, 4);
        assert_int_equal(csig_evidence_verify(claim, len, &v), CSIG_E_EVIDENCE);
    }
    ring_end(&r);
}

/* With two there is nobody to show them to. */
static void parts_are_kept_as_long_as_they_may_be_shown(void **state)
{
    static const csig_pads none;

    (void)state;
    for (uint16_t n = 3; n <= 4; n++) {
        ring r = ring_keygen(n, 0);

        net_run(r.net);
        ring_expect_done(&r);
        for (uint16_t j = 0; j < n; j++)
            assert_memory_equal(&csig_keygen_secret_of(csig_session_run(r.s[j]))->parts, &none,
                                sizeof none);
        ring_end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lies_are_named_by_all),
        cmocka_unit_test(false_complainers_are_named_by_all),
        cmocka_unit_test(honest_births_convict_nobody),
        cmocka_unit_test(parts_are_kept_as_long_as_they_may_be_shown),
    };

    random_seed(83);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
