/* Presignatures attacked: used twice, moved to another digest or path, their nonces and partials
 * altered. The letters are those of the catalogue of attacks: D6 reuse, D7 Groth and Shoup, D8 the
 * path changed at use, D9 the digest changed on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/sign_attack.h"
#include "support/halves.h"
#include "support/random.h"

static attack a, a3; /* two signers, three signers; VICTIM assigns */
static csig_presig *kept[CSIG_MAX_PARTIES], *kept3[CSIG_MAX_PARTIES];

/* One presignature, used again and again by tests that know what they do. */
static void make_halves(attack *x, csig_presig **keep)
{
    attack_presign(x);
    assert_true(net_is_all(x->g.net, CSIG_DONE));
    for (uint16_t i = 0; i < x->g.count; i++) {
        keep[i] = x->g.half[i];
        x->g.half[i] = NULL;
    }
    attack_end(x);
}

static void load(attack *x, csig_presig *const *keep)
{
    for (uint16_t i = 0; i < x->g.count; i++) {
        if (x->g.half[i] == NULL) x->g.half[i] = csig_secret_alloc(sizeof(csig_presig));
        assert_non_null(x->g.half[i]);
        *x->g.half[i] = *keep[i];
    }
}

static int setup(void **state)
{
    (void)state;
    random_seed(41);
    attack_init(&a, dealer_new(2, 2, true));
    attack_init(&a3, dealer_new(3, 3, true));
    make_halves(&a, kept);
    make_halves(&a3, kept3);
    return 0;
}

static int teardown(void **state)
{
    dealer *d = a.g.d, *d3 = a3.g.d;

    (void)state;
    for (int i = 0; i < 3; i++) {
        csig_presig_free(kept[i]);
        csig_presig_free(kept3[i]);
    }
    signing_free(&a.g);
    signing_free(&a3.g);
    dealer_free(d);
    dealer_free(d3);
    return 0;
}

typedef csig_err maker(csig_run *run, csig_out *out);

