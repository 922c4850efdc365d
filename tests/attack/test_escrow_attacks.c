/* A dealer that cheats in what it encrypts to recovery keys, in key generation and in refresh:
 * every other party refuses it by name before anything is acknowledged. What goes wrong with the
 * one thing that nobody else can see, the chain code's box, one honest dealer makes good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "proto/refresh_group.h"
#include "share/device.h"

#define CHEAT 1 /* position */

static const uint16_t two[] = {1, 2}, three[] = {1, 2, 4};

static csig_escrow_msg replayed; /* of an earlier session */

typedef void edit_fn(csig_escrow_msg *msg, const csig_escrows *e);

/* --- lies --- */

/* An escrow of another number, proven for it, under the label that it should have but for what
 * `change` says. */
static void prove_other(csig_escrow_msg *msg, csig_escrow_stmt *stmt)
{
    csig_curve curve;
    csig_rng rng;
    const csig_env env = {.rng = &rng, .curve = &curve};
    csig_scalar x;

    csig_rng_init(&rng, NULL, NULL);
    assert_int_equal(csig_curve_init(&curve, &rng), CSIG_OK);
    csig_scalar_random(&x, &rng, "test");
    assert_int_equal(csig_point_mul_g(&stmt->Q, &curve, &x), CSIG_OK);
    assert_int_equal(csig_escrow_prove(&msg->escrow, &env, stmt, &x), CSIG_OK);
    csig_curve_wipe(&curve);
}

static const csig_escrow_stmt *own_stmt(const csig_escrows *e)
{
    return &e->parcel[(size_t)CHEAT * e->count].stmt;
}

static void bad_row(csig_escrow_msg *msg, const csig_escrows *e)
{
    (void)e;
    msg->escrow.row[77].c[50] ^= 1;
}

static void bad_seed(csig_escrow_msg *msg, const csig_escrows *e)
{
    (void)e;
    msg->escrow.row[127].seed[31] ^= 1;
}

static void wrong_point(csig_escrow_msg *msg, const csig_escrows *e)
{
    csig_escrow_stmt stmt = *own_stmt(e);

    prove_other(msg, &stmt);
}

static void to_another_key(csig_escrow_msg *msg, const csig_escrows *e)
{
    csig_escrow_stmt stmt = *own_stmt(e);

    stmt.ek[0] ^= 1;
    prove_other(msg, &stmt);
}

static void for_another_epoch(csig_escrow_msg *msg, const csig_escrows *e)
{
    csig_escrow_stmt stmt = *own_stmt(e);

    stmt.epoch++;
    prove_other(msg, &stmt);
}

static void of_another_session(csig_escrow_msg *msg, const csig_escrows *e)
{
    (void)e;
    *msg = replayed;
}

static edit_fn *const lies[] = {bad_row,        bad_seed,          wrong_point,
                                to_another_key, for_another_epoch, of_another_session};

static void keep_for_replay(const csig_escrows *e)
{
    const csig_parcel *p = &e->parcel[(size_t)CHEAT * e->count];

    replayed.escrow = p->escrow;
    memcpy(replayed.cc, p->cc, sizeof replayed.cc);
}

static void other_chain_code(csig_escrow_msg *msg, const csig_escrows *e)
{
    (void)e;
    msg->cc[60] ^= 1;
}

/* --- key generation --- */

static keygen_group kg;

typedef struct telling {
    edit_fn *edit;
    csig_session *s;
    bool made;
    csig_escrow_msg lie; /* the same for everybody */
} telling;

static void tell(telling *t, csig_escrow_msg *msg, const csig_escrows *e)
{
    if (!t->made) {
        t->lie = *msg;
        t->edit(&t->lie, e);
    }
    t->made = true;
    *msg = t->lie;
}

static void edit_prove(void *ctx, void *msg)
{
    telling *t = ctx;

    tell(t, ((csig_keygen_prove_msg *)msg)->escrow,
         &csig_keygen_open_of(csig_session_run(t->s))->escrows);
}

