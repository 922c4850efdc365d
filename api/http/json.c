#include "http/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "auth/text.h"
#include "http/json_forget.h"

/* --- hexadecimal --- */

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool csigd_hex_is_read(uint8_t *out, size_t len, const char *text, size_t text_len)
{
    if (text_len != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void csigd_hex_write(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

/* --- in --- */

/* jansson allows a depth of 2048 and recurses: look first. */
static bool depth_is_fine(const uint8_t *text, size_t len, size_t most)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        const char c = (char)text[i];

        if (quoted) {
            if (c == '\\') i++;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > most) return false;
        } else if (c == '}' || c == ']') {
            if (depth > 0) depth--;
        }
    }
    return true;
}

static csigd_code wrong(csigd_problem *why, const csigd_json_field *f)
{
    return csigd_problem_field(why, CSIGD_BAD_REQUEST, f->name);
}

static bool hex_is_read(uint8_t *out, size_t size, const json_t *v)
{
    return json_is_string(v) &&
           csigd_hex_is_read(out, size, json_string_value(v), json_string_length(v));
}

/* No NUL inside: jansson refuses them when it reads. It is shown to others, in lists and logs. */
static bool text_is_read(char *out, const csigd_json_field *f, const json_t *v)
{
    if (!json_is_string(v) || json_string_length(v) < f->min || json_string_length(v) >= f->size ||
        !csigd_text_is_plain(json_string_value(v)))
        return false;
    memcpy(out, json_string_value(v), json_string_length(v) + 1);
    return true;
}

static bool uint_is_read(uint32_t *out, const csigd_json_field *f, const json_t *v)
{
    if (!json_is_integer(v)) return false;
    if (json_integer_value(v) < (json_int_t)f->min || json_integer_value(v) > (json_int_t)f->max)
        return false;
    *out = (uint32_t)json_integer_value(v);
    return true;
}

static bool entry_is_read(uint8_t *base, size_t i, const csigd_json_field *f, const json_t *v)
{
    uint16_t small;

    switch (f->type) {
    case CSIGD_JSON_HEX_LIST:
        return hex_is_read(base + i * f->size, f->size, v);
    case CSIGD_JSON_TEXT_LIST:
        return text_is_read((char *)base + i * f->size, f, v);
    case CSIGD_JSON_UINT_LIST:
        if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT16_MAX)
            return false;
        small = (uint16_t)json_integer_value(v);
        memcpy(base + i * sizeof small, &small, sizeof small);
        return true;
    case CSIGD_JSON_HEX:
    case CSIGD_JSON_TEXT:
    case CSIGD_JSON_UINT:
    case CSIGD_JSON_BOOL:
    case CSIGD_JSON_NESTED:
    case CSIGD_JSON_NESTED_LIST:
    case CSIGD_JSON_VALUE:
        return false;
    }
    return false;
}

static bool list_is_read(uint8_t *into, const csigd_json_field *f, const json_t *v)
{
    size_t count;

    if (!json_is_array(v)) return false;
    count = json_array_size(v);
    if (count < f->min || count > f->max) return false;
    for (size_t i = 0; i < count; i++) {
        if (!entry_is_read(into + f->at, i, f, json_array_get(v, i))) return false;
    }
    memcpy(into + f->count_at, &count, sizeof count);
    return true;
}

static bool raw_is_read(csigd_json_raw *out, const json_t *v)
{
    if (!json_is_object(v)) return false;
    out->text = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS);
    out->len = out->text != NULL ? strlen(out->text) : 0;
    return out->text != NULL;
}

static bool value_is_read(uint8_t *into, const csigd_json_field *f, const json_t *v)
{
    bool truth;

    switch (f->type) {
    case CSIGD_JSON_HEX:
        return hex_is_read(into + f->at, f->size, v);
    case CSIGD_JSON_TEXT:
        return text_is_read((char *)into + f->at, f, v);
    case CSIGD_JSON_UINT:
        return uint_is_read((uint32_t *)(void *)(into + f->at), f, v);
    case CSIGD_JSON_BOOL:
        truth = json_is_true(v);
        memcpy(into + f->at, &truth, sizeof truth);
        return json_is_boolean(v);
    case CSIGD_JSON_HEX_LIST:
    case CSIGD_JSON_UINT_LIST:
    case CSIGD_JSON_TEXT_LIST:
        return list_is_read(into, f, v);
    case CSIGD_JSON_VALUE:
        return raw_is_read((csigd_json_raw *)(void *)(into + f->at), v);
    case CSIGD_JSON_NESTED:
    case CSIGD_JSON_NESTED_LIST:
        return false;
    }
    return false;
}

static csigd_code object_read(uint8_t *into, const csigd_json_field *fields, size_t n_fields,
                              json_t *object, csigd_problem *why);

/* One struct, where what is wrong inside has its own name; or a list of them, which has one. */
static csigd_code nested_read(uint8_t *into, const csigd_json_field *f, json_t *v,
                              csigd_problem *why)
{
    const size_t count = json_array_size(v);

    if (f->type == CSIGD_JSON_NESTED)
        return json_is_object(v) ? object_read(into + f->at, f->fields, f->n_fields, v, why)
                                 : wrong(why, f);
    if (!json_is_array(v) || count < f->min || count > f->max) return wrong(why, f);
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_array_get(v, i);

        if (!json_is_object(entry) ||
            object_read(into + f->at + i * f->size, f->fields, f->n_fields, entry, why) != CSIGD_OK)
            return wrong(why, f);
    }
    memcpy(into + f->count_at, &count, sizeof count);
    return CSIGD_OK;
}

