#include "payload/describe.h"

#include <string.h>

#define ETHER_DECIMALS   18
#define BITCOIN_DECIMALS 8

/* --- JSON --- */

static csig_json *transfer_json(const csig_transfer *a)
{
    csig_json *o = csig_json_object();

    csig_json_put(&o, "asset", csig_json_text(a->asset));
    csig_json_put(&o, "to", csig_json_text(a->to));
    csig_json_put(&o, "amount", csig_json_decimal(a->amount));
    if (a->from[0] != '\0') csig_json_put(&o, "from", csig_json_text(a->from));
    if (a->to_self) csig_json_put(&o, "to_self", csig_json_boolean(true));
    return o;
}

static csig_json *approval_json(const csig_approval *a)
{
    csig_json *o = csig_json_object();

    csig_json_put(&o, "asset", csig_json_text(a->asset));
    csig_json_put(&o, "spender", csig_json_text(a->spender));
    if (a->has_amount) csig_json_put(&o, "amount", csig_json_decimal(a->amount));
    if (a->unlimited) csig_json_put(&o, "unlimited", csig_json_boolean(true));
    if (a->adds) csig_json_put(&o, "adds", csig_json_boolean(true));
    return o;
}

static csig_json *call_json(const csig_call *c)
{
    csig_json *o = csig_json_object();

    if (c->contract[0] != '\0') csig_json_put(&o, "contract", csig_json_text(c->contract));
    if (c->has_selector)
        csig_json_put(&o, "selector", csig_json_0x(c->selector, sizeof c->selector));
    if (c->method[0] != '\0') csig_json_put(&o, "method", csig_json_text(c->method));
    if (c->creates) csig_json_put(&o, "creates", csig_json_boolean(true));
    return o;
}

static csig_json *fee_json(const csig_facts *f)
{
    csig_json *o = csig_json_object();

    csig_json_put(&o, "asset", csig_json_text(f->fee_asset));
    csig_json_put(&o, "amount", csig_json_decimal(f->fee));
    if (f->has_fee_rate) csig_json_put(&o, "rate", csig_json_decimal(f->fee_rate));
    return o;
}

static void put_lists(csig_json **o, const csig_payload *p)
{
    const csig_facts *f = &p->facts;
    csig_json *digests = csig_json_list(), *transfers = csig_json_list();
    csig_json *calls = csig_json_list(), *approvals = csig_json_list();

    for (size_t i = 0; i < p->n_inputs; i++)
        csig_json_append(&digests, csig_json_hex(p->inputs[i].digest, CSIG_DIGEST_BYTES));
    for (size_t i = 0; i < f->n_transfers; i++)
        csig_json_append(&transfers, transfer_json(&f->transfers[i]));
    for (size_t i = 0; i < f->n_calls; i++)
        csig_json_append(&calls, call_json(&f->calls[i]));
    for (size_t i = 0; i < f->n_approvals; i++)
        csig_json_append(&approvals, approval_json(&f->approvals[i]));
    csig_json_put(o, "digests", digests);
    csig_json_put(o, "transfers", transfers);
    csig_json_put(o, "calls", calls);
    csig_json_put(o, "approvals", approvals);
}

csig_json *csig_describe(const csig_payload *p)
{
    const csig_facts *f = &p->facts;
    csig_json *o = csig_json_object();

    csig_json_put(&o, "type", csig_json_text(f->type));
    if (f->chain[0] != '\0') csig_json_put(&o, "chain", csig_json_text(f->chain));
    put_lists(&o, p);
    if (f->has_fee) csig_json_put(&o, "fee", fee_json(f));
    if (f->delegates) csig_json_put(&o, "delegates", csig_json_boolean(true));
    if (f->blind) csig_json_put(&o, "blind", csig_json_boolean(true));
    if (f->sighash_flags != 0)
        csig_json_put(&o, "sighash_flags", csig_json_integer(f->sighash_flags));
    csig_json_put(&o, f->type, p->kind->describe(p));
    return o;
}

/* --- words --- */

static bool text_is(const char *text, size_t len, const char *want)
{
    return strlen(want) == len && strncmp(text, want, len) == 0;
}

/* Of the assets that have a name everybody knows it by, in its unit; of others in base units. */
static void amount_words(csig_text *t, const char *asset, const uint8_t amount[CSIG_AMOUNT_BYTES])
{
    const char *slash = strchr(asset, '/');
    const size_t chain = slash == NULL ? 0 : (size_t)(slash - asset);
    const char *what = slash == NULL ? asset : slash + 1;

    if (strcmp(what, "slip44:60") == 0) {
        csig_text_decimal(t, amount, CSIG_AMOUNT_BYTES, ETHER_DECIMALS);
        if (text_is(asset, chain, "eip155:1"))
            csig_text_add(t, " ETH");
        else
            csig_text_add(t, " of the native coin of %.*s", (int)chain, asset);
        return;
    }
    if (strncmp(asset, "bip122:", 7) == 0) {
        csig_text_decimal(t, amount, CSIG_AMOUNT_BYTES, BITCOIN_DECIMALS);
        csig_text_add(t, strcmp(what, "slip44:0") == 0 ? " BTC" : " test BTC");
        return;
    }
    csig_text_decimal(t, amount, CSIG_AMOUNT_BYTES, 0);
    if (strncmp(what, "erc20:", 6) == 0)
        csig_text_add(t, " base units of the token %s", what + 6);
    else
        csig_text_add(t, " of %s", asset);
}

static void transfer_words(csig_text *t, const csig_transfer *a)
{
    csig_text_add(t, a->to_self ? "Keeps " : "Sends ");
    amount_words(t, a->asset, a->amount);
    if (a->from[0] != '\0') csig_text_add(t, " from %s", a->from);
    csig_text_add(t, a->to_self ? " at %s (own)\n" : " to %s\n",
                  a->to[0] == '\0' ? "the contract that it creates" : a->to);
}

static void approval_words(csig_text *t, const csig_approval *a)
{
    csig_text_add(t, "Allows %s to take ", a->spender);
    if (a->unlimited) {
        csig_text_add(t, "WITHOUT LIMIT of %s\n", a->asset);
        return;
    }
    csig_text_add(t, a->adds ? "more than before, by " : "up to ");
    amount_words(t, a->asset, a->amount);
    csig_text_add(t, "\n");
}

static void fee_words(csig_text *t, const csig_facts *f)
{
    csig_text_add(t, "Fee: at most ");
    amount_words(t, f->fee_asset, f->fee);
    csig_text_add(t, "\n");
}

void csig_words(const csig_payload *p, csig_text *t)
{
    const csig_facts *f = &p->facts;

    p->kind->words(p, t);
    for (size_t i = 0; i < f->n_transfers; i++)
        transfer_words(t, &f->transfers[i]);
    for (size_t i = 0; i < f->n_approvals; i++)
        approval_words(t, &f->approvals[i]);
    if (f->has_fee) fee_words(t, f);
}
