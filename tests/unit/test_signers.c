/* What signers_check_aux sees by itself alone, and what sessions of signing get from the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "signer/setup.h"
#include "signer/sign.h"
#include "support/dealer.h"

static dealer *d;
static uint16_t indices[] = {1, 2};
static const csig_peer *peers[2];
static uint8_t nonces[2 * CSIG_NONCE_BYTES];

static int setup(void **state)
{
    (void)state;
    d = dealer_new(2, 2, false);
    memset(nonces, 7, sizeof nonces);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dealer_free(d);
    return 0;
}

static csig_signers signers(const csig_engine *engine)
{
    peers[0] = NULL, peers[1] = d->peer[0][1];
    return (csig_signers){
        .identity = d->id[0],
        .share = d->share[0],
        .aux = d->aux[0],
        .indices = indices,
        .peers = peers,
        .nonces = nonces,
        .count = 2,
        .engine = engine,
    };
}

static csig_err open_session(csig_session **s, const csig_signers *q)
{
    const csig_intent intent = {.type = "digest", .digest = {1}};

    return csig_sign_session(s, q, &intent, 1);
}

/* The same id, so that nothing else differs. */
static void auxiliary_info_of_another_owner(void **state)
{
    const csig_signers q = signers(NULL);
    csig_session *s;

    (void)state;
    d->aux[0]->pub.owner[0] ^= 1;
    assert_int_equal(open_session(&s, &q), CSIG_E_AUX);
    d->aux[0]->pub.owner[0] ^= 1;
    assert_int_equal(open_session(&s, &q), CSIG_OK);
    csig_session_free(s);
}

static int refuse(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)jobs, (void)n;
    ++*(int *)ctx;
    return 1;
}

static void the_host_s_engine_computes(void **state)
{
    int asked = 0;
    const csig_engine engine = {.ctx = &asked, .run = refuse};
    const csig_signers q = signers(&engine);
    csig_session *s;

    (void)state;
    /* it fails, so nothing begins */
    assert_int_equal(open_session(&s, &q), CSIG_E_ENGINE);
    assert_null(s);
    assert_true(asked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auxiliary_info_of_another_owner),
        cmocka_unit_test(the_host_s_engine_computes),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
