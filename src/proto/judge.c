/* Claims, judged by whoever was not there. A session that only watches is made from the inputs;
 * what the accused has had is played to it; then what the accused sent is checked by the code that
 * checks it in a session. */
#include <string.h>

#include "base/mem.h"
#include "proto/evidence.h"
#include "proto/state.h"

csig_err csig_list_next(csig_listed *e, csig_list *list, const csig_session *s)
{
    csig_header h;

    CSIG_TRY(csig_envelope_length(list->p, list->len, &e->len));
    e->p = list->p;
    CSIG_TRY(csig_envelope_read(&h, &e->body, e->p, e->len));
    CSIG_REQUIRE(h.protocol == s->run.protocol->id, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(csig_is_same(h.ssid, s->run.ssid, CSIG_SSID_BYTES), CSIG_E_EVIDENCE);
    e->from = 0;
    while (e->from < s->run.n && s->run.index[e->from] != h.from)
        e->from++;
    CSIG_REQUIRE(e->from < s->run.n, CSIG_E_EVIDENCE);
    CSIG_TRY(csig_envelope_verify(e->p, e->len, s->run.identity[e->from]));
    e->to = h.to;
    e->round = h.round;
    e->cast = h.cast;
    e->body_len = h.body_len;
    list->p += e->len;
    list->len -= e->len;
    return CSIG_OK;
}

/* The next one is this party's broadcast or echo of this round (from 0), of the right length. */
static csig_err next_of(csig_listed *e, csig_list *list, const csig_session *s, uint8_t round,
                        uint16_t from, csig_cast cast)
{
    CSIG_TRY(csig_list_next(e, list, s));
    CSIG_REQUIRE(e->from == from && e->cast == cast && e->round == round + 1, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(e->body_len == csig_round_body(s, round, from, cast), CSIG_E_EVIDENCE);
    return CSIG_OK;
}

/* --- what the accused has had --- */

/* Every broadcast of a round. Afterwards csig_echo_hash is the hash of these. */
static csig_err take_broadcasts(csig_session *s, csig_list *list, uint8_t round)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        csig_listed e;

        if (csig_round_body(s, round, j, CSIG_CAST_ALL) == 0) continue;
        CSIG_TRY(next_of(&e, list, s, round, j, CSIG_CAST_ALL));
        csig_message_hash(s->seen_hash[round][j][CSIG_CAST_ALL], e.p, e.len);
        CSIG_TRY(csig_log_keep(s, round, j, CSIG_CAST_ALL, e.p, e.len));
        csig_slot_clear(csig_session_slot(s, round, j));
        CSIG_TRY(csig_slot_keep(csig_session_slot(s, round, j), s, round, j, e.body));
    }
    return CSIG_OK;
}

/* Its echo says that it had these. */
static csig_err take_round(csig_session *s, csig_list *list, uint8_t round, uint16_t accused)
{
    uint8_t hash[CSIG_HASH_BYTES];
    csig_listed echo;

    CSIG_TRY(take_broadcasts(s, list, round));
    CSIG_TRY(next_of(&echo, list, s, round, accused, CSIG_CAST_ECHO));
    csig_echo_hash(s, round, hash);
    CSIG_REQUIRE(csig_is_same(echo.body, hash, sizeof hash), CSIG_E_EVIDENCE);
    return CSIG_OK;
}

/* Whoever came to the error round has seen sums that do not match. */
static csig_err take_rounds(csig_session *s, csig_list *list, uint8_t end, uint16_t accused,
                            bool sums_fail)
{
    for (uint8_t r = 0; r < end; r++) {
        const bool echoed = csig_round_has_echo(s, r);
        csig_err err;

        s->round = r;
        if (echoed) CSIG_TRY(take_round(s, list, r, accused));
        err = csig_session_replay(s, echoed);
        if (sums_fail && r + 1 == end) {
            CSIG_REQUIRE(err == CSIG_E_SUM, CSIG_E_EVIDENCE);
            err = CSIG_OK;
        }
        CSIG_TRY(err);
    }
    return CSIG_OK;
}

/* --- the sorts --- */

static csig_err hold_against(csig_proven *proven, const csig_session *s, csig_err err, uint16_t who,
                             uint8_t round)
{
    CSIG_REQUIRE(csig_err_class(err) != CSIG_CLASS_LOCAL, err);
    CSIG_REQUIRE(csig_err_class(err) == CSIG_CLASS_CHEAT, CSIG_E_EVIDENCE);
    proven->culprit = who;
    proven->blame =
        (csig_blame){.err = err, .culprit = s->run.index[who], .round = (uint8_t)(round + 1)};
    strncpy(proven->blame.where, csig_session_where(s, round), sizeof proven->blame.where - 1);
    return CSIG_OK;
}

static csig_err judge_error_round(csig_proven *proven, csig_session *s, const csig_listed *what,
                                  csig_list *list)
{
    const csig_protocol *p = s->run.protocol;
    csig_err err = CSIG_E_MESSAGE;

    if (what->body_len == p->error->bytes(&s->run)) {
        CSIG_TRY(take_rounds(s, list, p->error->after, what->from, true));
        err = p->error->check(&s->run, what->from, what->body);
        if (csig_err_class(err) == CSIG_CLASS_INPUT) err = CSIG_E_MESSAGE;
    }
    return hold_against(proven, s, err, what->from, p->count);
}