static csigd_code object_read(uint8_t *into, const csigd_json_field *fields, size_t n_fields,
                              json_t *object, csigd_problem *why)
{
    size_t known = 0;
    const char *key;
    json_t *value;

    for (size_t i = 0; i < n_fields; i++) {
        const csigd_json_field *f = &fields[i];
        json_t *v = json_object_get(object, f->name);

        if (v == NULL) {
            if (!f->optional) return wrong(why, f);
            continue;
        }
        known++;
        if (f->type == CSIGD_JSON_NESTED || f->type == CSIGD_JSON_NESTED_LIST) {
            const csigd_code code = nested_read(into, f, v, why);

            if (code != CSIGD_OK) return code;
        } else if (!value_is_read(into, f, v)) {
            return wrong(why, f);
        }
    }
    if (known == json_object_size(object)) return CSIGD_OK;
    json_object_foreach(object, key, value)
    {
        bool listed = false;

        for (size_t i = 0; i < n_fields; i++)
            listed = listed || strcmp(fields[i].name, key) == 0;
        if (!listed) return csigd_problem_field(why, CSIGD_BAD_REQUEST, key);
    }
    return csigd_problem_set(why, CSIGD_BAD_REQUEST);
}

static size_t depth_of(const csigd_json_field *fields, size_t n_fields)
{
    for (size_t i = 0; i < n_fields; i++) {
        if (fields[i].type == CSIGD_JSON_VALUE) return CSIGD_JSON_VALUE_DEPTH;
    }
    return CSIGD_JSON_DEPTH;
}

csigd_code csigd_json_parse(void *into, const csigd_json_field *fields, size_t n_fields,
                            const uint8_t *text, size_t len, csigd_problem *why)
{
    json_t *value;
    csigd_code code;

    if (len == 0 || !depth_is_fine(text, len, depth_of(fields, n_fields)))
        return csigd_problem_set(why, CSIGD_BAD_REQUEST);
    value = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    code = json_is_object(value) ? object_read(into, fields, n_fields, value, why)
                                 : csigd_problem_set(why, CSIGD_BAD_REQUEST);
    json_decref(value);
    return code;
}

/* --- out --- */

struct csigd_json {
    json_t *value;
    bool failed;
};

static csigd_json *wrap(json_t *value)
{
    csigd_json *j = value != NULL ? malloc(sizeof *j) : NULL;

    if (j == NULL) {
        json_decref(value);
        return NULL;
    }
    *j = (csigd_json){.value = value};
    return j;
}

/* The jansson value out of its wrapping; NULL when it or a part of it failed. */
static json_t *unwrap(csigd_json *j)
{
    json_t *value = NULL;

    if (j == NULL) return NULL;
    if (j->failed)
        json_decref(j->value);
    else
        value = j->value;
    free(j);
    return value;
}

csigd_json *csigd_json_object(void)
{
    return wrap(json_object());
}

csigd_json *csigd_json_list(void)
{
    return wrap(json_array());
}

/* jansson refuses NULL and then the whole fails. */
void csigd_json_put(csigd_json *to, const char *name, csigd_json *value)
{
    json_t *inner = unwrap(value);

    if (to == NULL)
        json_decref(inner);
    else if (json_object_set_new(to->value, name, inner) != 0)
        to->failed = true;
}

void csigd_json_append(csigd_json *list, csigd_json *value)
{
    json_t *inner = unwrap(value);

    if (list == NULL)
        json_decref(inner);
    else if (json_array_append_new(list->value, inner) != 0)
        list->failed = true;
}

static csigd_json *hex_value(const uint8_t *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    csigd_json *value;

    if (text == NULL) return NULL;
    csigd_hex_write(text, bytes, len);
    value = wrap(json_string(text));
    csigd_forget(text);
    return value;
}

void csigd_json_text(csigd_json *to, const char *name, const char *value)
{
    csigd_json_put(to, name, wrap(json_string(value)));
}

void csigd_json_hex(csigd_json *to, const char *name, const uint8_t *bytes, size_t len)
{
    csigd_json_put(to, name, hex_value(bytes, len));
}

void csigd_json_null(csigd_json *to, const char *name)
{
    csigd_json_put(to, name, wrap(json_null()));
}

void csigd_json_uint(csigd_json *to, const char *name, uint64_t value)
{
    csigd_json_put(to, name, wrap(json_integer((json_int_t)value)));
}

void csigd_json_bool(csigd_json *to, const char *name, bool value)
{
    csigd_json_put(to, name, wrap(json_boolean(value)));
}

void csigd_json_append_hex(csigd_json *list, const uint8_t *bytes, size_t len)
{
    csigd_json_append(list, hex_value(bytes, len));
}

void csigd_json_append_uint(csigd_json *list, uint64_t value)
{
    csigd_json_append(list, wrap(json_integer((json_int_t)value)));
}

void csigd_json_append_text(csigd_json *list, const char *value)
{
    csigd_json_append(list, wrap(json_string(value)));
}

void csigd_json_append_null(csigd_json *list)
{
    csigd_json_append(list, wrap(json_null()));
}

void csigd_json_raw_put(csigd_json *to, const char *name, const char *text, size_t len)
{
    csigd_json_put(to, name, wrap(json_loadb(text, len, 0, NULL)));
}

void csigd_json_free(csigd_json *value)
{
    json_decref(unwrap(value));
}

char *csigd_json_print(csigd_json *value, size_t *len)
{
    json_t *inner = unwrap(value);
    char *text;

    *len = 0;
    if (inner == NULL) return NULL;
    text = json_dumps(inner, JSON_COMPACT);
    json_decref(inner);
    if (text != NULL) *len = strlen(text);
    return text;
}
