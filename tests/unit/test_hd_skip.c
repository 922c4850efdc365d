/* The indices that BIP32 says to skip, which nobody will ever meet: HMAC is replaced (--wrap) by
 * one that returns what is wanted. */
#include "share/hd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/hmac.h"
#include "support/hex.h"

static uint8_t I[CSIG_HMAC_BYTES];

void __wrap_csig_hmac_sha512(uint8_t mac[CSIG_HMAC_BYTES], const uint8_t *key, size_t key_len,
                             const uint8_t *msg, size_t len);

void __wrap_csig_hmac_sha512(uint8_t mac[CSIG_HMAC_BYTES], const uint8_t *key, size_t key_len,
                             const uint8_t *msg, size_t len)
{
    (void)key, (void)msg;
    assert_int_equal(key_len, 32);
    assert_int_equal(len, 37);
    memcpy(mac, I, sizeof I);
}

/* The child of 7G when I_L is left. */
static csig_err derive(csig_scalar *shift, csig_point *child, const uint8_t left[32])
{
    const uint8_t cc[32] = {0};
    const uint32_t index = 5;
    csig_scalar seven;
    csig_point parent;

    csig_scalar_set_u32(&seven, 7);
    assert_true(csig_point_has_mul_g_var(&parent, &seven));
    memcpy(I, left, 32);
    return csig_hd_shift(shift, child, NULL, &parent, cc, &index, 1);
}

static void left_half_not_below_the_order(void **state)
{
    uint8_t left[32];
    csig_scalar shift;
    csig_point child;

    (void)state;
    hex_read(left, sizeof left, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    assert_int_equal(derive(&shift, &child, left), CSIG_E_PATH); /* q */
    left[31]--;
    assert_int_equal(derive(&shift, &child, left), CSIG_OK); /* q - 1 */
    assert_memory_equal(shift.b, left, sizeof left);
    memset(left, 0xff, sizeof left);
    assert_int_equal(derive(&shift, &child, left), CSIG_E_PATH);
}

static void child_at_infinity(void **state)
{
    csig_scalar minus_seven, shift;
    csig_point child;

    (void)state;
    csig_scalar_set_u32(&minus_seven, 7);
    csig_scalar_neg(&minus_seven, &minus_seven);
    assert_int_equal(derive(&shift, &child, minus_seven.b), CSIG_E_PATH);
}

/* I_L = 0 is no reason to skip: the child is the parent with another chain code. */
static void no_shift_at_all(void **state)
{
    const uint8_t left[32] = {0};
    csig_scalar seven, shift;
    csig_point parent, child;

    (void)state;
    csig_scalar_set_u32(&seven, 7);
    assert_true(csig_point_has_mul_g_var(&parent, &seven));
    assert_int_equal(derive(&shift, &child, left), CSIG_OK);
    assert_true(csig_scalar_is_zero(&shift));
    assert_true(csig_point_is_eq(&child, &parent));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_half_not_below_the_order),
        cmocka_unit_test(child_at_infinity),
        cmocka_unit_test(no_shift_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
