/* Bitcoin's hashes: SHA-256 in pieces (FIPS 180-2, appendix B), twice (the hash of the genesis
 * block), hash160 (BIP143's first P2WPKH key), the tagged hash (BIP322's message hashes). */
#include "crypto/bitcoin_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

static void sha256_in_pieces(void **state)
{
    const char *msg = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    uint8_t out[CSIG_SHA256_BYTES];

    (void)state;
    for (size_t cut = 0; cut <= strlen(msg); cut++) {
        csig_sha256 h;

        csig_sha256_init(&h);
        csig_sha256_add(&h, msg, cut);
        csig_sha256_add(&h, msg + cut, strlen(msg) - cut);
        csig_sha256_final(&h, out);
        hex_expect(out, sizeof out,
                   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    csig_sha256_of(out, "abc", 3);
    hex_expect(out, sizeof out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void genesis_block(void **state)
{
    uint8_t header[80], out[CSIG_SHA256_BYTES];

    (void)state;
    hex_read(header, sizeof header,
             "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd"
             "7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c");
    csig_sha256d(out, header, sizeof header);
    hex_expect(out, sizeof out, "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000");
}

static void hash160_of_a_key(void **state)
{
    uint8_t key[33], out[CSIG_HASH160_BYTES];

    (void)state;
    hex_read(key, sizeof key, "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357");
    csig_hash160(out, key, sizeof key);
    hex_expect(out, sizeof out, "1d0f172a0ecb48aee1be1f2687d2963ae33f71a1");
}

static void tagged(void **state)
{
    uint8_t out[CSIG_SHA256_BYTES];

    (void)state;
    csig_tagged_hash(out, "BIP0322-signed-message", "", 0);
    hex_expect(out, sizeof out, "c90c269c4f8fcbe6880f72a721ddfbf1914268a794cbb21cfafee13770ae19f1");
    csig_tagged_hash(out, "BIP0322-signed-message", "Hello World", 11);
    hex_expect(out, sizeof out, "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_in_pieces),
        cmocka_unit_test(genesis_block),
        cmocka_unit_test(hash160_of_a_key),
        cmocka_unit_test(tagged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
