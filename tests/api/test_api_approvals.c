/* What people say about requests and changes of policies: whose word counts, once, when, and by
 * which policy. */
#include <stdio.h>
#include <string.h>

#include "api/judging.h"

#define RULE(then)                                                                                 \
    "{\"id\":\"digests\",\"if\":{\"blind\":true,\"types\":[\"digest\"]},\"then\":" then "}"
#define POLICY(rule)   "{\"version\":1,\"default\":\"deny\",\"rules\":[" rule "]}"
#define QUORUM(m, of)  "{\"approve\":{\"quorum\":" m ",\"seconds\":600,\"of\":[" of "]}}"
#define ZEROS16        "0000000000000000"
#define SOMEBODY       "\"" ZEROS16 ZEROS16 ZEROS16 ZEROS16 "\""
#define TWO_OF_THREE   POLICY(RULE(QUORUM("2", "@1,@2,@3")))
#define THREE_OF_THREE POLICY(RULE(QUORUM("3", "@1,@2,@3")))
#define DENIED         POLICY(RULE("\"deny\""))

static csigd_request asked(const char *policy)
{
    csigd_request r;

    judging_policy(policy);
    assert_int_equal(judging_ask(0x11, NULL, &r), CSIGD_OK);
    assert_int_equal(r.state, CSIGD_REQUEST_PENDING);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    memset(r.input.digest, 0x11, sizeof r.input.digest);
    return r;
}

static void says(const csigd_request *r, size_t who, bool yes, csigd_code code, const char *field)
{
    assert_int_equal(judging_say(r, &people[who], yes), code);
    if (code != CSIGD_OK) assert_string_equal(judging_why.field, field);
}

/* --- requests --- */

static void nobody_counts_twice(void **state)
{
    static const char twice[] = POLICY(RULE(QUORUM("2", SOMEBODY "," SOMEBODY)));
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    says(&r, 0, true, CSIGD_OK, "");
    says(&r, 0, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    assert_int_equal(peek("SELECT count(*) FROM approvals"), 1);
    says(&r, 0, false, CSIGD_STATE_CONFLICT, "");
    says(&r, 3, true, CSIGD_FORBIDDEN, "key");
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
    assert_int_equal(judging_release(&r), CSIGD_OK);
    says(&r, 2, true, CSIGD_STATE_CONFLICT, "");
    /* nor in the list */
    assert_null(csigd_policy_take(twice, strlen(twice), &judging_why));
    assert_non_null(strstr(judging_why.detail, "twice"));
}

static void one_no_is_enough(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    says(&r, 1, false, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_REJECTED);
    says(&r, 2, true, CSIGD_STATE_CONFLICT, "");
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
}

static void what_is_late_is_no_approval(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    judging_ahead = 601;
    says(&r, 1, true, CSIGD_STATE_CONFLICT, "");
    csigd_approvals_tick(&judging);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_REJECTED);
    /* what has ended does not come back with the clock */
    judging_ahead = -86400;
    says(&r, 1, true, CSIGD_STATE_CONFLICT, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_REJECTED);
}

