/* The walk: fixed widths, big-endian, one encoding for each value, an error that sticks. */
#include "base/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/trap.h"

typedef struct message {
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    uint8_t bit;
    uint8_t bytes[3];
} message;

static void message_wire(csig_wire *w, void *msg)
{
    message *m = msg;

    csig_u8_wire(w, &m->one);
    csig_u16_wire(w, &m->two);
    csig_u32_wire(w, &m->four);
    csig_u64_wire(w, &m->eight);
    csig_bit_wire(w, &m->bit);
    csig_bytes_wire(w, m->bytes, sizeof m->bytes);
}

#define MESSAGE_BYTES 19
#define BIT_AT        15

static const message sample = {
    .one = 0x01,
    .two = 0x0203,
    .four = 0x04050607,
    .eight = 0x08090a0b0c0d0e0f,
    .bit = 1,
    .bytes = {0x11, 0x12, 0x13},
};

static const uint8_t sample_octets[MESSAGE_BYTES] = {1,  2,  3,  4,  5,  6, 7,    8,    9,   10,
                                                     11, 12, 13, 14, 15, 1, 0x11, 0x12, 0x13};

static void expect_same(const message *a, const message *b)
{
    assert_int_equal(a->one, b->one);
    assert_int_equal(a->two, b->two);
    assert_int_equal(a->four, b->four);
    assert_true(a->eight == b->eight);
    assert_int_equal(a->bit, b->bit);
    assert_memory_equal(a->bytes, b->bytes, sizeof a->bytes);
}

static void measures_writes_and_reads(void **state)
{
    uint8_t out[MESSAGE_BYTES + 2];
    message m;

    (void)state;
    assert_int_equal(csig_wire_size(message_wire), MESSAGE_BYTES);
    memset(out, 0xee, sizeof out);
    csig_wire_write(message_wire, &sample, out + 1, MESSAGE_BYTES);
    assert_memory_equal(out + 1, sample_octets, MESSAGE_BYTES);
    assert_int_equal(out[0], 0xee);
    assert_int_equal(out[MESSAGE_BYTES + 1], 0xee);
    memset(&m, 0xee, sizeof m);
    assert_int_equal(csig_wire_read(message_wire, &m, sample_octets, MESSAGE_BYTES), CSIG_OK);
    expect_same(&m, &sample);
}

static void extreme_values(void **state)
{
    uint8_t out[MESSAGE_BYTES];
    message m = {0xff, 0xffff, 0xffffffff, UINT64_MAX, 0, {0xff, 0xff, 0xff}}, n;

    (void)state;
    csig_wire_write(message_wire, &m, out, sizeof out);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], i == BIT_AT ? 0 : 0xff);
    assert_int_equal(csig_wire_read(message_wire, &n, out, sizeof out), CSIG_OK);
    expect_same(&m, &n);
}

static void other_lengths_are_refused(void **state)
{
    uint8_t in[2 * MESSAGE_BYTES] = {0};
    message m = sample;

    (void)state;
    for (size_t len = 0; len <= sizeof in; len++) {
        const csig_err err = csig_wire_read(message_wire, &m, in, len);

        assert_int_equal(err, len == MESSAGE_BYTES ? CSIG_OK : CSIG_E_LENGTH);
        if (err != CSIG_OK && len < MESSAGE_BYTES) expect_same(&m, &sample); /* untouched */
    }
}

static void a_bit_is_0_or_1(void **state)
{
    uint8_t in[MESSAGE_BYTES];
    message m;

    (void)state;
    memcpy(in, sample_octets, sizeof in);
    for (unsigned v = 0; v < 256; v++) {
        in[BIT_AT] = (uint8_t)v;
        assert_int_equal(csig_wire_read(message_wire, &m, in, sizeof in),
                         v < 2 ? CSIG_OK : CSIG_E_FORMAT);
    }
}

/* The first error stays: what follows is not read. */
static void errors_stick(void **state)
{
    const uint8_t in[] = {2, 0xaa, 0xbb};
    csig_wire w = {.op = CSIG_WIRE_READ, .in = in, .len = sizeof in};
    uint8_t bit = 0, bytes[1] = {0x55};

    (void)state;
    csig_bit_wire(&w, &bit);
    assert_true(w.bad);
    csig_bytes_wire(&w, bytes, 1);
    assert_int_equal(bytes[0], 0x55);
    assert_null(csig_wire_get(&w, CSIG_FIELD_BYTES, 1));
    assert_true(w.bad);
}

