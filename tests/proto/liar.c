#include "proto/liar.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void liar_init(liar *l, network *net, uint16_t from, const csig_ed_key *key)
{
    memset(l, 0, sizeof *l);
    l->from = from;
    l->to = LIAR_ALL;
    l->part_for = LIAR_ALL;
    l->key = key;
    l->session = net->party[from];
    l->eph = l->session->secrets->eph;
    net->tap = liar_tap;
    net->tap_ctx = l;
}

void liar_header_read(csig_header *h, const net_packet *p)
{
    CSIG_ASSERT(csig_wire_read(csig_header_wire, h, p->bytes, CSIG_HEADER_BYTES) == CSIG_OK);
}

void liar_header_write(net_packet *p, const csig_header *h)
{
    csig_wire_write(csig_header_wire, h, p->bytes, CSIG_HEADER_BYTES);
}

void liar_sign(net_packet *p, const csig_ed_key *key)
{
    csig_header h;

    liar_header_read(&h, p);
    csig_envelope_write(p->bytes, &h, p->bytes + CSIG_HEADER_BYTES, key);
}

/* --- where a piece is --- */

static const csig_round *round_of(const liar *l)
{
    return csig_session_round(l->session, (uint8_t)(l->round - 1));
}

static csig_cast cast_of(const liar *l)
{
    switch (l->piece) {
    case LIAR_HEADER:
        return l->cast;
    case LIAR_P2P:
        return CSIG_CAST_ONE;
    case LIAR_ECHO:
        return CSIG_CAST_ECHO;
    case LIAR_PREAMBLE:
    case LIAR_BCAST:
    case LIAR_PART:
        return CSIG_CAST_ALL;
    }
    abort();
}

static void echo_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, msg, CSIG_HASH_BYTES);
}

/* A decoded preamble is its octets. Every field's digest is a field. */
static void preamble_wire(csig_wire *w, void *msg)
{
    uint8_t *at = msg;

    csig_bytes_wire(w, at, CSIG_EPH_BYTES);
    for (size_t i = 0; i < CSIG_SSID_FIELDS; i++)
        csig_bytes_wire(w, at + CSIG_EPH_BYTES + i * CSIG_SSID_DIGEST_BYTES,
                        CSIG_SSID_DIGEST_BYTES);
}

static void bare_preamble_wire(csig_wire *w, void *msg)
{
    uint8_t *at = msg;

    for (size_t i = 0; i < CSIG_SSID_FIELDS; i++)
        csig_bytes_wire(w, at + i * CSIG_SSID_DIGEST_BYTES, CSIG_SSID_DIGEST_BYTES);
}

csig_wire_fn *liar_walk(const liar *l)
{
    switch (l->piece) {
    case LIAR_HEADER:
        return csig_header_wire;
    case LIAR_PREAMBLE:
        return l->session->run.protocol->encrypts ? preamble_wire : bare_preamble_wire;
    case LIAR_BCAST:
        return round_of(l)->bcast;
    case LIAR_PART:
        return round_of(l)->part;
    case LIAR_P2P:
        return round_of(l)->p2p;
    case LIAR_ECHO:
        return echo_wire;
    }
    abort();
}

size_t liar_struct_size(const liar *l)
{
    const size_t sizes[] = {
        [LIAR_HEADER] = sizeof(csig_header),    [LIAR_PREAMBLE] = 1024,
        [LIAR_BCAST] = round_of(l)->bcast_size, [LIAR_PART] = round_of(l)->part_size,
        [LIAR_P2P] = round_of(l)->p2p_size,     [LIAR_ECHO] = CSIG_HASH_BYTES,
    };

    return sizes[l->piece];
}

static size_t size_of(const liar *l)
{
    csig_wire_fn *fn = liar_walk(l);

    if (l->piece == LIAR_PREAMBLE && l->round != 1) return 0;
    return fn == NULL ? 0 : csig_wire_size_shaped(fn, &l->session->run.shape);
}

/* From the start of the body; for a part that of position j. */
static size_t offset_of(const liar *l, uint16_t j)
{
    const csig_sizes *size = &l->session->size[l->round - 1];
    const size_t nth = j < l->from ? j : j - 1U;

    if (l->piece == LIAR_BCAST) return size->preamble;
    if (l->piece == LIAR_PART) return size->preamble + size->bcast + nth * size->part;
    return 0;
}

static csig_err box_key(const liar *l, const net_packet *p, csig_peer_key *key)
{
    const csig_run *run = &l->session->run;

    return csig_eph_key(key->b, &l->eph, l->session->eph[p->to], run->ssid, run->index[l->from],
                        run->index[p->to], true);
}

/* --- telling it --- */

