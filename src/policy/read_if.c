/* The member `if` of a rule: conditions over what a payload does. */
#include <stdio.h>
#include <string.h>

#include "payload/eth_tx.h"
#include "payload/kind.h"
#include "policy/amount.h"
#include "policy/read.h"

/* --- lists --- */

static csig_err name_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_span *span = into;
    csig_policy *p = r->policy;
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_ASSET_BYTES - 1, value));
    if (p->n_names == CSIG_NAMES_MAX) return csig_reader_says(r, "too many entries in all");
    p->names[p->n_names++] = text;
    span->n++;
    return CSIG_OK;
}

static csig_err names_read(csig_reader *r, csig_span *span, csig_value_read *read,
                           const csig_json *value)
{
    *span = (csig_span){.given = 1, .first = (uint16_t)r->policy->n_names};
    return csig_entries_read(r, span, CSIG_NAMES_MAX, read, value);
}

/* What is misspelt would never match, and a rule that denies it never deny. */
static csig_err type_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_TYPE_BYTES - 1, value));
    if (!csig_payload_type_is_known(text)) return csig_reader_says(r, "this is no type of payload");
    return name_read(r, into, value);
}

static csig_err types_read(csig_reader *r, void *into, const csig_json *value)
{
    return names_read(r, into, type_read, value);
}

/* CAIP-2: a namespace, a colon, which one. */
static csig_err chain_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_CHAIN_BYTES - 1, value));
    if (strchr(text, ':') == NULL) return csig_reader_says(r, "a chain is wanted, like eip155:1");
    return name_read(r, into, value);
}

static csig_err chains_read(csig_reader *r, void *into, const csig_json *value)
{
    return names_read(r, into, chain_read, value);
}

static bool is_hex(const char *text, size_t digits)
{
    return strspn(text, "0123456789abcdefABCDEF") == digits && text[digits] == '\0';
}

/* An Ethereum address, or letters and digits: what can be none is a mistake and would never match.
 */
static csig_err address_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_ADDRESS_BYTES - 1, value));
    if (text[0] == '0') { /* which is in no other address */
        if (text[1] != 'x' || !is_hex(text + 2, 40))
            return csig_reader_says(r, "0x and 40 digits are wanted");
    } else if (strlen(text) < 14 || text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
                                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0') {
        return csig_reader_says(r, "this is no address");
    }
    return into == NULL ? CSIG_OK : name_read(r, into, value);
}

static csig_err addresses_read(csig_reader *r, void *into, const csig_json *value)
{
    return names_read(r, into, address_read, value);
}

/* CAIP-19: a chain, a slash, what it is. */
static csig_err asset_text_read(csig_reader *r, void *into, const csig_json *value)
{
    const char **text = into;

    CSIG_TRY(csig_plain_text_read(r, text, CSIG_ASSET_BYTES - 1, value));
    if (strchr(*text, '/') == NULL || strchr(*text, ':') == NULL)
        return csig_reader_says(r, "an asset is wanted, like eip155:1/slip44:60");
    return CSIG_OK;
}

static csig_err asset_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *text;

    CSIG_TRY(asset_text_read(r, &text, value));
    return name_read(r, into, value);
}

static csig_err assets_read(csig_reader *r, void *into, const csig_json *value)
{
    return names_read(r, into, asset_read, value);
}

/* --- calls --- */

static csig_err contract_read(csig_reader *r, void *into, const csig_json *value)
{
    CSIG_TRY(address_read(r, NULL, value));
    *(const char **)into = csig_json_text_of(value, NULL);
    return CSIG_OK;
}

