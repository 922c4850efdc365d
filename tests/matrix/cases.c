#include "matrix/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "num/point.h"
#include "num/scalar.h"
#include "support/drawn.h"

#define FIELDS 1024
/* Of a message with more fields than this, most are entries of lists: of those in the middle most
 * get one value each, in turn. */
#define MANY   64
#define MIDDLE 13 /* values of a field are not fewer */

static matrix_case *add(matrix_cases *list, const matrix_case *c)
{
    if (list->count == list->room) {
        list->room = 2 * list->room + 64;
        list->at = realloc(list->at, list->room * sizeof *list->at);
        CSIG_ASSERT(list->at != NULL);
    }
    list->at[list->count] = *c;
    return &list->at[list->count++];
}

void matrix_cases_free(matrix_cases *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i].value);
    free(list->at);
    memset(list, 0, sizeof *list);
}

/* Of the cases from the first on, those stay that are this many apart, and one of fewer: which,
 * the seed says, and the turn for those that come one after the other. */
static void thin(matrix_cases *list, size_t first, size_t apart, size_t turn)
{
    const size_t here = list->count - first;
    size_t kept = first;

    if (here == 0) return;
    if (apart > here) apart = here;
    for (size_t i = 0; i < here; i++) {
        if ((i + turn + drawn_seed()) % apart == 0) {
            list->at[kept++] = list->at[first + i];
        } else {
            free(list->at[first + i].value);
        }
    }
    list->count = kept;
}

/* Of what a field or a whole message may become, one in so many is taken. */
static size_t one_in(const stage *st)
{
    return drawn_all() ? 1 : st->play->step;
}

/* --- fields --- */

typedef struct filler {
    matrix_cases *list;
    const stage *st;
    matrix_case field;
} filler;

static void value(const filler *f, const char *what, const uint8_t *octets)
{
    matrix_case *c = add(f->list, &f->field);

    c->change = LIAR_VALUE;
    c->what = what;
    c->value = malloc(c->field.width);
    CSIG_ASSERT(c->value != NULL);
    memcpy(c->value, octets, c->field.width);
}

static void changes(const filler *f)
{
    for (liar_change change = 0; change < LIAR_VALUE; change++) {
        if (change == LIAR_NEGATIVE && f->field.field.kind != CSIG_FIELD_INT) continue;
        add(f->list, &f->field)->change = change;
    }
}

static void number(const filler *f, const char *what, const csig_int *M, int plus)
{
    uint8_t *octets = calloc(1, f->field.field.width);
    csig_int one, v;

    CSIG_ASSERT(octets != NULL);
    csig_int_set_u64(&one, 1);
    v = *M;
    if (plus < 0) csig_int_sub(&v, &v, &one);
    if (plus > 0) csig_int_add(&v, &v, &one);
    csig_int_to_bytes(octets, f->field.field.width, &v);
    value(f, what, octets);
    free(octets);
}

/* A residue: the moduli that it may be one of. */
static void residues(const filler *f)
{
    const size_t width = f->field.field.width;

    for (size_t i = 0; i < MATRIX_MODULI; i++) {
        const csig_int *N = f->st->play->modulus[i];
        csig_int M;

        if (N == NULL || (width != CSIG_N_BYTES && width != CSIG_NN_BYTES)) continue;
        M = *N;
        if (width == CSIG_NN_BYTES) csig_int_mul(&M, N, N);
        number(f, "N - 1", &M, -1);
        number(f, "N", &M, 0);
        number(f, "N + 1", &M, 1);
    }
}

static void scalars(const filler *f)
{
    uint8_t q[CSIG_SCALAR_BYTES];
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_neg(&one, &one);
    memcpy(q, one.b, sizeof q);
    value(f, "q - 1", q);
    q[sizeof q - 1]++;
    value(f, "q", q);
    q[sizeof q - 1]++;
    value(f, "q + 1", q);
}

