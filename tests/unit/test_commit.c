/* Commitments: a known answer, and each thing that is bound. */
#include "crypto/commit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

typedef struct opening {
    uint16_t a;
    uint8_t b[5];
    uint64_t c;
} opening;

static void opening_wire(csig_wire *w, void *msg)
{
    opening *m = msg;

    csig_u16_wire(w, &m->a);
    csig_bytes_wire(w, m->b, sizeof m->b);
    csig_u64_wire(w, &m->c);
}

static void shaped_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, msg, w->shape->t);
}

typedef struct fixture {
    uint8_t ssid[CSIG_SSID_BYTES], u[32], V[CSIG_HASH_BYTES];
    opening m;
} fixture;

static fixture make(void)
{
    fixture f = {.m = {.a = 0x1234, .b = "hello", .c = 77}};

    for (size_t i = 0; i < 32; i++) {
        f.ssid[i] = (uint8_t)i;
        f.u[i] = (uint8_t)(100 + i);
    }
    csig_commit(f.V, CSIG_LABEL_TEST_A, f.ssid, 3, opening_wire, &f.m, f.u);
    return f;
}

static csig_err open_as(const fixture *f, csig_label label, uint16_t committer)
{
    return csig_commit_open(f->V, label, f->ssid, committer, opening_wire, &f->m, f->u);
}

static void known_answer(void **state)
{
    const fixture f = make();

    (void)state;
    hex_expect(f.V, sizeof f.V,
               "8e19b9b5014b025b11c96fb489c2e81ae61fc0ce54f79728cae4a914d0cac37c"
               "0c04762be132bf827bcfa3c59cfee8649a3b4c33bddffaa71b5bfa0f15b90363");
    assert_int_equal(open_as(&f, CSIG_LABEL_TEST_A, 3), CSIG_OK);
}

static void refused(const fixture *f)
{
    assert_int_equal(open_as(f, CSIG_LABEL_TEST_A, 3), CSIG_E_COMMIT);
}

static void each_part_binds(void **state)
{
    fixture f = make();

    (void)state;
    assert_int_equal(open_as(&f, CSIG_LABEL_TEST_B, 3), CSIG_E_COMMIT);
    /* C5: the same commitment and opening, mirrored by another party */
    assert_int_equal(open_as(&f, CSIG_LABEL_TEST_A, 4), CSIG_E_COMMIT);
    f = make(), f.ssid[31] ^= 1, refused(&f);
    f = make(), f.u[0] ^= 0x80, refused(&f);
    f = make(), f.m.a++, refused(&f);
    f = make(), f.m.b[4] ^= 1, refused(&f);
    f = make(), f.m.c = 0, refused(&f);
    for (size_t i = 0; i < CSIG_HASH_BYTES; i++)
        f = make(), f.V[i] ^= 1, refused(&f);
}

static void shaped(void **state)
{
    const csig_wire_shape five = {.n = 6, .t = 5}, six = {.n = 6, .t = 6};
    uint8_t octets[6] = {1, 2, 3, 4, 5, 6};
    fixture f = make();

    (void)state;
    csig_commit_shaped(f.V, CSIG_LABEL_TEST_A, f.ssid, 3, shaped_wire, &five, octets, f.u);
    hex_expect(f.V, sizeof f.V,
               "3ceddbfa0c3a230a13eed00235315742dfe64165fa17b3794ff616d33b91e984"
               "dbb47341f1374514c7e569768eee4f30533f98915671823bee39e2cefca5ed48");
    assert_int_equal(
        csig_commit_open_shaped(f.V, CSIG_LABEL_TEST_A, f.ssid, 3, shaped_wire, &five, octets, f.u),
        CSIG_OK);
    assert_int_equal(
        csig_commit_open_shaped(f.V, CSIG_LABEL_TEST_A, f.ssid, 3, shaped_wire, &six, octets, f.u),
        CSIG_E_COMMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answer),
        cmocka_unit_test(each_part_binds),
        cmocka_unit_test(shaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
