/* The type "digest": nothing is known of it, and everything says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/payloads.h"

#define HEX    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define DIGEST "{\"type\":\"digest\",\"digest\":\"" HEX "\"}"

static void a_bare_digest(void **state)
{
    csig_payload *p = payloads_bound(DIGEST);
    const csig_facts *f = csig_payload_facts(p);

    (void)state;
    assert_true(f->blind == 1 && f->n_transfers == 0 && f->n_calls == 0 && !f->has_fee);
    assert_string_equal(f->type, "digest");
    assert_string_equal(f->chain, "");
    payloads_expect_digest(p, HEX);
    payloads_expect(payloads_description(p),
                    "{\"approvals\":[],\"blind\":true,\"calls\":[],\"digest\":{\"digest\":\"" HEX
                    "\"},\"digests\":[\"" HEX "\"],\"transfers\":[],\"type\":\"digest\"}");
    payloads_expect_inside(payloads_words(p), "NOT KNOWN");
    payloads_expect_inside(payloads_words(p), "Digest: 0x" HEX "\n");
    payloads_expect(payloads_finished(p), "{}");
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
