#include "faults/agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "service/shares.h"
#include "share/share.h"

#define SIGNED_EVERY 50
#define ONE_OF       4 /* faults is met */

static unsigned count;
static csig_share *before;  /* the server's, of the last epoch that was seen */
static csig_share *gone[2]; /* the client's, likewise */
static wallet next;         /* of the resharing that was begun last */

/* --- the client --- */

static bool reply_is_later(const http_reply *reply)
{
    return reply->status == 503;
}

static void give_up(const char *session)
{
    char path[128];
    http_reply r;

    snprintf(path, sizeof path, "/v1/sessions/%s", session);
    for (int i = 0; i < 3; i++) {
        r = http_call(&inside, "DELETE", path, NULL, NULL, 0);
        if (!reply_is_later(&r)) break;
        http_free(&r);
    }
    if (r.status != 204) fail_msg("DELETE: %ld %s", r.status, (const char *)r.body);
    http_free(&r);
}

typedef struct asking {
    run lists;
    wallet next;
    reshare_members members;
} asking;

/* Of a resharing: the phone stays, the other device goes, the spare one takes its place. */
static http_reply ask_once(asking *a)
{
    if (!inside_reshares) return run_refresh_ask(&inside, &two, &a->lists);
    a->next = (wallet){.signers = 2, .parties = 3, .n = 2, .owner = {&phone}, .index = {1, 3}};
    a->next.owner[1] = two.owner[1] == &spare[0] ? &spare[1] : &spare[0];
    return run_reshare_ask(&inside, &two, &a->next, true, &a->members);
}

/* What an attempt before this one left open is given up first. */
static http_reply ask(asking *a)
{
    http_reply r = ask_once(a);
    json_t *problem;

    for (int i = 0; i < 3 && (r.status == 409 || reply_is_later(&r)); i++) {
        problem = json_loadb((const char *)r.body, r.len, 0, NULL);
        if (json_object_get(problem, "session") != NULL) give_up(text_of(problem, "session"));
        json_decref(problem);
        http_free(&r);
        r = ask_once(a);
    }
    return r;
}

void turnover_refused(const char *code, const char *session)
{
    asking a;
    http_reply reply = ask_once(&a);

    if (!reply_has_code(&reply, code) || strstr((const char *)reply.body, session) == NULL)
        fail_msg("not %s but %ld %s", code, reply.status, (const char *)reply.body);
    http_free(&reply);
}

static bool exchange_is_done(run *r, unsigned tries, before_exchange *hook, void *ctx)
{
    octets body = run_collect(r);
    http_reply reply = {.status = 503};
    const bool goes = hook == NULL || hook(r, r->next, &body, ctx);

    for (unsigned i = 0; goes && i < tries && reply_is_later(&reply); i++) {
        http_free(&reply);
        reply = run_put(&inside, r, &body);
    }
    octets_free(&body);
    if (goes && reply.status == 200) {
        run_take(r, &reply);
        return true;
    }
    http_free(&reply);
    return false;
}

void refresh_try(run *r, unsigned tries, before_exchange *hook, void *ctx)
{
    asking a;
    http_reply reply = ask(&a);

    memset(r, 0, sizeof *r);
    if (reply.status != 201) {
        http_free(&reply);
        return;
    }
    next = a.next;
    *r = inside_reshares ? run_reshare_begin(&two, &next, &a.members, &reply)
                         : run_refresh_begin(&two, &a.lists, &reply);
    while (!r->done && r->next < 10 && exchange_is_done(r, tries, hook, ctx)) {
    }
}

/* Until the store can be read. */
static epoch_fate fate_of(const csig_share *staged)
{
    csig_share_info info;
    char path[160], hex[65];
    http_reply r = {.status = 503};

    csig_share_describe(staged, &info);
    csigd_hex_write(hex, info.epoch_state, sizeof info.epoch_state);
    snprintf(path, sizeof path, "/v1/wallets/%s/epochs/%s", two.id, hex);
    for (int i = 0; i < 3 && reply_is_later(&r); i++) {
        http_free(&r);
        r = http_call(&inside, "GET", path, NULL, NULL, 0);
    }
    http_free(&r);
    stumble_at(&store, STUMBLE_NEVER, 0);
    return epoch_ask(&inside, &two, staged);
}

static void follow(run *r)
{
    for (size_t i = 0; i < two.n; i++) {
        csig_share_free(gone[i]);
        gone[i] = two.share[i];
        two.share[i] = r->staged[i];
        r->staged[i] = NULL;
        if (inside_reshares) two.owner[i] = next.owner[i];
    }
}

bool refresh_settle(run *r)
{
    const csig_share *staged = r->staged[0] != NULL ? r->staged[0] : r->staged[1];
    bool follows = r->done;

    if (r->session[0] != '\0' && !r->done) give_up(r->session);
    if (!r->done && staged != NULL) {
        const epoch_fate fate = fate_of(staged);

        assert_int_not_equal(fate, EPOCH_UNDECIDED);
        follows = fate == EPOCH_CURRENT;
    }
    if (follows) follow(r);
    run_free(r);
    return follows;
}

/* --- what must hold --- */

