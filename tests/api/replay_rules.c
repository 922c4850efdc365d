#include "api/replay_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T     REPLAY_NOW
#define ALICE REPLAY_KEY
#define BOB   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

csigd_auth replay_admit(const replay_disk *disk, const char *key, const char *nonce,
                        int64_t expires, int64_t now)
{
    csigd_refusal why = {.error = CSIGD_AUTH_OK};
    const csigd_auth error = csigd_replay_admit(&disk->store, key, nonce, expires, now, &why);

    assert_int_equal(why.error, error);
    return error;
}

static void expect(const replay_disk *d, const char *key, const char *nonce, int64_t expires,
                   int64_t now, csigd_auth want)
{
    assert_int_equal(replay_admit(d, key, nonce, expires, now), want);
}

static void sweep(const replay_disk *d, int64_t now)
{
    assert_int_equal(csigd_replay_sweep(&d->store, now), CSIGD_AUTH_OK);
}

static void a_signature_is_good_once(replay_disk *d)
{
    expect(d, ALICE, "nonce 1", T + 60, T, CSIGD_AUTH_OK);
    expect(d, ALICE, "nonce 1", T + 60, T, CSIGD_AUTH_REPLAY);
    expect(d, ALICE, "nonce 1", T + 60, T + 60, CSIGD_AUTH_REPLAY);
    /* Nor with another window: the nonce is spent. */
    expect(d, ALICE, "nonce 1", T + 90, T + 60, CSIGD_AUTH_REPLAY);
    expect(d, ALICE, "nonce 2", T + 60, T, CSIGD_AUTH_OK);
    expect(d, BOB, "nonce 1", T + 60, T, CSIGD_AUTH_OK);
    /* Key and nonce are not run together. */
    expect(d, "k", "1x", T + 60, T, CSIGD_AUTH_OK);
    expect(d, "k1", "x", T + 60, T, CSIGD_AUTH_OK);
}

static void an_expired_one_is_not_even_remembered(replay_disk *d)
{
    expect(d, ALICE, "n", T - 1, T, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "n", T, T, CSIGD_AUTH_OK);
}

static void what_may_still_come_again_is_never_forgotten(replay_disk *d)
{
    expect(d, ALICE, "n", T + 60, T, CSIGD_AUTH_OK);
    for (int64_t now = T; now <= T + 60; now++) {
        sweep(d, now);
        expect(d, ALICE, "n", T + 60, now, CSIGD_AUTH_REPLAY);
    }
    sweep(d, T + 61);
    expect(d, ALICE, "n", T + 60, T + 61, CSIGD_AUTH_EXPIRED);
}

static void a_restart_forgets_nothing(replay_disk *d)
{
    expect(d, ALICE, "n", T + 60, T, CSIGD_AUTH_OK);
    d->restart(d);
    expect(d, ALICE, "n", T + 60, T + 1, CSIGD_AUTH_REPLAY);
    sweep(d, T + 61);
    d->restart(d);
    expect(d, ALICE, "n", T + 60, T + 59, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "m", T + 60, T + 59, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "m", T + 61, T + 59, CSIGD_AUTH_OK);
}

/* The clock ran ahead, everything was swept, the clock is put right: the old ones stay dead, and
 * honest clients wait no longer than their own windows. */
static void a_clock_that_jumps_revives_nothing(replay_disk *d)
{
    expect(d, ALICE, "n", T + 60, T, CSIGD_AUTH_OK);
    sweep(d, T + 86400);
    expect(d, ALICE, "n", T + 60, T, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "n", T + 60, T - 3600, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "m", T + 60, T, CSIGD_AUTH_EXPIRED);
    expect(d, ALICE, "m", T + 61, T + 1, CSIGD_AUTH_OK);
    expect(d, ALICE, "m", T + 61, T + 1, CSIGD_AUTH_REPLAY);
}

/* It is that of the latest which was forgotten, and goes forward only. */
static void the_horizon_is_the_latest(replay_disk *d)
{
    static const int64_t expiries[] = {T + 82, T + 83, T + 80, T + 81};
    static const char *const nonces[] = {"a", "b", "c", "d"};

    sweep(d, T + 86400); /* of nothing */
    for (size_t i = 0; i < 4; i++)
        expect(d, BOB, nonces[i], expiries[i], T + 30, CSIGD_AUTH_OK);
    sweep(d, T + 200);
    sweep(d, T - 100);
    expect(d, BOB, "b", T + 83, T + 30, CSIGD_AUTH_EXPIRED);
    expect(d, BOB, "e", T + 83, T + 30, CSIGD_AUTH_EXPIRED);
    expect(d, BOB, "e", T + 84, T + 30, CSIGD_AUTH_OK);
    sweep(d, T + 84);
    expect(d, BOB, "e", T + 84, T + 84, CSIGD_AUTH_REPLAY);
}

/* Two replicas, one store; the other's clock is behind and it never swept. */
static void a_replica_whose_clock_is_behind_revives_nothing(replay_disk *d)
{
    const int64_t behind = 30;

    expect(d, ALICE, "n", T + 60, T, CSIGD_AUTH_OK);
    sweep(d, T + 61);
    expect(d, ALICE, "n", T + 60, T + 61 - behind, CSIGD_AUTH_EXPIRED);
}

void replay_rules_check(replay_disk *(*fresh)(void))
{
    a_signature_is_good_once(fresh());
    an_expired_one_is_not_even_remembered(fresh());
    what_may_still_come_again_is_never_forgotten(fresh());
    a_restart_forgets_nothing(fresh());
    a_clock_that_jumps_revives_nothing(fresh());
    the_horizon_is_the_latest(fresh());
    a_replica_whose_clock_is_behind_revives_nothing(fresh());
}
