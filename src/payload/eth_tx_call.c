/* What a transaction's value and data do: transfers, calls, and the methods of ERC-20 (EIP-20) that
 * move tokens or let somebody move them. Whatever is not exactly such a call stays unknown. */
#include <stdio.h>
#include <string.h>

#include "payload/eth_tx.h"

#define WORD         32
#define WORDS_MAX    3
#define SELECTOR     4
#define ADDRESS_SKIP (WORD - CSIG_ETHEREUM_BYTES)

typedef enum effect { MOVES, MOVES_OF, APPROVES, APPROVES_MORE } effect;

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
};

void csig_eth_chain(char out[CSIG_CHAIN_BYTES], uint64_t chain)
{
    (void)snprintf(out, CSIG_CHAIN_BYTES, "eip155:%llu", (unsigned long long)chain);
}

void csig_eth_coin(char out[CSIG_ASSET_BYTES], uint64_t chain)
{
    (void)snprintf(out, CSIG_ASSET_BYTES, "eip155:%llu/slip44:60", (unsigned long long)chain);
}

void csig_eth_token(char out[CSIG_ASSET_BYTES], uint64_t chain,
                    const uint8_t contract[CSIG_ETHEREUM_BYTES])
{
    char address[CSIG_ADDRESS_BYTES];

    csig_ethereum_address(address, contract);
    (void)snprintf(out, CSIG_ASSET_BYTES, "eip155:%llu/erc20:%.42s", (unsigned long long)chain,
                   address);
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

/* NULL: none that is known, not its length, or an address with something in front. */
static const struct method *method_of(const csig_rlp *data)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(methods); i++) {
        const struct method *m = &methods[i];
        const uint8_t *word = data->at + SELECTOR;
        bool is_it = data->len == SELECTOR + (m->addresses + 1) * WORD;

        for (size_t k = 0; is_it && k < SELECTOR; k++)
            is_it = data->at[k] == m->selector[k];
        for (size_t k = 0; is_it && k < m->addresses; k++, word += WORD)
            is_it = has_zeros(word, ADDRESS_SKIP);
        if (is_it) return m;
    }
    return NULL;
}

static void moves(csig_facts *f, const csig_eth_tx *tx, const struct method *m)
{
    csig_transfer *a = &f->transfers[f->n_transfers++];
    const uint8_t *to = tx->data.at + SELECTOR;

    csig_eth_token(a->asset, tx->chain, tx->to);
    if (m->effect == MOVES_OF) {
        csig_ethereum_address(a->from, to + ADDRESS_SKIP);
        to += WORD;
    }
    csig_ethereum_address(a->to, to + ADDRESS_SKIP);
    memcpy(a->amount, to + WORD, sizeof a->amount);
}

static void approves(csig_facts *f, const csig_eth_tx *tx, const struct method *m)
{
    csig_approval *a = &f->approvals[f->n_approvals++];
    const uint8_t *spender = tx->data.at + SELECTOR;

    csig_eth_token(a->asset, tx->chain, tx->to);
    csig_ethereum_address(a->spender, spender + ADDRESS_SKIP);
    memcpy(a->amount, spender + WORD, sizeof a->amount);
    a->has_amount = 1;
    a->unlimited = amount_is_all_ones(a->amount);
    a->adds = m->effect == APPROVES_MORE;
    /* an approval of nothing takes power back */
    if (!has_zeros(a->amount, sizeof a->amount)) f->delegates = 1;
}

static void calls(csig_facts *f, const csig_eth_tx *tx)
{
    csig_call *c = &f->calls[f->n_calls++];
    const struct method *m;

    csig_ethereum_address(c->contract, tx->to);
    c->has_selector = tx->data.len >= SELECTOR;
    if (c->has_selector) memcpy(c->selector, tx->data.at, SELECTOR);
    m = method_of(&tx->data);
    if (m == NULL) return;
    memcpy(c->method, m->signature, strlen(m->signature) + 1);
    switch (m->effect) {
    case MOVES:
    case MOVES_OF:
        moves(f, tx, m);
        return;
    case APPROVES:
    case APPROVES_MORE:
        approves(f, tx, m);
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
