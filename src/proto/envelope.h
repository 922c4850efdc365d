/* What travels: a header, a body and the sender's signature over both.
 *
 *   kind version level protocol round cast from to ssid body-length | body | Ed25519 signature
 *
 * The version is the protocol's: where the messages of one have changed, those of the others have
 * not. Who speaks another is refused by that name (CSIG_E_VERSION) before anything is looked at.
 *
 * The signature covers H(ENVELOPE, header, body). Anyone who holds an envelope can show that the
 * sender made it. */
#ifndef CSIG_PROTO_ENVELOPE_H
#define CSIG_PROTO_ENVELOPE_H

#include "crypto/identity.h"

typedef enum csig_cast {
    CSIG_CAST_ALL = 0,  /* the broadcast: preamble (round 1), bcast, parts */
    CSIG_CAST_ONE = 1,  /* encrypted, for one */
    CSIG_CAST_ECHO = 2, /* 64 octets: hash of the round's broadcasts in order of index */
    CSIG_CAST_ABORT = 3 /* why the sender stops: a claim (evidence.h); n > 2 */
} csig_cast;

typedef struct csig_header {
    uint8_t kind, version, level;
    uint8_t protocol, round, cast; /* rounds from 1 */
    uint16_t from, to;             /* indices; to = CSIG_TO_ALL for broadcast and echo */
    uint8_t ssid[CSIG_SSID_BYTES];
    uint32_t body_len;
} csig_header;

#define CSIG_HEADER_BYTES      46
#define CSIG_ENVELOPE_OVERHEAD (CSIG_HEADER_BYTES + CSIG_ED_SIG_BYTES)

void csig_header_wire(csig_wire *w, void *header);
/* Of a protocol's messages. */
uint8_t csig_envelope_version(uint8_t protocol);
/* Reads and checks kind, version, level and that len is exactly header + body + signature:
 * CSIG_E_LENGTH, E_FORMAT, E_KIND, E_VERSION, E_LEVEL. The signature is not looked at. */
CSIG_MUST csig_err csig_envelope_read(csig_header *h, const uint8_t **body, const uint8_t *in,
                                      size_t len);
/* Writes header, body and signature: CSIG_ENVELOPE_OVERHEAD + h->body_len octets. */
void csig_envelope_write(uint8_t *out, const csig_header *h, const uint8_t *body,
                         const csig_ed_key *key);
/* CSIG_E_SIGNATURE */
CSIG_MUST csig_err csig_envelope_verify(const uint8_t *in, size_t len,
                                        const uint8_t id[CSIG_ID_BYTES]);

#endif
