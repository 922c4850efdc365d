/* Payload type "bip322": a message signed for an address of this key (BIP322, 2.0). A P2WPKH
 * address gets the simple form, a P2SH-P2WPKH the full one: the simple one is for addresses of
 * SegWit alone. Letters as there: to_spend pays to the address and has the message's hash in it;
 * to_sign spends that. */
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "payload/btc_address.h"
#include "payload/btc_sighash.h"
#include "payload/kind.h"

#define SIMPLE    "smp"
#define FULL      "ful"
#define OP_RETURN 0x6a
/* OP_0 and a push of the message's hash */
#define SPEND_SCRIPT (2 + CSIG_SHA256_BYTES)
/* two runs and their count: a signature with its type, a key */
#define WITNESS_MAX (1 + 1 + 73 + 1 + CSIG_PUBKEY_BYTES)
#define TO_SIGN_MAX (256 + WITNESS_MAX)

typedef struct message {
    const csig_btc_network *network;
    const char *text, *address;
    size_t len;
    uint8_t hash[CSIG_SHA256_BYTES];
    csig_btc_made challenge;
    csig_btc_kind kind; /* of the challenge */
} message;

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    message *m = csig_public_alloc(sizeof *m);
    size_t len;

    CSIG_REQUIRE(m != NULL, CSIG_E_MEMORY);
    p->body = m;
    CSIG_TRY(csig_btc_network_read(&m->network, members, why));
    CSIG_TRY(csig_member_text(members, "message", &m->text, &m->len, why));
    CSIG_TRY(csig_member_text(members, "address", &m->address, &len, why));
    if (csig_btc_address_script(&m->challenge, m->network, m->address) != CSIG_OK)
        return csig_why(why, "\"address\" is none on the network \"%s\"", m->network->name);
    m->kind = csig_btc_script_of(csig_btc_made_span(&m->challenge)).kind;
    if (m->kind != CSIG_BTC_P2WPKH && m->kind != CSIG_BTC_P2SH)
        return csig_why(why, "\"address\" must be of the kind P2WPKH or P2SH-P2WPKH");
    csig_tagged_hash(m->hash, "BIP0322-signed-message", m->text, m->len);
    memcpy(p->facts.chain, m->network->chain, strlen(m->network->chain) + 1);
    return CSIG_OK;
}

static void to_spend_txid(uint8_t txid[CSIG_TXID_BYTES], const message *m)
{
    uint8_t script[SPEND_SCRIPT] = {0, CSIG_SHA256_BYTES};
    csig_btc_in in = {.vout = UINT32_MAX, .script = {script, sizeof script}};
    csig_btc_out out = {.script = csig_btc_made_span(&m->challenge)};
    const csig_btc_tx tx = {.n_in = 1, .in = &in, .n_out = 1, .out = &out};

    memcpy(script + 2, m->hash, sizeof m->hash);
    csig_btc_txid(txid, &tx);
}

/* to_sign without what opens its input; in and out are its lists. */
static csig_btc_tx to_sign(const message *m, csig_btc_in *in, csig_btc_out *out)
{
    static const uint8_t nothing[] = {OP_RETURN};

    *in = (csig_btc_in){0};
    to_spend_txid(in->txid, m);
    *out = (csig_btc_out){.script = {nothing, sizeof nothing}};
    return (csig_btc_tx){.n_in = 1, .in = in, .n_out = 1, .out = out};
}

static csig_err bind(csig_payload *p, char *why)
{
    const message *m = p->body;
    csig_payload_input_of *own = &p->inputs[0];
    csig_btc_in in;
    csig_btc_out out;
    const csig_btc_tx tx = to_sign(m, &in, &out);
    csig_btc_spend spend = {.tx = &tx, .type = CSIG_SIGHASH_ALL};
    csig_btc_made made;

    csig_btc_script_pay(&made, m->kind, p->public_key);
    if (!csig_span_is_eq(csig_btc_made_span(&made), csig_btc_made_span(&m->challenge)))
        return csig_why(why, "\"address\" is not the address of the key at this path");
    csig_btc_script_pay(&made, CSIG_BTC_P2PKH, p->public_key);
    spend.code = csig_btc_made_span(&made);
    csig_sighash_witness(own->digest, &spend);
    memcpy(own->path, p->path, sizeof own->path);
    memcpy(own->public_key, p->public_key, sizeof own->public_key);
    own->depth = p->depth;
    p->n_inputs = 1;
    return CSIG_OK;
}

static csig_json *describe(const csig_payload *p)
{
    const message *m = p->body;
    csig_json *o = csig_json_object();

    csig_json_put(&o, "network", csig_json_text(m->network->name));
    csig_json_put(&o, "address", csig_json_text(m->address));
    csig_json_put(&o, "message", csig_json_text_n(m->text, m->len));
    csig_json_put(&o, "message_hash", csig_json_hex(m->hash, sizeof m->hash));
    return o;
}

static void words(const csig_payload *p, csig_text *t)
{
    const message *m = p->body;

    csig_text_add(t, "Signs a message for the Bitcoin address %s:\n", m->address);
    csig_text_quote(t, m->text, m->len);
    csig_text_add(t, "\n");
}

static csig_err make_witness(csig_sink *s, const csig_payload *p, const csig_signature *sig)
{
    uint8_t der[73];
    size_t len;

    CSIG_TRY(csig_signature_der(sig, der, &len));
    der[len++] = CSIG_SIGHASH_ALL;
    csig_sink_compact(s, 2);
    csig_sink_run(s, (csig_span){der, len});
    csig_sink_run(s, (csig_span){p->public_key, CSIG_PUBKEY_BYTES});
    return CSIG_OK;
}

static void put_base64(csig_json **o, const char *name, const char *prefix, csig_span octets)
{
    char text[3 + CSIG_BASE64_ROOM(TO_SIGN_MAX)];
    const size_t at = strlen(prefix);

    memcpy(text, prefix, at);
    csig_base64_encode(text + at, sizeof text - at, octets.p, octets.len);
    csig_json_put(o, name, csig_json_text(text));
}

static csig_err finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    const message *m = p->body;
    uint8_t witness[WITNESS_MAX], script[1 + CSIG_BTC_SCRIPT_ROOM], whole[TO_SIGN_MAX];
    csig_sink w = {.out = witness, .room = sizeof witness};
    csig_sink s = {.out = script, .room = sizeof script};
    csig_sink t = {.out = whole, .room = sizeof whole};
    csig_btc_in in;
    csig_btc_out out;
    csig_btc_tx tx = to_sign(m, &in, &out);
    csig_btc_made redeem;

    CSIG_TRY(make_witness(&w, p, &sigs[0]));
    put_base64(o, "witness", "", (csig_span){witness, w.at});
    if (m->kind == CSIG_BTC_P2WPKH) {
        put_base64(o, "signature", SIMPLE, (csig_span){witness, w.at});
        return CSIG_OK;
    }
    csig_btc_script_pay(&redeem, CSIG_BTC_P2WPKH, p->public_key);
    csig_btc_push(&s, csig_btc_made_span(&redeem));
    in.script = (csig_span){script, s.at};
    in.witness = (csig_span){witness, w.at};
    tx.has_witness = true;
    csig_btc_tx_write(&t, &tx, CSIG_BTC_FULL);
    put_base64(o, "signature", FULL, (csig_span){whole, t.at});
    return CSIG_OK;
}

const csig_payload_kind csig_payload_bip322 = {
    .type = "bip322",
    .members = {"message", "address", "network"},
    .read = read,
    .bind = bind,
    .describe = describe,
    .words = words,
    .finish = finish,
};
