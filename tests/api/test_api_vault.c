/* The vault: what opens it, what does not, and that nothing opens as something else. */
#include <stdlib.h>
#include <string.h>

#include "api/temp.h"
#include "service/vault.h"

static csigd_secret secret_of(csigd_secret_kind kind, const char *text)
{
    csigd_secret s = {.kind = kind, .len = strlen(text), .bytes = csigd_locked_alloc(64)};

    assert_non_null(s.bytes);
    memcpy(s.bytes, text, s.len);
    return s;
}

#define KEY "0123456789abcdef0123456789abcdef"

static csigd_vault *vault;
static csigd_blob wrap;
static csigd_secret key;

static int setup(void **state)
{
    (void)state;
    key = secret_of(CSIGD_KEY_FILE, KEY);
    return csigd_vault_make(&vault, &wrap, &key) == CSIG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    csigd_vault_free(vault);
    csigd_blob_free(&wrap);
    csigd_secret_free(&key);
    return 0;
}

static csigd_blob seal(csigd_sealed kind, const char *name, const char *text)
{
    csigd_blob sealed;

    assert_int_equal(csigd_vault_seal(vault, kind, (const uint8_t *)name, strlen(name),
                                      (const uint8_t *)text, strlen(text), &sealed),
                     CSIG_OK);
    return sealed;
}

static csig_err unseal(const csigd_vault *v, csigd_sealed kind, const char *name,
                       const csigd_blob *sealed, const char *text)
{
    csigd_blob plain;
    const csig_err err =
        csigd_vault_unseal(v, kind, (const uint8_t *)name, strlen(name), sealed, &plain);

    if (err != CSIG_OK) {
        assert_null(plain.p);
        return err;
    }
    assert_int_equal(plain.len, strlen(text));
    assert_memory_equal(plain.p, text, plain.len);
    csigd_blob_free(&plain);
    return CSIG_OK;
}

static void what_is_sealed_opens_after_a_restart(void **state)
{
    csigd_blob sealed = seal(CSIGD_SEAL_ANSWER, "name", "text");
    csigd_vault *again;

    (void)state;
    assert_int_equal(csigd_vault_open(&again, &wrap, &key), CSIG_OK);
    assert_int_equal(unseal(again, CSIGD_SEAL_ANSWER, "name", &sealed, "text"), CSIG_OK);
    csigd_vault_free(again);
    csigd_blob_free(&sealed);
}

static void it_starts_with_kind_version_and_level(void **state)
{
    csigd_blob sealed = seal(CSIGD_SEAL_ANSWER, "name", "text");

    (void)state;
    assert_int_equal(wrap.p[0], 64);
    assert_int_equal(wrap.p[1], 1);
    assert_int_equal(wrap.p[2], csig_level());
    assert_int_equal(sealed.p[0], 65);
    assert_int_equal(sealed.p[1], 1);
    assert_int_equal(sealed.p[2], csig_level());
    csigd_blob_free(&sealed);
}

static void kinds_and_names_are_apart(void **state)
{
    csigd_blob sealed = seal(CSIGD_SEAL_ANSWER, "name", "text");

    (void)state;
    for (int kind = 0; kind < CSIGD_SEAL_COUNT; kind++)
        assert_int_equal(unseal(vault, (csigd_sealed)kind, "name", &sealed, "text"),
                         kind == CSIGD_SEAL_ANSWER ? CSIG_OK : CSIG_E_SEAL);
    assert_int_equal(unseal(vault, CSIGD_SEAL_ANSWER, "game", &sealed, "text"), CSIG_E_SEAL);
    assert_int_equal(unseal(vault, CSIGD_SEAL_ANSWER, "", &sealed, "text"), CSIG_E_SEAL);
    csigd_blob_free(&sealed);
}

static void every_changed_octet_is_noticed(void **state)
{
    csigd_blob sealed = seal(CSIGD_SEAL_SHARE, "n", "text");

    (void)state;
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.p[i] ^= 1;
        assert_int_equal(unseal(vault, CSIGD_SEAL_SHARE, "n", &sealed, "text"),
                         i < 3 ? CSIG_E_KIND : CSIG_E_SEAL);
        sealed.p[i] ^= 1;
    }
    for (size_t len = 0; len < sealed.len; len++) {
        const csigd_blob cut = {sealed.p, len};

        assert_int_not_equal(unseal(vault, CSIGD_SEAL_SHARE, "n", &cut, "text"), CSIG_OK);
    }
    csigd_blob_free(&sealed);
}

