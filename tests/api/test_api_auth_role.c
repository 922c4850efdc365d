/* Who may do what: the table against one written otherwise, selectors, default deny. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "auth/role.h"

/* All that is allowed; everything else is denied. */
static const struct {
    csigd_role role;
    csigd_act act;
} allowed[] = {
    {CSIGD_ROLE_CREATE, CSIGD_ACT_WALLET_CREATE},    {CSIGD_ROLE_CREATE, CSIGD_ACT_WALLET_READ},
    {CSIGD_ROLE_SIGN, CSIGD_ACT_WALLET_READ},        {CSIGD_ROLE_SIGN, CSIGD_ACT_REQUEST_CREATE},
    {CSIGD_ROLE_SIGN, CSIGD_ACT_REQUEST_READ},       {CSIGD_ROLE_SIGN, CSIGD_ACT_REQUEST_CANCEL},
    {CSIGD_ROLE_APPROVE, CSIGD_ACT_WALLET_READ},     {CSIGD_ROLE_APPROVE, CSIGD_ACT_REQUEST_READ},
    {CSIGD_ROLE_APPROVE, CSIGD_ACT_REQUEST_APPROVE}, {CSIGD_ROLE_APPROVE, CSIGD_ACT_POLICY_READ},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_WALLET_READ},     {CSIGD_ROLE_OPERATE, CSIGD_ACT_WALLET_OPERATE},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_REQUEST_READ},    {CSIGD_ROLE_OPERATE, CSIGD_ACT_REQUEST_CANCEL},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_POLICY_READ},     {CSIGD_ROLE_OPERATE, CSIGD_ACT_POLICY_CHANGE},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_KEY_MANAGE},      {CSIGD_ROLE_OPERATE, CSIGD_ACT_AUDIT_READ},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_SERVICE_OPERATE}, {CSIGD_ROLE_READ, CSIGD_ACT_WALLET_READ},
    {CSIGD_ROLE_READ, CSIGD_ACT_REQUEST_READ},       {CSIGD_ROLE_READ, CSIGD_ACT_POLICY_READ},
    {CSIGD_ROLE_READ, CSIGD_ACT_AUDIT_READ},         {CSIGD_ROLE_DEVICE, CSIGD_ACT_WALLET_READ},
    {CSIGD_ROLE_DEVICE, CSIGD_ACT_REQUEST_READ},     {CSIGD_ROLE_DEVICE, CSIGD_ACT_REQUEST_CANCEL},
    {CSIGD_ROLE_DEVICE, CSIGD_ACT_SESSION_JOIN},     {CSIGD_ROLE_DEVICE, CSIGD_ACT_ACCOUNT_READ},
    {CSIGD_ROLE_OPERATE, CSIGD_ACT_ACCOUNT_READ},
};

static bool is_allowed(unsigned role, unsigned act)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (allowed[i].role == role && allowed[i].act == act) return true;
    }
    return false;
}

static bool is_service_act(unsigned act)
{
    return act == CSIGD_ACT_KEY_MANAGE || act == CSIGD_ACT_AUDIT_READ ||
           act == CSIGD_ACT_SERVICE_OPERATE;
}

static const uint8_t ids[3][16] = {{1}, {2}, {3}};

static csigd_auth decide(unsigned roles, csigd_select kind, csigd_act act, const uint8_t *id,
                         const char *label)
{
    csigd_grant grant = {.roles = roles, .wallets = {.kind = kind, .ids = ids, .n_ids = 2}};
    const csigd_subject wallet = {.id = id, .label = label};

    memcpy(grant.wallets.label, "treasury/eu", 12);
    return csigd_grant_decide(&grant, act, &wallet);
}

/* Every role, every act: the table says something, and it is what is written above. */
static void the_table_is_total(void **state)
{
    (void)state;
    for (unsigned role = 0; role < CSIGD_ROLE_COUNT; role++) {
        for (unsigned act = 0; act < CSIGD_ACT_COUNT; act++) {
            const csigd_rule rule = csigd_role_table[role][act];
            const csigd_auth want = is_allowed(role, act) ? CSIGD_AUTH_OK : CSIGD_AUTH_FORBIDDEN;

            assert_true(rule == CSIGD_ALLOW || rule == CSIGD_DENY);
            assert_int_equal(
                decide(CSIGD_ROLE_BIT(role), CSIGD_SELECT_ALL, (csigd_act)act, ids[0], ""), want);
            assert_int_equal(
                decide(~CSIGD_ROLE_BIT(role), CSIGD_SELECT_NONE, (csigd_act)act, ids[0], ""),
                CSIGD_AUTH_FORBIDDEN);
            assert_int_equal(decide(0, CSIGD_SELECT_ALL, (csigd_act)act, ids[0], ""),
                             CSIGD_AUTH_FORBIDDEN);
        }
    }
}

