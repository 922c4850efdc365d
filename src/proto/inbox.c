/* One envelope in. The order of the checks is the order of what can be known: until the signature
 * holds, anybody may have sent it, so nothing changes and nobody is blamed; after it, what is wrong
 * is its sender's fault. */
#include <string.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/state.h"

void csig_slot_clear(csig_slot *slot)
{
    csig_public_free(slot->bcast);
    csig_public_free(slot->p2p);
    memset(slot, 0, sizeof *slot);
}

void csig_message_hash(uint8_t hash[32], const uint8_t *envelope, size_t len)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_BROADCAST);
    csig_transcript_bytes(&t, envelope, len - CSIG_ED_SIG_BYTES);
    csig_transcript_hash32(&t, hash);
}

/* Nothing has changed but what csig_session_blame says; in a dispute it goes on to say that. */
static csig_err refuse(csig_session *s, csig_err err, const char *where)
{
    if (s->disputing) return err;
    s->blame = (csig_blame){.err = err, .round = (uint8_t)(s->round + 1)};
    strncpy(s->blame.where, where, sizeof s->blame.where - 1);
    return err;
}

/* The position of the sender; n: not one of us, or ourselves. */
static uint16_t sender(const csig_session *s, const csig_header *h)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (s->run.index[j] == h->from && j != s->run.self) return j;
    }
    return s->run.n;
}

/* Under another ssid. Two honest parties that see different inputs learn which one differs from
 * the first broadcast; everything else is not for this session. */
static csig_err judge_other_session(const csig_session *s, const csig_header *h, uint16_t from,
                                    const uint8_t *in, size_t len, const char **where)
{
    const char *field = NULL;

    CSIG_REQUIRE(h->round == 1 && h->cast == CSIG_CAST_ALL, CSIG_E_SESSION);
    CSIG_REQUIRE(csig_envelope_verify(in, len, s->run.identity[from]) == CSIG_OK, CSIG_E_SESSION);
    field = csig_preamble_difference(s, in + CSIG_HEADER_BYTES, h->body_len);
    CSIG_REQUIRE(field != NULL, CSIG_E_SESSION);
    *where = field;
    return CSIG_E_SSID;
}

static bool is_error_round(const csig_session *s, const csig_header *h)
{
    return csig_session_has_log(s) && s->run.protocol->error != NULL &&
           h->round == s->run.protocol->count + 1 && h->cast == CSIG_CAST_ALL;
}

/* Everything up to the round: whether this is an envelope that its sender made for this session and
 * that can be looked at now. */
static csig_err admit(const csig_session *s, csig_header *h, uint16_t *from, const uint8_t *in,
                      size_t len, const char **where)
{
    const uint8_t *body;

    CSIG_TRY(csig_envelope_read(h, &body, in, len));
    CSIG_REQUIRE(h->cast != CSIG_CAST_ABORT || csig_session_has_log(s), CSIG_E_FORMAT);
    CSIG_REQUIRE(h->protocol == s->run.protocol->id, CSIG_E_SESSION);
    *from = sender(s, h);
    CSIG_REQUIRE(*from < s->run.n, CSIG_E_SENDER);
    CSIG_REQUIRE(h->to == CSIG_TO_ALL || h->to == s->run.index[s->run.self], CSIG_E_SENDER);
    if (!csig_is_same(h->ssid, s->run.ssid, CSIG_SSID_BYTES))
        return judge_other_session(s, h, *from, in, len, where);
    CSIG_TRY(csig_envelope_verify(in, len, s->run.identity[*from]));
    if (h->cast == CSIG_CAST_ABORT) return CSIG_OK;
    if (is_error_round(s, h)) return CSIG_OK;
    CSIG_REQUIRE(h->round >= 1 && h->round <= s->run.protocol->count, CSIG_E_ROUND);
    CSIG_REQUIRE(h->round <= s->round + 1 + CSIG_ROUNDS_AHEAD, CSIG_E_ROUND);
    return CSIG_OK;
}

static uint8_t *copy(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    uint8_t *p = csig_public_alloc(a_len + b_len);

    if (p == NULL) return NULL;
    memcpy(p, a, a_len);
    if (b_len > 0) memcpy(p + a_len, b, b_len);
    return p;
}

/* Keep of a broadcast what this party will look at; the rest lives on in its hash. */
csig_err csig_slot_keep(csig_slot *slot, const csig_session *s, uint8_t round, uint16_t from,
                        const uint8_t *body)
{
    csig_sizes size = s->size[round];
    const size_t common = size.preamble + size.bcast;

    if (from == s->run.self) size.part = 0; /* of the one for whom somebody watches */
    /* The sender's parts are in order of position without its own. */
    const size_t nth = s->run.self < from ? s->run.self : s->run.self - 1U;

    slot->bcast = copy(body, common, body + common + nth * size.part, size.part);
    CSIG_REQUIRE(slot->bcast != NULL, CSIG_E_MEMORY);
    return CSIG_OK;
}

