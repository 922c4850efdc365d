/* What was written once is read for ever, or refused by its version, and today's code still says
 * the same octets. With --write it writes what today's code says instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "keygen/keygen.h"
#include "proto/envelope.h"
#include "proto/keygen_group.h"
#include "share/record.h"
#include "signer/online.h"
#include "signer/sign.h"
#include "vectors/golden.h"
#include "vectors/letters.h"

/* Envelopes of key generation in the first story. */
#define OLD_LETTERS 11

static void expect_same(const story_octets *a, const story_octets *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->p, b->p, a->len);
}

/* --- objects --- */

static void objects_are_read_and_say_what_they_said(void **state)
{
    story_octets then = golden_read("content.txt", csig_level()), now;
    story st;

    (void)state;
    golden_open_all(&st, GOLDEN_FIRST);
    now = golden_content(&st);
    assert_string_equal((const char *)now.p, (const char *)then.p);
    golden_free(&now);
    golden_free(&then);
    story_free(&st);
}

static void shares_and_presignatures_still_sign(void **state)
{
    const csig_intent intent = story_intent(true);
    uint8_t child[CSIG_PUBKEY_BYTES];
    csig_signature made;
    story st;

    (void)state;
    golden_open_all(&st, GOLDEN_FIRST);
    assert_int_equal(csig_share_child(st.share[0], story_path, STORY_DEPTH, child, NULL), CSIG_OK);
    made = story_online(&st);
    assert_memory_equal(made.public_key, child, sizeof child);
    assert_int_equal(csig_signature_verify(&made, intent.digest), CSIG_OK);
    story_free(&st);
}

/* By device 2, as far as it matters here: its moduli are what device 1 knows of it. */
static void the_record_is_still_good(void **state)
{
    story_octets octets = golden_read("record-1", csig_level());
    csig_aux_record *record = csig_public_alloc(sizeof *record);
    csig_aux *second = csig_secret_alloc(sizeof *second);
    uint8_t owner[CSIG_IDENTITY_BYTES];
    csig_rng rng;
    csig_env env = {.rng = &rng};
    story st;

    (void)state;
    assert_true(record != NULL && second != NULL);
    csig_rng_init(&rng, NULL, NULL);
    golden_open_all(&st, GOLDEN_FIRST);
    csig_identity_public(st.id[0], owner);
    second->pub = st.peer[0]->pub;
    assert_int_equal(csig_wire_read(csig_aux_record_wire, record, octets.p, octets.len), CSIG_OK);
    assert_int_equal(csig_aux_record_check(record, owner, 0, second, &env), CSIG_OK);
    record->prm.z[0][CSIG_N_BYTES - 1] ^= 1;
    assert_int_equal(csig_aux_record_check(record, owner, 0, second, &env), CSIG_E_MESSAGE);
    csig_secret_free(second);
    csig_public_free(record);
    golden_free(&octets);
    story_free(&st);
}

static void expect_refused(story_kind kind, const story_octets *o, csig_err err)
{
    story none = {0};

    assert_int_equal(golden_open(&none, kind, 0, o), err);
    assert_true(none.id[0] == NULL && none.aux[0] == NULL && none.peer[0] == NULL);
    assert_true(none.share[0] == NULL && none.half[0] == NULL);
}

static void another_octet_in_front_is_named(void **state)
{
    static const csig_err errors[] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL};

    (void)state;
    for (story_kind kind = 0; kind < STORY_KINDS; kind++) {
        story_octets o = golden_object(kind, 0, csig_level());

        for (size_t at = 0; at < CSIG_ARRAY_LEN(errors); at++) {
            o.p[at]++;
            expect_refused(kind, &o, errors[at]);
            o.p[at]--;
        }
        /* id, epoch, and what is sealed */
        for (size_t at = CSIG_KIND_BYTES; at < o.len; at += 1 + o.len / 7) {
            o.p[at] ^= 0x40;
            expect_refused(kind, &o, CSIG_E_SEAL);
            o.p[at] ^= 0x40;
        }
        o.len = CSIG_KIND_BYTES - 1;
        expect_refused(kind, &o, CSIG_E_LENGTH);
        golden_free(&o);
    }
}

static void objects_of_the_other_level_are_named(void **state)
{
    (void)state;
    for (story_kind kind = 0; kind < STORY_KINDS; kind++) {
        story_octets o = golden_object(kind, 0, csig_level() == 128 ? 112 : 128);

        expect_refused(kind, &o, CSIG_E_LEVEL);
        golden_free(&o);
    }
}

/* --- transcript --- */

static void expect_read_and_written_again(const char *folder, size_t old)
{
    story_octets again;
    story st;
    letters all;

    golden_open_all(&st, folder);
    letters_read(&all, folder);
    assert_true(all.count > 20 && all.hashed == 2);
    assert_int_equal(all.old, old);
    for (size_t i = 0; i < all.count; i++) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        csig_identity_public(st.id[all.letter[i].header.from - 1], id);
        letter_expect_readable(&all.letter[i], id);
    }
    again = letters_index(&all);
    assert_string_equal((const char *)again.p, (const char *)all.index.p);
    letters_free(&all);
    golden_free(&again);
    story_free(&st);
}

static void letters_are_read_and_written_again(void **state)
{
    (void)state;
    expect_read_and_written_again(GOLDEN_FIRST, OLD_LETTERS);
    expect_read_and_written_again(GOLDEN_AGAIN, 0);
}

/* A session of today hears a letter of key generation's version 1: it is refused by that name,
 * nobody is blamed, and nothing has changed. */
