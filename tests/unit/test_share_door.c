/* A share as the host sees it. */
#include "countersign/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "support/deal.h"
#include "support/open_sealer.h"

#define T    2
#define N    3
#define ROOM 4096

typedef struct fixture {
    csig_identity *id[N];
    csig_share *share[N];
} fixture;

static const uint8_t key[32] = {9};

static void description(void **state)
{
    const fixture *f = *state;
    const csig_share *s = f->share[1];
    uint8_t pub[CSIG_IDENTITY_BYTES], got[CSIG_IDENTITY_BYTES], X[CSIG_PUBKEY_BYTES];
    csig_share_info info;
    csig_point P;

    csig_share_describe(s, &info);
    assert_memory_equal(info.key_id, s->key_id, sizeof info.key_id);
    assert_memory_equal(info.epoch_state, s->epoch_state, sizeof info.epoch_state);
    assert_true(info.signers_required == T && info.parties == N && info.self == 2);
    assert_true(info.epoch == 0 && info.epoch_attempt == 0);
    assert_int_equal(csig_point_from_bytes(&P, info.public_key), CSIG_OK);
    assert_true(csig_point_is_eq(&P, &s->pk));
    for (uint16_t i = 1; i <= N; i++) {
        csig_identity_public(f->id[i - 1], pub);
        assert_int_equal(csig_share_identity(s, i, got), CSIG_OK);
        assert_memory_equal(pub, got, sizeof pub);
        assert_int_equal(csig_share_public(s, i, X), CSIG_OK);
        assert_int_equal(csig_point_from_bytes(&P, X), CSIG_OK);
        assert_true(csig_point_is_eq(&P, &s->X[i - 1]));
    }
    assert_int_equal(csig_share_identity(s, 0, got), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_identity(s, N + 1, got), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_public(s, 0, X), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_public(s, N + 1, X), CSIG_E_ARGUMENT);
}

static void the_account(void **state)
{
    const fixture *f = *state;
    uint8_t key_at_m[CSIG_PUBKEY_BYTES], chain_code[32];
    csig_account account;

    assert_int_equal(csig_share_account(f->share[0], &account), CSIG_OK);
    assert_int_equal(csig_share_child(f->share[2], NULL, 0, key_at_m, chain_code), CSIG_OK);
    assert_memory_equal(account.public_key, key_at_m, sizeof key_at_m);
    assert_memory_equal(account.chain_code, chain_code, sizeof chain_code);
    assert_int_equal(csig_share_account(NULL, &account), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_account(f->share[0], NULL), CSIG_E_ARGUMENT);
}

static size_t exported(const csig_share *s, uint8_t out[ROOM])
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    size_t len = 0;

    assert_int_equal(csig_share_export(s, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len <= ROOM);
    assert_int_equal(csig_share_export(s, &sealer, out, &len), CSIG_OK);
    return len;
}

static void round_trip(void **state)
{
    const fixture *f = *state;
    const csig_sealer sealer = csig_sealer_from_key(key);
    static uint8_t out[ROOM];
    uint8_t a[CSIG_HASH_BYTES], b[CSIG_HASH_BYTES];
    const size_t len = exported(f->share[2], out);
    csig_share *back;

    assert_int_equal(csig_share_import(&back, &sealer, out, len), CSIG_OK);
    csig_share_public_hash(f->share[2], a);
    csig_share_public_hash(back, b);
    assert_memory_equal(a, b, sizeof a);
    assert_true(csig_scalar_is_eq(&back->x, &f->share[2]->x));
    assert_memory_equal(back->cc, f->share[2]->cc, sizeof back->cc);
    assert_int_equal(back->self, 3);
    csig_share_free(back);
}

static void expect_refused(const uint8_t *in, size_t len, csig_err err)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_share *back = (csig_share *)(uintptr_t)in;

    assert_int_equal(csig_share_import(&back, &sealer, in, len), err);
    assert_null(back);
}

