/* Changes of policies that wait for people: whose word counts, once and in time, and what becomes
 * of two at once. */
#include <stdio.h>
#include <string.h>

#include "api/judging.h"

/* Two of three of the people change it. */
#define RULES "[{\"id\":\"a\",\"if\":{\"types\":[\"eip191\"]},\"then\":\"allow\"}]"
#define GUARDED                                                                                    \
    "{\"version\":1,\"default\":\"deny\",\"rules\":" RULES                                         \
    ",\"changes\":{\"quorum\":2,\"seconds\":600,\"of\":[@1,@2,@3]}}"
#define OPEN "{\"default\":\"deny\",\"rules\":" RULES ",\"version\":1}"

static csigd_change proposed(const person *creator)
{
    csigd_change_wish wish = {.subject = "all",
                              .text = OPEN,
                              .len = strlen(OPEN),
                              .has_creator = creator != NULL,
                              .by_operator = creator == NULL};
    csigd_change change;

    if (creator != NULL) memcpy(wish.creator, creator->id, sizeof wish.creator);
    assert_int_equal(csigd_policy_change(&judging, &wish, &change, &judging_why), CSIGD_OK);
    return change;
}

static csigd_change_state state_of(const csigd_change *change)
{
    csigd_change now;
    csigd_change_state state;

    assert_int_equal(judging.store->policies.change_get(judging.store, change->id, &now),
                     CSIGD_STORED);
    state = now.state;
    csigd_change_clear(&now);
    return state;
}

static uint32_t version(void)
{
    csigd_policy_row row;
    uint32_t v;

    assert_int_equal(judging.store->policies.of_subject(judging.store, "all", &row), CSIGD_STORED);
    v = row.version;
    csigd_policy_row_clear(&row);
    return v;
}

/* as: what is signed. */
static csigd_code say_as(const csigd_change *change, csigd_change as, const char *text,
                         const person *who, bool approves)
{
    char lines[CSIGD_WORD_TEXT_BYTES];
    csigd_word word = {.approves = approves};
    size_t n;

    as.text = (csigd_blob){(uint8_t *)(uintptr_t)text, strlen(text)};
    n = csigd_word_about_change(lines, &as, approves);
    memcpy(word.key, who->id, sizeof word.key);
    assert_int_equal(csigd_key_sign(word.signature, &who->secret, (const uint8_t *)lines, n),
                     CSIGD_AUTH_OK);
    return csigd_change_say(&judging, change->id, &word, &judging_why);
}

static csigd_code say(const csigd_change *change, size_t who, bool approves)
{
    return say_as(change, *change, OPEN, &people[who], approves);
}

static void nobody_counts_twice(void **state)
{
    csigd_change c;

    (void)state;
    judging_policy(GUARDED);
    c = proposed(&people[3]);
    assert_int_equal(c.state, CSIGD_CHANGE_PENDING);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(say(&c, 0, true), CSIGD_OK);
    assert_int_equal(say(&c, 0, false), CSIGD_STATE_CONFLICT);
    assert_int_equal(say(&c, 3, true), CSIGD_FORBIDDEN);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_PENDING);
    assert_int_equal(version(), 1);
    assert_int_equal(say(&c, 1, true), CSIGD_OK);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_DONE);
    assert_int_equal(version(), 2);
    assert_int_equal(say(&c, 2, true), CSIGD_STATE_CONFLICT);
}

static void of_two_at_once_one_comes_into_force(void **state)
{
    csigd_change first, second;

    (void)state;
    judging_policy(GUARDED);
    first = proposed(NULL);
    second = proposed(NULL);
    assert_int_equal(say(&first, 0, true), CSIGD_OK);
    assert_int_equal(say(&second, 0, true), CSIGD_OK);
    assert_int_equal(say(&second, 1, true), CSIGD_OK);
    assert_int_equal(state_of(&second), CSIGD_CHANGE_DONE);
    /* those who were asked about the other one are not asked by what is in force now */
    assert_int_equal(say(&first, 1, true), CSIGD_STATE_CONFLICT);
    assert_true(state_of(&first) != CSIGD_CHANGE_DONE);
    assert_int_equal(version(), 2);
}

