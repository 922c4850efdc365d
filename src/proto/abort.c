/* Why a party stops, said to all and passed on, so that nobody is left waiting and all name the
 * same one in the same words (protocol.md 2.8). More than two parties only.
 *
 * Whoever hears an accusation judges it by itself. When it holds, the accused is the verdict; when
 * not, the accuser is. Of several verdicts the first by round, error and index counts; whoever
 * comes to an earlier one passes it on as it came: all honest parties end with the same. */
#include <string.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/evidence.h"
#include "proto/state.h"

/* --- say --- */

static csig_err say(csig_session *s, const csig_octets *claim, uint8_t round)
{
    csig_packet *p = csig_packet_new(claim->len);
    csig_header h = {
        .kind = CSIG_KIND_ENVELOPE,
        .version = csig_envelope_version(s->run.protocol->id),
        .level = CSIG_LEVEL,
        .protocol = s->run.protocol->id,
        .round = (uint8_t)(round + 1),
        .cast = CSIG_CAST_ABORT,
        .from = s->run.index[s->run.self],
        .to = CSIG_TO_ALL,
        .body_len = (uint32_t)claim->len,
    };

    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    csig_outbox_add(s, p);
    csig_envelope_write(p->bytes, &h, claim->p, &s->secrets->key);
    return CSIG_OK;
}

static csig_err write_claim(csig_octets *claim, const csig_session *s, csig_err err,
                            uint16_t culprit, uint8_t round)
{
    csig_octets_free(claim);
    claim->len = csig_claim_write(NULL, s, err, culprit, round);
    claim->p = csig_public_alloc(claim->len);
    CSIG_REQUIRE(claim->p != NULL, CSIG_E_MEMORY);
    (void)csig_claim_write(claim->p, s, err, culprit, round);
    return CSIG_OK;
}

/* --- what can be shown --- */

static csig_err judge_own(const csig_session *s, const csig_octets *claim)
{
    csig_proven proven;

    return csig_claim_judge(&proven, NULL, s->run.protocol, s->run.ssid, claim->p, claim->len);
}

static const csig_testimony *testimony_of(const csig_session *s, uint8_t round)
{
    return round < s->run.protocol->count ? csig_session_round(s, round)->testimony : NULL;
}

static bool has_testimonies(const csig_session *s)
{
    for (uint8_t r = 0; r < s->run.protocol->count; r++)
        if (testimony_of(s, r) != NULL) return true;
    return false;
}

static csig_err testify(csig_session *s, const csig_testimony *t, csig_err err, uint16_t culprit)
{
    csig_octets *own = &s->testimony;

    own->p = csig_public_alloc(t->bytes);
    CSIG_REQUIRE(own->p != NULL, CSIG_E_MEMORY);
    own->len = t->bytes;
    return t->make(&s->run, culprit, err, own->p);
}

/* Where a check may look at what only this party knows, its claim is judged first as others will
 * judge it: nobody accuses who cannot show it. It opens what it knows only where nothing else
 * convicts. */
static csig_err show(csig_octets *claim, csig_session *s, csig_err err, uint16_t culprit,
                     uint8_t round)
{
    const csig_testimony *t = testimony_of(s, round);
    csig_err held;

    CSIG_TRY(write_claim(claim, s, err, culprit, round));
    if (!has_testimonies(s) || culprit >= s->run.n) return CSIG_OK;
    held = judge_own(s, claim);
    if (held == CSIG_OK || t == NULL || s->exhibit_len[0] > 0) return held;
    held = testify(s, t, err, culprit);
    if (held == CSIG_OK) held = write_claim(claim, s, err, culprit, round);
    csig_octets_free(&s->testimony); /* it is in this claim and in no other */
    return held == CSIG_OK ? judge_own(s, claim) : held;
}

