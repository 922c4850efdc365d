/* Records of sessions: begun, written, replayed. */
#include "proto/record.h"

#include <string.h>

#include "base/mem.h"

#include "proto/state.h"

/* --- by who takes part --- */

static bool is_fresh(const csig_session *s)
{
    const bool speaks = s->begun && csig_round_has_due(s, 0, s->run.self);

    for (uint16_t j = 0; j < s->run.n; j++) {
        for (csig_cast cast = CSIG_CAST_ALL; cast <= CSIG_CAST_ECHO; cast++)
            if (s->seen[0][j][cast]) return false;
    }
    return s->started && s->phase == CSIG_RUNNING && s->round == 0 && speaks == (s->out != NULL);
}

csig_err csig_record_begin(csig_session *s)
{
    CSIG_REQUIRE(s->inputs.p != NULL && is_fresh(s), CSIG_E_STATE);
    s->recording = true;
    for (const csig_packet *p = s->out; p != NULL; p = p->next)
        CSIG_TRY(csig_log_keep(s, 0, s->run.self, CSIG_CAST_ALL, p->bytes, p->len));
    return CSIG_OK;
}

const uint8_t *csig_record_inputs(const csig_session *s, size_t *len)
{
    *len = s->inputs.len;
    return s->inputs.p;
}

/* What a round owes the record, in order: broadcasts, then echoes. */
static const csig_octets *kept(const csig_session *s, uint8_t round, uint16_t j, csig_cast cast)
{
    if (csig_round_body(s, round, j, cast) == 0) return NULL;
    return cast == CSIG_CAST_ECHO ? &s->echo_log[round][j] : &s->log[round][j];
}

static void add(uint8_t *out, size_t *at, const csig_octets *o)
{
    if (o == NULL) return;
    if (out != NULL) memcpy(out + *at, o->p, o->len);
    *at += o->len;
}

csig_err csig_record_envelopes(const csig_session *s, uint8_t *out, size_t *len)
{
    size_t at = 0;

    CSIG_REQUIRE(s->recording && s->phase == CSIG_DONE, CSIG_E_STATE);
    for (uint8_t r = 0; r < s->run.protocol->count; r++) {
        for (uint16_t j = 0; j < s->run.n; j++)
            add(out, &at, kept(s, r, j, CSIG_CAST_ALL));
        for (uint16_t j = 0; j < s->run.n; j++)
            add(out, &at, kept(s, r, j, CSIG_CAST_ECHO));
    }
    *len = at;
    return CSIG_OK;
}

/* --- by who was not there --- */

typedef struct reader {
    csig_session *s;
    const uint8_t *p;
    size_t len;
    uint16_t from; /* whose envelope is looked at; n: nobody's */
} reader;

/* The next envelope is this party's of this session, round and cast. */
static csig_err next(reader *in, uint16_t from, csig_cast cast, const uint8_t **body,
                     const uint8_t **envelope, size_t *len)
{
    const csig_session *s = in->s;
    csig_header h;

    *envelope = in->p;
    CSIG_TRY(csig_envelope_length(in->p, in->len, len));
    CSIG_TRY(csig_envelope_read(&h, body, in->p, *len));
    CSIG_REQUIRE(h.protocol == s->run.protocol->id, CSIG_E_SESSION);
    CSIG_REQUIRE(csig_is_same(h.ssid, s->run.ssid, CSIG_SSID_BYTES), CSIG_E_SESSION);
    CSIG_REQUIRE(h.from == s->run.index[from], CSIG_E_SENDER);
    CSIG_REQUIRE(h.round == s->round + 1 && h.cast == cast, CSIG_E_ROUND);
    CSIG_REQUIRE(h.body_len == csig_round_body(s, s->round, from, cast), CSIG_E_LENGTH);
    CSIG_TRY(csig_envelope_verify(in->p, *len, s->run.identity[from]));
    in->p += *len;
    in->len -= *len;
    return CSIG_OK;
}