/* The cheat is not the assigner: it is named by two and by three. */
static void tell(uint8_t round, maker *make, csig_err err, uint8_t found)
{
    load(&a, kept);
    attack_round(&a, &csig_online_protocol, CHEAT, round)->make = make;
    attack_online(&a);
    attack_expect(&a, err, found, CHEAT);
    attack_end(&a);
    load(&a3, kept3);
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

static void D1_output_is_verified(void **state)
{
    (void)state;
    load(&a, kept);
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

    load(&a, kept);
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
    load(&a, kept);
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
    load(&a, kept);
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
    load(&a, kept);
    attack_online(&a);
    for (uint16_t i = 0; i < 2; i++) {
        const csig_online_secret *secret = csig_session_run(a.g.s[i])->secret;

        assert_memory_equal(&secret->half.k, &zero, sizeof zero);
        assert_memory_equal(&secret->half.chi, &zero, sizeof zero);
        assert_memory_equal(secret->half.nonce, no_nonce_left, sizeof no_nonce_left);
    }
    attack_end(&a);
}

/* --- D7: with R known before the digest --- */

/* Wanted: a signature of `wish` with the nonce point 2 Gamma. Asked for: h = wish r / r*, where r
 * is the nonce that will be used and r* = x(2 Gamma). From s of h follows s* = s r* / (2 r). */
static csig_err forge(const csig_target *asked, const csig_scalar *sum, const csig_point *Gamma,
                      const uint8_t wish[32])
{
    csig_scalar two, half, r_star, s_star;
    csig_target forged = *asked;
    csig_ecdsa sig = {0};

    csig_scalar_set_u32(&two, 2);
    csig_scalar_inv(&half, &two);
    assert_int_equal(csig_target_set_nonce(&forged, Gamma, &two), CSIG_OK);
    r_star = forged.r;
    csig_scalar_mul(&s_star, sum, &r_star);
    csig_scalar_mul(&s_star, &s_star, &asked->r_inverse);
    csig_scalar_mul(&s_star, &s_star, &half);
    memcpy(forged.digest, wish, 32);
    CSIG_TRY(csig_ecdsa_make(&sig, &forged.R, &s_star));
    return csig_ecdsa_verify(&sig, &forged.pk, wish);
}

/* h = wish r / r*, r of the presignature as it is. */
static void ask_for(uint8_t h[32], const uint8_t wish[32], const csig_point *Gamma)
{
    csig_scalar x, one, two;
    csig_target plain, doubled;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_set_u32(&two, 2);
    assert_int_equal(csig_target_set_nonce(&plain, Gamma, &one), CSIG_OK);
    assert_int_equal(csig_target_set_nonce(&doubled, Gamma, &two), CSIG_OK);
    assert_int_equal(csig_ecdsa_digest(&x, wish), CSIG_OK);
    csig_scalar_mul(&x, &x, &plain.r);
    csig_scalar_mul(&x, &x, &doubled.r_inverse);
    memcpy(h, x.b, 32);
}

static const uint8_t wish[32] = {'p', 'a', 'y', ' ', 'm', 'e'};

/* That it would work on a presignature used as it is shows that the next test can fail. */
static void D7_works_without_a_new_nonce(void **state)
{
    csig_scalar sigma[2], sum, one;
    csig_target t;
    csig_rng rng;
    halves h;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    halves_deal(&h, 2, &rng);
    memset(&t, 0, sizeof t);
    t.pk = h.pk;
    ask_for(t.digest, wish, &h.half[0].Gamma);
    assert_int_equal(csig_ecdsa_digest(&t.m, t.digest), CSIG_OK);
    csig_scalar_set_u32(&one, 1);
    assert_int_equal(csig_target_set_nonce(&t, &h.half[0].Gamma, &one), CSIG_OK);
    const csig_point Gamma = h.half[0].Gamma;

    for (int i = 0; i < 2; i++)
        csig_partial_spend(&sigma[i], &t, &h.half[i]);
    csig_scalar_add(&sum, &sigma[0], &sigma[1]);
    assert_int_equal(forge(&t, &sum, &Gamma, wish), CSIG_OK);
}

static void D7_fails_because_the_nonce_is_new(void **state)
{
    csig_target used;
    csig_scalar s, minus;
    csig_signature sig;
    const csig_online_open *open;

    (void)state;
    load(&a, kept);
    ask_for(a.intent.digest, wish, &kept[0]->Gamma);
    attack_online(&a);
    signing_expect_signature(&a.g, &a.intent);
    assert_int_equal(csig_sign_signature(a.g.s[0], &sig), CSIG_OK);
    open = csig_session_run(a.g.s[0])->open;
    used = open->target;
    assert_false(csig_point_is_eq(&used.R, &kept[0]->Gamma));
    memcpy(s.b, sig.s, sizeof s.b);
    csig_scalar_neg(&minus, &s);
    assert_int_not_equal(forge(&used, &s, &kept[0]->Gamma, wish), CSIG_OK);
    assert_int_not_equal(forge(&used, &minus, &kept[0]->Gamma, wish), CSIG_OK);
    attack_end(&a);
}

/* Another digest, path, request, input or type: another nonce point, under the same halves. */
static void D7_D8_everything_asked_for_is_in_the_nonce(void **state)
{
    const uint32_t path[] = {0, 1}, other_path[] = {0, 2};
    csig_point R[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        load(&a, kept);
        a.intent.path = i == 1 ? other_path : path;
        a.intent.depth = 2;
        if (i == 2) a.intent.digest[0] ^= 1;
        if (i == 3) a.intent.request_id[0] ^= 1;
        if (i == 4) a.intent.input ^= 1;
        if (i == 5) a.intent.type = "other";
        attack_online(&a);
        signing_expect_signature(&a.g, &a.intent);
        R[i] = ((const csig_online_open *)csig_session_run(a.g.s[0])->open)->target.R;
        for (int j = 0; j < i; j++)
            assert_false(csig_point_is_eq(&R[i], &R[j]));
        attack_end(&a);
    }
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

    load(&a, kept);
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

        load(&a, kept);
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
        cmocka_unit_test(D1_output_is_verified),
        cmocka_unit_test(assigner_is_checked_too),
        cmocka_unit_test(halves_of_different_presignatures),
        cmocka_unit_test(D6_second_use_is_refused),
        cmocka_unit_test(D6_a_failed_use_is_a_use),
        cmocka_unit_test(D6_the_session_forgets),
        cmocka_unit_test(D7_works_without_a_new_nonce),
        cmocka_unit_test(D7_fails_because_the_nonce_is_new),
        cmocka_unit_test(D7_D8_everything_asked_for_is_in_the_nonce),
        cmocka_unit_test(D8_D9_C10_signers_see_different_things),
        cmocka_unit_test(D9_altered_on_the_way),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
