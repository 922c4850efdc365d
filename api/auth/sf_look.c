/* Looking at a parsed structured field, and writing it: RFC 8941, section 4.1. */
#include "auth/sf.h"

#include <string.h>

/* Members stand above entries and parameters, entries above theirs. */
static unsigned depth(csigd_sf_role role)
{
    switch (role) {
    case CSIGD_SF_MEMBER:
        return 0;
    case CSIGD_SF_ENTRY:
    case CSIGD_SF_PARAM:
        return 1;
    case CSIGD_SF_ENTRY_PARAM:
        return 2;
    }
    return 0;
}

size_t csigd_sf_next(const csigd_sf *sf, size_t node, csigd_sf_role role)
{
    for (size_t i = node + 1; i < sf->n_nodes; i++) {
        if (sf->nodes[i].role == role) return i;
        if (depth(sf->nodes[i].role) < depth(role)) break;
    }
    return CSIGD_SF_NONE;
}

size_t csigd_sf_member(const csigd_sf *sf, const char *key)
{
    for (size_t i = 0; i < sf->n_nodes; i++) {
        if (sf->nodes[i].role == CSIGD_SF_MEMBER && csigd_sf_key_is(sf, i, key)) return i;
    }
    return CSIGD_SF_NONE;
}

size_t csigd_sf_count(const csigd_sf *sf, csigd_sf_role role)
{
    size_t n = 0;

    for (size_t i = 0; i < sf->n_nodes; i++)
        n += sf->nodes[i].role == role;
    return n;
}

bool csigd_sf_key_is(const csigd_sf *sf, size_t node, const char *key)
{
    const csigd_sf_node *n = &sf->nodes[node];

    return strlen(key) == n->key_len && memcmp(sf->text + n->key_at, key, n->key_len) == 0;
}

static bool is_copied(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size) return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

bool csigd_sf_text_is_read(char *out, size_t size, const csigd_sf *sf, size_t node,
                           csigd_sf_type type)
{
    const csigd_sf_node *n = &sf->nodes[node];

    return n->type == type && is_copied(out, size, sf->text + n->at, n->len);
}

bool csigd_sf_key_is_read(char *out, size_t size, const csigd_sf *sf, size_t node)
{
    const csigd_sf_node *n = &sf->nodes[node];

    return is_copied(out, size, sf->text + n->key_at, n->key_len);
}

/* --- out --- */

static void print_quoted(csigd_text *out, const char *text, size_t len)
{
    csigd_text_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\') csigd_text_char(out, '\\');
        csigd_text_char(out, text[i]);
    }
    csigd_text_char(out, '"');
}

void csigd_sf_print_string(csigd_text *out, const char *value)
{
    print_quoted(out, value, strlen(value));
}

static void print_params(csigd_text *out, const csigd_sf *sf, size_t node, csigd_sf_role role);

static void print_list(csigd_text *out, const csigd_sf *sf, size_t node)
{
    bool first = true;

    csigd_text_char(out, '(');
    for (size_t i = csigd_sf_next(sf, node, CSIGD_SF_ENTRY); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, CSIGD_SF_ENTRY)) {
        if (!first) csigd_text_char(out, ' ');
        first = false;
        csigd_sf_print(out, sf, i);
    }
    csigd_text_char(out, ')');
}

static void print_value(csigd_text *out, const csigd_sf *sf, size_t node)
{
    const csigd_sf_node *n = &sf->nodes[node];

    switch (n->type) {
    case CSIGD_SF_INTEGER:
        csigd_text_int(out, n->integer);
        break;
    case CSIGD_SF_STRING:
        print_quoted(out, sf->text + n->at, n->len);
        break;
    case CSIGD_SF_TOKEN:
        csigd_text_add(out, sf->text + n->at, n->len);
        break;
    case CSIGD_SF_OCTETS_TYPE:
        csigd_text_char(out, ':');
        csigd_text_base64(out, (const uint8_t *)sf->text + n->at, n->len);
        csigd_text_char(out, ':');
        break;
    case CSIGD_SF_BOOLEAN:
        csigd_text_put(out, n->integer != 0 ? "?1" : "?0");
        break;
    case CSIGD_SF_LIST:
        print_list(out, sf, node);
        break;
    }
}

static void print_params(csigd_text *out, const csigd_sf *sf, size_t node, csigd_sf_role role)
{
    for (size_t i = csigd_sf_next(sf, node, role); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, role)) {
        const csigd_sf_node *n = &sf->nodes[i];

        csigd_text_char(out, ';');
        csigd_text_add(out, sf->text + n->key_at, n->key_len);
        if (n->type == CSIGD_SF_BOOLEAN && n->integer == 1) continue;
        csigd_text_char(out, '=');
        print_value(out, sf, i);
    }
}

void csigd_sf_print(csigd_text *out, const csigd_sf *sf, size_t node)
{
    print_value(out, sf, node);
    print_params(out, sf, node,
                 sf->nodes[node].role == CSIGD_SF_MEMBER ? CSIGD_SF_PARAM : CSIGD_SF_ENTRY_PARAM);
}
