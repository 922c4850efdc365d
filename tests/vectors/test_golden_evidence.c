/* Evidence written once: it convicts the same for ever. With --write it writes that of this build's
 * level and format version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/evidence_sample.h"
#include "support/random.h"
#include "vectors/golden.h"

static const struct {
    const char *name;
    evidence_sort sort;
} files[] = {{"evidence-first", EVIDENCE_FIRST},
             {"evidence-two", EVIDENCE_TWO},
             {"evidence-false", EVIDENCE_FALSE}};

static void evidence_still_convicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(files); i++) {
        story_octets o = golden_read(files[i].name, csig_level());
        csig_verdict v;

        assert_int_equal(csig_evidence_verify(o.p, o.len, &v), CSIG_OK);
        assert_int_equal(v.blame.culprit, 1);
        assert_int_equal(v.blame.err, evidence_sample_err(files[i].sort));
        assert_int_equal(v.blame.round, evidence_sample_round(files[i].sort));
        assert_string_equal(v.protocol, "sign");
        o.p[o.len - 1] ^= 1;
        assert_int_not_equal(csig_evidence_verify(o.p, o.len, &v), CSIG_OK);
        golden_free(&o);
    }
}

static void that_of_another_level_is_named(void **state)
{
    story_octets o = golden_read(files[0].name, csig_level() == 128 ? 112 : 128);
    csig_verdict v;

    (void)state;
    assert_int_equal(csig_evidence_verify(o.p, o.len, &v), CSIG_E_LEVEL);
    golden_free(&o);
}

static int write_files(void)
{
    random_seed(75);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(files); i++) {
        uint8_t cheat[CSIG_IDENTITY_BYTES];
        size_t len;
        uint8_t *p = evidence_sample(files[i].sort, &len, cheat);

        golden_write(files[i].name, p, len);
        free(p);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_still_convicts),
        cmocka_unit_test(that_of_another_level_is_named),
    };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) return write_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