static csig_err keep(csig_session *s, const csig_header *h, uint16_t from, const uint8_t *in)
{
    const uint8_t round = (uint8_t)(h->round - 1);
    const uint8_t *body = in + CSIG_HEADER_BYTES;
    csig_slot *slot = csig_session_slot(s, round, from);

    switch ((csig_cast)h->cast) {
    case CSIG_CAST_ALL:
        return csig_slot_keep(slot, s, round, from, body);
    case CSIG_CAST_ONE:
        slot->p2p = copy(in, CSIG_HEADER_BYTES, body, h->body_len);
        CSIG_REQUIRE(slot->p2p != NULL, CSIG_E_MEMORY);
        return CSIG_OK;
    case CSIG_CAST_ECHO:
        memcpy(slot->echo, body, CSIG_HASH_BYTES);
        return CSIG_OK;
    case CSIG_CAST_ABORT:
        break;
    }
    return CSIG_E_FORMAT;
}

/* What the session is about to fail over. */
static csig_err fail_over(csig_session *s, csig_err err, uint16_t from, uint8_t round,
                          const csig_octets *earlier, const uint8_t *envelope, size_t len)
{
    s->exhibit[0] = envelope;
    s->exhibit_len[0] = len;
    s->exhibit[1] = earlier != NULL ? earlier->p : NULL;
    s->exhibit_len[1] = earlier != NULL ? earlier->len : 0;
    return csig_session_fail(s, err, from, round);
}

/* The sums may still match here: a peer's round 3 is a message behind its error round. */
static csig_err take_error(csig_session *s, const csig_header *h, uint16_t from,
                           const uint8_t *envelope, size_t len)
{
    const csig_octets *earlier = &s->log[CSIG_ERROR_ROUND][from];
    const uint8_t round = s->run.protocol->count;
    csig_err err;

    if (earlier->p != NULL) {
        if (earlier->len == len && csig_is_same(earlier->p, envelope, len - CSIG_ED_SIG_BYTES))
            return CSIG_OK;
        return fail_over(s, CSIG_E_EQUIVOCATE, from, round, earlier, envelope, len);
    }
    if (h->body_len != s->run.protocol->error->bytes(&s->run))
        return fail_over(s, CSIG_E_MESSAGE, from, round, NULL, envelope, len);
    err = csig_log_keep(s, CSIG_ERROR_ROUND, from, CSIG_CAST_ALL, envelope, len);
    if (err != CSIG_OK) return csig_session_fail(s, err, s->run.n, s->round);
    return csig_session_advance(s);
}

/* Of a failed session only accusations are heard: one that names somebody earlier is the verdict.
 */
static csig_err recv_failed(csig_session *s, const uint8_t *envelope, size_t len)
{
    const char *where = NULL;
    csig_header h;
    uint16_t from;

    CSIG_REQUIRE(csig_session_is_telling(s), CSIG_E_STATE);
    CSIG_REQUIRE(admit(s, &h, &from, envelope, len, &where) == CSIG_OK, CSIG_E_STATE);
    CSIG_REQUIRE(h.cast == CSIG_CAST_ABORT, CSIG_E_STATE);
    return csig_abort_take(s, from, envelope, len);
}

/* The earlier one of a round that said something else; only broadcasts and echoes are kept. */
static const csig_octets *earlier_of(const csig_session *s, const csig_header *h, uint16_t from)
{
    const uint8_t round = (uint8_t)(h->round - 1);

    return h->cast == CSIG_CAST_ECHO ? &s->echo_log[round][from] : &s->log[round][from];
}

csig_err csig_session_recv(csig_session *s, const uint8_t *envelope, size_t len)
{
    const char *where = NULL;
    csig_header h;
    uint16_t from;
    uint8_t round, hash[32];
    csig_err err;

    CSIG_REQUIRE(s != NULL && (envelope != NULL || len == 0), CSIG_E_ARGUMENT);
    CSIG_REQUIRE(s->started, CSIG_E_STATE);
    if (s->phase == CSIG_FAILED) return recv_failed(s, envelope, len);
    CSIG_REQUIRE(s->phase == CSIG_RUNNING || s->phase == CSIG_STORE, CSIG_E_STATE);
    err = admit(s, &h, &from, envelope, len, &where);
    if (err != CSIG_OK)
        return refuse(s, err, where != NULL ? where : csig_session_round(s, s->round)->name);

    /* From here on the sender answers for it. */
    if (h.cast == CSIG_CAST_ABORT) return csig_abort_take(s, from, envelope, len);
    if (is_error_round(s, &h)) return take_error(s, &h, from, envelope, len);
    round = (uint8_t)(h.round - 1);
    csig_message_hash(hash, envelope, len);
    if (s->seen[round][from][h.cast]) {
        if (csig_is_same(s->seen_hash[round][from][h.cast], hash, sizeof hash)) return CSIG_OK;
        return fail_over(s, CSIG_E_EQUIVOCATE, from, round, earlier_of(s, &h, from), envelope, len);
    }
    if (h.body_len == 0 || h.body_len != csig_round_body(s, round, from, (csig_cast)h.cast))
        return fail_over(s, CSIG_E_MESSAGE, from, round, NULL, envelope, len);
    err = keep(s, &h, from, envelope);
    if (err == CSIG_OK && csig_session_is_kept(s))
        err = csig_log_keep(s, round, from, (csig_cast)h.cast, envelope, len);
    if (err != CSIG_OK) return csig_session_fail(s, err, s->run.n, round);
    s->seen[round][from][h.cast] = true;
    memcpy(s->seen_hash[round][from][h.cast], hash, sizeof hash);
    csig_rng_hear(&s->secrets->rng, hash, sizeof hash);
    return csig_session_advance(s);
}
