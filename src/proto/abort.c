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

static csig_err say(csig_session *s, csig_err err, uint16_t culprit, uint8_t round)
{
    const size_t len = csig_claim_write(NULL, s, err, culprit, round);
    csig_packet *p = csig_packet_new(len);
    csig_header h = {
        .kind = CSIG_KIND_ENVELOPE,
        .version = CSIG_FORMAT_VERSION,
        .level = CSIG_LEVEL,
        .protocol = s->run.protocol->id,
        .round = (uint8_t)(round + 1),
        .cast = CSIG_CAST_ABORT,
        .from = s->run.index[s->run.self],
        .to = CSIG_TO_ALL,
        .body_len = (uint32_t)len,
    };

    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    csig_outbox_add(s, p);
    (void)csig_claim_write(p->bytes + CSIG_HEADER_BYTES, s, err, culprit, round);
    csig_envelope_write(p->bytes, &h, p->bytes + CSIG_HEADER_BYTES, &s->secrets->key);
    if (culprit >= s->run.n) return CSIG_OK;
    return csig_octets_copy(&s->evidence, p->bytes + CSIG_HEADER_BYTES, len);
}

void csig_abort_say(csig_session *s, csig_err err, uint16_t culprit, uint8_t round)
{
    /* Where nobody is named there is nothing to show but an echo that does not match. */
    if (culprit >= s->run.n && err != CSIG_E_ECHO) return;
    if (err == CSIG_E_EQUIVOCATE && s->exhibit[1] == NULL) return;
    if (say(s, err, culprit, round) != CSIG_OK) csig_outbox_clear(s);
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

static bool is_news(const csig_session *s, const csig_blame *b)
{
    return s->phase != CSIG_FAILED || is_before(b, &s->blame);
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

/* Two parties that got different broadcasts of one sender have its signature on both. */
static csig_err compare(csig_session *s, uint8_t round, csig_list list, const uint8_t *envelope,
                        size_t len)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        const csig_octets *mine = &s->log[round][j];
        csig_blame blame = {
            .err = CSIG_E_EQUIVOCATE, .culprit = s->run.index[j], .round = (uint8_t)(round + 1)};
        csig_listed e;
        size_t size;

        if (csig_round_body(s, round, j, CSIG_CAST_ALL) == 0) continue;
        CSIG_TRY(csig_list_next(&e, &list, s));
        if (mine->p == NULL || j == s->run.self) continue;
        if (mine->len == e.len && csig_is_same(mine->p, e.p, e.len - CSIG_ED_SIG_BYTES)) continue;
        s->exhibit[0] = mine->p;
        s->exhibit_len[0] = mine->len;
        s->exhibit[1] = e.p;
        s->exhibit_len[1] = e.len;
        if (s->phase != CSIG_FAILED) return csig_session_fail(s, CSIG_E_EQUIVOCATE, j, round);
        strncpy(blame.where, csig_session_where(s, round), sizeof blame.where - 1);
        if (!is_news(s, &blame)) continue;
        size = csig_claim_write(NULL, s, CSIG_E_EQUIVOCATE, j, round);
        csig_octets_free(&s->evidence);
        s->evidence.p = csig_public_alloc(size);
        CSIG_REQUIRE(s->evidence.p != NULL, CSIG_E_MEMORY);
        s->evidence.len = size;
        (void)csig_claim_write(s->evidence.p, s, CSIG_E_EQUIVOCATE, j, round);
        return settle(s, &blame, envelope, len);
    }
    return CSIG_OK;
}

static csig_err take_opening(csig_session *s, const csig_proven *proven, uint16_t from,
                             csig_list list, const uint8_t *envelope, size_t len)
{
    if (s->has_opened[from]) return s->phase == CSIG_FAILED ? s->blame.err : CSIG_OK;
    s->has_opened[from] = true;
    CSIG_TRY(compare(s, (uint8_t)(proven->blame.round - 1), list, envelope, len));
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
