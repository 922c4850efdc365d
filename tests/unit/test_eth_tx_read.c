/* Serialised transactions: what is read, and what is refused and why; whatever is changed in one of
 * them is refused or told. */
#include "payload/eth_tx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "support/payloads.h"
#include "support/transactions.h"

static const char *const readable[] = {
    "0xe50101019435353535353535353535353535353535353535350180887fffffffffffffdb8080",
    "0xe588fffffffffffffffe01019435353535353535353535353535353535353535350180018080",
    "0x02f86d01010101019435353535353535353535353535353535353535350180f84ff794aaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaae1a00101010101010101010101010101010101010101010101010101"
    "010101010101d694aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac0",
    "0x03f84001010101019435353535353535353535353535353535353535350180c001e1a0012222222222"
    "2222222222222222222222222222222222222222222222222222",
    "0x04f87b01010101019435353535353535353535353535353535353535350180c0f85cf85a0194aaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0101a011111111111111111111111111111111111111111111"
    "11111111111111111111a012121212121212121212121212121212121212121212121212121212121212"
    "12",
    "0x02f83d010180a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0194"
    "35353535353535353535353535353535353535350180c0",
    "0xf83d0198ffffffffffffffffffffffffffffffffffffffffffffffff88ffffffffffffffff94353535"
    "35353535353535353535353535353535350180018080",
    "0x04f88401010101019435353535353535353535353535353535353535350180c0f865f863a0ffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff94aaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaa88ffffffffffffffff81ffa0ffffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffff80",
};

