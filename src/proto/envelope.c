/* Envelopes: the header's walk, what can be said of one without a session, signing and verifying.
 */
#include "proto/envelope.h"

#include <string.h>

#include "base/ct.h"
#include "countersign/session.h"
#include "crypto/header.h"
#include "proto/round.h"

#define AT_PROTOCOL CSIG_KIND_BYTES

void csig_header_wire(csig_wire *w, void *header)
{
    csig_header *h = header;

    csig_u8_wire(w, &h->kind);
    csig_u8_wire(w, &h->version);
    csig_u8_wire(w, &h->level);
    csig_u8_wire(w, &h->protocol);
    csig_u8_wire(w, &h->round);
    csig_u8_wire(w, &h->cast);
    csig_u16_wire(w, &h->from);
    csig_u16_wire(w, &h->to);
    csig_bytes_wire(w, h->ssid, sizeof h->ssid);
    csig_u32_wire(w, &h->body_len);
}

/* Key generation: in version 1 the chain code's parts were encrypted apart. */
uint8_t csig_envelope_version(uint8_t protocol)
{
    return protocol == CSIG_PROTOCOL_KEYGEN ? 2 : CSIG_FORMAT_VERSION;
}

/* The header of what may be the start of a longer list. */
static csig_err read_header(csig_header *h, const uint8_t *in, size_t len)
{
    const uint8_t version = csig_envelope_version(len > AT_PROTOCOL ? in[AT_PROTOCOL] : 0);

    CSIG_TRY(csig_kind_check_version(in, len, CSIG_KIND_ENVELOPE, version));
    CSIG_REQUIRE(len >= CSIG_ENVELOPE_OVERHEAD, CSIG_E_LENGTH);
    return csig_wire_read(csig_header_wire, h, in, CSIG_HEADER_BYTES);
}

csig_err csig_envelope_read(csig_header *h, const uint8_t **body, const uint8_t *in, size_t len)
{
    CSIG_TRY(read_header(h, in, len));
    CSIG_REQUIRE(h->body_len == len - CSIG_ENVELOPE_OVERHEAD, CSIG_E_LENGTH);
    CSIG_REQUIRE(h->cast <= CSIG_CAST_ABORT, CSIG_E_FORMAT);
    CSIG_REQUIRE((h->cast == CSIG_CAST_ONE) == (h->to != CSIG_TO_ALL), CSIG_E_FORMAT);
    *body = in + CSIG_HEADER_BYTES;
    return CSIG_OK;
}

/* Header and body as one item each. */
static void signed_content(csig_transcript *t, const uint8_t *in, size_t body_len)
{
    csig_transcript_init(t, CSIG_LABEL_ENVELOPE);
    csig_transcript_bytes(t, in, CSIG_HEADER_BYTES);
    csig_transcript_bytes(t, in + CSIG_HEADER_BYTES, body_len);
}

void csig_envelope_write(uint8_t *out, const csig_header *h, const uint8_t *body,
                         const csig_ed_key *key)
{
    csig_transcript t;

    if (h->body_len > 0) memmove(out + CSIG_HEADER_BYTES, body, h->body_len);
    csig_wire_write(csig_header_wire, h, out, CSIG_HEADER_BYTES);
    /* What is sent is public. */
    csig_ct_public(out, CSIG_HEADER_BYTES + (size_t)h->body_len);
    signed_content(&t, out, h->body_len);
    csig_ed_sign(out + CSIG_HEADER_BYTES + h->body_len, key, &t);
}

csig_err csig_envelope_verify(const uint8_t *in, size_t len, const uint8_t id[CSIG_ID_BYTES])
{
    csig_transcript t;

    CSIG_REQUIRE(len >= CSIG_ENVELOPE_OVERHEAD, CSIG_E_SIGNATURE);
    signed_content(&t, in, len - CSIG_ENVELOPE_OVERHEAD);
    return csig_ed_verify(in + len - CSIG_ED_SIG_BYTES, id, &t);
}

csig_err csig_envelope_address(const uint8_t *envelope, size_t len, uint8_t session_id[32],
                               uint16_t *from, uint16_t *to)
{
    csig_header h;
    const uint8_t *body;

    CSIG_TRY(csig_envelope_read(&h, &body, envelope, len));
    memcpy(session_id, h.ssid, CSIG_SSID_BYTES);
    *from = h.from;
    *to = h.to;
    return CSIG_OK;
}

csig_err csig_envelope_round(const uint8_t *envelope, size_t len, uint8_t *round)
{
    csig_header h;
    const uint8_t *body;

    CSIG_TRY(csig_envelope_read(&h, &body, envelope, len));
    *round = h.round;
    return CSIG_OK;
}

csig_err csig_envelope_length(const uint8_t *p, size_t len, size_t *envelope_len)
{
    csig_header h;

    CSIG_TRY(read_header(&h, p, len));
    CSIG_REQUIRE(h.body_len <= len - CSIG_ENVELOPE_OVERHEAD, CSIG_E_LENGTH);
    *envelope_len = CSIG_ENVELOPE_OVERHEAD + (size_t)h.body_len;
    return CSIG_OK;
}
