/* Structured fields: the working group's own tests, and our limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "auth/sf.h"

/* --- what was parsed, as the tests write it --- */

static json_t *base32(const uint8_t *octets, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char text[256];
    size_t n = 0;

    assert_true(len < 128);
    for (size_t i = 0; i < len; i += 5) {
        uint64_t five = 0;
        const size_t rest = len - i < 5 ? len - i : 5;

        for (size_t k = 0; k < 5; k++)
            five = five << 8 | (k < rest ? octets[i + k] : 0);
        for (size_t k = 0; k < 8; k++)
            text[n++] = k * 5 < rest * 8 ? letters[five >> (35 - 5 * k) & 31] : '=';
    }
    return json_stringn(text, n);
}

static json_t *typed(const char *type, json_t *value)
{
    return json_pack("{s:s, s:o}", "__type", type, "value", value);
}

static json_t *bare(const csigd_sf *sf, size_t node)
{
    const csigd_sf_node *n = &sf->nodes[node];

    switch (n->type) {
    case CSIGD_SF_INTEGER:
        return json_integer(n->integer);
    case CSIGD_SF_STRING:
        return json_stringn(sf->text + n->at, n->len);
    case CSIGD_SF_TOKEN:
        return typed("token", json_stringn(sf->text + n->at, n->len));
    case CSIGD_SF_OCTETS_TYPE:
        return typed("binary", base32((const uint8_t *)sf->text + n->at, n->len));
    case CSIGD_SF_BOOLEAN:
        return json_boolean(n->integer);
    case CSIGD_SF_LIST:
        break;
    }
    fail();
    return NULL;
}

static json_t *params(const csigd_sf *sf, size_t node, csigd_sf_role role)
{
    json_t *all = json_array();

    for (size_t i = csigd_sf_next(sf, node, role); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, role)) {
        const csigd_sf_node *n = &sf->nodes[i];

        json_array_append_new(
            all, json_pack("[o, o]", json_stringn(sf->text + n->key_at, n->key_len), bare(sf, i)));
    }
    return all;
}

static json_t *value(const csigd_sf *sf, size_t node)
{
    json_t *list;

    if (sf->nodes[node].type != CSIGD_SF_LIST)
        return json_pack("[o, o]", bare(sf, node), params(sf, node, CSIGD_SF_PARAM));
    list = json_array();
    for (size_t i = csigd_sf_next(sf, node, CSIGD_SF_ENTRY); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, CSIGD_SF_ENTRY))
        json_array_append_new(
            list, json_pack("[o, o]", bare(sf, i), params(sf, i, CSIGD_SF_ENTRY_PARAM)));
    return json_pack("[o, o]", list, params(sf, node, CSIGD_SF_PARAM));
}

static json_t *dictionary(const csigd_sf *sf)
{
    json_t *all = json_array();

    for (size_t i = 0; i < sf->n_nodes; i++) {
        const csigd_sf_node *n = &sf->nodes[i];

        if (n->role != CSIGD_SF_MEMBER) continue;
        json_array_append_new(
            all, json_pack("[o, o]", json_stringn(sf->text + n->key_at, n->key_len), value(sf, i)));
    }
    return all;
}

/* The canonical form, to compare what is written. */
static void print(csigd_text *t, const csigd_sf *sf)
{
    for (size_t i = 0; i < sf->n_nodes; i++) {
        const csigd_sf_node *n = &sf->nodes[i];
        const bool is_true = n->type == CSIGD_SF_BOOLEAN && n->integer == 1;
        char text[CSIGD_SF_OCTETS];
        csigd_text own = csigd_text_in(text, sizeof text);

        if (n->role != CSIGD_SF_MEMBER) continue;
        if (i > 0) csigd_text_put(t, ", ");
        csigd_text_add(t, sf->text + n->key_at, n->key_len);
        if (n->key_len > 0 && !is_true) csigd_text_char(t, '=');
        csigd_sf_print(&own, sf, i);
        /* A true member is its key and its parameters. */
        csigd_text_put(t, n->key_len > 0 && is_true ? text + 2 : text);
    }
}

