/* Coins of a PSBT's inputs. Rules of BIP174 for signers: the transaction's id and the scripts'
 * hashes are checked, and without a transaction only SegWit coins are signed. */
#include "payload/psbt_coin.h"

#include "base/mem.h"
#include "payload/text.h"

/* The output in the transaction that the PSBT has for this input. */
static csig_err read_proven(csig_coin *coin, const csig_btc_in *in, csig_span octets, size_t input,
                            char *why)
{
    uint8_t txid[CSIG_TXID_BYTES];
    csig_btc_tx tx;
    csig_err err = CSIG_OK;

    CSIG_TRY(csig_btc_tx_read(&tx, octets, CSIG_BTC_FULL));
    csig_btc_txid(txid, &tx);
    if (!csig_is_same(txid, in->txid, sizeof txid))
        err =
            csig_why(why, "input %zu: the transaction given is not the one it spends from", input);
    else if (in->vout >= tx.n_out)
        err = csig_why(why, "input %zu: the transaction it spends from has no output %lu", input,
                       (unsigned long)in->vout);
    else
        coin->out = tx.out[in->vout];
    coin->proof = CSIG_COIN_PROVEN;
    csig_btc_tx_free(&tx);
    return err;
}

static csig_err read_output(csig_coin *coin, const csig_psbt *psbt, size_t input, char *why)
{
    const csig_psbt_map *map = &psbt->in[input];
    const csig_span whole = csig_psbt_value(map, CSIG_PSBT_IN_NON_WITNESS_UTXO);
    const csig_span stated = csig_psbt_value(map, CSIG_PSBT_IN_WITNESS_UTXO);
    csig_btc_out out;

    if (whole.len > 0) CSIG_TRY(read_proven(coin, &psbt->tx.in[input], whole, input, why));
    if (stated.len == 0) return CSIG_OK;
    CSIG_TRY(csig_btc_out_read(&out, stated));
    if (coin->proof == CSIG_COIN_PROVEN) {
        if (out.amount != coin->out.amount || !csig_span_is_eq(out.script, coin->out.script))
            return csig_why(why, "input %zu: the output given is not in the transaction given",
                            input);
        return CSIG_OK;
    }
    coin->out = out;
    coin->proof = CSIG_COIN_STATED;
    return CSIG_OK;
}

/* The script behind a P2SH, if it is told; what has a place for no script has none. */
static csig_err open_p2sh(csig_coin *coin, csig_btc_script *script, const csig_psbt_map *map,
                          size_t input, char *why)
{
    coin->redeem = csig_psbt_value(map, CSIG_PSBT_IN_REDEEM_SCRIPT);
    if (coin->redeem.len == 0) return CSIG_OK;
    if (!csig_btc_script_is_of(*script, coin->redeem) || script->kind != CSIG_BTC_P2SH)
        return csig_why(why, "input %zu: its redeemScript is not of the coin", input);
    if (coin->redeem.len > CSIG_BTC_PUSH_MAX)
        return csig_why(why, "input %zu: its redeemScript is too long", input);
    *script = csig_btc_script_of(coin->redeem);
    return CSIG_OK;
}

static csig_err open_p2wsh(csig_coin *coin, csig_btc_script script, const csig_psbt_map *map,
                           size_t input, char *why)
{
    coin->witness_script = csig_psbt_value(map, CSIG_PSBT_IN_WITNESS_SCRIPT);
    if (coin->witness_script.len == 0) return CSIG_OK;
    if (script.kind != CSIG_BTC_P2WSH || !csig_btc_script_is_of(script, coin->witness_script))
        return csig_why(why, "input %zu: its witnessScript is not of the coin", input);
    return CSIG_OK;
}

static bool script_is_multisig(csig_coin *coin, csig_span script)
{
    return script.len > 0 && csig_btc_multisig_read(&coin->multisig, script) == CSIG_OK;
}

