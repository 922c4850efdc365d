/* PSBT: the list of maps, and what each known field must look like. */
#include "payload/psbt.h"

#include <string.h>

#include "base/mem.h"
#include "num/point.h"
#include "payload/text.h"

#define TX      0x00 /* PSBT_GLOBAL_UNSIGNED_TX */
#define VERSION 0xfb /* PSBT_GLOBAL_VERSION */
#define ANY     SIZE_MAX

static const uint8_t magic[] = {'p', 's', 'b', 't', 0xff};

typedef enum place { GLOBAL, IN, OUT } place;

/* --- the checks of values --- */

static bool is_tx(csig_span key, csig_span value)
{
    csig_btc_tx tx;

    (void)key;
    if (csig_btc_tx_read(&tx, value, CSIG_BTC_FULL) != CSIG_OK) return false;
    csig_btc_tx_free(&tx);
    return true;
}

static bool is_out(csig_span key, csig_span value)
{
    csig_btc_out out;

    (void)key;
    return csig_btc_out_read(&out, value) == CSIG_OK;
}

static bool is_witness(csig_span key, csig_span value)
{
    (void)key;
    return csig_btc_witness_read(value) == CSIG_OK;
}

static bool is_of_key(csig_span key)
{
    csig_point P;

    if (key.len == CSIG_POINT_BYTES) return csig_point_from_bytes(&P, key.p) == CSIG_OK;
    return key.len == 65 && key.p[0] == 4;
}

static bool is_signature(csig_span key, csig_span value)
{
    return is_of_key(key) && value.p[0] == 0x30;
}

/* A fingerprint, then indices. */
static bool is_derivation(csig_span key, csig_span value)
{
    return is_of_key(key) && value.len % 4 == 0;
}

static bool is_xpub(csig_span key, csig_span value)
{
    /* as many indices as the key is deep */
    return value.len % 4 == 0 && value.len / 4 - 1 == key.p[4];
}

/* BIP371: leaf hashes, a fingerprint, indices. */
static bool is_tap_derivation(csig_span key, csig_span value)
{
    csig_cursor c = {.in = value};
    const uint64_t leaves = csig_cursor_compact(&c);

    (void)key;
    if (c.bad || leaves > value.len / 32) return false;
    (void)csig_cursor_span(&c, (size_t)leaves * 32);
    return !c.bad && value.len - c.at >= 4 && (value.len - c.at) % 4 == 0;
}

static bool is_control_block(csig_span key, csig_span value)
{
    (void)value;
    return (key.len - 33) % 32 == 0;
}

static bool is_zero(csig_span key, csig_span value)
{
    (void)key;
    return csig_is_same(value.p, "\0\0\0\0", 4);
}

/* --- the table: lengths of the data in the key and of the value --- */

typedef struct rule {
    place scope;
    uint8_t type;
    bool is_later; /* of another version of PSBT: must not be here */
    size_t key_least, key_most, value_least, value_most;
    bool (*is_good)(csig_span key, csig_span value); /* NULL: any of that length */
} rule;

static const rule rules[] = {
    {GLOBAL, TX, false, 0, 0, 10, ANY, NULL},
    {GLOBAL, 0x01, false, 78, 78, 4, 4 + 4 * 255, is_xpub},
    {GLOBAL, 0x02, true, 0, 0, 0, 0, NULL},
    {GLOBAL, 0x03, true, 0, 0, 0, 0, NULL},
    {GLOBAL, 0x04, true, 0, 0, 0, 0, NULL},
    {GLOBAL, 0x05, true, 0, 0, 0, 0, NULL},
    {GLOBAL, 0x06, true, 0, 0, 0, 0, NULL},
    {GLOBAL, VERSION, false, 0, 0, 4, 4, is_zero},
    {IN, CSIG_PSBT_IN_NON_WITNESS_UTXO, false, 0, 0, 10, ANY, is_tx},
    {IN, CSIG_PSBT_IN_WITNESS_UTXO, false, 0, 0, 9, ANY, is_out},
    {IN, CSIG_PSBT_IN_PARTIAL_SIG, false, 33, 65, 9, 73, is_signature},
    {IN, CSIG_PSBT_IN_SIGHASH_TYPE, false, 0, 0, 4, 4, NULL},
    {IN, CSIG_PSBT_IN_REDEEM_SCRIPT, false, 0, 0, 0, ANY, NULL},
    {IN, CSIG_PSBT_IN_WITNESS_SCRIPT, false, 0, 0, 0, ANY, NULL},
    {IN, CSIG_PSBT_IN_BIP32_DERIVATION, false, 33, 65, 4, 4 + 4 * 255, is_derivation},
    {IN, CSIG_PSBT_IN_FINAL_SCRIPTSIG, false, 0, 0, 0, ANY, NULL},
    {IN, CSIG_PSBT_IN_FINAL_SCRIPTWITNESS, false, 0, 0, 1, ANY, is_witness},
    {IN, 0x09, false, 0, 0, 0, ANY, NULL},   /* proof of reserves */
    {IN, 0x0a, false, 20, 20, 0, ANY, NULL}, /* preimages */
    {IN, 0x0b, false, 32, 32, 0, ANY, NULL},
    {IN, 0x0c, false, 20, 20, 0, ANY, NULL},
    {IN, 0x0d, false, 32, 32, 0, ANY, NULL},
    {IN, 0x0e, true, 0, 0, 0, 0, NULL},
    {IN, 0x0f, true, 0, 0, 0, 0, NULL},
    {IN, 0x10, true, 0, 0, 0, 0, NULL},
    {IN, 0x11, true, 0, 0, 0, 0, NULL},
    {IN, 0x12, true, 0, 0, 0, 0, NULL},
    {IN, 0x13, false, 0, 0, 64, 65, NULL}, /* taproot */
    {IN, 0x14, false, 64, 64, 64, 65, NULL},
    {IN, 0x15, false, 33, 33 + 32 * 128, 1, ANY, is_control_block},
    {IN, 0x16, false, 32, 32, 5, ANY, is_tap_derivation},
    {IN, 0x17, false, 0, 0, 32, 32, NULL},
    {IN, 0x18, false, 0, 0, 32, 32, NULL},
    {OUT, 0x00, false, 0, 0, 0, ANY, NULL},
    {OUT, 0x01, false, 0, 0, 0, ANY, NULL},
    {OUT, CSIG_PSBT_OUT_BIP32_DERIVATION, false, 33, 65, 4, 4 + 4 * 255, is_derivation},
    {OUT, 0x03, true, 0, 0, 0, 0, NULL},
    {OUT, 0x04, true, 0, 0, 0, 0, NULL},
    {OUT, 0x05, false, 0, 0, 32, 32, NULL}, /* taproot */
    {OUT, 0x06, false, 0, 0, 1, ANY, NULL},
    {OUT, 0x07, false, 32, 32, 5, ANY, is_tap_derivation},
};

