/* What becomes of a PSBT: the signatures in it, what is complete finished, and when all is, the
 * transaction. Source: BIP174, signer, input finalizer and transaction extractor. */
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "payload/psbt_final.h"
#include "payload/psbt_kind.h"

/* --- the inputs --- */

static csig_err make_partials(csig_final *finals, const csig_payload *p, const csig_signature *sigs)
{
    const csig_psbt_body *b = p->body;

    for (size_t i = 0; i < p->n_inputs; i++) {
        uint8_t der[CSIG_PARTIAL_MAX - 1];
        size_t len;

        CSIG_TRY(csig_signature_der(&sigs[i], der, &len));
        csig_partial_make(&finals[b->input[i]].own, p->inputs[i].public_key, der, len, b->type[i]);
    }
    return CSIG_OK;
}

static csig_err make_finals(csig_final *finals, const csig_psbt_body *b)
{
    for (size_t i = 0; i < b->psbt.tx.n_in; i++) {
        const csig_psbt_map *map = &b->psbt.in[i];

        if (!b->coins[i].is_final) {
            CSIG_TRY(csig_final_make(&finals[i], &b->psbt, &b->coins[i], i));
            continue;
        }
        finals[i].is_final = true;
        finals[i].script = csig_psbt_value(map, CSIG_PSBT_IN_FINAL_SCRIPTSIG);
        finals[i].witness = csig_psbt_value(map, CSIG_PSBT_IN_FINAL_SCRIPTWITNESS);
    }
    return CSIG_OK;
}

/* --- the PSBT --- */

static csig_psbt_field field_of(const uint8_t *type, csig_span value)
{
    return (csig_psbt_field){.key = {type, 1}, .type = *type, .value = value};
}

/* A finished input keeps its coin and what is unknown. */
static bool field_is_kept(const csig_psbt_field *f, bool is_finished)
{
    return !is_finished || f->type == CSIG_PSBT_IN_NON_WITNESS_UTXO ||
           f->type == CSIG_PSBT_IN_WITNESS_UTXO || !csig_psbt_in_is_known(f);
}

/* The fields as they were; the new ones, in the order of types, before those of higher types. */
static void write_input(csig_sink *s, const csig_psbt_map *map, const csig_final *final)
{
    static const uint8_t types[] = {CSIG_PSBT_IN_FINAL_SCRIPTSIG, CSIG_PSBT_IN_FINAL_SCRIPTWITNESS};
    const bool is_finished = final->memory != NULL;
    csig_psbt_field new[2];
    size_t n = 0, done = 0;

    if (is_finished && final->script.len > 0) new[n++] = field_of(&types[0], final->script);
    if (is_finished && final->witness.len > 0) new[n++] = field_of(&types[1], final->witness);
    if (!is_finished && final->own.is_there) new[n++] = final->own.field;
    for (size_t i = 0; i < map->n; i++) {
        const csig_psbt_field *f = &map->field[i];

        if (!field_is_kept(f, is_finished)) continue;
        while (done < n && new[done].type < f->type)
            csig_psbt_field_write(s, &new[done++]);
        csig_psbt_field_write(s, f);
    }
    while (done < n)
        csig_psbt_field_write(s, &new[done++]);
    csig_sink_u8(s, 0);
}

static void write_psbt(csig_sink *s, const csig_psbt *psbt, const csig_final *finals)
{
    csig_psbt_magic_write(s);
    csig_psbt_map_write(s, &psbt->global);
    for (size_t i = 0; i < psbt->tx.n_in; i++)
        write_input(s, &psbt->in[i], &finals[i]);
    for (size_t i = 0; i < psbt->tx.n_out; i++)
        csig_psbt_map_write(s, &psbt->out[i]);
}

static csig_err put_psbt(csig_json **o, const csig_psbt *psbt, const csig_final *finals)
{
    csig_sink s = {0};
    uint8_t *octets;
    char *text;

    write_psbt(&s, psbt, finals);
    octets = csig_public_alloc(s.at);
    text = csig_public_alloc(CSIG_BASE64_ROOM(s.at));
    if (octets != NULL && text != NULL) {
        s = (csig_sink){.out = octets, .room = s.at};
        write_psbt(&s, psbt, finals);
        csig_base64_encode(text, CSIG_BASE64_ROOM(s.at), octets, s.at);
        csig_json_put(o, "psbt", csig_json_text(text));
    }
    const bool ok = octets != NULL && text != NULL;
    csig_public_free(octets);
    csig_public_free(text);
    CSIG_REQUIRE(ok, CSIG_E_MEMORY);
    return CSIG_OK;
}

/* --- the transaction --- */

static csig_err put_tx(csig_json **o, const csig_btc_tx *tx)
{
    csig_sink s = {0};
    uint8_t *octets, txid[CSIG_TXID_BYTES], reversed[CSIG_TXID_BYTES];

    csig_btc_tx_write(&s, tx, CSIG_BTC_FULL);
    octets = csig_public_alloc(s.at);
    CSIG_REQUIRE(octets != NULL, CSIG_E_MEMORY);
    s = (csig_sink){.out = octets, .room = s.at};
    csig_btc_tx_write(&s, tx, CSIG_BTC_FULL);
    csig_json_put(o, "transaction", csig_json_hex(octets, s.at));
    csig_public_free(octets);
    csig_btc_txid(txid, tx);
    for (size_t i = 0; i < sizeof txid; i++)
        reversed[i] = txid[sizeof txid - 1 - i];
    csig_json_put(o, "txid", csig_json_hex(reversed, sizeof reversed));
    return CSIG_OK;
}

static csig_err put_extracted(csig_json **o, const csig_psbt *psbt, const csig_final *finals)
{
    csig_btc_tx tx = psbt->tx;
    csig_err err;

    for (size_t i = 0; i < tx.n_in; i++)
        if (!finals[i].is_final) return CSIG_OK;
    tx.in = csig_public_alloc(tx.n_in * sizeof *tx.in);
    CSIG_REQUIRE(tx.in != NULL, CSIG_E_MEMORY);
    memcpy(tx.in, psbt->tx.in, tx.n_in * sizeof *tx.in);
    for (size_t i = 0; i < tx.n_in; i++) {
        tx.in[i].script = finals[i].script;
        /* an empty stack is none */
        if (finals[i].witness.len > 1) tx.in[i].witness = finals[i].witness;
        tx.has_witness |= tx.in[i].witness.len > 0;
    }
    err = put_tx(o, &tx);
    csig_public_free(tx.in);
    return err;
}

static csig_err finish(csig_final *finals, const csig_payload *p, const csig_signature *sigs,
                       csig_json **o)
{
    const csig_psbt_body *b = p->body;

    CSIG_TRY(make_partials(finals, p, sigs));
    CSIG_TRY(make_finals(finals, b));
    CSIG_TRY(put_psbt(o, &b->psbt, finals));
    return put_extracted(o, &b->psbt, finals);
}

csig_err csig_psbt_finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    const size_t n = ((const csig_psbt_body *)p->body)->psbt.tx.n_in;
    csig_final *finals = csig_public_alloc(n * sizeof *finals);
    csig_err err;

    CSIG_REQUIRE(finals != NULL, CSIG_E_MEMORY);
    err = finish(finals, p, sigs, o);
    for (size_t i = 0; i < n; i++)
        csig_public_free(finals[i].memory);
    csig_public_free(finals);
    return err;
}
