/* Envelopes: octets, what is refused before anything else, signatures, lists of envelopes. */
#include "proto/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/level.h"
#include "countersign/session.h"
#include "proto/round.h"
#include "support/hex.h"

#define BODY 5
#define LEN  (CSIG_ENVELOPE_OVERHEAD + BODY)

static csig_ed_key key;
static uint8_t envelope[LEN + 8];

static csig_header sample(void)
{
    csig_header h = {
        .kind = 1,
        .version = CSIG_FORMAT_VERSION,
        .level = CSIG_LEVEL,
        .protocol = 250,
        .round = 3,
        .cast = CSIG_CAST_ONE,
        .from = 0x0102,
        .to = 0x0304,
        .body_len = BODY,
    };

    for (size_t i = 0; i < sizeof h.ssid; i++)
        h.ssid[i] = (uint8_t)(0x40 + i);
    return h;
}

static void write_sample(void)
{
    const uint8_t seed[32] = {7};
    const csig_header h = sample();

    csig_ed_key_from_seed(&key, seed);
    csig_envelope_write(envelope, &h, (const uint8_t *)"hello", &key);
}

static int setup(void **state)
{
    (void)state;
    write_sample();
    return 0;
}

static csig_err read_it(size_t len)
{
    csig_header h;
    const uint8_t *body;

    return csig_envelope_read(&h, &body, envelope, len);
}

static void octets_are_as_documented(void **state)
{
    (void)state;
    assert_int_equal(CSIG_HEADER_BYTES, csig_wire_size(csig_header_wire));
    assert_int_equal(CSIG_ENVELOPE_OVERHEAD, 110);
    hex_expect(envelope, 2, "0101");
    assert_int_equal(envelope[2], CSIG_LEVEL);
    hex_expect(envelope + 3, 7, "fa030101020304");
    hex_expect(envelope + 10, 32,
               "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f");
    hex_expect(envelope + 42, 9, "0000000568656c6c6f");
}

static void reads_what_was_written(void **state)
{
    uint8_t again[CSIG_HEADER_BYTES];
    csig_header h;
    const uint8_t *body;

    (void)state;
    assert_int_equal(csig_envelope_read(&h, &body, envelope, LEN), CSIG_OK);
    assert_int_equal(h.from, 0x0102);
    assert_int_equal(h.body_len, BODY);
    csig_wire_write(csig_header_wire, &h, again, sizeof again);
    assert_memory_equal(again, envelope, sizeof again);
    assert_ptr_equal(body, envelope + CSIG_HEADER_BYTES);
    assert_memory_equal(body, "hello", BODY);
}

static void wrong_lengths_are_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len < LEN; len++)
        assert_int_equal(read_it(len), CSIG_E_LENGTH);
    assert_int_equal(read_it(LEN), CSIG_OK);
    assert_int_equal(read_it(LEN + 1), CSIG_E_LENGTH);
    memset(envelope + 42, 0xff, 4);
    assert_int_equal(read_it(LEN), CSIG_E_LENGTH);
    memset(envelope + 42, 0, 4);
    assert_int_equal(read_it(LEN), CSIG_E_LENGTH);
}

static void other_kinds_versions_and_levels_are_refused(void **state)
{
    (void)state;
    envelope[0]++;
    assert_int_equal(read_it(LEN), CSIG_E_KIND);
    envelope[0]--, envelope[1]++;
    assert_int_equal(read_it(LEN), CSIG_E_VERSION);
    envelope[1]--, envelope[2]++;
    assert_int_equal(read_it(LEN), CSIG_E_LEVEL);
}

/* Key generation has had another version since; the others have not. */
static void versions_are_those_of_the_protocols(void **state)
{
    (void)state;
    for (uint8_t protocol = CSIG_PROTOCOL_AUXINFO; protocol <= CSIG_PROTOCOL_REFRESH; protocol++) {
        const uint8_t version = protocol == CSIG_PROTOCOL_KEYGEN ? 2 : 1;

        assert_int_equal(csig_envelope_version(protocol), version);
        envelope[3] = protocol;
        for (uint8_t v = 0; v < 4; v++) {
            envelope[1] = v;
            assert_int_equal(read_it(LEN), v == version ? CSIG_OK : CSIG_E_VERSION);
        }
    }
}

