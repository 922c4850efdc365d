/* Verifiable escrow: a known answer computed by other code, honest escrows, and everything that
 * must neither verify nor be decrypted. */
#include "crypto/escrow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/level.h"
#include "support/escrow.h"
#include "support/hex.h"
#include "support/random.h"
#include "support/zk.h"

typedef struct sample {
    uint8_t dk[32];
    csig_scalar x;
    csig_escrow_stmt stmt;
    csig_escrow escrow;
} sample;

/* 12345678901234567890^2 */
static const uint8_t known_x[] = {0x72, 0xaa, 0x36, 0x81, 0xf6, 0xe1, 0x20, 0xd4,
                                  0xa3, 0xff, 0x1b, 0x51, 0x2b, 0x51, 0x14, 0x44};

static void state_it(sample *s)
{
    for (size_t i = 0; i < sizeof s->dk; i++)
        s->dk[i] = (uint8_t)(i + 1);
    csig_scalar_from_bytes(&s->x, known_x, sizeof known_x);
    escrow_stmt(&s->stmt, &s->x, s->dk);
}

static void make(sample *s, zk_world *w)
{
    state_it(s);
    assert_int_equal(csig_escrow_prove(&s->escrow, &w->env, &s->stmt, &s->x), CSIG_OK);
}

static csig_err recover(const sample *s, zk_world *w, csig_scalar *x)
{
    memset(x, 0xaa, sizeof *x);
    return csig_escrow_recover(x, &s->escrow, &w->curve, &s->stmt, s->dk);
}

/* Neither. */
static void refused(const sample *s, zk_world *w, csig_err err)
{
    csig_scalar x;

    assert_int_equal(csig_escrow_verify(&s->escrow, &s->stmt), err);
    assert_int_equal(recover(s, w, &x), err);
    assert_true(csig_scalar_is_zero(&x));
}

/* The octets of an escrow with given seeds, by a program in another language and on other libraries
 * for the curves and the cipher. */
static void known_answer(void **state)
{
    static sample s;
    static uint8_t octets[CSIG_ESCROW_WIRE_BYTES];
    uint8_t hash[64];
    csig_scalar x;

    state_it(&s);
    escrow_forge(&s.escrow, &s.stmt, &s.x, 9, 0, 0);
    assert_int_equal(csig_wire_size(csig_escrow_wire), 18448);
    csig_wire_write(csig_escrow_wire, &s.escrow, octets, sizeof octets);
    crypto_hash_sha512(hash, octets, sizeof octets);
    hex_expect(hash, 32,
               CSIG_LEVEL == 128
                   ? "8e75b009ac5aa16fc3e510d994dc97e2493689e130ea6ca82e4856c2d35e16e4"
                   : "9865f0989dcd3e8b23aecbf906dcc33aef83dd0cc94baba3aed1df1badcbb361");
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
    assert_int_equal(recover(&s, *state, &x), CSIG_OK);
    assert_true(csig_scalar_is_eq(&x, &s.x));
}

static void honest(void **state)
{
    static sample s, again;
    csig_scalar x, one, zero = {{0}};

    random_seed(1);
    make(&s, *state), make(&again, *state);
    /* fresh seeds each time */
    assert_memory_not_equal(&s.escrow, &again.escrow, sizeof s.escrow.bits);
    assert_memory_not_equal(s.escrow.row[0].seed, again.escrow.row[0].seed, 32);
    for (size_t i = 0; i < CSIG_ESCROW_ROWS; i++) {
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(s.escrow.row[i].seed, s.escrow.row[j].seed, 32);
    }
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
    assert_int_equal(recover(&s, *state, &x), CSIG_OK);
    assert_true(csig_scalar_is_eq(&x, &s.x));
    /* 1 and q - 1 */
    csig_scalar_set_u32(&one, 1);
    for (int high = 0; high < 2; high++) {
        csig_scalar_sub(&s.x, high ? &zero : &one, high ? &one : &zero);
        escrow_stmt(&s.stmt, &s.x, s.dk);
        assert_int_equal(csig_escrow_prove(&s.escrow, &((zk_world *)*state)->env, &s.stmt, &s.x),
                         CSIG_OK);
        assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
        assert_int_equal(recover(&s, *state, &x), CSIG_OK);
        assert_true(csig_scalar_is_eq(&x, &s.x));
    }
}

static csig_err judge(void *ctx, const uint8_t *in, size_t len)
{
    const sample *s = ctx;
    static csig_escrow e;

    CSIG_TRY(csig_wire_read(csig_escrow_wire, &e, in, len));
    return csig_escrow_verify(&e, &s->stmt);
}

