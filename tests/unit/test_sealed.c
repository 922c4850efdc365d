/* Sealed objects of a small message: round trip, room, and every refusal. */
#include "crypto/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/open_sealer.h"

typedef struct pair {
    uint64_t a;
    uint8_t b;
} pair;

static void pair_wire(csig_wire *w, void *msg)
{
    pair *p = msg;

    csig_u64_wire(w, &p->a);
    csig_bit_wire(w, &p->b);
}

#define PAIR_BYTES 9
#define ROOM       CSIG_OBJECT_SEALED_BYTES(PAIR_BYTES)

static const uint8_t key[32] = {1, 2, 3};

static size_t sealed(uint8_t out[ROOM], uint8_t bit)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    const csig_object what = {.kind = CSIG_KIND_REPLY, .id = {7}, .epoch = 9};
    const pair p = {.a = 5, .b = bit};
    size_t len = ROOM;

    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &p, out, &len), CSIG_OK);
    assert_true(len <= ROOM);
    return len;
}

static csig_err opened(const uint8_t *in, size_t len)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_object what = {.kind = CSIG_KIND_REPLY};
    pair p;

    return csig_sealed_read(&sealer, &what, pair_wire, &p, in, len);
}

static void round_trip(void **state)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_object what = {.kind = CSIG_KIND_REPLY};
    uint8_t out[ROOM];
    const size_t len = sealed(out, 1);
    pair p;

    (void)state;
    assert_int_equal(csig_sealed_read(&sealer, &what, pair_wire, &p, out, len), CSIG_OK);
    assert_true(p.a == 5 && p.b == 1);
    assert_true(what.id[0] == 7 && what.epoch == 9);
}

static void room_is_told(void **state)
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    const csig_object what = {.kind = CSIG_KIND_REPLY};
    const pair p = {0};
    uint8_t out[ROOM];
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &p, NULL, &len), CSIG_E_BUFFER);
    assert_int_equal(len, ROOM);
    len = ROOM - 1;
    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &p, out, &len), CSIG_E_BUFFER);
    assert_int_equal(len, ROOM);
    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &p, out, &len), CSIG_OK);
}

static int failing_seal(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *plain,
                        size_t len, uint8_t *out, size_t *out_len)
{
    (void)ctx, (void)ad, (void)ad_len, (void)plain, (void)len, (void)out;
    *out_len = 0;
    return -1;
}

static void host_failure(void **state)
{
    const csig_sealer sealer = {.seal = failing_seal};
    const csig_object what = {.kind = CSIG_KIND_REPLY};
    const pair p = {0};
    uint8_t out[ROOM];
    size_t len = ROOM;

    (void)state;
    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &p, out, &len), CSIG_E_HOST);
}

static void refusals(void **state)
{
    uint8_t out[ROOM], bad[ROOM + 1] = {0};
    const size_t len = sealed(out, 1);
    static const csig_err header[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};

    (void)state;
    for (size_t i = 0; i < len; i++) {
        memcpy(bad, out, len);
        bad[i] ^= 1;
        assert_int_equal(opened(bad, len), i < CSIG_ARRAY_LEN(header) ? header[i] : CSIG_E_SEAL);
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(opened(out, cut), CSIG_OK);
    assert_int_equal(opened(out, 0), CSIG_E_LENGTH);
    assert_int_equal(opened(out, CSIG_OBJECT_CLEAR_BYTES), CSIG_E_LENGTH);
    memcpy(bad, out, len);
    assert_int_equal(opened(bad, sizeof bad), CSIG_E_LENGTH);
}

static void plaintext_is_read_strictly(void **state)
{
    const csig_sealer sealer = open_sealer();
    csig_object what = {.kind = CSIG_KIND_REPLY};
    uint8_t out[ROOM];
    const pair two = {.a = 1, .b = 2};
    size_t len = ROOM;
    pair p;

    (void)state;
    assert_int_equal(csig_sealed_write(&sealer, &what, pair_wire, &two, out, &len), CSIG_OK);
    assert_int_equal(csig_sealed_read(&sealer, &what, pair_wire, &p, out, len), CSIG_E_FORMAT);
    out[len - 1] = 1;
    assert_int_equal(csig_sealed_read(&sealer, &what, pair_wire, &p, out, len), CSIG_OK);
    assert_int_equal(csig_sealed_read(&sealer, &what, pair_wire, &p, out, len - 1), CSIG_E_LENGTH);
    assert_int_equal(csig_sealed_read(&sealer, &what, pair_wire, &p, out, len + 1), CSIG_E_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(room_is_told),
        cmocka_unit_test(host_failure),
        cmocka_unit_test(refusals),
        cmocka_unit_test(plaintext_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
