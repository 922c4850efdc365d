/* Finished inputs: scriptSig and witness of single keys and multisig (BIP16, BIP141, BIP147). */
#include "payload/psbt_final.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/ecdsa.h"

/* What opens one coin: signatures in the order of the script's keys, and the single key. */
typedef struct opening {
    const csig_coin *coin;
    csig_span sig[CSIG_BTC_MULTISIG_KEYS];
    size_t n;
    csig_span key;
} opening;

void csig_partial_make(csig_partial *partial, const uint8_t key[CSIG_POINT_BYTES],
                       const uint8_t *der, size_t len, uint32_t type)
{
    CSIG_ASSERT(len < CSIG_PARTIAL_MAX && csig_sighash_is_known(type));
    partial->is_there = true;
    partial->key[0] = CSIG_PSBT_IN_PARTIAL_SIG;
    memcpy(partial->key + 1, key, CSIG_POINT_BYTES);
    memcpy(partial->value, der, len);
    partial->value[len] = (uint8_t)type;
    partial->field = (csig_psbt_field){
        .key = {partial->key, sizeof partial->key},
        .type = CSIG_PSBT_IN_PARTIAL_SIG,
        .data = {partial->key + 1, CSIG_POINT_BYTES},
        .value = {partial->value, len + 1},
    };
}

/* Does the signature in this field count? */
static bool signature_is_valid(const csig_psbt_field *f, const csig_coin *coin,
                               const csig_btc_tx *tx, size_t input)
{
    const size_t len = f->value.len - 1; /* the last octet is the type */
    const uint32_t type = f->value.p[len];
    uint8_t digest[CSIG_SHA256_BYTES];
    csig_point Q;

    if (!csig_sighash_is_known(type)) return false;
    if (csig_point_from_bytes(&Q, f->data.p) != CSIG_OK) return false;
    csig_coin_digest(digest, coin, tx, input, f->data.p, type);
    return csig_ecdsa_verify_der(f->value.p, len, &Q, digest) == CSIG_OK;
}

/* Is this a valid signature that helps to open the coin: of this key, or, where key has no octets,
 * of any? */
static bool field_opens(const csig_psbt_field *f, const csig_psbt *psbt, const csig_coin *coin,
                        size_t input, csig_span key)
{
    if (f->type != CSIG_PSBT_IN_PARTIAL_SIG || f->data.len != CSIG_POINT_BYTES) return false;
    if (key.len > 0 && !csig_span_is_eq(key, f->data)) return false;
    return csig_coin_has_key(coin, f->data.p) && signature_is_valid(f, coin, &psbt->tx, input);
}

static const csig_psbt_field *find_signature(const csig_final *final, const csig_psbt *psbt,
                                             const csig_coin *coin, size_t input, csig_span key)
{
    const csig_psbt_map *map = &psbt->in[input];

    if (final->own.is_there && field_opens(&final->own.field, psbt, coin, input, key))
        return &final->own.field;
    for (size_t i = 0; i < map->n; i++)
        if (field_opens(&map->field[i], psbt, coin, input, key)) return &map->field[i];
    return NULL;
}

static bool opening_is_whole(opening *o, const csig_final *final, const csig_psbt *psbt,
                             size_t input)
{
    const csig_coin *coin = o->coin;
    const csig_psbt_field *f;

    if (coin->lock == CSIG_LOCK_KEY || coin->lock == CSIG_LOCK_HIDDEN) {
        f = find_signature(final, psbt, coin, input, (csig_span){0});
        if (f == NULL) return false;
        o->sig[o->n++] = f->value;
        o->key = f->data;
        return true;
    }
    if (coin->lock != CSIG_LOCK_MULTISIG) return false;
    for (size_t i = 0; i < coin->multisig.n && o->n < coin->multisig.m; i++) {
        f = find_signature(final, psbt, coin, input, coin->multisig.key[i]);
        if (f != NULL) o->sig[o->n++] = f->value;
    }
    return o->n == coin->multisig.m;
}

static void write_script(csig_sink *s, const opening *o)
{
    const csig_coin *coin = o->coin;
    csig_btc_made made;

    if (coin->lock == CSIG_LOCK_HIDDEN) { /* behind it is the P2WPKH of the key */
        csig_btc_script_pay(&made, CSIG_BTC_P2WPKH, o->key.p);
        csig_btc_push(s, csig_btc_made_span(&made));
    } else if (coin->is_witness && coin->redeem.len > 0) {
        csig_btc_push(s, coin->redeem);
    }
    if (coin->is_witness) return;
    if (coin->lock == CSIG_LOCK_MULTISIG) csig_btc_push(s, (csig_span){0});
    for (size_t i = 0; i < o->n; i++)
        csig_btc_push(s, o->sig[i]);
    csig_btc_push(s, coin->lock == CSIG_LOCK_MULTISIG ? coin->redeem : o->key);
}

static void write_witness(csig_sink *s, const opening *o)
{
    const csig_coin *coin = o->coin;
    const bool is_multisig = coin->lock == CSIG_LOCK_MULTISIG;

    if (!coin->is_witness) return;
    csig_sink_compact(s, is_multisig ? o->n + 2 : 2);
    /* BIP147: the element too many that OP_CHECKMULTISIG takes is empty. */
    if (is_multisig) csig_sink_run(s, (csig_span){0});
    for (size_t i = 0; i < o->n; i++)
        csig_sink_run(s, o->sig[i]);
    csig_sink_run(s, is_multisig ? coin->witness_script : o->key);
}

csig_err csig_final_make(csig_final *final, const csig_psbt *psbt, const csig_coin *coin,
                         size_t input)
{
    opening o = {.coin = coin};
    csig_sink s = {0};
    size_t script;

    if (!opening_is_whole(&o, final, psbt, input)) return CSIG_OK;
    write_script(&s, &o);
    script = s.at;
    write_witness(&s, &o);
    final->memory = csig_public_alloc(s.at);
    CSIG_REQUIRE(final->memory != NULL, CSIG_E_MEMORY);
    s = (csig_sink){.out = final->memory, .room = s.at};
    write_script(&s, &o);
    write_witness(&s, &o);
    final->script = (csig_span){final->memory, script};
    final->witness = (csig_span){final->memory + script, s.at - script};
    final->is_final = true;
    return CSIG_OK;
}
