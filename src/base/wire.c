/* The walk's cursor, its machine-sized fields and its three uses. */
#include "base/wire.h"

#include <string.h>

uint8_t *csig_wire_put(csig_wire *w, csig_field kind, size_t width)
{
    uint8_t *p = NULL;

    if (w->visit != NULL) w->visit(w, kind, width);
    if (w->op == CSIG_WIRE_WRITE) {
        CSIG_ASSERT(width <= w->len - w->at);
        p = w->out + w->at;
    }
    w->at += width;
    return p;
}

const uint8_t *csig_wire_get(csig_wire *w, csig_field kind, size_t width)
{
    const uint8_t *p;

    if (w->visit != NULL) w->visit(w, kind, width);
    if (w->bad || width > w->len - w->at) {
        w->bad = true;
        return NULL;
    }
    p = w->in + w->at;
    w->at += width;
    return p;
}

void csig_bytes_wire(csig_wire *w, uint8_t *p, size_t len)
{
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_BYTES, len);
        if (in != NULL) memcpy(p, in, len);
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_BYTES, len);
        if (out != NULL) memcpy(out, p, len);
    }
}

static uint64_t uint_wire(csig_wire *w, csig_field kind, uint64_t v, size_t width)
{
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, kind, width);

        v = 0;
        for (size_t i = 0; in != NULL && i < width; i++)
            v = v << 8 | in[i];
    } else {
        uint8_t *out = csig_wire_put(w, kind, width);

        for (size_t i = 0; out != NULL && i < width; i++)
            out[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
    }
    return v;
}

/* When measuring no field is touched. */
#define UINT_WIRE(type, kind)                                                                      \
    const uint64_t r = uint_wire(w, kind, w->op == CSIG_WIRE_WRITE ? *v : 0, sizeof *v);           \
    if (w->op == CSIG_WIRE_READ) *v = (type)r

void csig_u8_wire(csig_wire *w, uint8_t *v)
{
    UINT_WIRE(uint8_t, CSIG_FIELD_UINT);
}
void csig_u16_wire(csig_wire *w, uint16_t *v)
{
    UINT_WIRE(uint16_t, CSIG_FIELD_UINT);
}
void csig_u32_wire(csig_wire *w, uint32_t *v)
{
    UINT_WIRE(uint32_t, CSIG_FIELD_UINT);
}
void csig_u64_wire(csig_wire *w, uint64_t *v)
{
    UINT_WIRE(uint64_t, CSIG_FIELD_UINT);
}

void csig_bit_wire(csig_wire *w, uint8_t *v)
{
    UINT_WIRE(uint8_t, CSIG_FIELD_BIT);
    if (w->op == CSIG_WIRE_READ && *v > 1) w->bad = true;
}

/* A measuring walk forms the addresses of its fields and touches none. They are formed from an
 * aligned address in the page that is never mapped: from NULL the sanitizers refuse to. */
#define NOWHERE ((void *)(uintptr_t)1024)

size_t csig_wire_size_shaped(csig_wire_fn *fn, const csig_wire_shape *shape)
{
    csig_wire w = {.op = CSIG_WIRE_MEASURE, .shape = shape};

    fn(&w, NOWHERE);
    return w.at;
}

void csig_wire_write_shaped(csig_wire_fn *fn, const csig_wire_shape *shape, const void *msg,
                            uint8_t *out, size_t len)
{
    csig_wire w = {.op = CSIG_WIRE_WRITE, .shape = shape, .out = out, .len = len};

    fn(&w, (void *)(uintptr_t)msg); /* the walk only reads msg when writing */
    CSIG_ASSERT(!w.bad && w.at == len);
}

csig_err csig_wire_read_shaped(csig_wire_fn *fn, const csig_wire_shape *shape, void *msg,
                               const uint8_t *in, size_t len)
{
    csig_wire w = {.op = CSIG_WIRE_READ, .shape = shape, .in = in, .len = len};

    CSIG_REQUIRE(len == csig_wire_size_shaped(fn, shape), CSIG_E_LENGTH);
    fn(&w, msg);
    CSIG_REQUIRE(!w.bad && w.at == len, CSIG_E_FORMAT);
    return CSIG_OK;
}

size_t csig_wire_size(csig_wire_fn *fn)
{
    return csig_wire_size_shaped(fn, NULL);
}

void csig_wire_write(csig_wire_fn *fn, const void *msg, uint8_t *out, size_t len)
{
    csig_wire_write_shaped(fn, NULL, msg, out, len);
}

csig_err csig_wire_read(csig_wire_fn *fn, void *msg, const uint8_t *in, size_t len)
{
    return csig_wire_read_shaped(fn, NULL, msg, in, len);
}
