#include "cli/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

cli_exit json_read(cli *c, json **j, const uint8_t *text, size_t len)
{
    *j = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    if (*j != NULL && json_is_object(*j)) return CLI_OK;
    json_free(j);
    return cli_fail(c, CLI_INPUT,
                    "what %s answers is no JSON object; check --server: is it countersignd?",
                    c->server);
}

json *json_new(void)
{
    return json_object();
}

void json_free(json **j)
{
    json_decref(*j);
    *j = NULL;
}

const char *json_text(const json *j, const char *name)
{
    return json_string_value(json_object_get(j, name));
}

int64_t json_number(const json *j, const char *name)
{
    const json *v = json_object_get(j, name);

    return json_is_integer(v) ? json_integer_value(v) : -1;
}

const json *json_member(const json *j, const char *name)
{
    return json_object_get(j, name);
}

bool json_is_list(const json *j)
{
    return json_is_array(j);
}

size_t json_count(const json *array)
{
    return json_array_size(array);
}

const char *json_text_at(const json *array, size_t i)
{
    return json_string_value(json_array_get(array, i));
}

int64_t json_number_at(const json *array, size_t i)
{
    const json *v = json_array_get(array, i);

    return json_is_integer(v) ? json_integer_value(v) : -1;
}

const json *json_at(const json *array, size_t i)
{
    return json_array_get(array, i);
}

size_t json_count_members(const json *j)
{
    return json_object_size(j);
}

cli_exit json_lacks(cli *c, const char *name)
{
    return cli_fail(c, CLI_INPUT,
                    "the server's reply lacks a proper \"%s\"; check --server: is it a "
                    "countersignd of this version?",
                    name);
}

bool json_text_is(const json *j, const char *name, const char *v)
{
    const char *text = json_text(j, name);

    return text != NULL && strcmp(text, v) == 0;
}

cli_exit json_octets(cli *c, const json *j, const char *name, uint8_t *out, size_t len)
{
    const char *text = json_text(j, name);

    if (text == NULL || !hex_is_read(out, len, text)) return json_lacks(c, name);
    return CLI_OK;
}

/* Names of files may be no UTF-8: what is none becomes '?'. */
static json *readable(const char *v)
{
    json *text = json_string(v);
    char *copy = text == NULL ? strdup(v) : NULL;

    if (copy == NULL) return text;
    for (char *p = copy; *p != '\0'; p++)
        if ((unsigned char)*p >= 0x80) *p = '?';
    text = json_string(copy);
    free(copy);
    return text;
}

void json_put_text(json *j, const char *name, const char *v)
{
    (void)json_object_set_new(j, name, readable(v));
}

void json_put_number(json *j, const char *name, int64_t v)
{
    (void)json_object_set_new(j, name, json_integer(v));
}

void json_put_flag(json *j, const char *name, bool v)
{
    (void)json_object_set_new(j, name, json_boolean(v));
}

static json *octets(const uint8_t *p, size_t len)
{
    char *text = malloc(2 * len + 1);
    json *v = NULL;

    if (text != NULL) {
        hex_write(text, p, len);
        v = json_string(text);
    }
    free(text);
    return v;
}

void json_put_octets(json *j, const char *name, const uint8_t *p, size_t len)
{
    (void)json_object_set_new(j, name, octets(p, len));
}

void json_put(json *j, const char *name, json *v)
{
    (void)json_object_set_new(j, name, v);
}

json *json_array_new(void)
{
    return json_array();
}

void json_push(json *array, json *v)
{
    (void)json_array_append_new(array, v);
}

void json_push_text(json *array, const char *v)
{
    json_push(array, json_string(v));
}

void json_push_number(json *array, int64_t v)
{
    json_push(array, json_integer(v));
}

void json_push_octets(json *array, const uint8_t *p, size_t len)
{
    json_push(array, octets(p, len));
}

char *json_line(const json *j)
{
    return json_dumps(j, JSON_COMPACT);
}

char *json_canonical(const json *j)
{
    char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII), *line = NULL;
    const size_t len = text == NULL ? 0 : strlen(text);

    if (text != NULL) line = realloc(text, len + 2);
    if (line == NULL) {
        free(text);
        return NULL;
    }
    memcpy(line + len, "\n", 2);
    return line;
}

/* Where the text stops to be what j is written as; len: it does not. */
static size_t difference(const json *j, const uint8_t *text, size_t len)
{
    char *line = json_canonical(j);
    const size_t whole = line == NULL ? 0 : strlen(line);
    size_t at = 0;

    while (at < whole && at < len && (uint8_t)line[at] == text[at])
        at++;
    free(line);
    return at == whole ? at : at < len ? at : at - 1;
}

json *json_read_canonical(const uint8_t *text, size_t len, size_t *at)
{
    json_error_t error;
    json *j = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, &error);

    *at = j == NULL ? (size_t)error.position : 0;
    if (json_is_object(j)) *at = difference(j, text, len);
    if (json_is_object(j) && *at == len) return j;
    json_decref(j);
    return NULL;
}

json *json_without(const json *j, const char *name)
{
    json *copy = json_object();
    const char *key;
    json *v;

    json_object_foreach((json *)j, key, v)
    {
        if (strcmp(key, name) != 0) (void)json_object_set(copy, key, v);
    }
    return copy;
}

json *json_octets_new(const uint8_t *p, size_t len)
{
    return octets(p, len);
}

json *json_shared(const json *v)
{
    return json_incref((json *)(uintptr_t)v);
}

json *json_null_new(void)
{
    return json_null();
}

bool json_is_nothing(const json *v)
{
    return json_is_null(v);
}

bool json_is_flag(const json *v, bool *flag)
{
    *flag = json_is_true(v);
    return json_is_boolean(v);
}

static int digit(char ch)
{
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    return -1;
}

bool hex_is_read(uint8_t *out, size_t len, const char *text)
{
    if (strlen(text) != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void hex_write(char *out, const uint8_t *p, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * len] = '\0';
}