static void cast_and_recipient_must_fit(void **state)
{
    const struct {
        uint8_t cast;
        uint16_t to;
        csig_err err;
    } cases[] = {
        {CSIG_CAST_ALL, CSIG_TO_ALL, CSIG_OK},
        {CSIG_CAST_ALL, 3, CSIG_E_FORMAT},
        {CSIG_CAST_ONE, 3, CSIG_OK},
        {CSIG_CAST_ONE, CSIG_TO_ALL, CSIG_E_FORMAT},
        {CSIG_CAST_ECHO, CSIG_TO_ALL, CSIG_OK},
        {CSIG_CAST_ECHO, 3, CSIG_E_FORMAT},
        {CSIG_CAST_ABORT, CSIG_TO_ALL, CSIG_OK},
        {CSIG_CAST_ABORT, 3, CSIG_E_FORMAT},
        {4, CSIG_TO_ALL, CSIG_E_FORMAT},
        {255, 3, CSIG_E_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(cases); i++) {
        csig_header h = sample();

        h.cast = cases[i].cast;
        h.to = cases[i].to;
        csig_envelope_write(envelope, &h, (const uint8_t *)"hello", &key);
        assert_int_equal(read_it(LEN), cases[i].err);
    }
}

/* Every octet is signed. */
static void any_flipped_bit_breaks_the_signature(void **state)
{
    (void)state;
    assert_int_equal(csig_envelope_verify(envelope, LEN, key.id), CSIG_OK);
    for (size_t i = 0; i < LEN * 8; i++) {
        envelope[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(csig_envelope_verify(envelope, LEN, key.id), CSIG_E_SIGNATURE);
        envelope[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < LEN; len++)
        assert_int_equal(csig_envelope_verify(envelope, len, key.id), CSIG_E_SIGNATURE);
}

static void another_key_does_not_verify(void **state)
{
    const uint8_t seed[32] = {8};
    csig_ed_key other;

    (void)state;
    csig_ed_key_from_seed(&other, seed);
    assert_int_equal(csig_envelope_verify(envelope, LEN, other.id), CSIG_E_SIGNATURE);
}

/* A statement of the application over the same octets is no envelope. */
static void a_signature_for_another_use_does_not_verify(void **state)
{
    csig_transcript t;

    (void)state;
    csig_transcript_init(&t, CSIG_LABEL_STATEMENT);
    csig_transcript_bytes(&t, envelope, CSIG_HEADER_BYTES);
    csig_transcript_bytes(&t, envelope + CSIG_HEADER_BYTES, BODY);
    csig_ed_sign(envelope + CSIG_HEADER_BYTES + BODY, &key, &t);
    assert_int_equal(csig_envelope_verify(envelope, LEN, key.id), CSIG_E_SIGNATURE);
}

static void an_empty_body_can_be_written(void **state)
{
    csig_header h = sample();

    (void)state;
    h.body_len = 0;
    csig_envelope_write(envelope, &h, NULL, &key);
    assert_int_equal(read_it(CSIG_ENVELOPE_OVERHEAD), CSIG_OK);
    assert_int_equal(csig_envelope_verify(envelope, CSIG_ENVELOPE_OVERHEAD, key.id), CSIG_OK);
}

static void the_door_reads_addresses(void **state)
{
    const csig_header want = sample();
    uint8_t id[32];
    uint16_t from, to;
    uint8_t round;

    (void)state;
    assert_int_equal(csig_envelope_round(envelope, LEN, &round), CSIG_OK);
    assert_int_equal(round, 3);
    assert_int_equal(csig_envelope_round(envelope, LEN - 1, &round), CSIG_E_LENGTH);
    assert_int_equal(csig_envelope_address(envelope, LEN, id, &from, &to), CSIG_OK);
    assert_memory_equal(id, want.ssid, sizeof id);
    assert_int_equal(from, 0x0102);
    assert_int_equal(to, 0x0304);
    assert_int_equal(csig_envelope_address(envelope, LEN - 1, id, &from, &to), CSIG_E_LENGTH);
    envelope[0] = 2;
    assert_int_equal(csig_envelope_address(envelope, LEN, id, &from, &to), CSIG_E_KIND);
}

static void the_door_splits_lists(void **state)
{
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_envelope_length(envelope, LEN, &len), CSIG_OK);
    assert_int_equal(len, LEN);
    len = 0;
    assert_int_equal(csig_envelope_length(envelope, sizeof envelope, &len), CSIG_OK);
    assert_int_equal(len, LEN);
    for (size_t have = 0; have < LEN; have++)
        assert_int_equal(csig_envelope_length(envelope, have, &len), CSIG_E_LENGTH);
    memset(envelope + 42, 0xff, 4);
    assert_int_equal(csig_envelope_length(envelope, LEN, &len), CSIG_E_LENGTH);
    envelope[1]++;
    assert_int_equal(csig_envelope_length(envelope, LEN, &len), CSIG_E_VERSION);
    envelope[1]--, envelope[2] ^= 1;
    assert_int_equal(csig_envelope_length(envelope, LEN, &len), CSIG_E_LEVEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(octets_are_as_documented, setup),
        cmocka_unit_test_setup(reads_what_was_written, setup),
        cmocka_unit_test_setup(wrong_lengths_are_refused, setup),
        cmocka_unit_test_setup(other_kinds_versions_and_levels_are_refused, setup),
        cmocka_unit_test_setup(versions_are_those_of_the_protocols, setup),
        cmocka_unit_test_setup(cast_and_recipient_must_fit, setup),
        cmocka_unit_test_setup(any_flipped_bit_breaks_the_signature, setup),
        cmocka_unit_test_setup(another_key_does_not_verify, setup),
        cmocka_unit_test_setup(a_signature_for_another_use_does_not_verify, setup),
        cmocka_unit_test_setup(an_empty_body_can_be_written, setup),
        cmocka_unit_test_setup(the_door_reads_addresses, setup),
        cmocka_unit_test_setup(the_door_splits_lists, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
