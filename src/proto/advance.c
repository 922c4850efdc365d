/* What follows from what is there: begin the round, echo, compare, decode, check, step; then the
 * next round, until something is missing. */
#include <string.h>

#include "base/mem.h"
#include "countersign/evidence.h"
#include "proto/state.h"

/* Of all others that owe it in this round, has every one sent it? */
static bool has_all(const csig_session *s, csig_cast cast)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        const bool owed = csig_round_body(s, s->round, j, cast) > 0;

        if (j != s->run.self && owed && !s->seen[s->round][j][cast]) return false;
    }
    return true;
}

static csig_err compare_echoes(csig_session *s)
{
    uint8_t hash[CSIG_HASH_BYTES];

    if (!csig_round_has_echo(s, s->round)) return CSIG_OK;
    csig_echo_hash(s, s->round, hash);
    for (uint16_t j = 0; j < s->run.n; j++) {
        const csig_slot *slot = csig_session_slot(s, s->round, j);

        if (j == s->run.self) continue;
        if (csig_is_same(slot->echo, hash, sizeof hash)) continue;
        s->exhibit[0] = s->echo_log[s->round][j].p;
        s->exhibit_len[0] = s->echo_log[s->round][j].len;
        return CSIG_E_ECHO;
    }
    return CSIG_OK;
}

/* --- one peer's message --- */

static csig_err open_p2p(csig_session *s, uint16_t from, const uint8_t *p2p, void *msg)
{
    const csig_round *round = csig_session_round(s, s->round);
    const size_t len = s->size[s->round].p2p;
    CSIG_AUTO(csig_peer_key) key;
    csig_err err;

    CSIG_TRY(csig_peer_key_agree(&key, s, from, false));
    CSIG_TRY(csig_box_open(s->plain, p2p + CSIG_HEADER_BYTES, len + CSIG_BOX_TAG_BYTES, p2p,
                           CSIG_HEADER_BYTES, key.b, s->round + 1U));
    err = csig_wire_read_shaped(round->p2p, &s->run.shape, msg, s->plain, len);
    csig_wipe(s->plain, len);
    return err;
}

/* Decoded messages of one round: n times bcast and part. The p2p pieces are in locked memory. */
typedef struct table {
    uint8_t *open;
    size_t bcast, part; /* strides */
    csig_in in[CSIG_MAX_PARTIES];
} table;

static csig_err read_one(csig_session *s, const table *t, uint16_t j, csig_in *in)
{
    const csig_round *round = csig_session_round(s, s->round);
    const csig_sizes size = s->size[s->round];
    const csig_slot *slot = csig_session_slot(s, s->round, j);
    const uint8_t *at = slot->bcast;
    uint8_t *open = t->open + j * (t->bcast + t->part);
    uint8_t *p2p = s->p2p + j * s->p2p_stride;

    if (size.preamble > 0) {
        CSIG_TRY(csig_preamble_read(s, j, at));
        at += size.preamble;
    }
    if (round->bcast != NULL) {
        CSIG_TRY(csig_wire_read_shaped(round->bcast, &s->run.shape, open, at, size.bcast));
        in->bcast = open;
        at += size.bcast;
    }
    if (round->part != NULL && j != s->run.self) {
        CSIG_TRY(csig_wire_read_shaped(round->part, &s->run.shape, open + t->bcast, at, size.part));
        in->part = open + t->bcast;
    }
    if (round->p2p != NULL && !s->run.watching) {
        CSIG_TRY(open_p2p(s, j, slot->p2p, p2p));
        in->p2p = p2p;
    }
    return CSIG_OK;
}

/* Whatever is malformed in a signed message is its sender's doing. */
static csig_err judge(csig_err err)
{
    return csig_err_class(err) == CSIG_CLASS_INPUT ? CSIG_E_MESSAGE : err;
}

static csig_err check_one(csig_session *s, table *t, uint16_t j)
{
    const csig_round *round = csig_session_round(s, s->round);

    CSIG_TRY(judge(read_one(s, t, j, &t->in[j])));
    if (round->check == NULL) return CSIG_OK;
    return judge(round->check(&s->run, j, &t->in[j]));
}