/* Every set of roles may do what one of them may. */
static void roles_add_up(void **state)
{
    (void)state;
    for (unsigned roles = 0; roles < 1u << CSIGD_ROLE_COUNT; roles++) {
        for (unsigned act = 0; act < CSIGD_ACT_COUNT; act++) {
            const csigd_grant grant = {.roles = roles};
            bool any = false;

            for (unsigned role = 0; role < CSIGD_ROLE_COUNT; role++)
                any = any || ((roles >> role & 1u) != 0 && is_allowed(role, act));
            assert_int_equal(csigd_grant_has_act(&grant, (csigd_act)act), any);
        }
    }
}

static void acts_of_the_service_need_all_wallets(void **state)
{
    const unsigned everyone = (1u << CSIGD_ROLE_COUNT) - 1;

    (void)state;
    for (unsigned act = 0; act < CSIGD_ACT_COUNT; act++) {
        const csigd_grant all = {.roles = everyone, .wallets = {.kind = CSIGD_SELECT_ALL}};
        const csigd_auth none = csigd_grant_decide(&all, (csigd_act)act, NULL);
        const csigd_auth list =
            decide(everyone, CSIGD_SELECT_LIST, (csigd_act)act, ids[0], "treasury/eu");

        assert_int_equal(none, is_service_act(act) ? CSIGD_AUTH_OK : CSIGD_AUTH_FORBIDDEN);
        assert_int_equal(list, is_service_act(act) ? CSIGD_AUTH_FORBIDDEN : CSIGD_AUTH_OK);
    }
}

static void selectors_have_their_wallets_and_no_others(void **state)
{
    static const struct {
        csigd_select kind;
        const uint8_t *id;
        const char *label;
        bool has;
    } cases[] = {
        {CSIGD_SELECT_NONE, ids[0], "treasury/eu", false},
        {CSIGD_SELECT_ALL, ids[2], "", true},
        {CSIGD_SELECT_ALL, NULL, "", true},
        {CSIGD_SELECT_LIST, ids[0], "", true},
        {CSIGD_SELECT_LIST, ids[1], "", true},
        {CSIGD_SELECT_LIST, ids[2], "treasury/eu", false},
        {CSIGD_SELECT_LIST, NULL, "treasury/eu", false},
        {CSIGD_SELECT_LABEL, ids[2], "treasury/eu", true},
        {CSIGD_SELECT_LABEL, ids[2], "treasury/eu/hot", true},
        {CSIGD_SELECT_LABEL, NULL, "treasury/eu/", true},
        {CSIGD_SELECT_LABEL, ids[0], "treasury/europe", false},
        {CSIGD_SELECT_LABEL, ids[0], "treasury", false},
        {CSIGD_SELECT_LABEL, ids[0], "treasury/e", false},
        {CSIGD_SELECT_LABEL, ids[0], "Treasury/eu", false},
        {CSIGD_SELECT_LABEL, ids[0], "", false},
        {(csigd_select)99, ids[0], "treasury/eu", false},
    };
    csigd_selector empty = {.kind = CSIGD_SELECT_LABEL};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(decide(CSIGD_ROLE_BIT(CSIGD_ROLE_READ), cases[i].kind,
                                CSIGD_ACT_WALLET_READ, cases[i].id, cases[i].label),
                         cases[i].has ? CSIGD_AUTH_OK : CSIGD_AUTH_FORBIDDEN);
    /* No label is above all. */
    assert_false(csigd_selector_has_wallet(&empty, &(csigd_subject){.id = ids[0], .label = ""}));
    assert_false(csigd_selector_has_wallet(&empty, &(csigd_subject){.id = ids[0], .label = "/a"}));
}

static void roles_have_names(void **state)
{
    csigd_role role = CSIGD_ROLE_CREATE;

    (void)state;
    for (unsigned i = 0; i < CSIGD_ROLE_COUNT; i++) {
        assert_true(csigd_role_is_read(&role, csigd_role_name((csigd_role)i)));
        assert_int_equal(role, i);
    }
    assert_false(csigd_role_is_read(&role, "Create"));
    assert_false(csigd_role_is_read(&role, ""));
}

static void labels_are_paths(void **state)
{
    static const char *const good[] = {"a", "treasury/eu/hot", "a.b-c_9", "0/1"};
    static const char *const bad[] = {"",  "/",   "/a",  "a/",        "a//b",
                                      "A", "a b", "a\n", "a\xc3\xa4", "a%2fb"};
    char longest[CSIGD_LABEL_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(csigd_label_is_fine(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (csigd_label_is_fine(bad[i])) fail_msg("%s", bad[i]);
    memset(longest, 'a', sizeof longest);
    longest[CSIGD_LABEL_MAX] = '\0';
    assert_true(csigd_label_is_fine(longest));
    longest[CSIGD_LABEL_MAX] = 'a';
    longest[CSIGD_LABEL_MAX + 1] = '\0';
    assert_false(csigd_label_is_fine(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_total),
        cmocka_unit_test(roles_add_up),
        cmocka_unit_test(acts_of_the_service_need_all_wallets),
        cmocka_unit_test(selectors_have_their_wallets_and_no_others),
        cmocka_unit_test(roles_have_names),
        cmocka_unit_test(labels_are_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
