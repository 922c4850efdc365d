/* openapi.json against what the daemon itself goes by: the router's table, roles and problems. What
 * is new there is asked for here. */
#include <stdio.h>
#include <string.h>

#include "api/openapi.h"
#include "api/temp.h"
#include "routes/openapi.h"
#include "routes/routes.h"

/* --- routes --- */

static void the_file_has_every_route_and_no_other(void **state)
{
    size_t n = 0;
    const char *path;
    json_t *operations;

    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++)
        assert_non_null(openapi_operation(&csigd_routes[i]));
    json_object_foreach(json_object_get(openapi, "paths"), path, operations) n +=
        json_object_size(operations);
    assert_int_equal(n, csigd_routes_count);
}

static void the_file_says_who_may(void **state)
{
    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];
        json_t *o = openapi_operation(r), *roles = json_object_get(o, "x-countersign-roles");
        const bool asks = r->who == CSIGD_FOR_KEYS && !r->unix_only;
        size_t n = 0;

        if (json_is_true(json_object_get(o, "x-countersign-socket-only")) != r->unix_only)
            fail_msg("%s %s: x-countersign-socket-only", r->method, r->path);
        if ((json_array_size(json_object_get(o, "security")) > 0) !=
            (r->who != CSIGD_FOR_ALL && !r->unix_only))
            fail_msg("%s %s: security", r->method, r->path);
        for (unsigned role = 0; asks && role < CSIGD_ROLE_COUNT; role++) {
            if (csigd_role_table[role][r->act] != CSIGD_ALLOW) continue;
            if (strcmp(csigd_role_name((csigd_role)role),
                       json_string_value(json_array_get(roles, n++))) != 0)
                fail_msg("%s %s: x-countersign-roles", r->method, r->path);
        }
        if (json_array_size(roles) != n) fail_msg("%s %s: x-countersign-roles", r->method, r->path);
    }
}

/* --- parameters of paths --- */

/* The router takes this path with this text as its parameter. */
static bool text_is_taken(const csigd_route *r, const char *name, const char *text)
{
    char path[512] = "";
    size_t at = 0;
    const csigd_route *found;
    const char *allow;
    csigd_call call = {.body = NULL};
    json_t *p;
    size_t k;

    openapi_path(path, sizeof path, r->path);
    json_array_foreach(json_object_get(openapi_operation(r), "parameters"), k, p)
    {
        json_t *example = json_object_get(openapi_meant(p), "example");
        const char *its = json_string_value(json_object_get(openapi_meant(p), "name"));
        char filled[512], mark[32], number[24];
        char *place;

        snprintf(mark, sizeof mark, "{%s}", its);
        place = strstr(path, mark);
        if (place == NULL) continue;
        at = (size_t)(place - path);
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(example));
        snprintf(filled, sizeof filled, "%.*s%s%s", (int)at, path,
                 strcmp(its, name) == 0     ? text
                 : json_is_integer(example) ? number
                                            : json_string_value(example),
                 place + strlen(mark));
        memcpy(path, filled, sizeof path);
    }
    return csigd_route_find(&found, &call, &allow, r->method, path) == CSIGD_OK && found == r;
}

static void number_is_told(const csigd_route *r, const char *name, json_t *schema)
{
    const json_int_t low = json_integer_value(json_object_get(schema, "minimum"));
    const json_int_t high = json_integer_value(json_object_get(schema, "maximum"));
    char text[24];

    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%lld", (long long)(i < 2 ? low - 1 + i : high + i - 2));
        if (text_is_taken(r, name, text) != (i == 1 || i == 2))
            fail_msg("%s %s: %s is %s", r->method, r->path, name, text);
    }
}

static void id_is_told(const csigd_route *r, const char *name, json_t *schema)
{
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    char text[80] = "";
    unsigned digits = 0;

    assert_int_equal(sscanf(pattern, "^[0-9a-f]{%u}$", &digits), 1);
    assert_in_range(digits, 2, sizeof text - 2);
    memset(text, 'a', digits);
    if (!text_is_taken(r, name, text)) fail_msg("%s %s: %s", r->method, r->path, name);
    text[digits] = 'a';
    assert_false(text_is_taken(r, name, text));
}

static bool parameter_is_id(json_t *schema)
{
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));

    return pattern != NULL && strncmp(pattern, "^[0-9a-f]{", 10) == 0;
}