void csig_abort_say(csig_session *s, csig_err err, uint16_t culprit, uint8_t round)
{
    csig_octets claim = {.p = NULL};

    /* Where nobody is named there is nothing to show but an echo that does not match. */
    if (culprit >= s->run.n && err != CSIG_E_ECHO) return;
    if (err == CSIG_E_EQUIVOCATE && s->exhibit[1] == NULL) return;
    if (show(&claim, s, err, culprit, round) == CSIG_OK) {
        if (say(s, &claim, round) != CSIG_OK) csig_outbox_clear(s);
        if (culprit < s->run.n) s->evidence = claim, claim.p = NULL;
    }
    csig_octets_free(&claim);
}

/* --- take --- */

/* Verdicts in order: proven ones, false accusations, unattributed; of the same, the earlier. */
static int rank(const csig_blame *b)
{
    if (b->culprit == 0) return 2;
    return b->err == CSIG_E_ACCUSE ? 1 : 0;
}

static bool is_before(const csig_blame *a, const csig_blame *b)
{
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (a->round != b->round) return a->round < b->round;
    if (a->err != b->err) return a->err < b->err;
    return a->culprit < b->culprit;
}

/* What this party has found and could not show gives way to what can be shown. */
static bool is_news(const csig_session *s, const csig_blame *b)
{
    if (s->phase != CSIG_FAILED || is_before(b, &s->blame)) return true;
    return s->evidence.p == NULL && rank(b) < 2;
}

/* As it came: its sender signed it. */
static void pass_on(csig_session *s, const uint8_t *envelope, size_t len)
{
    csig_packet *p = csig_packet_new(len - CSIG_ENVELOPE_OVERHEAD);

    if (p == NULL) return;
    memcpy(p->bytes, envelope, len);
    csig_outbox_add(s, p);
}

/* The session ends here, or ended before with a later verdict. */
static csig_err settle(csig_session *s, const csig_blame *blame, const uint8_t *envelope,
                       size_t len)
{
    if (s->phase != CSIG_FAILED && !s->disputing) csig_outbox_clear(s);
    csig_session_end(s, blame);
    pass_on(s, envelope, len);
    return blame->err;
}

static csig_err take_false(csig_session *s, uint16_t from, const uint8_t *envelope, size_t len,
                           uint8_t round)
{
    csig_blame blame = {.err = CSIG_E_ACCUSE, .culprit = s->run.index[from], .round = round};
    size_t size;

    strncpy(blame.where, csig_session_where(s, (uint8_t)(round - 1)), sizeof blame.where - 1);
    s->dismissed[from] = true;
    if (!is_news(s, &blame)) return s->blame.err;
    size = csig_claim_write_accusation(NULL, s, from, round, envelope, len);
    csig_octets_free(&s->evidence);
    s->evidence.p = csig_public_alloc(size);
    if (s->evidence.p != NULL) {
        s->evidence.len = size;
        (void)csig_claim_write_accusation(s->evidence.p, s, from, round, envelope, len);
    }
    return settle(s, &blame, envelope, len);
}

/* What this party got of one, and what another shows: its sender has signed both. */
static csig_err hold_two(csig_session *s, uint8_t round, const csig_octets *mine,
                         const csig_listed *e, const csig_listed *abort)
{
    csig_blame blame = {
        .err = CSIG_E_EQUIVOCATE, .culprit = s->run.index[e->from], .round = (uint8_t)(round + 1)};
    csig_octets claim = {.p = NULL};

    if (mine->p == NULL || e->from == s->run.self) return CSIG_OK;
    if (mine->len == e->len && csig_is_same(mine->p, e->p, e->len - CSIG_ED_SIG_BYTES))
        return CSIG_OK;
    s->exhibit[0] = mine->p;
    s->exhibit_len[0] = mine->len;
    s->exhibit[1] = e->p;
    s->exhibit_len[1] = e->len;
    if (s->phase != CSIG_FAILED) return csig_session_fail(s, CSIG_E_EQUIVOCATE, e->from, round);
    strncpy(blame.where, csig_session_where(s, round), sizeof blame.where - 1);
    if (!is_news(s, &blame)) return CSIG_OK;
    CSIG_TRY(write_claim(&claim, s, CSIG_E_EQUIVOCATE, e->from, round));
    csig_octets_free(&s->evidence);
    s->evidence = claim;
    return settle(s, &blame, abort->p, abort->len);
}

