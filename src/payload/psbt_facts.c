/* What a PSBT does: where the money goes, what comes back, what the miner gets. */
#include "payload/psbt_kind.h"

#include <string.h>

#include "base/mem.h"

/* Octets of a witness: its count; a signature with its type and its length, hardly ever fewer, so
 * that the rate is the most; a public key and its length. */
#define SIGNATURE_LEAST 70
#define WITNESS_COUNT   1
#define PUSHED_KEY      (1 + CSIG_PUBKEY_BYTES)
/* BIP141: what is no witness weighs four times as much. */
#define WEIGHT 4

static void put_amount(uint8_t out[CSIG_AMOUNT_BYTES], uint64_t v)
{
    memset(out, 0, CSIG_AMOUNT_BYTES);
    for (size_t i = 0; i < sizeof v; i++)
        out[CSIG_AMOUNT_BYTES - 1 - i] = (uint8_t)(v >> (8 * i));
}

static csig_err read_fee(csig_psbt_body *b, char *why)
{
    const csig_btc_tx *tx = &b->psbt.tx;
    uint64_t in = 0, out = 0;

    for (size_t i = 0; i < tx->n_in; i++) {
        if (b->coins[i].proof == CSIG_COIN_UNKNOWN)
            return csig_why(why, "input %zu: the PSBT does not say how much it spends", i);
        in += b->coins[i].out.amount; /* at most 256 times all money: fits */
    }
    for (size_t i = 0; i < tx->n_out; i++)
        out += tx->out[i].amount;
    if (in > CSIG_BTC_MONEY_MAX) return csig_why(why, "the inputs are more than all money");
    if (out > in) return csig_why(why, "the outputs are more than the inputs");
    b->fee = in - out;
    return CSIG_OK;
}

/* The least that the input adds to the transaction when it is finished: of what is not known,
 * nothing. */
static uint64_t input_weight(const csig_psbt_body *b, size_t i)
{
    const csig_psbt_map *map = &b->psbt.in[i];
    const csig_coin *coin = &b->coins[i];
    const uint64_t signatures = coin->lock == CSIG_LOCK_MULTISIG ? coin->multisig.m : 1;
    uint64_t script = coin->redeem.len, witness = 0, opened = 0;

    if (coin->is_final)
        return WEIGHT * csig_psbt_value(map, CSIG_PSBT_IN_FINAL_SCRIPTSIG).len +
               csig_psbt_value(map, CSIG_PSBT_IN_FINAL_SCRIPTWITNESS).len;
    if (script > 0) script++; /* its push */
    if (coin->lock == CSIG_LOCK_KEY) opened = SIGNATURE_LEAST + PUSHED_KEY;
    if (coin->lock == CSIG_LOCK_MULTISIG) opened = 1 + signatures * SIGNATURE_LEAST;
    if (coin->is_witness)
        witness = WITNESS_COUNT + opened + coin->witness_script.len;
    else
        script += opened;
    return WEIGHT * script + witness;
}

static void read_fee_rate(csig_psbt_body *b)
{
    const csig_btc_tx *tx = &b->psbt.tx;
    csig_sink s = {0};
    uint64_t weight;

    csig_btc_tx_write(&s, tx, CSIG_BTC_PLAIN);
    weight = WEIGHT * (uint64_t)s.at;
    for (size_t i = 0; i < tx->n_in; i++)
        weight += input_weight(b, i);
    /* satoshi per 1000 virtual octets, a quarter of the weight each; rounded up */
    b->fee_rate = (b->fee * 1000 * WEIGHT + weight - 1) / weight;
}

size_t csig_psbt_count_unproven(const csig_psbt_body *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->psbt.tx.n_in; i++)
        if (b->coins[i].proof == CSIG_COIN_STATED) n++;
    return n;
}