static void points(const filler *f, const uint8_t *honest)
{
    uint8_t other[CSIG_POINT_BYTES];
    csig_point G;

    csig_point_generator(&G);
    csig_point_to_bytes(other, &G);
    value(f, "G", other);
    if (honest != NULL) {
        memcpy(other, honest, sizeof other);
        other[0] ^= 1;
        value(f, "the point's negative", other);
        other[0] = 4;
        value(f, "another encoding", other);
    }
    memset(other, 0xff, sizeof other);
    other[0] = 2;
    value(f, "x above the field", other);
}

/* What stands in this field of an honest message. */
static const uint8_t *said(const stage_notes *notes, uint16_t from, const stage *st,
                           const matrix_case *c)
{
    const stage_note *n = &notes->piece[from][st->round - 1][c->piece];

    return n->p == NULL ? NULL : n->p + c->field.at;
}

static void others(const filler *f)
{
    const matrix_play *play = f->st->play;
    const uint8_t *octets = said(f->st->other, play->liar, f->st, &f->field);

    if (octets != NULL) value(f, "of another session", octets);
    for (uint16_t j = 0; j < play->n; j++) {
        if (j == play->liar) continue;
        octets = said(&f->st->now, j, f->st, &f->field);
        if (octets != NULL) value(f, "of another party", octets);
        octets = said(f->st->other, j, f->st, &f->field);
        if (octets != NULL) value(f, "of another party and session", octets);
    }
}

static void all_values(const filler *f)
{
    changes(f);
    switch (f->field.field.kind) {
    case CSIG_FIELD_BYTES:
    case CSIG_FIELD_NAT:
        residues(f);
        break;
    case CSIG_FIELD_SCALAR:
        scalars(f);
        break;
    case CSIG_FIELD_POINT:
        points(f, said(&f->st->now, f->st->play->liar, f->st, &f->field));
        break;
    case CSIG_FIELD_INT:
    case CSIG_FIELD_UINT:
    case CSIG_FIELD_BIT:
        break;
    }
    others(f);
}

/* Is it what the liar says there anyway? */
static bool is_honest(const stage *st, const matrix_case *c)
{
    const uint16_t from = st->play->liar;
    const uint8_t *header = st->now.letter[from][st->round - 1][st->cast].p;
    const uint8_t *octets =
        c->piece == LIAR_HEADER ? header + c->field.at : said(&st->now, from, st, c);
    liar_twist t = {.field = c->field, .change = c->change, .value = c->value};
    uint8_t *copy = malloc(c->field.width);

    CSIG_ASSERT(copy != NULL && header != NULL && octets != NULL);
    memcpy(copy, octets, c->field.width);
    t.field.at = 0;
    liar_twist_field(&t, copy, c->field.width);
    free(copy);
    return t.same;
}

static void drop_honest(matrix_cases *list, size_t first, const stage *st)
{
    size_t kept = first;

    for (size_t i = first; i < list->count; i++) {
        if (is_honest(st, &list->at[i])) {
            free(list->at[i].value);
        } else {
            list->at[kept++] = list->at[i];
        }
    }
    list->count = kept;
}

static void fields_of(matrix_cases *list, const stage *st, liar_piece piece)
{
    static liar_field field[FIELDS];
    size_t count;
    liar l;

    stage_liar(st, &l);
    l.piece = piece;
    if (piece != LIAR_HEADER && st->now.piece[st->play->liar][st->round - 1][piece].p == NULL)
        return;
    count = liar_fields(&l, field, FIELDS);
    for (size_t i = 0; i < count; i++) {
        const bool middle = count > MANY && i >= 16 && i + 4 < count && i % 37 != 0;
        const size_t first = list->count;
        const filler f = {
            .list = list,
            .st = st,
            .field = {.piece = piece, .field = field[i], .number = i},
        };

        if (middle && (i + drawn_seed()) % one_in(st) != 0) continue;
        all_values(&f);
        drop_honest(list, first, st);
        thin(list, first, middle ? MIDDLE : one_in(st), i);
    }
}

/* --- whole messages --- */

static void mishap_of(matrix_cases *list, mishap m, uint16_t arg)
{
    add(list, &(matrix_case){.mishap = m, .arg = arg});
}

