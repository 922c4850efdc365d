/* What held a token is overwritten before it is free: JSON that was read and written, replies. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "http/json.h"
#include "http/json_forget.h"
#include "http/router.h"

static const uint8_t octets_of_it[32] = {0x5e, 0xc2, 0xe7, 0x01, 0x5e, 0xc2, 0xe7, 0x02};
static const char *const words = "5ec2e7015ec2e702";
/* volatile: to a compiler free() looks at nothing. */
static volatile bool is_watching;
static volatile unsigned freed, with_it;

/* Is it anywhere in what is given back? */
void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
    const size_t len = p != NULL && is_watching ? malloc_usable_size(p) : 0;
    const char *text = p;

    freed += len > 0;
    for (size_t i = 0; i + 16 <= len; i++)
        with_it += memcmp(text + i, words, 16) == 0 || memcmp(text + i, octets_of_it, 8) == 0;
    __real_free(p);
}

static void watch(void)
{
    freed = with_it = 0;
    is_watching = true;
}

static void saw_nothing_of_it(void)
{
    is_watching = false;
    assert_true(freed > 0);
    assert_int_equal(with_it, 0);
}

typedef struct body {
    char token[65];
} body;

static const csigd_json_field fields[] = {
    {"token", CSIGD_JSON_TEXT, .at = offsetof(body, token), .size = 65, .min = 1},
};

static void the_watch_sees(void **state)
{
    csigd_json *j = csigd_json_object();
    size_t len;
    char *copy;

    (void)state;
    csigd_json_hex(j, "token", octets_of_it, sizeof octets_of_it);
    copy = csigd_json_print(j, &len);
    watch();
    free(copy);
    is_watching = false;
    assert_int_equal(with_it, 1);
}

static void what_was_read_is_forgotten(void **state)
{
    static const char *const bodies[] = {
        "{\"token\":\"5ec2e7015ec2e702\"}", "{\"token\":\"5ec2e7015ec2e702\",\"more\":1}",
        "{\"token\":\"5ec2e7015ec2e702\",\"token\":1}", "{\"token\":\"5ec2e7015ec2e702",
        "{\"5ec2e7015ec2e702\":1}"};
    csigd_problem why;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        body b = {.token = ""};

        watch();
        assert_int_equal(
            csigd_json_parse(&b, fields, 1, (const uint8_t *)bodies[i], strlen(bodies[i]), &why),
            i == 0 ? CSIGD_OK : CSIGD_BAD_REQUEST);
        saw_nothing_of_it();
    }
}

static void what_was_said_is_forgotten(void **state)
{
    csigd_json *j = csigd_json_object();
    csigd_reply reply;
    size_t len;
    char *text;

    (void)state;
    watch();
    csigd_json_hex(j, "token", octets_of_it, sizeof octets_of_it);
    text = csigd_json_print(j, &len);
    assert_non_null(strstr(text, words));
    reply = csigd_reply_json(201, text, len);
    csigd_reply_free(&reply);
    saw_nothing_of_it();
    csigd_forget(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watch_sees),
        cmocka_unit_test(what_was_read_is_forgotten),
        cmocka_unit_test(what_was_said_is_forgotten),
    };

    csigd_json_forgets();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
