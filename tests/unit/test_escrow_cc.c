/* The chain code beside an escrow: opens for the owner of the key, under its label, and not else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "support/escrow.h"
#include "support/zk.h"

/* The box by its definition. */
static void is_what_the_formula_says(void **state)
{
    static const uint8_t nonce[12];
    zk_world *w = *state;
    uint8_t dk[32] = {3}, cc[32] = {8}, Z[32], lab[64], key[64], got[32];
    uint8_t box[CSIG_ESCROW_BOX_BYTES];
    csig_escrow_stmt stmt;
    csig_transcript t;
    csig_scalar x;

    csig_scalar_set_u32(&x, 99);
    escrow_stmt(&stmt, &x, dk);
    assert_int_equal(csig_escrow_cc_seal(box, &w->env, &stmt, cc), CSIG_OK);
    assert_int_equal(crypto_scalarmult(Z, dk, box), 0);
    csig_escrow_label(lab, &stmt);
    csig_transcript_init(&t, CSIG_LABEL_PVE_CC);
    csig_transcript_bytes(&t, Z, 32), csig_transcript_bytes(&t, box, 32);
    csig_transcript_bytes(&t, stmt.ek, 32), csig_transcript_bytes(&t, lab, 64);
    csig_transcript_hash(&t, key);
    assert_int_equal(crypto_aead_chacha20poly1305_ietf_decrypt(got, NULL, NULL, box + 32, 48, lab,
                                                               sizeof lab, nonce, key),
                     0);
    assert_memory_equal(got, cc, sizeof cc);
}

static void the_chain_code_opens_under_its_label_only(void **state)
{
    static const uint8_t nothing[32];
    zk_world *w = *state;
    uint8_t dk[32] = {3}, cc[32], got[32], box[CSIG_ESCROW_BOX_BYTES], twice[sizeof box];
    csig_escrow_stmt stmt, good;
    csig_scalar x;

    csig_scalar_set_u32(&x, 99);
    escrow_stmt(&stmt, &x, dk);
    memset(cc, 0x5c, sizeof cc);
    assert_int_equal(csig_escrow_cc_seal(box, &w->env, &stmt, cc), CSIG_OK);
    assert_int_equal(csig_escrow_cc_seal(twice, &w->env, &stmt, cc), CSIG_OK);
    assert_memory_not_equal(box, twice, sizeof box);
    assert_int_equal(csig_escrow_cc_open(got, box, &stmt, dk), CSIG_OK);
    assert_memory_equal(got, cc, sizeof cc);
    for (size_t at = 0; at < sizeof box; at++) {
        box[at] ^= 1;
        assert_int_equal(csig_escrow_cc_open(got, box, &stmt, dk), CSIG_E_SEAL);
        assert_memory_equal(got, nothing, sizeof got);
        box[at] ^= 1;
    }
    memset(twice, 0, 32); /* E is zero */
    assert_int_equal(csig_escrow_cc_open(got, twice, &stmt, dk), CSIG_E_SEAL);
    good = stmt;
    stmt.epoch++;
    assert_int_equal(csig_escrow_cc_open(got, box, &stmt, dk), CSIG_E_SEAL);
    stmt = good, stmt.index = 2;
    assert_int_equal(csig_escrow_cc_open(got, box, &stmt, dk), CSIG_E_SEAL);
    stmt = good, dk[0] ^= 8;
    assert_int_equal(csig_escrow_cc_open(got, box, &stmt, dk), CSIG_E_ARGUMENT);
    memset(stmt.ek, 0, sizeof stmt.ek);
    assert_int_equal(csig_escrow_cc_seal(box, &w->env, &stmt, cc), CSIG_E_POINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_the_formula_says),
        cmocka_unit_test(the_chain_code_opens_under_its_label_only),
    };

    return cmocka_run_group_tests(tests, zk_world_new, zk_world_free);
}