/* --- the tests of the working group --- */

/* Keys that are there twice: valid there, refused here. */
static const char *const stricter[] = {
    "duplicate key dictionary",
    "0x2c in dictionary key",
};

/* Decimals, dates and display strings. */
static bool has_unused_type(const json_t *expected)
{
    const char *type = json_string_value(json_object_get(expected, "__type"));

    for (size_t i = 0; i < json_array_size(expected); i++) {
        if (has_unused_type(json_array_get(expected, i))) return true;
    }
    return json_is_real(expected) ||
           (type != NULL && (strcmp(type, "date") == 0 || strcmp(type, "displaystring") == 0));
}

static bool is_stricter(const char *name, const json_t *expected)
{
    for (size_t i = 0; i < sizeof stricter / sizeof stricter[0]; i++) {
        if (strcmp(name, stricter[i]) == 0) return true;
    }
    return has_unused_type(expected);
}

static void join(char *field, size_t size, size_t *len, const json_t *lines)
{
    csigd_text t = csigd_text_in(field, size);

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);

        if (i > 0) csigd_text_put(&t, ", ");
        csigd_text_add(&t, json_string_value(line), json_string_length(line));
    }
    assert_true(csigd_text_is_whole(&t));
    *len = t.len;
}

static void check_value(const csigd_sf *sf, bool is_item, const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "name"));
    const json_t *canonical = json_object_get(test, "canonical");
    json_t *got = is_item ? value(sf, 0) : dictionary(sf);
    char want[CSIGD_SF_OCTETS], text[CSIGD_SF_OCTETS];
    csigd_text t = csigd_text_in(text, sizeof text);
    size_t len;

    if (json_equal(got, json_object_get(test, "expected")) == 0) fail_msg("%s: other value", name);
    json_decref(got);
    join(want, sizeof want, &len, canonical != NULL ? canonical : json_object_get(test, "raw"));
    print(&t, sf);
    if (strcmp(text, want) != 0) fail_msg("%s: written as %s", name, text);
}

static unsigned check(const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "name"));
    const char *type = json_string_value(json_object_get(test, "header_type"));
    const bool is_item = strcmp(type, "item") == 0;
    const bool can_fail = json_is_true(json_object_get(test, "can_fail"));
    const bool must_fail = json_is_true(json_object_get(test, "must_fail")) ||
                           is_stricter(name, json_object_get(test, "expected"));
    char field[CSIGD_SF_OCTETS];
    csigd_sf sf;
    size_t len;
    bool good;

    if (strcmp(type, "list") == 0) return 0;
    join(field, sizeof field, &len, json_object_get(test, "raw"));
    good = is_item ? csigd_sf_item_is_read(&sf, field, len)
                   : csigd_sf_dictionary_is_read(&sf, field, len);
    if (good == must_fail && !can_fail) fail_msg("%s: %s", name, good ? "taken" : "refused");
    if (good) check_value(&sf, is_item, test);
    if (!good) assert_int_equal(sf.n_nodes, 0);
    return 1;
}

static void the_working_groups_tests_pass(void **state)
{
    static const char *const files[] = {
        "binary",          "boolean",    "dictionary", "examples",         "item",
        "key-generated",   "number",     "string",     "string-generated", "token",
        "token-generated", "param-dict",
    };
    unsigned n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[512];
        json_t *tests;

        (void)snprintf(path, sizeof path, "%s/structured-fields/%s.json", API_TESTS, files[i]);
        tests = json_load_file(path, JSON_ALLOW_NUL, NULL);
        assert_non_null(tests);
        for (size_t k = 0; k < json_array_size(tests); k++)
            n += check(json_array_get(tests, k));
        json_decref(tests);
    }
    assert_int_equal(n, 1034);
}