static void word_is_told(const csigd_route *r, const char *name, json_t *p)
{
    json_t *word;
    size_t i;

    if (!text_is_taken(r, name, json_string_value(json_object_get(p, "example"))))
        fail_msg("%s %s: %s", r->method, r->path, name);
    json_array_foreach(json_object_get(openapi_get(p, "schema"), "enum"), i, word)
    {
        if (!text_is_taken(r, name, json_string_value(word)))
            fail_msg("%s %s: %s", r->method, r->path, name);
    }
    assert_false(text_is_taken(r, name, "Word"));
    assert_false(text_is_taken(r, name, "two words"));
}

static void the_file_says_what_a_path_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];
        size_t told = 0, have = 0, queries = 0, k;
        json_t *p;

        for (const char *c = r->path; *c != '\0'; c++)
            have += *c == ':';
        json_array_foreach(json_object_get(openapi_operation(r), "parameters"), k, p)
        {
            json_t *schema = openapi_get(openapi_meant(p), "schema");
            const char *name = json_string_value(json_object_get(openapi_meant(p), "name"));

            queries +=
                strcmp(json_string_value(json_object_get(openapi_meant(p), "in")), "query") == 0;
            if (strcmp(json_string_value(json_object_get(openapi_meant(p), "in")), "path") != 0)
                continue;
            told++;
            if (json_is_integer(json_object_get(openapi_meant(p), "example")))
                number_is_told(r, name, schema);
            else if (parameter_is_id(schema))
                id_is_told(r, name, schema);
            else
                word_is_told(r, name, openapi_meant(p));
        }
        if (told != have) fail_msg("%s %s: parameters", r->method, r->path);
        if (queries != (r->body == CSIGD_PAGE_QUERY ? 2 : 0))
            fail_msg("%s %s: the query", r->method, r->path);
    }
}

/* --- problems --- */

static json_t *codes_of(json_t *response)
{
    json_t *schema = openapi_get(
        openapi_get(openapi_get(response, "content"), "application/problem+json"), "schema");

    return openapi_get(openapi_get(openapi_get(schema, "properties"), "code"), "enum");
}

static void every_problem_is_in_the_answers_of_its_status(void **state)
{
    json_t *responses = json_object_get(json_object_get(openapi, "components"), "responses"), *v;
    size_t listed = 0;
    const char *status;

    (void)state;
    for (unsigned code = CSIGD_OK + 1; code < CSIGD_CODE_COUNT; code++) {
        char name[8];
        bool found = false;
        size_t i;

        snprintf(name, sizeof name, "%u", csigd_code_status((csigd_code)code));
        json_array_foreach(codes_of(openapi_get(responses, name)), i, v) found =
            found || strcmp(json_string_value(v), csigd_code_name((csigd_code)code)) == 0;
        if (!found)
            fail_msg("%s is not among the codes of %s", csigd_code_name((csigd_code)code), name);
    }
    json_object_foreach(responses, status, v) listed += json_array_size(codes_of(v));
    assert_int_equal(listed, CSIGD_CODE_COUNT - 1);
}

/* What may become of a request before its handler is asked. */
static void every_operation_has_the_refusals_of_all(void **state)
{
    static const struct {
        const char *status;
        bool body, id, signs; /* only where there is such a thing */
    } refusals[] = {
        {"400", false, false, false}, {"401", false, false, true},  {"403", false, false, false},
        {"404", false, true, false},  {"413", false, false, false}, {"415", true, false, false},
        {"421", false, false, false}, {"429", false, false, false}, {"500", false, false, false},
        {"503", false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];
        json_t *responses = json_object_get(openapi_operation(r), "responses");

        for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
            const bool may = (!refusals[k].body || csigd_route_has_body(r)) &&
                             (!refusals[k].id || strchr(r->path, ':') != NULL) &&
                             (!refusals[k].signs || r->who != CSIGD_FOR_ALL);

            if (may && openapi_get(responses, refusals[k].status) == NULL)
                fail_msg("%s %s: %s", r->method, r->path, refusals[k].status);
        }
    }
}

static void the_file_is_served_as_it_is(void **state)
{
    csigd_reply reply = csigd_openapi_show(NULL);

    (void)state;
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.type, "application/json");
    assert_int_equal(reply.len, csigd_openapi_len);
    assert_memory_equal(reply.body, csigd_openapi, csigd_openapi_len);
    csigd_reply_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_every_route_and_no_other),
        cmocka_unit_test(the_file_says_who_may),
        cmocka_unit_test(the_file_says_what_a_path_takes),
        cmocka_unit_test(every_problem_is_in_the_answers_of_its_status),
        cmocka_unit_test(every_operation_has_the_refusals_of_all),
        cmocka_unit_test(the_file_is_served_as_it_is),
    };

    return cmocka_run_group_tests(tests, openapi_load, openapi_unload);
}
