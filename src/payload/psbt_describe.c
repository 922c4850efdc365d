/* A PSBT told: as JSON, and in words what the facts leave out. */
#include "payload/psbt_kind.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define BITCOIN_DECIMALS 8
#define TIME_LEAST       500000000 /* a locktime from here is a time */

/* The number of p->inputs that this input is; p->n_inputs: not one of them. */
static size_t own_number(const csig_payload *p, size_t input)
{
    const csig_psbt_body *b = p->body;

    for (size_t i = 0; i < p->n_inputs; i++)
        if (b->input[i] == input) return i;
    return p->n_inputs;
}

static csig_json *path_json(const uint32_t *path, size_t depth)
{
    char text[2 + CSIG_PATH_MAX * 11];
    size_t at = 1;

    text[0] = 'm';
    text[1] = 0;
    for (size_t i = 0; i < depth; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "/%lu", (unsigned long)path[i]);
    return csig_json_text(text);
}

static csig_json *decimal(uint64_t v)
{
    uint8_t n[CSIG_AMOUNT_BYTES] = {0};

    for (size_t i = 0; i < sizeof v; i++)
        n[sizeof n - 1 - i] = (uint8_t)(v >> (8 * i));
    return csig_json_decimal(n);
}

/* As people write it: the last octet first. */
static csig_json *txid_json(const uint8_t txid[CSIG_TXID_BYTES])
{
    uint8_t reversed[CSIG_TXID_BYTES];

    for (size_t i = 0; i < CSIG_TXID_BYTES; i++)
        reversed[i] = txid[CSIG_TXID_BYTES - 1 - i];
    return csig_json_hex(reversed, sizeof reversed);
}

static csig_json *input_json(const csig_payload *p, size_t i)
{
    const csig_psbt_body *b = p->body;
    const csig_btc_in *in = &b->psbt.tx.in[i];
    const csig_coin *coin = &b->coins[i];
    const size_t own = own_number(p, i);
    char address[CSIG_ADDRESS_BYTES];
    csig_json *o = csig_json_object();

    csig_btc_address(address, b->network, coin->out.script);
    csig_json_put(&o, "txid", txid_json(in->txid));
    csig_json_put(&o, "vout", csig_json_integer(in->vout));
    csig_json_put(&o, "sequence", csig_json_integer(in->sequence));
    csig_json_put(&o, "amount", decimal(coin->out.amount));
    csig_json_put(&o, "address", csig_json_text(address));
    if (coin->proof == CSIG_COIN_STATED)
        csig_json_put(&o, "amount_unproven", csig_json_boolean(true));
    if (coin->lock == CSIG_LOCK_MULTISIG) {
        csig_json_put(&o, "signers_required", csig_json_integer((int64_t)coin->multisig.m));
        csig_json_put(&o, "signers", csig_json_integer((int64_t)coin->multisig.n));
    }
    if (own == p->n_inputs) return o;
    csig_json_put(&o, "own", csig_json_boolean(true));
    csig_json_put(&o, "path", path_json(p->inputs[own].path, p->inputs[own].depth));
    csig_json_put(&o, "sighash", csig_json_integer((int64_t)b->type[own]));
    return o;
}

static csig_json *output_json(const csig_payload *p, size_t i)
{
    const csig_psbt_body *b = p->body;
    const csig_btc_out *out = &b->psbt.tx.out[i];
    const csig_btc_script script = csig_btc_script_of(out->script);
    const csig_change *change = &b->change[i];
    csig_json *o = csig_json_object();

    csig_json_put(&o, "amount", decimal(out->amount));
    if (script.kind == CSIG_BTC_DATA)
        csig_json_put(&o, "data", csig_json_hex(script.program.p, script.program.len));
    else if (script.kind == CSIG_BTC_OTHER)
        csig_json_put(&o, "script", csig_json_hex(script.program.p, script.program.len));
    else
        csig_json_put(&o, "address", csig_json_text(p->facts.transfers[i].to));
    if (!change->is_own) return o;
    csig_json_put(&o, "own", csig_json_boolean(true));
    csig_json_put(&o, "path", path_json(change->path, change->depth));
    return o;
}

