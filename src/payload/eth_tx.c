/* Payload type "eth_tx": an Ethereum transaction. The signing hash is the Keccak-256 of the
 * unsigned serialisation itself, so nothing can be signed but what was read. */
#include "payload/eth_tx.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"

typedef struct body {
    uint8_t *octets;
    csig_eth_tx tx;
    uint8_t from[CSIG_ETHEREUM_BYTES]; /* once bound */
} body;

/* --- reading --- */

/* The most it can cost beside the value: gas limit times max fee per gas, and the blobs' gas. */
static csig_err most_fee(csig_facts *f, const csig_eth_tx *tx, char *why)
{
    csig_int gas, price, sum;

    csig_int_set_u64(&gas, tx->gas_limit);
    csig_int_from_bytes(&price, tx->max_fee, sizeof tx->max_fee);
    csig_int_mul(&sum, &gas, &price);
    csig_int_set_u64(&gas, (uint64_t)tx->n_blobs * CSIG_ETH_GAS_PER_BLOB);
    csig_int_from_bytes(&price, tx->max_blob_fee, sizeof tx->max_blob_fee);
    csig_int_mul(&gas, &gas, &price);
    csig_int_add(&sum, &sum, &gas);
    if (csig_int_bits(&sum) > 8 * sizeof f->fee)
        return csig_why(why, "\"transaction\": the fee is more than any account can have");
    csig_int_to_bytes(f->fee, sizeof f->fee, &sum);
    memcpy(f->fee_rate, tx->max_fee, sizeof f->fee_rate);
    csig_eth_coin(f->fee_asset, tx->chain);
    f->has_fee = f->has_fee_rate = 1;
    return CSIG_OK;
}

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    body *b = csig_public_alloc(sizeof *b);
    size_t len;

    CSIG_REQUIRE(b != NULL, CSIG_E_MEMORY);
    p->body = b;
    CSIG_TRY(csig_member_0x(members, "transaction", &b->octets, &len, why));
    CSIG_TRY(csig_eth_tx_parse(&b->tx, b->octets, len, why));
    csig_eth_chain(p->facts.chain, b->tx.chain);
    CSIG_TRY(most_fee(&p->facts, &b->tx, why));
    csig_eth_tx_call(&p->facts, &b->tx);
    if (b->tx.n_authorizations > 0) p->facts.delegates = p->facts.authorizes = 1;
    csig_keccak256(p->inputs[0].digest, b->octets, len);
    p->n_inputs = 1;
    return CSIG_OK;
}

static void be64(uint8_t out[8], uint64_t n)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(n >> (56 - 8 * i));
}

/* The address of what `from` creates: of keccak256(rlp([from, nonce])). */
static void created(char out[CSIG_ADDRESS_BYTES], const body *b)
{
    uint8_t items[1 + CSIG_ETHEREUM_BYTES + 9], whole[sizeof items + CSIG_RLP_HEAD_MAX], nonce[8];
    uint8_t hash[CSIG_KECCAK_BYTES];
    csig_rlp_out inside = {.out = items, .room = sizeof items};
    csig_rlp_out list = {.out = whole, .room = sizeof whole};

    be64(nonce, b->tx.nonce);
    csig_rlp_put_octets(&inside, b->from, sizeof b->from);
    csig_rlp_put_number(&inside, nonce, sizeof nonce);
    csig_rlp_put_list_head(&list, inside.len);
    csig_rlp_put_raw(&list, items, inside.len);
    csig_keccak256(hash, whole, list.len);
    csig_ethereum_address(out, hash + sizeof hash - CSIG_ETHEREUM_BYTES);
}

static csig_err bind(csig_payload *p, char *why)
{
    body *b = p->body;
    csig_facts *f = &p->facts;
    char contract[CSIG_ADDRESS_BYTES], from[CSIG_ADDRESS_BYTES];
    csig_point key;

    (void)why;
    CSIG_TRY(csig_point_from_bytes(&key, p->public_key));
    csig_ethereum_of(b->from, &key);
    if (b->tx.creates) {
        created(contract, b);
        memcpy(f->calls[0].contract, contract, sizeof contract);
        if (f->n_transfers > 0) memcpy(f->transfers[0].to, contract, sizeof contract);
    }
    csig_ethereum_address(from, b->from);
    for (size_t i = 0; i < f->n_transfers; i++)
        f->transfers[i].to_self = strcmp(f->transfers[i].to, from) == 0;
    return CSIG_OK;
}

/* --- describing --- */

static csig_json *address_json(const uint8_t address[CSIG_ETHEREUM_BYTES])
{
    char text[CSIG_ADDRESS_BYTES];

    csig_ethereum_address(text, address);
    return csig_json_text(text);
}

static csig_json *number_json(uint64_t n)
{
    uint8_t wide[32] = {0};

    be64(wide + 24, n);
    return csig_json_decimal(wide);
}

