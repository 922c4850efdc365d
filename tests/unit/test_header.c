/* The header's octets and order of errors, and sealed objects that open only as what they say. */
#include "crypto/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

static void header_octets(void **state)
{
    uint8_t out[CSIG_KIND_BYTES];

    (void)state;
    csig_kind_write(out, CSIG_KIND_SHARE);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[1], 1);
    assert_int_equal(out[2], CSIG_LEVEL);
    assert_int_equal(csig_kind_check(out, sizeof out, CSIG_KIND_SHARE), CSIG_OK);
}

/* Part of every format for ever. */
static void kinds_keep_their_numbers(void **state)
{
    (void)state;
    assert_int_equal(CSIG_KIND_ENVELOPE, 1);
    assert_int_equal(CSIG_KIND_SHARE, 2);
    assert_int_equal(CSIG_KIND_AUX_SECRET, 3);
    assert_int_equal(CSIG_KIND_AUX_RECORD, 4);
    assert_int_equal(CSIG_KIND_PEER, 5);
    assert_int_equal(CSIG_KIND_IDENTITY, 6);
    assert_int_equal(CSIG_KIND_PRESIG, 7);
    assert_int_equal(CSIG_KIND_PRIMES, 8);
    assert_int_equal(CSIG_KIND_REPLY, 9);
    assert_int_equal(CSIG_KIND_BACKUP, 10);
    assert_int_equal(CSIG_KIND_RECOVERY, 11);
    assert_int_equal(CSIG_KIND_ESCROW, 12);
    assert_int_equal(CSIG_KIND_EPOCH, 13);
}

static void header_errors_in_order(void **state)
{
    const uint8_t good[] = {2, 1, CSIG_LEVEL}, kind[] = {3, 1, CSIG_LEVEL};
    const uint8_t version[] = {2, 2, CSIG_LEVEL}, level[] = {2, 1, CSIG_LEVEL ^ 1};
    const uint8_t all[] = {3, 2, CSIG_LEVEL ^ 1}, both[] = {2, 0, CSIG_LEVEL ^ 1};
    const csig_kind share = CSIG_KIND_SHARE;

    (void)state;
    assert_int_equal(csig_kind_check(good, 3, share), CSIG_OK);
    assert_int_equal(csig_kind_check(kind, 3, share), CSIG_E_KIND);
    assert_int_equal(csig_kind_check(version, 3, share), CSIG_E_VERSION);
    assert_int_equal(csig_kind_check(level, 3, share), CSIG_E_LEVEL);
    assert_int_equal(csig_kind_check(all, 3, share), CSIG_E_KIND);
    assert_int_equal(csig_kind_check(both, 3, share), CSIG_E_VERSION);
    assert_int_equal(csig_kind_check(good, 0, share), CSIG_E_LENGTH);
    assert_int_equal(csig_kind_check(good, 1, share), CSIG_E_LENGTH);
    assert_int_equal(csig_kind_check(good, 2, share), CSIG_E_LENGTH);
    assert_int_equal(csig_kind_check_version(version, 3, share, 2), CSIG_OK);
    assert_int_equal(csig_kind_check_version(good, 3, share, 2), CSIG_E_VERSION);
    assert_int_equal(csig_kind_check_version(all, 3, share, 2), CSIG_E_KIND);
    assert_int_equal(csig_kind_check(kind, 1, share), CSIG_E_KIND);
    assert_int_equal(csig_kind_check(version, 2, share), CSIG_E_VERSION);
}

#define TEXT_LEN   7
#define SEALED_LEN (CSIG_OBJECT_CLEAR_BYTES + 40 + TEXT_LEN)

static const uint8_t *const text = (const uint8_t *)"a share";
static uint8_t key[32];
static csig_sealer sealer;

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(64 + i);
    sealer = csig_sealer_from_key(key);
    return 0;
}

