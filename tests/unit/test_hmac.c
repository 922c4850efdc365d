/* HMAC-SHA512 against RFC 4231, test cases 1, 2 and 6 (a key longer than a block). */
#include "crypto/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

static void expect(const uint8_t *key, size_t key_len, const char *msg, const char *want)
{
    uint8_t mac[CSIG_HMAC_BYTES], known[CSIG_HMAC_BYTES];

    hex_read(known, sizeof known, want);
    csig_hmac_sha512(mac, key, key_len, (const uint8_t *)msg, strlen(msg));
    assert_memory_equal(mac, known, sizeof mac);
}

static void rfc_4231(void **state)
{
    uint8_t key[131];

    (void)state;
    memset(key, 0x0b, 20);
    expect(key, 20, "Hi There",
           "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
           "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
    expect((const uint8_t *)"Jefe", 4, "what do ya want for nothing?",
           "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
           "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    memset(key, 0xaa, sizeof key);
    expect(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First",
           "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
           "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rfc_4231)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
