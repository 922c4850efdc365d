/* Rounds 1 to 3 of presigning and signing, attacked with values that are none and proofs that
 * belong elsewhere. The letters are those of the catalogue of attacks: B2 zeros and non-units, B5
 * replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "support/random.h"

static attack a;

static int setup(void **state)
{
    (void)state;
    random_seed(34);
    attack_init(&a, dealer_new(2, 2, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a);
    return 0;
}

static void tell(uint8_t round, csig_err (*make)(csig_run *, csig_out *), csig_err err,
                 uint8_t found)
{
    attack_round(&a, &csig_sign_protocol, CHEAT, round)->make = make;
    attack_sign(&a, VICTIM);
    attack_expect(&a, err, found, CHEAT);
    attack_end(&a);
}

/* --- round 1 --- */

static csig_int *wanted; /* what a ciphertext is replaced by */

static csig_err bad_K(csig_run *run, csig_out *out)
{
    csig_presign_r1 *msg = out->bcast;

    CSIG_TRY(csig_sign_round_1.make(run, out));
    msg->K = *wanted;
    return CSIG_OK;
}

static csig_err bad_G(csig_run *run, csig_out *out)
{
    csig_presign_r1 *msg = out->bcast;

    CSIG_TRY(csig_sign_round_1.make(run, out));
    msg->G = *wanted;
    return CSIG_OK;
}

static csig_err bad_D(csig_run *run, csig_out *out)
{
    csig_presign_r2_part *part = out->part[VICTIM];

    CSIG_TRY(csig_presign_round_2.make(run, out));
    part->gamma.D = *wanted;
    return CSIG_OK;
}

static csig_err bad_F_hat(csig_run *run, csig_out *out)
{
    csig_presign_r2_part *part = out->part[VICTIM];

    CSIG_TRY(csig_presign_round_2.make(run, out));
    part->w.F = *wanted;
    return CSIG_OK;
}

/* 0, 1, N, N^2, N^2 + 1, and the largest that the field holds */
static void B2_ciphertexts_that_are_none(void **state)
{
    const csig_int n[2] = {a.g.d->aux[CHEAT]->pub.n, a.g.d->aux[VICTIM]->pub.n};
    csig_int values[6], one;

    (void)state;
    csig_int_set_u64(&one, 1);
    for (int owner = 0; owner < 2; owner++) {
        csig_int_set_u64(&values[0], 0);
        values[1] = one;
        values[2] = n[owner];
        csig_int_mul(&values[3], &n[owner], &n[owner]);
        csig_int_add(&values[4], &values[3], &one);
        csig_int_pow2(&values[5], CSIG_NN_BITS);
        csig_int_sub(&values[5], &values[5], &one);
        for (size_t i = 0; i < CSIG_ARRAY_LEN(values); i++) {
            wanted = &values[i];
            if (owner == 0) tell(1, bad_K, CSIG_E_PROOF, 1);
            if (owner == 0) tell(1, bad_G, CSIG_E_PROOF, 1);
            if (owner == 0) tell(2, bad_F_hat, CSIG_E_PROOF, 2);
            if (owner == 1) tell(2, bad_D, CSIG_E_PROOF, 2);
        }
    }
}

/* Proofs of nothing but zeros, and points that must be there: the generator. */
static void zero_encelg(csig_zk_encelg *p)
{
    memset(p, 0, sizeof *p);
    csig_point_generator(&p->Y);
    csig_point_generator(&p->Z);
}

static void zero_affg(csig_zk_affg *p)
{
    memset(p, 0, sizeof *p);
    csig_point_generator(&p->Bx);
}

static void zero_elog(csig_zk_elog *p)
{
    memset(p, 0, sizeof *p);
    csig_point_generator(&p->A);
    csig_point_generator(&p->N);
    csig_point_generator(&p->B);
}

static int which;

static csig_err zero_round_1(csig_run *run, csig_out *out)
{
    csig_presign_r1_part *part = out->part[VICTIM];

    CSIG_TRY(csig_sign_round_1.make(run, out));
    zero_encelg(which == 0 ? &part->psi0 : &part->psi1);
    return CSIG_OK;
}