/* --- our own --- */

static const char *const refused[] = {
    "a=1,",     "a=1,,b=2",   "a=1 b=2",     ",a=1",      "a=",
    "A=1",      "1=1",        "a=(",         "a=(1",      "a=(1,2)",
    "a=(1\t2)", "a=(1\"b\")", "a=((1))",     "a=1;",      "a=1;;b",
    "a=1;B",    "a=1.0",      "a=1.",        "a=--1",     "a=+1",
    "a=-",      "a=\"",       "a=\"\\",      "a=\"\\x\"", "a=\"\x7f\"",
    "a=\"\t\"", "a=\"\xc3\"", "a=:",         "a=:YQ:",    "a=:YR==:",
    "a=:Y Q=:", "a=:YQ==",    "a=:YQ==:x",   "a=:-_==:",  "a=?",
    "a=?2",     "a=?1x",      "a=@1",        "a=%\"x\"",  "a=1;b=1;b=2",
    "a=1, a=1", "a=(1;x;x)",  "a=(1 2);c;c", "a=1;b=(1)", "a=1000000000000000",
    "\ta=1",
};

static void what_is_malformed_is_refused(void **state)
{
    csigd_sf sf;

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (csigd_sf_dictionary_is_read(&sf, refused[i], strlen(refused[i])))
            fail_msg("taken: %s", refused[i]);
        assert_int_equal(sf.n_nodes, 0);
    }
    assert_false(csigd_sf_item_is_read(&sf, "", 0));
    assert_false(csigd_sf_item_is_read(&sf, "1, 2", 4));
    assert_false(csigd_sf_item_is_read(&sf, "(1)", 3));
    assert_false(csigd_sf_dictionary_is_read(&sf, "a\0", 2));
}

static void limits_are_kept(void **state)
{
    static char field[CSIGD_SF_OCTETS + 2];
    csigd_text t = csigd_text_in(field, sizeof field);
    csigd_sf sf;

    (void)state;
    csigd_text_put(&t, "a=\"");
    while (t.len < CSIGD_SF_OCTETS - 1)
        csigd_text_char(&t, 'x');
    csigd_text_put(&t, "\" ");
    assert_true(csigd_sf_dictionary_is_read(&sf, field, CSIGD_SF_OCTETS));
    assert_int_equal(sf.nodes[0].len, CSIGD_SF_OCTETS - 4);
    assert_false(csigd_sf_dictionary_is_read(&sf, field, CSIGD_SF_OCTETS + 1));

    t = csigd_text_in(field, sizeof field);
    csigd_text_put(&t, "a=(");
    for (size_t i = 0; i < CSIGD_SF_NODES - 1; i++)
        csigd_text_put(&t, "1 ");
    csigd_text_put(&t, ")");
    assert_true(csigd_sf_dictionary_is_read(&sf, field, t.len));
    assert_int_equal(csigd_sf_count(&sf, CSIGD_SF_ENTRY), CSIGD_SF_NODES - 1);
    csigd_text_put(&t, ";b");
    assert_false(csigd_sf_dictionary_is_read(&sf, field, t.len));
}

/* The node is this string, token or octets. */
static void expect_text(const csigd_sf *sf, size_t node, csigd_sf_type type, const char *want)
{
    char text[8];

    assert_true(csigd_sf_text_is_read(text, sizeof text, sf, node, type));
    assert_string_equal(text, want);
}

