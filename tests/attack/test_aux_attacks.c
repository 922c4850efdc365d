/* A cheating device in the auxiliary session, beyond its moduli (test_aux_moduli.c):
 *
 *   A3  proofs of another session or party    A5  degenerate s and t (CVE-2020-12118)
 *   E2, E4  every kind of field altered, messages of another length
 *
 * and records that are another's, stale or not signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/evil_aux.h"
#include "proto/liar.h"
#include "share/device.h"
#include "support/devices.h"

static aux_pair pair;
static evil_aux e;

/* --- whose record, and which --- */

static void records_of_others(void **state)
{
    csig_aux_record *r = e.record;

    (void)state;
    /* the victim's own, verbatim */
    assert_int_equal(csig_wire_read(csig_aux_record_wire, r, pair.aux[0]->record,
                                    csig_wire_size(csig_aux_record_wire)),
                     CSIG_OK);
    evil_aux_refused_as_is(&e, CSIG_E_MESSAGE, 1);
    /* under the cheat's name, with the victim's signature and with its own: A7 */
    csig_identity_public(pair.id[1], r->pub.owner);
    evil_aux_name(&e);
    evil_aux_refused_as_is(&e, CSIG_E_MESSAGE, 1);
    evil_aux_refused(&e, CSIG_E_MODULUS, 1);
    evil_aux_reset(&e);
    /* signed, but for another owner */
    r->pub.owner[0] ^= 1;
    evil_aux_name(&e);
    evil_aux_refused(&e, CSIG_E_MESSAGE, 1);
    evil_aux_reset(&e);
}

static void records_not_signed(void **state)
{
    (void)state;
    e.record->signature[0] ^= 1;
    evil_aux_refused_as_is(&e, CSIG_E_MESSAGE, 1);
    evil_aux_reset(&e);
    e.record->pub.generation++; /* no field is outside of the signature */
    evil_aux_refused_as_is(&e, CSIG_E_MESSAGE, 1);
    evil_aux_reset(&e);
    e.record->prm.z[127][CSIG_N_BYTES - 1] ^= 1;
    evil_aux_refused_as_is(&e, CSIG_E_MESSAGE, 1);
    evil_aux_reset(&e);
}

/* Device 1 has generation 2: it is taken above 1 and refused above 2. */
static void stale_generations(void **state)
{
    (void)state;
    for (uint64_t above = 1; above <= 2; above++) {
        csig_aux_params p = aux_pair_params(&pair, 0);
        network *net;

        aux_pair_start(&pair, AUX_HONEST, NULL);
        csig_session_free(pair.s[0]);
        p.peer_generation_above = above;
        assert_int_equal(csig_aux_session(&pair.s[0], &p), CSIG_OK);
        net = net_new(pair.s, 2, 1);
        net_run(net);
        if (above == 1)
            assert_true(net_is_all(net, CSIG_DONE));
        else
            aux_pair_refused(&pair, 0, CSIG_E_MESSAGE, 1);
        net_free(net);
        aux_pair_stop(&pair);
    }
}

/* --- A3: the proofs are for one aux id, and that for one owner and generation --- */

static void A3_proofs_of_another_session_or_party(void **state)
{
    csig_aux_record *r = e.record;
    csig_aux *third = devices_aux(AUX_DEVICE + 2, pair.id[0], 1);

    (void)state;
    r->pub.generation++; /* Pi-mod and Pi-prm of the generation before */
    evil_aux_name(&e);
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_prove_prm(&e); /* Pi-mod alone */
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_reset(&e);

    r->pub.generation++;
    evil_aux_name(&e);
    evil_aux_own_factors(&e);
    evil_aux_prove_mod(&e); /* Pi-prm alone */
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_reset(&e);

    /* another device's moduli and proofs under the cheat's name */
    assert_int_equal(csig_wire_read(csig_aux_record_wire, r, third->record,
                                    csig_wire_size(csig_aux_record_wire)),
                     CSIG_OK);
    csig_identity_public(pair.id[1], r->pub.owner);
    evil_aux_name(&e);
    evil_aux_refused(&e, CSIG_E_PROOF, 1);
    evil_aux_reset(&e);
    csig_aux_free(third);
}

/* --- A5 --- */

static void one(csig_int *r)
{
    csig_int_set_u64(r, 1);
}

static void expect_bad_bases(csig_err err)
{
    evil_aux_name(&e);
    evil_aux_refused(&e, err, 1);
    evil_aux_reset(&e);
}

static void A5_degenerate_bases(void **state)
{
    csig_aux_pub *pub = &e.record->pub;
    csig_int *const base[] = {&pub->s, &pub->t};
    csig_sec p;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        one(base[i]);
        expect_bad_bases(CSIG_E_MODULUS);
        one(base[i]), csig_int_sub(base[i], &pub->n_hat, base[i]); /* N^ - 1 */
        expect_bad_bases(CSIG_E_MODULUS);
        csig_int_set_u64(base[i], 0);
        expect_bad_bases(CSIG_E_MODULUS);
        *base[i] = pub->n_hat;
        expect_bad_bases(CSIG_E_MODULUS);
        devices_prime(&p, AUX_PRIME(1) + 2); /* a factor of N^ */
        csig_sec_reveal(base[i], &p);
        expect_bad_bases(CSIG_E_MODULUS);
        *base[i] = *base[1 - i];
        expect_bad_bases(CSIG_E_MODULUS);
    }
}

/* A_i = 1 and z_i = 0 for all i: right for every challenge bit that is 0. */
static void guess_zero(csig_zk_prm *proof)
{
    memset(proof, 0, sizeof *proof);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        proof->A[i][CSIG_N_BYTES - 1] = 1;
}

