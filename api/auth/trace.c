#include "auth/trace.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* version-trace-span-flags */
#define TRACE_AT 3
#define SPAN_AT  36
#define FLAGS_AT 53
#define LENGTH   55

/* An id of all zeros is none. */
static void draw(char *out, size_t octets)
{
    uint8_t id[16];

    do
        randombytes_buf(id, octets);
    while (sodium_is_zero(id, octets));
    sodium_bin2hex(out, 2 * octets + 1, id, octets);
}

static bool digits_are_fine(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

/* An id of `len` digits, not all of them 0. */
static bool id_is_fine(const char *text, size_t len)
{
    return digits_are_fine(text, len) && strspn(text, "0") < len;
}

void csigd_trace_new(csigd_trace *trace)
{
    draw(trace->id, 16);
    draw(trace->span, 8);
    trace->flags = 1;
}

bool csigd_trace_is_continued(csigd_trace *trace, const char *parent)
{
    unsigned flags;

    if (strlen(parent) != LENGTH || strncmp(parent, "00-", TRACE_AT) != 0) return false;
    if (parent[SPAN_AT - 1] != '-' || parent[FLAGS_AT - 1] != '-') return false;
    if (!id_is_fine(parent + TRACE_AT, 32) || !id_is_fine(parent + SPAN_AT, 16)) return false;
    if (!digits_are_fine(parent + FLAGS_AT, 2)) return false;
    if (sscanf(parent + FLAGS_AT, "%2x", &flags) != 1) return false;
    memcpy(trace->id, parent + TRACE_AT, 32);
    trace->id[32] = '\0';
    draw(trace->span, 8);
    /* Of the flags version 00 knows this one. */
    trace->flags = flags & 1;
    return true;
}

void csigd_trace_parent(const csigd_trace *trace, char out[CSIGD_TRACE_PARENT_BYTES])
{
    (void)snprintf(out, CSIGD_TRACE_PARENT_BYTES, "00-%s-%s-%02x", trace->id, trace->span,
                   trace->flags);
}