static const struct {
    const char *transaction, *why;
} refused[] = {
    {"0x", "is empty"},
    {"0x05c0", "type 5 is not known"},
    {"0x00c0", "type 0 is not known"},
    {"0x80", "type 128 is not known"},
    {"0xc0", "the nonce"},
    {"0xdd010101943535353535353535353535353535353535353535018001808000",
     "not one list in canonical RLP"},
    {"0x020101019435353535353535353535353535353535353535350180018080", "not one list"},
    {"0x02", "not one list"},
    {"0xda0101019435353535353535353535353535353535353535350180", "the chain id is not right"},
    {"0xdd0101019435353535353535353535353535353535353535350180808080",
     "the chain id (1 to 2^63 - 37)"},
    {"0xe50101019435353535353535353535353535353535353535350180887fffffffffffffdc8080",
     "the chain id (1 to"},
    {"0xdd0101019435353535353535353535353535353535353535350180010180", "an empty field after"},
    {"0xdd01010194353535353535353535353535353535353535353501800180c0", "an empty field after"},
    {"0xde010101943535353535353535353535353535353535353535018001808080", "the end"},
    {"0xe588ffffffffffffffff01019435353535353535353535353535353535353535350180018080", "the nonce"},
    {"0xe68901000000000000000001019435353535353535353535353535353535353535350180018080",
     "the nonce"},
    {"0xddc001019435353535353535353535353535353535353535350180018080", "the nonce"},
    {"0xdf82000101019435353535353535353535353535353535353535350180018080", "the nonce"},
    {"0xf83e01a101000000000000000000000000000000000000000000000000000000000000000001943535"
     "3535353535353535353535353535353535350180018080",
     "the gas price"},
    {"0xe60101890100000000000000009435353535353535353535353535353535353535350180018080",
     "the gas limit"},
    {"0xdc01010193353535353535353535353535353535353535350180018080", "the recipient"},
    {"0xde010101953535353535353535353535353535353535353535310180018080", "the recipient"},
    {"0xc9010101c00180018080", "the recipient"},
    {"0xf83e010101943535353535353535353535353535353535353535a10100000000000000000000000000"
     "0000000000000000000000000000000000000080018080",
     "the value"},
    {"0xdd0101019435353535353535353535353535353535353535350080018080", "the value"},
    {"0xdd01010194353535353535353535353535353535353535353501c0018080", "the data"},
    {"0x02dd0101010101943535353535353535353535353535353535353535018080", "the access list"},
    {"0x02f201010101019435353535353535353535353535353535353535350180d594aaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaa",
     "the access list"},
    {"0x02f301010101019435353535353535353535353535353535353535350180d6d594aaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaa",
     "the access list"},
    {"0x02f301010101019435353535353535353535353535353535353535350180d6d593aaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaac0",
     "the access list"},
    {"0x02f85401010101019435353535353535353535353535353535353535350180f7f694aaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaae09f010101010101010101010101010101010101010101010101010101"
     "01010101",
     "the access list"},
    {"0x02f85801010101019435353535353535353535353535353535353535350180f83af83894aaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaae1a001010101010101010101010101010101010101010101010101"
     "01010101010101c0",
     "the access list"},
    {"0x02f85401010101019435353535353535353535353535353535353535350180f7f694aaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaa001010101010101010101010101010101010101010101010101010101"
     "01010101",
     "the access list"},
    {"0x02de01010101019435353535353535353535353535353535353535350180c080", "the end"},
    {"0x02dd01010201019435353535353535353535353535353535353535350180c0",
     "max priority fee is above"},
    {"0x02f85d0101a08000000000000000000000000000000000000000000000000000000000000000a00100"
     "000000000000000000000000000000000000000000000000000000000000019435353535353535353535"
     "353535353535353535350180c0",
     "max priority fee is above"},
    {"0x02dd80010101019435353535353535353535353535353535353535350180c0", "the chain id"},
    {"0x02f83d010101a0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0294"
     "35353535353535353535353535353535353535350180c0",
     "more than any account"},
    {"0x03f86001018080019435353535353535353535353535353535353535350180c0a08000000000000000"
     "000000000000000000000000000000000000000000000000e1a001222222222222222222222222222222"
     "22222222222222222222222222222222",
     "more than any account"},
    {"0x03ec0101010101800180c001e1a0012222222222222222222222222222222222222222222222222222"
     "2222222222",
     "the recipient (20 octets)"},
    {"0x03df01010101019435353535353535353535353535353535353535350180c001c0",
     "blob versioned hashes"},
    {"0x03f84001010101019435353535353535353535353535353535353535350180c001e1a0022222222222"
     "2222222222222222222222222222222222222222222222222222",
     "blob versioned hashes"},
    {"0x03f83f01010101019435353535353535353535353535353535353535350180c001e09f222222222222"
     "22222222222222222222222222222222222222222222222222",
     "blob versioned hashes"},
    {"0x03f83f01010101019435353535353535353535353535353535353535350180c001a001222222222222"
     "22222222222222222222222222222222222222222222222222",
     "blob versioned hashes"},
    {"0x04f8670101010101800180c0f85cf85a0194aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0101a0"
     "1111111111111111111111111111111111111111111111111111111111111111a0121212121212121212"
     "1212121212121212121212121212121212121212121212",
     "the recipient (20 octets)"},
    {"0x04de01010101019435353535353535353535353535353535353535350180c0c0",
     "the authorization list"},
    {"0x04f83801010101019435353535353535353535353535353535353535350180c0dad90194aaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa010101",
     "the authorization list"},
    {"0x04f83b01010101019435353535353535353535353535353535353535350180c0dddc0194aaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa018201000101",
     "the authorization list"},
    {"0x04f84201010101019435353535353535353535353535353535353535350180c0e4e30194aaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa89010000000000000000010101",
     "the authorization list"},
    {"0x04f83a01010101019435353535353535353535353535353535353535350180c0dcdb0194aaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0101010101",
     "the authorization list"},
    {"0x04f83801010101019435353535353535353535353535353535353535350180c0dad901933535353535"
     "353535353535353535353535353501010101",
     "the authorization list"},
    {"0x04f85c01010101019435353535353535353535353535353535353535350180c0f83df83ba101000000"
     "000000000000000000000000000000000000000000000000000000000094353535353535353535353535"
     "353535353535353501010101",
     "the authorization list"},
};

