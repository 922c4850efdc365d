/* The types of EIP-712: the text that a type hash is of, and what is no set of types. */
#include "payload/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/typed.h"

static const struct {
    const char *types, *of, *text;
} texts[] = {
    {TYPED_MAIL, "Mail",
     "Mail(Person from,Person to,string contents)Person(string name,address wallet)"},
    {TYPED_MAIL, "Person", "Person(string name,address wallet)"},
    {"{'A':[]}", "A", "A()"},
    /* those it leads to by name, also through lists; not those it does not lead to */
    {"{'B':[{'name':'z','type':'Z[]'},{'name':'c','type':'C[2][]'}],'C':[{'name':'x','type':'int8[]"
     "'}],"
     "'Z':[{'name':'c','type':'C'}],'Y':[{'name':'b','type':'B'}]}",
     "B", "B(Z[] z,C[2][] c)C(int8[] x)Z(C c)"},
    /* circles end */
    {"{'P':[{'name':'children','type':'P[]'},{'name':'q','type':'Q'}],'Q':[{'name':'p','type':'P[]'"
     "}]}",
     "Q", "Q(P[] p)P(P[] children,Q q)"},
    {"{'X:y-z.1':[{'name':'a b','type':'bool'}]}", "X:y-z.1", NULL}, /* a blank in a name */
    {"{'X:y-z.1':[{'name':'a$','type':'bool'}]}", "X:y-z.1", "X:y-z.1(bool a$)"},
};

static void texts_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(texts); i++) {
        csig_json *types = typed_json(texts[i].types), *domain = csig_json_list();
        const csig_json *given = csig_json_member(types, "EIP712Domain");
        csig_typed t;
        char out[300], why[CSIG_WHY_BYTES] = "";
        csig_text text = {.out = out, .room = sizeof out};
        size_t len;
        const csig_err err = csig_typed_read(&t, types, given == NULL ? domain : given, why);

        assert_int_equal(err, texts[i].text == NULL ? CSIG_E_PAYLOAD : CSIG_OK);
        if (err == CSIG_OK) {
            csig_typed_text(&text, &t, csig_typed_find(&t, texts[i].of, strlen(texts[i].of)));
            assert_int_equal(csig_text_end(&text, &len), CSIG_OK);
            assert_string_equal(out, texts[i].text);
        }
        csig_json_free(types);
        csig_json_free(domain);
    }
}

/* The type hash of the example. */
static void the_hash_of_a_type(void **state)
{
    csig_json *types = typed_json(TYPED_MAIL);
    csig_typed t;

    (void)state;
    assert_int_equal(csig_typed_read(&t, types, csig_json_member(types, "EIP712Domain"), NULL),
                     CSIG_OK);
    hex_expect(csig_typed_find(&t, "Mail", 4)->hash, 32,
               "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2");
    csig_json_free(types);
}

static const struct {
    const char *types, *why;
} refused[] = {
    {"{'A':1}", "A must be a list"},
    {"{'A':{}}", "A must be a list"},
    {"{'A':[1]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x'}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x','type':1}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x','type':'bool','more':1}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'','type':'bool'}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x,bool y','type':'bool'}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x)','type':'bool'}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'\xc3\xa9','type':'bool'}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x','type':'bool'},{'name':'x','type':'bool'}]}", "the member x twice"},
    {"{'A':[{'name':'x','type':''}]}", "member 0 of A is no pair"},
    {"{'A':[{'name':'x','type':'B'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'uint'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'int'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'uint0'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'uint7'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'uint264'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'uint08'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bytes0'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bytes33'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'Bool'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool['}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'[]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool[0]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool[01]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool[-1]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool[1000000000]'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'bool[]x'}]}", "x of A has no known type"},
    {"{'A':[{'name':'x','type':'B[][2]'}]}", "x of A has no known type"},
    {"{'A':[],'':[]}", "the name of a struct"},
    {"{'A':[],'B()':[]}", "the name of a struct"},
    {"{'A':[],'B[]':[]}", "the name of a struct"},
    {"{'A':[],'0123456789012345678901234567890123456789012345678901234567890123':[]}",
     "the name of a struct"},
    {"{'A':[],'uint8':[]}", "uint8 is no name"},
    {"{'A':[],'string':[]}", "string is no name"},
    {"{'A':[],'EIP712Domain':[{'name':'name','type':'string'}]}", "does not have the members"},
    {"[]", "exactly types"},
};

static void what_is_no_set_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(refused); i++)
        typed_refused(refused[i].types, "A", "{}", "{}", refused[i].why);
}

/* "{'A':[...],'B0':[],...}": so many structs, of which A has so many members. */
static void limits_of(size_t structs, size_t members, const char *why)
{
    char types[8000] = "{'A':[";
    size_t n = strlen(types);

    for (size_t i = 0; i < members; i++)
        n += (size_t)snprintf(types + n, sizeof types - n, "%s{'name':'m%zu','type':'bool[]'}",
                              i == 0 ? "" : ",", i);
    n += (size_t)snprintf(types + n, sizeof types - n, "]");
    for (size_t i = 1; i < structs; i++)
        n += (size_t)snprintf(types + n, sizeof types - n, ",'B%zu':[]", i);
    (void)snprintf(types + n, sizeof types - n, "}");
    typed_refused(types, "A", "{}", "{}", why);
}

static void as_many_as_there_may_be(void **state)
{
    (void)state;
    limits_of(CSIG_TYPED_STRUCTS_MAX - 1, 1, "exactly its 1 members"); /* and the domain */
    limits_of(CSIG_TYPED_STRUCTS_MAX, 1, "more than 64 structs");
    limits_of(1, CSIG_TYPED_MEMBERS_MAX, "exactly its 64 members");
    limits_of(1, CSIG_TYPED_MEMBERS_MAX + 1, "at most 64 members");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_types),
        cmocka_unit_test(the_hash_of_a_type),
        cmocka_unit_test(what_is_no_set_of_types),
        cmocka_unit_test(as_many_as_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