static csig_err zero_round_2(csig_run *run, csig_out *out)
{
    csig_presign_r2 *msg = out->bcast;
    csig_presign_r2_part *part = out->part[VICTIM];

    CSIG_TRY(csig_presign_round_2.make(run, out));
    if (which == 0) zero_elog(&msg->psi);
    if (which == 1) zero_affg(&part->gamma.psi);
    if (which == 2) zero_affg(&part->w.psi);
    return CSIG_OK;
}

static csig_err zero_round_3(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    zero_elog(&msg->psi);
    return CSIG_OK;
}

static void B2_proofs_of_zeros(void **state)
{
    (void)state;
    for (which = 0; which < 2; which++)
        tell(1, zero_round_1, CSIG_E_PROOF, 1);
    for (which = 0; which < 3; which++)
        tell(2, zero_round_2, CSIG_E_PROOF, 2);
    tell(3, zero_round_3, CSIG_E_PROOF, 3);
}

/* "Fast MtA": psi0 and psi1 in each other's place, as if any proof would do. */
static csig_err swapped_proofs(csig_run *run, csig_out *out)
{
    csig_presign_r1_part *part = out->part[VICTIM];
    csig_zk_encelg psi;

    CSIG_TRY(csig_sign_round_1.make(run, out));
    psi = part->psi0;
    part->psi0 = part->psi1;
    part->psi1 = psi;
    return CSIG_OK;
}

static csig_err swapped_answers(csig_run *run, csig_out *out)
{
    csig_presign_r2_part *part = out->part[VICTIM];
    csig_zk_affg psi;

    CSIG_TRY(csig_presign_round_2.make(run, out));
    psi = part->gamma.psi;
    part->gamma.psi = part->w.psi;
    part->w.psi = psi;
    return CSIG_OK;
}

/* gamma = k: the statements are the same, one proof is sent for both. */
static csig_err one_proof_for_both(csig_run *run, csig_out *out)
{
    csig_presign_r1 *msg = out->bcast;
    csig_presign_r1_part *part = out->part[VICTIM];

    CSIG_TRY(csig_sign_round_1.make(run, out));
    msg->G = msg->K;
    msg->B1 = msg->A1;
    msg->B2 = msg->A2;
    part->psi1 = part->psi0;
    return CSIG_OK;
}

static void B5_proofs_have_one_use(void **state)
{
    (void)state;
    tell(1, one_proof_for_both, CSIG_E_PROOF, 1);
    tell(1, swapped_proofs, CSIG_E_PROOF, 1);
    tell(2, swapped_answers, CSIG_E_PROOF, 2);
}

/* A whole first message, proofs included, of another session between the same two. */
static csig_presign_r1 old_msg;
static csig_presign_r1_part old_part;

static csig_err record(csig_run *run, csig_out *out)
{
    CSIG_TRY(csig_sign_round_1.make(run, out));
    old_msg = *(const csig_presign_r1 *)out->bcast;
    old_part = *(const csig_presign_r1_part *)out->part[VICTIM];
    return CSIG_OK;
}

static csig_err replay(csig_run *run, csig_out *out)
{
    CSIG_TRY(csig_sign_round_1.make(run, out));
    *(csig_presign_r1 *)out->bcast = old_msg;
    *(csig_presign_r1_part *)out->part[VICTIM] = old_part;
    return CSIG_OK;
}

static void B5_replay_from_another_session(void **state)
{
    (void)state;
    attack_round(&a, &csig_sign_protocol, CHEAT, 1)->make = record;
    attack_sign(&a, VICTIM);
    signing_expect_signature_but(&a.g, &a.intent, CHEAT);
    attack_end(&a);
    tell(1, replay, CSIG_E_PROOF, 1);
}

static void honest_parties_sign_afterwards(void **state)
{
    (void)state;
    attack_sign(&a, VICTIM);
    signing_expect_signature(&a.g, &a.intent);
    attack_end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(B2_ciphertexts_that_are_none),
        cmocka_unit_test(B2_proofs_of_zeros),
        cmocka_unit_test(B5_proofs_have_one_use),
        cmocka_unit_test(B5_replay_from_another_session),
        cmocka_unit_test(honest_parties_sign_afterwards),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
