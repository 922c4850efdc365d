/* The numbers of both levels are those of the parameter table (protocol.md 0 and Decided 2, 8):
 * written out here, so that nobody changes one alone. */
#include "base/level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "countersign/types.h"
#include "crypto/pedersen.h"
#include "num/sieve.h"
#include "zk/affg.h"
#include "zk/encelg.h"
#include "zk/fac.h"
#include "zk/mod.h"
#include "zk/prm.h"

static const struct level {
    int level;
    size_t p, n; /* bits of a prime, of N and N^ */
} levels[] = {{128, 1536, 3072}, {112, 1024, 2048}};

/* This build's row. */
static const struct level *row(void)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(levels); i++) {
        if (levels[i].level == CSIG_LEVEL) return &levels[i];
    }
    fail();
    return NULL;
}

static void moduli_have_the_level_s_size(void **state)
{
    (void)state;
    assert_int_equal(CSIG_P_BITS, row()->p);
    assert_int_equal(CSIG_N_BITS, row()->n);
    assert_int_equal(CSIG_NN_BITS, 2 * row()->n);
    assert_int_equal(CSIG_P_BYTES, row()->p / 8);
    assert_int_equal(CSIG_N_BYTES, row()->n / 8);
    assert_int_equal(CSIG_NN_BYTES, row()->n / 4);
}

/* The same at both levels. */
static void ranges_and_repetitions_are_those_of_the_table(void **state)
{
    (void)state;
    assert_int_equal(CSIG_ELL, 256);
    assert_int_equal(CSIG_ELL_P, 1280);
    assert_int_equal(CSIG_EPS, 512);
    assert_int_equal(CSIG_Q_BITS, 256);
    assert_int_equal(CSIG_REPEAT, 128);
    assert_int_equal(CSIG_MOD_NTH_ROOTS, 8);
    /* trial division by every prime below 2^16 is what makes 8 enough */
    assert_int_equal(CSIG_SIEVE_PIECE, 1 << 16);
    assert_int_equal(CSIG_MAX_PARTIES, 16);
    assert_int_equal(CSIG_PARTIES_MAX, 16);
}

/* Sign octet and magnitude, of numbers below 2^bits; or one bit more, for the bound itself. */
static size_t signed_octets(size_t bits)
{
    return 1 + bits / 8 + 1;
}

/* What is on the wire follows: nothing longer is read. */
static void responses_have_the_widths_of_their_bounds(void **state)
{
    const size_t n = row()->n, p = row()->p, scalar = 32, point = 33;
    const size_t mod_n = n / 8, mod_nn = n / 4;

    (void)state;
    /* z1, z2: l + eps + |N|/2; w1, w2: l + eps + 1 + |N^|; v: l + eps + 1 + |N| + |N^| */
    assert_int_equal(csig_wire_size(csig_zk_fac_wire), 5 * mod_n + 2 * signed_octets(768 + p) +
                                                           2 * signed_octets(769 + n) +
                                                           signed_octets(769 + 2 * n));
    /* S, T, D, Y, Z, w, z2; z1: l + eps; z3: l + eps + 1 + |N^| */
    assert_int_equal(csig_wire_size(csig_zk_encelg_wire), 2 * mod_n + mod_nn + 2 * point + scalar +
                                                              mod_n + signed_octets(768) +
                                                              signed_octets(769 + n));
    /* A, B_x, B_y, E, S, F, T, w, w_y; z1: l + eps; z2: l' + eps; z3, z4: l + eps + 1 + |N^| */
    assert_int_equal(csig_wire_size(csig_zk_affg_wire),
                     2 * mod_nn + point + 6 * mod_n + signed_octets(768) + signed_octets(1792) +
                         2 * signed_octets(769 + n));
    /* 128 times A and z */
    assert_int_equal(csig_wire_size(csig_zk_prm_wire), 128 * 2 * mod_n);
    /* w; 128 times a, b and x; 8 times z */
    assert_int_equal(csig_wire_size(csig_zk_mod_wire), mod_n + 128 * (2 + mod_n) + 8 * mod_n);
}

/* Long enough for every exponent of signing, and of Pi-fac but one (pedersen.h). */
static void tables_serve_the_longest_masks(void **state)
{
    (void)state;
    assert_int_equal(CSIG_PEDERSEN_S_BITS, 768 + row()->p + 1);
    assert_int_equal(CSIG_PEDERSEN_T_BITS, 768 + row()->n + 1);
    assert_int_equal(CSIG_INT_BITS, 769 + 2 * row()->n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moduli_have_the_level_s_size),
        cmocka_unit_test(ranges_and_repetitions_are_those_of_the_table),
        cmocka_unit_test(responses_have_the_widths_of_their_bounds),
        cmocka_unit_test(tables_serve_the_longest_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
