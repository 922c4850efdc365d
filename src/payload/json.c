/* The library's JSON: jansson behind names of ours. A csig_json is a json_t. */
#include "payload/json.h"

#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "countersign/payload.h"

#define CANONICAL (JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY)

/* jansson has no const getters. */
static json_t *inner(const csig_json *v)
{
    return (json_t *)(uintptr_t)v;
}

static csig_json *outer(json_t *v)
{
    return (csig_json *)v;
}

/* --- in --- */

/* jansson recurses 2048 deep: look first. */
static bool depth_is_fine(const char *text, size_t len)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        const char c = text[i];

        if (quoted) {
            if (c == '\\') i++;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CSIG_PAYLOAD_DEPTH) return false;
        } else if (c == '}' || c == ']') {
            if (depth > 0) depth--;
        }
    }
    return true;
}

/* Its depth is bounded by now. */
static bool has_real(const json_t *v)
{
    json_t *inside = inner((const csig_json *)v);

    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (has_real(json_array_get(v, i))) return true;
        }
        return false;
    }
    for (void *at = json_object_iter(inside); at != NULL; at = json_object_iter_next(inside, at)) {
        if (has_real(json_object_iter_value(at))) return true;
    }
    return json_is_real(v);
}

static csig_err said(const json_error_t *e, char *why)
{
    if (e->text[0] == '\0') return CSIG_E_MEMORY; /* it has words for all else */
    switch (json_error_code(e)) {
    case json_error_out_of_memory:
        return CSIG_E_MEMORY;
    case json_error_duplicate_key:
        return csig_why(why, "a member is there twice (octet %d)", e->position);
    case json_error_numeric_overflow:
        return csig_why(why, "a number is too large, write it as text (octet %d)", e->position);
    case json_error_unknown:
    case json_error_stack_overflow:
    case json_error_cannot_open_file:
    case json_error_invalid_argument:
    case json_error_invalid_utf8:
    case json_error_premature_end_of_input:
    case json_error_end_of_input_expected:
    case json_error_invalid_syntax:
    case json_error_invalid_format:
    case json_error_wrong_type:
    case json_error_null_character:
    case json_error_null_value:
    case json_error_null_byte_in_key:
    case json_error_item_not_found:
    case json_error_index_out_of_range:
        break;
    }
    return csig_why(why, "not well-formed JSON (octet %d)", e->position);
}

csig_err csig_json_read(csig_json **j, const char *text, size_t len, char *why)
{
    json_error_t error;
    json_t *v;

    *j = NULL;
    if (len > CSIG_PAYLOAD_MAX)
        return csig_why(why, "longer than %zu octets", (size_t)CSIG_PAYLOAD_MAX);
    if (!depth_is_fine(text, len)) return csig_why(why, "nested too deep");
    v = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (v == NULL) return said(&error, why);
    if (has_real(v)) {
        json_decref(v);
        return csig_why(why, "numbers must be integers");
    }
    *j = outer(v);
    return CSIG_OK;
}

void csig_json_free(csig_json *j)
{
    json_decref(inner(j));
}

csig_json_kind csig_json_kind_of(const csig_json *v)
{
    switch (json_typeof(inner(v))) {
    case JSON_OBJECT:
        return CSIG_JSON_OBJECT;
    case JSON_ARRAY:
        return CSIG_JSON_LIST;
    case JSON_STRING:
        return CSIG_JSON_TEXT;
    case JSON_INTEGER:
        return CSIG_JSON_INTEGER;
    case JSON_TRUE:
    case JSON_FALSE:
        return CSIG_JSON_BOOLEAN;
    case JSON_REAL: /* refused when read, never made */
    case JSON_NULL:
        break;
    }
    return CSIG_JSON_NULL;
}

const csig_json *csig_json_member(const csig_json *o, const char *name)
{
    return outer(json_object_get(inner(o), name));
}

size_t csig_json_size(const csig_json *v)
{
    return json_is_array(inner(v)) ? json_array_size(inner(v)) : json_object_size(inner(v));
}

const csig_json *csig_json_at(const csig_json *list, size_t i)
{
    return outer(json_array_get(inner(list), i));
}

const char *csig_json_text_of(const csig_json *v, size_t *len)
{
    if (len != NULL) *len = json_string_length(inner(v));
    return json_string_value(inner(v));
}

int64_t csig_json_integer_of(const csig_json *v)
{
    return json_is_true(inner(v)) ? 1 : json_integer_value(inner(v));
}

bool csig_json_is_same(const csig_json *a, const csig_json *b)
{
    return json_equal(inner(a), inner(b)) == 1;
}

bool csig_json_has_next(csig_json_walk *w, const csig_json *object)
{
    w->at = w->at == NULL ? json_object_iter(inner(object))
                          : json_object_iter_next(inner(object), w->at);
    if (w->at == NULL) return false;
    w->name = json_object_iter_key(w->at);
    w->value = outer(json_object_iter_value(w->at));
    return true;
}

/* --- out --- */

csig_json *csig_json_object(void)
{
    return outer(json_object());
}

csig_json *csig_json_list(void)
{
    return outer(json_array());
}

csig_json *csig_json_text(const char *text)
{
    return outer(json_string(text));
}

csig_json *csig_json_text_n(const char *text, size_t len)
{
    return outer(json_stringn(text, len));
}

/* `skip`: how much of the 0x that stands in front is left out */
static csig_json *hex(const uint8_t *p, size_t len, size_t skip)
{
    char *text = csig_public_alloc(2 * len + sizeof "0x");
    json_t *v;

    if (text == NULL) return NULL;
    csig_hex_write(text, p, len);
    v = json_string(text + skip);
    csig_public_free(text);
    return outer(v);
}

csig_json *csig_json_hex(const uint8_t *p, size_t len)
{
    return hex(p, len, 2);
}

csig_json *csig_json_0x(const uint8_t *p, size_t len)
{
    return hex(p, len, 0);
}

csig_json *csig_json_decimal(const uint8_t n[32])
{
    char text[CSIG_DECIMAL_BYTES];

    csig_decimal(text, n, 32);
    return csig_json_text(text);
}

csig_json *csig_json_integer(int64_t n)
{
    return outer(json_integer(n));
}

csig_json *csig_json_boolean(bool b)
{
    return outer(b ? json_true() : json_false());
}

/* jansson counts references atomically: threads may describe one payload at a time. */
csig_json *csig_json_share(const csig_json *v)
{
    return outer(json_incref(inner(v)));
}

/* jansson refuses NULL, and drops its reference to a value that it does not take. */
void csig_json_put(csig_json **o, const char *name, csig_json *value)
{
    if (json_object_set_new(inner(*o), name, inner(value)) == 0) return;
    csig_json_free(*o);
    *o = NULL;
}

void csig_json_append(csig_json **list, csig_json *value)
{
    if (json_array_append_new(inner(*list), inner(value)) == 0) return;
    csig_json_free(*list);
    *list = NULL;
}

csig_err csig_json_write(const csig_json *j, char *out, size_t *len)
{
    const size_t room = *len;
    size_t needed;

    CSIG_REQUIRE(j != NULL, CSIG_E_MEMORY);
    needed = json_dumpb(inner(j), NULL, 0, CANONICAL);
    CSIG_REQUIRE(needed != 0, CSIG_E_MEMORY);
    *len = needed + 1;
    CSIG_REQUIRE(out != NULL && room > needed, CSIG_E_BUFFER);
    CSIG_REQUIRE(json_dumpb(inner(j), out, needed, CANONICAL) == needed, CSIG_E_MEMORY);
    out[needed] = '\0';
    return CSIG_OK;
}
