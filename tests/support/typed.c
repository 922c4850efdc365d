#include "support/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void requote(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') *text = '"';
    }
}

char *typed_payload(const char *types, const char *primary, const char *domain, const char *message)
{
    const size_t len = strlen(types) + strlen(primary) + strlen(domain) + strlen(message) + 200;
    char *json = malloc(len);

    assert_non_null(json);
    (void)snprintf(json, len,
                   "{'type':'eip712','typed_data':{'types':%s,'primaryType':'%s','domain':%s,"
                   "'message':%s}}",
                   types, primary, domain, message);
    requote(json);
    return json;
}

csig_payload *typed_bound(const char *types, const char *primary, const char *domain,
                          const char *message)
{
    char *json = typed_payload(types, primary, domain, message);
    csig_payload *p = payloads_bound(json);

    free(json);
    return p;
}

void typed_refused(const char *types, const char *primary, const char *domain, const char *message,
                   const char *in_why)
{
    char *json = typed_payload(types, primary, domain, message);

    payloads_refused(json, in_why);
    free(json);
}

csig_json *typed_json(const char *quoted)
{
    char *json = strdup(quoted);
    csig_json *j = NULL;

    assert_non_null(json);
    requote(json);
    assert_int_equal(csig_json_read(&j, json, strlen(json), NULL), CSIG_OK);
    free(json);
    return j;
}
