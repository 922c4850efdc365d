/* The locked memory that sessions of signing, key generation and refresh take, in whole pages: a
 * service counts on no more (api/service/sessions.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/keygen_group.h"
#include "proto/refresh_group.h"
#include "proto/signing.h"
#include "proto/state.h"
#include "share/share.h"
#include "signer/presignature.h"

#define PAGE     4096U
#define SESSION  (22U << 10) /* with its share */
#define PER_PEER (6U << 10)  /* for each party but one */
#define HALF     (4U << 10)

static size_t pages(size_t octets)
{
    return (octets + PAGE - 1) / PAGE * PAGE;
}

static void expect_fits(const csig_session *s, uint16_t parties)
{
    const size_t octets = pages(s->secrets_len) + pages(sizeof(csig_share));

    assert_in_range(octets, 1, SESSION + (parties - 1U) * PER_PEER);
}

static void sessions_of(uint16_t n)
{
    const csig_intent intent = signing_intent(1, NULL, 0);
    const uint16_t all[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    dealer *d = dealer_new(n, n, false);
    keygen_group k;
    refresh_group r;
    signing g;

    /* one who moves last: it has made nothing yet */
    signing_init(&g, d, all);
    assert_int_equal(csig_sign_session(&g.s[0], &g.signers[n - 1], &intent, n), CSIG_OK);
    expect_fits(g.s[0], n);
    csig_session_free(g.s[0]);
    assert_int_equal(csig_presign_session(&g.s[0], &g.signers[n - 1], n, 0), CSIG_OK);
    expect_fits(g.s[0], n);
    signing_free(&g);
    dealer_free(d);

    keygen_group_init(&k, n, n);
    keygen_group_start(&k, KEYGEN_HONEST, NULL);
    expect_fits(k.s[0], n);
    keygen_group_free(&k);

    refresh_group_init(&r, 2, n, all, n);
    refresh_group_start(&r, 1);
    expect_fits(r.s[0], n);
    refresh_group_free(&r);
}

static void sessions_fit_in_the_locked_memory_they_are_given(void **state)
{
    (void)state;
    sessions_of(2);
    sessions_of(3);
    sessions_of(16);
}

static void halves_fit_in_the_locked_memory_they_are_given(void **state)
{
    (void)state;
    assert_in_range(pages(sizeof(csig_presig)), 1, HALF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_fit_in_the_locked_memory_they_are_given),
        cmocka_unit_test(halves_fit_in_the_locked_memory_they_are_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
