/* Keccak-256: the published answers for the empty text and "abc", and lengths around the rate as
 * ethers has them. */
#include "crypto/keccak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/hex.h"

/* The i-th octet of a text of len octets is 7 i + len. */
static const struct {
    size_t len;
    const char *hash;
} known[] = {
    {0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"},
    {1, "5fe7f977e71dba2ea1a68e21057beebb9be2ac30c6410aa38d4f3fbe41dcffd2"},
    {135, "8ab570337c9a3a773c3605160ca58e3f0546d92d217c908669cc4f35a31933bc"},
    {136, "16b30a6be318a7acbcba7a2194789f628abf68dfbbf55a4d840f22f6a4d29efd"},
    {137, "6a7e8293441d51be41bf4994995b35981f90c07866c7fd0465f405e2b7a8f8dd"},
    {271, "bb02bca6be57f42d131406260c6f1a81fd9922af8bd1c96d78f454b19ae10add"},
    {272, "443464c0c3ac8036d14a6f8647fc93b592d514adefbe88683cbbda3b4b2c4553"},
    {273, "73d5960773e36742ead7c872d84d535f35e75b9517ccb1023491276013f88890"},
    {1000, "5cab097db1a529f5b1a15428cc494df950671bc3824340aad89941fa68e151bc"},
};

static void known_answers(void **state)
{
    uint8_t text[1000], hash[CSIG_KECCAK_BYTES];

    (void)state;
    for (size_t k = 0; k < CSIG_ARRAY_LEN(known); k++) {
        for (size_t i = 0; i < known[k].len; i++)
            text[i] = (uint8_t)(7 * i + known[k].len);
        csig_keccak256(hash, text, known[k].len);
        hex_expect(hash, sizeof hash, known[k].hash);
    }
    csig_keccak256(hash, "abc", 3);
    hex_expect(hash, sizeof hash,
               "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

static void pieces_make_no_difference(void **state)
{
    uint8_t text[300], whole[CSIG_KECCAK_BYTES], hash[CSIG_KECCAK_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * i);
    csig_keccak256(whole, text, sizeof text);
    for (size_t cut = 0; cut <= sizeof text; cut++) {
        csig_keccak h;

        csig_keccak_init(&h);
        csig_keccak_update(&h, text, cut);
        csig_keccak_update(&h, text + cut, sizeof text - cut);
        csig_keccak_final(&h, hash);
        assert_memory_equal(hash, whole, sizeof hash);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(pieces_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