/* Decoded, checked or not, and stepped: a round seen by somebody who only watches. */
static csig_err replay(csig_session *s, table *t, bool has_messages)
{
    const csig_round *round = csig_session_round(s, s->round);
    uint16_t culprit = s->run.n;

    for (uint16_t j = 0; has_messages && j < s->run.n; j++) {
        if (!csig_round_has_due(s, s->round, j)) continue;
        CSIG_TRY(judge(read_one(s, t, j, &t->in[j])));
    }
    return round->step == NULL ? CSIG_OK : round->step(&s->run, t->in, &culprit);
}

static csig_err check_and_step(csig_session *s, table *t, uint16_t *culprit)
{
    const csig_round *round = csig_session_round(s, s->round);

    for (uint16_t j = 0; j < s->run.n; j++) {
        if (j == s->run.self || !csig_round_has_due(s, s->round, j)) continue;
        *culprit = j;
        CSIG_TRY(check_one(s, t, j));
    }
    *culprit = s->run.n;
    if (round->step == NULL) return CSIG_OK;
    return round->step(&s->run, t->in, culprit);
}

/* --- the round --- */

static csig_err table_new(table *t, const csig_session *s)
{
    const csig_round *round = csig_session_round(s, s->round);

    *t = (table){
        .bcast = csig_aligned(round->bcast_size),
        .part = csig_aligned(round->part_size),
    };
    /* One octet more: an allocation of nothing may be NULL. */
    t->open = csig_public_alloc(s->run.n * (t->bcast + t->part) + 1);
    CSIG_REQUIRE(t->open != NULL, CSIG_E_MEMORY);
    return CSIG_OK;
}

csig_err csig_session_replay(csig_session *s, bool has_messages)
{
    csig_err err;
    table t;

    CSIG_ASSERT(s->run.watching);
    CSIG_TRY(table_new(&t, s));
    err = replay(s, &t, has_messages);
    csig_public_free(t.open);
    return err;
}

csig_err csig_session_check(csig_session *s, uint16_t from)
{
    csig_err err;
    table t;

    CSIG_ASSERT(s->run.watching);
    CSIG_TRY(table_new(&t, s));
    err = check_one(s, &t, from);
    csig_public_free(t.open);
    return err;
}

static csig_err complete(csig_session *s, uint16_t *culprit)
{
    csig_err err;
    table t;

    CSIG_TRY(compare_echoes(s));
    CSIG_TRY(table_new(&t, s));
    err = check_and_step(s, &t, culprit);
    csig_public_free(t.open);
    csig_wipe(s->p2p, s->run.n * s->p2p_stride);
    return err;
}

static void next_round(csig_session *s)
{
    for (uint16_t j = 0; j < s->run.n; j++)
        csig_slot_clear(csig_session_slot(s, s->round, j));
    s->round++;
    s->begun = false;
    s->echo_sent = false;
    if (s->round == s->run.protocol->count) csig_session_finish(s);
}

static csig_err begin(csig_session *s)
{
    const csig_round *round = csig_session_round(s, s->round);

    s->begun = true;
    if (!csig_round_has_due(s, s->round, s->run.self)) return CSIG_OK;
    if (round->hold) s->holding = true;
    if (round->late) return CSIG_OK;
    CSIG_TRY(csig_make_message(s));
    return CSIG_OK;
}

/* Does this round go on without any other party's message? Then what follows it is made before the
 * host is asked to store, and one durable write covers both. Never the last round: the session is
 * not through before its host has confirmed. */
static bool is_alone(const csig_session *s)
{
    if (s->round + 1 == s->run.protocol->count) return false;
    if (csig_round_has_echo(s, s->round) || csig_session_round(s, s->round)->late) return false;
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (j != s->run.self && csig_round_has_due(s, s->round, j)) return false;
    }
    return true;
}