static void nothing_is_read_past_the_end(void **state)
{
    const uint8_t in[4] = {1, 2, 3, 4};
    csig_wire w = {.op = CSIG_WIRE_READ, .in = in, .len = sizeof in};

    (void)state;
    assert_ptr_equal(csig_wire_get(&w, CSIG_FIELD_BYTES, 3), in);
    assert_null(csig_wire_get(&w, CSIG_FIELD_BYTES, 2));
    assert_true(w.bad);
    w = (csig_wire){.op = CSIG_WIRE_READ, .in = in, .len = sizeof in};
    assert_null(csig_wire_get(&w, CSIG_FIELD_BYTES, SIZE_MAX));
    w = (csig_wire){.op = CSIG_WIRE_READ, .in = in, .len = sizeof in};
    assert_non_null(csig_wire_get(&w, CSIG_FIELD_BYTES, 4));
    assert_non_null(csig_wire_get(&w, CSIG_FIELD_BYTES, 0));
    assert_false(w.bad);
    assert_null(csig_wire_get(&w, CSIG_FIELD_BYTES, 1));
}

/* A walk that asks for less when it reads: the rest must not pass unread. */
static void lopsided_wire(csig_wire *w, void *msg)
{
    message *m = msg;

    csig_u16_wire(w, &m->two);
    if (w->op != CSIG_WIRE_READ) csig_u8_wire(w, &m->one);
}

static void trailing_octets_are_refused(void **state)
{
    message m;

    (void)state;
    assert_int_equal(csig_wire_read(lopsided_wire, &m, sample_octets, 3), CSIG_E_FORMAT);
}

typedef struct visits {
    size_t n;
    csig_field kind[8];
    size_t width[8];
    size_t at[8];
} visits;

static void note(csig_wire *w, csig_field kind, size_t width)
{
    visits *v = w->visitor;

    v->kind[v->n] = kind;
    v->width[v->n] = width;
    v->at[v->n] = w->at;
    v->n++;
}

static void a_visitor_sees_every_field(void **state)
{
    static const csig_field kinds[] = {CSIG_FIELD_UINT, CSIG_FIELD_UINT, CSIG_FIELD_UINT,
                                       CSIG_FIELD_UINT, CSIG_FIELD_BIT,  CSIG_FIELD_BYTES};
    static const size_t widths[] = {1, 2, 4, 8, 1, 3};
    uint8_t out[MESSAGE_BYTES];
    message m = sample;
    csig_wire walks[] = {
        {.op = CSIG_WIRE_MEASURE},
        {.op = CSIG_WIRE_WRITE, .out = out, .len = sizeof out},
        {.op = CSIG_WIRE_READ, .in = sample_octets, .len = sizeof sample_octets},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(walks); i++) {
        visits v = {0};
        size_t at = 0;

        walks[i].visit = note;
        walks[i].visitor = &v;
        message_wire(&walks[i], &m);
        assert_int_equal(walks[i].at, MESSAGE_BYTES);
        assert_int_equal(v.n, CSIG_ARRAY_LEN(kinds));
        for (size_t f = 0; f < v.n; f++) {
            assert_int_equal(v.kind[f], kinds[f]);
            assert_int_equal(v.width[f], widths[f]);
            assert_int_equal(v.at[f], at);
            at += widths[f];
        }
    }
}

static void shaped_wire(csig_wire *w, void *msg)
{
    message *m = msg;

    for (uint16_t i = 0; i < w->shape->n; i++)
        csig_u8_wire(w, &m->one);
    for (uint16_t i = 0; i < w->shape->t; i++)
        csig_u16_wire(w, &m->two);
}

static void widths_follow_the_shape(void **state)
{
    const csig_wire_shape shape = {.n = 5, .t = 3};
    uint8_t out[11];
    message m = sample;

    (void)state;
    assert_int_equal(csig_wire_size_shaped(shaped_wire, &shape), 11);
    csig_wire_write_shaped(shaped_wire, &shape, &m, out, sizeof out);
    assert_int_equal(out[4], 1);
    assert_int_equal(out[10], 3);
    assert_int_equal(csig_wire_read_shaped(shaped_wire, &shape, &m, out, 11), CSIG_OK);
    assert_int_equal(csig_wire_read_shaped(shaped_wire, &shape, &m, out, 10), CSIG_E_LENGTH);
    assert_int_equal(csig_wire_size_shaped(message_wire, NULL), MESSAGE_BYTES);
}

static void write_short(void *arg)
{
    uint8_t out[MESSAGE_BYTES];

    csig_wire_write(message_wire, arg, out, MESSAGE_BYTES - 1);
}

static void write_long(void *arg)
{
    uint8_t out[MESSAGE_BYTES + 1];

    csig_wire_write(message_wire, arg, out, sizeof out);
}

static void writing_another_length_traps(void **state)
{
    message m = sample;

    (void)state;
    assert_true(trap_is_hit(write_short, &m));
    assert_true(trap_is_hit(write_long, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_writes_and_reads),
        cmocka_unit_test(extreme_values),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(a_bit_is_0_or_1),
        cmocka_unit_test(errors_stick),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(trailing_octets_are_refused),
        cmocka_unit_test(a_visitor_sees_every_field),
        cmocka_unit_test(widths_follow_the_shape),
        cmocka_unit_test(writing_another_length_traps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
