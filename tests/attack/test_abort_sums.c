/* Sums that do not match, with more than two signers: all prove their part, and who cannot is
 * named. Each way to cheat in the products and in the proofs about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "proto/state.h"
#include "proto/verdicts.h"
#include "support/random.h"

#define ERROR_OF_SIGN    6
#define ERROR_OF_PRESIGN 5

static attack a3, a4;

static int setup(void **state)
{
    (void)state;
    random_seed(72);
    attack_init(&a3, dealer_new(3, 3, true));
    attack_init(&a4, dealer_new(4, 4, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a3);
    attack_free(&a4);
    return 0;
}

static void add_one(csig_scalar *x)
{
    csig_scalar one;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(x, x, &one);
}

static void add_G(csig_point *P)
{
    csig_point G;

    csig_point_generator(&G);
    CSIG_ASSERT(csig_point_has_add(P, P, &G));
}

/* A cheat that knows what it has said: it comes to the error round with the others. */
static csig_err wrong_delta(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_one(&msg->delta);
    open->party[run->self].delta = msg->delta;
    return CSIG_OK;
}

static csig_err wrong_S(csig_run *run, csig_out *out)
{
    csig_presign_open *open = run->open;
    csig_presign_r3 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_3.make(run, out));
    add_G(&msg->S);
    open->party[run->self].S = msg->S;
    return CSIG_OK;
}

/* S of another chi, with everything that follows from it. */
static csig_err other_chi(csig_run *run, csig_out *out)
{
    csig_presign_secret *s = run->secret;

    add_one(&s->chi);
    return csig_presign_round_3.make(run, out);
}

typedef csig_err maker(csig_run *run, csig_out *out);

/* Honest proofs hold. They are checked in order: those of all others before the last one's. */
static unsigned held;

static csig_err check_and_count(const csig_run *run, uint16_t from, const uint8_t *body)
{
    const csig_err err = csig_presign_error_round.check(run, from, body);

    held += err == CSIG_OK;
    return err;
}

static csig_err accept(const csig_run *run, uint16_t from, const uint8_t *body)
{
    (void)run;
    (void)from;
    (void)body;
    return CSIG_OK;
}

static void name_in(attack *a, bool presign, uint16_t cheat, maker *make)
{
    const csig_protocol *p = presign ? &csig_presign_protocol : &csig_sign_protocol;
    csig_error_round error = csig_presign_error_round, cheats = error;

    error.check = check_and_count;
    cheats.check = accept; /* what it thinks of the others is of no interest */
    held = 0;
    for (uint16_t j = 0; j < a->g.count; j++) {
        (void)attack_round(a, p, j, 1);
        a->table[j].protocol.error = &error;
    }
    a->table[cheat].protocol.error = &cheats;
    attack_round(a, p, cheat, 3)->make = make;
    if (presign) attack_open_presign(a);
    if (!presign) attack_open_sign(a, VICTIM);
    a->g.net->duplicate = 30;
    a->g.net->lose = 20;
    signing_run(&a->g);
    /* by the first who names it, at least; the others may hear of it before they come to that */
    if (cheat == a->g.count - 1) assert_true(held >= a->g.count - 2U);
    expect_verdict(&a->g, CSIG_E_PROOF, presign ? ERROR_OF_PRESIGN : ERROR_OF_SIGN, cheat);
    attack_end(a);
}

static void each_of_three_is_named(void **state)
{
    (void)state;
    name_in(&a3, false, 2, wrong_delta);
    name_in(&a3, false, 2, wrong_S);
    name_in(&a3, true, 1, other_chi);
}

static void one_of_four_is_named(void **state)
{
    (void)state;
    name_in(&a4, false, 0, wrong_S);
}

/* --- the proofs themselves --- */

static size_t altered;

static csig_err make_altered(csig_run *run, uint8_t *body)
{
    CSIG_TRY(csig_presign_error_round.make(run, body));
    body[altered] ^= 1;
    return CSIG_OK;
}

static csig_err make_none(csig_run *run, uint8_t *body)
{
    memset(body, 0, csig_presign_error_round.bytes(run));
    return CSIG_OK;
}

/* Where all is about the cheat's proof the others neither make nor check each other's. */
static csig_err check_the_cheat(const csig_run *run, uint16_t from, const uint8_t *body)
{
    return from == CHEAT ? csig_presign_error_round.check(run, from, body) : CSIG_OK;
}

static void only_the_cheat_proves(void)
{
    static csig_error_round others;

    others = csig_presign_error_round;
    others.make = make_none;
    others.check = check_the_cheat;
    for (uint16_t j = 0; j < a3.g.count; j++) {
        (void)attack_round(&a3, &csig_sign_protocol, j, 3);
        a3.table[j].protocol.error = &others;
    }
}

