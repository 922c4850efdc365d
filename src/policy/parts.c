#include "policy/parts.h"

#include <string.h>

#include "policy/amount.h"

/* --- names --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool name_begins(const char *name, const char *with)
{
    while (*with != '\0' && lower(*name) == *with)
        name++, with++;
    return *with == '\0';
}

/* Base58 addresses of Bitcoin differ by case, and none begins like these; those of Bech32 may be
 * written in either. The mixed case of Ethereum's is a checksum, also within the name of an asset,
 * which alone has a slash. */
bool csig_name_is_same(const char *a, const char *b)
{
    static const char *const beginnings[] = {"0x", "bc1", "tb1", "bcrt1"};
    bool any_case = strchr(a, '/') != NULL;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(beginnings); i++)
        any_case |= name_begins(a, beginnings[i]);
    while (*a != '\0' && (*a == *b || (any_case && lower(*a) == lower(*b))))
        a++, b++;
    return *a == *b;
}

/* --- parts --- */

static bool is_token_of(const char *asset, const char *contract)
{
    const char *token = strstr(asset, "/erc20:");

    return token != NULL && csig_name_is_same(token + strlen("/erc20:"), contract);
}

bool csig_call_is_transfer(const csig_facts *f, const csig_call *call)
{
    /* It may do more than that. */
    if (call->method[0] == '\0') return false;
    for (size_t i = 0; i < f->n_transfers; i++) {
        if (is_token_of(f->transfers[i].asset, call->contract)) return true;
    }
    for (size_t i = 0; i < f->n_approvals; i++) {
        if (is_token_of(f->approvals[i].asset, call->contract)) return true;
    }
    return false;
}

size_t csig_parts_count(const csig_facts *f)
{
    return f->n_transfers + f->n_approvals + f->n_calls;
}

csig_part csig_part_at(const csig_facts *f, size_t i)
{
    if (i < f->n_transfers) {
        const csig_transfer *t = &f->transfers[i];

        return (csig_part){t->to_self != 0 ? CSIG_PART_NONE : CSIG_PART_TRANSFER, t->asset, t->to};
    }
    i -= f->n_transfers;
    if (i < f->n_approvals)
        return (csig_part){CSIG_PART_APPROVAL, f->approvals[i].asset, f->approvals[i].spender};
    i -= f->n_approvals;
    if (f->calls[i].creates != 0 || csig_call_is_transfer(f, &f->calls[i]))
        return (csig_part){CSIG_PART_NONE, "", ""};
    return (csig_part){CSIG_PART_CALL, "", f->calls[i].contract};
}

/* --- amounts --- */

bool csig_parts_have_asset(const csig_facts *f, const char *asset)
{
    for (size_t i = 0; i < csig_parts_count(f); i++) {
        const csig_part part = csig_part_at(f, i);

        if (part.kind != CSIG_PART_NONE && csig_name_is_same(part.asset, asset)) return true;
    }
    return false;
}

void csig_parts_amount(const csig_facts *f, const char *asset, bool with_powers,
                       uint8_t amount[CSIG_AMOUNT_BYTES])
{
    memset(amount, 0, CSIG_AMOUNT_BYTES);
    for (size_t i = 0; i < f->n_transfers; i++) {
        const csig_transfer *t = &f->transfers[i];

        if (t->to_self == 0 && csig_name_is_same(t->asset, asset))
            csig_amount_add(amount, t->amount);
    }
    for (size_t i = 0; i < f->n_approvals && with_powers; i++) {
        if (csig_name_is_same(f->approvals[i].asset, asset))
            csig_amount_add(amount, f->approvals[i].amount);
    }
}

void csig_facts_amount(const csig_facts *facts, const char *asset,
                       uint8_t amount[CSIG_AMOUNT_BYTES])
{
    csig_parts_amount(facts, asset, false, amount);
}