static csig_share *servers_share(void)
{
    uint8_t id[CSIGD_ID_BYTES];
    csigd_problem why;
    csigd_wallet w;
    csig_share *share;

    assert_true(csigd_hex_is_read(id, sizeof id, two.id, strlen(two.id)));
    assert_int_equal(store.inner->wallet_get(store.inner, id, 1, &w), CSIGD_STORED);
    assert_int_equal(csigd_share_load(&service, &w, &share, &why), CSIGD_OK);
    return share;
}

static bool is_key(const csig_share *a, const csig_share *b)
{
    const uint16_t set[2] = {a->self, b->self};
    const csig_share *const share[2] = {a, b};
    csig_scalar key, l, term;
    csig_point P;

    csig_scalar_set_u32(&key, 0);
    for (int i = 0; i < 2; i++) {
        csig_lagrange(&l, set[i], set, 2);
        csig_scalar_mul(&term, &l, &share[i]->x);
        csig_scalar_add(&key, &key, &term);
    }
    return csig_point_has_mul_g_var(&P, &key) && csig_point_is_eq(&P, &a->pk);
}

static void expect_own(const csig_share *share)
{
    csig_point X;

    assert_true(csig_point_has_mul_g_var(&X, &share->x));
    assert_true(csig_point_is_eq(&X, &share->X[share->self - 1]));
}

/* Between two of its shares of different epochs there is nothing. */
static void expect_apart(const csig_share *old, const csig_share *now)
{
    if (old == NULL || old->epoch == now->epoch) return;
    assert_true(csig_point_is_eq(&old->pk, &now->pk));
    assert_false(is_key(old, now));
}

void expect_signature(void)
{
    static uint8_t digest[32];
    char request[65];
    run r;

    for (size_t i = 0; i < sizeof digest && ++digest[i] == 0; i++) {
    }
    request_make(&inside, &two, digest, "m/1", NULL, false, request);
    r = run_sign(&inside, &two, request, digest, "m/1", NULL);
    run_finish(&inside, &r);
    run_check_signature(&r, &two, "m/1", digest);
    run_free(&r);
}

/* What anybody can read is of this epoch, and opens to the share of the third index. */
static void expect_escrows(const csig_share *server)
{
    escrow_list list = escrows_get(&inside, &two);
    const csig_recovery_case asked = escrows_of(&list, &two, 3);
    uint8_t epoch[CSIG_EPOCH_BYTES];
    csig_share *share;

    assert_int_equal(csig_share_epoch(server, epoch), CSIG_OK);
    assert_memory_equal(list.epoch, epoch, sizeof epoch);
    assert_int_equal(csig_epoch_commit_verify(list.epoch, CSIGD_SERVER_INDEX, list.commit),
                     CSIG_OK);
    assert_int_equal(csig_recovery_share(third, &asked, &share, NULL), CSIG_OK);
    assert_true(is_key(share, server));
    assert_true(is_key(two.share[0], share));
    expect_apart(before, share);
    expect_apart(gone[0], share);
    csig_share_free(share);
    escrows_free(&list);
}

/* Each of the client's with the server's, and none of an epoch gone by, whoever has it. */
static void expect_one_epoch(const csig_share *server)
{
    expect_own(server);
    for (size_t i = 0; i < two.n; i++) {
        const csig_share *mine = two.share[i];

        assert_int_equal(server->epoch, mine->epoch);
        assert_int_equal(server->attempt, mine->attempt);
        assert_memory_equal(server->epoch_state, mine->epoch_state, sizeof mine->epoch_state);
        expect_own(mine);
        assert_true(is_key(server, mine));
        if (i > 0) assert_true(is_key(two.share[0], mine));
        expect_apart(before, mine);
        expect_apart(gone[i], server);
        for (size_t j = 0; j < two.n; j++)
            if (j != i) expect_apart(gone[j], mine);
    }
}

void expect_agreement(void)
{
    csig_share *server = servers_share();

    expect_one_epoch(server);
    assert_int_equal(wallet_epoch(&inside, &two), server->epoch);
    if (third != NULL) expect_escrows(server);
    if (before == NULL || before->epoch != server->epoch) {
        csig_share_free(before);
        before = server;
    } else {
        csig_share_free(server);
    }
    assert_int_equal(inside_staged(), 0);
    if (++count % SIGNED_EVERY == 0) expect_signature();
}

unsigned agreements(void)
{
    return count;
}

void unlock_all(void)
{
    const device *every[3] = {&phone, &spare[0], &spare[1]};
    char path[64];

    snprintf(path, sizeof path, "/v1/wallets/%s/unlock", two.id);
    for (size_t i = 0; i < (inside_reshares ? 3 : 1); i++)
        json_decref(call_json(&inside, 200, "POST", path, "{s:s}", "device", every[i]->hex));
}

/* --- which faults --- */

static uint8_t seed;
static unsigned asked;

bool fault_is_drawn(void)
{
    const char *which = getenv("FAULTS");

    if (which != NULL && strcmp(which, "all") == 0) return true;
    if (asked == 0) random_octets(&seed, sizeof seed);
    return (asked++ + seed) % ONE_OF == 0;
}

const char *faults_drawn(void)
{
    static char words[64];

    if (asked > 0) snprintf(words, sizeof words, "; one in %d, seed %u", ONE_OF, seed % ONE_OF);
    return words;
}
