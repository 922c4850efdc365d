#include "matrix/perform.h"

#include <stdlib.h>
#include <string.h>

#include "matrix/judge.h"

/* --- a field --- */

typedef struct twisted {
    liar_twist twist;
    const stage *st;
} twisted;

static void twist_and_mend(void *ctx, uint8_t *piece, size_t len)
{
    twisted *t = ctx;
    const matrix_play *play = t->st->play;

    liar_twist_field(&t->twist, piece, len);
    if (play->mend != NULL) play->mend(play->ctx, t->st->round, &t->twist.field, piece, len);
}

/* In this round at the latest. */
static uint8_t latest(const stage *st, const matrix_case *c)
{
    for (size_t i = 0; i < st->play->lates; i++) {
        const matrix_late *late = &st->play->late[i];

        if (late->round == st->round && late->piece == c->piece && c->number >= late->first &&
            c->number <= late->last)
            return late->found;
    }
    return st->round;
}

static bool is_any_failed(const stage *st)
{
    for (uint16_t j = 0; j < st->play->n; j++) {
        const csig_phase phase = csig_session_phase(st->o.s[j]);

        if (j != st->play->liar && phase == CSIG_FAILED) return true;
    }
    return false;
}

/* What the liar has already sent goes past it once more. */
static void tell(stage *st, liar *l)
{
    st->lie = l;
    for (size_t i = 0; i < st->o.mails; i++)
        liar_tap(l, NULL, &st->o.mail[i]);
}

static int alter_field(stage *st, const matrix_case *c)
{
    twisted t = {
        .twist = {.field = c->field, .change = c->change, .value = c->value},
        .st = st,
    };
    const uint8_t by = latest(st, c);
    liar l;

    stage_liar(st, &l);
    l.piece = c->piece;
    l.edit_raw = twist_and_mend;
    l.ctx = &t;
    tell(st, &l);
    JUDGE(l.told > 0);
    if (t.twist.same) return PERFORM_SAME;
    stage_go_on(st);
    if (by >= MATRIX_OWN && !is_any_failed(st)) {
        if (by == MATRIX_NEVER) judge_waits(st);
        if (by == MATRIX_OWN) JUDGE(office_is_done(&st->o));
        return PERFORM_HARMLESS;
    }
    return (int)judge_failed(st, by >= MATRIX_OWN ? st->round : by);
}

/* --- the message at the victim --- */

static csig_err give(stage *st, const net_packet *p)
{
    return csig_session_recv(stage_victim(st), p->bytes, p->len);
}

static uint8_t last_round(const stage *st)
{
    return st->play->protocol->count;
}

/* It was signed by the liar and is not what it should be: refused without consequence, or the
 * liar's end, now or when what it really has to say arrives as well. */
static int signed_anyhow(stage *st, const net_packet *p)
{
    const judge_state before = judge_state_of(stage_victim(st));
    const csig_err err = give(st, p);

    if (err != CSIG_OK && csig_err_class(err) != CSIG_CLASS_CHEAT)
        return (int)judge_refused(st, err, &before);
    if (err == CSIG_OK) stage_go_on(st);
    return (int)judge_failed(st, last_round(st));
}

static int must_fail(stage *st, const net_packet *p)
{
    JUDGE(csig_err_class(give(st, p)) == CSIG_CLASS_CHEAT);
    return (int)judge_failed(st, st->round);
}

static int must_refuse(stage *st, const net_packet *p)
{
    const judge_state before = judge_state_of(stage_victim(st));

    return (int)judge_refused(st, give(st, p), &before);
}

static const csig_ed_key *liars_key(const stage *st)
{
    return st->play->key(st->play->ctx, st->play->liar);
}

/* A body of this many octets, zeros at the end, signed. */
static void resize(const stage *st, net_packet *p, size_t body)
{
    csig_header h;

    liar_header_read(&h, p);
    if (body > h.body_len) memset(p->bytes + CSIG_HEADER_BYTES + h.body_len, 0, body - h.body_len);
    h.body_len = (uint32_t)body;
    p->len = CSIG_ENVELOPE_OVERHEAD + body;
    liar_header_write(p, &h);
    liar_sign(p, liars_key(st));
}

