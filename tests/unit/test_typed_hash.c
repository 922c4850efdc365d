/* Values of typed data: exactly of their types, or refused with the member's name. */
#include "payload/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/typed.h"

static const struct {
    const char *type, *fine, *wrong;
} values[] = {
    {"bool", "true", "1"},
    {"bool", "false", "'true'"},
    {"bool", "true", "null"},
    {"address", "'0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'",
     "'0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed'"},
    {"address", "'0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'",
     "'0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea'"},
    {"address", "'0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED'",
     "'5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'"},
    {"address", "'0x0000000000000000000000000000000000000000'", "0"},
    {"uint8", "255", "256"},
    {"uint8", "'0xff'", "-1"},
    {"int8", "-128", "-129"},
    {"int8", "127", "128"},
    {"uint256", "'1'", "''"},
    {"uint256", "1", "true"},
    {"bytes1", "'0xff'", "'0x'"},
    {"bytes2", "'0xffff'", "'0xffffff'"},
    {"bytes2", "'0xFFff'", "65535"},
    {"bytes", "'0x'", "''"},
    {"bytes", "'0x00'", "'0x0'"},
    {"bytes", "'0x00'", "[0]"},
    {"string", "''", "0"},
    {"string", "'0x'", "null"},
    {"uint8[]", "[]", "{}"},
    {"uint8[]", "[1,2]", "[1,256]"},
    {"uint8[]", "[1,2]", "[1,null]"},
    {"uint8[2]", "[1,2]", "[1]"},
    {"uint8[2]", "[1,2]", "[1,2,3]"},
    {"uint8[2][]", "[[1,2],[3,4]]", "[[1,2],[3]]"},
    {"uint8[][2]", "[[],[3]]", "[[]]"},
    {"S", "{'a':1}", "{}"},
    {"S", "{'a':1}", "{'a':1,'b':1}"},
    {"S", "{'a':1}", "{'b':1}"},
    {"S", "{'a':1}", "{'a':'x'}"},
    {"S", "{'a':1}", "[1]"},
    {"S", "{'a':1}", "null"},
    {"S[]", "[{'a':1},{'a':2}]", "[{'a':1},1]"},
};

static void values_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(values); i++) {
        char types[200], fine[200], wrong[200];

        (void)snprintf(types, sizeof types,
                       "{'T':[{'name':'x','type':'%s'}],'S':[{'name':'a','type':'uint8'}]}",
                       values[i].type);
        (void)snprintf(fine, sizeof fine, "{'x':%s}", values[i].fine);
        (void)snprintf(wrong, sizeof wrong, "{'x':%s}", values[i].wrong);
        csig_payload_free(typed_bound(types, "T", "{}", fine));
        typed_refused(types, "T", "{}", wrong, "\"typed_data\": ");
    }
}

/* The reason is that of the innermost member. */
static void who_is_wrong(void **state)
{
    static const char *const types =
        "{'T':[{'name':'list','type':'S[]'}],'S':[{'name':'a','type':'uint8'}]}";

    (void)state;
    typed_refused(types, "T", "{}", "{'list':[{'a':1},{'a':300}]}",
                  "\"typed_data\": a of a S is no uint8");
    typed_refused(types, "T", "{}", "{'list':[{'a':1},{}]}",
                  "\"typed_data\": a S must be an object with exactly its 1 members");
    typed_refused(types, "T", "{}", "{'list':5}", "\"typed_data\": list of a T is no S[]");
    typed_refused(types, "T", "{}", "{}", "\"typed_data\": a T must be");
}

static void digest_of(uint8_t digest[CSIG_DIGEST_BYTES], const char *types, const char *message)
{
    csig_payload *p = typed_bound(types, "T", "{}", message);
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    assert_int_equal(csig_payload_input(p, 0, digest, path, &depth), CSIG_OK);
    csig_payload_free(p);
}

/* One number, however it is written, has one digest; another has another. */
static void one_value_one_digest(void **state)
{
    static const char *const types = "{'T':[{'name':'x','type':'uint64'}]}";
    static const char *const same[] = {"{'x':255}", "{'x':'255'}", "{'x':'0xff'}",
                                       "{'x':'0x00FF'}"};
    uint8_t first[CSIG_DIGEST_BYTES], digest[CSIG_DIGEST_BYTES];

    (void)state;
    digest_of(first, types, same[0]);
    for (size_t i = 1; i < CSIG_ARRAY_LEN(same); i++) {
        digest_of(digest, types, same[i]);
        assert_memory_equal(digest, first, sizeof digest);
    }
    digest_of(digest, types, "{'x':254}");
    assert_memory_not_equal(digest, first, sizeof digest);
    digest_of(digest, "{'T':[{'name':'x','type':'uint72'}]}", same[0]);
    assert_memory_not_equal(digest, first, sizeof digest);
}

/* A list in a list in a list: as deep as JSON may be, and no deeper. */
static void depth(void **state)
{
    char types[200], message[200];

    (void)state;
    for (size_t levels = 20; levels <= 30; levels += 5) {
        size_t n = (size_t)snprintf(types, sizeof types, "{'T':[{'name':'x','type':'bool");
        size_t m = (size_t)snprintf(message, sizeof message, "{'x':");

        for (size_t i = 0; i < levels; i++) {
            n += (size_t)snprintf(types + n, sizeof types - n, "[]");
            message[m++] = '[';
        }
        (void)snprintf(types + n, sizeof types - n, "'}]}");
        for (size_t i = 0; i < levels; i++)
            message[m++] = ']';
        (void)snprintf(message + m, sizeof message - m, "}");
        if (levels < 29)
            csig_payload_free(typed_bound(types, "T", "{}", message));
        else
            typed_refused(types, "T", "{}", message, "nested too deep");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_types),
        cmocka_unit_test(who_is_wrong),
        cmocka_unit_test(one_value_one_digest),
        cmocka_unit_test(depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