/* Who waits waits a little longer, and nothing is decided otherwise. */
static void a_clock_that_jumps_back_ends_and_approves_nothing(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    judging_ahead = -3600;
    csigd_approvals_tick(&judging);
    csigd_requests_tick(&judging);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    says(&r, 0, true, CSIGD_OK, "");
    says(&r, 0, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
}

/* What was approved an hour ahead counts in the hour before. */
static void a_clock_that_jumps_back_forgets_no_spending(void **state)
{
    csigd_request first, second;

    (void)state;
    judging_policy(POLICY("{\"id\":\"once\",\"if\":{\"count\":{\"seconds\":600,\"above\":1}},"
                          "\"then\":\"deny\"}," RULE("\"allow\"")));
    judging_ahead = 3600;
    assert_int_equal(judging_ask(0x21, NULL, &first), CSIGD_OK);
    assert_int_equal(peek("UPDATE request_inputs SET released = unixepoch() + 3600"), -1);
    judging_ahead = 0;
    assert_int_equal(judging_ask(0x22, NULL, &second), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "once");
    judging_ahead = 3600 + 700;
    assert_int_equal(judging_ask(0x22, NULL, &second), CSIGD_OK);
}

static void a_word_is_about_this_and_nothing_else(void **state)
{
    csigd_request r = asked(TWO_OF_THREE), other = r;

    (void)state;
    /* another digest, request, wallet, path, decision, key */
    assert_int_equal(judging_say_as(&r, &r, 0x12, &people[0], true, true), CSIGD_BAD_SIGNATURE);
    assert_string_equal(judging_why.field, "signature");
    other.id[5] ^= 1;
    assert_int_equal(judging_say_as(&r, &other, 0x11, &people[0], true, true), CSIGD_BAD_SIGNATURE);
    assert_int_equal(judging_say(&other, &people[0], true), CSIGD_NOT_FOUND);
    other = r;
    other.wallet[0] ^= 1;
    assert_int_equal(judging_say_as(&r, &other, 0x11, &people[0], true, true), CSIGD_BAD_SIGNATURE);
    other = r;
    other.path[2] = '1';
    assert_int_equal(judging_say_as(&r, &other, 0x11, &people[0], true, true), CSIGD_BAD_SIGNATURE);
    assert_int_equal(judging_say_as(&r, &r, 0x11, &people[0], true, false), CSIGD_BAD_SIGNATURE);
    assert_int_equal(judging_say_as(&r, &r, 0x11, &people[0], false, true), CSIGD_BAD_SIGNATURE);
    other = r;
    memcpy(people[3].id, people[0].id, sizeof people[3].id);
    assert_int_equal(judging_say(&r, &people[3], true), CSIGD_BAD_SIGNATURE);
    assert_int_equal(peek("SELECT count(*) FROM approvals"), 0);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
}

static void who_is_removed_has_approved_nothing(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    assert_int_equal(csigd_key_remove(&judging, people[0].id, &judging_why), CSIGD_OK);
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    says(&r, 0, true, CSIGD_FORBIDDEN, "key");
    says(&r, 2, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
    assert_int_equal(judging_release(&r), CSIGD_OK);
    /* nor once it is approved: nothing leaves on the word of who is gone */
    assert_int_equal(csigd_key_remove(&judging, people[2].id, &judging_why), CSIGD_OK);
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "digests");
}

static void who_asks_does_not_approve_it(void **state)
{
    csigd_request r;

    (void)state;
    judging_policy(TWO_OF_THREE);
    assert_int_equal(judging_ask(0x11, &people[0], &r), CSIGD_OK);
    memset(r.input.digest, 0x11, sizeof r.input.digest);
    says(&r, 0, true, CSIGD_FORBIDDEN, "creator");
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    says(&r, 0, false, CSIGD_OK, ""); /* he may always say no */
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_REJECTED);
}

/* --- the policy changes meanwhile: the newest decides, whenever it is asked --- */

static void the_newest_policy_counts_the_words(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    /* stricter: two words of three are too few by now */
    judging_policy(THREE_OF_THREE);
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    /* others are asked: what those said who are not does not count */
    judging_policy(POLICY(RULE(QUORUM("2", "@2,@4"))));
    says(&r, 2, true, CSIGD_FORBIDDEN, "key");
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    says(&r, 3, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
}

static void a_word_that_comes_under_a_denial_is_not_taken(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    judging_policy(DENIED);
    assert_int_equal(judging_say(&r, &people[1], true), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "digests");
    assert_int_equal(peek("SELECT count(*) FROM approvals"), 1);
    assert_int_equal(judging_state(&r), CSIGD_REQUEST_PENDING);
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
}

/* Two people's words in one: approved by the policy of then is nothing by that of now. */
static void what_was_approved_is_judged_again_before_it_leaves(void **state)
{
    csigd_request r = asked(TWO_OF_THREE);

    (void)state;
    says(&r, 0, true, CSIGD_OK, "");
    says(&r, 1, true, CSIGD_OK, "");
    assert_int_equal(judging_state(&r), CSIGD_APPROVED);
    assert_int_equal(judging_release(&r), CSIGD_OK);
    judging_policy(THREE_OF_THREE);
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "digests");
    judging_policy(POLICY(RULE(QUORUM("2", "@1,@4"))));
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    judging_policy(DENIED);
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    /* and what nothing allows is no */
    judging_policy(POLICY("{\"id\":\"texts\",\"if\":{\"types\":[\"eip191\"]},\"then\":\"allow\"}"));
    assert_int_equal(judging_release(&r), CSIGD_POLICY_DENIED);
    assert_string_equal(judging_why.rule, "default");
    /* the same rule again: the words are there, and nobody has said anything else */
    judging_policy(TWO_OF_THREE);
    assert_int_equal(judging_release(&r), CSIGD_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, judging_setup, judging_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_counts_twice),
        TEST(one_no_is_enough),
        TEST(what_is_late_is_no_approval),
        TEST(a_clock_that_jumps_back_ends_and_approves_nothing),
        TEST(a_clock_that_jumps_back_forgets_no_spending),
        TEST(a_word_is_about_this_and_nothing_else),
        TEST(who_is_removed_has_approved_nothing),
        TEST(who_asks_does_not_approve_it),
        TEST(the_newest_policy_counts_the_words),
        TEST(a_word_that_comes_under_a_denial_is_not_taken),
        TEST(what_was_approved_is_judged_again_before_it_leaves),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
