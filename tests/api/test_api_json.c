/* Strict JSON (E3): one table of fields, everything that is not exactly it, and what comes out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "http/json.h"

typedef struct inner {
    char type[9];
    uint8_t digest[2];
} inner;

typedef struct body {
    uint8_t id[4];
    char name[6];
    uint32_t count;
    bool flag;
    size_t n_nonces, n_signers, n_words;
    uint8_t nonces[3][2];
    uint16_t signers[3];
    char words[2][4];
    inner payload;
    size_t n_rows;
    inner rows[2];
} body;

static const csigd_json_field payload_fields[] = {
    {"type", CSIGD_JSON_TEXT, .at = offsetof(inner, type), .size = 9, .min = 1},
    {"digest", CSIGD_JSON_HEX, .at = offsetof(inner, digest), .size = 2},
};

static const csigd_json_field fields[] = {
    {"id", CSIGD_JSON_HEX, .at = offsetof(body, id), .size = 4},
    {"name", CSIGD_JSON_TEXT, .optional = true, .at = offsetof(body, name), .size = 6},
    {"count", CSIGD_JSON_UINT, .optional = true, .at = offsetof(body, count), .min = 1, .max = 16},
    {"flag", CSIGD_JSON_BOOL, .optional = true, .at = offsetof(body, flag)},
    {"nonces", CSIGD_JSON_HEX_LIST, .optional = true, .at = offsetof(body, nonces), .size = 2,
     .min = 1, .max = 3, .count_at = offsetof(body, n_nonces)},
    {"signers", CSIGD_JSON_UINT_LIST, .optional = true, .at = offsetof(body, signers), .min = 2,
     .max = 3, .count_at = offsetof(body, n_signers)},
    {"words", CSIGD_JSON_TEXT_LIST, .optional = true, .at = offsetof(body, words), .size = 4,
     .min = 1, .max = 2, .count_at = offsetof(body, n_words)},
    {"payload", CSIGD_JSON_NESTED, .optional = true, .at = offsetof(body, payload),
     .fields = payload_fields, .n_fields = 2},
    {"rows", CSIGD_JSON_NESTED_LIST, .optional = true, .at = offsetof(body, rows),
     .size = sizeof(inner), .min = 1, .max = 2, .count_at = offsetof(body, n_rows),
     .fields = payload_fields, .n_fields = 2},
};

static csigd_code parse_octets(body *b, const char *text, size_t len, csigd_problem *why)
{
    memset(b, 0, sizeof *b);
    return csigd_json_parse(b, fields, sizeof fields / sizeof fields[0], (const uint8_t *)text, len,
                            why);
}

static csigd_code parse(body *b, const char *text, csigd_problem *why)
{
    return parse_octets(b, text, strlen(text), why);
}

static void a_whole_body_is_read(void **state)
{
    static const char text[] =
        " {\"id\":\"00ff10a5\", \"name\":\"h\xc3\xa4llo\"\n, \"count\":16, \"flag\":true,"
        "\"nonces\":[\"0001\",\"fffe\"], \"signers\":[1,2], \"words\":[\"ab\",\"\"],"
        "\"payload\":{\"type\":\"digest\",\"digest\":\"beef\"}} ";
    csigd_problem why;
    body b;

    (void)state;
    assert_int_equal(parse(&b, "{\"id\":\"00ff10a5\",\"name\":\"x\"}", &why), CSIGD_OK);
    assert_string_equal(b.name, "x");
    assert_int_equal(b.n_nonces, 0);
    assert_int_equal(parse(&b, text, &why), CSIGD_BAD_REQUEST); /* name: six octets are too many */
    assert_string_equal(why.field, "name");
}

