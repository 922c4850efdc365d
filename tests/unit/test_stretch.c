/* Argon2id: known answers of the reference implementation (libargon2), and its limits. */
#include "crypto/stretch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

static const char phrase[] = "correct horse battery staple";

static csig_stretch how(uint32_t ops, uint32_t memory)
{
    csig_stretch h = {.ops = ops, .memory = memory};

    for (uint8_t i = 0; i < sizeof h.salt; i++)
        h.salt[i] = i;
    return h;
}

static void expect(uint32_t ops, uint32_t memory, const void *in, size_t len, const char *hex)
{
    const csig_stretch h = how(ops, memory);
    uint8_t key[CSIG_STRETCH_KEY_BYTES];

    assert_int_equal(csig_stretch_key(key, &h, in, len), CSIG_OK);
    hex_expect(key, sizeof key, hex);
}

static void known_answers(void **state)
{
    uint8_t many[300];

    (void)state;
    memset(many, 'x', sizeof many);
    expect(1, 8192, phrase, sizeof phrase - 1,
           "9aeef75313e585f492c33c5e12d82e9ad253b7dd78632d537e899cd4eddd789c");
    expect(3, 8192, phrase, sizeof phrase - 1,
           "947312f62e4ac86f63c9b622f147b0061846739f53dd00f2d2236cd03db413ac");
    expect(2, 64, "", 0, "27d635f833c91976f01cce988b3019e3b9889f66fe6b9efc7a0ec663c6059d07");
    expect(1, 8, many, sizeof many,
           "b24d657a9c50d94c8131a61f6b0caac011a6698ea1330386a68be011c3d94ba6");
}

static void limits(void **state)
{
    const csig_stretch none = how(0, 8), least = how(1, 7);
    uint8_t key[CSIG_STRETCH_KEY_BYTES];

    (void)state;
    assert_int_equal(csig_stretch_key(key, &none, (const uint8_t *)phrase, 1), CSIG_E_RANGE);
    assert_int_equal(csig_stretch_key(key, &least, (const uint8_t *)phrase, 1), CSIG_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
