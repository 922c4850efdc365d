/* The server's own keys: which one signs when, what its identity says of each, and no way back; the
 * test moves the clock. */
#include <string.h>

#include "api/records.h"
#include "service/keys.h"
#include "service/server_keys.h"

static csigd_service s;
static int64_t ahead;
static csigd_problem why;

int64_t __real_csigd_clock_now(void);
int64_t __wrap_csigd_clock_now(void);

int64_t __wrap_csigd_clock_now(void)
{
    return __real_csigd_clock_now() + ahead;
}

static int setup(void **state)
{
    (void)state;
    ahead = 0;
    temp_folder();
    temp_service(&s, 7);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csigd_service_stop(&s);
    temp_remove();
    return 0;
}

static void restart(void)
{
    csigd_service_stop(&s);
    temp_service(&s, 7);
}

static csigd_server_key shown[CSIGD_SERVER_KEYS_MAX];

static size_t show(void)
{
    size_t n;

    assert_int_equal(csigd_server_keys_show(&s, shown, &n), CSIG_OK);
    return n;
}

/* Which of those that are shown has signed an answer; -1: none. */
static int signer(void)
{
    const csigd_message request = {
        .method = "GET", .scheme = "https", .authority = "a.example", .target = "/"};
    csigd_message m = {.status = 204, .request = &request};
    csigd_signature_fields made;
    csigd_refusal refusal;
    const size_t n = show();
    int64_t created;

    assert_int_equal(csigd_server_keys_sign(s.server_keys, &made, &m, &refusal), CSIGD_AUTH_OK);
    for (size_t i = 0; i < n; i++) {
        const csigd_field fields[] = {{"signature-input", made.input},
                                      {"signature", made.signature}};
        csigd_key key;

        m.fields = fields;
        m.n_fields = 2;
        assert_int_equal(csigd_key_read(&key, shown[i].der, shown[i].len), CSIGD_AUTH_OK);
        if (csigd_response_verify(&m, &key, &created, &refusal) == CSIGD_AUTH_OK) return (int)i;
    }
    return -1;
}

/* As a client composes it. */
static void identity_says(const csigd_server_key *k)
{
    uint8_t said[CSIG_IDENTITY_BYTES + 8 + CSIGD_KEY_PUBLIC_MAX] = {0};
    size_t at = CSIG_IDENTITY_BYTES;

    memcpy(said, s.identity_pub, CSIG_IDENTITY_BYTES);
    if (k->generation > 1) {
        said[at + 7] = (uint8_t)k->generation;
        at += 8;
    }
    memcpy(said + at, k->der, k->len);
    assert_int_equal(csig_identity_verify(s.identity_pub,
                                          k->generation > 1 ? "server-http-key" : "http-key", said,
                                          at + k->len, k->signature),
                     CSIG_OK);
}

static void the_first_key_is_made_once(void **state)
{
    csigd_server_key first;

    (void)state;
    assert_int_equal(show(), 1);
    assert_int_equal(shown[0].generation, 1);
    assert_int_equal(signer(), 0);
    identity_says(&shown[0]);
    first = shown[0];
    restart();
    assert_int_equal(show(), 1);
    assert_memory_equal(shown[0].der, first.der, first.len);
}

static void the_next_key_waits_for_its_time_and_there_is_no_way_back(void **state)
{
    csigd_server_key next;

    (void)state;
    assert_int_equal(csigd_server_keys_rotate(&s, 3600, &why), CSIGD_OK);
    assert_int_equal(csigd_server_keys_rotate(&s, 0, &why), CSIGD_STATE_CONFLICT);
    restart();
    assert_int_equal(show(), 2);
    assert_int_equal(signer(), 0);
    assert_int_equal(shown[1].generation, 2);
    identity_says(&shown[1]);
    next = shown[1];
    csigd_server_keys_tidy(&s);
    assert_int_equal(peek("SELECT count(*) FROM server_keys"), 2);
    ahead = 3601;
    assert_int_equal(signer(), 0);
    assert_int_equal(show(), 1);
    assert_memory_equal(shown[0].der, next.der, next.len);
    /* Somebody sets the clock back. */
    ahead = 0;
    assert_int_equal(signer(), 0);
    assert_int_equal(shown[0].generation, 2);
    csigd_server_keys_tidy(&s);
    assert_int_equal(peek("SELECT count(*) FROM server_keys"), 1);
    restart();
    assert_int_equal(show(), 1);
    assert_int_equal(shown[0].generation, 2);
    assert_int_equal(signer(), 0);
}

static void at_once_is_at_once_and_again(void **state)
{
    (void)state;
    for (uint64_t generation = 2; generation < 5; generation++) {
        assert_int_equal(csigd_server_keys_rotate(&s, 0, &why), CSIGD_OK);
        assert_int_equal(signer(), 0);
        assert_int_equal(shown[0].generation, generation);
        identity_says(&shown[0]);
    }
    csigd_server_keys_tidy(&s);
    assert_int_equal(peek("SELECT generation FROM server_keys"), 4);
}

static void a_store_that_is_altered_does_not_start(void **state)
{
    csigd_secret secret = {.kind = CSIGD_KEY_FILE, .bytes = csigd_locked_alloc(CSIGD_MASTER_BYTES)};
    csigd_service other;
    char words[256] = "";

    (void)state;
    assert_int_equal(csigd_server_keys_rotate(&s, 3600, &why), CSIGD_OK);
    csigd_service_stop(&s);
    /* One key in the place of the other. */
    assert_int_equal(peek("UPDATE server_keys SET sealed = (SELECT sealed FROM server_keys WHERE "
                          "generation = 2) WHERE generation = 1 RETURNING 7"),
                     7);
    memset(secret.bytes, 7, CSIGD_MASTER_BYTES);
    secret.len = CSIGD_MASTER_BYTES;
    assert_false(csigd_service_is_started(&other, temp_store(), &secret, 1, words, sizeof words));
    assert_non_null(strstr(words, "keys for HTTP"));
    csigd_secret_free(&secret);
    temp_remove();
    temp_folder();
    temp_service(&s, 7);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(the_first_key_is_made_once),
        WITH(the_next_key_waits_for_its_time_and_there_is_no_way_back),
        WITH(at_once_is_at_once_and_again),
        WITH(a_store_that_is_altered_does_not_start),
    };

    temp_quiet();
    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
