/* The schemas of openapi.json against the tables of fields that the handlers read their bodies by.
 */
#include <stdio.h>
#include <string.h>

#include "api/openapi.h"
#include "api/temp.h"
#include "http/json.h"
#include "routes/routes.h"

/* What the handler that was called last reads its body by. */
static const csigd_json_field *read_by;
static size_t n_read_by;

csigd_code __wrap_csigd_json_parse(void *into, const csigd_json_field *fields, size_t n_fields,
                                   const uint8_t *text, size_t len, csigd_problem *why);
csigd_code __wrap_csigd_json_parse(void *into, const csigd_json_field *fields, size_t n_fields,
                                   const uint8_t *text, size_t len, csigd_problem *why)
{
    (void)into;
    (void)text;
    (void)len;
    read_by = fields;
    n_read_by = n_fields;
    return csigd_problem_set(why, CSIGD_BAD_REQUEST);
}

static json_t *object_schema(const csigd_json_field *fields, size_t n);

static void put_count(json_t *schema, const char *name, size_t count)
{
    if (count > 0) json_object_set_new(schema, name, json_integer((json_int_t)count));
}

static json_t *hex_schema(size_t octets)
{
    return json_pack("{s:s,s:o}", "type", "string", "pattern",
                     json_sprintf("^[0-9a-f]{%zu}$", 2 * octets));
}

static json_t *text_schema(const csigd_json_field *f)
{
    json_t *schema = json_pack("{s:s}", "type", "string");

    put_count(schema, "minLength", f->min);
    put_count(schema, "maxLength", f->size - 1);
    return schema;
}

static json_t *uint_schema(uint32_t min, uint32_t max)
{
    return json_pack("{s:s,s:I,s:I}", "type", "integer", "minimum", (json_int_t)min, "maximum",
                     (json_int_t)max);
}

static json_t *list_schema(const csigd_json_field *f, json_t *items)
{
    json_t *schema = json_pack("{s:s,s:o}", "type", "array", "items", items);

    put_count(schema, "minItems", f->min);
    put_count(schema, "maxItems", f->max);
    return schema;
}

static json_t *field_schema(const csigd_json_field *f)
{
    switch (f->type) {
    case CSIGD_JSON_HEX:
        return hex_schema(f->size);
    case CSIGD_JSON_TEXT:
        return text_schema(f);
    case CSIGD_JSON_UINT:
        return uint_schema(f->min, f->max);
    case CSIGD_JSON_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case CSIGD_JSON_HEX_LIST:
        return list_schema(f, hex_schema(f->size));
    case CSIGD_JSON_UINT_LIST:
        return list_schema(f, uint_schema(0, UINT16_MAX));
    case CSIGD_JSON_TEXT_LIST:
        return list_schema(f, text_schema(f));
    case CSIGD_JSON_NESTED:
        return object_schema(f->fields, f->n_fields);
    case CSIGD_JSON_VALUE:
        return json_pack("{s:s}", "type", "object");
    case CSIGD_JSON_NESTED_LIST:
        return list_schema(f, object_schema(f->fields, f->n_fields));
    }
    return NULL;
}

static json_t *object_schema(const csigd_json_field *fields, size_t n)
{
    json_t *properties = json_object(), *required = json_array();
    json_t *schema = json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties,
                               "additionalProperties", 0);

    for (size_t i = 0; i < n; i++) {
        json_object_set_new(properties, fields[i].name, field_schema(&fields[i]));
        if (!fields[i].optional) json_array_append_new(required, json_string(fields[i].name));
    }
    if (json_array_size(required) > 0) json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

/* Keywords that say what the parser's tables do not know may stand beside the others. */
static bool keyword_is_free(const char *word, const json_t *want)
{
    static const char *const free_words[] = {"description", "enum", "format", "examples"};

    for (size_t i = 0; i < sizeof free_words / sizeof free_words[0]; i++) {
        if (strcmp(word, free_words[i]) == 0) return true;
    }
    return strcmp(word, "pattern") == 0 && json_object_get(want, "maxLength") != NULL;
}

static void sets_are_equal(json_t *have, json_t *want, const char *where)
{
    size_t i, k;
    json_t *a, *b;

    if (json_array_size(have) != json_array_size(want)) fail_msg("%s: required", where);
    json_array_foreach(want, i, a)
    {
        bool found = false;

        json_array_foreach(have, k, b) found = found || json_equal(a, b);
        if (!found) fail_msg("%s: %s is required", where, json_string_value(a));
    }
}

static void schema_is_equal(json_t *have, json_t *want, const char *where)
{
    const char *word;
    json_t *v;

    have = openapi_meant(have);
    if (have == NULL) fail_msg("openapi.json does not have %s", where);
    json_object_foreach(have, word, v)
    {
        if (json_object_get(want, word) == NULL && !keyword_is_free(word, want))
            fail_msg("%s: the parser knows no %s", where, word);
    }
    json_object_foreach(want, word, v)
    {
        json_t *its = json_object_get(have, word);
        char inside[400];
        const char *name;
        json_t *member;

        snprintf(inside, sizeof inside, "%.300s.%.60s", where, word);
        if (strcmp(word, "properties") == 0) {
            assert_int_equal(json_object_size(its), json_object_size(v));
            json_object_foreach(v, name, member)
            {
                snprintf(inside, sizeof inside, "%.300s.%.60s", where, name);
                schema_is_equal(json_object_get(its, name), member, inside);
            }
        } else if (strcmp(word, "items") == 0) {
            schema_is_equal(its, v, inside);
        } else if (strcmp(word, "required") == 0) {
            sets_are_equal(its, v, where);
        } else if (!json_equal(its, v)) {
            fail_msg("%s is not what the parser takes", inside);
        }
    }
}

static void the_file_says_what_a_body_takes(void **state)
{
    static const char *const types[] = {[CSIGD_JSON_BODY] = "application/json",
                                        [CSIGD_PAYLOAD_BODY] = "application/json",
                                        [CSIGD_OCTETS_BODY] = "application/octet-stream"};
    csigd_service service = {.store = NULL};

    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];
        const csigd_call call = {.service = &service, .unix_socket = true};
        json_t *body = json_object_get(openapi_operation(r), "requestBody"), *want;
        json_t *content = json_object_get(body, "content");
        char where[160];
        csigd_reply reply;

        snprintf(where, sizeof where, "%s %s", r->method, r->path);
        if (json_object_size(content) != csigd_route_has_body(r)) fail_msg("%s: body", where);
        if (!csigd_route_has_body(r)) continue;
        assert_true(json_is_true(json_object_get(body, "required")));
        assert_non_null(json_object_get(content, types[r->body]));
        if (r->body == CSIGD_OCTETS_BODY) continue;
        read_by = NULL;
        reply = r->handler(&call);
        csigd_reply_free(&reply);
        if (read_by == NULL) fail_msg("%s reads no JSON", where);
        want = object_schema(read_by, n_read_by);
        schema_is_equal(json_object_get(json_object_get(content, types[r->body]), "schema"), want,
                        where);
        json_decref(want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_says_what_a_body_takes),
    };

    return cmocka_run_group_tests(tests, openapi_load, openapi_unload);
}