/* A_i = 1/s and z_i = 0 for all i: right for every challenge bit that is 1. */
static void guess_one(csig_zk_prm *proof, const csig_aux_pub *pub)
{
    csig_int inverse;

    memset(proof, 0, sizeof *proof);
    assert_true(csig_int_has_inverse(&inverse, &pub->s, &pub->n_hat));
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_int_to_bytes(proof->A[i], CSIG_N_BYTES, &inverse);
}

/* s = -t^lambda is not a power of t. Pi-prm as made for t^lambda, and with guessed bits. */
static void A5_s_that_is_no_power_of_t(void **state)
{
    csig_aux_record *r = e.record;

    (void)state;
    for (int forged = 0; forged < 4; forged++) {
        csig_int_sub(&r->pub.s, &r->pub.n_hat, &r->pub.s);
        evil_aux_name(&e);
        if (forged == 0) evil_aux_prove_prm(&e);
        if (forged == 1) guess_zero(&r->prm);
        if (forged == 2) guess_one(&r->prm, &r->pub);
        if (forged == 3) memset(&r->prm, 0, sizeof r->prm); /* zeros solve 0 = 0 */
        evil_aux_own_factors(&e);
        evil_aux_prove_mod(&e); /* so that nothing else is wrong */
        evil_aux_refused(&e, CSIG_E_PROOF, 1);
        evil_aux_reset(&e);
    }
}

/* --- lengths and fields --- */

/* Device 1 lies about one message; neither side checks round 1, whose checks have their own tests
 * and take long. */
static const csig_protocol *unchecked(void)
{
    static const csig_round *rounds[3];
    static csig_round r1;
    static csig_protocol p;

    r1 = csig_auxinfo_r1;
    r1.check = NULL;
    rounds[0] = &r1;
    rounds[1] = &csig_auxinfo_r2;
    rounds[2] = &csig_auxinfo_r3;
    p = csig_auxinfo_protocol;
    p.rounds = rounds;
    return &p;
}

/* Returns whether anything was altered. */
static bool tell(uint8_t round, liar_twist *twist, int resize, bool checked)
{
    const csig_protocol *protocol = unchecked();
    const csig_aux_params victim = aux_pair_params(&pair, 0), cheat = aux_pair_params(&pair, 1);
    const csig_protocol *runs = checked ? &csig_auxinfo_protocol : protocol;
    bool altered = true;
    network *net;
    liar l;

    assert_int_equal(csig_aux_session_of(&pair.s[0], &victim, runs), CSIG_OK);
    assert_int_equal(csig_aux_session_of(&pair.s[1], &cheat, protocol), CSIG_OK);
    net = net_new(pair.s, 2, 1);
    liar_init(&l, net, 1, &pair.id[1]->key);
    l.round = round;
    l.piece = LIAR_BCAST;
    l.resize = resize;
    l.edit_raw = twist == NULL ? NULL : liar_twist_field;
    l.ctx = twist;
    net_run(net);
    assert_true(l.told > 0);
    if (twist != NULL) altered = !twist->same;
    if (altered) {
        csig_blame blame;

        csig_session_blame(pair.s[0], &blame);
        assert_int_equal(csig_session_phase(pair.s[0]), CSIG_FAILED);
        assert_int_equal(csig_err_class(blame.err), CSIG_CLASS_CHEAT);
        assert_int_equal(blame.culprit, 2);
        assert_int_equal(csig_session_pending(pair.s[0]), 0);
    }
    net_free(net);
    aux_pair_stop(&pair);
    return altered;
}

static void A4_E4_other_lengths(void **state)
{
    (void)state;
    for (uint8_t round = 1; round <= 3; round++) {
        tell(round, NULL, 1, true);
        tell(round, NULL, -1, true);
        tell(round, NULL, -64, true);
    }
}

/* Of round 1 one field in forty: the record's signature covers all. What a change does to each
 * number of a proof is tested with the proof. */
static void E2_fields(void **state)
{
    static const liar_change changes[] = {LIAR_FLIP_LAST, LIAR_ZERO, LIAR_ONES, LIAR_NEGATIVE};
    static liar_field fields[2048];
    unsigned cases = 0;

    (void)state;
    for (uint8_t round = 1; round <= 3; round++) {
        liar l = {.round = round, .piece = LIAR_BCAST};
        size_t count;

        aux_pair_start(&pair, AUX_HONEST, NULL);
        l.session = pair.s[1];
        count = liar_fields(&l, fields, CSIG_ARRAY_LEN(fields));
        aux_pair_stop(&pair);
        for (size_t f = 0; f<count; f += round> 1 || f < 8 ? 1 : 40) {
            for (size_t c = 0; c < CSIG_ARRAY_LEN(changes); c++) {
                liar_twist twist = {.field = fields[f], .change = changes[c]};

                cases += tell(round, &twist, 0, round == 1) ? 1 : 0;
            }
        }
    }
    assert_true(cases > 90);
}

static int setup(void **state)
{
    (void)state;
    aux_pair_init(&pair);
    evil_aux_init(&e, &pair);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    evil_aux_free(&e);
    aux_pair_free(&pair);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_others),
        cmocka_unit_test(records_not_signed),
        cmocka_unit_test(stale_generations),
        cmocka_unit_test(A3_proofs_of_another_session_or_party),
        cmocka_unit_test(A5_degenerate_bases),
        cmocka_unit_test(A5_s_that_is_no_power_of_t),
        cmocka_unit_test(A4_E4_other_lengths),
        cmocka_unit_test(E2_fields),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