/* An octet less of it, signed. */
static void shorten(void *ctx, network *net, net_packet *p)
{
    csig_header h;

    (void)net;
    liar_header_read(&h, p);
    if (p->from != CHEAT || h.round != ERROR_OF_SIGN) return;
    h.body_len--;
    p->len--;
    liar_header_write(p, &h);
    liar_sign(p, ctx);
}

static void with_error_round(const csig_error_round *error, net_tap *tap, csig_err err)
{
    csig_error_round cheats = *error;

    cheats.check = accept;
    only_the_cheat_proves();
    attack_round(&a3, &csig_sign_protocol, CHEAT, 3)->make = wrong_delta;
    a3.table[CHEAT].protocol.error = &cheats;
    attack_open_sign(&a3, VICTIM);
    a3.g.net->duplicate = 20;
    a3.g.net->tap = tap;
    a3.g.net->tap_ctx = &a3.g.d->id[CHEAT]->key;
    signing_run(&a3.g);
    expect_verdict(&a3.g, err, ERROR_OF_SIGN, CHEAT);
    attack_end(&a3);
}

static void wrong_proofs_are_named(void **state)
{
    csig_error_round error = csig_presign_error_round;

    (void)state;
    error.make = make_none; /* zeros are no points */
    with_error_round(&error, NULL, CSIG_E_MESSAGE);
    error.make = make_altered;
    altered = 100;
    with_error_round(&error, NULL, CSIG_E_PROOF);
    with_error_round(&csig_presign_error_round, shorten, CSIG_E_MESSAGE);
}

/* Who does not prove: nobody can convict it, but all know whom they wait for. */
static void silent(void *ctx, network *net, net_packet *p)
{
    csig_header h;

    (void)ctx;
    (void)net;
    liar_header_read(&h, p);
    if (p->from == CHEAT && h.round == ERROR_OF_SIGN) p->dropped = true;
}

static void silence_is_seen(void **state)
{
    (void)state;
    only_the_cheat_proves();
    attack_round(&a3, &csig_sign_protocol, CHEAT, 3)->make = wrong_delta;
    attack_open_sign(&a3, VICTIM);
    a3.g.net->tap = silent;
    signing_run(&a3.g);
    for (uint16_t j = 1; j < 3; j++) {
        uint16_t missing[CSIG_PARTIES_MAX];
        csig_session *s = a3.g.s[j];
        csig_signature sig;
        csig_blame blame;
        size_t len = 0;

        assert_int_equal(csig_session_phase(s), CSIG_RUNNING);
        assert_int_equal(csig_session_missing(s, missing), 1);
        assert_int_equal(missing[0], a3.g.index[CHEAT]);
        csig_session_blame(s, &blame);
        assert_int_equal(blame.err, CSIG_E_SUM);
        assert_int_equal(blame.culprit, 0);
        assert_string_equal(blame.where, csig_presign_error_round.name);
        /* D12: it is dead all the same, and its secrets are gone. */
        assert_int_equal(csig_sign_signature(s, &sig), CSIG_E_STATE);
        assert_int_equal(csig_session_evidence(s, NULL, &len), CSIG_E_STATE);
        for (size_t i = 0; i < csig_presign_secret_bytes(3); i++)
            assert_int_equal(((const uint8_t *)csig_session_run(s)->secret)[i], 0);
    }
    attack_end(&a3);
}

/* Nobody lies, but the sums do not match: proven by all, so nobody is named. */
static csig_err sums_that_fail(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_presign_open *open = run->open;
    const csig_err err = csig_presign_round_3.step(run, in, culprit);

    CSIG_ASSERT(err == CSIG_OK);
    open->delta_fails = true;
    return CSIG_E_SUM;
}

static void proven_by_all_names_nobody(void **state)
{
    csig_error_round error = csig_presign_error_round;

    (void)state;
    error.make = make_none;
    error.check = accept;
    for (uint16_t j = 0; j < 3; j++) {
        attack_round(&a3, &csig_sign_protocol, j, 3)->step = sums_that_fail;
        a3.table[j].protocol.error = &error;
    }
    attack_sign(&a3, VICTIM);
    for (uint16_t j = 0; j < 3; j++)
        signing_expect_failed(&a3.g, j, CSIG_E_SUM, NOBODY);
    attack_end(&a3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_three_is_named),     cmocka_unit_test(one_of_four_is_named),
        cmocka_unit_test(wrong_proofs_are_named),     cmocka_unit_test(silence_is_seen),
        cmocka_unit_test(proven_by_all_names_nobody),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