static void every_type_lands_where_it_belongs(void **state)
{
    static const char text[] =
        " {\"id\":\"00ff10a5\", \"name\":\"h\xc3\xa4ll\"\n, \"count\":16, \"flag\":true,"
        "\"nonces\":[\"0001\",\"fffe\"], \"signers\":[1,2], \"words\":[\"abc\"],"
        "\"rows\":[{\"type\":\"a\",\"digest\":\"0102\"},{\"digest\":\"0304\",\"type\":\"b\"}],"
        "\"payload\":{\"type\":\"digest\",\"digest\":\"beef\"}} ";
    csigd_problem why;
    body b;

    (void)state;
    assert_int_equal(parse(&b, text, &why), CSIGD_OK);
    assert_memory_equal(b.id, "\x00\xff\x10\xa5", 4);
    assert_string_equal(b.name, "h\xc3\xa4ll");
    assert_int_equal(b.count, 16);
    assert_true(b.flag);
    assert_int_equal(b.n_nonces, 2);
    assert_memory_equal(b.nonces, "\x00\x01\xff\xfe", 4);
    assert_int_equal(b.n_signers, 2);
    assert_int_equal(b.signers[1], 2);
    assert_int_equal(b.n_words, 1);
    assert_string_equal(b.words[0], "abc");
    assert_int_equal(b.n_rows, 2);
    assert_string_equal(b.rows[0].type, "a");
    assert_memory_equal(b.rows[0].digest, "\x01\x02", 2);
    assert_string_equal(b.rows[1].type, "b");
    assert_memory_equal(b.rows[1].digest, "\x03\x04", 2);
    assert_string_equal(b.payload.type, "digest");
    assert_memory_equal(b.payload.digest, "\xbe\xef", 2);
}

/* What is wrong, and the field that is named for it ("" : none). */
static const struct {
    const char *text, *field;
} refused[] = {
    {"", ""},
    {"null", ""},
    {"[]", ""},
    {"\"x\"", ""},
    {"{", ""},
    {"{}", "id"},
    {"{\"id\":\"00ff10a5\"} x", ""},
    {"{\"id\":\"00ff10a5\"}{\"id\":\"00ff10a5\"}", ""},
    {"{\"id\":\"00ff10a5\",}", ""},
    {"{'id':'00ff10a5'}", ""},
    {"{\"id\":\"00ff10a5\",\"id\":\"00ff10a5\"}", ""},
    {"{\"id\":\"00ff10a5\",\"i\\u0064\":\"00ff10a6\"}", ""},
    {"{\"id\":\"00ff10a5\",\"other\":1}", "other"},
    {"{\"ID\":\"00ff10a5\"}", "id"},
    {"{\"id\":null}", "id"},
    {"{\"id\":5}", "id"},
    {"{\"id\":\"00FF10A5\"}", "id"},
    {"{\"id\":\"00ff10a\"}", "id"},
    {"{\"id\":\"00ff10a50\"}", "id"},
    {"{\"id\":\"00ff10a5ff\"}", "id"},
    {"{\"id\":\" 0ff10a5\"}", "id"},
    {"{\"id\":\"+0ff10a5\"}", "id"},
    {"{\"id\":\"0xff10a5\"}", "id"},
    {"{\"id\":\"00ff10g5\"}", "id"},
    {"{\"id\":\"00ff\\u0000a5\"}", ""},
    {"{\"id\":\"00ff10a5\",\"name\":7}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":null}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"a\\u0000b\"}", ""},
    {"{\"id\":\"00ff10a5\",\"name\":\"\xff\"}", ""},
    {"{\"id\":\"00ff10a5\",\"name\":\"a\\nb\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\\u001b[2J\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\\u007f\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\xc2\x9b"
     "2J\"}",
     "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\xe2\x80\xa8\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\xe2\x80\xae\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"name\":\"\xe2\x81\xa9\"}", "name"},
    {"{\"id\":\"00ff10a5\",\"words\":[\"\\t\"]}", "words"},
    {"{\"id\":\"00ff10a5\",\"count\":0}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":17}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":-1}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":1.0}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":1e0}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":\"1\"}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":true}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":4294967297}", "count"},
    {"{\"id\":\"00ff10a5\",\"count\":18446744073709551617}", ""},
    {"{\"id\":\"00ff10a5\",\"count\":01}", ""},
    {"{\"id\":\"00ff10a5\",\"flag\":1}", "flag"},
    {"{\"id\":\"00ff10a5\",\"flag\":\"true\"}", "flag"},
    {"{\"id\":\"00ff10a5\",\"flag\":null}", "flag"},
    {"{\"id\":\"00ff10a5\",\"nonces\":[]}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"nonces\":[\"0000\",\"0000\",\"0000\",\"0000\"]}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"nonces\":[\"000\"]}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"nonces\":\"0000\"}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"nonces\":[null]}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"nonces\":{\"0\":\"0000\"}}", "nonces"},
    {"{\"id\":\"00ff10a5\",\"signers\":[1]}", "signers"},
    {"{\"id\":\"00ff10a5\",\"signers\":[1,65536]}", "signers"},
    {"{\"id\":\"00ff10a5\",\"signers\":[1,-1]}", "signers"},
    {"{\"id\":\"00ff10a5\",\"signers\":[1,2.5]}", "signers"},
    {"{\"id\":\"00ff10a5\",\"signers\":[1,\"2\"]}", "signers"},
    {"{\"id\":\"00ff10a5\",\"words\":[\"abcd\"]}", "words"},
    {"{\"id\":\"00ff10a5\",\"words\":[1]}", "words"},
    {"{\"id\":\"00ff10a5\",\"payload\":[]}", "payload"},
    {"{\"id\":\"00ff10a5\",\"rows\":[]}", "rows"},
    {"{\"id\":\"00ff10a5\",\"rows\":{\"type\":\"a\",\"digest\":\"beef\"}}", "rows"},
    {"{\"id\":\"00ff10a5\",\"rows\":[1]}", "rows"},
    {"{\"id\":\"00ff10a5\",\"rows\":[{\"type\":\"a\"}]}", "rows"},
    {"{\"id\":\"00ff10a5\",\"rows\":[{\"type\":\"a\",\"digest\":\"beef\",\"x\":1}]}", "rows"},
    {"{\"id\":\"00ff10a5\",\"rows\":[{\"type\":\"a\",\"digest\":\"0102\"},"
     "{\"type\":\"a\",\"digest\":\"0102\"},{\"type\":\"a\",\"digest\":\"0102\"}]}",
     "rows"},
    {"{\"id\":\"00ff10a5\",\"payload\":{}}", "type"},
    {"{\"id\":\"00ff10a5\",\"payload\":{\"type\":\"\",\"digest\":\"beef\"}}", "type"},
    {"{\"id\":\"00ff10a5\",\"payload\":{\"type\":\"a\",\"digest\":\"beef\",\"x\":1}}", "x"},
    {"{\"id\":\"00ff10a5\",\"payload\":{\"type\":\"a\",\"digest\":\"be\"}}", "digest"},
    {"{\"id\":\"00ff10a5\",\"x\":[[[[[[[[1]]]]]]]]}", ""},
};

