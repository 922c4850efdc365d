/* The session id and the names of what went into it: two honest parties that see different inputs
 * can say which one differs, before any proof is checked (protocol.md: C10). */
#ifndef CSIG_PROTO_SSID_H
#define CSIG_PROTO_SSID_H

#include "crypto/transcript.h"

#define CSIG_SSID_FIELDS       24
#define CSIG_SSID_DIGEST_BYTES 8

typedef struct csig_ssid {
    csig_transcript t;
    uint32_t count;
    const char *name[CSIG_SSID_FIELDS];                       /* string literals */
    uint8_t digest[CSIG_SSID_FIELDS][CSIG_SSID_DIGEST_BYTES]; /* unused ones are zero */
    uint8_t id[CSIG_SSID_BYTES];                              /* after csig_ssid_end */
} csig_ssid;

/* Starts with format version, level and curve as the first fields. */
void csig_ssid_begin(csig_ssid *s, csig_label label);
void csig_ssid_add(csig_ssid *s, const char *name, const void *p, size_t len);
void csig_ssid_add_u64(csig_ssid *s, const char *name, uint64_t v);
void csig_ssid_end(csig_ssid *s);

#endif
