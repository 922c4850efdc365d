/* Payloads from outside: the account of a share, whose key's address signs what is shown. */
#include "hall.h"

#include <stdlib.h>
#include <string.h>

#define TX                                                                                         \
    "{\"type\":\"eth_tx\",\"transaction\":"                                                        \
    "\"0xec098504a817c80082520894353535353535353535353535353535"                                   \
    "3535353535880de0b6b3a764000080018080\"}"

typedef csig_err asked(const csig_payload *p, char *out, size_t *len);

static char *whole(asked *ask, const csig_payload *p)
{
    size_t len = 0;
    char *out;

    assert_int_equal(ask(p, NULL, &len), CSIG_E_BUFFER);
    out = malloc(len);
    assert_non_null(out);
    assert_int_equal(ask(p, out, &len), CSIG_OK);
    return out;
}

static void from_the_share_to_the_intent(void **state)
{
    const hall *h = *state;
    const uint32_t path[] = {0, 5};
    csig_intent intent = {.path = path, .depth = 2};
    csig_account account;
    csig_payload *p;
    uint8_t key[CSIG_PUBKEY_BYTES];
    char address[CSIG_ADDRESS_BYTES], *description, *words;
    uint32_t got[CSIG_PATH_MAX];
    size_t depth;

    assert_int_equal(csig_share_account(h->share[0], &account), CSIG_OK);
    assert_int_equal(csig_payload_read(&p, TX, strlen(TX), NULL), CSIG_OK);
    assert_int_equal(csig_payload_bind(p, &account, path, 2, NULL), CSIG_OK);
    assert_int_equal(csig_payload_inputs(p), 1);
    assert_int_equal(csig_payload_input(p, 0, intent.digest, got, &depth), CSIG_OK);
    assert_true(depth == 2 && got[0] == 0 && got[1] == 5);
    assert_string_equal(csig_payload_type(p), "eth_tx");
    assert_string_equal(csig_payload_facts(p)->chain, "eip155:1");

    /* who signs is told: the address of the share's child */
    assert_int_equal(csig_share_child(h->share[1], path, 2, key, NULL), CSIG_OK);
    assert_int_equal(csig_address(CSIG_ADDRESS_ETHEREUM, CSIG_NETWORK_MAIN, key, address), CSIG_OK);
    description = whole(csig_payload_describe, p);
    assert_non_null(strstr(description, address));
    words = whole(csig_payload_words, p);
    assert_non_null(strstr(words, "Sends 1 ETH to 0x3535353535353535353535353535353535353535\n"));
    free(description);
    free(words);
    csig_payload_free(p);
}

/* A signature of another digest by the same key finishes nothing. */
static void another_signature_finishes_nothing(void **state)
{
    const hall *h = *state;
    csig_signature sig = {{1}, {1}, 0, {0}};
    csig_account account;
    csig_payload *p;
    size_t len = 0;

    assert_int_equal(csig_share_account(h->share[0], &account), CSIG_OK);
    memcpy(sig.public_key, account.public_key, sizeof sig.public_key);
    assert_int_equal(csig_payload_read(&p, TX, strlen(TX), NULL), CSIG_OK);
    assert_int_equal(csig_payload_finish(p, &sig, 1, NULL, &len), CSIG_E_STATE);
    assert_int_equal(csig_payload_bind(p, &account, NULL, 0, NULL), CSIG_OK);
    assert_int_equal(csig_payload_finish(p, &sig, 1, NULL, &len), CSIG_E_OUTPUT);
    csig_payload_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_share_to_the_intent),
        cmocka_unit_test(another_signature_finishes_nothing),
    };
    return cmocka_run_group_tests(tests, hall_open, hall_close);
}
