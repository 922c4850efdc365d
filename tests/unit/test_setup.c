/* What the caller may not do, found before any nonce exists; and every input in the session's id.
 */
#include "signer/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "share/hd.h"
#include "signer/online.h"
#include "signer/sign.h"
#include "support/dealer.h"
#include "support/halves.h"
#include "support/random.h"

/* The signers {1, 3} of three, seen by 1. */
typedef struct fixture {
    dealer *d;
    uint16_t indices[3];
    const csig_peer *peers[3];
    uint8_t nonces[3 * CSIG_NONCE_BYTES];
    uint32_t path[CSIG_PATH_MAX + 1];
    csig_signers q;
    csig_intent intent;
    uint16_t collector;
} fixture;

static fixture f;

static int setup(void **state)
{
    (void)state;
    random_seed(37);
    f.d = dealer_new(2, 3, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dealer_free(f.d);
    return 0;
}

static void start(void)
{
    f.indices[0] = 1, f.indices[1] = 3, f.indices[2] = 4;
    f.peers[0] = NULL, f.peers[1] = f.d->peer[0][2], f.peers[2] = f.d->peer[0][1];
    memset(f.nonces, 0x5a, sizeof f.nonces);
    memset(f.path, 0, sizeof f.path);
    f.collector = 3;
    f.q = (csig_signers){
        .identity = f.d->id[0],
        .share = f.d->share[0],
        .aux = f.d->aux[0],
        .indices = f.indices,
        .peers = f.peers,
        .nonces = f.nonces,
        .count = 2,
    };
    f.intent = (csig_intent){.type = "digest", .digest = {1}, .path = f.path, .depth = 2};
}

/* All that opens a session must say the same. */
static csig_err open_sign(void)
{
    csig_session *s = (csig_session *)&f;
    const csig_err err = csig_sign_session(&s, &f.q, &f.intent, f.collector);

    assert_int_equal(s == NULL, err != CSIG_OK);
    csig_session_free(s);
    return err;
}

static csig_err open_presign(void)
{
    csig_session *s = (csig_session *)&f;
    const csig_err err = csig_presign_session(&s, &f.q, f.collector, 0);

    assert_int_equal(s == NULL, err != CSIG_OK);
    csig_session_free(s);
    return err;
}

#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        start();                                                                                   \
        change;                                                                                    \
        assert_int_equal(open_sign(), err);                                                        \
        assert_int_equal(open_presign(), err);                                                     \
    } while (0)

static void good(void **state)
{
    (void)state;
    REFUSES(CSIG_OK, );
}

static void sets(void **state)
{
    uint16_t self;

    (void)state;
    REFUSES(CSIG_E_PARTIES, f.q.count = 1);
    REFUSES(CSIG_E_PARTIES, f.q.count = 3);
    REFUSES(CSIG_E_PARTIES, f.q.count = 0);
    REFUSES(CSIG_E_PARTIES, f.indices[0] = 3);
    REFUSES(CSIG_E_PARTIES, f.indices[0] = 0);
    REFUSES(CSIG_E_PARTIES, f.indices[1] = 4);
    REFUSES(CSIG_E_PARTIES, f.indices[1] = 1);
    REFUSES(CSIG_E_PARTIES, (f.indices[0] = 2)); /* without self */
    REFUSES(CSIG_E_ARGUMENT, f.q.indices = NULL);
    REFUSES(CSIG_E_ARGUMENT, f.collector = 2);
    REFUSES(CSIG_E_ARGUMENT, f.collector = 0);
    assert_int_equal(csig_signers_check(&self, NULL), CSIG_E_ARGUMENT);
}

static void identities_and_shares(void **state)
{
    (void)state;
    REFUSES(CSIG_E_ARGUMENT, f.q.identity = NULL);
    REFUSES(CSIG_E_ARGUMENT, f.q.identity = f.d->id[1]);
    REFUSES(CSIG_E_ARGUMENT, f.q.share = NULL);
    REFUSES(CSIG_E_ARGUMENT, f.q.share = f.d->share[2]);
}

static void auxiliary_info(void **state)
{
    csig_peer wrong;

    (void)state;
    REFUSES(CSIG_E_AUX, f.q.aux = NULL);
    REFUSES(CSIG_E_AUX, f.q.aux = f.d->aux[2]);
    REFUSES(CSIG_E_AUX, f.peers[1] = NULL);
    REFUSES(CSIG_E_AUX, f.peers[1] = f.d->peer[0][1]);
    REFUSES(CSIG_E_AUX, f.peers[1] = f.d->peer[1][2]); /* paired with somebody else's */
    REFUSES(CSIG_E_ARGUMENT, f.peers[0] = f.d->peer[1][0]);
    REFUSES(CSIG_E_ARGUMENT, f.q.peers = NULL);
    start();
    wrong = *f.d->peer[0][2];
    wrong.own_aux_id[0] ^= 1; /* with an older generation of ours */
    f.peers[1] = &wrong;
    assert_int_equal(open_sign(), CSIG_E_AUX);
}

