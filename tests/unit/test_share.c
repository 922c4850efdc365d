/* A share is consistent or refused, field by field; its hashes cover everything. */
#include "share/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/deal.h"

#define T 3
#define N 5

typedef struct fixture {
    csig_identity *id[N];
    csig_share *share[N];
    csig_curve curve;
} fixture;

static void dealt_shares_are_consistent(void **state)
{
    const fixture *f = *state;
    const uint16_t sets[][T] = {{0, 1, 2}, {2, 3, 4}, {0, 2, 4}};
    csig_scalar key, again;
    csig_point pk;

    for (size_t i = 0; i < N; i++)
        assert_int_equal(csig_share_check(f->share[i], &f->curve), CSIG_OK);
    deal_combine(&key, (const csig_share *const *)f->share, sets[0], T);
    assert_int_equal(csig_point_mul_g(&pk, &f->curve, &key), CSIG_OK);
    assert_true(csig_point_is_eq(&pk, &f->share[0]->pk));
    for (size_t k = 1; k < CSIG_ARRAY_LEN(sets); k++) {
        deal_combine(&again, (const csig_share *const *)f->share, sets[k], T);
        assert_true(csig_scalar_is_eq(&key, &again));
    }
    /* fewer do not */
    deal_combine(&again, (const csig_share *const *)f->share, sets[0], T - 1);
    assert_false(csig_scalar_is_eq(&key, &again));
}

/* One octet wrong. */
static const size_t flips[] = {
    offsetof(csig_share, x) + 31,       offsetof(csig_share, cc),
    offsetof(csig_share, key_id),       offsetof(csig_share, identity) + 2 * CSIG_ID_BYTES,
    offsetof(csig_share, cc_hash) + 31, offsetof(csig_share, epoch_state),
    offsetof(csig_share, epoch),        offsetof(csig_share, attempt),
};

/* Counts out of range, or not those of the key; that of share 4 is T, T, N, 4. */
static const struct {
    uint16_t t, coefficients, n, self;
} counts[] = {
    {2, T, N, 4},     {2, 2, N, 4}, {1, 1, N, 4},  {N + 1, T, N, 4}, {T, 2, N, 4},
    {T, T, N - 1, 4}, {T, T, 3, 4}, {T, T, 17, 4}, {T, T, 1, 1},     {T, T, N, 0},
    {T, T, N, N + 1}, {T, T, N, 1}, {0, 0, N, 4},
};

static void anything_wrong_is_found(void **state)
{
    const fixture *f = *state;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(counts); i++) {
        csig_share s = *f->share[3];

        s.t = counts[i].t;
        s.S.t = counts[i].coefficients;
        s.n = counts[i].n;
        s.self = counts[i].self;
        assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    }
    for (size_t i = 0; i < CSIG_ARRAY_LEN(flips); i++) {
        csig_share s = *f->share[3];

        ((uint8_t *)&s)[flips[i]] ^= 1;
        assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    }
}

static void values_must_fit_together(void **state)
{
    const fixture *f = *state;
    csig_share s = *f->share[3];

    csig_scalar_set_u32(&s.x, 0);
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s = *f->share[3];
    memcpy(s.identity[1], s.identity[4], CSIG_ID_BYTES);
    csig_share_derive(&s); /* so that nothing else is wrong; also below */
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s = *f->share[3];
    s.X[4] = s.X[0];
    csig_share_derive(&s);
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s = *f->share[3];
    s.t = T - 1; /* with T coefficients */
    csig_share_derive(&s);
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s = *f->share[3];
    s.pk = s.X[0];
    csig_share_derive(&s);
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s.S.S[0] = s.X[0];
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
    s = *f->share[3];
    s.S.S[T - 1] = s.X[0];
    assert_int_equal(csig_share_check(&s, &f->curve), CSIG_E_FORMAT);
}

static void public_hash_is_common_and_total(void **state)
{
    const fixture *f = *state;
    uint8_t hash[CSIG_HASH_BYTES], other[CSIG_HASH_BYTES];

    csig_share_public_hash(f->share[0], hash);
    for (size_t i = 1; i < N; i++) {
        csig_share_public_hash(f->share[i], other);
        assert_memory_equal(hash, other, sizeof hash);
    }
    for (unsigned i = 0; i < 9; i++) {
        csig_share s = *f->share[0];

        switch (i) {
        case 0:
            s.key_id[31] ^= 1;
            break;
        case 1:
            s.rid[0] ^= 1;
            break;
        case 2:
            s.cc_hash[0] ^= 1;
            break;
        case 3:
            s.pk = s.X[0];
            break;
        case 4:
            s.X[1] = s.X[0];
            break;
        case 5:
            s.S.S[2] = s.X[0];
            break;
        case 6:
            s.epoch = 1;
            break;
        case 7:
            s.identity[4][3] ^= 1;
            break;
        case 8:
            s.t = 4;
            break;
        default:
            break;
        }
        csig_share_public_hash(&s, other);
        assert_memory_not_equal(hash, other, sizeof hash);
    }
}

static void seeds_are_of_the_share(void **state)
{
    const fixture *f = *state;
    uint8_t a[32], b[32];

    csig_share_seed(f->share[0], a);
    csig_share_seed(f->share[0], b);
    assert_memory_equal(a, b, sizeof a);
    csig_share_seed(f->share[1], b);
    assert_memory_not_equal(a, b, sizeof a);
}

