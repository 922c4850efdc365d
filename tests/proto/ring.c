#include "proto/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/evidence.h"
#include "proto/state.h"
#include "proto/verdicts.h"
#include "share/device.h"

static keygen_group kg;
static refresh_group rg;
static reshare_group sg;

static ring start_keygen(uint16_t n, uint16_t cheat)
{
    keygen_group_start(&kg, KEYGEN_HONEST, NULL);
    return (ring){.s = kg.s,
                  .n = n,
                  .cheat = cheat,
                  .net = keygen_group_net(&kg, 7),
                  .key = &kg.id[cheat]->key,
                  .name = "keygen"};
}

ring ring_keygen(uint16_t n, uint16_t cheat)
{
    keygen_group_init(&kg, 2, n);
    return start_keygen(n, cheat);
}

ring ring_keygen_escrowed(uint16_t n, uint16_t cheat)
{
    keygen_group_init(&kg, 2, n);
    keygen_group_add_key(&kg, 1);
    return start_keygen(n, cheat);
}

ring ring_refresh(uint16_t n, uint16_t cheat)
{
    static const uint16_t three[] = {1, 3, 4};

    (void)n;
    refresh_group_init(&rg, 2, 4, three, 3);
    refresh_group_start(&rg, 8);
    return (ring){.s = rg.s,
                  .n = 3,
                  .cheat = cheat,
                  .net = rg.net,
                  .key = &rg.d->id[rg.index[cheat] - 1]->key,
                  .name = "refresh",
                  .share = rg.d->share[0]};
}

ring ring_reshare(const reshare_case *c, uint16_t cheat)
{
    reshare_group_init(&sg, c);
    reshare_group_start(&sg, 9);
    return (ring){.s = sg.s,
                  .n = sg.count,
                  .cheat = cheat,
                  .net = sg.net,
                  .key = &reshare_group_identity(&sg, cheat)->key,
                  .name = "refresh",
                  .share = sg.old[0]};
}

void ring_end(ring *r)
{
    if (r->s == kg.s) {
        net_free(r->net);
        keygen_group_free(&kg);
    }
    if (r->s == rg.s) refresh_group_free(&rg);
    if (r->s == sg.s) reshare_group_free(&sg);
}

/* --- what comes of it --- */

static void expect_evidence(const ring *r, csig_session *s, const csig_blame *blame)
{
    static const uint8_t none[CSIG_KEY_ID_BYTES];
    csig_verdict v;
    size_t len;
    uint8_t *evidence = take_evidence(s, &len), id[32];

    assert_int_equal(csig_evidence_verify(evidence, len, &v), CSIG_OK);
    assert_memory_equal(&v.blame, blame, sizeof *blame);
    assert_memory_equal(v.identity, r->key->id, sizeof v.identity);
    csig_session_id(s, id);
    assert_memory_equal(v.session_id, id, sizeof id);
    assert_string_equal(v.protocol, r->name);
    assert_memory_equal(v.key_id, r->share != NULL ? r->share->key_id : none, sizeof none);
    free(evidence);
}

static void expect_nothing_secret(const csig_session *s)
{
    for (size_t i = 0; i < s->secrets_len; i++)
        assert_int_equal(((const uint8_t *)s->secrets)[i], 0);
}

void ring_expect_verdict(const ring *r, csig_err err, uint8_t round)
{
    csig_blame first = {.err = CSIG_OK}, blame;

    for (uint16_t j = 0; j < r->n; j++) {
        if (j == r->cheat) continue;
        csig_session_blame(r->s[j], &blame);
        if (blame.err != err || csig_session_phase(r->s[j]) != CSIG_FAILED)
            fail_msg("%s, party %d: phase %d, %s in round %d, culprit %d", r->name, j,
                     (int)csig_session_phase(r->s[j]), csig_err_name(blame.err), blame.round,
                     blame.culprit);
        assert_int_equal(blame.culprit, csig_session_run(r->s[j])->index[r->cheat]);
        assert_int_equal(blame.round, round);
        assert_true(csig_session_is_telling(r->s[j]));
        if (first.err == CSIG_OK) first = blame;
        assert_memory_equal(&blame, &first, sizeof blame);
        expect_evidence(r, r->s[j], &blame);
        expect_nothing_secret(r->s[j]);
    }
}

void ring_expect_done(const ring *r)
{
    for (uint16_t j = 0; j < r->n; j++)
        assert_int_equal(csig_session_phase(r->s[j]), CSIG_DONE);
}

/* --- complaints that are not --- */

void ring_accuse(const ring *r, const ring_claim *claim)
{
    static uint8_t body[1 << 18], envelope[1 << 18];
    csig_session *s = r->s[r->cheat];
    uint8_t testimony[sizeof claim->testimony];
    csig_header h = {.kind = CSIG_KIND_ENVELOPE,
                     .version = csig_envelope_version(s->run.protocol->id),
                     .level = CSIG_LEVEL,
                     .protocol = s->run.protocol->id,
                     .round = claim->round,
                     .cast = CSIG_CAST_ABORT,
                     .from = s->run.index[r->cheat],
                     .to = CSIG_TO_ALL};
    const uint8_t round = (uint8_t)(claim->round - 1);

    memcpy(testimony, claim->testimony, sizeof testimony);
    s->testimony = (csig_octets){claim->len > 0 ? testimony : NULL, claim->len};
    h.body_len = (uint32_t)csig_claim_write(NULL, s, claim->err, claim->victim, round);
    assert_true(h.body_len < sizeof body - CSIG_ENVELOPE_OVERHEAD);
    (void)csig_claim_write(body, s, claim->err, claim->victim, round);
    s->testimony = (csig_octets){NULL, 0};
    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    csig_envelope_write(envelope, &h, body, &s->secrets->key);
    for (uint16_t to = 0; to < r->n; to++)
        if (to != r->cheat)
            net_post(r->net, r->cheat, to, envelope, CSIG_ENVELOPE_OVERHEAD + h.body_len);
}
