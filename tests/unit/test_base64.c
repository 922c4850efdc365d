/* Base64: RFC 4648's vectors (section 10), and every way in which a text is not the one. */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static csig_err decode(const char *text, size_t room)
{
    uint8_t out[64];
    size_t len = room;

    return csig_base64_decode(out, &len, text, strlen(text));
}

static void rfc_4648(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(vectors); i++) {
        const char *octets = vectors[i][0], *text = vectors[i][1];
        char encoded[16];
        uint8_t decoded[16];
        size_t len = strlen(octets); /* no more room than needed */

        csig_base64_encode(encoded, sizeof encoded, (const uint8_t *)octets, strlen(octets));
        assert_string_equal(encoded, text);
        assert_int_equal(csig_base64_decode(decoded, &len, text, strlen(text)), CSIG_OK);
        assert_int_equal(len, strlen(octets));
        assert_memory_equal(decoded, octets, len);
    }
}

static void other_texts(void **state)
{
    static const char *const bad[] = {
        "Zg",   "Zg=",  "Zg===", "Zh==",     "Zm9=",  "Zm9v\n",       "Zm9 ",    "Zm-_",
        "=Zg=", "Z===", "====",  "Zg==Zg==", "Zm9vZ", "Zm8=\n\n\n\n", "Zm9\x80",
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++)
        assert_int_equal(decode(bad[i], 64), CSIG_E_FORMAT);
    assert_int_equal(decode("Zm9v", 0), CSIG_E_BUFFER);
    assert_int_equal(decode("Zm9vZm9v", 3), CSIG_E_BUFFER);
    assert_int_not_equal(decode("Zm9v", 2), CSIG_OK);
}

/* Each of the 64 letters, and no other octet, in each place. */
static void the_alphabet(void **state)
{
    const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    (void)state;
    for (size_t place = 0; place < 4; place++) {
        for (int c = 1; c < 256; c++) {
            char text[] = "AAAAAAAA";
            const bool is_letter = strchr(letters, c) != NULL;

            text[place] = (char)c;
            assert_int_equal(decode(text, 64), is_letter ? CSIG_OK : CSIG_E_FORMAT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4648),
        cmocka_unit_test(other_texts),
        cmocka_unit_test(the_alphabet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
