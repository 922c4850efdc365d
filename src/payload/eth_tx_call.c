/* What a transaction's value and data do: transfers, calls, and the methods of ERC-20 (EIP-20) and
 * of ERC-721 and ERC-1155 that move tokens or let somebody move them.
 *
 * Contracts choose the method by the selector and take the arguments from where they must be:
 * octets behind them are passed over, and old compilers take what is missing for zeros and the last
 * 20 octets of a word for an address. So does this: a call that differs in that alone does the
 * same, and is said to do it; but its method is not named, for that is not all that it is. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"
#include "payload/eth_tx.h"
#include "payload/typed.h"

#define WORD         32
#define WORDS_MAX    3
#define SELECTOR     4
#define ADDRESS_SKIP (WORD - CSIG_ETHEREUM_BYTES)

typedef enum effect { MOVES, MOVES_OF, APPROVES, APPROVES_MORE, APPROVES_ALL } effect;

/* The selector is the first four octets of the signature's Keccak-256 (a test recomputes it). */
static const struct method {
    uint8_t selector[SELECTOR];
    const char *signature;
    effect effect;
    size_t addresses; /* so many words, then the amount */
} methods[] = {
    {{0xa9, 0x05, 0x9c, 0xbb}, "transfer(address,uint256)", MOVES, 1},
    {{0x23, 0xb8, 0x72, 0xdd}, "transferFrom(address,address,uint256)", MOVES_OF, 2},
    {{0x09, 0x5e, 0xa7, 0xb3}, "approve(address,uint256)", APPROVES, 1},
    {{0x39, 0x50, 0x93, 0x51}, "increaseAllowance(address,uint256)", APPROVES_MORE, 1},
    {{0xa2, 0x2c, 0xb4, 0x65}, "setApprovalForAll(address,bool)", APPROVES_ALL, 1},
};

void csig_eth_chain(char out[CSIG_CHAIN_BYTES], uint64_t chain)
{
    (void)snprintf(out, CSIG_CHAIN_BYTES, "eip155:%llu", (unsigned long long)chain);
}

void csig_eth_coin(char out[CSIG_ASSET_BYTES], uint64_t chain)
{
    (void)snprintf(out, CSIG_ASSET_BYTES, "eip155:%llu/slip44:60", (unsigned long long)chain);
}

static void token(char out[CSIG_ASSET_BYTES], uint64_t chain, const char *standard,
                  const uint8_t contract[CSIG_ETHEREUM_BYTES])
{
    char address[CSIG_ADDRESS_BYTES];

    csig_ethereum_address(address, contract);
    (void)snprintf(out, CSIG_ASSET_BYTES, "eip155:%llu/%s:%.42s", (unsigned long long)chain,
                   standard, address);
}

void csig_eth_token(char out[CSIG_ASSET_BYTES], uint64_t chain,
                    const uint8_t contract[CSIG_ETHEREUM_BYTES])
{
    token(out, chain, "erc20", contract);
}

static bool has_zeros(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] != 0) return false;
    }
    return true;
}

static bool amount_is_all_ones(const uint8_t amount[CSIG_AMOUNT_BYTES])
{
    for (size_t i = 0; i < CSIG_AMOUNT_BYTES; i++) {
        if (amount[i] != 0xff) return false;
    }
    return true;
}

/* --- selectors --- */

static bool type_is_elementary(const char *type, size_t len)
{
    static const csig_typed none;
    csig_typed_type is;

    do {
        if (!csig_typed_is_type(&is, &none, type, len)) return false;
        len = is.entry_len;
    } while (is.class == CSIG_TYPED_LIST);
    return true;
}

bool csig_eth_selector_is_of(uint8_t selector[SELECTOR], const char *signature)
{
    const size_t name = strspn(signature, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_$");
    const char *at = signature + name;
    uint8_t hash[CSIG_KECCAK_BYTES];

    if (name == 0 || *at != '(') return false;
    if (strcmp(at, "()") != 0) {
        do {
            const char *type = at + 1;

            at = type + strcspn(type, ",)");
            if (!type_is_elementary(type, (size_t)(at - type))) return false;
        } while (*at == ',');
        if (strcmp(at, ")") != 0) return false;
    }
    csig_keccak256(hash, signature, strlen(signature));
    memcpy(selector, hash, SELECTOR);
    return true;
}

/* --- the methods --- */

typedef struct arguments {
    uint8_t word[WORDS_MAX][WORD];
    bool exact; /* as the standard writes them, and nothing else */
} arguments;

/* NULL: none that is known. */
static const struct method *method_of(const csig_rlp *data)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(methods) && data->len >= SELECTOR; i++) {
        if (csig_is_same(data->at, methods[i].selector, SELECTOR)) return &methods[i];
    }
    return NULL;
}