static void json_of(char json[2000], const char *transaction)
{
    (void)snprintf(json, 2000, "{\"type\":\"eth_tx\",\"transaction\":\"%s\"}", transaction);
}

static void at_the_edges(void **state)
{
    char json[2000];

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(readable); i++) {
        csig_payload *p;

        json_of(json, readable[i]);
        p = payloads_bound(json);
        free(payloads_finished(p));
        csig_payload_free(p);
    }
}

static void refusals(void **state)
{
    char json[2000];

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(refused); i++) {
        json_of(json, refused[i].transaction);
        payloads_refused(json, refused[i].why);
    }
    payloads_refused("{\"type\":\"eth_tx\"}", "\"transaction\" must be text");
    payloads_refused("{\"type\":\"eth_tx\",\"transaction\":\"ec\"}", "\"transaction\" must be 0x");
    payloads_refused("{\"type\":\"eth_tx\",\"transaction\":\"0xe\"}", "\"transaction\" must be 0x");
}

static const char *const whole[] = {LEGACY,        ACCESS, CREATE,  TRANSFER,
                                    TRANSFER_FROM, BLOB,   SET_CODE};

static void every_truncation_is_refused(void **state)
{
    char json[2000], part[1900];

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(whole); i++) {
        for (size_t len = 2; len < strlen(whole[i]); len += 2) {
            (void)snprintf(part, sizeof part, "%.*s", (int)len, whole[i]);
            json_of(json, part);
            payloads_refused(json, "\"transaction\"");
        }
    }
}

/* What is said, but for the digest. */
static char *said_of(const char *transaction)
{
    char json[2000], why[CSIG_WHY_BYTES], *said, *digests;
    csig_payload *p;
    csig_err err;

    json_of(json, transaction);
    err = csig_payload_read(&p, json, strlen(json), why);
    if (err != CSIG_OK) {
        assert_int_equal(err, CSIG_E_PAYLOAD);
        return NULL;
    }
    said = payloads_description(p);
    digests = strstr(said, "\"digests\":[\"") + strlen("\"digests\":[\"");
    memset(digests, '-', 64);
    csig_payload_free(p);
    return said;
}

static void every_changed_octet_is_refused_or_told(void **state)
{
    static const char hex[] = "0123456789abcdef";
    char changed[1900];
    size_t told = 0;

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(whole); i++) {
        char *right = said_of(whole[i]);

        assert_non_null(right);
        (void)snprintf(changed, sizeof changed, "%s", whole[i]);
        for (size_t at = 2; changed[at] != '\0'; at++) {
            const char digit = changed[at];
            char *said;

            changed[at] = hex[(strchr(hex, digit) - hex) ^ (at % 4 == 0 ? 1 : 8)];
            said = said_of(changed);
            if (said != NULL) {
                assert_string_not_equal(said, right);
                told++;
            }
            free(said);
            changed[at] = digit;
        }
        free(right);
    }
    assert_true(told > 300); /* amounts, addresses, data */
}

/* EIP-7702's y parity is 0 or 1: what would lead to a key by a larger recovery id is nobody's. */
static void no_other_parity(void **state)
{
    csig_eth_authorization a = {.y_parity = 1, .s = {[31] = 1}};
    uint8_t authority[CSIG_ETHEREUM_BYTES];
    unsigned found = 0;

    (void)state;
    for (uint8_t r = 1; r < 40; r++) { /* so small that r + q is an x as well */
        a.r[31] = r;
        a.y_parity = 1;
        found += csig_eth_authorization_has_authority(authority, &a);
        for (a.y_parity = 2; a.y_parity < 5; a.y_parity++)
            assert_false(csig_eth_authorization_has_authority(authority, &a));
    }
    assert_true(found > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_edges),
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_other_parity),
        cmocka_unit_test(every_changed_octet_is_refused_or_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