static csig_json *access_list_json(const csig_eth_tx *tx)
{
    csig_json *list = csig_json_list();
    csig_eth_access entry;

    for (csig_rlp rest = tx->access_list; rest.len > 0;) {
        csig_json *o = csig_json_object(), *keys = csig_json_list();
        uint8_t key[32];

        CSIG_ASSERT(csig_eth_access_next(&entry, &rest) == CSIG_OK); /* read before */
        while (entry.keys.len > 0) {
            CSIG_ASSERT(csig_rlp_fixed(key, sizeof key, &entry.keys) == CSIG_OK);
            csig_json_append(&keys, csig_json_0x(key, sizeof key));
        }
        csig_json_put(&o, "address", address_json(entry.address));
        csig_json_put(&o, "storage_keys", keys);
        csig_json_append(&list, o);
    }
    return list;
}

static csig_json *blobs_json(const csig_eth_tx *tx)
{
    csig_json *list = csig_json_list();
    uint8_t hash[32];

    for (csig_rlp rest = tx->blob_hashes; rest.len > 0;) {
        CSIG_ASSERT(csig_rlp_fixed(hash, sizeof hash, &rest) == CSIG_OK);
        csig_json_append(&list, csig_json_0x(hash, sizeof hash));
    }
    return list;
}

static csig_json *authorizations_json(const csig_eth_tx *tx)
{
    csig_json *list = csig_json_list();
    csig_eth_authorization a;
    uint8_t authority[CSIG_ETHEREUM_BYTES];

    for (csig_rlp rest = tx->authorizations; rest.len > 0;) {
        csig_json *o = csig_json_object();

        CSIG_ASSERT(csig_eth_authorization_next(&a, &rest) == CSIG_OK);
        csig_json_put(&o, "chain_id", csig_json_decimal(a.chain));
        csig_json_put(&o, "address", address_json(a.address));
        csig_json_put(&o, "nonce", number_json(a.nonce));
        csig_json_put(&o, "y_parity", csig_json_integer(a.y_parity));
        csig_json_put(&o, "r", csig_json_0x(a.r, sizeof a.r));
        csig_json_put(&o, "s", csig_json_0x(a.s, sizeof a.s));
        if (csig_eth_authorization_has_authority(authority, &a))
            csig_json_put(&o, "authority", address_json(authority));
        csig_json_append(&list, o);
    }
    return list;
}

static csig_json *describe(const csig_payload *p)
{
    const body *b = p->body;
    const csig_eth_tx *tx = &b->tx;
    const bool has_tip = tx->type >= CSIG_ETH_FEE_MARKET;
    csig_json *o = csig_json_object();

    csig_json_put(&o, "type", csig_json_integer((int64_t)tx->type));
    if (p->bound) csig_json_put(&o, "from", address_json(b->from));
    csig_json_put(&o, "nonce", number_json(tx->nonce));
    csig_json_put(&o, "gas_limit", number_json(tx->gas_limit));
    csig_json_put(&o, has_tip ? "max_fee_per_gas" : "gas_price", csig_json_decimal(tx->max_fee));
    if (has_tip) csig_json_put(&o, "max_priority_fee_per_gas", csig_json_decimal(tx->tip));
    if (!tx->creates) csig_json_put(&o, "to", address_json(tx->to));
    csig_json_put(&o, "value", csig_json_decimal(tx->value));
    csig_json_put(&o, "data", csig_json_0x(tx->data.at, tx->data.len));
    if (tx->type != CSIG_ETH_LEGACY) csig_json_put(&o, "access_list", access_list_json(tx));
    if (tx->type == CSIG_ETH_BLOBS) {
        csig_json_put(&o, "max_fee_per_blob_gas", csig_json_decimal(tx->max_blob_fee));
        csig_json_put(&o, "blob_versioned_hashes", blobs_json(tx));
    }
    if (tx->type == CSIG_ETH_SET_CODE)
        csig_json_put(&o, "authorization_list", authorizations_json(tx));
    return o;
}

/* --- words --- */

/* Tokens move, or somebody may move them, by a call that is not written as ERC-20 has it. */
static bool has_more_than_tokens(const csig_facts *f)
{
    return f->n_approvals > 0 ||
           (f->n_transfers > 0 &&
            strstr(f->transfers[f->n_transfers - 1].asset, "/erc20:") != NULL);
}

static void call_words(const csig_payload *p, const csig_eth_tx *tx, csig_text *t)
{
    const csig_call *c = &p->facts.calls[0];

    if (p->facts.n_calls == 0) return;
    if (c->creates) {
        csig_text_add(t, "Creates a contract%s%s from %zu octets: what they do is NOT KNOWN.\n",
                      c->contract[0] == '\0' ? "" : " at ", c->contract, tx->data.len);
        return;
    }
    csig_text_add(t, "Calls the contract %s", c->contract);
    if (c->method[0] != '\0') {
        csig_text_add(t, ": %s, taken as %s\n", c->method,
                      p->facts.n_approvals > 0 &&
                              strstr(p->facts.approvals[0].asset, "/erc721:") != NULL
                          ? "tokens by ERC-721 or ERC-1155"
                          : "a token by ERC-20");
        return;
    }
    if (c->has_selector) {
        csig_text_add(t, ", method ");
        csig_text_0x(t, c->selector, sizeof c->selector);
    }
    csig_text_add(t, " with %zu octets of data: what it does%s is NOT KNOWN.\n", tx->data.len,
                  has_more_than_tokens(&p->facts) ? " beside what follows" : "");
}