static void each_field_is_bound(void **state)
{
    static sample s;
    static uint8_t octets[CSIG_ESCROW_WIRE_BYTES];
    const zk_octets o = {csig_escrow_wire, octets, sizeof octets, judge, &s, NULL, 0};

    random_seed(2);
    make(&s, *state);
    csig_wire_write(csig_escrow_wire, &s.escrow, octets, sizeof octets);
    assert_int_equal(zk_field_count(csig_escrow_wire), 1 + 3 * CSIG_ESCROW_ROWS);
    zk_refuses_lengths_and_zeros(&o);
    /* 43 is prime to 3: seeds, pieces and boxes of both sides */
    assert_in_range(zk_refuses_altered_fields(&o, 0, 43), 40, 80);
}

/* Any one octet of the boxes, first and last of each part, and any bit of the challenge. */
static void each_part_of_a_box_is_bound(void **state)
{
    static const size_t at[] = {0, 31, 32, 63, 64, 79};
    static sample s;

    random_seed(3);
    make(&s, *state);
    for (size_t k = 0; k < CSIG_ARRAY_LEN(at); k++) {
        s.escrow.row[17 * k].c[at[k]] ^= 0x10;
        refused(&s, *state, CSIG_E_PROOF);
        s.escrow.row[17 * k].c[at[k]] ^= 0x10;
    }
    for (size_t i = 0; i < CSIG_ESCROW_ROWS; i += 21) {
        s.escrow.bits[i / 8] ^= (uint8_t)(1 << (i % 8));
        refused(&s, *state, CSIG_E_PROOF);
        s.escrow.bits[i / 8] ^= (uint8_t)(1 << (i % 8));
    }
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
}

/* Two rows changed places. */
static void rows_keep_their_places(void **state)
{
    static sample s;
    csig_escrow_row row;
    size_t other = 1;

    random_seed(4);
    make(&s, *state);
    while ((s.escrow.bits[other / 8] >> (other % 8) & 1) != (s.escrow.bits[0] & 1))
        other++;
    row = s.escrow.row[0];
    s.escrow.row[0] = s.escrow.row[other], s.escrow.row[other] = row;
    refused(&s, *state, CSIG_E_PROOF);
}

/* Another key, epoch, dealer, index, threshold, number, chain code or point: not this escrow. */
static void the_statement_is_bound(void **state)
{
    static sample s;
    csig_escrow_stmt good;
    csig_point G;

    random_seed(5);
    make(&s, *state);
    good = s.stmt;
    csig_point_generator(&G);
#define OTHER(change)                                                                              \
    s.stmt = good, s.stmt.change;                                                                  \
    refused(&s, *state, CSIG_E_PROOF)
    OTHER(key_id[31] ^= 1);
    OTHER(pk = G);
    OTHER(epoch++);
    OTHER(attempt--);
    OTHER(state[0] ^= 1);
    OTHER(dealer = 2);
    OTHER(index = 2);
    OTHER(t++);
    OTHER(n--);
    OTHER(cc_hash[5] ^= 1);
    OTHER(Q = G);
    csig_point_neg(&G, &good.Q);
    OTHER(Q = G);
#undef OTHER
    s.stmt = good;
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
}

static void the_recovery_key_is_bound(void **state)
{
    static sample s;
    csig_scalar x;

    random_seed(6);
    make(&s, *state);
    s.dk[7] ^= 1;
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
    assert_int_equal(recover(&s, *state, &x), CSIG_E_ARGUMENT); /* not the key it is for */
    assert_true(csig_scalar_is_zero(&x));
    csig_escrow_key_public(s.stmt.ek, s.dk);
    refused(&s, *state, CSIG_E_PROOF);
}