/* The number of honest parties that have refused; none has the key. */
static unsigned keygen_told(edit_fn *edit)
{
    unsigned refused = 0;
    network *net;
    telling t = {.edit = edit};
    liar l;

    keygen_group_start(&kg, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&kg, 1);
    t.s = kg.s[CHEAT];
    liar_init(&l, net, CHEAT, &kg.id[kg.index[CHEAT] - 1]->key);
    l.round = 3, l.piece = LIAR_BCAST, l.edit = edit_prove, l.ctx = &t;
    net_run(net);
    assert_true(l.told > 0);
    for (uint16_t j = 0; j < kg.count; j++) {
        if (j == CHEAT || csig_session_phase(kg.s[j]) != CSIG_FAILED) continue;
        keygen_group_refused(&kg, j, CSIG_E_PROOF, 3, kg.index[CHEAT]);
        assert_int_equal(net->stores[j], 0);
        refused++;
    }
    net_free(net);
    return refused;
}

static void in_key_generation(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        keygen_group_init(&kg, n, n == 2 ? 3 : 5);
        keygen_group_online(&kg, n == 2 ? two : three, n);
        keygen_told(other_chain_code); /* an honest run, as far as others can see */
        keep_for_replay(&csig_keygen_open_of(csig_session_run(kg.s[CHEAT]))->escrows);
        keygen_group_stop(&kg);
        kg.nonces[0][0] ^= 1;
        for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++) {
            assert_true(keygen_told(lies[i]) > 0);
            keygen_group_stop(&kg);
        }
        keygen_group_free(&kg);
    }
}

static void the_chain_code_of_one_dealer(void **state)
{
    csig_recovery_case asked;
    csig_share *share, *other;

    (void)state;
    keygen_group_init(&kg, 2, 3);
    keygen_group_online(&kg, two, 2);
    assert_int_equal(keygen_told(other_chain_code), 0);
    asked = keygen_group_escrows(&kg, 3);
    assert_int_equal(csig_recovery_share(kg.rk[0], &asked, &share, NULL), CSIG_OK);
    assert_int_equal(csig_keygen_share(kg.s[0], &other), CSIG_OK);
    assert_memory_equal(share->cc, other->cc, sizeof share->cc);
    csig_share_free(share), csig_share_free(other);
    keygen_group_free(&kg);
}

/* --- refresh --- */

static refresh_group rg;

static void edit_open(void *ctx, void *msg)
{
    telling *t = ctx;

    tell(t, ((csig_refresh_open_msg *)msg)->escrow,
         &csig_refresh_open_of(csig_session_run(t->s))->escrows);
}

static unsigned refresh_told(edit_fn *edit)
{
    unsigned refused = 0;
    telling t = {.edit = edit};
    liar l;

    refresh_group_start(&rg, 1);
    t.s = rg.s[CHEAT];
    liar_init(&l, rg.net, CHEAT, &rg.d->id[rg.index[CHEAT] - 1]->key);
    l.round = 2, l.piece = LIAR_BCAST, l.edit = edit_open, l.ctx = &t;
    net_run(rg.net);
    assert_true(l.told > 0);
    for (uint16_t j = 0; j < rg.count; j++) {
        csig_blame blame;

        if (j == CHEAT || csig_session_phase(rg.s[j]) != CSIG_FAILED) continue;
        csig_session_blame(rg.s[j], &blame);
        assert_int_equal(blame.err, CSIG_E_PROOF);
        assert_int_equal(blame.culprit, rg.index[CHEAT]);
        assert_int_equal(blame.round, 2);
        assert_int_equal(rg.net->stores[j], 0);
        refused++;
    }
    return refused;
}

static void in_refresh(void **state)
{
    (void)state;
    for (uint16_t n = 2; n <= 3; n++) {
        refresh_group_init(&rg, n, n == 2 ? 3 : 5, n == 2 ? two : three, n);
        assert_int_equal(refresh_told(other_chain_code), 0);
        keep_for_replay(&csig_refresh_open_of(csig_session_run(rg.s[CHEAT]))->escrows);
        refresh_group_recover(&rg, n == 2 ? 3 : 5);
        refresh_group_stop(&rg);
        rg.attempt++;
        for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++) {
            assert_true(refresh_told(lies[i]) > 0);
            refresh_group_stop(&rg);
        }
        refresh_group_free(&rg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_key_generation),
        cmocka_unit_test(the_chain_code_of_one_dealer),
        cmocka_unit_test(in_refresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
