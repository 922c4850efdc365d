/* The parser of RFC 8941, section 4.2: one function for each production, forward only. */
#include "auth/sf.h"

#include <sodium.h>
#include <string.h>

#define INTEGER_DIGITS 15

typedef struct cursor {
    const char *at, *end;
    csigd_sf *sf;
} cursor;

/* The next octet, or -1 at the end. */
static int peek(const cursor *c)
{
    return c->at < c->end ? (unsigned char)*c->at : -1;
}

static bool is_taken(cursor *c, char wanted)
{
    if (peek(c) != (unsigned char)wanted) return false;
    c->at++;
    return true;
}

static void skip_spaces(cursor *c)
{
    while (is_taken(c, ' '))
        ;
}

static void skip_blanks(cursor *c)
{
    while (is_taken(c, ' ') || is_taken(c, '\t'))
        ;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(int c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alpha(int c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_token_char(int c)
{
    return is_alpha(c) || is_digit(c) || (c > 0 && strchr("!#$%&'*+-.^_`|~:/", c) != NULL);
}

/* The text is never longer than the field, so there is always room. */
static void keep(cursor *c, int octet)
{
    c->sf->text[c->sf->n_text++] = (char)octet;
}

static csigd_sf_node *add(cursor *c, csigd_sf_role role)
{
    csigd_sf *sf = c->sf;

    if (sf->n_nodes == CSIGD_SF_NODES) return NULL;
    sf->nodes[sf->n_nodes] = (csigd_sf_node){.role = role};
    return &sf->nodes[sf->n_nodes++];
}

static bool key_is_read(cursor *c, csigd_sf_node *node)
{
    if (!is_lower(peek(c)) && peek(c) != '*') return false;
    node->key_at = (uint16_t)c->sf->n_text;
    while (is_lower(peek(c)) || is_digit(peek(c)) ||
           (peek(c) > 0 && strchr("_-.*", peek(c)) != NULL)) {
        keep(c, peek(c));
        c->at++;
    }
    node->key_len = (uint16_t)(c->sf->n_text - node->key_at);
    return true;
}

static bool integer_is_read(cursor *c, csigd_sf_node *node)
{
    const bool negative = is_taken(c, '-');
    unsigned digits = 0;

    node->type = CSIGD_SF_INTEGER;
    for (; is_digit(peek(c)); c->at++) {
        if (++digits > INTEGER_DIGITS) return false;
        node->integer = 10 * node->integer + (peek(c) - '0');
    }
    if (negative) node->integer = -node->integer;
    return digits > 0; /* the point of a decimal is left, which nothing takes */
}

static bool string_is_read(cursor *c, csigd_sf_node *node)
{
    node->type = CSIGD_SF_STRING;
    while (!is_taken(c, '"')) {
        if (is_taken(c, '\\') && peek(c) != '"' && peek(c) != '\\') return false;
        if (peek(c) < 0x20 || peek(c) > 0x7e) return false;
        keep(c, peek(c));
        c->at++;
    }
    return true;
}

static bool octets_are_read(cursor *c, csigd_sf_node *node)
{
    const char *end = memchr(c->at, ':', (size_t)(c->end - c->at)), *stopped;
    csigd_sf *sf = c->sf;
    size_t len;

    node->type = CSIGD_SF_OCTETS_TYPE;
    if (end == NULL) return false;
    if (sodium_base642bin((unsigned char *)sf->text + sf->n_text, sizeof sf->text - sf->n_text,
                          c->at, (size_t)(end - c->at), NULL, &len, &stopped,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        stopped != end)
        return false;
    sf->n_text += len;
    c->at = end + 1;
    return true;
}

static bool boolean_is_read(cursor *c, csigd_sf_node *node)
{
    node->type = CSIGD_SF_BOOLEAN;
    if (peek(c) != '0' && peek(c) != '1') return false;
    node->integer = peek(c) - '0';
    c->at++;
    return true;
}

static void read_token(cursor *c, csigd_sf_node *node)
{
    node->type = CSIGD_SF_TOKEN;
    for (; is_token_char(peek(c)); c->at++)
        keep(c, peek(c));
}

static bool bare_item_is_read(cursor *c, csigd_sf_node *node)
{
    bool good = true;

    node->at = (uint16_t)c->sf->n_text;
    if (is_taken(c, '"')) {
        good = string_is_read(c, node);
    } else if (is_taken(c, ':')) {
        good = octets_are_read(c, node);
    } else if (is_taken(c, '?')) {
        good = boolean_is_read(c, node);
    } else if (is_alpha(peek(c)) || peek(c) == '*') {
        read_token(c, node);
    } else {
        good = integer_is_read(c, node);
    }
    node->len = (uint16_t)(c->sf->n_text - node->at);
    return good;
}

/* Was there an earlier node of this role and key since `first`? */
static bool key_is_again(const csigd_sf *sf, size_t first, const csigd_sf_node *node)
{
    for (size_t i = first; &sf->nodes[i] < node; i++) {
        const csigd_sf_node *other = &sf->nodes[i];

        if (other->role == node->role && other->key_len == node->key_len &&
            memcmp(sf->text + other->key_at, sf->text + node->key_at, node->key_len) == 0)
            return true;
    }
    return false;
}

static void set_true(csigd_sf_node *node)
{
    node->type = CSIGD_SF_BOOLEAN;
    node->integer = 1;
}

static bool params_are_read(cursor *c, csigd_sf_role role)
{
    const size_t first = c->sf->n_nodes;

    while (is_taken(c, ';')) {
        csigd_sf_node *node = add(c, role);

        skip_spaces(c);
        if (node == NULL || !key_is_read(c, node) || key_is_again(c->sf, first, node)) return false;
        if (!is_taken(c, '='))
            set_true(node);
        else if (!bare_item_is_read(c, node))
            return false;
    }
    return true;
}

/* After the opening bracket. */
static bool inner_list_is_read(cursor *c)
{
    for (;;) {
        csigd_sf_node *node;

        skip_spaces(c);
        if (is_taken(c, ')')) return params_are_read(c, CSIGD_SF_PARAM);
        node = add(c, CSIGD_SF_ENTRY);
        if (node == NULL || !bare_item_is_read(c, node) ||
            !params_are_read(c, CSIGD_SF_ENTRY_PARAM))
            return false;
        if (peek(c) != ' ' && peek(c) != ')') return false;
    }
}

static bool value_is_read(cursor *c, csigd_sf_node *member)
{
    if (is_taken(c, '(')) {
        member->type = CSIGD_SF_LIST;
        return inner_list_is_read(c);
    }
    return bare_item_is_read(c, member) && params_are_read(c, CSIGD_SF_PARAM);
}

static bool member_is_read(cursor *c)
{
    csigd_sf_node *member = add(c, CSIGD_SF_MEMBER);

    if (member == NULL || !key_is_read(c, member) || key_is_again(c->sf, 0, member)) return false;
    if (is_taken(c, '=')) return value_is_read(c, member);
    set_true(member);
    return params_are_read(c, CSIGD_SF_PARAM);
}

static bool members_are_read(cursor *c)
{
    while (peek(c) >= 0) {
        if (!member_is_read(c)) return false;
        skip_blanks(c);
        if (peek(c) < 0) return true;
        if (!is_taken(c, ',')) return false;
        skip_blanks(c);
        if (peek(c) < 0) return false; /* a comma at the end */
    }
    return true;
}

static bool item_is_read(cursor *c)
{
    csigd_sf_node *item = add(c, CSIGD_SF_MEMBER);
    const bool good = bare_item_is_read(c, item) && params_are_read(c, CSIGD_SF_PARAM);

    skip_spaces(c);
    return good && peek(c) < 0;
}

static bool field_is_read(csigd_sf *sf, const char *field, size_t len, bool (*read)(cursor *))
{
    cursor c = {.at = field, .end = field + len, .sf = sf};

    sf->n_nodes = 0;
    sf->n_text = 0;
    if (len > CSIGD_SF_OCTETS) return false;
    skip_spaces(&c);
    if (read(&c)) return true;
    sf->n_nodes = 0;
    return false;
}

bool csigd_sf_dictionary_is_read(csigd_sf *sf, const char *field, size_t len)
{
    return field_is_read(sf, field, len, members_are_read);
}

bool csigd_sf_item_is_read(csigd_sf *sf, const char *field, size_t len)
{
    return field_is_read(sf, field, len, item_is_read);
}
