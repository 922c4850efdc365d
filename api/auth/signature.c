#include "auth/signature.h"

#include <string.h>

/* --- parameters: one table for reading and writing --- */

static const struct {
    const char *name;
    unsigned bit;
    csigd_sf_type type;
    size_t at, size; /* of a string */
} table[] = {
    {"created", CSIGD_PARAM_CREATED, CSIGD_SF_INTEGER, offsetof(csigd_signature_params, created),
     0},
    {"expires", CSIGD_PARAM_EXPIRES, CSIGD_SF_INTEGER, offsetof(csigd_signature_params, expires),
     0},
    {"nonce", CSIGD_PARAM_NONCE, CSIGD_SF_STRING, offsetof(csigd_signature_params, nonce),
     CSIGD_NONCE_MAX + 1},
    {"alg", CSIGD_PARAM_ALG, CSIGD_SF_STRING, offsetof(csigd_signature_params, alg), 32},
    {"keyid", CSIGD_PARAM_KEYID, CSIGD_SF_STRING, offsetof(csigd_signature_params, keyid), 129},
    {"tag", CSIGD_PARAM_TAG, CSIGD_SF_STRING, offsetof(csigd_signature_params, tag), 65},
};

#define N_PARAMS (sizeof table / sizeof table[0])

static bool param_is_read(csigd_signature_params *p, const csigd_sf *sf, size_t node)
{
    for (size_t i = 0; i < N_PARAMS; i++) {
        char *at = (char *)p + table[i].at;

        if (!csigd_sf_key_is(sf, node, table[i].name)) continue;
        p->set |= table[i].bit;
        if (table[i].type == CSIGD_SF_STRING)
            return csigd_sf_text_is_read(at, table[i].size, sf, node, CSIGD_SF_STRING);
        memcpy(at, &sf->nodes[node].integer, sizeof(int64_t));
        return sf->nodes[node].type == CSIGD_SF_INTEGER && sf->nodes[node].integer >= 0;
    }
    return false;
}

static csigd_auth read_params(csigd_signature_params *p, const csigd_sf *sf, csigd_refusal *why)
{
    char key[CSIGD_COMPONENT_NAME];

    *p = (csigd_signature_params){.set = 0};
    for (size_t i = csigd_sf_next(sf, 0, CSIGD_SF_PARAM); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, CSIGD_SF_PARAM)) {
        if (param_is_read(p, sf, i)) continue;
        return csigd_refuse(why, CSIGD_AUTH_PARAMETER,
                            csigd_sf_key_is_read(key, sizeof key, sf, i) ? key : "");
    }
    return CSIGD_AUTH_OK;
}

static void print_params(csigd_text *out, const csigd_signature_params *p)
{
    for (size_t i = 0; i < N_PARAMS; i++) {
        const char *at = (const char *)p + table[i].at;
        int64_t number;

        if ((p->set & table[i].bit) == 0) continue;
        csigd_text_char(out, ';');
        csigd_text_put(out, table[i].name);
        csigd_text_char(out, '=');
        if (table[i].type == CSIGD_SF_STRING) {
            csigd_sf_print_string(out, at);
            continue;
        }
        memcpy(&number, at, sizeof number);
        csigd_text_int(out, number);
    }
}

/* --- reading --- */

/* A field that is a dictionary of exactly one member. */
static bool single_is_read(csigd_sf *sf, const csigd_message *m, const char *name)
{
    char value[CSIGD_SF_OCTETS];
    csigd_text t = csigd_text_in(value, sizeof value);

    return csigd_message_field_is_read(&t, m, name) && csigd_text_is_whole(&t) &&
           csigd_sf_dictionary_is_read(sf, value, t.len) &&
           csigd_sf_count(sf, CSIGD_SF_MEMBER) == 1;
}