static void refusals(void **state)
{
    const fixture *f = *state;
    const uint8_t other[32] = {10};
    const csig_sealer wrong = csig_sealer_from_key(other);
    static uint8_t out[ROOM];
    const size_t len = exported(f->share[0], out);
    csig_share *back;

    assert_int_equal(csig_share_import(&back, &wrong, out, len), CSIG_E_SEAL);
    expect_refused(out, len - 1, CSIG_E_SEAL);
    expect_refused(out, sizeof out, CSIG_E_LENGTH);
    expect_refused(out, 0, CSIG_E_LENGTH);
    out[3 + 32 + 7] ^= 1; /* epoch in clear */
    expect_refused(out, len, CSIG_E_SEAL);
    out[3 + 32 + 7] ^= 1;
    out[0] = CSIG_KIND_PEER;
    expect_refused(out, len, CSIG_E_KIND);
    out[0] = CSIG_KIND_SHARE;
    out[1] = 0;
    expect_refused(out, len, CSIG_E_VERSION);
    out[1] = CSIG_FORMAT_VERSION;
    out[2] = 0;
    expect_refused(out, len, CSIG_E_LEVEL);
}

/* Sealed by one who has the key, but not a share. */
static void inconsistent_share(void **state)
{
    const fixture *f = *state;
    static uint8_t out[ROOM];
    csig_share *s = csig_share_alloc();

    assert_non_null(s);
    *s = *f->share[0];
    s->x.b[31] ^= 1;
    expect_refused(out, exported(s, out), CSIG_E_FORMAT);
    csig_share_free(s);
}

/* Public derivation of the share is csig_child of its public key, and any t shares with the shift
 * are the child's. */
static void children(void **state)
{
    const fixture *f = *state;
    const uint32_t path[] = {44, 0, 7}, hardened[] = {44, UINT32_C(1) << 31};
    uint8_t a[CSIG_PUBKEY_BYTES], b[CSIG_PUBKEY_BYTES], cc_a[32], cc_b[32];
    csig_share_info info;

    csig_share_describe(f->share[0], &info);
    assert_int_equal(csig_share_child(f->share[0], path, 3, a, cc_a), CSIG_OK);
    assert_int_equal(csig_child(info.public_key, f->share[0]->cc, path, 3, b, cc_b), CSIG_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(cc_a, cc_b, sizeof cc_a);
    assert_int_equal(csig_share_child(f->share[0], NULL, 0, a, NULL), CSIG_OK);
    assert_memory_equal(a, info.public_key, sizeof a);
    assert_int_equal(csig_share_child(f->share[0], NULL, 1, a, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_share_child(f->share[0], hardened, 2, a, NULL), CSIG_E_PATH);
}

/* What stands in clear has to be what is sealed, even if the host's sealer does not see to it. */
static void the_clear_part_is_checked(void **state)
{
    const fixture *f = *state;
    const csig_sealer sealer = open_sealer();
    static const size_t at[] = {CSIG_KIND_BYTES, CSIG_OBJECT_CLEAR_BYTES - 1};
    static uint8_t out[ROOM];
    csig_share *back;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        size_t len = sizeof out;

        assert_int_equal(csig_share_export(f->share[0], &sealer, out, &len), CSIG_OK);
        out[at[i]] ^= 1;
        assert_int_equal(csig_share_import(&back, &sealer, out, len), CSIG_E_FORMAT);
        assert_null(back);
    }
}

static int setup(void **state)
{
    static fixture f;

    deal_identities(f.id, N);
    deal_shares(f.share, f.id, T, N);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    for (size_t i = 0; i < N; i++) {
        csig_identity_free(f->id[i]);
        csig_share_free(f->share[i]);
    }
    csig_share_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(description),
        cmocka_unit_test(the_account),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(refusals),
        cmocka_unit_test(inconsistent_share),
        cmocka_unit_test(children),
        cmocka_unit_test(the_clear_part_is_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
