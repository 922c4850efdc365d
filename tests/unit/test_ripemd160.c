/* RIPEMD-160 against the nine known answers of its authors (homes.esat.kuleuven.be/~bosselae/
 * ripemd160.html) and, at every length around the block's edges,
 * what OpenSSL's says. */
#include "crypto/ripemd160.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

static void expect(const char *msg, const char *want)
{
    uint8_t out[CSIG_RIPEMD160_BYTES];

    csig_ripemd160(out, (const uint8_t *)msg, strlen(msg));
    hex_expect(out, sizeof out, want);
}

static void published(void **state)
{
    char eighty[81] = "";

    (void)state;
    expect("", "9c1185a5c5e9fc54612808977ee8f548b2258d31");
    expect("a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe");
    expect("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    expect("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36");
    expect("abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc");
    expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
           "12a053384a9c0c88e405a06c27dcf49ada62eb2b");
    expect("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
           "b0e20b6e3116640286ed3a87a5713079b21f5189");
    for (int i = 0; i < 8; i++)
        strcat(eighty, "1234567890");
    expect(eighty, "9b752e45573d4b39f4dbd3323cab82bf63326bfb");
}

static void a_million_a(void **state)
{
    const size_t len = 1000000;
    uint8_t *msg = malloc(len), out[CSIG_RIPEMD160_BYTES];

    (void)state;
    assert_non_null(msg);
    memset(msg, 'a', len);
    csig_ripemd160(out, msg, len);
    hex_expect(out, sizeof out, "52783243c1697bdbe16d37f97f68f08325dc1528");
    free(msg);
}

/* The padding: 0 to 130 octets of 0, 1, 2, ...; the digests of all, digested. */
static void lengths(void **state)
{
    uint8_t msg[131], all[131][CSIG_RIPEMD160_BYTES], out[CSIG_RIPEMD160_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof msg; i++) {
        msg[i] = (uint8_t)i;
        csig_ripemd160(all[i], msg, i);
    }
    csig_ripemd160(out, all[0], sizeof all);
    hex_expect(out, sizeof out, "b16b3169434ce02da4a3aa150485778e65211293");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(a_million_a),
        cmocka_unit_test(lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
