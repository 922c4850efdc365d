/* The front of a claim: read and written. */
#include "proto/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/header.h"

#define LEN (CSIG_CLAIM_BYTES + 5 + 7)

static uint8_t octets[LEN];

static int setup(void **state)
{
    const csig_claim c = {.kind = CSIG_KIND_EVIDENCE,
                          .version = CSIG_FORMAT_VERSION,
                          .level = CSIG_LEVEL,
                          .sort = CSIG_SORT_EQUIVOCATE,
                          .err = CSIG_E_EQUIVOCATE,
                          .protocol = CSIG_PROTOCOL_SIGN,
                          .round = 2,
                          .accused = 3,
                          .accuser = 4,
                          .inputs_len = 5};

    (void)state;
    memset(octets, 0xee, sizeof octets);
    csig_wire_write(csig_claim_wire, &c, octets, CSIG_CLAIM_BYTES);
    return 0;
}

static csig_err read_it(csig_claim *c, size_t len)
{
    const uint8_t *inputs, *rest;
    size_t rest_len;

    CSIG_TRY(csig_claim_read(c, &inputs, &rest, &rest_len, octets, len));
    assert_ptr_equal(inputs, octets + CSIG_CLAIM_BYTES);
    assert_ptr_equal(rest, inputs + c->inputs_len);
    assert_int_equal(rest_len, len - CSIG_CLAIM_BYTES - c->inputs_len);
    return CSIG_OK;
}

static void its_octets(void **state)
{
    const uint8_t want[CSIG_CLAIM_BYTES] = {
        14, 1, CSIG_LEVEL, 2, 68, CSIG_PROTOCOL_SIGN, 2, 0, 3, 0, 4, 0, 0, 0, 5};
    csig_claim c;

    (void)state;
    assert_memory_equal(octets, want, sizeof want);
    assert_int_equal(read_it(&c, LEN), CSIG_OK);
    assert_int_equal(c.accused, 3);
    assert_int_equal(c.accuser, 4);
    assert_int_equal(c.inputs_len, 5);
}

static void lengths_are_checked(void **state)
{
    csig_claim c;

    (void)state;
    for (size_t len = 0; len < CSIG_CLAIM_BYTES + 5; len++)
        assert_int_equal(read_it(&c, len), CSIG_E_LENGTH);
    assert_int_equal(read_it(&c, CSIG_CLAIM_BYTES + 5), CSIG_OK);
    octets[11] = 0xff;
    assert_int_equal(read_it(&c, LEN), CSIG_E_LENGTH);
}

static void kinds_and_sorts_are_checked(void **state)
{
    csig_claim c;

    (void)state;
    octets[0]++;
    assert_int_equal(read_it(&c, LEN), CSIG_E_KIND);
    octets[0]--, octets[1]++;
    assert_int_equal(read_it(&c, LEN), CSIG_E_VERSION);
    octets[1]--, octets[2]++;
    assert_int_equal(read_it(&c, LEN), CSIG_E_LEVEL);
    octets[2]--;
    for (unsigned sort = 0; sort < 256; sort++) {
        octets[3] = (uint8_t)sort;
        assert_int_equal(read_it(&c, LEN), sort >= 1 && sort <= 5 ? CSIG_OK : CSIG_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(its_octets, setup),
        cmocka_unit_test_setup(lengths_are_checked, setup),
        cmocka_unit_test_setup(kinds_and_sorts_are_checked, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