static void nodes_are_found_where_they_belong(void **state)
{
    static const char field[] = "a=(\"x\";req \"y\");n=1;m=\"q\\\"\", b=tok;n=2, c";
    char text[8];
    csigd_sf sf;
    size_t a, b, x, y, p;

    (void)state;
    assert_true(csigd_sf_dictionary_is_read(&sf, field, strlen(field)));
    assert_int_equal(csigd_sf_count(&sf, CSIGD_SF_MEMBER), 3);
    a = csigd_sf_member(&sf, "a");
    b = csigd_sf_member(&sf, "b");
    assert_int_equal(a, 0);
    assert_int_equal(csigd_sf_next(&sf, a, CSIGD_SF_MEMBER), b);
    assert_int_equal(csigd_sf_member(&sf, "d"), CSIGD_SF_NONE);
    expect_text(&sf, b, CSIGD_SF_TOKEN, "tok");
    assert_false(csigd_sf_text_is_read(text, sizeof text, &sf, b, CSIGD_SF_STRING));
    assert_int_equal(csigd_sf_next(&sf, csigd_sf_member(&sf, "c"), CSIGD_SF_PARAM), CSIGD_SF_NONE);

    x = csigd_sf_next(&sf, a, CSIGD_SF_ENTRY);
    y = csigd_sf_next(&sf, x, CSIGD_SF_ENTRY);
    expect_text(&sf, x, CSIGD_SF_STRING, "x");
    expect_text(&sf, y, CSIGD_SF_STRING, "y");
    assert_int_equal(csigd_sf_next(&sf, y, CSIGD_SF_ENTRY), CSIGD_SF_NONE);
    p = csigd_sf_next(&sf, x, CSIGD_SF_ENTRY_PARAM);
    assert_true(csigd_sf_key_is(&sf, p, "req"));
    assert_int_equal(csigd_sf_next(&sf, p, CSIGD_SF_ENTRY_PARAM), CSIGD_SF_NONE);
    assert_int_equal(csigd_sf_next(&sf, y, CSIGD_SF_ENTRY_PARAM), CSIGD_SF_NONE);

    /* The member's parameters stand behind its entries and theirs. */
    p = csigd_sf_next(&sf, a, CSIGD_SF_PARAM);
    assert_true(csigd_sf_key_is(&sf, p, "n"));
    assert_int_equal(sf.nodes[p].integer, 1);
    p = csigd_sf_next(&sf, p, CSIGD_SF_PARAM);
    assert_true(csigd_sf_key_is(&sf, p, "m"));
    expect_text(&sf, p, CSIGD_SF_STRING, "q\"");
    assert_false(csigd_sf_text_is_read(text, 2, &sf, p, CSIGD_SF_STRING));
    assert_int_equal(csigd_sf_next(&sf, p, CSIGD_SF_PARAM), CSIGD_SF_NONE);
    p = csigd_sf_next(&sf, b, CSIGD_SF_PARAM);
    assert_int_equal(sf.nodes[p].integer, 2);
    assert_true(csigd_sf_key_is_read(text, 2, &sf, b));
    assert_string_equal(text, "b");
    assert_false(csigd_sf_key_is_read(text, 1, &sf, b));
}

static void text_that_does_not_fit_spoils_the_whole(void **state)
{
    char buffer[8];
    csigd_text t = csigd_text_in(buffer, sizeof buffer);

    (void)state;
    csigd_text_put(&t, "1234567");
    assert_true(csigd_text_is_whole(&t));
    csigd_text_char(&t, '8');
    assert_false(csigd_text_is_whole(&t));
    assert_string_equal(buffer, "1234567");
    t = csigd_text_in(buffer, sizeof buffer);
    csigd_text_base64(&t, (const uint8_t *)"abc", 3);
    assert_string_equal(buffer, "YWJj");
    csigd_text_base64(&t, (const uint8_t *)"a", 1);
    assert_false(csigd_text_is_whole(&t));
    assert_string_equal(buffer, "YWJj");
    t = csigd_text_in(buffer, sizeof buffer);
    csigd_text_int(&t, -12345);
    assert_string_equal(buffer, "-12345");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_working_groups_tests_pass),
        cmocka_unit_test(what_is_malformed_is_refused),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(nodes_are_found_where_they_belong),
        cmocka_unit_test(text_that_does_not_fit_spoils_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