/* What shares of one key and epoch have in common. */
static void absorb_epoch(csig_transcript *t, const csig_share *s)
{
    csig_transcript_bytes(t, s->key_id, sizeof s->key_id);
    csig_transcript_u64(t, s->epoch);
    csig_transcript_u64(t, s->attempt);
    csig_transcript_u32(t, T);
    csig_transcript_u32(t, N);
    csig_transcript_list(t, N);
    for (int i = 0; i < N; i++)
        csig_transcript_bytes(t, s->identity[i], CSIG_ID_BYTES);
    csig_transcript_list(t, T);
    for (int k = 0; k < T; k++)
        csig_transcript_point(t, &s->S.S[k]);
    csig_transcript_list(t, N);
    for (int i = 0; i < N; i++)
        csig_transcript_point(t, &s->X[i]);
}

static void hashes_item_by_item(void **state)
{
    const fixture *f = *state;
    const csig_share *s = f->share[0];
    uint8_t hash[CSIG_HASH_BYTES], got[CSIG_HASH_BYTES];
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_CHAIN_CODE);
    csig_transcript_bytes(&t, s->key_id, sizeof s->key_id);
    csig_transcript_bytes(&t, s->cc, sizeof s->cc);
    csig_transcript_hash(&t, hash);
    assert_memory_equal(s->cc_hash, hash, sizeof s->cc_hash);

    csig_transcript_init(&t, CSIG_LABEL_EPOCH_STATE);
    absorb_epoch(&t, s);
    csig_transcript_hash(&t, hash);
    assert_memory_equal(s->epoch_state, hash, sizeof s->epoch_state);

    csig_transcript_init(&t, CSIG_LABEL_PUBLIC_OUTPUT);
    csig_transcript_bytes(&t, "ecdsa-secp256k1", 15);
    csig_transcript_point(&t, &s->pk);
    csig_transcript_bytes(&t, s->cc_hash, sizeof s->cc_hash);
    csig_transcript_bytes(&t, s->rid, sizeof s->rid);
    absorb_epoch(&t, s);
    csig_transcript_hash(&t, hash);
    csig_share_public_hash(s, got);
    assert_memory_equal(got, hash, sizeof got);

    csig_transcript_init(&t, CSIG_LABEL_SEAL_KEY);
    csig_transcript_bytes(&t, "rng", 3);
    csig_transcript_scalar(&t, &s->x);
    csig_transcript_hash(&t, hash);
    csig_share_seed(s, got);
    assert_memory_equal(got, hash, CSIG_RNG_SEED_BYTES);
}

static void walk_is_the_identity(void **state)
{
    const fixture *f = *state;
    const size_t size = csig_wire_size(csig_share_wire);
    static uint8_t out[4096], again[4096];
    csig_share back;

    assert_true(size <= sizeof out);
    for (size_t i = 0; i < N; i++) {
        csig_wire_write(csig_share_wire, f->share[i], out, size);
        memset(&back, 0, sizeof back);
        assert_int_equal(csig_wire_read(csig_share_wire, &back, out, size), CSIG_OK);
        assert_int_equal(csig_share_check(&back, &f->curve), CSIG_OK);
        csig_wire_write(csig_share_wire, &back, again, size);
        assert_memory_equal(out, again, size);
    }
}

/* What is not used is zero, numbers are in range, points are points. */
static void walk_is_strict(void **state)
{
    const fixture *f = *state;
    const size_t size = csig_wire_size(csig_share_wire);
    const size_t public = 32 + 32; /* behind x and cc */
    const size_t identities = public + 6 + 16 + 4 * 32;
    const size_t S = identities + (size_t)CSIG_MAX_PARTIES * CSIG_ID_BYTES;
    const size_t X = S + (size_t)CSIG_MAX_PARTIES * CSIG_POINT_BYTES;
    const size_t unused[] = {public + 1,
                             public + 3,
                             identities + N * CSIG_ID_BYTES,
                             S + T * CSIG_POINT_BYTES,
                             X + N * CSIG_POINT_BYTES,
                             size - 1,
                             S + 1 + (T - 1) * 33};
    static uint8_t out[4096];
    csig_share back;

    assert_int_equal(X + (size_t)CSIG_MAX_PARTIES * CSIG_POINT_BYTES, size);
    csig_wire_write(csig_share_wire, f->share[0], out, size);
    for (size_t k = 0; k < CSIG_ARRAY_LEN(unused); k++) {
        const uint8_t was = out[unused[k]];
        csig_err err;

        out[unused[k]] ^= 17;
        memset(&back, 0, sizeof back);
        err = csig_wire_read(csig_share_wire, &back, out, size);
        if (err == CSIG_OK) err = csig_share_check(&back, &f->curve);
        assert_int_equal(err, CSIG_E_FORMAT);
        out[unused[k]] = was;
    }
    memset(out, 0xff, 32); /* x is not below q */
    assert_int_equal(csig_wire_read(csig_share_wire, &back, out, size), CSIG_E_FORMAT);
    assert_int_equal(csig_wire_read(csig_share_wire, &back, out, size - 1), CSIG_E_LENGTH);
}

static int setup(void **state)
{
    static fixture f;
    csig_rng rng;

    csig_rng_init(&rng, NULL, NULL);
    assert_int_equal(csig_curve_init(&f.curve, &rng), CSIG_OK);
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
    csig_curve_wipe(&f->curve);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dealt_shares_are_consistent),
        cmocka_unit_test(anything_wrong_is_found),
        cmocka_unit_test(values_must_fit_together),
        cmocka_unit_test(public_hash_is_common_and_total),
        cmocka_unit_test(seeds_are_of_the_share),
        cmocka_unit_test(hashes_item_by_item),
        cmocka_unit_test(walk_is_the_identity),
        cmocka_unit_test(walk_is_strict),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
