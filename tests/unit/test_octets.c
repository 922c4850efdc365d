/* Cursor and sink: every width, the one form of a compact size, errors that stay. */
#include "payload/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "support/trap.h"

static const struct {
    uint64_t value;
    const char *hex;
} sizes[] = {
    {0, "00"},
    {0xfc, "fc"},
    {0xfd, "fdfd00"},
    {0xffff, "fdffff"},
    {0x10000, "fe00000100"},
    {0xffffffff, "feffffffff"},
    {UINT64_C(0x100000000), "ff0000000001000000"},
    {UINT64_MAX, "ffffffffffffffffff"},
};

static void compact_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(sizes); i++) {
        uint8_t out[9];
        csig_sink s = {.out = out, .room = sizeof out};
        csig_cursor c = {0};

        csig_sink_compact(&s, sizes[i].value);
        span_expect((csig_span){out, s.at}, sizes[i].hex);
        for (size_t len = 0; len <= s.at; len++) {
            c = (csig_cursor){.in = {out, len}};
            assert_int_equal(csig_cursor_compact(&c), len == s.at ? sizes[i].value : 0);
            assert_int_equal(csig_cursor_is_done(&c), len == s.at);
        }
    }
}

static void longer_than_needed(void **state)
{
    static const char *const longer[] = {"fdfc00", "fd0000", "feffff0000", "ffffffffff00000000"};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(longer); i++) {
        uint8_t in[9];
        csig_cursor c = {.in = {in, strlen(longer[i]) / 2}};

        hex_read(in, c.in.len, longer[i]);
        assert_int_equal(csig_cursor_compact(&c), 0);
        assert_true(c.bad);
    }
}

static void fields(void **state)
{
    uint8_t out[32];
    csig_sink s = {.out = out, .room = sizeof out}, counted = {0};
    csig_cursor c;

    (void)state;
    for (csig_sink *to = &s;; to = &counted) {
        csig_sink_u8(to, 1);
        csig_sink_u32(to, 0x01020304);
        csig_sink_u64(to, 0x0102030405060708);
        csig_sink_run(to, (csig_span){(const uint8_t *)"run", 3});
        csig_sink_run(to, (csig_span){0});
        if (to == &counted) break;
    }
    assert_int_equal(counted.at, s.at);
    span_expect((csig_span){out, s.at}, "010403020108070605040302010372756e00");
    c = (csig_cursor){.in = {out, s.at}};
    assert_int_equal(csig_cursor_u8(&c), 1);
    assert_int_equal(csig_cursor_u32(&c), 0x01020304);
    assert_int_equal(csig_cursor_u64(&c), 0x0102030405060708);
    span_expect(csig_cursor_run(&c), "72756e");
    assert_int_equal(csig_cursor_run(&c).len, 0);
    assert_true(csig_cursor_is_done(&c));
    span_expect(csig_cursor_since(&c, 13), "0372756e00");
    /* and no more */
    assert_int_equal(csig_cursor_u8(&c), 0);
    assert_false(csig_cursor_is_done(&c));
}

static void errors_stay(void **state)
{
    const uint8_t in[] = {9, 1, 2, 3};
    csig_cursor c = {.in = {in, sizeof in}};

    (void)state;
    assert_int_equal(csig_cursor_run(&c).len, 0);
    assert_true(c.bad);
    assert_int_equal(csig_cursor_span(&c, 0).len, 0);
    assert_int_equal(csig_cursor_u8(&c), 0);
    assert_int_equal(csig_cursor_compact(&c), 0);
    assert_true(c.bad);
    c = (csig_cursor){0};
    assert_int_equal(csig_cursor_span(&c, 0).len, 0);
    assert_true(csig_cursor_is_done(&c));
    assert_int_equal(csig_cursor_u32(&c), 0);
    assert_true(c.bad);
}

static void hashing(void **state)
{
    csig_sha256 h;
    csig_sink s = {.hash = &h};
    uint8_t out[CSIG_SHA256_BYTES], want[CSIG_SHA256_BYTES];

    (void)state;
    csig_sha256_init(&h);
    csig_sink_bytes(&s, "ab", 2);
    csig_sink_u8(&s, 'c');
    csig_sha256_final(&h, out);
    csig_sha256_of(want, "abc", 3);
    assert_memory_equal(out, want, sizeof want);
    assert_int_equal(s.at, 3);
}

static void write_too_much(void *room)
{
    csig_sink s = {.out = room, .room = 4};

    csig_sink_u32(&s, 0);
    csig_sink_u8(&s, 0);
}

static void spans_and_room(void **state)
{
    uint8_t room[4];
    const csig_span a = {(const uint8_t *)"aa", 2}, b = {(const uint8_t *)"ab", 2}, none = {0};

    (void)state;
    assert_true(csig_span_is_eq(a, a));
    assert_false(csig_span_is_eq(a, b));
    assert_false(csig_span_is_eq(a, none));
    assert_true(csig_span_is_eq(none, none));
    assert_true(trap_is_hit(write_too_much, room));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_sizes), cmocka_unit_test(longer_than_needed),
        cmocka_unit_test(fields),        cmocka_unit_test(errors_stay),
        cmocka_unit_test(hashing),       cmocka_unit_test(spans_and_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
