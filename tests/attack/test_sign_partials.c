/* Partial and finished signatures, attacked by one of the signers. The letters are those of the
 * catalogue of attacks: B9 selective abort, D1 unverified output, D2 unverified partials, D3 high
 * s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "support/random.h"

static attack a, a3; /* two signers, three signers */

static int setup(void **state)
{
    (void)state;
    random_seed(36);
    attack_init(&a, dealer_new(2, 2, true));
    attack_init(&a3, dealer_new(3, 3, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a);
    attack_free(&a3);
    return 0;
}

typedef csig_err maker(csig_run *run, csig_out *out);

/* Two signers: the peer is named. Three: only where what was said is wrong by itself. */
static void tell(uint8_t round, maker *make, csig_err err, uint8_t found, uint16_t named_by_three)
{
    attack_round(&a, &csig_sign_protocol, CHEAT, round)->make = make;
    attack_sign(&a, VICTIM);
    attack_expect(&a, err, found, CHEAT);
    attack_end(&a);
    attack_round(&a3, &csig_sign_protocol, CHEAT, round)->make = make;
    attack_sign(&a3, VICTIM);
    attack_expect(&a3, err, found, named_by_three);
    attack_end(&a3);
}

static void add_one(csig_scalar *x)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(x, x, &one);
}

static csig_err wrong_sigma(csig_run *run, csig_out *out)
{
    csig_sign_r4 *msg = out->bcast;

    CSIG_TRY(csig_sign_round_4.make(run, out));
    add_one(&msg->sigma);
    return CSIG_OK;
}

static void D2_wrong_partial_is_named(void **state)
{
    (void)state;
    tell(4, wrong_sigma, CSIG_E_PARTIAL, 4, CHEAT);
}

/* Each of three in turn: exactly that one. */
static void D2_each_of_three_in_turn(void **state)
{
    (void)state;
    for (uint16_t bad = 0; bad < 3; bad++) {
        const uint16_t collector = (uint16_t)((bad + 1) % 3);
        csig_blame blame;

        attack_round(&a3, &csig_sign_protocol, bad, 4)->make = wrong_sigma;
        attack_sign(&a3, collector);
        csig_session_blame(a3.g.s[collector], &blame);
        assert_int_equal(blame.err, CSIG_E_PARTIAL);
        assert_int_equal(blame.culprit, a3.g.index[bad]);
        signing_expect_none(&a3.g);
        attack_end(&a3);
    }
}

/* The refused session can be asked nothing more: neither for an answer, nor to go on. */
static void B9_refused_once_refused_for_good(void **state)
{
    static uint8_t bytes[65536];
    csig_signature sig;
    size_t len;

    (void)state;
    attack_round(&a, &csig_sign_protocol, CHEAT, 4)->make = wrong_sigma;
    attack_sign(&a, VICTIM);
    assert_int_equal(csig_err_class(CSIG_E_PARTIAL), CSIG_CLASS_CHEAT);
    assert_int_equal(csig_session_phase(a.g.s[VICTIM]), CSIG_FAILED);
    assert_int_equal(csig_session_send(a.g.s[VICTIM], bytes, sizeof bytes, &len), CSIG_E_STATE);
    assert_int_equal(csig_session_recv(a.g.s[VICTIM], bytes, sizeof bytes), CSIG_E_STATE);
    assert_int_equal(csig_session_confirm(a.g.s[VICTIM]), CSIG_E_STATE);
    assert_int_equal(csig_sign_signature(a.g.s[VICTIM], &sig), CSIG_E_STATE);
    attack_expect(&a, CSIG_E_PARTIAL, 4, CHEAT);
    attack_end(&a);
}

/* --- D1, D3: the finished signature --- */

/* Without the check of each partial, the signature is still verified before it is shown. */
static void D1_E5_output_is_verified(void **state)
{
    (void)state;
    attack_round(&a, &csig_sign_protocol, CHEAT, 4)->make = wrong_sigma;
    attack_round(&a, &csig_sign_protocol, VICTIM, 4)->check = NULL;
    attack_sign(&a, VICTIM);
    attack_expect(&a, CSIG_E_OUTPUT, 4, CHEAT);
    attack_end(&a);
    for (uint16_t j = 1; j < 3; j++)
        attack_round(&a3, &csig_sign_protocol, j, 4)->check = NULL;
    attack_round(&a3, &csig_sign_protocol, CHEAT, 4)->make = wrong_sigma;
    attack_sign(&a3, VICTIM);
    signing_expect_failed(&a3.g, VICTIM, CSIG_E_OUTPUT, NOBODY);
    signing_expect_none(&a3.g);
    attack_end(&a3);
}

static int altered;

/* The collector cheats: another r, another s, the high s, another recovery id. */
static csig_err altered_signature(csig_run *run, csig_out *out)
{
    csig_sign_r5 *msg = out->bcast;
    csig_scalar s;

    CSIG_TRY(csig_sign_round_5.make(run, out));
    if (altered == 0) msg->signature.r[31] ^= 1;
    if (altered == 1) msg->signature.s[31] ^= 1;
    if (altered == 2) {
        memcpy(s.b, msg->signature.s, sizeof s.b);
        csig_scalar_neg(&s, &s);
        memcpy(msg->signature.s, s.b, sizeof s.b);
        msg->signature.recid ^= 1;
    }
    if (altered == 3) msg->signature.recid ^= 1;
    if (altered == 4) memset(&msg->signature, 0, sizeof msg->signature);
    return CSIG_OK;
}

static void D1_D3_reported_signature_is_verified(void **state)
{
    (void)state;
    for (altered = 0; altered < 5; altered++) {
        attack_round(&a, &csig_sign_protocol, CHEAT, 5)->make = altered_signature;
        attack_sign(&a, CHEAT);
        attack_expect(&a, CSIG_E_OUTPUT, 5, CHEAT);
        attack_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D2_wrong_partial_is_named),
        cmocka_unit_test(D2_each_of_three_in_turn),
        cmocka_unit_test(B9_refused_once_refused_for_good),
        cmocka_unit_test(D1_E5_output_is_verified),
        cmocka_unit_test(D1_D3_reported_signature_is_verified),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