static void E3_everything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        csigd_problem why;
        body b;

        if (parse(&b, refused[i].text, &why) != CSIGD_BAD_REQUEST)
            fail_msg("taken: %s", refused[i].text);
        if (strcmp(why.field, refused[i].field) != 0)
            fail_msg("%s: names %s, not %s", refused[i].text, why.field, refused[i].field);
    }
}

static void a_nul_behind_the_body_is_refused(void **state)
{
    static const char text[] = "{\"id\":\"00ff10a5\"}\0";
    csigd_problem why;
    body b;

    (void)state;
    assert_int_equal(parse_octets(&b, text, sizeof text - 2, &why), CSIGD_OK);
    assert_int_equal(parse_octets(&b, text, sizeof text - 1, &why), CSIGD_BAD_REQUEST);
}

/* Eight levels are looked at, nine are not even parsed; brackets in strings do not count. */
static void E3_depth_is_bounded_before_anything_recurses(void **state)
{
    char text[4096] = "{\"id\":\"00ff10a5\",\"x\":";
    csigd_problem why;
    body b;

    (void)state;
    strcat(text, "[[[[[[[1]]]]]]]}");
    assert_int_equal(parse(&b, text, &why), CSIGD_BAD_REQUEST);
    assert_string_equal(why.field, "x");
    assert_int_equal(parse(&b, "{\"id\":\"00ff10a5\",\"[[[[[[[[[[[[\\\"[\":1}", &why),
                     CSIGD_BAD_REQUEST);
    assert_string_equal(why.field, "[[[[[[[[[[[[\"[");
    memset(text, '[', sizeof text - 1);
    assert_int_equal(parse(&b, text, &why), CSIGD_BAD_REQUEST);
    assert_string_equal(why.field, "");
}