static void nonces(void **state)
{
    (void)state;
    REFUSES(CSIG_E_ARGUMENT, f.q.nonces = NULL);
    REFUSES(CSIG_E_ARGUMENT, memset(f.nonces, 0, 32));
    REFUSES(CSIG_E_ARGUMENT, memset(f.nonces + 32, 0, 32));
}

#undef REFUSES
#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        start();                                                                                   \
        change;                                                                                    \
        assert_int_equal(open_sign(), err);                                                        \
    } while (0)

static void intents(void **state)
{
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    csig_session *s;

    (void)state;
    REFUSES(CSIG_E_DIGEST, memset(f.intent.digest, 0, 32));
    REFUSES(CSIG_E_DIGEST, memcpy(f.intent.digest, order, 32));
    REFUSES(CSIG_OK, memset(f.intent.digest, 0xff, 32));
    REFUSES(CSIG_E_PATH, f.path[1] = UINT32_C(1) << 31);
    REFUSES(CSIG_E_PATH, f.intent.depth = CSIG_PATH_MAX + 1);
    REFUSES(CSIG_OK, f.intent.depth = CSIG_PATH_MAX);
    REFUSES(CSIG_OK, (f.intent.path = NULL, f.intent.depth = 0));
    REFUSES(CSIG_E_ARGUMENT, f.intent.path = NULL);
    REFUSES(CSIG_E_ARGUMENT, f.intent.type = NULL);
    REFUSES(CSIG_E_ARGUMENT, f.intent.type = "");
    REFUSES(CSIG_OK, f.intent.type = "12345678901234567890123456789012");
    REFUSES(CSIG_E_ARGUMENT, f.intent.type = "123456789012345678901234567890123");
    start();
    assert_int_equal(csig_sign_session(&s, &f.q, NULL, 3), CSIG_E_ARGUMENT);
    assert_int_equal(csig_sign_session(NULL, &f.q, &f.intent, 3), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presign_session(NULL, &f.q, 3, 0), CSIG_E_ARGUMENT);
}

/* --- the session's id --- */

static void id_of(uint8_t id[32], bool full, uint32_t number)
{
    csig_session *s;

    assert_int_equal(full ? csig_sign_session(&s, &f.q, &f.intent, f.collector)
                          : csig_presign_session(&s, &f.q, f.collector, number),
                     CSIG_OK);
    csig_session_id(s, id);
    csig_session_free(s);
}

static void every_input_is_bound_C10_D9(void **state)
{
    uint8_t base[32], other[32];
    csig_share *share;
    csig_peer peer;

    (void)state;
    start();
    f.q.moves_last = 1; /* nothing is made yet: faster */
    id_of(base, true, 0);
    share = csig_share_alloc();
    assert_non_null(share);
#define BINDS(change)                                                                              \
    do {                                                                                           \
        start();                                                                                   \
        f.q.moves_last = 1;                                                                        \
        *share = *f.d->share[0];                                                                   \
        peer = *f.d->peer[0][2];                                                                   \
        f.q.share = share;                                                                         \
        f.peers[1] = &peer;                                                                        \
        change;                                                                                    \
        id_of(other, true, 0);                                                                     \
        assert_memory_not_equal(base, other, sizeof base);                                         \
    } while (0)
    BINDS(f.collector = 1);
    BINDS(share->key_id[0]++);
    BINDS(share->pk = share->X[1]);
    BINDS((share->n = 4, share->X[3] = share->X[0]));
    BINDS(share->epoch++);
    BINDS(share->attempt++);
    BINDS(share->epoch_state[0]++);
    BINDS(share->X[1] = share->X[0]);
    BINDS(share->cc_hash[0]++);
    BINDS((f.indices[1] = 2, f.peers[1] = f.d->peer[0][1], f.collector = 2));
    BINDS(peer.pub.id[0]++);
    BINDS(f.nonces[0]++);
    BINDS(f.nonces[63]++);
    BINDS(f.path[1]++);
    BINDS(f.intent.depth = 1);
    BINDS(f.intent.type = "digesu");
    BINDS(f.intent.digest[31]++);
    BINDS(f.intent.request_id[0]++);
    BINDS(f.intent.input++);
#undef BINDS
    csig_share_free(share);
    start();
    f.q.moves_last = 1;
    id_of(other, true, 0);
    assert_memory_equal(base, other, sizeof base);
    id_of(base, false, 0);
    assert_memory_not_equal(base, other, sizeof base);
    id_of(other, false, 1);
    assert_memory_not_equal(base, other, sizeof base);
    f.collector = 1;
    id_of(other, false, 0);
    assert_memory_not_equal(base, other, sizeof base);
}

/* --- additive shares --- */

