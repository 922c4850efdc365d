/* Serialised Ethereum transactions, before they are signed: each type is a list of fields. */
#include <string.h>

#include "crypto/ecdsa.h"
#include "crypto/keccak.h"
#include "payload/eth_tx.h"

typedef enum field {
    END,
    CHAIN,
    NONCE,
    GAS_PRICE,
    MAX_TIP,
    MAX_FEE,
    GAS_LIMIT,
    TO,
    TO_SOMEBODY, /* cannot create */
    VALUE,
    DATA,
    LEGACY_END, /* where the signature of a legacy transaction begins */
    NOTHING,
    ACCESS_LIST,
    MAX_BLOB_FEE,
    BLOB_HASHES,
    AUTHORIZATIONS
} field;

#define FIELDS_MAX 13

static const field fields[][FIELDS_MAX] = {
    [CSIG_ETH_LEGACY] = {NONCE, GAS_PRICE, GAS_LIMIT, TO, VALUE, DATA, LEGACY_END, CHAIN, NOTHING,
                         NOTHING, END},
    [CSIG_ETH_ACCESS_LIST] = {CHAIN, NONCE, GAS_PRICE, GAS_LIMIT, TO, VALUE, DATA, ACCESS_LIST,
                              END},
    [CSIG_ETH_FEE_MARKET] = {CHAIN, NONCE, MAX_TIP, MAX_FEE, GAS_LIMIT, TO, VALUE, DATA,
                             ACCESS_LIST, END},
    [CSIG_ETH_BLOBS] = {CHAIN, NONCE, MAX_TIP, MAX_FEE, GAS_LIMIT, TO_SOMEBODY, VALUE, DATA,
                        ACCESS_LIST, MAX_BLOB_FEE, BLOB_HASHES, END},
    [CSIG_ETH_SET_CODE] = {CHAIN, NONCE, MAX_TIP, MAX_FEE, GAS_LIMIT, TO_SOMEBODY, VALUE, DATA,
                           ACCESS_LIST, AUTHORIZATIONS, END},
};

static const char *const names[] = {
    [END] = "the end",
    [CHAIN] = "the chain id (1 to 2^63 - 37)",
    [NONCE] = "the nonce (below 2^64 - 1)",
    [GAS_PRICE] = "the gas price",
    [MAX_TIP] = "the max priority fee per gas",
    [MAX_FEE] = "the max fee per gas",
    [GAS_LIMIT] = "the gas limit",
    [TO] = "the recipient (20 octets or none)",
    [TO_SOMEBODY] = "the recipient (20 octets)",
    [VALUE] = "the value",
    [DATA] = "the data",
    [LEGACY_END] = "the chain id",
    [NOTHING] = "an empty field after the chain id",
    [ACCESS_LIST] = "the access list",
    [MAX_BLOB_FEE] = "the max fee per blob gas",
    [BLOB_HASHES] = "the blob versioned hashes (one or more, of version 1)",
    [AUTHORIZATIONS] = "the authorization list (one or more)",
};

static csig_err read_u64(uint64_t *n, csig_rlp *from)
{
    uint8_t octets[8];

    CSIG_TRY(csig_rlp_number(octets, sizeof octets, from));
    *n = 0;
    for (size_t i = 0; i < sizeof octets; i++)
        *n = *n << 8 | octets[i];
    return CSIG_OK;
}

static csig_err read_to(csig_eth_tx *tx, csig_rlp *from)
{
    csig_rlp to;

    CSIG_TRY(csig_rlp_octets(&to, from));
    tx->creates = to.len == 0;
    CSIG_REQUIRE(tx->creates || to.len == sizeof tx->to, CSIG_E_FORMAT);
    if (!tx->creates) memcpy(tx->to, to.at, sizeof tx->to);
    return CSIG_OK;
}

