/* Which inputs of a PSBT are this key's, by which path, and what each of their signatures signs. */
#include "payload/psbt_kind.h"

#include <string.h>

#include "base/mem.h"

#define HARDENED UINT32_C(0x80000000)

csig_err csig_psbt_path(uint32_t path[CSIG_PATH_MAX], size_t *depth, csig_span value)
{
    csig_cursor c = {.in = value};

    (void)csig_cursor_u32(&c); /* the fingerprint: the public key says more */
    *depth = (value.len - c.at) / 4;
    CSIG_REQUIRE(!c.bad && *depth <= CSIG_PATH_MAX, CSIG_E_PATH);
    for (size_t i = 0; i < *depth; i++) {
        path[i] = csig_cursor_u32(&c);
        CSIG_REQUIRE(path[i] < HARDENED, CSIG_E_PATH);
    }
    return CSIG_OK;
}

/* The account's child at the path that a field states, if it is the key that the field names. */
static bool field_is_own(csig_payload_input_of *own, const csig_payload *p,
                         const csig_psbt_field *f)
{
    if (f->data.len != CSIG_PUBKEY_BYTES) return false;
    if (csig_psbt_path(own->path, &own->depth, f->value) != CSIG_OK) return false;
    if (csig_child(p->account.public_key, p->account.chain_code, own->path, own->depth,
                   own->public_key, NULL) != CSIG_OK)
        return false;
    return csig_is_same(own->public_key, f->data.p, CSIG_PUBKEY_BYTES);
}

/* By its derivations, or else by the path that was asked for. */
static bool input_is_own(csig_payload_input_of *own, const csig_payload *p, size_t input)
{
    const csig_psbt_body *b = p->body;
    const csig_psbt_map *map = &b->psbt.in[input];
    const csig_coin *coin = &b->coins[input];

    for (size_t i = 0; i < map->n; i++) {
        const csig_psbt_field *f = &map->field[i];

        if (f->type != CSIG_PSBT_IN_BIP32_DERIVATION || f->data.len != CSIG_PUBKEY_BYTES) continue;
        if (csig_coin_has_key(coin, f->data.p) && field_is_own(own, p, f)) return true;
    }
    if (!csig_coin_has_key(coin, p->public_key)) return false;
    memcpy(own->path, p->path, sizeof own->path);
    memcpy(own->public_key, p->public_key, sizeof own->public_key);
    own->depth = p->depth;
    return true;
}

static bool input_has_signature(const csig_psbt_map *map, const uint8_t key[CSIG_PUBKEY_BYTES])
{
    const csig_span want = {key, CSIG_PUBKEY_BYTES};

    for (size_t i = 0; i < map->n; i++)
        if (map->field[i].type == CSIG_PSBT_IN_PARTIAL_SIG &&
            csig_span_is_eq(map->field[i].data, want))
            return true;
    return false;
}

/* One more signature to make. */
static csig_err add_input(csig_payload *p, const csig_payload_input_of *own, size_t input,
                          char *why)
{
    csig_psbt_body *b = p->body;
    const uint32_t type = csig_psbt_sighash_type(&b->psbt.in[input]);
    csig_payload_input_of *made = &p->inputs[p->n_inputs];

    if (!csig_sighash_is_known(type))
        return csig_why(why,
                        "input %zu asks for the signature type 0x%lx; only ALL, alone or "
                        "with ANYONECANPAY, signs what is shown",
                        input, (unsigned long)type);
    if (p->n_inputs == CSIG_INPUTS_MAX)
        return csig_why(why, "more than %d inputs are this key's", CSIG_INPUTS_MAX);
    *made = *own;
    csig_coin_digest(made->digest, &b->coins[input], &b->psbt.tx, input, own->public_key, type);
    if (type == CSIG_SIGHASH_ALL_ANYONE) p->facts.sighash_flags = CSIG_ANYONECANPAY;
    b->input[p->n_inputs] = input;
    b->type[p->n_inputs] = type;
    p->n_inputs++;
    return CSIG_OK;
}

csig_err csig_psbt_bind(csig_payload *p, char *why)
{
    csig_psbt_body *b = p->body;
    bool was_signed = false;

    for (size_t i = 0; i < b->psbt.tx.n_in; i++) {
        csig_payload_input_of own = {0};

        if (!input_is_own(&own, p, i)) continue;
        if (b->coins[i].is_final || input_has_signature(&b->psbt.in[i], own.public_key)) {
            was_signed = true;
            continue;
        }
        CSIG_TRY(add_input(p, &own, i, why));
    }
    if (p->n_inputs > 0) return CSIG_OK;
    return was_signed ? csig_why(why, "all inputs of this key are signed already")
                      : csig_why(why, "no input of the transaction is this key's");
}