static void authorization_words(const csig_eth_authorization *a, csig_text *t)
{
    char code[CSIG_ADDRESS_BYTES], account[CSIG_ADDRESS_BYTES];
    uint8_t authority[CSIG_ETHEREUM_BYTES], any = 0;

    csig_ethereum_address(code, a->address);
    if (!csig_eth_authorization_has_authority(authority, a)) {
        csig_text_add(t, "Has an authorization for the code %s that nobody signed.\n", code);
        return;
    }
    csig_ethereum_address(account, authority);
    csig_text_add(t, "Gives the code %s ALL POWER over the account %s, on ", code, account);
    for (size_t i = 0; i < sizeof a->chain; i++)
        any |= a->chain[i];
    if (any != 0) {
        csig_text_add(t, "chain ");
        csig_text_decimal(t, a->chain, sizeof a->chain, 0);
        csig_text_add(t, ".\n");
    } else {
        csig_text_add(t, "EVERY chain.\n");
    }
}

static void words(const csig_payload *p, csig_text *t)
{
    const body *b = p->body;
    const csig_eth_tx *tx = &b->tx;
    csig_eth_authorization a;

    csig_text_add(t, "Ethereum transaction on chain %llu, nonce %llu, gas limit %llu\n",
                  (unsigned long long)tx->chain, (unsigned long long)tx->nonce,
                  (unsigned long long)tx->gas_limit);
    call_words(p, tx, t);
    if (tx->n_access > 0) csig_text_add(t, "Access list: %zu addresses\n", tx->n_access);
    if (tx->n_blobs > 0) csig_text_add(t, "Carries blobs: %zu\n", tx->n_blobs);
    for (csig_rlp rest = tx->authorizations; rest.len > 0;) {
        CSIG_ASSERT(csig_eth_authorization_next(&a, &rest) == CSIG_OK);
        authorization_words(&a, t);
    }
}

/* --- finishing --- */

/* The list that is signed for, and the signature behind it. legacy (EIP-155): v = 2 chain + 35 +
 * recovery id in the place of the chain id and the two empty fields; else the recovery id. */
static void put_signed(csig_rlp_out *out, const csig_eth_tx *tx, const csig_signature *sig)
{
    const bool legacy = tx->type == CSIG_ETH_LEGACY;
    const size_t kept = legacy ? tx->legacy_items : tx->items.len;
    const uint8_t type = (uint8_t)tx->type;
    uint8_t v[8], numbers[9 + 33 + 33];
    csig_rlp_out tail = {.out = numbers, .room = sizeof numbers};

    be64(v, legacy ? 2 * tx->chain + 35 + sig->recovery_id : sig->recovery_id);
    csig_rlp_put_number(&tail, v, sizeof v);
    csig_rlp_put_number(&tail, sig->r, sizeof sig->r);
    csig_rlp_put_number(&tail, sig->s, sizeof sig->s);
    if (!legacy) csig_rlp_put_raw(out, &type, 1);
    csig_rlp_put_list_head(out, kept + tail.len);
    csig_rlp_put_raw(out, tx->items.at, kept);
    csig_rlp_put_raw(out, numbers, tail.len);
}

static csig_err finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    const body *b = p->body;
    csig_rlp_out out = {.room = b->tx.len + 80 + CSIG_RLP_HEAD_MAX};
    uint8_t hash[CSIG_KECCAK_BYTES];

    CSIG_REQUIRE(sigs[0].recovery_id <= 1, CSIG_E_OUTPUT); /* Ethereum has no v for others */
    out.out = csig_public_alloc(out.room);
    CSIG_REQUIRE(out.out != NULL, CSIG_E_MEMORY);
    put_signed(&out, &b->tx, &sigs[0]);
    csig_keccak256(hash, out.out, out.len);
    csig_json_put(o, "signed_transaction", csig_json_0x(out.out, out.len));
    csig_json_put(o, "transaction_hash", csig_json_0x(hash, sizeof hash));
    csig_json_put(o, "from", address_json(b->from));
    csig_public_free(out.out);
    return CSIG_OK;
}

static void clear(csig_payload *p)
{
    csig_public_free(((body *)p->body)->octets);
}

const csig_payload_kind csig_payload_eth_tx = {
    .type = "eth_tx",
    .members = {"transaction"},
    .read = read,
    .bind = bind,
    .describe = describe,
    .words = words,
    .finish = finish,
    .clear = clear,
};