static void read_arguments(arguments *a, const struct method *m, const csig_rlp *data)
{
    const size_t need = (m->addresses + 1) * WORD, have = data->len - SELECTOR;

    memset(a, 0, sizeof *a);
    memcpy(a->word, data->at + SELECTOR, have < need ? have : need);
    a->exact = have == need;
    for (size_t i = 0; i < m->addresses; i++)
        a->exact &= has_zeros(a->word[i], ADDRESS_SKIP);
    if (m->effect == APPROVES_ALL)
        a->exact &= has_zeros(a->word[1], WORD - 1) && a->word[1][WORD - 1] <= 1;
}

static void moves(csig_facts *f, const csig_eth_tx *tx, const struct method *m,
                  const arguments *args)
{
    csig_transfer *a = &f->transfers[f->n_transfers++];
    size_t to = 0;

    csig_eth_token(a->asset, tx->chain, tx->to);
    if (m->effect == MOVES_OF) csig_ethereum_address(a->from, args->word[to++] + ADDRESS_SKIP);
    csig_ethereum_address(a->to, args->word[to] + ADDRESS_SKIP);
    memcpy(a->amount, args->word[to + 1], sizeof a->amount);
}

static void approves(csig_facts *f, const csig_eth_tx *tx, const struct method *m,
                     const arguments *args)
{
    csig_approval *a = &f->approvals[f->n_approvals++];

    csig_eth_token(a->asset, tx->chain, tx->to);
    csig_ethereum_address(a->spender, args->word[0] + ADDRESS_SKIP);
    memcpy(a->amount, args->word[1], sizeof a->amount);
    a->has_amount = 1;
    a->unlimited = amount_is_all_ones(a->amount);
    a->adds = m->effect == APPROVES_MORE;
    /* an approval of nothing takes power back */
    if (!has_zeros(a->amount, sizeof a->amount)) f->delegates = 1;
}

/* All tokens of a collection, those to come too, or none any more. */
static void approves_all(csig_facts *f, const csig_eth_tx *tx, const arguments *args)
{
    csig_approval *a = &f->approvals[f->n_approvals++];
    const bool gives = !has_zeros(args->word[1], WORD);

    token(a->asset, tx->chain, "erc721", tx->to);
    csig_ethereum_address(a->spender, args->word[0] + ADDRESS_SKIP);
    a->has_amount = !gives;
    a->unlimited = f->delegates = gives;
    if (gives) memset(a->amount, 0xff, sizeof a->amount);
}

static void calls(csig_facts *f, const csig_eth_tx *tx)
{
    csig_call *c = &f->calls[f->n_calls++];
    const struct method *m = method_of(&tx->data);
    arguments args;

    csig_ethereum_address(c->contract, tx->to);
    c->has_selector = tx->data.len >= SELECTOR;
    if (c->has_selector) memcpy(c->selector, tx->data.at, SELECTOR);
    if (m == NULL) return;
    read_arguments(&args, m, &tx->data);
    if (args.exact) memcpy(c->method, m->signature, strlen(m->signature) + 1);
    switch (m->effect) {
    case MOVES:
    case MOVES_OF:
        moves(f, tx, m, &args);
        return;
    case APPROVES:
    case APPROVES_MORE:
        approves(f, tx, m, &args);
        return;
    case APPROVES_ALL:
        approves_all(f, tx, &args);
        return;
    }
}

void csig_eth_tx_call(csig_facts *f, const csig_eth_tx *tx)
{
    const bool has_value = !has_zeros(tx->value, sizeof tx->value);

    /* without data it is a payment, be it of nothing */
    if (has_value || (tx->data.len == 0 && !tx->creates)) {
        csig_transfer *a = &f->transfers[f->n_transfers++];

        csig_eth_coin(a->asset, tx->chain);
        if (!tx->creates) csig_ethereum_address(a->to, tx->to);
        memcpy(a->amount, tx->value, sizeof a->amount);
    }
    if (tx->creates)
        f->calls[f->n_calls++].creates = 1;
    else if (tx->data.len > 0)
        calls(f, tx);
}