static bool octets_are_read(csigd_signature *s, const csigd_message *m)
{
    csigd_sf sf;

    if (!single_is_read(&sf, m, "signature") || !csigd_sf_key_is(&sf, 0, s->label) ||
        sf.nodes[0].type != CSIGD_SF_OCTETS_TYPE || sf.nodes[0].len != sizeof s->octets ||
        sf.n_nodes != 1)
        return false;
    memcpy(s->octets, sf.text + sf.nodes[0].at, sizeof s->octets);
    return true;
}

csigd_auth csigd_signature_read(csigd_signature *s, const csigd_message *m, csigd_refusal *why)
{
    const bool has_input = csigd_message_has_field(m, "signature-input");
    const bool has_octets = csigd_message_has_field(m, "signature");

    if (!has_input && !has_octets) return csigd_refuse(why, CSIGD_AUTH_MISSING, "");
    if (!single_is_read(&s->input, m, "signature-input") ||
        s->input.nodes[0].type != CSIGD_SF_LIST ||
        !csigd_sf_key_is_read(s->label, sizeof s->label, &s->input, 0))
        return csigd_refuse(why, CSIGD_AUTH_MALFORMED, "signature-input");
    if (!octets_are_read(s, m)) return csigd_refuse(why, CSIGD_AUTH_MALFORMED, "signature");
    return read_params(&s->params, &s->input, why);
}

bool csigd_signature_has_component(const csigd_signature *s, const csigd_component *c)
{
    csigd_component other;

    for (size_t i = csigd_sf_next(&s->input, 0, CSIGD_SF_ENTRY); i != CSIGD_SF_NONE;
         i = csigd_sf_next(&s->input, i, CSIGD_SF_ENTRY)) {
        if (csigd_component_read(&other, &s->input, i) == CSIGD_AUTH_OK &&
            csigd_component_is_same(&other, c))
            return true;
    }
    return false;
}

csigd_auth csigd_signature_base(csigd_text *base, const csigd_signature *s, const csigd_message *m,
                                csigd_refusal *why)
{
    return csigd_base_make(base, m, &s->input, 0, why);
}

/* --- making --- */

static bool input_is_printed(csigd_text *out, csigd_sf *sf, const csigd_component *components,
                             size_t n_components, const csigd_signature_params *params)
{
    csigd_text_char(out, '(');
    for (size_t i = 0; i < n_components; i++) {
        if (i > 0) csigd_text_char(out, ' ');
        csigd_component_print(out, &components[i]);
    }
    csigd_text_char(out, ')');
    print_params(out, params);
    /* One way to the base, for those who sign and those who verify. */
    return csigd_text_is_whole(out) && csigd_sf_dictionary_is_read(sf, out->at, out->len);
}

csigd_auth csigd_signature_make(csigd_signature_fields *out, const csigd_message *m,
                                const char *label, const csigd_component *components,
                                size_t n_components, const csigd_signature_params *params,
                                const csigd_signer *signer, csigd_refusal *why)
{
    csigd_text input = csigd_text_in(out->input, sizeof out->input);
    csigd_text value = csigd_text_in(out->signature, sizeof out->signature);
    uint8_t octets[CSIGD_KEY_SIGNATURE_BYTES];
    char text[CSIGD_BASE_MAX];
    csigd_text base = csigd_text_in(text, sizeof text);
    csigd_sf sf;
    csigd_auth error;

    csigd_text_put(&input, label);
    csigd_text_char(&input, '=');
    if (!input_is_printed(&input, &sf, components, n_components, params))
        return csigd_refuse(why, CSIGD_AUTH_TOO_LONG, "");
    error = csigd_base_make(&base, m, &sf, 0, why);
    if (error != CSIGD_AUTH_OK) return error;
    error = signer->sign(signer->context, octets, (const uint8_t *)base.at, base.len);
    if (error != CSIGD_AUTH_OK) return csigd_refuse(why, error, "");
    csigd_text_put(&value, label);
    csigd_text_put(&value, "=:");
    csigd_text_base64(&value, octets, sizeof octets);
    csigd_text_char(&value, ':');
    return CSIGD_AUTH_OK;
}
