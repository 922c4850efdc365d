/* Strict JSON in and plain JSON out. A body is described by a table of fields and lands in a
 * struct; duplicates, unknown and missing members, other types, other lengths, depth over 8 and
 * anything behind the value are refused. Knows no route. */
#ifndef CSIGD_HTTP_JSON_H
#define CSIGD_HTTP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/problem.h"

#define CSIGD_JSON_DEPTH 8
/* Of a body that has a CSIGD_JSON_VALUE in it. */
#define CSIGD_JSON_VALUE_DEPTH 33

/* An object as it is kept: members in order of their names, no white space. Allocated. */
typedef struct csigd_json_raw {
    char *text;
    size_t len;
} csigd_json_raw;

/* --- in --- */

typedef enum csigd_json_type {
    CSIGD_JSON_HEX = 0,     /* uint8_t[size]: exactly 2 * size lower-case digits */
    CSIGD_JSON_TEXT,        /* char[size]: NUL ended, min .. size - 1 octets of UTF-8 */
    CSIGD_JSON_UINT,        /* uint32_t: min .. max */
    CSIGD_JSON_BOOL,        /* bool */
    CSIGD_JSON_HEX_LIST,    /* uint8_t[max][size], min .. max entries */
    CSIGD_JSON_UINT_LIST,   /* uint16_t[max], min .. max entries */
    CSIGD_JSON_TEXT_LIST,   /* char[max][size], min .. max entries of at least min octets */
    CSIGD_JSON_NESTED,      /* the struct itself, described by fields */
    CSIGD_JSON_NESTED_LIST, /* struct[max] of this size each, described by fields; min .. max */
    CSIGD_JSON_VALUE /* csigd_json_raw: any object; the caller frees it, whatever is returned */
} csigd_json_type;

typedef struct csigd_json_field csigd_json_field;
struct csigd_json_field {
    const char *name;
    csigd_json_type type;
    bool optional;                  /* absent: the target keeps what it had */
    size_t at;                      /* offset of the value */
    size_t size;                    /* of one value, see above */
    uint32_t min, max;              /* numbers: range; text: octets; lists: entries */
    size_t count_at;                /* lists: offset of a size_t with the number of entries */
    const csigd_json_field *fields; /* nested, and lists of them: the table, with n_fields rows */
    size_t n_fields;
};

/* CSIGD_BAD_REQUEST with the field's name in why; `into` may then be half filled. */
csigd_code csigd_json_parse(void *into, const csigd_json_field *fields, size_t n_fields,
                            const uint8_t *text, size_t len, csigd_problem *why);

/* 2 * len lower-case digits to octets; false: not exactly that. */
bool csigd_hex_is_read(uint8_t *out, size_t len, const char *text, size_t text_len);
/* out: 2 * len + 1 */
void csigd_hex_write(char *out, const uint8_t *bytes, size_t len);

/* --- out: whatever fails for want of memory makes the whole fail, which print says --- */

typedef struct csigd_json csigd_json;

csigd_json *csigd_json_object(void);
csigd_json *csigd_json_list(void);
void csigd_json_text(csigd_json *to, const char *name, const char *value);
void csigd_json_hex(csigd_json *to, const char *name, const uint8_t *bytes, size_t len);
void csigd_json_uint(csigd_json *to, const char *name, uint64_t value);
void csigd_json_null(csigd_json *to, const char *name);
void csigd_json_bool(csigd_json *to, const char *name, bool value);
/* Takes value. */
void csigd_json_put(csigd_json *to, const char *name, csigd_json *value);
void csigd_json_append(csigd_json *list, csigd_json *value);
void csigd_json_append_hex(csigd_json *list, const uint8_t *bytes, size_t len);
void csigd_json_append_uint(csigd_json *list, uint64_t value);
void csigd_json_append_text(csigd_json *list, const char *value);
void csigd_json_append_null(csigd_json *list);
/* JSON text as a value; what is none makes the whole fail. */
void csigd_json_raw_put(csigd_json *to, const char *name, const char *text, size_t len);
void csigd_json_free(csigd_json *value);
/* Takes the value; allocated text with its length, or NULL: no memory. */
char *csigd_json_print(csigd_json *value, size_t *len);

#endif
