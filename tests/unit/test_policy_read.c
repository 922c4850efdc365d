/* What is a policy and what is none: each refusal with the member it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/policy.h"

#define DOCUMENT(rules) "{\"version\":1,\"default\":\"deny\",\"rules\":[" rules "]}"
#define RULE(members)   DOCUMENT("{\"id\":\"a\"," members "}")
#define THEN(then)      RULE("\"if\":{},\"then\":" then)
#define KEY             "\"" POLICY_KEY_A "\""

static void documents(void **state)
{
    (void)state;
    policy_expect_refused("[]", "policy: an object is wanted");
    policy_expect_refused("{\"version\":1,\"default\":\"deny\"}", "rules: it is missing");
    policy_expect_refused(
        "{\"default\":\"deny\",\"rules\":[{\"id\":\"a\",\"if\":{},\"then\":\"allow\"}]}",
        "version: it is missing");
    policy_expect_refused("{\"version\":2}", "version: out of its range");
    policy_expect_refused("{\"version\":\"1\"}", "version: a number is wanted");
    policy_expect_refused("{\"default\":\"allow\"}", "default: it can only be deny");
    policy_expect_refused("{\"default\":1}", "default: it can only be deny");
    policy_expect_refused("{\"Rules\":[]}", "Rules: there is no such member");
    policy_expect_refused("{\"rules\":{}}", "rules: a list is wanted");
    policy_expect_refused("{\"rules\":[]}", "rules: the list is empty; leave it out");
    policy_expect_refused("{\"rules\":[1]}", "rules[0]: an object is wanted");
    policy_expect_refused("{\"changes\":{\"quorum\":1,\"of\":[" KEY "],\"x\":1}}",
                          "changes.x: there is no such member");
}

static void json_is_strict(void **state)
{
    char *deep = calloc(1, CSIG_POLICY_MAX + 2);
    csig_policy *p;

    (void)state;
    assert_int_equal(csig_policy_read(&p, "{", 1, NULL), CSIG_E_POLICY);
    assert_int_equal(csig_policy_read(&p, "", 0, NULL), CSIG_E_POLICY);
    assert_int_equal(csig_policy_read(&p, "{\"version\":1,\"version\":1}", 25, NULL),
                     CSIG_E_POLICY);
    assert_int_equal(csig_policy_read(&p, "{\"version\":1.0}", 15, NULL), CSIG_E_POLICY);
    memset(deep, '[', CSIG_POLICY_MAX + 1);
    assert_int_equal(csig_policy_read(&p, deep, 1000, NULL), CSIG_E_POLICY);
    policy_expect_refused(deep, "the policy is too long");
    free(deep);
}

static void rules(void **state)
{
    (void)state;
    policy_expect_refused(DOCUMENT("{\"if\":{},\"then\":\"allow\"}"), "rules[0].id: it is missing");
    policy_expect_refused(RULE("\"then\":\"allow\""), "rules[0].if: it is missing");
    policy_expect_refused(RULE("\"if\":{}"), "rules[0].then: it is missing");
    policy_expect_refused(DOCUMENT("{\"id\":\"\"}"), "rules[0].id: text is wanted");
    policy_expect_refused(DOCUMENT("{\"id\":\"A\"}"),
                          "rules[0].id: a-z, 0-9, '.', '-' and '_' are wanted");
    policy_expect_refused(DOCUMENT("{\"id\":\"default\"}"), "rules[0].id: this is what no rule is");
    policy_expect_refused(DOCUMENT("{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"),
                          "rules[0].id: the text is too long");
    policy_expect_refused(DOCUMENT("{\"id\":\"a\",\"if\":{},\"then\":\"deny\"},"
                                   "{\"id\":\"a\",\"if\":{},\"then\":\"deny\"}"),
                          "rules[1].id: two rules have this id");
    policy_expect_refused(RULE("\"because\":\"a\\nb\""),
                          "rules[0].because: printable ASCII is wanted");
    policy_expect_refused(THEN("\"perhaps\""),
                          "rules[0].then: allow, deny, hook or {\"approve\": ...} is wanted");
    policy_expect_refused(THEN("1"), "rules[0].then: an object is wanted");
    policy_expect_refused(THEN("{}"), "rules[0].then.approve: it is missing");
}

static void quorums(void **state)
{
    (void)state;
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":1}}"),
                          "rules[0].then.approve.of: it is missing");
    policy_expect_refused(THEN("{\"approve\":{\"of\":[" KEY "]}}"),
                          "rules[0].then.approve.quorum: it is missing");
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":0,\"of\":[" KEY "]}}"),
                          "rules[0].then.approve.quorum: out of its range");
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":2,\"of\":[" KEY "]}}"),
                          "rules[0].then.approve: more are needed than there are");
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":2,\"of\":[" KEY "," KEY "]}}"),
                          "rules[0].then.approve.of[1]: it is there twice");
    policy_expect_refused(
        THEN("{\"approve\":{\"quorum\":1,\"of\":[\"ab\"]}}"),
        "rules[0].then.approve.of[0]: the id of a key is 64 lower-case hexadecimal "
        "digits");
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":1,\"of\":[" KEY "],\"seconds\":0}}"),
                          "rules[0].then.approve.seconds: out of its range");
    policy_expect_refused(THEN("{\"approve\":{\"quorum\":1,\"of\":[" KEY "],\"by_creator\":1}}"),
                          "rules[0].then.approve.by_creator: true or false is wanted");
}

static void too_much(void **state)
{
    char *text = calloc(1, CSIG_POLICY_MAX);
    size_t at;

    (void)state;
    at = (size_t)snprintf(text, CSIG_POLICY_MAX, "{\"rules\":[");
    for (int i = 0; i < CSIG_RULES_MAX + 1; i++)
        at +=
            (size_t)snprintf(text + at, CSIG_POLICY_MAX - at,
                             "%s{\"id\":\"%d\",\"if\":{},\"then\":\"deny\"}", i > 0 ? "," : "", i);
    (void)snprintf(text + at, CSIG_POLICY_MAX - at, "]}");
    policy_expect_refused(text, "rules: the list is too long");

    at = (size_t)snprintf(text, CSIG_POLICY_MAX, "{\"rules\":[{\"if\":{\"chains\":[\"a:b\"");
    for (int i = 1; i < 2048; i++)
        at += (size_t)snprintf(text + at, CSIG_POLICY_MAX - at, ",\"a:b\"");
    (void)snprintf(text + at, CSIG_POLICY_MAX - at, "],\"types\":[\"psbt\"]}}]}");
    policy_expect_refused(text, "rules[0].if.types[0]: too many entries in all");
    free(text);
}

static void what_is_read_is_told(void **state)
{
    static const char text[] =
        "{ \"version\" : 1, \"default\":\"deny\",\"rules\":[{\"then\":\"hook\",\"id\":\"a\","
        "\"if\":{}}], \"changes\":{\"quorum\":1,\"of\":[" KEY "],\"by_creator\":true}}";
    static const char canonical[] =
        "{\"changes\":{\"by_creator\":true,\"of\":[" KEY "],\"quorum\":1},\"default\":\"deny\","
        "\"rules\":[{\"id\":\"a\",\"if\":{},\"then\":\"hook\"}],\"version\":1}";
    char out[sizeof canonical];
    size_t len = 0;
    csig_policy *p;

    (void)state;
    assert_int_equal(csig_policy_read(&p, text, strlen(text), NULL), CSIG_OK);
    assert_int_equal(csig_policy_text(p, NULL, &len), CSIG_E_BUFFER);
    assert_int_equal(len, sizeof canonical);
    assert_int_equal(csig_policy_text(p, out, &len), CSIG_OK);
    assert_string_equal(out, canonical);
    assert_true(csig_policy_has_decision(p, CSIG_HOOK));
    assert_false(csig_policy_has_decision(p, CSIG_ALLOW));
    assert_int_equal(csig_policy_changes(p)->needed, 1);
    assert_int_equal(csig_policy_changes(p)->by_creator, 1);
    csig_policy_free(p);
    p = policy_of("{\"id\":\"a\",\"if\":{},\"then\":\"hook\"}");
    assert_null(csig_policy_changes(p));
    csig_policy_free(p);
    csig_policy_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents), cmocka_unit_test(json_is_strict),
        cmocka_unit_test(rules),     cmocka_unit_test(quorums),
        cmocka_unit_test(too_much),  cmocka_unit_test(what_is_read_is_told)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
