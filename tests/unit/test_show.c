/* Own moduli shown to a third party: what it can check, it checks. */
#include "countersign/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "share/device.h"
#include "share/record.h"
#include "support/devices.h"

typedef struct fixture {
    csig_identity *id[2];
    csig_aux *aux[2];
    uint8_t *shown[2];
    size_t len;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(csig_identity_new(&f->id[i]), CSIG_OK);
        f->aux[i] = devices_aux(i, f->id[i], 3);
        assert_int_equal(csig_aux_show(f->aux[i], NULL, &f->len), CSIG_E_BUFFER);
        f->shown[i] = malloc(f->len);
        assert_non_null(f->shown[i]);
        assert_int_equal(csig_aux_show(f->aux[i], f->shown[i], &f->len), CSIG_OK);
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        csig_aux_free(f->aux[i]);
        csig_identity_free(f->id[i]);
        free(f->shown[i]);
    }
    free(f);
    return 0;
}

static void honest(void **state)
{
    const fixture *f = *state;
    uint8_t id[CSIG_AUX_ID_BYTES], owner[CSIG_IDENTITY_BYTES];
    csig_aux_info info;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(csig_aux_show_verify(f->shown[i], f->len, &info), CSIG_OK);
        csig_aux_id(f->aux[i], id);
        csig_identity_public(f->id[i], owner);
        assert_memory_equal(info.aux_id, id, sizeof id);
        assert_memory_equal(info.identity, owner, sizeof owner);
        assert_int_equal(info.generation, 3);
    }
    assert_int_equal(csig_aux_show_compare(f->shown[0], f->shown[1]), CSIG_OK);
    assert_int_equal(csig_aux_show_compare(f->shown[0], f->shown[0]), CSIG_E_MODULUS);
}

static void altered(void **state)
{
    const fixture *f = *state;
    csig_aux_info info;

    for (size_t at = 0; at < f->len; at += at < 3 ? 1 : f->len / 61) {
        csig_err err;

        f->shown[0][at] ^= 1;
        err = csig_aux_show_verify(f->shown[0], f->len, &info);
        if (csig_err_class(err) != CSIG_CLASS_INPUT && csig_err_class(err) != CSIG_CLASS_CHEAT)
            fail_msg("octet %zu: %s", at, csig_err_name(err));
        assert_int_equal(info.generation, 0);
        f->shown[0][at] ^= 1;
    }
    assert_int_equal(csig_aux_show_verify(f->shown[0], f->len - 1, &info), CSIG_E_LENGTH);
    f->shown[0][0]++;
    assert_int_equal(csig_aux_show_compare(f->shown[0], f->shown[1]), CSIG_E_KIND);
    assert_int_equal(csig_aux_show_compare(f->shown[1], f->shown[0]), CSIG_E_KIND);
    f->shown[0][0]--;
}

/* Signed by its owner and wrong: the same modulus twice, and a proof of something else. */
static csig_err verify_signed(const fixture *f, const csig_aux_record *r)
{
    uint8_t *octets = malloc(f->len);
    csig_aux_info info;
    csig_transcript t;
    csig_err err;

    assert_non_null(octets);
    csig_wire_write(csig_aux_record_wire, r, octets, f->len);
    csig_transcript_init(&t, CSIG_LABEL_AUX_RECORD);
    csig_transcript_bytes(&t, octets, f->len - CSIG_ED_SIG_BYTES);
    csig_ed_sign(octets + f->len - CSIG_ED_SIG_BYTES, &f->id[0]->key, &t);
    err = csig_aux_show_verify(octets, f->len, &info);
    free(octets);
    return err;
}

static void signed_and_wrong(void **state)
{
    const fixture *f = *state;
    csig_aux_record *r = calloc(1, sizeof *r);

    assert_non_null(r);
    assert_int_equal(csig_wire_read(csig_aux_record_wire, r, f->shown[0], f->len), CSIG_OK);
    assert_int_equal(verify_signed(f, r), CSIG_OK);
    r->pub.n = r->pub.n_hat;
    assert_int_equal(verify_signed(f, r), CSIG_E_MODULUS);
    assert_int_equal(csig_wire_read(csig_aux_record_wire, r, f->shown[0], f->len), CSIG_OK);
    r->pub.generation++;
    assert_int_equal(verify_signed(f, r), CSIG_E_PROOF);
    free(r);
}

static void missing_pointers(void **state)
{
    const fixture *f = *state;
    csig_aux_info info;
    size_t len = 0;

    assert_int_equal(csig_aux_show(NULL, NULL, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_aux_show(f->aux[0], NULL, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_aux_show_verify(NULL, 1, &info), CSIG_E_ARGUMENT);
    assert_int_equal(csig_aux_show_verify(f->shown[0], f->len, NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_aux_show_verify(NULL, 0, &info), CSIG_E_LENGTH);
    assert_int_equal(csig_aux_show_compare(NULL, f->shown[0]), CSIG_E_ARGUMENT);
    assert_int_equal(csig_aux_show_compare(f->shown[0], NULL), CSIG_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest),
        cmocka_unit_test(altered),
        cmocka_unit_test(signed_and_wrong),
        cmocka_unit_test(missing_pointers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