static void find_lock(csig_coin *coin, csig_btc_script script)
{
    const bool is_bare = coin->redeem.len == 0;

    coin->is_witness = script.kind == CSIG_BTC_P2WPKH || script.kind == CSIG_BTC_P2WSH ||
                       script.kind == CSIG_BTC_P2TR;
    if (script.kind == CSIG_BTC_P2WPKH || (script.kind == CSIG_BTC_P2PKH && is_bare)) {
        coin->lock = CSIG_LOCK_KEY;
        coin->key_hash = script.program;
    } else if (script.kind == CSIG_BTC_P2SH && is_bare) {
        coin->lock = CSIG_LOCK_HIDDEN;
        coin->is_witness = true;
    } else if (script_is_multisig(coin, coin->is_witness ? coin->witness_script : coin->redeem)) {
        coin->lock = CSIG_LOCK_MULTISIG;
    }
}

csig_err csig_coin_read(csig_coin *coin, const csig_psbt *psbt, size_t input, char *why)
{
    const csig_psbt_map *map = &psbt->in[input];
    csig_btc_script script;

    *coin = (csig_coin){.kind = CSIG_BTC_OTHER};
    coin->is_final = csig_psbt_find(map, CSIG_PSBT_IN_FINAL_SCRIPTSIG) != NULL ||
                     csig_psbt_find(map, CSIG_PSBT_IN_FINAL_SCRIPTWITNESS) != NULL;
    CSIG_TRY(read_output(coin, psbt, input, why));
    if (coin->proof == CSIG_COIN_UNKNOWN) return CSIG_OK;

    script = csig_btc_script_of(coin->out.script);
    coin->kind = script.kind;
    CSIG_TRY(open_p2sh(coin, &script, map, input, why));
    CSIG_TRY(open_p2wsh(coin, script, map, input, why));
    find_lock(coin, script);
    if (!coin->is_witness && coin->proof != CSIG_COIN_PROVEN)
        return csig_why(why, "input %zu: the whole transaction that it spends from is needed",
                        input);
    return CSIG_OK;
}

bool csig_coin_has_key(const csig_coin *coin, const uint8_t key[CSIG_POINT_BYTES])
{
    const csig_span want = {key, CSIG_POINT_BYTES};
    uint8_t hash[CSIG_HASH160_BYTES];
    csig_btc_made made;

    switch (coin->lock) {
    case CSIG_LOCK_OTHER:
        return false;
    case CSIG_LOCK_KEY:
        csig_hash160(hash, key, CSIG_POINT_BYTES);
        return csig_is_same(hash, coin->key_hash.p, sizeof hash);
    case CSIG_LOCK_MULTISIG:
        for (size_t i = 0; i < coin->multisig.n; i++)
            if (csig_span_is_eq(coin->multisig.key[i], want)) return true;
        return false;
    case CSIG_LOCK_HIDDEN:
        csig_btc_script_pay(&made, CSIG_BTC_P2SH, key);
        return csig_span_is_eq(csig_btc_made_span(&made), coin->out.script);
    }
    return false;
}

void csig_coin_digest(uint8_t digest[CSIG_SHA256_BYTES], const csig_coin *coin,
                      const csig_btc_tx *tx, size_t input, const uint8_t key[CSIG_POINT_BYTES],
                      uint32_t type)
{
    csig_btc_spend spend = {.tx = tx, .input = input, .amount = coin->out.amount, .type = type};
    csig_btc_made made;

    if (coin->lock == CSIG_LOCK_MULTISIG) {
        spend.code = coin->is_witness ? coin->witness_script : coin->redeem;
    } else { /* BIP143: P2WPKH is signed as the P2PKH of the same key */
        csig_btc_script_pay(&made, CSIG_BTC_P2PKH, key);
        spend.code = csig_btc_made_span(&made);
    }
    if (coin->is_witness)
        csig_sighash_witness(digest, &spend);
    else
        csig_sighash_legacy(digest, &spend);
}

uint32_t csig_psbt_sighash_type(const csig_psbt_map *in)
{
    csig_cursor c = {.in = csig_psbt_value(in, CSIG_PSBT_IN_SIGHASH_TYPE)};

    return c.in.len == 0 ? CSIG_SIGHASH_ALL : csig_cursor_u32(&c);
}