static void additive_shares_add_up(void **state)
{
    csig_point pk, sum, w_G;
    csig_scalar shift;
    csig_session *s;
    const csig_presign_open *open;
    const csig_presign_secret *secret;
    const csig_point *W[2];

    (void)state;
    start();
    f.path[0] = 9;
    f.q.moves_last = 1;
    assert_int_equal(
        csig_hd_shift(&shift, &pk, NULL, &f.d->share[0]->pk, f.d->share[0]->cc, f.path, 2),
        CSIG_OK);
    assert_int_equal(csig_sign_session(&s, &f.q, &f.intent, 3), CSIG_OK);
    open = csig_session_run(s)->open;
    secret = csig_session_run(s)->secret;
    assert_true(csig_point_has_mul_g_var(&w_G, &secret->w));
    assert_true(csig_point_is_eq(&w_G, &open->party[0].W));
    for (int j = 0; j < 2; j++)
        W[j] = &open->party[j].W;
    assert_true(csig_point_has_sum(&sum, W, 2));
    assert_true(csig_point_is_eq(&sum, &pk));
    assert_true(csig_point_is_eq(&open->pk, &pk));
    csig_session_free(s);
}

/* A public share that cancels the shift. */
static void an_additive_share_of_zero(void **state)
{
    csig_share *share = csig_share_alloc();
    csig_point pk, shift_G;
    csig_scalar shift, lambda;

    (void)state;
    start();
    assert_non_null(share);
    *share = *f.d->share[0];
    f.q.share = share;
    f.q.moves_last = 1;
    assert_int_equal(
        csig_hd_shift(&shift, &pk, NULL, &share->pk, share->cc, f.path, f.intent.depth), CSIG_OK);
    csig_lagrange(&lambda, 1, f.indices, 2);
    csig_scalar_inv(&lambda, &lambda);
    assert_true(csig_point_has_mul_g_var(&shift_G, &shift));
    assert_true(csig_point_has_mul_var(&shift_G, &lambda, &shift_G));
    csig_point_neg(&share->X[0], &shift_G);
    assert_int_equal(open_sign(), CSIG_E_PATH);
    csig_share_free(share);
}

/* --- halves that do not belong --- */

static csig_presig *half_of(const halves *h, const csig_share *share)
{
    csig_presig *half = csig_secret_alloc(sizeof *half);

    assert_non_null(half);
    *half = h->half[0];
    half->index[0] = 1, half->index[1] = 3;
    memcpy(half->key_id, share->key_id, sizeof half->key_id);
    memcpy(half->epoch_state, share->epoch_state, sizeof half->epoch_state);
    half->epoch = share->epoch;
    half->attempt = share->attempt;
    return half;
}

static void halves_that_do_not_belong(void **state)
{
    csig_session *s;
    csig_presig *half = NULL;
    csig_rng rng;
    halves h;

    (void)state;
    csig_rng_init(&rng, NULL, NULL);
    halves_deal(&h, 2, &rng);
    start();
    assert_int_equal(csig_online_session(&s, &f.q, &half, &f.intent), CSIG_E_USED);
    assert_int_equal(csig_online_session(&s, &f.q, NULL, &f.intent), CSIG_E_ARGUMENT);
#define BURNS(err, change)                                                                         \
    do {                                                                                           \
        start();                                                                                   \
        half = half_of(&h, f.q.share);                                                             \
        change;                                                                                    \
        assert_int_equal(csig_online_session(&s, &f.q, &half, &f.intent), err);                    \
        assert_null(half);                                                                         \
        assert_int_equal(s == NULL, (err) != CSIG_OK);                                             \
        csig_session_free(s);                                                                      \
    } while (0)
    BURNS(CSIG_OK, );
    BURNS(CSIG_E_USED, half->magic = 0);
    BURNS(CSIG_E_ARGUMENT, half->key_id[0]++);
    BURNS(CSIG_E_EPOCH, half->epoch++);
    BURNS(CSIG_E_EPOCH, half->attempt++);
    BURNS(CSIG_E_EPOCH, half->epoch_state[0]++);
    BURNS(CSIG_E_PARTIES, half->count = 3);
    BURNS(CSIG_E_PARTIES, half->self = 1);
    BURNS(CSIG_E_PARTIES, half->index[1] = 2);
    BURNS(CSIG_E_DIGEST, memset(f.intent.digest, 0, 32));
    BURNS(CSIG_E_PATH, f.path[0] = UINT32_MAX);
    BURNS(CSIG_E_PARTIES, f.q.count = 1);
    BURNS(CSIG_E_ARGUMENT, f.q.identity = f.d->id[2]);
#undef BURNS
    start();
    half = half_of(&h, f.q.share);
    assert_int_equal(csig_online_session(NULL, &f.q, &half, &f.intent), CSIG_E_ARGUMENT);
    assert_null(half);
    half = half_of(&h, f.q.share);
    assert_int_equal(csig_online_session(&s, &f.q, &half, NULL), CSIG_E_ARGUMENT);
    assert_null(half);
    half = half_of(&h, f.q.share);
    assert_int_equal(csig_online_session(&s, NULL, &half, &f.intent), CSIG_E_ARGUMENT);
    assert_null(half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(sets),
        cmocka_unit_test(identities_and_shares),
        cmocka_unit_test(auxiliary_info),
        cmocka_unit_test(nonces),
        cmocka_unit_test(intents),
        cmocka_unit_test(every_input_is_bound_C10_D9),
        cmocka_unit_test(additive_shares_add_up),
        cmocka_unit_test(an_additive_share_of_zero),
        cmocka_unit_test(halves_that_do_not_belong),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
