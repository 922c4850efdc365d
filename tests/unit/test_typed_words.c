/* Typed values in words: every part in a line of its own, none that a value could pretend. */
#include "payload/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/typed.h"

static void every_kind_of_value(void **state)
{
    csig_payload *p = typed_bound(
        "{'T':[{'name':'b','type':'bool'},{'name':'n','type':'int16'},{'name':'h','type':'uint64'},"
        "{'name':'f','type':'bytes2'},{'name':'o','type':'bytes'},{'name':'s','type':'string'},"
        "{'name':'l','type':'S[][2]'}],'S':[{'name':'c','type':'bool'}]}",
        "T", "{}",
        "{'b':false,'n':-5,'h':'0xff','f':'0x0102','o':'0x','s':'a\\n  n (int16): 6\\u202e',"
        "'l':[[{'c':true}],[]]}");

    (void)state;
    payloads_expect(payloads_words(p), "Typed data (EIP-712): T\n"
                                       "Domain:\n"
                                       "No chain is named: it counts on EVERY chain.\n"
                                       "Message:\n"
                                       "  b (bool): false\n"
                                       "  n (int16): -5\n"
                                       "  h (uint64): 255\n"
                                       "  f (bytes2): \"0x0102\"\n"
                                       "  o (bytes): \"0x\"\n"
                                       "  s (string): \"a\\n  n (int16): 6\\u{202e}\"\n"
                                       "  l (S[][2]): 2\n"
                                       "    [0]: 1\n"
                                       "      [0]:\n"
                                       "        c (bool): true\n"
                                       "    [1]: 0\n"
                                       "What the contract does with it is NOT KNOWN.\n");
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
