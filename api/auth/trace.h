/* W3C trace context, the header field traceparent: which calls belong together, across processes.
 * Nothing is decided by it, and nothing in it is proven. */
#ifndef CSIGD_AUTH_TRACE_H
#define CSIGD_AUTH_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define CSIGD_TRACE_ID_BYTES     33 /* 32 lower-case hex digits and NUL */
#define CSIGD_SPAN_ID_BYTES      17
#define CSIGD_TRACE_PARENT_BYTES 56 /* 00-TRACE-SPAN-FLAGS and NUL */

typedef struct csigd_trace {
    char id[CSIGD_TRACE_ID_BYTES];
    char span[CSIGD_SPAN_ID_BYTES]; /* of this process' part */
    uint8_t flags;                  /* 1: sampled */
} csigd_trace;

/* A new trace, sampled. */
void csigd_trace_new(csigd_trace *trace);
/* Go on with the trace of a traceparent, with a span of our own. Strictly version 00: lower-case
 * digits, neither id all zeros, nothing behind. false: it is none, and nothing was changed. */
bool csigd_trace_is_continued(csigd_trace *trace, const char *parent);
/* What a call that is made in this trace carries. */
void csigd_trace_parent(const csigd_trace *trace, char out[CSIGD_TRACE_PARENT_BYTES]);

#endif
