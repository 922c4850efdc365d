/* Records written once, of a key generation, a refresh and a resharing: they are verified for ever,
 * and the same randomness makes them again. That of key generation's version 1 is refused by it.
 * With --write it writes that of its version 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/records.h"
#include "support/random.h"
#include "vectors/golden.h"

#define SEED 77

static const struct {
    const char *name;
    const reshare_case *of; /* NULL: a key generation */
    uint16_t members, leave, join;
    uint64_t epoch;
} files[] = {{GOLDEN_AGAIN "transcript-keygen", NULL, 2, 0, 0, 0},
             {"transcript-refresh", &records_two_of_two, 2, 0, 0, 1},
             {"transcript-reshare", &records_replaced, 3, 1, 1, 1}};

static octets make(size_t i)
{
    keygen_group kg;
    reshare_group rg;
    octets o;

    random_seed(SEED + i);
    if (files[i].of == NULL) {
        keygen_group_init(&kg, 2, 2);
        o = records_keygen(&kg, 2);
        keygen_group_free(&kg);
        return o;
    }
    o = records_reshare(&rg, files[i].of);
    reshare_group_free(&rg);
    return o;
}

static void records_still_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(files); i++) {
        story_octets o = golden_read(files[i].name, csig_level());
        unsigned leave = 0, join = 0;
        csig_record_info info;

        assert_int_equal(csig_record_verify(o.p, o.len, &info, NULL), CSIG_OK);
        assert_int_equal(info.changes, files[i].of != NULL);
        assert_int_equal(info.after.epoch, files[i].epoch);
        assert_int_equal(info.members, files[i].members);
        for (uint16_t j = 0; j < info.members; j++) {
            leave += info.member[j].holds == 0 ? 1 : 0;
            join += info.member[j].deals == 0 ? 1 : 0;
        }
        assert_int_equal(leave, files[i].leave);
        assert_int_equal(join, files[i].join);
        if (info.changes) {
            assert_memory_equal(info.before.public_key, info.after.public_key, CSIG_PUBKEY_BYTES);
            assert_int_equal(csig_signature_verify(&info.test, info.test_digest), CSIG_OK);
        }
        o.p[o.len - 1] ^= 1;
        assert_int_not_equal(csig_record_verify(o.p, o.len, &info, NULL), CSIG_OK);
        golden_free(&o);
    }
}

/* It was good when it was made; who wants to see that again takes the release that made it. */
static void an_old_key_generation_is_named(void **state)
{
    story_octets o = golden_read("transcript-keygen", csig_level());
    csig_record_info info;
    csig_blame blame;

    (void)state;
    assert_int_equal(csig_record_verify(o.p, o.len, &info, &blame), CSIG_E_VERSION);
    assert_int_equal(blame.err, CSIG_E_VERSION);
    assert_string_equal(blame.where, "keygen/1");
    golden_free(&o);
}

static void that_of_another_level_is_named(void **state)
{
    story_octets o = golden_read(files[0].name, csig_level() == 128 ? 112 : 128);
    csig_record_info info;

    (void)state;
    assert_int_equal(csig_record_verify(o.p, o.len, &info, NULL), CSIG_E_LEVEL);
    golden_free(&o);
}

/* Of this implementation, and not of the format: see README.md. */
static void the_same_randomness_makes_them_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(files); i++) {
        story_octets o = golden_read(files[i].name, csig_level());
        const octets made = make(i);

        assert_int_equal(made.len, o.len);
        assert_memory_equal(made.p, o.p, o.len);
        free(made.p);
        golden_free(&o);
    }
}

/* What is drawn once in a process is drawn by then. */
static void warm_up(void)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(files); i++)
        free(make(i).p);
}

static int write_files(void)
{
    const octets o = make(0);

    golden_write(files[0].name, o.p, o.len);
    free(o.p);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_still_hold),
        cmocka_unit_test(an_old_key_generation_is_named),
        cmocka_unit_test(that_of_another_level_is_named),
        cmocka_unit_test(the_same_randomness_makes_them_again),
    };

    warm_up();
    if (argc == 2 && strcmp(argv[1], "--write") == 0) return write_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