csig_err csig_eth_access_next(csig_eth_access *entry, csig_rlp *from)
{
    csig_rlp inside;

    CSIG_TRY(csig_rlp_list(&inside, from));
    CSIG_TRY(csig_rlp_fixed(entry->address, sizeof entry->address, &inside));
    CSIG_TRY(csig_rlp_list(&entry->keys, &inside));
    CSIG_REQUIRE(inside.len == 0, CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err read_access_list(csig_eth_tx *tx, csig_rlp *from)
{
    csig_rlp rest;
    csig_eth_access entry;
    uint8_t key[32];

    CSIG_TRY(csig_rlp_list(&tx->access_list, from));
    for (rest = tx->access_list; rest.len > 0; tx->n_access++) {
        CSIG_TRY(csig_eth_access_next(&entry, &rest));
        while (entry.keys.len > 0)
            CSIG_TRY(csig_rlp_fixed(key, sizeof key, &entry.keys));
    }
    return CSIG_OK;
}

static csig_err read_blob_hashes(csig_eth_tx *tx, csig_rlp *from)
{
    csig_rlp rest;
    uint8_t hash[32];

    CSIG_TRY(csig_rlp_list(&tx->blob_hashes, from));
    for (rest = tx->blob_hashes; rest.len > 0; tx->n_blobs++) {
        CSIG_TRY(csig_rlp_fixed(hash, sizeof hash, &rest));
        CSIG_REQUIRE(hash[0] == CSIG_ETH_BLOB_VERSION, CSIG_E_FORMAT);
    }
    CSIG_REQUIRE(tx->n_blobs > 0, CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_eth_authorization_next(csig_eth_authorization *a, csig_rlp *from)
{
    csig_rlp inside;

    CSIG_TRY(csig_rlp_list(&inside, from));
    CSIG_TRY(csig_rlp_number(a->chain, sizeof a->chain, &inside));
    CSIG_TRY(csig_rlp_fixed(a->address, sizeof a->address, &inside));
    CSIG_TRY(read_u64(&a->nonce, &inside));
    CSIG_TRY(csig_rlp_number(&a->y_parity, sizeof a->y_parity, &inside));
    CSIG_TRY(csig_rlp_number(a->r, sizeof a->r, &inside));
    CSIG_TRY(csig_rlp_number(a->s, sizeof a->s, &inside));
    CSIG_REQUIRE(inside.len == 0, CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err read_authorizations(csig_eth_tx *tx, csig_rlp *from)
{
    csig_eth_authorization a;
    csig_rlp rest;

    CSIG_TRY(csig_rlp_list(&tx->authorizations, from));
    for (rest = tx->authorizations; rest.len > 0; tx->n_authorizations++)
        CSIG_TRY(csig_eth_authorization_next(&a, &rest));
    CSIG_REQUIRE(tx->n_authorizations > 0, CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err read_field(csig_eth_tx *tx, field what, csig_rlp *from)
{
    uint8_t none;

    switch (what) {
    case END:
        return from->len == 0 ? CSIG_OK : CSIG_E_FORMAT;
    case CHAIN:
        CSIG_TRY(read_u64(&tx->chain, from));
        return tx->chain > 0 && tx->chain <= CSIG_ETH_CHAIN_MAX ? CSIG_OK : CSIG_E_FORMAT;
    case NONCE: /* EIP-2681 */
        CSIG_TRY(read_u64(&tx->nonce, from));
        return tx->nonce < UINT64_MAX ? CSIG_OK : CSIG_E_FORMAT;
    case GAS_PRICE:
    case MAX_FEE:
        return csig_rlp_number(tx->max_fee, sizeof tx->max_fee, from);
    case MAX_TIP:
        return csig_rlp_number(tx->tip, sizeof tx->tip, from);
    case GAS_LIMIT:
        return read_u64(&tx->gas_limit, from);
    case TO:
        return read_to(tx, from);
    case TO_SOMEBODY:
        return csig_rlp_fixed(tx->to, sizeof tx->to, from);
    case VALUE:
        return csig_rlp_number(tx->value, sizeof tx->value, from);
    case DATA:
        return csig_rlp_octets(&tx->data, from);
    case LEGACY_END:
        tx->legacy_items = (size_t)(from->at - tx->items.at);
        return from->len > 0 ? CSIG_OK : CSIG_E_FORMAT;
    case NOTHING:
        return csig_rlp_fixed(&none, 0, from);
    case ACCESS_LIST:
        return read_access_list(tx, from);
    case MAX_BLOB_FEE:
        return csig_rlp_number(tx->max_blob_fee, sizeof tx->max_blob_fee, from);
    case BLOB_HASHES:
        return read_blob_hashes(tx, from);
    case AUTHORIZATIONS:
        return read_authorizations(tx, from);
    }
    return CSIG_E_FORMAT;
}

static csig_err read_items(csig_eth_tx *tx, char *why)
{
    csig_rlp rest = tx->items;

    for (const field *f = fields[tx->type];; f++) {
        const size_t at = (size_t)(rest.at - tx->octets);

        if (read_field(tx, *f, &rest) != CSIG_OK)
            return csig_why(why, "\"transaction\": %s is not right at octet %zu", names[*f], at);
        if (*f == END) return CSIG_OK;
    }
}

csig_err csig_eth_tx_parse(csig_eth_tx *tx, const uint8_t *octets, size_t len, char *why)
{
    csig_rlp rest = {octets, len};

    *tx = (csig_eth_tx){.octets = octets, .len = len};
    if (len == 0) return csig_why(why, "\"transaction\" is empty");
    if (octets[0] >= 1 && octets[0] < CSIG_ARRAY_LEN(fields)) {
        tx->type = (csig_eth_type)octets[0];
        rest.at++;
        rest.len--;
    } else if (octets[0] < 0xc0) {
        return csig_why(why, "\"transaction\": type %u is not known", octets[0]);
    }
    if (csig_rlp_list(&tx->items, &rest) != CSIG_OK || rest.len > 0)
        return csig_why(why, "\"transaction\" is not one list in canonical RLP");
    CSIG_TRY(read_items(tx, why));
    /* such a transaction can never be mined */
    for (size_t i = 0; i < sizeof tx->tip; i++) {
        if (tx->tip[i] < tx->max_fee[i]) break;
        if (tx->tip[i] > tx->max_fee[i])
            return csig_why(why, "\"transaction\": the max priority fee is above the max fee");
    }
    return CSIG_OK;
}

/* EIP-7702: the authority signed keccak256(0x05 || rlp([chain id, address, nonce])). */
bool csig_eth_authorization_has_authority(uint8_t authority[CSIG_ETHEREUM_BYTES],
                                          const csig_eth_authorization *a)
{
    uint8_t items[33 + 21 + 9], whole[sizeof items + 1 + CSIG_RLP_HEAD_MAX], nonce[8],
        digest[CSIG_KECCAK_BYTES];
    csig_rlp_out inside = {.out = items, .room = sizeof items};
    csig_rlp_out out = {.out = whole, .room = sizeof whole};
    const uint8_t magic = 0x05;
    csig_ecdsa sig = {.recid = a->y_parity};
    csig_point key;

    if (a->y_parity > 1) return false;
    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)(a->nonce >> (56 - 8 * i));
    csig_rlp_put_number(&inside, a->chain, sizeof a->chain);
    csig_rlp_put_octets(&inside, a->address, sizeof a->address);
    csig_rlp_put_number(&inside, nonce, sizeof nonce);
    csig_rlp_put_raw(&out, &magic, 1);
    csig_rlp_put_list_head(&out, inside.len);
    csig_rlp_put_raw(&out, items, inside.len);
    csig_keccak256(digest, whole, out.len);
    memcpy(sig.r, a->r, sizeof sig.r);
    memcpy(sig.s, a->s, sizeof sig.s);
    if (!csig_ecdsa_has_recovered(&key, &sig, digest)) return false;
    csig_ethereum_of(authority, &key);
    return true;
}