/* Before the envelopes stands what the accuser opens. */
static csig_err take_testimony(const uint8_t **testimony, const csig_session *s,
                               const csig_claim *c, csig_list *list)
{
    const csig_protocol *p = s->run.protocol;
    const csig_testimony *t;

    *testimony = NULL;
    if (c->sort != CSIG_SORT_COMPLAINT) return CSIG_OK;
    CSIG_REQUIRE(c->round >= 1 && c->round <= p->count, CSIG_E_EVIDENCE);
    t = p->rounds[c->round - 1]->testimony;
    CSIG_REQUIRE(t != NULL && list->len >= t->bytes, CSIG_E_EVIDENCE);
    *testimony = list->p;
    list->p += t->bytes;
    list->len -= t->bytes;
    return CSIG_OK;
}

static csig_err judge_check(csig_proven *proven, csig_session *s, const csig_claim *c,
                            csig_list *list)
{
    const csig_protocol *p = s->run.protocol;
    const uint8_t *testimony;
    csig_listed what;
    uint8_t round;

    CSIG_TRY(take_testimony(&testimony, s, c, list));
    CSIG_TRY(csig_list_next(&what, list, s));
    CSIG_REQUIRE(what.round == c->round && what.round >= 1, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(what.from != s->run.self && what.cast != CSIG_CAST_ABORT, CSIG_E_EVIDENCE);
    round = (uint8_t)(what.round - 1);
    if (round == p->count && p->error != NULL && what.cast == CSIG_CAST_ALL)
        return judge_error_round(proven, s, &what, list);
    CSIG_REQUIRE(round < p->count, CSIG_E_EVIDENCE);
    if (what.body_len == 0 ||
        what.body_len != csig_round_body(s, round, what.from, (csig_cast)what.cast)) {
        CSIG_REQUIRE(testimony == NULL, CSIG_E_EVIDENCE);
        return hold_against(proven, s, CSIG_E_MESSAGE, what.from, round);
    }
    CSIG_REQUIRE(what.cast == CSIG_CAST_ALL, CSIG_E_EVIDENCE);
    CSIG_TRY(take_rounds(s, list, round, what.from, false));
    s->round = round;
    if (testimony != NULL)
        CSIG_TRY(
            p->rounds[round]->testimony->take(&s->run, what.from, (csig_err)c->err, testimony));
    csig_slot_clear(csig_session_slot(s, round, what.from));
    CSIG_TRY(
        csig_slot_keep(csig_session_slot(s, round, what.from), s, round, what.from, what.body));
    return hold_against(proven, s, csig_session_check(s, what.from), what.from, round);
}

/* One round, one cast, one recipient, two contents. */
static csig_err judge_two(csig_proven *proven, csig_session *s, const csig_claim *c,
                          csig_list *list)
{
    csig_listed a, b;
    uint8_t hash_a[32], hash_b[32];

    CSIG_TRY(csig_list_next(&a, list, s));
    CSIG_TRY(csig_list_next(&b, list, s));
    CSIG_REQUIRE(a.from == b.from && a.to == b.to && a.cast == b.cast && a.round == b.round,
                 CSIG_E_EVIDENCE);
    CSIG_REQUIRE(a.cast != CSIG_CAST_ABORT && a.round == c->round, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(a.round >= 1 && a.round <= s->run.protocol->count + 1, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(a.round <= s->run.protocol->count || s->run.protocol->error != NULL,
                 CSIG_E_EVIDENCE);
    csig_message_hash(hash_a, a.p, a.len);
    csig_message_hash(hash_b, b.p, b.len);
    CSIG_REQUIRE(!csig_is_same(hash_a, hash_b, sizeof hash_a), CSIG_E_EVIDENCE);
    return hold_against(proven, s, CSIG_E_EQUIVOCATE, a.from, (uint8_t)(a.round - 1));
}

/* It holds when what it carries does not. */
static csig_err judge_accusation(csig_proven *proven, csig_session *s, const csig_claim *c,
                                 csig_list *list)
{
    csig_listed abort;
    csig_proven other;
    csig_err err;

    CSIG_TRY(csig_list_next(&abort, list, s));
    CSIG_REQUIRE(abort.cast == CSIG_CAST_ABORT && abort.round == c->round, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(abort.round >= 1 && abort.round <= s->run.protocol->count + 1, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(abort.round <= s->run.protocol->count || s->run.protocol->error != NULL,
                 CSIG_E_EVIDENCE);
    err = csig_abort_judge(&other, s, abort.from, abort.body, abort.body_len);
    CSIG_REQUIRE(csig_err_class(err) != CSIG_CLASS_LOCAL, err);
    CSIG_REQUIRE(err != CSIG_OK, CSIG_E_EVIDENCE);
    return hold_against(proven, s, CSIG_E_ACCUSE, abort.from, (uint8_t)(abort.round - 1));
}

/* --- a claim --- */

static csig_err judge_in(csig_proven *proven, csig_session *s, const csig_claim *c, csig_list list)
{
    csig_err err = CSIG_E_EVIDENCE;

    proven->sort = (csig_sort)c->sort;
    if (c->sort == CSIG_SORT_CHECK || c->sort == CSIG_SORT_COMPLAINT)
        err = judge_check(proven, s, c, &list);
    if (c->sort == CSIG_SORT_EQUIVOCATE) err = judge_two(proven, s, c, &list);
    if (c->sort == CSIG_SORT_ACCUSATION) err = judge_accusation(proven, s, c, &list);
    /* A lie told on the way here by somebody else convicts nobody. */
    if (csig_err_class(err) == CSIG_CLASS_CHEAT) err = CSIG_E_EVIDENCE;
    CSIG_TRY(err);
    CSIG_REQUIRE(list.len == 0, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(proven->blame.err == (csig_err)c->err, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(proven->blame.culprit == c->accused, CSIG_E_EVIDENCE);
    return CSIG_OK;
}

csig_err csig_claim_judge(csig_proven *proven, csig_session **watching,
                          const csig_protocol *protocol, const uint8_t *ssid, const uint8_t *in,
                          size_t len)
{
    const uint8_t *inputs;
    csig_session *s = NULL;
    csig_list list;
    csig_claim c;
    csig_err err;

    CSIG_TRY(csig_claim_read(&c, &inputs, &list.p, &list.len, in, len));
    CSIG_REQUIRE(c.protocol == protocol->id && protocol->watch != NULL, CSIG_E_EVIDENCE);
    CSIG_TRY(protocol->watch(&s, protocol, inputs, c.inputs_len, c.accuser));
    err = ssid == NULL || csig_is_same(ssid, s->run.ssid, CSIG_SSID_BYTES) ? CSIG_OK
                                                                           : CSIG_E_EVIDENCE;
    if (err == CSIG_OK) err = judge_in(proven, s, &c, list);
    if (err == CSIG_OK && watching != NULL) {
        *watching = s;
        return CSIG_OK;
    }
    csig_session_free(s);
    return err;
}

/* --- an abort --- */

/* Everybody's broadcast, and an echo of another list: so two parties were told different things, or
 * the echo's sender lies. Its order and signatures are checked, none of its contents. */
static csig_err judge_opening(csig_proven *proven, const csig_session *s, const csig_claim *c,
                              uint16_t from, csig_list list)
{
    csig_transcript t;
    uint8_t hash[CSIG_HASH_BYTES];
    csig_listed e;
    uint8_t round;

    CSIG_REQUIRE(c->inputs_len == 0 && c->accused == 0 && c->err == CSIG_E_ECHO, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(c->accuser == s->run.index[from], CSIG_E_EVIDENCE);
    CSIG_REQUIRE(c->round >= 1 && c->round <= s->run.protocol->count, CSIG_E_EVIDENCE);
    round = (uint8_t)(c->round - 1);
    CSIG_REQUIRE(csig_round_has_echo(s, round), CSIG_E_EVIDENCE);
    csig_echo_begin(&t, s, round);
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (csig_round_body(s, round, j, CSIG_CAST_ALL) == 0) continue;
        CSIG_TRY(next_of(&e, &list, s, round, j, CSIG_CAST_ALL));
        csig_message_hash(hash, e.p, e.len);
        csig_echo_add(&t, s, j, hash);
    }
    CSIG_TRY(csig_list_next(&e, &list, s));
    CSIG_REQUIRE(e.cast == CSIG_CAST_ECHO && e.round == c->round, CSIG_E_EVIDENCE);
    CSIG_REQUIRE(e.from != from && e.body_len == CSIG_HASH_BYTES, CSIG_E_EVIDENCE);
    csig_transcript_hash(&t, hash);
    CSIG_REQUIRE(!csig_is_same(e.body, hash, sizeof hash) && list.len == 0, CSIG_E_EVIDENCE);
    proven->sort = CSIG_SORT_OPENING;
    proven->culprit = s->run.n;
    proven->blame = (csig_blame){.err = CSIG_E_ECHO, .round = c->round};
    strncpy(proven->blame.where, csig_session_where(s, round), sizeof proven->blame.where - 1);
    return CSIG_OK;
}

csig_err csig_abort_judge(csig_proven *proven, csig_session *s, uint16_t from, const uint8_t *in,
                          size_t len)
{
    const uint8_t *inputs;
    csig_list list;
    csig_claim c;

    CSIG_TRY(csig_claim_read(&c, &inputs, &list.p, &list.len, in, len));
    CSIG_REQUIRE(c.protocol == s->run.protocol->id, CSIG_E_EVIDENCE);
    if (c.sort == CSIG_SORT_OPENING) return judge_opening(proven, s, &c, from, list);
    CSIG_REQUIRE(c.sort != CSIG_SORT_ACCUSATION && c.accuser == s->run.index[from],
                 CSIG_E_EVIDENCE);
    return csig_claim_judge(proven, NULL, s->run.protocol, s->run.ssid, in, len);
}