static size_t body_of(const net_packet *p)
{
    return p->len - CSIG_ENVELOPE_OVERHEAD;
}

static void other_header(const stage *st, net_packet *p, const matrix_case *c)
{
    csig_header h;

    liar_header_read(&h, p);
    if (c->mishap == MISHAP_OTHER_ROUND) h.round = (uint8_t)c->arg;
    if (c->mishap == MISHAP_OTHER_CAST) h.cast = (uint8_t)c->arg;
    if (c->mishap == MISHAP_AS_ANOTHER) h.from = c->arg;
    if (h.cast == CSIG_CAST_ONE) h.to = csig_session_run(stage_victim(st))->index[st->play->victim];
    if (h.cast != CSIG_CAST_ONE) h.to = CSIG_TO_ALL;
    liar_header_write(p, &h);
    liar_sign(p, liars_key(st));
}

/* Signed as it is, whatever the header says of its length. */
static void sign_octets(net_packet *p, const csig_ed_key *key)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_ENVELOPE);
    csig_transcript_bytes(&t, p->bytes, CSIG_HEADER_BYTES);
    csig_transcript_bytes(&t, p->bytes + CSIG_HEADER_BYTES, body_of(p));
    csig_ed_sign(p->bytes + CSIG_HEADER_BYTES + body_of(p), key, &t);
}

static const csig_ed_key *stranger(const stage *st, uint16_t j)
{
    static csig_ed_key nobody;
    const uint8_t seed[32] = {7};

    csig_ed_key_from_seed(&nobody, seed);
    return j < st->play->n ? st->play->key(st->play->ctx, j) : &nobody;
}

/* --- mishaps in which the run goes on --- */

static int missing(stage *st)
{
    st->gone = true;
    stage_go_on(st);
    judge_waits(st);
    st->gone = false;
    stage_go_on(st);
    JUDGE(office_is_done(&st->o));
    return PERFORM_WAITS;
}

static int twice(stage *st, const net_packet *p)
{
    csig_err again;

    JUDGE(give(st, p) == CSIG_OK);
    again = give(st, p);
    JUDGE(again == CSIG_OK ||
          (again == CSIG_E_STATE && csig_session_phase(stage_victim(st)) == CSIG_DONE));
    stage_go_on(st);
    JUDGE(office_is_done(&st->o));
    return PERFORM_WORKS;
}

/* The honest message, then another one, both signed. Where the first was the last of the run, there
 * is no session any more to which the second could be told. */
static int two_tales(stage *st, net_packet *p)
{
    JUDGE(give(st, p) == CSIG_OK);
    p->bytes[CSIG_HEADER_BYTES + body_of(p) - 1] ^= 1;
    liar_sign(p, liars_key(st));
    if (csig_session_phase(stage_victim(st)) == CSIG_DONE) {
        JUDGE(give(st, p) == CSIG_E_STATE);
        return (int)CSIG_E_STATE;
    }
    JUDGE(give(st, p) == CSIG_E_EQUIVOCATE);
    return (int)judge_failed(st, st->round);
}

static void flip_last(void *ctx, uint8_t *piece, size_t len)
{
    (void)ctx;
    piece[len - 1] ^= 1;
}

/* The victim is told otherwise than the rest; what is only for it cannot be. */
static int two_faced(stage *st)
{
    liar l;

    if (st->play->n == 2 || st->cast != CSIG_CAST_ALL) return PERFORM_SAME;
    stage_liar(st, &l);
    l.piece = LIAR_BCAST;
    l.to = st->play->victim;
    l.edit_raw = flip_last;
    tell(st, &l);
    JUDGE(l.told == 1);
    stage_go_on(st);
    return (int)judge_failed(st, last_round(st));
}

