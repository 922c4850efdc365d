/* Nonces, sums and partial signatures, attacked by one of the signers. The letters are those of the
 * catalogue of attacks: B9 selective abort, D1 unverified output, D2 unverified partials, D3 high
 * s, D4 degenerate values, D5 a nonce chosen late, D11 nonces used twice. */
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

static void add_G(csig_point *P)
{
    csig_point G;

    csig_point_generator(&G);
    CSIG_ASSERT(csig_point_has_add(P, P, &G));
}

static void add_one(csig_scalar *x)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(x, x, &one);
}

/* --- D4: degenerate values --- */

/* k = 0: K = enc(0), A2 = aY + 0; every proof of round 1 is honest. */
static csig_err k_is_zero(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    csig_presign_party *me = &open->party[run->self];
    csig_presign_r1 *msg = out->bcast;
    csig_mta_asked asked;
    csig_scalar ay;

    CSIG_TRY(csig_sign_round_1.make(run, out));
    csig_scalar_set_u32(&s->k, 0);
    csig_job job = csig_mta_ask(&asked, &msg->K, me->paillier, &s->k, run->env.rng);
    CSIG_TRY(csig_exp_run(NULL, &job, 1));
    csig_scalar_mul(&ay, &s->a, &s->y);
    CSIG_TRY(csig_point_mul_g(&msg->A2, run->env.curve, &ay));
    me->K = msg->K;
    me->A2 = msg->A2;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_zk_encelg_stmt stmt = {.prover = me->paillier,
                                          .verifier = open->party[j].pedersen,
                                          .C = &msg->K,
                                          .A = &msg->Y,
                                          .B = &msg->A1,
                                          .X = &msg->A2};
        const csig_zk_encelg_wit wit = {.x = &s->k, .rho = &asked.rho, .b = &s->a, .y = &s->y};
        csig_presign_r1_part *part = out->part[j];
        csig_transcript tr;

        if (j == run->self) continue;
        csig_transcript_proof(&tr, CSIG_LABEL_ZK_ENCELG_K, run->ssid, run->index[run->self],
                              run->index[j]);
        CSIG_TRY(csig_zk_encelg_prove(&part->psi0, &run->env, &tr, &stmt, &wit));
    }
    return CSIG_OK;
}

/* Delta = 0 Gamma has no encoding: something else is sent, with the best proof there is. */
static csig_err Delta_of_k_zero(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_secret *s = run->secret;
    const csig_presign_party *me = &open->party[run->self];
    csig_presign_r3 *msg = out->bcast;
    const csig_zk_elog_stmt stmt = {
        .L = &me->A1, .M = &me->A2, .X = &me->Y, .Y = &msg->Delta, .H = &open->Gamma};
    const csig_zk_elog_wit wit = {.y = &s->k, .lambda = &s->a, .x = &s->y};
    csig_transcript tr;

    msg->delta = s->delta;
    msg->Delta = open->Gamma;
    CSIG_TRY(csig_point_mul(&msg->S, &s->chi, &open->Gamma));
    csig_transcript_proof(&tr, CSIG_LABEL_ZK_ELOG_DELTA, run->ssid, run->index[run->self],
                          CSIG_TO_ALL);
    return csig_zk_elog_prove(&msg->psi, &run->env, &tr, &stmt, &wit);
}

static void D4_k_of_zero(void **state)
{
    (void)state;
    attack_round(&a, &csig_sign_protocol, CHEAT, 1)->make = k_is_zero;
    attack_round(&a, &csig_sign_protocol, CHEAT, 3)->make = Delta_of_k_zero;
    attack_round(&a, &csig_sign_protocol, CHEAT, 3)->step = NULL; /* it would find itself out */
    attack_sign(&a, VICTIM);
    attack_expect(&a, CSIG_E_PROOF, 3, CHEAT);
    attack_end(&a);
}

/* Infinity where a point must be has no encoding: 33 zeros are malformed, and that is named. */
static void no_point(void *at, uint8_t *piece, size_t len)
{
    (void)len;
    memset(piece + *(const size_t *)at, 0, CSIG_POINT_BYTES);
}

static void D4_infinity_is_no_point(void **state)
{
    static const struct {
        uint8_t round;
        size_t at;
    } points[] = {
        {1, 2 * CSIG_NN_BYTES + CSIG_POINT_BYTES}, /* A1 */
        {2, 0},                                    /* Gamma */
        {3, 32},                                   /* S */
        {3, 32 + CSIG_POINT_BYTES},                /* Delta */
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(points); i++) {
        size_t at = points[i].at;
        liar l;

        attack_open_sign(&a, VICTIM);
        liar_init(&l, a.g.net, CHEAT, &a.g.d->id[CHEAT]->key);
        l.round = points[i].round;
        l.piece = LIAR_BCAST;
        l.edit_raw = no_point;
        l.ctx = &at;
        signing_run(&a.g);
        attack_expect(&a, CSIG_E_MESSAGE, points[i].round, CHEAT);
        attack_end(&a);
    }
}

/* --- D4, D5: a nonce chosen after the others' are known --- */

/* Gamma = -Gamma of the victim, so that the sum is infinity: it was fixed by B, blind. */
static csig_err Gamma_that_cancels(csig_run *run, csig_out *out)
{
    csig_presign_r2 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_2.make(run, out));
    csig_point_neg(&msg->Gamma, &attack_open_state(&a, VICTIM)->party[VICTIM].Gamma);
    return CSIG_OK;
}

