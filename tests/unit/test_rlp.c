/* RLP: the Yellow Paper's examples, one way of writing each value, and nothing else read. */
#include "payload/rlp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"
#include "support/trap.h"

#define ROOM 2100

static void there_and_back(void **state)
{
    static const size_t lengths[] = {0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 1024, 2000};
    uint8_t in[ROOM], out[ROOM];

    (void)state;
    for (size_t first = 0; first < 256; first += 51) {
        for (size_t i = 0; i < CSIG_ARRAY_LEN(lengths); i++) {
            csig_rlp_out w = {.out = out, .room = sizeof out};
            csig_rlp whole, octets;

            memset(in, (int)first, sizeof in);
            csig_rlp_put_octets(&w, in, lengths[i]);
            whole = (csig_rlp){out, w.len};
            assert_int_equal(csig_rlp_octets(&octets, &whole), CSIG_OK);
            assert_int_equal(whole.len, 0);
            assert_int_equal(octets.len, lengths[i]);
            assert_memory_equal(octets.at, in, lengths[i]);
            for (size_t cut = 0; cut < w.len; cut++) {
                whole = (csig_rlp){out, cut};
                assert_int_equal(csig_rlp_octets(&octets, &whole), CSIG_E_FORMAT);
            }
        }
    }
}

static void known_encodings(void **state)
{
    static const uint8_t zeros[4] = {0}, n[4] = {0, 0, 4, 0}, fifteen = 15;
    uint8_t out[100];
    csig_rlp_out w = {.out = out, .room = sizeof out};

    (void)state;
    csig_rlp_put_octets(&w, (const uint8_t *)"dog", 3);
    csig_rlp_put_octets(&w, NULL, 0);
    csig_rlp_put_number(&w, zeros, sizeof zeros);
    csig_rlp_put_number(&w, &fifteen, 1);
    csig_rlp_put_number(&w, n, sizeof n);
    csig_rlp_put_list_head(&w, 0);
    csig_rlp_put_list_head(&w, 55);
    csig_rlp_put_list_head(&w, 56);
    csig_rlp_put_list_head(&w, 0x123456);
    hex_expect(out, w.len,
               "83646f678080"
               "0f820400c0f7f838fa123456");
}

typedef enum item { AS_OCTETS, AS_LIST, AS_NUMBER, AS_FIXED } item;

static const struct {
    item as;
    const char *hex;
    csig_err err;
} cases[] = {
    {AS_OCTETS, "", CSIG_E_FORMAT},
    {AS_LIST, "", CSIG_E_FORMAT},
    {AS_OCTETS, "c0", CSIG_E_FORMAT},
    {AS_LIST, "80", CSIG_E_FORMAT},
    {AS_LIST, "00", CSIG_E_FORMAT},
    {AS_LIST, "c0", CSIG_OK},
    {AS_OCTETS, "7f", CSIG_OK},
    {AS_OCTETS, "8180", CSIG_OK},
    {AS_OCTETS, "817f", CSIG_E_FORMAT}, /* stands for itself */
    {AS_OCTETS, "8100", CSIG_E_FORMAT},
    {AS_OCTETS, "b801ff", CSIG_E_FORMAT},   /* a short one written long */
    {AS_OCTETS, "b90001ff", CSIG_E_FORMAT}, /* with a leading zero */
    {AS_OCTETS, "b8", CSIG_E_FORMAT},
    {AS_OCTETS, "bfffffffffffffffff", CSIG_E_FORMAT},
    {AS_LIST, "f800", CSIG_E_FORMAT},
    {AS_LIST, "f837", CSIG_E_FORMAT},
    {AS_LIST, "ffffffffffffffffff", CSIG_E_FORMAT},
    {AS_LIST, "c101", CSIG_OK},
    {AS_LIST, "c2", CSIG_E_FORMAT},
    {AS_NUMBER, "80", CSIG_OK},
    {AS_NUMBER, "01", CSIG_OK},
    {AS_NUMBER, "00", CSIG_E_FORMAT}, /* zero is the empty text */
    {AS_NUMBER, "820001", CSIG_E_FORMAT},
    {AS_NUMBER, "84ffffffff", CSIG_OK},
    {AS_NUMBER, "850100000000", CSIG_E_FORMAT},
    {AS_NUMBER, "c0", CSIG_E_FORMAT},
    {AS_FIXED, "84ffffffff", CSIG_OK},
    {AS_FIXED, "83ffffff", CSIG_E_FORMAT},
    {AS_FIXED, "85ffffffffff", CSIG_E_FORMAT},
    {AS_FIXED, "c0", CSIG_E_FORMAT},
};

static csig_err read_as(item as, csig_rlp *from)
{
    uint8_t four[4];
    csig_rlp inside;

    switch (as) {
    case AS_OCTETS:
        return csig_rlp_octets(&inside, from);
    case AS_LIST:
        return csig_rlp_list(&inside, from);
    case AS_NUMBER:
        return csig_rlp_number(four, sizeof four, from);
    case AS_FIXED:
        return csig_rlp_fixed(four, sizeof four, from);
    }
    return CSIG_E_ARGUMENT;
}

static void one_encoding_per_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        const size_t len = strlen(cases[i].hex) / 2;
        uint8_t octets[20];
        csig_rlp from = {octets, len};

        hex_read(octets, len, cases[i].hex);
        assert_int_equal(read_as(cases[i].as, &from), cases[i].err);
        if (cases[i].err == CSIG_OK) assert_int_equal(from.len, 0);
    }
}

/* A length of 56, written with a leading zero. */
static void no_zero_leads_a_length(void **state)
{
    uint8_t in[60] = {0xb9, 0, 56};
    csig_rlp from = {in, 59}, inside;

    (void)state;
    assert_int_equal(csig_rlp_octets(&inside, &from), CSIG_E_FORMAT);
    in[1] = 0xb8;
    from = (csig_rlp){in + 1, 58};
    assert_int_equal(csig_rlp_octets(&inside, &from), CSIG_OK);
}

static void no_room(void *arg)
{
    uint8_t out[3];
    csig_rlp_out w = {.out = out, .room = sizeof out};

    (void)arg;
    csig_rlp_put_octets(&w, (const uint8_t *)"dog", 3);
}

static void broken_promises(void **state)
{
    (void)state;
    assert_true(trap_is_hit(no_room, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),         cmocka_unit_test(known_encodings),
        cmocka_unit_test(one_encoding_per_value), cmocka_unit_test(no_zero_leads_a_length),
        cmocka_unit_test(broken_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