/* Two parties that got different broadcasts or echoes of one sender have its signature on both. */
static csig_err compare(csig_session *s, uint8_t round, csig_list list, const csig_listed *abort)
{
    csig_listed e;

    for (uint16_t j = 0; j < s->run.n; j++) {
        if (csig_round_body(s, round, j, CSIG_CAST_ALL) == 0) continue;
        CSIG_TRY(csig_list_next(&e, &list, s));
        CSIG_TRY(hold_two(s, round, &s->log[round][j], &e, abort));
    }
    CSIG_TRY(csig_list_next(&e, &list, s));
    return hold_two(s, round, &s->echo_log[round][e.from], &e, abort);
}

static csig_err take_opening(csig_session *s, const csig_proven *proven, uint16_t from,
                             csig_list list, const uint8_t *envelope, size_t len)
{
    if (s->has_opened[from]) return s->phase == CSIG_FAILED ? s->blame.err : CSIG_OK;
    s->has_opened[from] = true;
    CSIG_TRY(compare(s, (uint8_t)(proven->blame.round - 1), list,
                     &(csig_listed){.p = envelope, .len = len}));
    if (!is_news(s, &proven->blame)) {
        pass_on(s, envelope, len);
        return s->blame.err;
    }
    return settle(s, &proven->blame, envelope, len);
}

csig_err csig_abort_take(csig_session *s, uint16_t from, const uint8_t *envelope, size_t len)
{
    const uint8_t *body = envelope + CSIG_HEADER_BYTES, *inputs;
    const size_t body_len = len - CSIG_ENVELOPE_OVERHEAD;
    csig_claim c = {.sort = 0};
    csig_proven proven;
    csig_header h;
    csig_list list;
    csig_err err;

    CSIG_TRY(csig_wire_read(csig_header_wire, &h, envelope, CSIG_HEADER_BYTES));
    CSIG_REQUIRE(h.round >= 1 && h.round <= s->run.protocol->count + 1, CSIG_E_ROUND);
    CSIG_REQUIRE(h.round <= s->run.protocol->count || s->run.protocol->error != NULL, CSIG_E_ROUND);
    if (s->dismissed[from]) return CSIG_OK;
    err = csig_claim_read(&c, &inputs, &list.p, &list.len, body, body_len);
    if (err == CSIG_OK && c.sort != CSIG_SORT_OPENING) {
        /* Not looked at again: it says what is known, or what came later. */
        const csig_blame said = {.err = (csig_err)c.err, .culprit = c.accused, .round = c.round};

        if (!is_news(s, &said)) return s->blame.err;
    }
    if (err == CSIG_OK) err = csig_abort_judge(&proven, s, from, body, body_len);
    if (csig_err_class(err) == CSIG_CLASS_LOCAL) return err;
    if (err != CSIG_OK) return take_false(s, from, envelope, len, h.round);
    if (proven.sort == CSIG_SORT_OPENING)
        return take_opening(s, &proven, from, list, envelope, len);
    CSIG_TRY(csig_octets_copy(&s->evidence, body, body_len));
    return settle(s, &proven.blame, envelope, len);
}

int csig_session_is_telling(const csig_session *s)
{
    return s->phase == CSIG_FAILED && csig_session_has_log(s) &&
           csig_err_class(s->blame.err) == CSIG_CLASS_CHEAT;
}

csig_err csig_session_evidence(const csig_session *s, uint8_t *out, size_t *len)
{
    size_t room;

    CSIG_REQUIRE(s != NULL && len != NULL, CSIG_E_ARGUMENT);
    room = *len;
    *len = 0;
    CSIG_REQUIRE(s->phase == CSIG_FAILED && s->evidence.p != NULL, CSIG_E_STATE);
    *len = s->evidence.len;
    CSIG_REQUIRE(out != NULL && *len <= room, CSIG_E_BUFFER);
    memcpy(out, s->evidence.p, *len);
    return CSIG_OK;
}
