/* The fields of a piece, found by its own walk, and what the acceptance matrix does to each. */
#include <stdlib.h>
#include <string.h>

#include "proto/liar.h"

typedef struct list {
    liar_field *out;
    size_t cap, n;
} list;

static void visit(csig_wire *w, csig_field kind, size_t width)
{
    list *l = w->visitor;

    CSIG_ASSERT(l->n < l->cap);
    l->out[l->n++] = (liar_field){.kind = kind, .at = w->at, .width = width};
}

size_t liar_fields(const liar *l, liar_field *out, size_t cap)
{
    csig_wire_fn *fn = liar_walk(l);
    list found = {.out = out, .cap = cap};
    csig_wire w = {
        .op = CSIG_WIRE_MEASURE,
        .shape = &l->session->run.shape,
        .visit = visit,
        .visitor = &found,
    };
    void *msg;

    if (fn == NULL) return 0;
    msg = calloc(1, liar_struct_size(l)); /* a walk forms the addresses of its fields */
    CSIG_ASSERT(msg != NULL);
    fn(&w, msg);
    free(msg);
    return found.n;
}

/* +1 or -1, big-endian, modulo 2^(8 width) */
static void count(uint8_t *p, size_t width, int step)
{
    for (size_t i = width; i-- > 0;) {
        const uint8_t before = p[i];

        p[i] = (uint8_t)(before + step);
        if (before != (step > 0 ? 0xff : 0x00)) return;
    }
}

static void noise(uint8_t *p, size_t width)
{
    uint32_t x = 0x9E3779B9U + (uint32_t)width;

    for (size_t i = 0; i < width; i++) {
        x = x * 1664525U + 1013904223U;
        p[i] = (uint8_t)(x >> 24);
    }
}

static void change(const liar_twist *t, uint8_t *p, size_t width)
{
    /* a signed number: its sign octet, then the magnitude */
    const size_t sign = t->field.kind == CSIG_FIELD_INT ? 1 : 0;

    switch (t->change) {
    case LIAR_FLIP_FIRST:
        p[sign] ^= 0x80;
        break;
    case LIAR_FLIP_LAST:
        p[width - 1] ^= 0x01;
        break;
    case LIAR_ZERO:
    case LIAR_ONE:
        memset(p, 0, width);
        p[width - 1] = t->change == LIAR_ONE;
        break;
    case LIAR_ONES:
        memset(p + sign, 0xff, width - sign);
        break;
    case LIAR_PLUS_ONE:
        count(p + sign, width - sign, 1);
        break;
    case LIAR_MINUS_ONE:
        count(p + sign, width - sign, -1);
        break;
    case LIAR_NEGATIVE:
        if (sign > 0) p[0] ^= 1;
        break;
    case LIAR_NOISE:
        noise(p + sign, width - sign);
        break;
    case LIAR_VALUE:
        memcpy(p, t->value, width);
        break;
    case LIAR_CHANGES:
        abort();
    }
}

void liar_twist_field(void *twist, uint8_t *piece, size_t len)
{
    liar_twist *t = twist;
    uint8_t *p = piece + t->field.at;
    uint8_t *before = malloc(t->field.width);

    CSIG_ASSERT(before != NULL && t->field.at + t->field.width <= len);
    memcpy(before, p, t->field.width);
    change(t, p, t->field.width);
    t->same = memcmp(before, p, t->field.width) == 0;
    free(before);
}