static int replay(stage *st)
{
    const stage_note *old = &st->other->letter[st->play->liar][st->round - 1][st->cast];
    const net_packet p = {.bytes = old->p, .len = old->len};

    JUDGE(old->p != NULL);
    return must_refuse(st, &p);
}

/* --- mishaps of one letter --- */

static int mishap_of(stage *st, const matrix_case *c, net_packet *p)
{
    const size_t body = body_of(p);
    const size_t less = c->arg < body ? body - c->arg : 0;

    switch (c->mishap) {
    case MISHAP_NONE:
        break;
    case MISHAP_MISSING:
        return missing(st);
    case MISHAP_NOTHING:
        p->len = 0;
        return must_refuse(st, p);
    case MISHAP_EMPTY:
        resize(st, p, 0);
        return must_fail(st, p);
    case MISHAP_CUT:
        resize(st, p, less);
        return must_fail(st, p);
    case MISHAP_EXTENDED:
        resize(st, p, body + c->arg);
        return must_fail(st, p);
    case MISHAP_CUT_ON_WAY:
        p->len -= c->arg;
        return must_refuse(st, p);
    case MISHAP_LONG_ON_WAY:
        p->len += c->arg;
        return must_refuse(st, p);
    case MISHAP_BIT_ON_WAY:
        p->bytes[c->arg * p->len / 64] ^= (uint8_t)(1U << c->arg % 8);
        return must_refuse(st, p);
    case MISHAP_TWICE:
        return twice(st, p);
    case MISHAP_TWO_TALES:
        return two_tales(st, p);
    case MISHAP_TWO_FACED:
        return two_faced(st);
    case MISHAP_UNSIGNED:
        memset(p->bytes + p->len - CSIG_ED_SIG_BYTES, 0, CSIG_ED_SIG_BYTES);
        return must_refuse(st, p);
    case MISHAP_BY_ANOTHER:
        liar_sign(p, stranger(st, c->arg));
        return must_refuse(st, p);
    case MISHAP_AS_ANOTHER:
        other_header(st, p, c);
        return must_refuse(st, p);
    case MISHAP_OTHER_ROUND:
    case MISHAP_OTHER_CAST:
        other_header(st, p, c);
        return signed_anyhow(st, p);
    case MISHAP_REPLAY:
        return replay(st);
    }
    return PERFORM_BAD;
}

static int alter_header(stage *st, const matrix_case *c, net_packet *p)
{
    liar_twist t = {.field = c->field, .change = c->change, .value = c->value};

    liar_twist_field(&t, p->bytes, CSIG_HEADER_BYTES);
    if (t.same) return PERFORM_SAME;
    sign_octets(p, liars_key(st));
    return signed_anyhow(st, p);
}

/* --- afterwards --- */

static void afterwards(stage *st, int code)
{
    csig_blame blame;

    csig_session_blame(stage_victim(st), &blame);
    /* Sums that do not match may leave it waiting for proofs: it is over all the same. */
    if (code < PERFORM_SAME && !is_any_failed(st) && blame.err == CSIG_OK) {
        /* refused: the run goes on as if nothing had come */
        const csig_phase phase = csig_session_phase(stage_victim(st));

        if (phase != CSIG_DONE) stage_go_on(st);
        JUDGE(phase == CSIG_DONE || office_is_done(&st->o));
        return;
    }
    stage_rehearse(st->play, st->leader, NULL);
}

int perform_case(stage *st, const matrix_case *c, bool thorough)
{
    net_packet p;
    int code;

    judge_case(st, c);
    office_letter_copy(&p, stage_message(st), 64);
    if (c->mishap != MISHAP_NONE) {
        code = mishap_of(st, c, &p);
    } else if (c->piece == LIAR_HEADER) {
        code = alter_header(st, c, &p);
    } else {
        code = alter_field(st, c);
    }
    office_letter_free(&p);
    if (thorough && code != PERFORM_SAME) afterwards(st, code);
    return code;
}
