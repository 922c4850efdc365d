#include "matrix/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PIECE_ROOM (1U << 18)

/* liar_init wants one; the office takes its place. */
static network nowhere;

static void liar_of(liar *l, const stage *st, uint16_t from)
{
    memcpy(nowhere.party, st->o.s, sizeof nowhere.party);
    liar_init(l, &nowhere, from, st->play->key(st->play->ctx, from));
}

void stage_liar(const stage *st, liar *l)
{
    liar_of(l, st, st->play->liar);
    l->round = st->round;
    l->cast = st->cast;
    l->part_for = st->play->victim;
}

/* --- notes --- */

static void note(stage_note *n, const uint8_t *p, size_t len)
{
    free(n->p);
    n->p = malloc(len);
    CSIG_ASSERT(n->p != NULL);
    memcpy(n->p, p, len);
    n->len = len;
}

static void note_letter(stage *st, const net_packet *p)
{
    static uint8_t piece[PIECE_ROOM];
    csig_header h;
    liar l;

    if (p->to != (p->from == st->play->victim ? st->play->liar : st->play->victim)) return;
    liar_header_read(&h, p);
    note(&st->now.letter[p->from][h.round - 1][h.cast], p->bytes, p->len);
    liar_of(&l, st, p->from);
    l.round = h.round;
    for (liar_piece i = LIAR_PREAMBLE; i < STAGE_PIECES; i++) {
        size_t len;

        l.piece = i;
        len = liar_walk(&l) == NULL ? 0 : liar_piece_read(&l, p, piece, sizeof piece);
        if (len > 0) note(&st->now.piece[p->from][h.round - 1][i], piece, len);
    }
}

void stage_notes_free(stage_notes *notes)
{
    stage_note *piece = &notes->piece[0][0][0], *letter = &notes->letter[0][0][0];

    for (size_t i = 0; i < sizeof notes->piece / sizeof *piece; i++)
        free(piece[i].p);
    for (size_t i = 0; i < sizeof notes->letter / sizeof *letter; i++)
        free(letter[i].p);
    memset(notes, 0, sizeof *notes);
}

/* --- what the office asks --- */

static void look(void *ctx, office *o, net_packet *p)
{
    stage *st = ctx;

    (void)o;
    if (st->lie != NULL) {
        liar_tap(st->lie, NULL, p);
    } else {
        note_letter(st, p);
    }
}

/* The echo hangs on the broadcast, and what is of later rounds on both. */
static bool withhold(void *ctx, const net_packet *p, const csig_header *h)
{
    const stage *st = ctx;
    const bool it = h->round == st->round && h->cast == st->cast;

    if (p->from != st->play->liar) return false;
    if (!st->gate) return st->gone && it;
    return it || h->round > st->round || (h->round == st->round && h->cast == CSIG_CAST_ECHO);
}

static void store(void *ctx, uint16_t position, csig_session *s)
{
    const stage *st = ctx;

    if (st->play->store != NULL) st->play->store(st->play->ctx, position, s);
}

static bool enough(void *ctx, const office *o)
{
    const stage *st = ctx;

    for (uint16_t j = 0; j < o->n; j++) {
        const csig_phase phase = csig_session_phase(o->s[j]);

        if (j != st->play->liar && phase == CSIG_FAILED) return true;
    }
    return false;
}

/* --- the run --- */

static void begin(stage *st, const matrix_play *play, uint16_t leader)
{
    memset(st, 0, sizeof *st);
    st->play = play;
    st->leader = leader;
    st->o = (office){
        .n = play->n,
        .ahead = OFFICE_NOBODY,
        .look = look,
        .withhold = withhold,
        .store = store,
        .enough = enough,
        .ctx = st,
    };
    play->renew(play->ctx);
    for (uint16_t j = 0; j < play->n; j++)
        st->o.s[j] = play->open(play->ctx, j, leader);
}

void stage_rehearse(const matrix_play *play, uint16_t leader, stage_notes *notes)
{
    stage *st = malloc(sizeof *st);

    CSIG_ASSERT(st != NULL);
    begin(st, play, leader);
    office_run(&st->o);
    CSIG_ASSERT(office_is_done(&st->o));
    office_close(&st->o);
    if (notes != NULL) {
        *notes = st->now;
    } else {
        stage_notes_free(&st->now);
    }
    free(st);
}

net_packet *stage_message(stage *st)
{
    return office_find(&st->o, st->play->liar, st->play->victim, st->round, st->cast);
}

bool stage_has_set(stage *st, const matrix_play *play, uint16_t leader, uint8_t round,
                   csig_cast cast, const stage_notes *other)
{
    begin(st, play, leader);
    st->other = other;
    st->round = round;
    st->cast = cast;
    st->gate = true;
    if (csig_round_body(st->o.s[play->liar], (uint8_t)(round - 1), play->liar, cast) == 0)
        return false;
    office_run(&st->o);
    CSIG_ASSERT(stage_message(st) != NULL);
    st->o.ahead = play->victim;
    return true;
}

void stage_clear(stage *st)
{
    office_close(&st->o);
    stage_notes_free(&st->now);
}

void stage_go_on(stage *st)
{
    st->gate = false;
    office_run(&st->o);
}
