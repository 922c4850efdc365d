/* Whichever allocation fails, ours or jansson's: CSIG_E_MEMORY, nothing is left behind, and the
 * next try goes well. (Where jansson reads a text it cannot always tell this from an ill-formed
 * one.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/mem.h"
#include "support/payloads.h"
#include "support/transactions.h"
#include "support/typed.h"

static size_t left;     /* so many allocations succeed from here */
static size_t standing; /* not freed so far */

void *__real_csig_public_alloc(size_t len);
void __real_csig_public_free(void *p);
void *__wrap_csig_public_alloc(size_t len);
void __wrap_csig_public_free(void *p);

static bool may(void)
{
    if (left == 0) return false;
    left--;
    standing++;
    return true;
}

static void freed(const void *p)
{
    if (p != NULL) standing--;
}

void *__wrap_csig_public_alloc(size_t len)
{
    return may() ? __real_csig_public_alloc(len) : NULL;
}

void __wrap_csig_public_free(void *p)
{
    freed(p);
    __real_csig_public_free(p);
}

static bool tree_failed;

static void *tree_alloc(size_t len)
{
    const bool given = may();

    tree_failed = tree_failed || !given;
    return given ? malloc(len) : NULL;
}

static void tree_free(void *p)
{
    freed(p);
    free(p);
}

/* All that may be done with a payload; only the last error counts. */
static csig_err live(const char *json)
{
    const csig_account account = payloads_account();
    static char out[8192];
    csig_signature sigs[CSIG_INPUTS_MAX];
    csig_payload *p;
    size_t len;
    csig_err err = csig_payload_read(&p, json, strlen(json), NULL);

    if (err == CSIG_OK) err = csig_payload_bind(p, &account, NULL, 0, NULL);
    len = sizeof out;
    if (err == CSIG_OK) err = csig_payload_text(p, out, &len);
    len = sizeof out;
    if (err == CSIG_OK) err = csig_payload_describe(p, out, &len);
    len = sizeof out;
    if (err == CSIG_OK) err = csig_payload_words(p, out, &len);
    if (err == CSIG_OK) {
        payloads_sign(sigs, p);
        len = sizeof out;
        err = csig_payload_finish(p, sigs, csig_payload_inputs(p), out, &len);
    }
    csig_payload_free(p);
    return err;
}

static void every_allocation_may_fail(const char *json)
{
    csig_err err = CSIG_E_MEMORY;
    size_t n = 0;

    for (; err != CSIG_OK; n++) {
        left = n;
        standing = 0;
        tree_failed = false;
        err = live(json);
        if (err != CSIG_OK && err != CSIG_E_MEMORY && !(tree_failed && err == CSIG_E_PAYLOAD))
            fail_msg("%s after %zu allocations: %.100s", csig_err_name(err), n, json);
        if (standing != 0) fail_msg("%zu left after %zu: %.100s", standing, n, json);
    }
    assert_true(n > 5);
}

static void of_every_kind(void **state)
{
    char *mail = typed_payload(TYPED_MAIL, "Mail", TYPED_MAIL_DOMAIN, TYPED_MAIL_MESSAGE);

    (void)state;
    json_set_alloc_funcs(tree_alloc, tree_free);
    every_allocation_may_fail("{\"type\":\"digest\",\"digest\":\"0123456789abcdef0123456789abcdef"
                              "0123456789abcdef0123456789abcdef\"}");
    every_allocation_may_fail("{\"type\":\"eip191\",\"message\":\"hello\"}");
    every_allocation_may_fail("{\"type\":\"eip191\",\"message_hex\":\"0x00\"}");
    every_allocation_may_fail(ETH_TX(ACCESS));
    every_allocation_may_fail(ETH_TX(BLOB));
    every_allocation_may_fail(ETH_TX(SET_CODE));
    every_allocation_may_fail(ETH_TX(APPROVE));
    every_allocation_may_fail(mail);
    json_set_alloc_funcs(malloc, free);
    free(mail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