csig_json *csig_psbt_describe(const csig_payload *p)
{
    const csig_psbt_body *b = p->body;
    const csig_btc_tx *tx = &b->psbt.tx;
    csig_json *o = csig_json_object(), *inputs = csig_json_list(), *outputs = csig_json_list();
    uint8_t txid[CSIG_TXID_BYTES];

    csig_btc_txid(txid, tx);
    for (size_t i = 0; i < tx->n_in; i++)
        csig_json_append(&inputs, input_json(p, i));
    for (size_t i = 0; i < tx->n_out; i++)
        csig_json_append(&outputs, output_json(p, i));
    csig_json_put(&o, "network", csig_json_text(b->network->name));
    csig_json_put(&o, "unsigned_txid", txid_json(txid));
    csig_json_put(&o, "version", csig_json_integer(tx->version));
    csig_json_put(&o, "locktime", csig_json_integer(tx->locktime));
    csig_json_put(&o, "inputs", inputs);
    csig_json_put(&o, "outputs", outputs);
    return o;
}

/* --- words --- */

static void amount_words(csig_text *t, const csig_btc_network *network, uint64_t v)
{
    uint8_t n[sizeof v];

    for (size_t i = 0; i < sizeof v; i++)
        n[sizeof n - 1 - i] = (uint8_t)(v >> (8 * i));
    csig_text_decimal(t, n, sizeof n, BITCOIN_DECIMALS);
    csig_text_add(t, network->has_value ? " BTC" : " test BTC");
}

static uint64_t sum_of_inputs(const csig_payload *p, bool is_own)
{
    const csig_psbt_body *b = p->body;
    uint64_t sum = 0;

    for (size_t i = 0; i < b->psbt.tx.n_in; i++)
        if ((own_number(p, i) < p->n_inputs) == is_own) sum += b->coins[i].out.amount;
    return sum;
}

/* Once it is known whose key signs. */
static void input_words(const csig_payload *p, csig_text *t)
{
    const csig_psbt_body *b = p->body;
    const size_t others = b->psbt.tx.n_in - p->n_inputs;

    csig_text_add(t, "Signs %zu input(s) of ", p->n_inputs);
    amount_words(t, b->network, sum_of_inputs(p, true));
    csig_text_add(t, " together.\n");
    if (others > 0) {
        csig_text_add(t, "The other %zu input(s), of ", others);
        amount_words(t, b->network, sum_of_inputs(p, false));
        csig_text_add(t, " together, are signed by others or already.\n");
    }
}

void csig_psbt_words(const csig_payload *p, csig_text *t)
{
    const csig_psbt_body *b = p->body;
    const csig_btc_tx *tx = &b->psbt.tx;

    csig_text_add(t, "A Bitcoin transaction on the %s network: %zu input(s), %zu output(s).\n",
                  b->network->name, tx->n_in, tx->n_out);
    if (!b->network->has_value)
        csig_text_add(t, "Nothing that is signed says which network: coins of the main one are "
                         "spent as well.\n");
    if (p->n_inputs > 0) input_words(p, t);
    /* Who signs alone for one coin cannot be deceived about it: the signature would be void. */
    if (p->facts.fee_unproven)
        csig_text_add(
            t,
            "The amounts of %zu input(s) are what the PSBT says, not proven: the fee may be "
            "higher if this is not the only transaction they are shown in.\n",
            csig_psbt_count_unproven(b));
    if (p->facts.sighash_flags != 0)
        csig_text_add(t, "Others may add inputs to it afterwards (ANYONECANPAY).\n");
    if (tx->locktime != 0)
        csig_text_add(t, "Locked until %lu (%s).\n", (unsigned long)tx->locktime,
                      tx->locktime < TIME_LEAST ? "a block's height" : "seconds since 1970");
}