static void from_others(matrix_cases *list, mishap m, const stage *st)
{
    const matrix_play *play = st->play;
    const csig_run *run = csig_session_run(st->o.s[play->liar]);

    for (uint16_t j = 0; j <= play->n; j++) {
        if (j == play->liar) continue;
        mishap_of(list, m, m == MISHAP_BY_ANOTHER ? j : j < play->n ? run->index[j] : 0);
    }
}

static void of_others(matrix_cases *list, mishap m, uint16_t count, uint16_t honest)
{
    for (uint16_t i = 0; i <= count; i++) {
        if (i != honest) mishap_of(list, m, i);
    }
}

static void every_mishap(matrix_cases *list, mishap m, const stage *st)
{
    static const uint16_t lengths[] = {1, 7, 32};

    switch (m) {
    case MISHAP_CUT:
    case MISHAP_EXTENDED:
    case MISHAP_CUT_ON_WAY:
    case MISHAP_LONG_ON_WAY:
        for (size_t i = 0; i < CSIG_ARRAY_LEN(lengths); i++)
            mishap_of(list, m, lengths[i]);
        break;
    case MISHAP_BIT_ON_WAY:
        for (uint16_t i = 0; i < 64; i += 3)
            mishap_of(list, m, i);
        break;
    case MISHAP_BY_ANOTHER:
    case MISHAP_AS_ANOTHER:
        from_others(list, m, st);
        break;
    case MISHAP_OTHER_ROUND:
        of_others(list, m, (uint16_t)(st->play->protocol->count + 1), st->round);
        mishap_of(list, m, UINT8_MAX);
        break;
    case MISHAP_OTHER_CAST:
        of_others(list, m, CSIG_CASTS, (uint16_t)st->cast);
        break;
    default:
        mishap_of(list, m, 0);
    }
}

static void mishaps(matrix_cases *list, const stage *st)
{
    for (mishap m = MISHAP_MISSING; m <= MISHAP_REPLAY; m++) {
        const size_t first = list->count;

        every_mishap(list, m, st);
        thin(list, first, one_in(st), st->round);
    }
}

void matrix_cases_of(matrix_cases *list, const stage *st)
{
    static const liar_piece of_cast[CSIG_CASTS][4] = {
        [CSIG_CAST_ALL] = {LIAR_HEADER, LIAR_PREAMBLE, LIAR_BCAST, LIAR_PART},
        [CSIG_CAST_ONE] = {LIAR_HEADER, LIAR_P2P},
        [CSIG_CAST_ECHO] = {LIAR_HEADER, LIAR_ECHO},
    };

    memset(list, 0, sizeof *list);
    mishaps(list, st);
    for (size_t i = 0; i < 4; i++) {
        const liar_piece piece = of_cast[st->cast][i];

        if (i == 0 || piece != LIAR_HEADER) fields_of(list, st, piece);
    }
}

/* --- words --- */

static const char *const piece_names[] = {"header", "preamble", "broadcast", "part", "p2p", "echo"};
static const char *const change_names[] = {
    "first bit", "last bit", "zero",     "one",   "all ones",
    "plus one",  "minus 1",  "negative", "noise", "value",
};
static const char *const mishap_names[] = {
    "",           "missing",     "no octets",  "empty", "cut",       "extended",
    "cut on way", "long on way", "bit on way", "twice", "two tales", "two-faced",
    "unsigned",   "by another",  "as another", "round", "cast",      "replay",
};

void matrix_case_describe(const stage *st, const matrix_case *c, char *out, size_t len)
{
    static const char *const casts[] = {"all", "one", "echo"};
    char what[96];

    if (c->mishap != MISHAP_NONE) {
        (void)snprintf(what, sizeof what, "%s %u", mishap_names[c->mishap], c->arg);
    } else {
        (void)snprintf(what, sizeof what, "%s field %zu at %zu (%zu octets): %s",
                       piece_names[c->piece], c->number, c->field.at, c->field.width,
                       c->change == LIAR_VALUE ? c->what : change_names[c->change]);
    }
    (void)snprintf(out, len, "%s round %u to %s: %s", st->play->name, st->round, casts[st->cast],
                   what);
}