/* Whoever moves first has the peer's round 2 before it makes its own; whoever moves last, the
 * peer's round 3. */
static void run_in_order(bool cheat_moves_last)
{
    a.g.signers[CHEAT].moves_last = cheat_moves_last;
    a.g.signers[VICTIM].moves_last = !cheat_moves_last;
    attack_open_sign(&a, VICTIM);
    a.g.net->in_order = true;
    signing_run(&a.g);
}

static void D4_Gamma_that_cancels(void **state)
{
    (void)state;
    for (int checked = 1; checked >= 0; checked--) {
        attack_round(&a, &csig_sign_protocol, CHEAT, 2)->make = Gamma_that_cancels;
        if (!checked) attack_round(&a, &csig_sign_protocol, VICTIM, 2)->check = NULL;
        run_in_order(false);
        attack_expect(&a, checked ? CSIG_E_PROOF : CSIG_E_SUM, 2, CHEAT);
        attack_end(&a);
    }
}

/* gamma + 1 in everything of round 2, honestly proven: but for what round 1 fixed. */
static csig_err another_gamma(csig_run *run, csig_out *out)
{
    csig_presign_secret *s = run->secret;

    add_one(&s->gamma);
    return csig_presign_round_2.make(run, out);
}

static void D5_gamma_is_fixed_in_round_1(void **state)
{
    (void)state;
    tell(2, another_gamma, CSIG_E_PROOF, 2, CHEAT);
}

/* --- sums --- */

static csig_err wrong_delta(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_one(&msg->delta);
    return CSIG_OK;
}

static csig_err wrong_S(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_G(&msg->S);
    return CSIG_OK;
}

/* delta + 1 and S + PK: one of the two sums still matches. */
static csig_err wrong_delta_and_S(csig_run *run, csig_out *out)
{
    const csig_presign_open *open = run->open;
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_one(&msg->delta);
    CSIG_ASSERT(csig_point_has_add(&msg->S, &msg->S, &open->pk));
    return CSIG_OK;
}

static csig_err wrong_Delta(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_G(&msg->Delta);
    return CSIG_OK;
}

/* delta_j = -sum of the others': the sum is 0 */
static csig_err delta_that_cancels(csig_run *run, csig_out *out)
{
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    csig_scalar_neg(&msg->delta, &attack_open_state(&a, VICTIM)->party[VICTIM].delta);
    return CSIG_OK;
}

/* Two: the peer. Three: who cannot prove its part (test_abort_sums.c). */
static void wrong_sums_of_the_peer(void **state)
{
    maker *const wrong[] = {wrong_delta, wrong_S, wrong_delta_and_S};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        attack_round(&a, &csig_sign_protocol, CHEAT, 3)->make = wrong[i];
        attack_sign(&a, VICTIM);
        attack_expect(&a, CSIG_E_SUM, 3, CHEAT);
        attack_end(&a);
    }
    tell(3, wrong_Delta, CSIG_E_PROOF, 3, CHEAT);
}

static void D4_delta_of_zero(void **state)
{
    (void)state;
    attack_round(&a, &csig_sign_protocol, CHEAT, 3)->make = delta_that_cancels;
    run_in_order(true);
    attack_expect(&a, CSIG_E_SUM, 3, CHEAT);
    attack_end(&a);
}

/* --- D11 --- */

/* Everything random is fresh in each session, also when the system's source repeats itself: the
 * session's id and what was heard are part of every draw. */
static void D11_nonces_are_of_one_session(void **state)
{
    csig_point Gamma[2], Y[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        attack_open_presign(&a);
        signing_close(&a.g);
        random_constant(0x42);
        a.g.nonces[0][0] ^= (uint8_t)(1 + i);
        attack_presign(&a);
        assert_true(random_taken() > 0);
        assert_true(net_is_all(a.g.net, CSIG_DONE));
        Gamma[i] = attack_open_state(&a, VICTIM)->party[VICTIM].Gamma;
        Y[i] = attack_open_state(&a, CHEAT)->party[CHEAT].Y;
        random_seed(1);
        attack_end(&a);
    }
    assert_false(csig_point_is_eq(&Gamma[0], &Gamma[1]));
    assert_false(csig_point_is_eq(&Y[0], &Y[1]));
}

/* --- two-faced --- */

static void another_K(void *ctx, void *msg)
{
    csig_presign_r1 *m = msg;

    (void)ctx;
    csig_int_set_u64(&m->K, 4);
}

static void two_faced_broadcast_is_named_after_echo(void **state)
{
    liar l;

    (void)state;
    attack_open_sign(&a3, VICTIM);
    liar_init(&l, a3.g.net, CHEAT, &a3.g.d->id[CHEAT]->key);
    l.round = 1;
    l.piece = LIAR_BCAST;
    l.edit = another_K;
    l.to = VICTIM;
    a3.g.net->in_order = true; /* else the cheat may stop itself first */
    signing_run(&a3.g);
    attack_expect(&a3, CSIG_E_EQUIVOCATE, 1, CHEAT); /* both have its signature */
    attack_end(&a3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(D4_k_of_zero),
        cmocka_unit_test(D4_infinity_is_no_point),
        cmocka_unit_test(D4_Gamma_that_cancels),
        cmocka_unit_test(D5_gamma_is_fixed_in_round_1),
        cmocka_unit_test(wrong_sums_of_the_peer),
        cmocka_unit_test(D4_delta_of_zero),
        cmocka_unit_test(D11_nonces_are_of_one_session),
        cmocka_unit_test(two_faced_broadcast_is_named_after_echo),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
