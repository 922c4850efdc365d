#include "api/judging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "service/payload.h"

csigd_service judging;
person people[PEOPLE];
_Atomic int64_t judging_ahead;
csigd_problem judging_why;

/* --- what stands in for the service: each test says to the linker which --- */

int64_t __real_csigd_clock_now(void);
int64_t __wrap_csigd_clock_now(void);

int64_t __wrap_csigd_clock_now(void)
{
    return __real_csigd_clock_now() + judging_ahead;
}

/* The key of the test's wallet, whose share is none: the generator. */
csigd_code __wrap_csigd_account_find(const csigd_service *service, const uint8_t *wallet,
                                     csig_account *account, csigd_problem *why);

csigd_code __wrap_csigd_account_find(const csigd_service *service, const uint8_t *wallet,
                                     csig_account *account, csigd_problem *why)
{
    static const csig_account generator = {
        .public_key = {0x02, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0,
                       0x62, 0x95, 0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d,
                       0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98}};

    (void)service, (void)wallet;
    *account = generator;
    return csigd_problem_set(why, CSIGD_OK);
}

/* --- life --- */

static void enrol(person *p)
{
    csigd_key_row row = {
        .all_wallets = true, .roles = CSIGD_ROLE_BIT(CSIGD_ROLE_APPROVE), .owner = "somebody"};
    uint8_t der[CSIGD_KEY_PUBLIC_MAX];
    csigd_key key;

    assert_int_equal(csigd_key_make(&p->secret, CSIGD_KEY_ED25519), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_public(&key, &p->secret), CSIGD_AUTH_OK);
    assert_int_equal(csigd_key_add(&judging, &row, der, csigd_key_write(der, &key), &judging_why),
                     CSIGD_OK);
    memcpy(p->id, row.id, sizeof p->id);
    csigd_key_id(p->hex, &key);
}

int judging_setup(void **state)
{
    (void)state;
    judging_ahead = 0;
    temp_folder();
    temp_service(&judging, 7);
    judging.development = false;
    store_with_wallet(judging.store);
    for (size_t i = 0; i < PEOPLE; i++)
        enrol(&people[i]);
    return 0;
}

int judging_teardown(void **state)
{
    (void)state;
    csigd_service_stop(&judging);
    temp_remove();
    return 0;
}

/* --- what is in force --- */

void judging_policy(const char *text)
{
    csigd_store *s = judging.store;
    static char full[4096], canonical[CSIG_POLICY_MAX + 1];
    csigd_policy_row row;
    const csigd_stored before = s->policies.of_subject(s, "all", &row);
    size_t len = sizeof canonical, at = 0;
    csig_policy *policy;

    for (; *text != '\0'; text++) {
        if (*text == '@')
            at +=
                (size_t)snprintf(full + at, sizeof full - at, "\"%s\"", people[*++text - '1'].hex);
        else
            full[at++] = *text;
    }
    full[at] = '\0';
    policy = csigd_policy_take(full, at, &judging_why);
    if (policy == NULL) fail_msg("%s", judging_why.detail);
    assert_int_equal(csig_policy_text(policy, canonical, &len), CSIG_OK);
    csig_policy_free(policy);
    assert_int_equal(s->policies.put(s, "all", canonical, 1, before == CSIGD_STORED ? "all" : NULL,
                                     before == CSIGD_STORED ? row.version : 0),
                     CSIGD_STORED);
    if (before == CSIGD_STORED) csigd_policy_row_clear(&row);
}

/* --- requests --- */

static size_t put_payload(char text[128], uint8_t digest)
{
    uint8_t octet[32];
    char hex[65];

    memset(octet, digest, sizeof octet);
    csigd_hex_write(hex, octet, sizeof octet);
    return (size_t)snprintf(text, 128, "{\"digest\":\"%s\",\"type\":\"digest\"}", hex);
}

csigd_code judging_ask(uint8_t digest, const person *creator, csigd_request *request)
{
    csigd_request_wish wish = {.path = "m/0/1", .expires_in = CSIGD_EXPIRES_IN_MAX};
    char text[128];
    bool again;

    wish.payload = (csigd_json_raw){text, put_payload(text, digest)};
    wish.has_creator = creator != NULL;
    if (creator != NULL) memcpy(wish.creator, creator->id, sizeof wish.creator);
    return csigd_request_make(&judging, octets(1), &wish, request, &again, &judging_why);
}

csigd_code judging_say_as(const csigd_request *request, const csigd_request *as, uint8_t digest,
                          const person *who, bool approves, bool signs_approval)
{
    char text[CSIGD_WORD_TEXT_BYTES], payload[128];
    csigd_word word = {.approves = approves};
    const size_t len = put_payload(payload, digest);
    const size_t n =
        csigd_word_about_request(text, as, (const uint8_t *)payload, len, signs_approval);

    memcpy(word.key, who->id, sizeof word.key);
    assert_int_equal(csigd_key_sign(word.signature, &who->secret, (const uint8_t *)text, n),
                     CSIGD_AUTH_OK);
    return csigd_request_say(&judging, request->id, &word, &judging_why);
}

csigd_code judging_say(const csigd_request *request, const person *who, bool approves)
{
    return judging_say_as(request, request, request->input.digest[0], who, approves, approves);
}

csigd_request_state judging_state(const csigd_request *request)
{
    csigd_request now;

    assert_int_equal(judging.store->requests.get(judging.store, request->id, 0, &now),
                     CSIGD_STORED);
    return now.state;
}

csigd_code judging_release(const csigd_request *request)
{
    csigd_wallet w;

    assert_int_equal(judging.store->wallet_get(judging.store, octets(1), 0, &w), CSIGD_STORED);
    return csigd_policy_admit(&judging, &w, request, &judging_why);
}
