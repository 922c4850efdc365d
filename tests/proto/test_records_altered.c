/* Whatever is altered in a record is refused with the name of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/envelope.h"
#include "proto/records.h"

static keygen_group kg;
static reshare_group rg;
static csig_record_info info;
static csig_blame blame;

/* --- altered --- */

static bool is_named(void)
{
    return blame.where[0] != '\0' && blame.err != CSIG_OK;
}

/* The epoch before is what its own commit says, which is not in the record: all that the members
 * agreed on is in the session id but the rid, which they do not use. It is in the chain. */
static bool is_rid_before(const octets *o, size_t i)
{
    const size_t len = (size_t)(o->p[4] << 24 | o->p[5] << 16 | o->p[6] << 8 | o->p[7]);
    const size_t rid = 8 + len - CSIG_EPOCH_BYTES + 3 + 4 + 16 + 32;

    return o->p[3] == CSIG_PROTOCOL_REFRESH && i >= rid && i < rid + 32;
}

static void expect_refused(const octets *o, size_t i)
{
    const csig_err err = csig_record_verify(o->p, o->len, &info, &blame);

    if (err == CSIG_OK || err != blame.err || !is_named())
        fail_msg("octet %zu of %zu: %s at \"%s\"", i, o->len, csig_err_name(err), blame.where);
    assert_int_not_equal(csig_err_class(err), CSIG_CLASS_CALLER);
    assert_int_not_equal(csig_err_class(err), CSIG_CLASS_LOCAL);
}

/* One octet after the other, every `step`th. */
static void expect_no_octet_free(const octets *o, size_t step)
{
    uint8_t chain[32];

    assert_int_equal(csig_record_verify(o->p, o->len, &info, &blame), CSIG_OK);
    memcpy(chain, info.chain, sizeof chain);
    for (size_t i = 0; i < o->len; i += step) {
        o->p[i] ^= 1;
        if (is_rid_before(o, i)) {
            assert_int_equal(csig_record_verify(o->p, o->len, &info, &blame), CSIG_OK);
            assert_memory_not_equal(chain, info.chain, sizeof chain);
            assert_int_equal(csig_epoch_commit_verify(info.epoch_before, 1, info.commit),
                             CSIG_E_SIGNATURE);
        } else {
            expect_refused(o, i);
        }
        o->p[i] ^= 1;
    }
    assert_int_equal(csig_record_verify(o->p, o->len, &info, &blame), CSIG_OK);
    assert_memory_equal(chain, info.chain, sizeof chain);
}

static void every_octet(void **state)
{
    octets o;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    o = records_keygen(&kg, 2);
    expect_no_octet_free(&o, 1);
    free(o.p);
    keygen_group_free(&kg);
    o = records_reshare(&rg, &records_two_of_two);
    expect_no_octet_free(&o, 1);
    free(o.p);
    reshare_group_free(&rg);
    o = records_reshare(&rg, &records_replaced);
    expect_no_octet_free(&o, 97);
    free(o.p);
    reshare_group_free(&rg);
}

static void lengths(void **state)
{
    octets o;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    o = records_keygen(&kg, 0);
    for (size_t len = 0; len < o.len; len += 1 + len / 16)
        assert_int_not_equal(csig_record_verify(o.p, len, &info, &blame), CSIG_OK);
    o.p = realloc(o.p, o.len + 1);
    assert_non_null(o.p);
    assert_int_equal(csig_record_verify(o.p, o.len + 1, &info, &blame), CSIG_E_LENGTH);
    assert_string_equal(blame.where, "end");
    assert_int_equal(csig_record_verify(o.p, o.len - 1, &info, &blame), CSIG_E_LENGTH);
    assert_string_equal(blame.where, "keygen/5");
    free(o.p);
    keygen_group_free(&kg);
}

/* --- validly signed, and wrong --- */

/* The n-th envelope, from 0. */
static uint8_t *envelope_at(const octets *o, unsigned n, size_t *len)
{
    size_t at = 8 + (size_t)(o->p[4] << 24 | o->p[5] << 16 | o->p[6] << 8 | o->p[7]);

    for (at += CSIG_EPOCH_BYTES;; at += *len) {
        assert_int_equal(csig_envelope_length(o->p + at, o->len - at, len), CSIG_OK);
        if (n-- == 0) return o->p + at;
    }
}

static void sign_again(uint8_t *p, const csig_identity *id)
{
    csig_header h;

    assert_int_equal(csig_wire_read(csig_header_wire, &h, p, CSIG_HEADER_BYTES), CSIG_OK);
    csig_envelope_write(p, &h, p + CSIG_HEADER_BYTES, &id->key);
}

