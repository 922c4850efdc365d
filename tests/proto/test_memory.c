/* Sessions opened without memory: CSIG_E_MEMORY, no session, nothing left behind. Linked with
 * wrapped allocators: each allocation fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/aux_pair.h"
#include "proto/keygen_group.h"
#include "proto/reshare_group.h"
#include "proto/signing.h"
#include "support/devices.h"

static struct {
    unsigned made, fail_at; /* the fail_at-th fails; 0: none */
    int live;
} account;

void *__real_csig_public_alloc(size_t len);
void *__real_csig_secret_alloc(size_t len);
void __real_csig_public_free(void *p);
void __real_csig_secret_free(void *p);
void *__wrap_csig_public_alloc(size_t len);
void *__wrap_csig_secret_alloc(size_t len);
void __wrap_csig_public_free(void *p);
void __wrap_csig_secret_free(void *p);

static bool is_refused(void)
{
    account.made++;
    if (account.made == account.fail_at) return true;
    account.live++;
    return false;
}

void *__wrap_csig_public_alloc(size_t len)
{
    return is_refused() ? NULL : __real_csig_public_alloc(len);
}

void *__wrap_csig_secret_alloc(size_t len)
{
    return is_refused() ? NULL : __real_csig_secret_alloc(len);
}

void __wrap_csig_public_free(void *p)
{
    if (p != NULL) account.live--;
    __real_csig_public_free(p);
}

void __wrap_csig_secret_free(void *p)
{
    if (p != NULL) account.live--;
    __real_csig_secret_free(p);
}

typedef csig_err open_fn(csig_session **s, void *ctx);

/* Until it has all it asks for. Returns how often it asked. */
static unsigned expect_survives(open_fn *open, void *ctx)
{
    for (unsigned n = 1;; n++) {
        const int before = account.live;
        csig_session *s = ctx;
        csig_err err;

        account.made = 0;
        account.fail_at = n;
        err = open(&s, ctx);
        account.fail_at = 0;
        if (err == CSIG_OK) {
            csig_session_free(s);
            return n;
        }
        assert_int_equal(err, CSIG_E_MEMORY);
        assert_null(s);
        assert_true(account.live <= before);
    }
}

static csig_err open_sign(csig_session **s, void *ctx)
{
    const signing *g = ctx;
    const csig_intent intent = signing_intent(1, NULL, 0);

    return csig_sign_session(s, &g->signers[0], &intent, 1);
}

static csig_err open_presign(csig_session **s, void *ctx)
{
    const signing *g = ctx;

    return csig_presign_session(s, &g->signers[0], 2, 0);
}

/* The half is burned, with or without memory. */
static csig_err open_online(csig_session **s, void *ctx)
{
    signing *g = ctx;
    const csig_intent intent = signing_intent(1, NULL, 0);
    const unsigned fail_at = account.fail_at;
    csig_err err;

    account.fail_at = 0;
    signing_presign(g, 2, 0, NULL);
    signing_run(g);
    signing_close(g);
    account.made = 0;
    account.fail_at = fail_at;
    err = csig_online_session(s, &g->signers[0], &g->half[0], &intent);
    account.fail_at = 0;
    assert_null(g->half[0]);
    signing_drop(g);
    return err;
}

static void signing_sessions(void **state)
{
    const uint16_t both[] = {1, 2};
    dealer *d = dealer_new(2, 2, false);
    signing g;

    (void)state;
    signing_init(&g, d, both);
    assert_in_range(expect_survives(open_sign, &g), 4, 100);
    assert_in_range(expect_survives(open_presign, &g), 4, 100);
    assert_in_range(expect_survives(open_online, &g), 4, 100);
    signing_free(&g);
    dealer_free(d);
}

static csig_err open_keygen(csig_session **s, void *ctx)
{
    const csig_keygen_params p = keygen_group_params(ctx, 0);

    return csig_keygen_session(s, &p);
}

static void key_generation(void **state)
{
    keygen_group g;

    (void)state;
    keygen_group_init(&g, 2, 3);
    assert_in_range(expect_survives(open_keygen, &g), 4, 100);
    keygen_group_add_key(&g, 3);
    assert_in_range(expect_survives(open_keygen, &g), 5, 100);
    keygen_group_free(&g);
}

static csig_err open_dealer(csig_session **s, void *ctx)
{
    const csig_reshare_params p = reshare_group_params(ctx, 0);

    return csig_reshare_session(s, &p);
}

static csig_err open_joining(csig_session **s, void *ctx)
{
    const csig_reshare_params p = reshare_group_params(ctx, 2);

    return csig_reshare_session(s, &p);
}

static void resharing(void **state)
{
    static const reshare_case joins = {"joins", 2, 2, 2, 4, false, {{1, 1}, {2, 2}, {0, 3}}};
    static reshare_group g;

    (void)state;
    reshare_group_init(&g, &joins); /* the fourth has a recovery key */
    for (int i = 0; i < 3; i++)
        memset(g.member[i].nonce, i + 1, CSIG_NONCE_BYTES);
    assert_in_range(expect_survives(open_dealer, &g), 5, 100);
    assert_in_range(expect_survives(open_joining, &g), 5, 100);
    reshare_group_free(&g);
}

static csig_err open_auxinfo(csig_session **s, void *ctx)
{
    const csig_aux_params p = aux_pair_params(ctx, 0);

    return csig_aux_session(s, &p);
}

static void auxiliary_info(void **state)
{
    aux_pair pair = {.nonce = {{1}, {2}}};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(csig_identity_new(&pair.id[i]), CSIG_OK);
    pair.aux[0] = devices_aux(0, pair.id[0], 1);
    assert_in_range(expect_survives(open_auxinfo, &pair), 3, 100);
    aux_pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_sessions),
        cmocka_unit_test(key_generation),
        cmocka_unit_test(resharing),
        cmocka_unit_test(auxiliary_info),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
