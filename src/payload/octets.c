/* Cursor and sink over Bitcoin's encodings. */
#include "payload/octets.h"

#include <string.h>

#include "base/mem.h"

bool csig_span_is_eq(csig_span a, csig_span b)
{
    return a.len == b.len && (a.len == 0 || csig_is_same(a.p, b.p, a.len));
}

csig_span csig_cursor_span(csig_cursor *c, size_t len)
{
    csig_span got = {c->in.p, 0};

    if (c->bad || len > c->in.len - c->at) {
        c->bad = true;
        return got;
    }
    if (len > 0) got.p += c->at;
    got.len = len;
    c->at += len;
    return got;
}

static uint64_t little_endian(csig_cursor *c, size_t width)
{
    const csig_span s = csig_cursor_span(c, width);
    uint64_t v = 0;

    for (size_t i = s.len; i > 0; i--)
        v = v << 8 | s.p[i - 1];
    return v;
}

uint8_t csig_cursor_u8(csig_cursor *c)
{
    return (uint8_t)little_endian(c, 1);
}

uint32_t csig_cursor_u32(csig_cursor *c)
{
    return (uint32_t)little_endian(c, 4);
}

uint64_t csig_cursor_u64(csig_cursor *c)
{
    return little_endian(c, 8);
}

uint64_t csig_cursor_compact(csig_cursor *c)
{
    const uint8_t first = csig_cursor_u8(c);
    size_t width = 1;
    uint64_t v = first, least = 0;

    if (first == 0xfd) width = 2, least = 0xfd;
    if (first == 0xfe) width = 4, least = 0x10000;
    if (first == 0xff) width = 8, least = UINT64_C(0x100000000);
    if (width > 1) v = little_endian(c, width);
    if (v < least) c->bad = true;
    return c->bad ? 0 : v;
}

csig_span csig_cursor_run(csig_cursor *c)
{
    const uint64_t len = csig_cursor_compact(c);

    if (len > c->in.len) c->bad = true;
    return csig_cursor_span(c, c->bad ? 0 : (size_t)len);
}

csig_span csig_cursor_since(const csig_cursor *c, size_t from)
{
    return (csig_span){c->in.p + from, c->at - from};
}

bool csig_cursor_is_done(const csig_cursor *c)
{
    return !c->bad && c->at == c->in.len;
}

void csig_sink_bytes(csig_sink *s, const void *p, size_t len)
{
    if (len == 0) return;
    if (s->out != NULL) {
        CSIG_ASSERT(len <= s->room - s->at);
        memcpy(s->out + s->at, p, len);
    }
    if (s->hash != NULL) csig_sha256_add(s->hash, p, len);
    s->at += len;
}

void csig_sink_span(csig_sink *s, csig_span span)
{
    csig_sink_bytes(s, span.p, span.len);
}

static void put_little_endian(csig_sink *s, uint64_t v, size_t width)
{
    uint8_t b[8];

    for (size_t i = 0; i < width; i++)
        b[i] = (uint8_t)(v >> (8 * i));
    csig_sink_bytes(s, b, width);
}

void csig_sink_u8(csig_sink *s, uint8_t v)
{
    put_little_endian(s, v, 1);
}

void csig_sink_u32(csig_sink *s, uint32_t v)
{
    put_little_endian(s, v, 4);
}

void csig_sink_u64(csig_sink *s, uint64_t v)
{
    put_little_endian(s, v, 8);
}

void csig_sink_compact(csig_sink *s, uint64_t v)
{
    size_t width = 8;

    if (v < 0xfd) {
        csig_sink_u8(s, (uint8_t)v);
        return;
    }
    if (v <= UINT32_MAX) width = 4;
    if (v <= UINT16_MAX) width = 2;
    csig_sink_u8(s, (uint8_t)(width == 2 ? 0xfd : width == 4 ? 0xfe : 0xff));
    put_little_endian(s, v, width);
}

void csig_sink_run(csig_sink *s, csig_span span)
{
    csig_sink_compact(s, span.len);
    csig_sink_span(s, span);
}
