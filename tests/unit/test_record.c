/* Records: what they look like, and the checks that need no protocol. The attacks are in
 * attack/test_aux_moduli.c and attack/test_aux_attacks.c. */
#include "share/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/header.h"
#include "share/device.h"
#include "support/devices.h"

typedef struct fixture {
    csig_identity *id[2];
    csig_aux *aux[2];
    csig_aux_record *record; /* of device 1 */
    csig_env env;
    csig_rng rng;
} fixture;

static csig_err check(const fixture *f, uint64_t above)
{
    return csig_aux_record_check(f->record, f->id[1]->key.id, above, f->aux[0], &f->env);
}

static void layout(void **state)
{
    const fixture *f = *state;
    const size_t len = csig_wire_size(csig_aux_record_wire);
    const size_t mod =
        CSIG_N_BYTES + CSIG_REPEAT * (2 + CSIG_N_BYTES) + CSIG_MOD_NTH_ROOTS * CSIG_N_BYTES;
    const size_t prm = (size_t)2 * CSIG_REPEAT * CSIG_N_BYTES;

    assert_int_equal(len, CSIG_KIND_BYTES + 32 + 8 + 4 * CSIG_N_BYTES + mod + prm + 64);
    assert_int_equal(f->aux[1]->record[0], CSIG_KIND_AUX_RECORD);
    assert_int_equal(f->aux[1]->record[1], CSIG_FORMAT_VERSION);
    assert_int_equal(f->aux[1]->record[2], CSIG_LEVEL);
}

static void walk_is_the_identity(void **state)
{
    const fixture *f = *state;
    const size_t len = csig_wire_size(csig_aux_record_wire);
    uint8_t *again = malloc(len);

    assert_non_null(again);
    csig_wire_write(csig_aux_record_wire, f->record, again, len);
    assert_memory_equal(again, f->aux[1]->record, len);
    assert_memory_equal(f->record->pub.id, f->aux[1]->pub.id, sizeof f->record->pub.id);
    for (size_t i = 0; i < CSIG_KIND_BYTES; i++) {
        again[i] ^= 1;
        assert_int_equal(csig_wire_read(csig_aux_record_wire, f->record, again, len),
                         CSIG_E_FORMAT);
        again[i] ^= 1;
    }
    assert_int_equal(csig_wire_read(csig_aux_record_wire, f->record, again, len - 1),
                     CSIG_E_LENGTH);
    assert_int_equal(csig_wire_read(csig_aux_record_wire, f->record, again, len), CSIG_OK);
    free(again);
}

static void honest_records_are_accepted(void **state)
{
    const fixture *f = *state;

    assert_int_equal(check(f, 0), CSIG_OK);
    assert_int_equal(check(f, 4), CSIG_OK);
    assert_int_equal(check(f, 5), CSIG_E_MESSAGE); /* it has generation 5 */
    assert_int_equal(check(f, UINT64_MAX), CSIG_E_MESSAGE);
}

static void owner_and_signature(void **state)
{
    fixture *f = *state;

    assert_int_equal(csig_aux_record_check(f->record, f->id[0]->key.id, 0, f->aux[0], &f->env),
                     CSIG_E_MESSAGE);
    f->record->signature[63] ^= 1;
    assert_int_equal(check(f, 0), CSIG_E_MESSAGE);
    f->record->signature[63] ^= 1;
    f->record->mod.x[0][0] ^= 1;
    assert_int_equal(check(f, 0), CSIG_E_MESSAGE);
    f->record->mod.x[0][0] ^= 1;
}

/* Our own record is no peer's: the moduli are not coprime to ours. */
static void own_moduli(void **state)
{
    const fixture *f = *state;

    assert_int_equal(csig_aux_record_check(f->record, f->id[1]->key.id, 0, f->aux[1], &f->env),
                     CSIG_E_MODULUS);
}

static int setup(void **state)
{
    static fixture f;

    csig_rng_init(&f.rng, NULL, NULL);
    f.env = (csig_env){.rng = &f.rng};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(csig_identity_new(&f.id[i]), CSIG_OK);
        f.aux[i] = devices_aux(i, f.id[i], 5);
    }
    f.record = malloc(sizeof *f.record);
    assert_non_null(f.record);
    assert_int_equal(csig_wire_read(csig_aux_record_wire, f.record, f.aux[1]->record,
                                    csig_wire_size(csig_aux_record_wire)),
                     CSIG_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        csig_identity_free(f->id[i]);
        csig_aux_free(f->aux[i]);
    }
    free(f->record);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(walk_is_the_identity),
        cmocka_unit_test(honest_records_are_accepted),
        cmocka_unit_test(owner_and_signature),
        cmocka_unit_test(own_moduli),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
