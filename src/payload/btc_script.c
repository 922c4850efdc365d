/* Bitcoin's standard scripts, by their octets. */
#include "payload/btc_script.h"

#include <string.h>

#include "base/mem.h"

enum {
    OP_0 = 0x00,
    OP_PUSHDATA1 = 0x4c,
    OP_PUSHDATA2 = 0x4d,
    OP_1 = 0x51,
    OP_16 = 0x60,
    OP_RETURN = 0x6a,
    OP_DUP = 0x76,
    OP_EQUAL = 0x87,
    OP_EQUALVERIFY = 0x88,
    OP_HASH160 = 0xa9,
    OP_CHECKSIG = 0xac,
    OP_CHECKMULTISIG = 0xae
};

/* Each kind is a program of a fixed length with fixed octets around it. */
typedef struct template
{
    csig_btc_kind kind;
    uint8_t before[3], n_before, program, after[2], n_after;
}
template;

static const template templates[] = {
    {CSIG_BTC_P2PKH, {OP_DUP, OP_HASH160, 20}, 3, 20, {OP_EQUALVERIFY, OP_CHECKSIG}, 2},
    {CSIG_BTC_P2SH, {OP_HASH160, 20}, 2, 20, {OP_EQUAL}, 1},
    {CSIG_BTC_P2WPKH, {OP_0, 20}, 2, 20, {0}, 0},
    {CSIG_BTC_P2WSH, {OP_0, 32}, 2, 32, {0}, 0},
    {CSIG_BTC_P2TR, {OP_1, 32}, 2, 32, {0}, 0},
};

static bool fits(const template *t, csig_span script)
{
    const size_t after = (size_t)t->n_before + t->program;

    return script.len == after + t->n_after && csig_is_same(script.p, t->before, t->n_before) &&
           csig_is_same(script.p + after, t->after, t->n_after);
}

csig_btc_script csig_btc_script_of(csig_span script)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(templates); i++) {
        const template *t = &templates[i];

        if (fits(t, script))
            return (csig_btc_script){t->kind, {script.p + t->n_before, t->program}};
    }
    if (script.len > 0 && script.p[0] == OP_RETURN)
        return (csig_btc_script){CSIG_BTC_DATA, {script.p + 1, script.len - 1}};
    return (csig_btc_script){CSIG_BTC_OTHER, script};
}

csig_span csig_btc_made_span(const csig_btc_made *made)
{
    return (csig_span){made->b, made->len};
}

void csig_btc_script_make(csig_btc_made *made, csig_btc_kind kind, const uint8_t *program)
{
    const template *t = templates;

    while (t->kind != kind) {
        t++;
        CSIG_ASSERT(t < templates + CSIG_ARRAY_LEN(templates));
    }
    made->len = (size_t)t->n_before + t->program + t->n_after;
    CSIG_ASSERT(made->len <= sizeof made->b);
    memcpy(made->b, t->before, t->n_before);
    memcpy(made->b + t->n_before, program, t->program);
    memcpy(made->b + t->n_before + t->program, t->after, t->n_after);
}

void csig_btc_script_pay(csig_btc_made *made, csig_btc_kind kind,
                         const uint8_t public_key[CSIG_POINT_BYTES])
{
    uint8_t hash[CSIG_HASH160_BYTES];

    CSIG_ASSERT(kind == CSIG_BTC_P2PKH || kind == CSIG_BTC_P2WPKH || kind == CSIG_BTC_P2SH);
    csig_hash160(hash, public_key, CSIG_POINT_BYTES);
    if (kind == CSIG_BTC_P2SH) {
        csig_btc_script_make(made, CSIG_BTC_P2WPKH, hash);
        csig_hash160(hash, made->b, made->len);
    }
    csig_btc_script_make(made, kind, hash);
}

bool csig_btc_script_is_of(csig_btc_script script, csig_span inner)
{
    uint8_t hash[CSIG_SHA256_BYTES];

    if (script.kind == CSIG_BTC_P2SH)
        csig_hash160(hash, inner.p, inner.len);
    else if (script.kind == CSIG_BTC_P2WSH)
        csig_sha256_of(hash, inner.p, inner.len);
    else
        return false;
    return csig_is_same(hash, script.program.p, script.program.len);
}

/* OP_1 .. OP_16, or a push of one octet up to 20. */
static size_t small_number(csig_cursor *c)
{
    const uint8_t op = csig_cursor_u8(c);
    size_t v = 0;

    if (op >= OP_1 && op <= OP_16) return (size_t)(op - OP_1) + 1;
    if (op == 1) v = csig_cursor_u8(c);
    if (v <= 16 || v > CSIG_BTC_MULTISIG_KEYS) c->bad = true;
    return v;
}

csig_err csig_btc_multisig_read(csig_btc_multisig *multisig, csig_span script)
{
    csig_cursor c = {.in = script};

    *multisig = (csig_btc_multisig){.m = small_number(&c)};
    while (!c.bad && c.at < script.len && (script.p[c.at] == 33 || script.p[c.at] == 65)) {
        CSIG_REQUIRE(multisig->n < CSIG_BTC_MULTISIG_KEYS, CSIG_E_FORMAT);
        multisig->key[multisig->n++] = csig_cursor_span(&c, csig_cursor_u8(&c));
    }
    CSIG_REQUIRE(small_number(&c) == multisig->n, CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_cursor_u8(&c) == OP_CHECKMULTISIG, CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_cursor_is_done(&c) && multisig->m <= multisig->n, CSIG_E_FORMAT);
    return CSIG_OK;
}

void csig_btc_push(csig_sink *s, csig_span octets)
{
    CSIG_ASSERT(octets.len <= CSIG_BTC_PUSH_MAX);
    if (octets.len >= OP_PUSHDATA1) csig_sink_u8(s, octets.len > 255 ? OP_PUSHDATA2 : OP_PUSHDATA1);
    csig_sink_u8(s, (uint8_t)octets.len);
    if (octets.len > 255) csig_sink_u8(s, (uint8_t)(octets.len >> 8));
    csig_sink_span(s, octets);
}