typedef struct lie {
    unsigned envelope; /* two for each round but the last */
    size_t at;         /* in its body; from the end where `back` */
    bool back;
    csig_err err;
    const char *where;
    uint16_t culprit;
} lie;

static void expect_lie(const octets *o, const lie *l, const csig_identity *id)
{
    size_t len;
    uint8_t *p = envelope_at(o, l->envelope, &len), *was = malloc(len);
    const size_t body = len - CSIG_ENVELOPE_OVERHEAD;
    const size_t at = CSIG_HEADER_BYTES + (l->back ? body - l->at : l->at);

    assert_non_null(was);
    memcpy(was, p, len);
    p[at] ^= 1;
    sign_again(p, id);
    assert_int_equal(csig_record_verify(o->p, o->len, &info, &blame), l->err);
    assert_int_equal(blame.err, l->err);
    assert_string_equal(blame.where, l->where);
    assert_int_equal(blame.culprit, l->culprit);
    memcpy(p, was, len);
    free(was);
}

#define DIGESTS (24 * 8) /* of the preamble */

static void lies_in_key_generation(void **state)
{
    static const lie lies[] = {
        {0, 3, false, CSIG_E_MESSAGE, "keygen/1", 1},      /* a digest of the inputs */
        {0, DIGESTS, false, CSIG_E_COMMIT, "keygen/2", 1}, /* V */
        {2, 0, false, CSIG_E_COMMIT, "keygen/2", 1},       /* rid */
        {3, 64, false, CSIG_E_COMMIT, "keygen/2", 2},      /* a point of S */
        {4, 31, false, CSIG_E_PROOF, "keygen/3", 1},       /* Pi-sch */
        {7, 5, false, CSIG_E_ACK, "keygen/4", 2},          /* the public output */
        {8, 5, false, CSIG_E_ACK, "keygen/5", 2},          /* the birth */
    };
    octets o;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    o = records_keygen(&kg, 2);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        expect_lie(&o, &lies[i], kg.id[lies[i].culprit - 1]);
    free(o.p);
    keygen_group_free(&kg);
}

static void lies_in_a_change(void **state)
{
    static const lie lies[] = {
        {0, 3, false, CSIG_E_MESSAGE, "refresh/1", 1},
        {1, DIGESTS, false, CSIG_E_COMMIT, "refresh/2", 2},
        {2, 0, false, CSIG_E_COMMIT, "refresh/2", 1},  /* rid */
        {2, 32, false, CSIG_E_COMMIT, "refresh/2", 1}, /* C */
        {4, 1, false, CSIG_E_ACK, "refresh/3", 1},     /* the public output */
        {6, 31, false, CSIG_E_OUTPUT, "refresh/4", 2}, /* the test signature */
        {6, 64, false, CSIG_E_OUTPUT, "refresh/4", 2}, /* its recovery id */
        {6, 1, true, CSIG_E_ACK, "refresh/4", 2},      /* the commit */
    };
    octets o;

    (void)state;
    o = records_reshare(&rg, &records_two_of_two);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++)
        expect_lie(&o, &lies[i], reshare_group_identity(&rg, (uint16_t)(lies[i].culprit - 1)));
    free(o.p);
    reshare_group_free(&rg);
}

/* Two members told different things: what each echoed is not what the other had. */
static void split_view(void **state)
{
    const lie echo = {3, 7, false, CSIG_E_ECHO, "refresh/1", 1};
    const lie told = {1, 200, false, CSIG_E_ECHO, "refresh/1", 1};
    octets o;

    (void)state;
    o = records_reshare(&rg, &records_replaced);
    expect_lie(&o, &echo, reshare_group_identity(&rg, 0));
    expect_lie(&o, &told, reshare_group_identity(&rg, 1));
    free(o.p);
    reshare_group_free(&rg);
}

static void not_in_order(void **state)
{
    size_t len, other_len;
    uint8_t *a, *b, *was;
    octets o;

    (void)state;
    keygen_group_init(&kg, 2, 2);
    o = records_keygen(&kg, 0);
    a = envelope_at(&o, 0, &len);
    b = envelope_at(&o, 1, &other_len);
    assert_int_equal(len, other_len);
    was = malloc(len);
    assert_non_null(was);
    memcpy(was, a, len);
    memcpy(a, b, len);
    assert_int_equal(csig_record_verify(o.p, o.len, &info, &blame), CSIG_E_SENDER);
    memcpy(b, was, len);
    assert_int_equal(csig_record_verify(o.p, o.len, &info, &blame), CSIG_E_SENDER);
    free(was);
    free(o.p);
    keygen_group_free(&kg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet),
        cmocka_unit_test(lengths),
        cmocka_unit_test(lies_in_key_generation),
        cmocka_unit_test(lies_in_a_change),
        cmocka_unit_test(split_view),
        cmocka_unit_test(not_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
