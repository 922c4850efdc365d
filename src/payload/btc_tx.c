/* Bitcoin transactions on cursor and sink. */
#include "payload/btc_tx.h"

#include <string.h>

#include "base/mem.h"

/* The least that one of a list takes: what a count may promise is bounded by the octets that are
 * left. */
#define IN_LEAST  (CSIG_TXID_BYTES + 4 + 1 + 4)
#define OUT_LEAST (8 + 1)

static csig_btc_in read_in(csig_cursor *c)
{
    csig_btc_in in = {0};
    const csig_span txid = csig_cursor_span(c, CSIG_TXID_BYTES);

    if (txid.len == CSIG_TXID_BYTES) memcpy(in.txid, txid.p, CSIG_TXID_BYTES);
    in.vout = csig_cursor_u32(c);
    in.script = csig_cursor_run(c);
    in.sequence = csig_cursor_u32(c);
    return in;
}

static csig_btc_out read_out(csig_cursor *c)
{
    csig_btc_out out = {.amount = csig_cursor_u64(c)};

    out.script = csig_cursor_run(c);
    if (out.amount > CSIG_BTC_MONEY_MAX) c->bad = true;
    return out;
}

/* A list's count, and zeroed room for it. */
static csig_err read_count(csig_cursor *c, size_t *n, void **list, size_t each, size_t least)
{
    const uint64_t count = csig_cursor_compact(c);

    CSIG_REQUIRE(!c->bad && count <= (c->in.len - c->at) / least, CSIG_E_FORMAT);
    *n = (size_t)count;
    *list = csig_public_alloc((*n + 1) * each); /* of none, too, there is a list */
    CSIG_REQUIRE(*list != NULL, CSIG_E_MEMORY);
    return CSIG_OK;
}

static csig_err read_lists(csig_btc_tx *tx, csig_cursor *c)
{
    uint64_t sum = 0;
    void *list = NULL;

    CSIG_TRY(read_count(c, &tx->n_in, &list, sizeof *tx->in, IN_LEAST));
    tx->in = list;
    for (size_t i = 0; i < tx->n_in; i++)
        tx->in[i] = read_in(c);
    CSIG_TRY(read_count(c, &tx->n_out, &list, sizeof *tx->out, OUT_LEAST));
    tx->out = list;
    for (size_t i = 0; i < tx->n_out && !c->bad; i++) {
        tx->out[i] = read_out(c);
        sum += tx->out[i].amount;
        if (sum > CSIG_BTC_MONEY_MAX) c->bad = true;
    }
    return CSIG_OK;
}

static csig_span read_witness(csig_cursor *c)
{
    const size_t from = c->at;
    const uint64_t count = csig_cursor_compact(c);

    for (uint64_t i = 0; i < count && !c->bad; i++)
        (void)csig_cursor_run(c);
    return csig_cursor_since(c, from);
}

/* Is this an empty stack? */
static bool is_bare(csig_span witness)
{
    return witness.len == 1;
}

static csig_err read_all(csig_btc_tx *tx, csig_cursor *c, csig_btc_form form)
{
    tx->version = csig_cursor_u32(c);
    /* BIP144: no inputs, which no transaction has, then the flag 1. */
    if (form == CSIG_BTC_FULL && c->in.len - c->at >= 2 && c->in.p[c->at] == 0) {
        (void)csig_cursor_u8(c);
        CSIG_REQUIRE(csig_cursor_u8(c) == 1, CSIG_E_FORMAT);
        tx->has_witness = true;
    }
    CSIG_TRY(read_lists(tx, c));
    bool all_bare = true;
    for (size_t i = 0; tx->has_witness && i < tx->n_in; i++) {
        const csig_span witness = read_witness(c);

        if (is_bare(witness)) continue;
        tx->in[i].witness = witness;
        all_bare = false;
    }
    CSIG_REQUIRE(!tx->has_witness || !all_bare, CSIG_E_FORMAT);
    tx->locktime = csig_cursor_u32(c);
    CSIG_REQUIRE(csig_cursor_is_done(c), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_btc_tx_read(csig_btc_tx *tx, csig_span octets, csig_btc_form form)
{
    csig_cursor c = {.in = octets};
    csig_err err;

    *tx = (csig_btc_tx){0};
    err = read_all(tx, &c, form);
    if (err != CSIG_OK) csig_btc_tx_free(tx);
    return err;
}

void csig_btc_tx_free(csig_btc_tx *tx)
{
    csig_public_free(tx->in);
    csig_public_free(tx->out);
    *tx = (csig_btc_tx){0};
}

void csig_btc_out_write(csig_sink *s, const csig_btc_out *out)
{
    csig_sink_u64(s, out->amount);
    csig_sink_run(s, out->script);
}

void csig_btc_tx_write(csig_sink *s, const csig_btc_tx *tx, csig_btc_form form)
{
    const bool has_witness = form == CSIG_BTC_FULL && tx->has_witness;

    csig_sink_u32(s, tx->version);
    if (has_witness) csig_sink_bytes(s, "\0\1", 2);
    csig_sink_compact(s, tx->n_in);
    for (size_t i = 0; i < tx->n_in; i++) {
        csig_sink_bytes(s, tx->in[i].txid, CSIG_TXID_BYTES);
        csig_sink_u32(s, tx->in[i].vout);
        csig_sink_run(s, tx->in[i].script);
        csig_sink_u32(s, tx->in[i].sequence);
    }
    csig_sink_compact(s, tx->n_out);
    for (size_t i = 0; i < tx->n_out; i++)
        csig_btc_out_write(s, &tx->out[i]);
    for (size_t i = 0; has_witness && i < tx->n_in; i++) {
        if (tx->in[i].witness.len == 0) csig_sink_u8(s, 0);
        csig_sink_span(s, tx->in[i].witness);
    }
    csig_sink_u32(s, tx->locktime);
}

void csig_btc_txid(uint8_t txid[CSIG_TXID_BYTES], const csig_btc_tx *tx)
{
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    csig_sha256_init(&h);
    csig_btc_tx_write(&s, tx, CSIG_BTC_PLAIN);
    csig_sha256_final_twice(&h, txid);
}

csig_err csig_btc_out_read(csig_btc_out *out, csig_span octets)
{
    csig_cursor c = {.in = octets};

    *out = read_out(&c);
    CSIG_REQUIRE(csig_cursor_is_done(&c), CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_btc_witness_read(csig_span octets)
{
    csig_cursor c = {.in = octets};

    (void)read_witness(&c);
    CSIG_REQUIRE(csig_cursor_is_done(&c), CSIG_E_FORMAT);
    return CSIG_OK;
}