static void one_no_is_enough(void **state)
{
    csigd_change c;

    (void)state;
    judging_policy(GUARDED);
    c = proposed(NULL);
    assert_int_equal(say(&c, 2, false), CSIGD_OK);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_REJECTED);
    assert_int_equal(say(&c, 0, true), CSIGD_STATE_CONFLICT);
    assert_int_equal(version(), 1);
}

static void what_is_late_comes_to_nothing(void **state)
{
    csigd_change c;

    (void)state;
    judging_policy(GUARDED);
    c = proposed(NULL);
    assert_int_equal(say(&c, 0, true), CSIGD_OK);
    judging_ahead = 601;
    assert_int_equal(say(&c, 1, true), CSIGD_STATE_CONFLICT);
    csigd_approvals_tick(&judging);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_REJECTED);
    judging_ahead = -86400;
    assert_int_equal(say(&c, 1, true), CSIGD_STATE_CONFLICT);
    assert_int_equal(version(), 1);
}

static void who_is_removed_or_has_proposed_it_does_not_count(void **state)
{
    csigd_change c;

    (void)state;
    judging_policy(GUARDED);
    c = proposed(&people[0]);
    assert_int_equal(say(&c, 0, true), CSIGD_FORBIDDEN);
    assert_string_equal(judging_why.field, "creator");
    assert_int_equal(say(&c, 1, true), CSIGD_OK);
    assert_int_equal(csigd_key_remove(&judging, people[1].id, &judging_why), CSIGD_OK);
    assert_int_equal(say(&c, 2, true), CSIGD_OK);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_PENDING);
    assert_int_equal(say(&c, 1, true), CSIGD_FORBIDDEN);
    assert_string_equal(judging_why.field, "key");
}

static void a_word_is_about_this_and_nothing_else(void **state)
{
    csigd_change c, as;

    (void)state;
    judging_policy(GUARDED);
    c = proposed(NULL);
    assert_int_equal(say_as(&c, c, GUARDED, &people[0], true), CSIGD_BAD_SIGNATURE);
    as = c;
    as.id[0] ^= 1;
    assert_int_equal(say_as(&c, as, OPEN, &people[0], true), CSIGD_BAD_SIGNATURE);
    assert_int_equal(say_as(&as, as, OPEN, &people[0], true), CSIGD_NOT_FOUND);
    as = c;
    as.over_version++;
    assert_int_equal(say_as(&c, as, OPEN, &people[0], true), CSIGD_BAD_SIGNATURE);
    as = c;
    snprintf(as.subject, sizeof as.subject, "label/a");
    assert_int_equal(say_as(&c, as, OPEN, &people[0], true), CSIGD_BAD_SIGNATURE);
    assert_int_equal(peek("SELECT count(*) FROM approvals"), 0);
    assert_int_equal(state_of(&c), CSIGD_CHANGE_PENDING);
}

/* Only over the Unix socket, where nobody is to be asked. */
static void without_approvers_it_is_the_operator_s(void **state)
{
    csigd_change_wish wish = {
        .subject = "all", .text = OPEN, .len = strlen(OPEN), .has_creator = true};
    csigd_change change;

    (void)state;
    judging_policy(OPEN);
    assert_int_equal(csigd_policy_change(&judging, &wish, &change, &judging_why),
                     CSIGD_UNIX_SOCKET_ONLY);
    assert_int_equal(proposed(NULL).state, CSIGD_CHANGE_DONE);
    assert_int_equal(version(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, judging_setup, judging_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_counts_twice),
        TEST(of_two_at_once_one_comes_into_force),
        TEST(one_no_is_enough),
        TEST(what_is_late_comes_to_nothing),
        TEST(who_is_removed_or_has_proposed_it_does_not_count),
        TEST(a_word_is_about_this_and_nothing_else),
        TEST(without_approvers_it_is_the_operator_s),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
