/* Own messages: made by the round, written by its walks, encrypted where they are for one, signed,
 * queued. */
#include <string.h>

#include "base/mem.h"
#include "proto/state.h"

void csig_peer_key_wipe(csig_peer_key *key)
{
    csig_wipe(key, sizeof *key);
}

csig_err csig_peer_key_agree(csig_peer_key *key, const csig_session *s, uint16_t peer,
                             bool mine_is_from)
{
    const uint16_t mine = s->run.index[s->run.self];
    const uint16_t theirs = s->run.index[peer];

    return csig_eph_key(key->b, &s->secrets->eph, s->eph[peer], s->run.ssid,
                        mine_is_from ? mine : theirs, mine_is_from ? theirs : mine, mine_is_from);
}

static csig_header header(const csig_session *s, csig_cast cast, uint16_t to, size_t body_len)
{
    csig_header h = {
        .kind = CSIG_KIND_ENVELOPE,
        .version = csig_envelope_version(s->run.protocol->id),
        .level = CSIG_LEVEL,
        .protocol = s->run.protocol->id,
        .round = (uint8_t)(s->round + 1),
        .cast = (uint8_t)cast,
        .from = s->run.index[s->run.self],
        .to = to,
        .body_len = (uint32_t)body_len,
    };

    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    return h;
}

/* Sign what is in the packet's body and queue it. */
static csig_err post(csig_session *s, csig_packet *p, const csig_header *h)
{
    csig_envelope_write(p->bytes, h, p->bytes + CSIG_HEADER_BYTES, &s->secrets->key);
    p->held = h->cast != CSIG_CAST_ECHO && (s->holding || csig_session_round(s, s->round)->hold);
    csig_message_hash(s->seen_hash[s->round][s->run.self][h->cast], p->bytes, p->len);
    csig_outbox_add(s, p);
    if (!csig_session_is_kept(s)) return CSIG_OK;
    return csig_log_keep(s, s->round, s->run.self, (csig_cast)h->cast, p->bytes, p->len);
}

static csig_err post_broadcast(csig_session *s, const csig_out *out)
{
    const csig_round *round = csig_session_round(s, s->round);
    const csig_sizes size = s->size[s->round];
    const size_t len = csig_round_body(s, s->round, s->run.self, CSIG_CAST_ALL);
    const csig_header h = header(s, CSIG_CAST_ALL, CSIG_TO_ALL, len);
    csig_packet *p;
    uint8_t *at;

    if (len == 0) return CSIG_OK;
    p = csig_packet_new(len);
    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    at = p->bytes + CSIG_HEADER_BYTES;
    if (size.preamble > 0) csig_preamble_write(s, at);
    at += size.preamble;
    if (size.bcast > 0)
        csig_wire_write_shaped(round->bcast, &s->run.shape, out->bcast, at, size.bcast);
    at += size.bcast;
    for (uint16_t j = 0; size.part > 0 && j < s->run.n; j++) {
        if (j == s->run.self) continue;
        csig_wire_write_shaped(round->part, &s->run.shape, out->part[j], at, size.part);
        at += size.part;
    }
    return post(s, p, &h);
}

static csig_err post_p2p(csig_session *s, const csig_out *out, uint16_t to)
{
    const csig_round *round = csig_session_round(s, s->round);
    const size_t plain_len = s->size[s->round].p2p;
    const csig_header h =
        header(s, CSIG_CAST_ONE, s->run.index[to], plain_len + CSIG_BOX_TAG_BYTES);
    CSIG_AUTO(csig_peer_key) key;
    csig_packet *p;

    CSIG_TRY(csig_peer_key_agree(&key, s, to, true));
    p = csig_packet_new(h.body_len);
    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    csig_wire_write_shaped(round->p2p, &s->run.shape, out->p2p[to], s->plain, plain_len);
    /* The header is the associated data: what is for one cannot be passed on as for another. */
    csig_wire_write(csig_header_wire, &h, p->bytes, CSIG_HEADER_BYTES);
    csig_box_seal(p->bytes + CSIG_HEADER_BYTES, s->plain, plain_len, p->bytes, CSIG_HEADER_BYTES,
                  key.b, h.round);
    csig_wipe(s->plain, plain_len);
    return post(s, p, &h);
}