static void chain_begin(uint8_t chain[32], const csig_session *s, const uint8_t *inputs, size_t len)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_RECORD);
    csig_transcript_u32(&t, 0);
    csig_transcript_bytes(&t, s->run.ssid, CSIG_SSID_BYTES);
    csig_transcript_bytes(&t, inputs, len);
    csig_transcript_hash32(&t, chain);
}

static csig_err take_broadcast(reader *in, uint16_t j, csig_transcript *chain)
{
    csig_session *s = in->s;
    const uint8_t *body, *envelope;
    uint8_t *hash = s->seen_hash[s->round][j][CSIG_CAST_ALL];
    size_t len;

    CSIG_TRY(next(in, j, CSIG_CAST_ALL, &body, &envelope, &len));
    csig_message_hash(hash, envelope, len);
    csig_transcript_party(chain, s->run.index[j]);
    csig_transcript_bytes(chain, hash, 32);
    return csig_slot_keep(csig_session_slot(s, s->round, j), s, s->round, j, body);
}

/* An echo is the hash of what is above it, signed by each: nobody was told anything else. */
static csig_err take_echo(reader *in, uint16_t j)
{
    const csig_session *s = in->s;
    const uint8_t *body, *envelope;
    uint8_t hash[CSIG_HASH_BYTES];
    size_t len;

    CSIG_TRY(next(in, j, CSIG_CAST_ECHO, &body, &envelope, &len));
    csig_echo_hash(s, s->round, hash);
    CSIG_REQUIRE(csig_is_same(body, hash, sizeof hash), CSIG_E_ECHO);
    return CSIG_OK;
}

/* One round: read, compared, checked, stepped through. */
static csig_err replay_round(reader *in, uint8_t chain[32])
{
    csig_session *s = in->s;
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_RECORD);
    csig_transcript_u32(&t, s->round + 1U);
    csig_transcript_bytes(&t, chain, 32);
    for (in->from = 0; in->from < s->run.n; in->from++)
        if (csig_round_has_due(s, s->round, in->from)) CSIG_TRY(take_broadcast(in, in->from, &t));
    for (in->from = 0; in->from < s->run.n && csig_round_has_echo(s, s->round); in->from++)
        CSIG_TRY(take_echo(in, in->from));
    for (in->from = 0; in->from < s->run.n; in->from++)
        if (csig_round_has_due(s, s->round, in->from)) CSIG_TRY(csig_session_check(s, in->from));
    csig_transcript_hash32(&t, chain);
    return csig_session_replay(s, true);
}

static csig_err replay(reader *in, uint8_t chain[32])
{
    csig_session *s = in->s;

    for (s->round = 0; s->round < s->run.protocol->count; s->round++) {
        CSIG_TRY(replay_round(in, chain));
        for (uint16_t j = 0; j < s->run.n; j++)
            csig_slot_clear(csig_session_slot(s, s->round, j));
    }
    return in->len == 0 ? CSIG_OK : CSIG_E_LENGTH;
}

static csig_blame blame_of(const reader *in, csig_err err)
{
    const csig_session *s = in->s;
    const bool ended = s->round == s->run.protocol->count;
    csig_blame b = {.err = err, .round = ended ? 0 : (uint8_t)(s->round + 1)};
    const char *where = ended ? "end" : csig_session_where(s, s->round);

    if (!ended && in->from < s->run.n) b.culprit = s->run.index[in->from];
    strncpy(b.where, where, sizeof b.where - 1);
    return b;
}

csig_err csig_record_replay(csig_replay *found, csig_session *s, const uint8_t *inputs,
                            size_t inputs_len, const uint8_t *in, size_t len)
{
    reader r = {.s = s, .p = in, .len = len, .from = s->run.n};
    csig_err err;

    CSIG_ASSERT(s->run.watching);
    *found = (csig_replay){.blame = {.err = CSIG_OK}};
    chain_begin(found->chain, s, inputs, inputs_len);
    err = replay(&r, found->chain);
    if (err != CSIG_OK) found->blame = blame_of(&r, err);
    return err;
}