static const rule *rule_of(place scope, uint64_t type)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(rules); i++)
        if (rules[i].scope == scope && rules[i].type == type) return &rules[i];
    return NULL;
}

static bool field_is_good(place scope, const csig_psbt_field *f)
{
    const rule *r = rule_of(scope, f->type);

    if (r == NULL) return true;
    if (r->is_later) return false;
    if (f->data.len < r->key_least || f->data.len > r->key_most) return false;
    if (f->value.len < r->value_least || f->value.len > r->value_most) return false;
    return r->is_good == NULL || r->is_good(f->data, f->value);
}

bool csig_psbt_in_is_known(const csig_psbt_field *field)
{
    return rule_of(IN, field->type) != NULL;
}

/* --- the list of maps --- */

/* Walks all fields; into maps and fields, or only counting where those are NULL. */
static bool walk(csig_cursor *c, csig_psbt_map *maps, csig_psbt_field *fields, size_t *n_maps,
                 size_t *n_fields)
{
    *n_maps = *n_fields = 0;
    while (!c->bad && c->at < c->in.len) {
        const size_t first = *n_fields;

        for (;;) {
            csig_psbt_field f = {.key = csig_cursor_run(c)};
            csig_cursor key = {.in = f.key};

            if (c->bad || f.key.len == 0) break;
            f.type = csig_cursor_compact(&key);
            f.data = csig_cursor_span(&key, key.bad ? 0 : f.key.len - key.at);
            f.value = csig_cursor_run(c);
            if (key.bad) c->bad = true;
            if (fields != NULL) fields[*n_fields] = f;
            ++*n_fields;
        }
        if (maps != NULL) maps[*n_maps] = (csig_psbt_map){fields + first, *n_fields - first};
        ++*n_maps;
    }
    return !c->bad;
}

static csig_err split(csig_psbt *psbt, size_t *n_maps, csig_span octets, char *why)
{
    csig_cursor c = {.in = octets};
    size_t n_fields;
    const csig_span start = csig_cursor_span(&c, sizeof magic);

    if (start.len != sizeof magic || !csig_is_same(start.p, magic, sizeof magic))
        return csig_why(why, "\"psbt\" does not start as a PSBT does");
    if (!walk(&c, NULL, NULL, n_maps, &n_fields))
        return csig_why(why, "\"psbt\" is cut off or no list of fields at octet %zu", c.at);
    psbt->maps = csig_public_alloc((*n_maps + 1) * sizeof *psbt->maps);
    psbt->fields = csig_public_alloc((n_fields + 1) * sizeof *psbt->fields);
    CSIG_REQUIRE(psbt->maps != NULL && psbt->fields != NULL, CSIG_E_MEMORY);
    c = (csig_cursor){.in = octets, .at = sizeof magic};
    CSIG_ASSERT(walk(&c, psbt->maps, psbt->fields, n_maps, &n_fields));
    return CSIG_OK;
}