static void alter(liar *l, uint8_t *raw, size_t len)
{
    const csig_wire_shape *shape = &l->session->run.shape;

    if (l->edit != NULL) {
        void *msg = calloc(1, liar_struct_size(l));

        CSIG_ASSERT(msg != NULL);
        CSIG_ASSERT(csig_wire_read_shaped(liar_walk(l), shape, msg, raw, len) == CSIG_OK);
        l->edit(l->ctx, msg);
        csig_wire_write_shaped(liar_walk(l), shape, msg, raw, len);
        free(msg);
    }
    if (l->edit_raw != NULL) l->edit_raw(l->ctx, raw, len);
}

static void alter_p2p(liar *l, net_packet *p)
{
    const size_t len = size_of(l);
    uint8_t *plain = malloc(len), *body = p->bytes + CSIG_HEADER_BYTES;
    csig_peer_key key;

    CSIG_ASSERT(plain != NULL && box_key(l, p, &key) == CSIG_OK);
    CSIG_ASSERT(csig_box_open(plain, body, len + CSIG_BOX_TAG_BYTES, p->bytes, CSIG_HEADER_BYTES,
                              key.b, l->round) == CSIG_OK);
    alter(l, plain, len);
    csig_box_seal(body, plain, len, p->bytes, CSIG_HEADER_BYTES, key.b, l->round);
    free(plain);
}

static void alter_parts(liar *l, uint8_t *body)
{
    for (uint16_t j = 0; j < l->session->run.n; j++) {
        if (j == l->from || (l->part_for != LIAR_ALL && l->part_for != j)) continue;
        alter(l, body + offset_of(l, j), size_of(l));
    }
}

static void resize(liar *l, net_packet *p)
{
    csig_header h;

    if (l->resize == 0) return;
    liar_header_read(&h, p);
    h.body_len = (uint32_t)((int64_t)h.body_len + l->resize);
    if (l->resize > 0) {
        CSIG_ASSERT(p->len + (size_t)l->resize <= p->cap);
        memset(p->bytes + p->len - CSIG_ED_SIG_BYTES, 0, (size_t)l->resize);
    }
    p->len = CSIG_ENVELOPE_OVERHEAD + (size_t)h.body_len;
    liar_header_write(p, &h);
}

/* The liar's echo has to agree with what it told all others. */
static void agree(liar *l, const net_packet *p)
{
    if (cast_of(l) != CSIG_CAST_ALL || l->to != LIAR_ALL) return;
    csig_message_hash(l->session->seen_hash[l->round - 1][l->from][CSIG_CAST_ALL], p->bytes,
                      p->len);
}

static void mend_echo(liar *l, net_packet *p)
{
    if (l->told == 0 || l->to != LIAR_ALL || cast_of(l) != CSIG_CAST_ALL) return;
    csig_echo_hash(l->session, (uint8_t)(l->round - 1), p->bytes + CSIG_HEADER_BYTES);
    liar_sign(p, l->key);
}

static void tell(liar *l, net_packet *p)
{
    uint8_t *body = p->bytes + CSIG_HEADER_BYTES;

    l->told++;
    p->dropped = l->silent;
    if (l->silent) return;
    if (l->piece == LIAR_HEADER) alter(l, p->bytes, CSIG_HEADER_BYTES);
    if (l->piece == LIAR_P2P) alter_p2p(l, p);
    if (l->piece == LIAR_PART) alter_parts(l, body);
    if (l->piece == LIAR_PREAMBLE || l->piece == LIAR_BCAST || l->piece == LIAR_ECHO)
        alter(l, body + offset_of(l, p->to), size_of(l));
    resize(l, p);
    if (l->key != NULL) liar_sign(p, l->key);
    agree(l, p);
}

void liar_tap(void *ctx, network *net, net_packet *p)
{
    liar *l = ctx;
    csig_header h;

    (void)net;
    if (p->from != l->from) return;
    liar_header_read(&h, p);
    if (h.round != l->round) return;
    if (h.cast == cast_of(l) && (l->to == LIAR_ALL || l->to == p->to)) {
        tell(l, p);
    } else if (h.cast == CSIG_CAST_ECHO && l->key != NULL) {
        mend_echo(l, p);
    }
}

size_t liar_piece_read(const liar *l, const net_packet *p, uint8_t *out, size_t cap)
{
    const size_t len = size_of(l);
    const uint8_t *body = p->bytes + CSIG_HEADER_BYTES;
    csig_peer_key key;
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != l->from || h.round != l->round || h.cast != cast_of(l)) return 0;
    CSIG_ASSERT(len <= cap);
    if (l->piece == LIAR_P2P) {
        CSIG_ASSERT(box_key(l, p, &key) == CSIG_OK);
        CSIG_ASSERT(csig_box_open(out, body, len + CSIG_BOX_TAG_BYTES, p->bytes, CSIG_HEADER_BYTES,
                                  key.b, l->round) == CSIG_OK);
    } else if (l->piece == LIAR_HEADER) {
        memcpy(out, p->bytes, len);
    } else {
        memcpy(out, body + offset_of(l, l->part_for != LIAR_ALL ? l->part_for : p->to), len);
    }
    return len;
}