/* A selector, a signature, which stands for its selector, or the primary type of typed data. */
static csig_err method_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_called *called = into;
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, CSIG_METHOD_BYTES - 1, value));
    called->method = text;
    if (strncmp(text, "0x", 2) != 0 && strpbrk(text, "() ,") == NULL) return CSIG_OK;
    called->has_selector = 1;
    if (csig_eth_selector_is_of(called->selector, text)) return CSIG_OK;
    if (strncmp(text, "0x", 2) != 0)
        return csig_reader_says(r, "a signature like transfer(address,uint256), or a selector, is "
                                   "wanted");
    if (!csig_hex_is_read(called->selector, sizeof called->selector, text + 2, strlen(text + 2)))
        return csig_reader_says(r, "a selector has 8 digits");
    return CSIG_OK;
}

static csig_err called_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"contract", contract_read, offsetof(csig_called, contract), false},
        {"method", method_read, 0, false},
    };
    csig_span *span = into;
    csig_policy *p = r->policy;
    csig_called called = {.contract = NULL};

    CSIG_TRY(csig_members_read(r, &called, members, CSIG_ARRAY_LEN(members), value));
    if (csig_json_size(value) == 0) return csig_reader_says(r, "contract or method is wanted");
    if (p->n_called == CSIG_CALLED_MAX) return csig_reader_says(r, "too many calls in all");
    p->called[p->n_called++] = called;
    span->n++;
    return CSIG_OK;
}

static csig_err calls_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_span *span = into;

    *span = (csig_span){.given = 1, .first = (uint16_t)r->policy->n_called};
    return csig_entries_read(r, span, CSIG_CALLED_MAX, called_read, value);
}

/* --- limits --- */

static csig_err bound_read(csig_reader *r, csig_bound *bound, csig_bound_kind kind,
                           const csig_json *value)
{
    const char *text;

    if (bound->kind != CSIG_NO_BOUND)
        return csig_reader_says(r, "above and up_to exclude each other");
    CSIG_TRY(csig_plain_text_read(r, &text, 78, value));
    if (!csig_amount_is_read(bound->amount, text))
        return csig_reader_says(r, "a decimal number below 2^256 is wanted, as text");
    bound->kind = kind;
    return CSIG_OK;
}

static csig_err above_read(csig_reader *r, void *into, const csig_json *value)
{
    return bound_read(r, into, CSIG_ABOVE, value);
}

static csig_err up_to_read(csig_reader *r, void *into, const csig_json *value)
{
    return bound_read(r, into, CSIG_UP_TO, value);
}

static csig_err bounded(csig_reader *r, csig_bound_kind kind)
{
    return kind != CSIG_NO_BOUND ? CSIG_OK : csig_reader_says(r, "above or up_to is wanted");
}

static csig_err fee_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"above", above_read, 0, false},
        {"up_to", up_to_read, 0, false},
    };
    csig_bound *bound = into;

    CSIG_TRY(csig_members_read(r, bound, members, CSIG_ARRAY_LEN(members), value));
    return bounded(r, bound->kind);
}

#define LIMIT_MEMBERS                                                                              \
    {"asset", asset_text_read, offsetof(csig_limit, asset), true},                                 \
        {"above", above_read, offsetof(csig_limit, bound), false},                                 \
    {                                                                                              \
        "up_to", up_to_read, offsetof(csig_limit, bound), false                                    \
    }

static csig_err amount_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {LIMIT_MEMBERS};
    csig_limits *limits = into;
    csig_limit *limit = &limits->of[limits->n++];

    CSIG_TRY(csig_members_read(r, limit, members, CSIG_ARRAY_LEN(members), value));
    return bounded(r, limit->bound.kind);
}

static csig_err sum_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        LIMIT_MEMBERS,
        {"seconds", csig_seconds_read, offsetof(csig_limit, seconds), true},
    };
    csig_limits *limits = into;
    csig_limit *limit = &limits->of[limits->n++];

    CSIG_TRY(csig_members_read(r, limit, members, CSIG_ARRAY_LEN(members), value));
    return bounded(r, limit->bound.kind);
}

static csig_err amounts_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_entries_read(r, into, CSIG_LIMITS_MAX, amount_read, value);
}

static csig_err sums_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_entries_read(r, into, CSIG_LIMITS_MAX, sum_read, value);
}