static csig_err check_map(const csig_psbt_map *map, place scope, size_t which, char *why)
{
    static const char *const names[] = {"map", "input", "output"};

    if (map->n > CSIG_PSBT_FIELDS_MAX)
        return csig_why(why, "%s %zu has more than %d fields", names[scope], which,
                        CSIG_PSBT_FIELDS_MAX);
    for (size_t i = 0; i < map->n; i++) {
        const csig_psbt_field *f = &map->field[i];

        if (!field_is_good(scope, f))
            return csig_why(why, "%s %zu: a field of type 0x%02llx is not as BIP174 wants it",
                            names[scope], which, (unsigned long long)f->type);
        for (size_t k = 0; k < i; k++)
            if (csig_span_is_eq(f->key, map->field[k].key))
                return csig_why(why, "%s %zu: a field of type 0x%02llx is there twice",
                                names[scope], which, (unsigned long long)f->type);
    }
    return CSIG_OK;
}

static csig_err read_tx(csig_psbt *psbt, char *why)
{
    const csig_psbt_field *f = csig_psbt_find(&psbt->global, TX);
    csig_err err;

    if (f == NULL) return csig_why(why, "the PSBT has no unsigned transaction");
    err = csig_btc_tx_read(&psbt->tx, f->value, CSIG_BTC_PLAIN);
    if (err == CSIG_E_FORMAT) return csig_why(why, "the PSBT's unsigned transaction is none");
    CSIG_TRY(err);
    for (size_t i = 0; i < psbt->tx.n_in; i++)
        if (psbt->tx.in[i].script.len > 0)
            return csig_why(why, "input %zu of the unsigned transaction has a scriptSig", i);
    if (psbt->tx.n_in > CSIG_PSBT_INPUTS_MAX)
        return csig_why(why, "more than %d inputs", CSIG_PSBT_INPUTS_MAX);
    return CSIG_OK;
}

/* No coin is spent twice: fees would be wrong, and nobody mines it. */
static csig_err check_prevouts(const csig_btc_tx *tx, char *why)
{
    for (size_t i = 0; i < tx->n_in; i++)
        for (size_t k = 0; k < i; k++)
            if (tx->in[i].vout == tx->in[k].vout &&
                csig_is_same(tx->in[i].txid, tx->in[k].txid, CSIG_TXID_BYTES))
                return csig_why(why, "inputs %zu and %zu spend the same coin", k, i);
    return CSIG_OK;
}

static csig_err read_all(csig_psbt *psbt, csig_span octets, char *why)
{
    size_t n_maps;

    CSIG_TRY(split(psbt, &n_maps, octets, why));
    if (n_maps == 0) return csig_why(why, "the PSBT is empty");
    psbt->global = psbt->maps[0];
    CSIG_TRY(check_map(&psbt->global, GLOBAL, 0, why));
    CSIG_TRY(read_tx(psbt, why));
    CSIG_TRY(check_prevouts(&psbt->tx, why));
    if (n_maps != 1 + psbt->tx.n_in + psbt->tx.n_out)
        return csig_why(why, "the PSBT has %zu maps; its transaction needs %zu", n_maps,
                        1 + psbt->tx.n_in + psbt->tx.n_out);
    psbt->in = psbt->maps + 1;
    psbt->out = psbt->in + psbt->tx.n_in;
    for (size_t i = 0; i < psbt->tx.n_in; i++)
        CSIG_TRY(check_map(&psbt->in[i], IN, i, why));
    for (size_t i = 0; i < psbt->tx.n_out; i++)
        CSIG_TRY(check_map(&psbt->out[i], OUT, i, why));
    return CSIG_OK;
}

csig_err csig_psbt_read(csig_psbt *psbt, csig_span octets, char *why)
{
    csig_err err;

    *psbt = (csig_psbt){0};
    err = read_all(psbt, octets, why);
    if (err != CSIG_OK) csig_psbt_free(psbt);
    return err;
}

void csig_psbt_free(csig_psbt *psbt)
{
    csig_btc_tx_free(&psbt->tx);
    csig_public_free(psbt->maps);
    csig_public_free(psbt->fields);
    *psbt = (csig_psbt){0};
}

/* --- what is in it --- */

const csig_psbt_field *csig_psbt_find(const csig_psbt_map *map, uint64_t type)
{
    for (size_t i = 0; i < map->n; i++)
        if (map->field[i].type == type && map->field[i].data.len == 0) return &map->field[i];
    return NULL;
}

csig_span csig_psbt_value(const csig_psbt_map *map, uint64_t type)
{
    const csig_psbt_field *f = csig_psbt_find(map, type);

    return f == NULL ? (csig_span){0} : f->value;
}

void csig_psbt_magic_write(csig_sink *s)
{
    csig_sink_bytes(s, magic, sizeof magic);
}

void csig_psbt_field_write(csig_sink *s, const csig_psbt_field *field)
{
    csig_sink_run(s, field->key);
    csig_sink_run(s, field->value);
}

void csig_psbt_map_write(csig_sink *s, const csig_psbt_map *map)
{
    for (size_t i = 0; i < map->n; i++)
        csig_psbt_field_write(s, &map->field[i]);
    csig_sink_u8(s, 0);
}
