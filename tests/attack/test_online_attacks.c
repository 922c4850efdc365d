/* Presignatures attacked: used twice, moved to another digest or path, their nonces and partials
 * altered. The letters are those of the catalogue of attacks: D6 reuse, D8 the path changed at use,
 * D9 the digest changed on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "support/random.h"

static attack a, a3; /* two signers, three signers; VICTIM assigns */

static int setup(void **state)
{
    (void)state;
    random_seed(41);
    attack_init(&a, dealer_new(2, 2, true));
    attack_init(&a3, dealer_new(3, 3, true));
    attack_make_halves(&a);
    attack_make_halves(&a3);
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

/* The cheat is not the assigner: it is named by two and by three. */
static void tell(uint8_t round, maker *make, csig_err err, uint8_t found)
{
    attack_load_halves(&a);
    attack_round(&a, &csig_online_protocol, CHEAT, round)->make = make;
    attack_online(&a);
    attack_expect(&a, err, found, CHEAT);
    attack_end(&a);
    attack_load_halves(&a3);
    attack_round(&a3, &csig_online_protocol, CHEAT, round)->make = make;
    attack_online(&a3);
    attack_expect(&a3, err, found, CHEAT);
    attack_end(&a3);
}

/* --- what the others send --- */

static csig_err another_nonce(csig_run *run, csig_out *out)
{
    csig_online_r2 *msg = out->bcast;

    CSIG_TRY(csig_online_round_2.make(run, out));
    msg->nonce[31] ^= 1;
    return CSIG_OK;
}

static csig_err another_sigma(csig_run *run, csig_out *out)
{
    csig_online_r3 *msg = out->bcast;
    csig_scalar one;

    CSIG_TRY(csig_online_round_3.make(run, out));
    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(&msg->sigma, &msg->sigma, &one);
    return CSIG_OK;
}

static void nonces_are_those_committed(void **state)
{
    (void)state;
    tell(2, another_nonce, CSIG_E_COMMIT, 2);
}

static void D2_wrong_partial_is_named(void **state)
{
    (void)state;
    tell(3, another_sigma, CSIG_E_PARTIAL, 3);
}

/* Not by the assigner alone. */
static void D2_wrong_partial_is_named_by_all(void **state)
{
    (void)state;
    attack_load_halves(&a3);
    attack_round(&a3, &csig_online_protocol, CHEAT, 3)->make = another_sigma;
    attack_online(&a3);
    for (uint16_t j = 0; j < 3; j++)
        if (j != CHEAT) signing_expect_failed(&a3.g, j, CSIG_E_PARTIAL, CHEAT);
    signing_expect_none(&a3.g);
    attack_end(&a3);
}

static void D1_E5_output_is_verified(void **state)
{
    (void)state;
    attack_load_halves(&a);
    attack_round(&a, &csig_online_protocol, CHEAT, 3)->make = another_sigma;
    attack_round(&a, &csig_online_protocol, VICTIM, 3)->check = NULL;
    attack_online(&a);
    attack_expect(&a, CSIG_E_OUTPUT, 3, CHEAT);
    attack_end(&a);
}

/* --- what the assigner sends: the roles are changed --- */

static csig_err no_nonce(csig_run *run, csig_out *out)
{
    csig_online_r1 *msg = out->bcast;

    (void)run;
    memset(msg, 0, sizeof *msg);
    return CSIG_OK;
}

static csig_err another_signature(csig_run *run, csig_out *out)
{
    csig_online_r4 *msg = out->bcast;

    CSIG_TRY(csig_online_round_4.make(run, out));
    msg->signature.s[31] ^= 1;
    return CSIG_OK;
}

static void a_cheating_assigner(uint8_t round, maker *make, csig_err err)
{
    csig_blame blame;

    attack_load_halves(&a);
    attack_round(&a, &csig_online_protocol, VICTIM, round)->make = make;
    attack_online(&a);
    signing_expect_failed(&a.g, CHEAT, err, VICTIM);
    csig_session_blame(a.g.s[CHEAT], &blame);
    assert_int_equal(blame.round, round);
    signing_expect_none(&a.g);
    attack_end(&a);
}

static void assigner_is_checked_too(void **state)
{
    (void)state;
    a_cheating_assigner(1, no_nonce, CSIG_E_MESSAGE);
    a_cheating_assigner(4, another_signature, CSIG_E_OUTPUT);
}

/* --- kept: all hold the same --- */

static csig_err another_hash(csig_run *run, csig_out *out)
{
    csig_presign_r4 *msg = out->bcast;

    CSIG_TRY(csig_presign_round_4.make(run, out));
    msg->hash[0] ^= 1;
    return CSIG_OK;
}

static void halves_of_different_presignatures(void **state)
{
    (void)state;
    attack_round(&a, &csig_presign_protocol, CHEAT, 4)->make = another_hash;
    attack_presign(&a);
    attack_expect(&a, CSIG_E_ACK, 4, CHEAT);
    attack_end(&a);
}

/* --- D6: one use --- */

static void D6_second_use_is_refused(void **state)
{
    csig_session *s = NULL;

    (void)state;
    attack_load_halves(&a);
    attack_online(&a);
    signing_expect_signature(&a.g, &a.intent);
    for (uint16_t i = 0; i < 2; i++) {
        assert_null(a.g.half[i]);
        assert_int_equal(csig_online_session(&s, &a.g.signers[i], &a.g.half[i], &a.intent),
                         CSIG_E_USED);
        assert_null(s);
    }
    attack_end(&a);
}

/* Also when the use came to nothing, whatever the reason. */
static void D6_a_failed_use_is_a_use(void **state)
{
    const uint32_t hardened[] = {UINT32_C(1) << 31};
    csig_intent bad = a.intent;
    csig_session *s = NULL;

    (void)state;
    attack_load_halves(&a);
    bad.path = hardened;
    bad.depth = 1;
    assert_int_equal(csig_online_session(&s, &a.g.signers[0], &a.g.half[0], &bad), CSIG_E_PATH);
    assert_null(a.g.half[0]);
    assert_int_equal(csig_online_session(&s, &a.g.signers[0], &a.g.half[0], &a.intent),
                     CSIG_E_USED);
    attack_end(&a);
}

/* Nothing of the half is left in the session once its partial is made. */
static void D6_the_session_forgets(void **state)
{
    static const csig_scalar zero;
    static const uint8_t no_nonce_left[CSIG_NONCE_BYTES];

    (void)state;
    attack_load_halves(&a);
    attack_online(&a);
    for (uint16_t i = 0; i < 2; i++) {
        const csig_online_secret *secret = csig_session_run(a.g.s[i])->secret;

        assert_memory_equal(&secret->half.k, &zero, sizeof zero);
        assert_memory_equal(&secret->half.chi, &zero, sizeof zero);
        assert_memory_equal(secret->half.nonce, no_nonce_left, sizeof no_nonce_left);
    }
    attack_end(&a);
}

/* --- D8, D9, C10: the signers see different things --- */

typedef csig_err opener(attack *x, uint16_t position, const csig_intent *intent);

static csig_err open_full(attack *x, uint16_t position, const csig_intent *intent)
{
    return csig_sign_session(&x->g.s[position], &x->g.signers[position], intent, 1);
}

static csig_err open_half(attack *x, uint16_t position, const csig_intent *intent)
{
    return csig_online_session(&x->g.s[position], &x->g.signers[position], &x->g.half[position],
                               intent);
}

/* Nobody is to blame, nothing is signed, and what differs is named. first: who speaks first. */
static void see_differently(opener *open, const csig_intent *other, uint16_t first,
                            const char *field)
{
    static uint8_t bytes[65536];
    const uint16_t second = (uint16_t)(1 - first);
    csig_blame blame;
    size_t len;

    attack_load_halves(&a);
    assert_int_equal(open(&a, first, &a.intent), CSIG_OK);
    assert_int_equal(open(&a, second, other), CSIG_OK);
    assert_int_equal(csig_session_send(a.g.s[first], bytes, sizeof bytes, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(a.g.s[second], bytes, len), CSIG_E_SSID);
    csig_session_blame(a.g.s[second], &blame);
    assert_string_equal(blame.where, field);
    assert_int_equal(blame.culprit, 0);
    assert_int_equal(csig_session_phase(a.g.s[second]), CSIG_RUNNING);
    assert_int_equal(csig_session_pending(a.g.s[second]), 0);
    signing_expect_none(&a.g);
    attack_end(&a);
}

static void D8_D9_C10_signers_see_different_things(void **state)
{
    const uint32_t path[] = {0, 1}, other_path[] = {0, 2};

    (void)state;
    for (int i = 0; i < 5; i++) {
        static const char *const fields[] = {"path", "digest", "type", "request", "input"};
        csig_intent other;

        for (int full = 0; full < 2; full++) {
            a.intent.path = path;
            a.intent.depth = 2;
            other = a.intent;
            if (i == 0) other.path = other_path;
            if (i == 1) other.digest[0] ^= 1;
            if (i == 2) other.type = "psbt";
            if (i == 3) other.request_id[31] ^= 1;
            if (i == 4) other.input = 1;
            see_differently(full ? open_full : open_half, &other, full ? CHEAT : VICTIM, fields[i]);
        }
    }
}

/* The digest altered under way, its sender's signature with it: not this session's any more. */
static void D9_altered_on_the_way(void **state)
{
    liar l;

    (void)state;
    for (int signs = 0; signs < 2; signs++) {
        csig_blame blame;

        attack_load_halves(&a);
        attack_open_online(&a);
        liar_init(&l, a.g.net, VICTIM, signs ? &a.g.d->id[VICTIM]->key : NULL);
        l.round = 1;
        l.piece = LIAR_BCAST;
        l.edit_raw = liar_twist_field;
        liar_twist t = {.field = {.kind = CSIG_FIELD_BYTES, .width = 32}, .change = LIAR_FLIP_LAST};
        l.ctx = &t;
        signing_run(&a.g);
        /* Altered by the assigner itself, the nonce is another one: then the partials disagree. */
        csig_session_blame(a.g.s[signs ? VICTIM : CHEAT], &blame);
        assert_int_equal(blame.err, signs ? CSIG_E_PARTIAL : CSIG_E_SIGNATURE);
        signing_expect_none(&a.g);
        attack_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonces_are_those_committed),
        cmocka_unit_test(D2_wrong_partial_is_named),
        cmocka_unit_test(D2_wrong_partial_is_named_by_all),
        cmocka_unit_test(D1_E5_output_is_verified),
        cmocka_unit_test(assigner_is_checked_too),
        cmocka_unit_test(halves_of_different_presignatures),
        cmocka_unit_test(D6_second_use_is_refused),
        cmocka_unit_test(D6_a_failed_use_is_a_use),
        cmocka_unit_test(D6_the_session_forgets),
        cmocka_unit_test(D8_D9_C10_signers_see_different_things),
        cmocka_unit_test(D9_altered_on_the_way),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