static csig_object share_object(void)
{
    csig_object what = {.kind = CSIG_KIND_SHARE, .epoch = 0x0102030405060708};

    for (size_t i = 0; i < sizeof what.id; i++)
        what.id[i] = (uint8_t)i;
    return what;
}

static void expect_said(const csig_object *said)
{
    const csig_object want = share_object();

    assert_int_equal(said->kind, want.kind);
    assert_memory_equal(said->id, want.id, sizeof want.id);
    assert_true(said->epoch == want.epoch);
}

static void opens_a_known_answer(void **state)
{
    csig_object said = {.kind = CSIG_KIND_SHARE};
    uint8_t in[SEALED_LEN], out[SEALED_LEN];
    size_t len = sizeof out;

    (void)state;
    hex_read(in, sizeof in,
#if CSIG_LEVEL == 128
             "020180000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
             "01020304050607080a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021"
             "dccd125aeb4ac30365ed2f1460b7555b538ad08a13481d"
#else
             "020170000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
             "01020304050607080a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021"
             "dccd125aeb4ac333c42e483152c67d173d626b6b994f83"
#endif
    );
    assert_int_equal(csig_open_object(&sealer, &said, in, sizeof in, out, &len), CSIG_OK);
    expect_said(&said);
    assert_int_equal(len, TEXT_LEN);
    assert_memory_equal(out, text, TEXT_LEN);
}

static size_t seal(uint8_t out[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)])
{
    const csig_object what = share_object();
    size_t len = CSIG_OBJECT_SEALED_BYTES(TEXT_LEN);

    memset(out, 0xee, len);
    assert_int_equal(csig_seal_object(&sealer, &what, text, TEXT_LEN, out, &len), CSIG_OK);
    assert_int_equal(len, SEALED_LEN);
    return len;
}

static csig_err open_as(csig_kind kind, const uint8_t *in, size_t in_len)
{
    csig_object said = {.kind = kind};
    uint8_t out[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)];
    size_t len = sizeof out;

    return csig_open_object(&sealer, &said, in, in_len, out, &len);
}

static void says_what_it_is(void **state)
{
    csig_object said = {.kind = CSIG_KIND_SHARE};
    uint8_t sealed[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)];
    const size_t len = seal(sealed);

    (void)state;
    assert_int_equal(csig_object_read(&said, sealed, len), CSIG_OK);
    expect_said(&said);
    assert_int_equal(csig_object_read(&said, sealed, CSIG_OBJECT_CLEAR_BYTES), CSIG_OK);
    assert_int_equal(csig_object_read(&said, sealed, CSIG_OBJECT_CLEAR_BYTES - 1), CSIG_E_LENGTH);
    said.kind = CSIG_KIND_PRESIG;
    assert_int_equal(csig_object_read(&said, sealed, len), CSIG_E_KIND);
}

static void every_change_is_refused(void **state)
{
    uint8_t sealed[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)];
    const size_t len = seal(sealed);

    (void)state;
    assert_int_equal(open_as(CSIG_KIND_SHARE, sealed, len), CSIG_OK);
    for (size_t i = 0; i < len; i++) {
        const csig_err header[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};

        sealed[i] ^= 1;
        assert_int_equal(open_as(CSIG_KIND_SHARE, sealed, len), i < 3 ? header[i] : CSIG_E_SEAL);
        sealed[i] ^= 1;
        assert_int_equal(open_as(CSIG_KIND_SHARE, sealed, i),
                         i < CSIG_OBJECT_CLEAR_BYTES ? CSIG_E_LENGTH : CSIG_E_SEAL);
    }
    /* the kind is bound, not only compared */
    sealed[0] = CSIG_KIND_PRESIG;
    assert_int_equal(open_as(CSIG_KIND_PRESIG, sealed, len), CSIG_E_SEAL);
    sealed[0] = CSIG_KIND_SHARE;
    key[0] ^= 1;
    assert_int_equal(open_as(CSIG_KIND_SHARE, sealed, len), CSIG_E_SEAL);
    key[0] ^= 1;
    assert_int_equal(open_as(CSIG_KIND_SHARE, sealed, len), CSIG_OK);
}