static csig_err make_and_post(csig_session *s, csig_out *out)
{
    const csig_round *round = csig_session_round(s, s->round);

    if (round->make != NULL) CSIG_TRY(round->make(&s->run, out));
    CSIG_TRY(post_broadcast(s, out));
    for (uint16_t j = 0; round->p2p != NULL && j < s->run.n; j++) {
        if (j != s->run.self) CSIG_TRY(post_p2p(s, out, j));
    }
    return CSIG_OK;
}

csig_err csig_make_message(csig_session *s)
{
    const csig_round *round = csig_session_round(s, s->round);
    const size_t bcast = csig_aligned(round->bcast_size), part = csig_aligned(round->part_size);
    const size_t len = bcast + s->run.n * part;
    uint8_t *open = NULL;
    csig_out out = {0};
    csig_err err;

    if (len > 0) {
        open = csig_public_alloc(len);
        CSIG_REQUIRE(open != NULL, CSIG_E_MEMORY);
    }
    if (bcast > 0) out.bcast = open;
    for (uint16_t j = 0; j < s->run.n; j++) {
        if (j == s->run.self) continue;
        if (part > 0) out.part[j] = open + bcast + j * part;
        if (round->p2p != NULL) out.p2p[j] = s->p2p + j * s->p2p_stride;
    }
    err = make_and_post(s, &out);
    /* Not secret once sent; but it may never be sent. */
    if (len > 0) csig_wipe(open, len);
    csig_wipe(s->p2p, s->run.n * s->p2p_stride);
    csig_public_free(open);
    return err;
}

void csig_echo_begin(csig_transcript *t, const csig_session *s, uint8_t round)
{
    csig_transcript_init(t, CSIG_LABEL_ECHO);
    csig_transcript_bytes(t, s->run.ssid, CSIG_SSID_BYTES);
    csig_transcript_u32(t, round + 1U);
}

void csig_echo_add(csig_transcript *t, const csig_session *s, uint16_t from, const uint8_t hash[32])
{
    csig_transcript_party(t, s->run.index[from]);
    csig_transcript_bytes(t, hash, 32);
}

void csig_echo_hash(const csig_session *s, uint8_t round, uint8_t hash[CSIG_HASH_BYTES])
{
    csig_transcript t;

    csig_echo_begin(&t, s, round);
    for (uint16_t j = 0; j < s->run.n; j++) {
        const bool owed = csig_round_body(s, round, j, CSIG_CAST_ALL) > 0;

        if (owed) csig_echo_add(&t, s, j, s->seen_hash[round][j][CSIG_CAST_ALL]);
    }
    csig_transcript_hash(&t, hash);
}

csig_err csig_make_echo(csig_session *s)
{
    const csig_header h = header(s, CSIG_CAST_ECHO, CSIG_TO_ALL, CSIG_HASH_BYTES);
    csig_packet *p = csig_packet_new(h.body_len);

    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    csig_echo_hash(s, s->round, p->bytes + CSIG_HEADER_BYTES);
    return post(s, p, &h);
}

/* Large, signed like a broadcast, in the round after the last. */
csig_err csig_make_error(csig_session *s)
{
    const csig_error_round *round = s->run.protocol->error;
    csig_header h = header(s, CSIG_CAST_ALL, CSIG_TO_ALL, round->bytes(&s->run));
    csig_packet *p = csig_packet_new(h.body_len);
    csig_err err;

    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    h.round = (uint8_t)(s->run.protocol->count + 1);
    csig_outbox_add(s, p);
    err = round->make(&s->run, p->bytes + CSIG_HEADER_BYTES);
    if (err != CSIG_OK) { /* nothing half-made leaves */
        csig_outbox_clear(s);
        return err;
    }
    csig_envelope_write(p->bytes, &h, p->bytes + CSIG_HEADER_BYTES, &s->secrets->key);
    return csig_log_keep(s, CSIG_ERROR_ROUND, s->run.self, CSIG_CAST_ALL, p->bytes, p->len);
}
