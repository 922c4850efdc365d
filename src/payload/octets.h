/* Reading and writing Bitcoin's encodings: little-endian integers, compact sizes, runs of octets.
 * Nothing is copied: a span points into what was read. */
#ifndef CSIG_PAYLOAD_OCTETS_H
#define CSIG_PAYLOAD_OCTETS_H

#include "crypto/bitcoin_hash.h"

typedef struct csig_span {
    const uint8_t *p; /* NULL: there is none */
    size_t len;
} csig_span;

bool csig_span_is_eq(csig_span a, csig_span b);

/* --- reading: the error is sticky, the caller asks once --- */
typedef struct csig_cursor {
    csig_span in;
    size_t at;
    bool bad;
} csig_cursor;

csig_span csig_cursor_span(csig_cursor *c, size_t len); /* len 0 when bad */
uint8_t csig_cursor_u8(csig_cursor *c);
uint32_t csig_cursor_u32(csig_cursor *c);
uint64_t csig_cursor_u64(csig_cursor *c);
/* The compact size, in its shortest form only. */
uint64_t csig_cursor_compact(csig_cursor *c);
/* A compact size and as many octets. */
csig_span csig_cursor_run(csig_cursor *c);
/* What was read since the cursor was at `from`. */
csig_span csig_cursor_since(const csig_cursor *c, size_t from);
/* All was read, and nothing was wrong. */
bool csig_cursor_is_done(const csig_cursor *c);

/* --- writing: into octets, into a hash, or only counting --- */
typedef struct csig_sink {
    uint8_t *out;      /* NULL: none */
    size_t room;       /* of out; more is a bug of ours */
    csig_sha256 *hash; /* NULL: none */
    size_t at;         /* octets written so far */
} csig_sink;

void csig_sink_bytes(csig_sink *s, const void *p, size_t len);
void csig_sink_span(csig_sink *s, csig_span span);
void csig_sink_u8(csig_sink *s, uint8_t v);
void csig_sink_u32(csig_sink *s, uint32_t v);
void csig_sink_u64(csig_sink *s, uint64_t v);
void csig_sink_compact(csig_sink *s, uint64_t v);
void csig_sink_run(csig_sink *s, csig_span span); /* with its compact size before it */

#endif
