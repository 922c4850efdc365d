/* Calls with JSON both ways, on any transport. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e/daemon.h"

static json_t *expect(http_reply *r, long status, const char *method, const char *path)
{
    json_t *value;

    if (r->status != status)
        fail_msg("%s %s: %ld, not %ld: %s", method, path, r->status, status,
                 r->body != NULL ? (const char *)r->body : "");
    value = r->len > 0 ? json_loadb((const char *)r->body, r->len, 0, NULL) : json_object();
    assert_non_null(value);
    http_free(r);
    return value;
}

json_t *call_text(const daemon_process *d, long status, const char *method, const char *path,
                  const char *body)
{
    http_reply r = http_call(d, method, path, body != NULL ? "application/json" : NULL, body,
                             body != NULL ? strlen(body) : 0);

    return expect(&r, status, method, path);
}

static http_reply call_packed(const daemon_process *d, const char *method, const char *path,
                              const char *format, va_list args)
{
    json_t *value = format != NULL ? json_vpack_ex(NULL, 0, format, args) : NULL;
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    http_reply r;

    if (format != NULL && text == NULL) fail_msg("not packed: %s", format);
    r = http_call(d, method, path, text != NULL ? "application/json" : NULL, text,
                  text != NULL ? strlen(text) : 0);
    json_decref(value);
    free(text);
    return r;
}

json_t *call_json(const daemon_process *d, long status, const char *method, const char *path,
                  const char *format, ...)
{
    http_reply r;
    va_list args;

    va_start(args, format);
    r = call_packed(d, method, path, format, args);
    va_end(args);
    return expect(&r, status, method, path);
}

bool reply_has_code(const http_reply *r, const char *code)
{
    json_t *value = r->len > 0 ? json_loadb((const char *)r->body, r->len, 0, NULL) : NULL;
    const char *have = json_string_value(json_object_get(value, "code"));
    const bool same = have != NULL && strcmp(have, code) == 0;

    json_decref(value);
    return same;
}

void call_problem(const daemon_process *d, const char *code, const char *method, const char *path,
                  const char *format, ...)
{
    http_reply r;
    va_list args;

    va_start(args, format);
    r = call_packed(d, method, path, format, args);
    va_end(args);
    if (!reply_has_code(&r, code))
        fail_msg("%s %s: not %s but %ld %s", method, path, code, r.status,
                 r.body != NULL ? (const char *)r.body : "");
    http_free(&r);
}

const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL) fail_msg("no text called %s", name);
    return text;
}

void hex_of(const json_t *text, uint8_t *out, size_t len)
{
    const char *p = json_string_value(text);

    assert_non_null(p);
    assert_int_equal(strlen(p), 2 * len);
    for (size_t i = 0; i < len; i++) {
        unsigned octet;

        assert_int_equal(sscanf(p + 2 * i, "%2x", &octet), 1);
        out[i] = (uint8_t)octet;
    }
}

json_t *json_hex(const uint8_t *octets, size_t len)
{
    char *text = malloc(2 * len + 1);
    json_t *value;

    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    text[2 * len] = '\0';
    value = json_string(text);
    free(text);
    return value;
}
