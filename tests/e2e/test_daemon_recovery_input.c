/* Which recovery keys a wallet cannot be asked for. */
#include <stdio.h>
#include <string.h>

#include "e2e/fixture.h"

static char key_hex[2 * CSIG_RECOVERY_KEY_BYTES + 1];

static int setup(void **state)
{
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];
    csig_recovery *secret;
    json_t *text;

    if (fixture_setup(state) != 0) return -1;
    assert_int_equal(csig_recovery_new(&secret), CSIG_OK);
    csig_recovery_public(secret, key);
    csig_recovery_free(secret);
    text = json_hex(key, sizeof key);
    snprintf(key_hex, sizeof key_hex, "%s", json_string_value(text));
    json_decref(text);
    return 0;
}

static void expect_field(const char *body, const char *field)
{
    char want[64];
    http_reply r =
        http_call(&server, "POST", "/v1/wallets", "application/json", body, strlen(body));

    snprintf(want, sizeof want, "\"field\":\"%s\"", field);
    if (r.status != 400 || strstr((const char *)r.body, want) == NULL)
        fail_msg("%s: %ld %s", body, r.status, (const char *)r.body);
    http_free(&r);
}

static void what_cannot_be_asked_for(void **state)
{
    const char *k = key_hex, *v = recovery.hex, *p = phone.hex;
    static const struct {
        unsigned signers, parties;
        const char *rows, *field; /* K a key, V the third's identity, P the phone's */
    } wrong[] = {
        {2, 3, "", "parties"},
        {2, 3, "{'index':3,'key':'K'}", "recovery"},
        {2, 3, "{'index':3,'identity':'V'}", "recovery"},
        {2, 3, "{'index':3,'key':'K','identity':''}", "recovery"},
        {2, 3, "{'index':3,'key':'K','identity':'xV'}", "recovery"},
        {2, 3, "{'index':3,'key':'K','identity':'P'}", "recovery"},
        {2, 3, "{'index':3,'key':'K','identity':'V','name':'x'}", "recovery"},
        {2, 3, "{'index':2,'key':'K','identity':'V'}", "recovery"},
        {2, 3, "{'index':4,'key':'K','identity':'V'}", "recovery"},
        {2, 4, "{'index':4,'key':'K','identity':'V'}", "parties"},
        {2, 2, "{'index':3,'key':'K','identity':'V'}", "recovery"},
        {3, 3, "{'index':3,'key':'K','identity':'V'}", "parties"},
        {2, 2, "{'index':2,'key':'K'},{'index':1,'key':'K'}", "recovery"},
        {2, 2, "{'index':1,'key':'K'},{'index':1,'key':'K'}", "recovery"},
        {2, 2, "{'index':1,'key':'K'},{'index':2,'key':'K'}", "recovery"}, /* equal keys */
        {2, 2, "{'index':1,'key':'0'}", "recovery"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char rows[512] = "", body[1024];
        size_t n = 0;

        for (const char *at = wrong[i].rows; *at != '\0'; at++) {
            const char *text = *at == 'K' ? k : *at == 'V' ? v : *at == 'P' ? p : NULL;
            const char one[2] = {*at == '\'' ? '"' : *at, '\0'};

            n += (size_t)snprintf(rows + n, sizeof rows - n, "%s", text != NULL ? text : one);
        }
        snprintf(body, sizeof body,
                 "{\"signers_required\":%u,\"parties\":%u,\"devices\":[\"%s\"],\"nonces\":[\"%s\"],"
                 "\"allow\":[\"digest\"],\"recovery\":[%s]}",
                 wrong[i].signers, wrong[i].parties, p, k, rows);
        expect_field(body, wrong[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_asked_for),
    };

    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