static void room(void **state)
{
    const csig_object what = share_object();
    csig_object said = {.kind = CSIG_KIND_SHARE};
    uint8_t sealed[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)], out[SEALED_LEN];
    size_t len;

    (void)state;
    len = sizeof sealed - 1;
    assert_int_equal(csig_seal_object(&sealer, &what, text, TEXT_LEN, sealed, &len), CSIG_E_BUFFER);
    assert_int_equal(len, 0);
    len = 0;
    assert_int_equal(csig_seal_object(&sealer, &what, text, TEXT_LEN, sealed, &len), CSIG_E_BUFFER);
    len = sizeof sealed;
    assert_int_equal(csig_seal_object(&sealer, &what, text, SIZE_MAX, sealed, &len), CSIG_E_BUFFER);
    (void)seal(sealed);
    len = CSIG_OBJECT_OPENED_BYTES(SEALED_LEN) - 1;
    assert_int_equal(csig_open_object(&sealer, &said, sealed, SEALED_LEN, out, &len),
                     CSIG_E_BUFFER);
    len = CSIG_OBJECT_OPENED_BYTES(SEALED_LEN);
    assert_int_equal(csig_open_object(&sealer, &said, sealed, SEALED_LEN, out, &len), CSIG_OK);
    assert_int_equal(len, TEXT_LEN);
}

/* --- hosts whose sealers fail or say something impossible --- */

static int scribble_and_fail(void *ctx, const uint8_t *a, size_t a_len, const uint8_t *in,
                             size_t len, uint8_t *out, size_t *out_len)
{
    (void)ctx, (void)a, (void)a_len;
    memcpy(out, in, len);
    *out_len = len;
    return -1;
}

static int boast(void *ctx, const uint8_t *a, size_t a_len, const uint8_t *in, size_t len,
                 uint8_t *out, size_t *out_len)
{
    (void)ctx, (void)a, (void)a_len, (void)in, (void)out;
    *out_len = len + CSIG_SEAL_OVERHEAD + 1;
    return 0;
}

static void failing_sealers(void **state)
{
    const csig_sealer failing = {.seal = scribble_and_fail, .open = scribble_and_fail};
    const csig_sealer boasting = {.seal = boast, .open = boast}, *const each[] = {&failing,
                                                                                  &boasting};
    static const uint8_t zero[CSIG_OBJECT_SEALED_BYTES(TEXT_LEN)];
    const csig_object what = share_object();
    uint8_t sealed[sizeof zero], out[sizeof zero];

    (void)state;
    (void)seal(sealed);
    for (size_t i = 0; i < 2; i++) {
        csig_object said = {.kind = CSIG_KIND_SHARE};
        size_t len = sizeof out;

        memset(out, 0xee, sizeof out);
        assert_int_equal(csig_seal_object(each[i], &what, text, TEXT_LEN, out, &len), CSIG_E_HOST);
        assert_int_equal(len, 0);
        assert_memory_equal(out, zero, sizeof out);
        len = sizeof out;
        memset(out, 0xee, sizeof out);
        assert_int_equal(csig_open_object(each[i], &said, sealed, SEALED_LEN, out, &len),
                         CSIG_E_SEAL);
        assert_int_equal(len, 0);
        assert_memory_equal(out, zero, sizeof out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_octets),
        cmocka_unit_test(kinds_keep_their_numbers),
        cmocka_unit_test(header_errors_in_order),
        cmocka_unit_test(opens_a_known_answer),
        cmocka_unit_test(says_what_it_is),
        cmocka_unit_test(every_change_is_refused),
        cmocka_unit_test(room),
        cmocka_unit_test(failing_sealers),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