csig_err csig_psbt_facts_read(csig_payload *p, char *why)
{
    csig_psbt_body *b = p->body;
    const csig_btc_tx *tx = &b->psbt.tx;
    csig_facts *f = &p->facts;

    if (tx->n_in == 0 || tx->n_out == 0)
        return csig_why(why, "a transaction has inputs and outputs; this has %zu and %zu", tx->n_in,
                        tx->n_out);
    if (tx->n_out > CSIG_TRANSFERS_MAX)
        return csig_why(why, "more than %d outputs", CSIG_TRANSFERS_MAX);
    CSIG_TRY(read_fee(b, why));
    read_fee_rate(b);

    memcpy(f->chain, b->network->chain, strlen(b->network->chain) + 1);
    for (size_t i = 0; i < tx->n_out; i++) {
        csig_transfer *t = &f->transfers[i];

        memcpy(t->asset, b->network->asset, strlen(b->network->asset) + 1);
        csig_btc_address(t->to, b->network, tx->out[i].script);
        put_amount(t->amount, tx->out[i].amount);
    }
    f->n_transfers = tx->n_out;
    f->has_fee = 1;
    memcpy(f->fee_asset, b->network->asset, strlen(b->network->asset) + 1);
    put_amount(f->fee, b->fee);
    f->fee_unproven = tx->n_in > 1 && csig_psbt_count_unproven(b) > 0;
    f->has_fee_rate = 1;
    put_amount(f->fee_rate, b->fee_rate);
    return CSIG_OK;
}

/* --- what comes back --- */

static bool script_is_of_key(csig_span script, const uint8_t key[CSIG_PUBKEY_BYTES])
{
    const csig_btc_kind kind = csig_btc_script_of(script).kind;
    csig_btc_made made;

    if (kind != CSIG_BTC_P2PKH && kind != CSIG_BTC_P2WPKH && kind != CSIG_BTC_P2SH) return false;
    csig_btc_script_pay(&made, kind, key);
    return csig_span_is_eq(csig_btc_made_span(&made), script);
}

static void set_change(csig_change *change, const uint32_t *path, size_t depth)
{
    change->is_own = true;
    change->depth = depth;
    memcpy(change->path, path, depth * sizeof *path);
}

/* By the output's derivations: the account's child, and the output pays to it alone. */
static void find_by_derivation(csig_change *change, const csig_payload *p, size_t output)
{
    const csig_psbt_body *b = p->body;
    const csig_psbt_map *map = &b->psbt.out[output];

    for (size_t i = 0; i < map->n && !change->is_own; i++) {
        const csig_psbt_field *f = &map->field[i];
        uint32_t path[CSIG_PATH_MAX];
        uint8_t key[CSIG_PUBKEY_BYTES];
        size_t depth;

        if (f->type != CSIG_PSBT_OUT_BIP32_DERIVATION || f->data.len != sizeof key) continue;
        if (!script_is_of_key(b->psbt.tx.out[output].script, f->data.p)) continue;
        if (csig_psbt_path(path, &depth, f->value) != CSIG_OK) continue;
        if (csig_child(p->account.public_key, p->account.chain_code, path, depth, key, NULL) !=
            CSIG_OK)
            continue;
        if (csig_is_same(key, f->data.p, sizeof key)) set_change(change, path, depth);
    }
}

/* Does all that is signed for here lie in this script? */
static bool all_comes_from(const csig_payload *p, csig_span script)
{
    const csig_psbt_body *b = p->body;

    for (size_t i = 0; i < p->n_inputs; i++)
        if (!csig_span_is_eq(script, b->coins[b->input[i]].out.script)) return false;
    return p->n_inputs > 0;
}

/* To a key that signs here, or into the very script that all of these inputs open: a multisig's
 * money goes back to the same people. Not where other money of ours is signed for: it would be
 * theirs, who may have put their coin there for that. */
static void find_by_inputs(csig_change *change, const csig_payload *p, size_t output)
{
    const csig_psbt_body *b = p->body;
    const csig_span script = b->psbt.tx.out[output].script;

    for (size_t i = 0; i < p->n_inputs && !change->is_own; i++) {
        const csig_payload_input_of *in = &p->inputs[i];

        if (script_is_of_key(script, in->public_key)) set_change(change, in->path, in->depth);
    }
    if (!change->is_own && all_comes_from(p, script))
        set_change(change, p->inputs[0].path, p->inputs[0].depth);
    if (!change->is_own && script_is_of_key(script, p->public_key))
        set_change(change, p->path, p->depth);
}

csig_err csig_psbt_facts_bind(csig_payload *p)
{
    csig_psbt_body *b = p->body;

    for (size_t i = 0; i < p->facts.n_transfers; i++) {
        find_by_derivation(&b->change[i], p, i);
        find_by_inputs(&b->change[i], p, i);
        p->facts.transfers[i].to_self = b->change[i].is_own;
    }
    return CSIG_OK;
}
