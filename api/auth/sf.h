/* Structured field values (RFC 8941), as much as signatures and digests need: dictionaries and
 * single items of integers, strings, tokens, octets, booleans and inner lists, with parameters.
 * Strict and bounded: decimals, dates, duplicate keys, base64 that is not canonical, and fields
 * over the limits are refused. No allocation. */
#ifndef CSIGD_AUTH_SF_H
#define CSIGD_AUTH_SF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/text.h"

#define CSIGD_SF_OCTETS 4096 /* of a field */
#define CSIGD_SF_NODES  96   /* members, entries and parameters of a field, together */

typedef enum csigd_sf_type {
    CSIGD_SF_INTEGER = 1,
    CSIGD_SF_STRING,
    CSIGD_SF_TOKEN,
    CSIGD_SF_OCTETS_TYPE,
    CSIGD_SF_BOOLEAN,
    CSIGD_SF_LIST
} csigd_sf_type;

/* What a node is of the one before it: the tree in the order of the text. */
typedef enum csigd_sf_role {
    CSIGD_SF_MEMBER = 0, /* of the dictionary; a single item is a member without a key */
    CSIGD_SF_ENTRY,      /* of the member's inner list */
    CSIGD_SF_PARAM,      /* of the member */
    CSIGD_SF_ENTRY_PARAM /* of the entry */
} csigd_sf_role;

typedef struct csigd_sf_node {
    csigd_sf_role role;
    csigd_sf_type type;
    int64_t integer;          /* or boolean: 0, 1 */
    uint16_t key_at, key_len; /* of members and parameters, in text */
    uint16_t at, len;         /* of strings, tokens, octets, decoded, in text */
} csigd_sf_node;

typedef struct csigd_sf {
    size_t n_nodes, n_text;
    csigd_sf_node nodes[CSIGD_SF_NODES];
    char text[CSIGD_SF_OCTETS];
} csigd_sf;

/* An empty dictionary has no nodes. False: refused, and sf then holds nothing. */
bool csigd_sf_dictionary_is_read(csigd_sf *sf, const char *field, size_t len);
bool csigd_sf_item_is_read(csigd_sf *sf, const char *field, size_t len);

#define CSIGD_SF_NONE SIZE_MAX

/* The next node of this role in what node belongs to; CSIGD_SF_NONE: there is no more. From a
 * member: its entries, its parameters, the next member. From an entry: its parameters, the next
 * entry. */
size_t csigd_sf_next(const csigd_sf *sf, size_t node, csigd_sf_role role);
/* The member by its key. */
size_t csigd_sf_member(const csigd_sf *sf, const char *key);
size_t csigd_sf_count(const csigd_sf *sf, csigd_sf_role role);

bool csigd_sf_key_is(const csigd_sf *sf, size_t node, const char *key);
/* Copies a string, a token or a key with a NUL; false: longer than size - 1, or no text. */
bool csigd_sf_text_is_read(char *out, size_t size, const csigd_sf *sf, size_t node,
                           csigd_sf_type type);
bool csigd_sf_key_is_read(char *out, size_t size, const csigd_sf *sf, size_t node);

/* The one way to write a member, an entry or an item, with its parameters and without its key. */
void csigd_sf_print(csigd_text *out, const csigd_sf *sf, size_t node);
/* A string; only printable ASCII may be in it. */
void csigd_sf_print_string(csigd_text *out, const char *value);

#endif