static csig_err count_number_read(csig_reader *r, csig_count_bound *bound, csig_bound_kind kind,
                                  const csig_json *value)
{
    int64_t n;

    if (bound->kind != CSIG_NO_BOUND)
        return csig_reader_says(r, "above and up_to exclude each other");
    CSIG_TRY(csig_number_read(r, &n, 0, 1000000000, value));
    bound->kind = kind;
    bound->count = (uint64_t)n;
    return CSIG_OK;
}

static csig_err count_above_read(csig_reader *r, void *into, const csig_json *value)
{
    return count_number_read(r, into, CSIG_ABOVE, value);
}

static csig_err count_up_to_read(csig_reader *r, void *into, const csig_json *value)
{
    return count_number_read(r, into, CSIG_UP_TO, value);
}

static csig_err count_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"seconds", csig_seconds_read, offsetof(csig_count_bound, seconds), true},
        {"above", count_above_read, 0, false},
        {"up_to", count_up_to_read, 0, false},
    };
    csig_count_bound *bound = into;

    CSIG_TRY(csig_members_read(r, bound, members, CSIG_ARRAY_LEN(members), value));
    return bounded(r, bound->kind);
}

/* --- flags --- */

static csig_err flag_read(csig_reader *r, void *into, const csig_json *value)
{
    csig_want *want = into;

    if (csig_json_kind_of(value) != CSIG_JSON_BOOLEAN)
        return csig_reader_says(r, "true or false is wanted");
    *want = csig_json_integer_of(value) != 0 ? CSIG_WANT_YES : CSIG_WANT_NO;
    return CSIG_OK;
}

/* --- all of them --- */

#define THESE(list)  offsetof(csig_rule, lists) + (list) * sizeof(csig_span)
#define OTHERS(list) offsetof(csig_rule, others) + (list) * sizeof(csig_span)
#define FLAG(flag)   offsetof(csig_rule, flags) + (flag) * sizeof(csig_want)

csig_err csig_conditions_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"types", types_read, THESE(CSIG_LIST_TYPES), false},
        {"types_other_than", types_read, OTHERS(CSIG_LIST_TYPES), false},
        {"chains", chains_read, THESE(CSIG_LIST_CHAINS), false},
        {"chains_other_than", chains_read, OTHERS(CSIG_LIST_CHAINS), false},
        {"assets", assets_read, THESE(CSIG_LIST_ASSETS), false},
        {"assets_other_than", assets_read, OTHERS(CSIG_LIST_ASSETS), false},
        {"to", addresses_read, THESE(CSIG_LIST_TO), false},
        {"to_other_than", addresses_read, OTHERS(CSIG_LIST_TO), false},
        {"calls", calls_read, offsetof(csig_rule, calls), false},
        {"calls_other_than", calls_read, offsetof(csig_rule, other_calls), false},
        {"amount", amounts_read, offsetof(csig_rule, amount), false},
        {"sum", sums_read, offsetof(csig_rule, sum), false},
        {"count", count_read, offsetof(csig_rule, count), false},
        {"fee", fee_read, offsetof(csig_rule, fee), false},
        {"fee_rate", fee_read, offsetof(csig_rule, fee_rate), false},
        {"during", csig_windows_read, offsetof(csig_rule, during), false},
        {"not_during", csig_windows_read, offsetof(csig_rule, not_during), false},
        {"blind", flag_read, FLAG(CSIG_FLAG_BLIND), false},
        {"delegates", flag_read, FLAG(CSIG_FLAG_DELEGATES), false},
        {"authorizes", flag_read, FLAG(CSIG_FLAG_AUTHORIZES), false},
        {"creates", flag_read, FLAG(CSIG_FLAG_CREATES), false},
        {"anyonecanpay", flag_read, FLAG(CSIG_FLAG_ANYONECANPAY), false},
    };

    return csig_members_read(r, into, members, CSIG_ARRAY_LEN(members), value);
}
