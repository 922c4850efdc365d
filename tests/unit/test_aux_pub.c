/* What is public about auxiliary info: its walk and its id, which covers everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "share/aux.h"

static void example(csig_aux_pub *pub)
{
    memset(pub, 0, sizeof *pub);
    memset(pub->owner, 7, sizeof pub->owner);
    pub->generation = 5;
    csig_int_set_u64(&pub->n, 101);
    csig_int_set_u64(&pub->n_hat, 103);
    csig_int_set_u64(&pub->s, 107);
    csig_int_set_u64(&pub->t, 109);
    csig_aux_pub_id(pub);
}

static void id_covers_everything(void **state)
{
    csig_aux_pub pub, other;

    (void)state;
    example(&pub);
    for (int i = 0; i < 6; i++) {
        csig_int *const number[] = {&other.n, &other.n_hat, &other.s, &other.t};

        other = pub;
        if (i == 0) other.owner[31] ^= 1;
        if (i == 1) other.generation++;
        if (i >= 2) csig_int_set_u64(number[i - 2], 113);
        csig_aux_pub_id(&other);
        assert_memory_not_equal(other.id, pub.id, sizeof pub.id);
    }
    /* two numbers changing places is another device */
    other = pub;
    other.s = pub.t;
    other.t = pub.s;
    csig_aux_pub_id(&other);
    assert_memory_not_equal(other.id, pub.id, sizeof pub.id);
}

static void walk_is_the_identity(void **state)
{
    static uint8_t out[4 * CSIG_N_BYTES + 40];
    csig_aux_pub pub, back = {0};

    (void)state;
    example(&pub);
    assert_int_equal(csig_wire_size(csig_aux_pub_wire), sizeof out);
    csig_wire_write(csig_aux_pub_wire, &pub, out, sizeof out);
    assert_int_equal(csig_wire_read(csig_aux_pub_wire, &back, out, sizeof out), CSIG_OK);
    csig_aux_pub_id(&back);
    assert_memory_equal(pub.id, back.id, sizeof pub.id);
    assert_int_equal(csig_wire_read(csig_aux_pub_wire, &back, out, sizeof out - 1), CSIG_E_LENGTH);
}

static void pairs_have_a_direction(void **state)
{
    const uint8_t a[CSIG_AUX_ID_BYTES] = {1}, b[CSIG_AUX_ID_BYTES] = {2};
    uint8_t ab[CSIG_SSID_BYTES], ba[CSIG_SSID_BYTES], aa[CSIG_SSID_BYTES];

    (void)state;
    csig_aux_pair_ssid(ab, a, b);
    csig_aux_pair_ssid(ba, b, a);
    csig_aux_pair_ssid(aa, a, a);
    assert_memory_not_equal(ab, ba, sizeof ab);
    assert_memory_not_equal(ab, aa, sizeof ab);
    csig_aux_pair_ssid(ba, a, b);
    assert_memory_equal(ab, ba, sizeof ab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_covers_everything),
        cmocka_unit_test(walk_is_the_identity),
        cmocka_unit_test(pairs_have_a_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