static void a_wrapping_key_belongs_to_its_name(void **state)
{
    static const uint8_t name[4] = "name", game[4] = "game";
    uint8_t *first = csigd_locked_alloc(CSIGD_WRAPPING_BYTES);
    uint8_t *again = csigd_locked_alloc(CSIGD_WRAPPING_BYTES);
    csigd_blob sealed, cut;

    (void)state;
    assert_int_equal(csigd_vault_make_key(vault, name, sizeof name, first, &sealed), CSIG_OK);
    assert_int_equal(csigd_vault_open_key(vault, name, sizeof name, &sealed, again), CSIG_OK);
    assert_memory_equal(first, again, CSIGD_WRAPPING_BYTES);
    assert_int_equal(csigd_vault_open_key(vault, game, sizeof game, &sealed, again), CSIG_E_SEAL);
    for (cut = (csigd_blob){sealed.p, 0}; cut.len < sealed.len; cut.len++)
        assert_int_equal(csigd_vault_open_key(vault, name, sizeof name, &cut, again),
                         cut.len < 3 ? CSIG_E_KIND : CSIG_E_SEAL);
    csigd_blob_free(&sealed);
    /* A name is not enough: every key is another. */
    assert_int_equal(csigd_vault_make_key(vault, name, sizeof name, again, &sealed), CSIG_OK);
    assert_memory_not_equal(first, again, CSIGD_WRAPPING_BYTES);
    csigd_blob_free(&sealed);
    sealed = seal(CSIGD_SEAL_WRAPPING, "name", "not 32 octets");
    assert_int_equal(csigd_vault_open_key(vault, name, sizeof name, &sealed, again), CSIG_E_SEAL);
    csigd_blob_free(&sealed);
    csigd_locked_free(first);
    csigd_locked_free(again);
}

static void another_key_file_is_refused(void **state)
{
    csigd_secret other = secret_of(CSIGD_KEY_FILE, "1123456789abcdef0123456789abcdef");
    csigd_vault *v = vault;

    (void)state;
    assert_int_equal(csigd_vault_open(&v, &wrap, &other), CSIG_E_SEAL);
    assert_null(v);
    other.kind = CSIGD_PASSPHRASE;
    assert_int_equal(csigd_vault_open(&v, &wrap, &other), CSIG_E_STATE);
    csigd_secret_free(&other);
}

static void a_changed_wrap_is_refused(void **state)
{
    static const csig_err expected[4] = {CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL, CSIG_E_STATE};
    csigd_vault *v;

    (void)state;
    for (size_t i = 0; i < wrap.len; i++) {
        wrap.p[i] ^= 1;
        assert_int_equal(csigd_vault_open(&v, &wrap, &key), i < 4 ? expected[i] : CSIG_E_SEAL);
        wrap.p[i] ^= 1;
    }
    wrap.len--;
    assert_int_equal(csigd_vault_open(&v, &wrap, &key), CSIG_E_LENGTH);
    wrap.len++;
}

static void two_vaults_of_one_passphrase_differ(void **state)
{
    csigd_secret words = secret_of(CSIGD_PASSPHRASE, "correct horse");
    csigd_secret wrong = secret_of(CSIGD_PASSPHRASE, "correct house");
    csigd_blob sealed, first_wrap, second_wrap;
    csigd_vault *first, *second, *again;

    (void)state;
    assert_int_equal(csigd_vault_make(&first, &first_wrap, &words), CSIG_OK);
    assert_int_equal(csigd_vault_make(&second, &second_wrap, &words), CSIG_OK);
    assert_int_equal(
        csigd_vault_seal(first, CSIGD_SEAL_AUX, NULL, 0, (const uint8_t *)"x", 1, &sealed),
        CSIG_OK);
    assert_int_equal(unseal(second, CSIGD_SEAL_AUX, "", &sealed, "x"), CSIG_E_SEAL);
    assert_int_equal(csigd_vault_open(&again, &first_wrap, &words), CSIG_OK);
    assert_int_equal(unseal(again, CSIGD_SEAL_AUX, "", &sealed, "x"), CSIG_OK);
    csigd_vault_free(again);
    assert_int_equal(csigd_vault_open(&again, &first_wrap, &wrong), CSIG_E_SEAL);
    wrong.len = 0;
    assert_int_equal(csigd_vault_open(&again, &first_wrap, &wrong), CSIG_E_SEAL);
    csigd_vault_free(first);
    csigd_vault_free(second);
    csigd_blob_free(&sealed);
    csigd_blob_free(&first_wrap);
    csigd_blob_free(&second_wrap);
    csigd_secret_free(&words);
    csigd_secret_free(&wrong);
}

/* Costs in the wrap are an attacker's wish until it is opened. */
static void costs_nobody_uses_are_refused(void **state)
{
    csigd_secret words = secret_of(CSIGD_PASSPHRASE, "correct horse");
    csigd_vault *v;

    (void)state;
    wrap.p[3] = CSIGD_PASSPHRASE;
    wrap.p[4] = 1; /* operations */
    assert_int_equal(csigd_vault_open(&v, &wrap, &words), CSIG_E_RANGE);
    wrap.p[4] = 0;
    wrap.p[12] = 1; /* octets */
    assert_int_equal(csigd_vault_open(&v, &wrap, &words), CSIG_E_RANGE);
    wrap.p[12] = 0;
    memset(wrap.p + 4, 0, 16);
    assert_int_equal(csigd_vault_open(&v, &wrap, &words), CSIG_E_RANGE);
    csigd_secret_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_sealed_opens_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(it_starts_with_kind_version_and_level, setup, teardown),
        cmocka_unit_test_setup_teardown(kinds_and_names_are_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(every_changed_octet_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrapping_key_belongs_to_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_file_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_wrap_is_refused, setup, teardown),
        cmocka_unit_test(two_vaults_of_one_passphrase_differ),
        cmocka_unit_test_setup_teardown(costs_nobody_uses_are_refused, setup, teardown),
    };

    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
