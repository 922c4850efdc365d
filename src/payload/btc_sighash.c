/* Signature hashes. Names of the parts as in BIP143. */
#include "payload/btc_sighash.h"

bool csig_sighash_is_known(uint32_t type)
{
    return type == CSIG_SIGHASH_ALL || type == CSIG_SIGHASH_ALL_ANYONE;
}

static void put_outpoint(csig_sink *s, const csig_btc_in *in)
{
    csig_sink_bytes(s, in->txid, sizeof in->txid);
    csig_sink_u32(s, in->vout);
}

/* The transaction with the code in the place of this input's script and nothing in that of the
 * others, which ANYONECANPAY leaves out; then the type. */
void csig_sighash_legacy(uint8_t digest[CSIG_SHA256_BYTES], const csig_btc_spend *spend)
{
    const csig_btc_tx *tx = spend->tx;
    const bool anyone = spend->type == CSIG_SIGHASH_ALL_ANYONE;
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    CSIG_ASSERT(csig_sighash_is_known(spend->type) && spend->input < tx->n_in);
    csig_sha256_init(&h);
    csig_sink_u32(&s, tx->version);
    csig_sink_compact(&s, anyone ? 1 : tx->n_in);
    for (size_t i = 0; i < tx->n_in; i++) {
        if (anyone && i != spend->input) continue;
        put_outpoint(&s, &tx->in[i]);
        csig_sink_run(&s, i == spend->input ? spend->code : (csig_span){0});
        csig_sink_u32(&s, tx->in[i].sequence);
    }
    csig_sink_compact(&s, tx->n_out);
    for (size_t i = 0; i < tx->n_out; i++)
        csig_btc_out_write(&s, &tx->out[i]);
    csig_sink_u32(&s, tx->locktime);
    csig_sink_u32(&s, spend->type);
    csig_sha256_final_twice(&h, digest);
}

static void hash_prevouts(uint8_t hash[CSIG_SHA256_BYTES], const csig_btc_tx *tx)
{
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    csig_sha256_init(&h);
    for (size_t i = 0; i < tx->n_in; i++)
        put_outpoint(&s, &tx->in[i]);
    csig_sha256_final_twice(&h, hash);
}

static void hash_sequence(uint8_t hash[CSIG_SHA256_BYTES], const csig_btc_tx *tx)
{
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    csig_sha256_init(&h);
    for (size_t i = 0; i < tx->n_in; i++)
        csig_sink_u32(&s, tx->in[i].sequence);
    csig_sha256_final_twice(&h, hash);
}

static void hash_outputs(uint8_t hash[CSIG_SHA256_BYTES], const csig_btc_tx *tx)
{
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    csig_sha256_init(&h);
    for (size_t i = 0; i < tx->n_out; i++)
        csig_btc_out_write(&s, &tx->out[i]);
    csig_sha256_final_twice(&h, hash);
}

void csig_sighash_witness(uint8_t digest[CSIG_SHA256_BYTES], const csig_btc_spend *spend)
{
    const csig_btc_tx *tx = spend->tx;
    uint8_t prevouts[CSIG_SHA256_BYTES] = {0}, sequence[CSIG_SHA256_BYTES] = {0};
    uint8_t outputs[CSIG_SHA256_BYTES];
    csig_sha256 h;
    csig_sink s = {.hash = &h};

    CSIG_ASSERT(csig_sighash_is_known(spend->type) && spend->input < tx->n_in);
    if (spend->type == CSIG_SIGHASH_ALL) {
        hash_prevouts(prevouts, tx);
        hash_sequence(sequence, tx);
    }
    hash_outputs(outputs, tx);

    csig_sha256_init(&h);
    csig_sink_u32(&s, tx->version);
    csig_sink_bytes(&s, prevouts, sizeof prevouts);
    csig_sink_bytes(&s, sequence, sizeof sequence);
    put_outpoint(&s, &tx->in[spend->input]);
    csig_sink_run(&s, spend->code);
    csig_sink_u64(&s, spend->amount);
    csig_sink_u32(&s, tx->in[spend->input].sequence);
    csig_sink_bytes(&s, outputs, sizeof outputs);
    csig_sink_u32(&s, tx->locktime);
    csig_sink_u32(&s, spend->type);
    csig_sha256_final_twice(&h, digest);
}