static void old_letters_are_refused_by_their_version(void **state)
{
    static keygen_group g;
    unsigned heard = 0;
    letters all;

    (void)state;
    letters_read(&all, GOLDEN_FIRST);
    keygen_group_init(&g, 2, 2);
    keygen_group_start(&g, KEYGEN_HONEST, NULL);
    for (size_t i = 0; i < all.count; i++) {
        const letter *l = &all.letter[i];
        csig_blame blame;

        if (!l->old) continue;
        assert_int_equal(csig_session_recv(g.s[0], l->octets.p, l->octets.len), CSIG_E_VERSION);
        csig_session_blame(g.s[0], &blame);
        assert_int_equal(blame.err, CSIG_E_VERSION);
        assert_int_equal(blame.culprit, 0);
        assert_int_equal(csig_session_phase(g.s[0]), CSIG_RUNNING);
        heard++;
    }
    assert_int_equal(heard, OLD_LETTERS);
    keygen_group_free(&g);
    letters_free(&all);
}

static csig_signature signature_in(const letters *all, uint8_t protocol, uint8_t round,
                                   csig_wire_fn *fn, const uint8_t child[CSIG_PUBKEY_BYTES])
{
    const letter *l = letters_find(all, protocol, round);
    csig_signature made;
    csig_ecdsa in;

    assert_int_equal(csig_wire_read(fn, &in, l->body, l->header.body_len), CSIG_OK);
    memcpy(made.r, in.r, sizeof made.r);
    memcpy(made.s, in.s, sizeof made.s);
    made.recovery_id = in.recid;
    memcpy(made.public_key, child, sizeof made.public_key);
    return made;
}

static void expect_it_holds(const char *folder)
{
    const csig_intent full = story_intent(false), online = story_intent(true);
    uint8_t child[CSIG_PUBKEY_BYTES];
    csig_signature made;
    story st;
    letters all;

    golden_open_all(&st, folder);
    letters_read(&all, folder);
    assert_int_equal(csig_share_child(st.share[0], story_path, STORY_DEPTH, child, NULL), CSIG_OK);
    made = signature_in(&all, CSIG_PROTOCOL_SIGN, 5, csig_sign_r5_wire, child);
    assert_int_equal(csig_signature_verify(&made, full.digest), CSIG_OK);
    assert_int_equal(csig_signature_verify(&made, online.digest), CSIG_E_OUTPUT);
    made = signature_in(&all, CSIG_PROTOCOL_ONLINE, 4, csig_online_r4_wire, child);
    assert_int_equal(csig_signature_verify(&made, online.digest), CSIG_OK);
    const letter *born = letters_find(&all, CSIG_PROTOCOL_KEYGEN, 5);

    assert_int_equal(csig_keygen_commit_verify(st.share[1], 2, born->body), CSIG_OK);
    letters_free(&all);
    story_free(&st);
}

/* The birth of a key too, whatever the version of the session was. */
static void what_was_signed_then_holds_today(void **state)
{
    (void)state;
    expect_it_holds(GOLDEN_FIRST);
    expect_it_holds(GOLDEN_AGAIN);
}

static void the_envelope_is_read(void **state)
{
    story_octets o = golden_read("envelope", csig_level());
    story_octets other = golden_read("envelope", csig_level() == 128 ? 112 : 128);
    uint8_t id[32], round;
    uint16_t from, to;
    size_t len = 0;

    (void)state;
    assert_int_equal(csig_envelope_address(o.p, o.len, id, &from, &to), CSIG_OK);
    assert_int_equal(from, 2);
    assert_int_equal(to, UINT16_MAX);
    assert_int_equal(csig_envelope_round(o.p, o.len, &round), CSIG_OK);
    assert_int_equal(round, 4);
    assert_int_equal(csig_envelope_length(o.p, o.len, &len), CSIG_OK);
    assert_int_equal(len, o.len);
    assert_int_equal(csig_envelope_address(other.p, other.len, id, &from, &to), CSIG_E_LEVEL);
    o.p[1]++;
    assert_int_equal(csig_envelope_address(o.p, o.len, id, &from, &to), CSIG_E_VERSION);
    golden_free(&o);
    golden_free(&other);
}

/* --- the story again --- */

static void the_story_told_again_is_the_same(void **state)
{
    static story st;
    story_octets now;
    letters all;
    size_t with_octets = 0;

    (void)state;
    story_tell(&st);
    now = golden_index(&st);
    letters_read(&all, GOLDEN_AGAIN);
    assert_string_equal((const char *)now.p, (const char *)all.index.p);
    for (size_t i = 0; i < all.count; i++) {
        if (all.letter[i].octets.p == NULL) continue;
        expect_same(&all.letter[i].octets, &st.letter[i]);
        with_octets++;
    }
    assert_int_equal(with_octets, all.count - all.hashed);
    for (story_kind kind = 0; kind < STORY_KINDS; kind++) {
        for (int i = 0; i < 2; i++) {
            story_octets o;

            if (!golden_has_file(kind, i)) continue;
            o = golden_object_again(kind, i);
            expect_same(&o, &st.object[kind][i]);
            golden_free(&o);
        }
    }
    letters_free(&all);
    golden_free(&now);
    story_free(&st);
}

static int write_files(void)
{
    static story st;

    story_tell(&st);
    golden_write_all(&st);
    story_free(&st);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_read_and_say_what_they_said),
        cmocka_unit_test(shares_and_presignatures_still_sign),
        cmocka_unit_test(the_record_is_still_good),
        cmocka_unit_test(another_octet_in_front_is_named),
        cmocka_unit_test(objects_of_the_other_level_are_named),
        cmocka_unit_test(letters_are_read_and_written_again),
        cmocka_unit_test(old_letters_are_refused_by_their_version),
        cmocka_unit_test(what_was_signed_then_holds_today),
        cmocka_unit_test(the_envelope_is_read),
        cmocka_unit_test(the_story_told_again_is_the_same),
    };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) return write_files();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