/* Held messages wait for the host before anybody else's are looked at. */
static void stop_to_store(csig_session *s)
{
    if (s->holding && s->begun && !is_alone(s)) s->phase = CSIG_STORE;
}

/* --- the error round --- */

/* Sums of what all have agreed on do not match, so all are here. What the host sees while it waits
 * says so; the secrets are needed no more. */
static csig_err begin_dispute(csig_session *s)
{
    const uint8_t round = s->run.protocol->count;
    csig_err err;

    s->disputing = true;
    s->blame = (csig_blame){.err = CSIG_E_SUM, .round = (uint8_t)(round + 1)};
    strncpy(s->blame.where, csig_session_where(s, round), sizeof s->blame.where - 1);
    err = csig_make_error(s);
    csig_wipe(s->run.secret, s->run.protocol->secret_bytes(s->run.n));
    return err;
}

/* The first whose proofs fail. When none does, nobody can be named. */
static csig_err work_on_dispute(csig_session *s, uint16_t *culprit, bool *idle)
{
    const csig_error_round *round = s->run.protocol->error;

    for (uint16_t j = 0; j < s->run.n; j++) {
        *idle = s->run.body[CSIG_ERROR_ROUND][j] == NULL;
        if (*idle) return CSIG_OK;
    }
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (j == s->run.self) continue;
        *culprit = j;
        CSIG_TRY(judge(round->check(&s->run, j, s->run.body[CSIG_ERROR_ROUND][j])));
    }
    *culprit = s->run.n;
    return CSIG_E_SUM;
}

/* One thing that can be done now; *idle: there is none. */
static csig_err work(csig_session *s, uint16_t *culprit, bool *idle)
{
    const bool echo = csig_round_has_echo(s, s->round);
    csig_err err;

    if (s->disputing) return work_on_dispute(s, culprit, idle);
    if (!s->begun) {
        *idle = s->moves_last && s->round == 0 && !has_all(s, CSIG_CAST_ALL);
        return *idle ? CSIG_OK : begin(s);
    }
    *idle = !has_all(s, CSIG_CAST_ALL);
    if (*idle) return CSIG_OK;
    if (echo && !s->echo_sent) {
        s->echo_sent = true;
        return csig_make_echo(s);
    }
    *idle = !has_all(s, CSIG_CAST_ONE) || (echo && !has_all(s, CSIG_CAST_ECHO));
    if (*idle) return CSIG_OK;
    err = complete(s, culprit);
    if (err == CSIG_E_SUM && *culprit == s->run.n && csig_session_has_error_round(s))
        return begin_dispute(s);
    CSIG_TRY(err);
    next_round(s);
    return CSIG_OK;
}

csig_err csig_session_advance(csig_session *s)
{
    bool idle = false;

    while (s->phase == CSIG_RUNNING && !idle) {
        uint16_t culprit = s->run.n;
        const csig_err err = work(s, &culprit, &idle);
        /* Only a message can be blamed on its sender, not what this machine lacks. */
        const bool cheat = csig_err_class(err) == CSIG_CLASS_CHEAT;

        if (err != CSIG_OK)
            return csig_session_fail(s, err, cheat ? culprit : s->run.n,
                                     s->disputing ? s->run.protocol->count : s->round);
        if (s->phase == CSIG_RUNNING) stop_to_store(s);
    }
    return CSIG_OK;
}

static bool is_missing(const csig_session *s, uint16_t j)
{
    if (j == s->run.self) return false;
    if (s->disputing) return s->run.body[CSIG_ERROR_ROUND][j] == NULL;
    for (csig_cast cast = CSIG_CAST_ALL; cast <= CSIG_CAST_ECHO; cast++) {
        if (csig_round_body(s, s->round, j, cast) > 0 && !s->seen[s->round][j][cast]) return true;
    }
    return false;
}

size_t csig_session_missing(const csig_session *s, uint16_t indices[CSIG_PARTIES_MAX])
{
    size_t count = 0;

    if (s->phase != CSIG_RUNNING) return 0;
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (is_missing(s, j)) indices[count++] = s->run.index[j];
    }
    return count;
}