/* Every prefix of a good body and every octet changed to some others: never accepted as it is not,
 * never a crash. */
static void cut_and_bent_bodies_do_no_harm(void **state)
{
    static const char good[] = "{\"id\":\"00ff10a5\",\"signers\":[1,2],\"flag\":false}";
    static const char octets[] = {'\0', '"', '\\', '{', ']', '\x80', '9'};
    csigd_problem why;
    body b;

    (void)state;
    for (size_t len = 0; len < sizeof good - 1; len++)
        assert_int_equal(parse_octets(&b, good, len, &why), CSIGD_BAD_REQUEST);
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (size_t j = 0; j < sizeof octets; j++) {
            char bent[sizeof good];

            memcpy(bent, good, sizeof good);
            bent[i] = octets[j];
            (void)parse_octets(&b, bent, sizeof good - 1, &why);
        }
    }
}

static void hexadecimal_goes_there_and_back(void **state)
{
    const uint8_t octets[3] = {0x00, 0x9a, 0xff};
    uint8_t again[3];
    char text[7];

    (void)state;
    csigd_hex_write(text, octets, sizeof octets);
    assert_string_equal(text, "009aff");
    assert_true(csigd_hex_is_read(again, 3, text, 6));
    assert_memory_equal(again, octets, 3);
    assert_false(csigd_hex_is_read(again, 3, text, 5));
    assert_false(csigd_hex_is_read(again, 3, "009aF0", 6));
    assert_true(csigd_hex_is_read(again, 0, "", 0));
}

static void replies_are_compact_and_escaped(void **state)
{
    csigd_json *object = csigd_json_object(), *list = csigd_json_list();
    const uint8_t octets[2] = {1, 0xab};
    size_t len;
    char *text;

    (void)state;
    csigd_json_append_hex(list, octets, 2);
    csigd_json_append_text(list, "a\"b");
    csigd_json_append(list, csigd_json_object());
    csigd_json_text(object, "t", "\n");
    csigd_json_uint(object, "u", 7);
    csigd_json_bool(object, "b", false);
    csigd_json_hex(object, "h", octets, 0);
    csigd_json_put(object, "l", list);
    text = csigd_json_print(object, &len);
    assert_string_equal(
        text, "{\"t\":\"\\n\",\"u\":7,\"b\":false,\"h\":\"\",\"l\":[\"01ab\",\"a\\\"b\",{}]}");
    assert_int_equal(len, strlen(text));
    free(text);
}

/* What cannot be written makes the whole unprintable, however deep it is. */
static void a_failed_part_fails_the_whole(void **state)
{
    csigd_json *object = csigd_json_object(), *list = csigd_json_list();
    size_t len = 1;

    (void)state;
    csigd_json_append_text(list, "\xff");
    csigd_json_put(object, "l", list);
    assert_null(csigd_json_print(object, &len));
    assert_int_equal(len, 0);
    assert_null(csigd_json_print(NULL, &len));
    csigd_json_put(NULL, "x", csigd_json_object());
    csigd_json_append(NULL, csigd_json_list());
    csigd_json_free(csigd_json_object());
    object = csigd_json_object();
    csigd_json_put(object, "x", NULL);
    assert_null(csigd_json_print(object, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_body_is_read),
        cmocka_unit_test(every_type_lands_where_it_belongs),
        cmocka_unit_test(E3_everything_else_is_refused),
        cmocka_unit_test(a_nul_behind_the_body_is_refused),
        cmocka_unit_test(E3_depth_is_bounded_before_anything_recurses),
        cmocka_unit_test(cut_and_bent_bodies_do_no_harm),
        cmocka_unit_test(hexadecimal_goes_there_and_back),
        cmocka_unit_test(replies_are_compact_and_escaped),
        cmocka_unit_test(a_failed_part_fails_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