/* RFC 7748 and the list of points of small order; 2^255 - 19 and what is above it. */
static void keys_of_nobody(void **state)
{
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
    };
    zk_world *w = *state;
    static sample s;
    uint8_t ek[32];

    random_seed(7);
    make(&s, w);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        hex_read(s.stmt.ek, 32, bad[i]);
        assert_int_equal(csig_escrow_key_check(s.stmt.ek), CSIG_E_POINT);
        assert_int_equal(csig_escrow_prove(&s.escrow, &w->env, &s.stmt, &s.x), CSIG_E_POINT);
        assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_E_POINT);
    }
    /* the base point, and the largest that is reduced and not of small order */
    hex_read(ek, 32, "0900000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(csig_escrow_key_check(ek), CSIG_OK);
    hex_read(ek, 32, "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    assert_int_equal(csig_escrow_key_check(ek), CSIG_OK);
    hex_read(ek, 32, "feffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e");
    assert_int_equal(csig_escrow_key_check(ek), CSIG_OK);
    csig_escrow_key_public(ek, s.dk); /* of 1, 2, .. 32 */
    hex_expect(ek, 32, "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c");
}

/* With one row that is false on the side that it hopes will stay closed, the proof stands for half
 * of the seeds; then the next row gives x back. */
static void one_false_row(void **state)
{
    static sample s;
    unsigned stood = 0;

    state_it(&s);
    for (uint64_t seed = 0; seed < 24; seed++) {
        const unsigned guess = seed & 1;
        csig_scalar x;

        escrow_forge(&s.escrow, &s.stmt, &s.x, seed, 1, guess);
        if ((s.escrow.bits[0] & 1) != guess) {
            refused(&s, *state, CSIG_E_PROOF);
            continue;
        }
        stood++;
        assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
        assert_int_equal(recover(&s, *state, &x), CSIG_OK);
        assert_true(csig_scalar_is_eq(&x, &s.x));
    }
    assert_in_range(stood, 4, 20);
}

/* Three false rows at the front, guessed right: the fourth wins. */
static void the_first_row_that_opens_wins(void **state)
{
    static sample s;
    csig_scalar x;
    uint64_t seed = 100;

    state_it(&s);
    do {
        assert_true(seed < 200);
        escrow_forge(&s.escrow, &s.stmt, &s.x, seed++, 3, 1);
    } while ((s.escrow.bits[0] & 7) != 7);
    assert_int_equal(csig_escrow_verify(&s.escrow, &s.stmt), CSIG_OK);
    assert_int_equal(recover(&s, *state, &x), CSIG_OK);
    assert_true(csig_scalar_is_eq(&x, &s.x));
}

/* What could not be recovered cannot be proven: all rows false, all but one, and rows that hide
 * another number. */
static void many_false_rows(void **state)
{
    static const size_t bad[] = {20, 127, 128};
    static sample s;

    state_it(&s);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(bad); i++) {
        for (unsigned guess = 0; guess < 2; guess++) {
            escrow_forge(&s.escrow, &s.stmt, &s.x, i, bad[i], guess);
            refused(&s, *state, CSIG_E_PROOF);
        }
        escrow_forge_sum(&s.escrow, &s.stmt, &s.x, i, bad[i]);
        refused(&s, *state, CSIG_E_PROOF);
    }
    escrow_forge_sum(&s.escrow, &s.stmt, &s.x, 7, 1);
    refused(&s, *state, CSIG_E_PROOF);
}

/* An opened piece of zero has no point, and one that is x itself leaves none for the other side. */
static void pieces_without_points(void **state)
{
    static sample s;
    size_t i = 0;

    random_seed(8);
    make(&s, *state);
    while ((s.escrow.bits[i / 8] >> (i % 8) & 1) == 0)
        i++;
    csig_scalar_set_u32(&s.escrow.row[i].x1, 0);
    refused(&s, *state, CSIG_E_PROOF);
    s.escrow.row[i].x1 = s.x;
    refused(&s, *state, CSIG_E_PROOF);
}

/* One encoding per proof: no piece where side 0 is open, and none that is not reduced. */
static void pieces_are_canonical(void **state)
{
    static const char order[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    static sample s;
    static csig_escrow read;
    static uint8_t octets[CSIG_ESCROW_WIRE_BYTES];
    const size_t row_bytes = 32 + 32 + 80;

    random_seed(9);
    make(&s, *state);
    for (size_t i = 0; i < 6; i++) {
        uint8_t *x1 = octets + 16 + i * row_bytes + 32;

        csig_wire_write(csig_escrow_wire, &s.escrow, octets, sizeof octets);
        assert_int_equal(csig_wire_read(csig_escrow_wire, &read, octets, sizeof octets), CSIG_OK);
        assert_memory_equal(&read, &s.escrow, sizeof read);
        if ((s.escrow.bits[0] >> i & 1) == 0)
            x1[31] = 1;
        else
            hex_read(x1, 32, order);
        assert_int_equal(csig_wire_read(csig_escrow_wire, &read, octets, sizeof octets),
                         CSIG_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answer),
        cmocka_unit_test(honest),
        cmocka_unit_test(each_field_is_bound),
        cmocka_unit_test(each_part_of_a_box_is_bound),
        cmocka_unit_test(rows_keep_their_places),
        cmocka_unit_test(the_statement_is_bound),
        cmocka_unit_test(the_recovery_key_is_bound),
        cmocka_unit_test(keys_of_nobody),
        cmocka_unit_test(one_false_row),
        cmocka_unit_test(the_first_row_that_opens_wins),
        cmocka_unit_test(many_false_rows),
        cmocka_unit_test(pieces_without_points),
        cmocka_unit_test(pieces_are_canonical),
    };

    return cmocka_run_group_tests(tests, zk_world_new, zk_world_free);
}
