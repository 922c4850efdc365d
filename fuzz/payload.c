/* Any text as a payload. What is read has one canonical text, which reads as the same; it is
 * described in JSON that can be read and in lines that nothing in it can pretend; and it is bound
 * to a key or refused. */
#include "payload/json.h"

#include <stdlib.h>
#include <string.h>

#include "countersign/payload.h"
#include "fuzz.h"

/* The generator: a key like any other. */
static const csig_account account = {
    .public_key = {0x02, 0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0,
                   0x62, 0x95, 0xce, 0x87, 0x0b, 0x07, 0x02, 0x9b, 0xfc, 0xdb, 0x2d,
                   0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98},
};

typedef csig_err asked(const csig_payload *p, char *out, size_t *len);

static char *whole(asked *ask, const csig_payload *p, size_t *len)
{
    char *out;

    *len = 0;
    FUZZ_REQUIRE(ask(p, NULL, len) == CSIG_E_BUFFER);
    out = malloc(*len);
    FUZZ_REQUIRE(out != NULL && ask(p, out, len) == CSIG_OK && strlen(out) == *len - 1);
    return out;
}

static void check_described(const csig_payload *p)
{
    size_t len;
    char *description = whole(csig_payload_describe, p, &len);
    csig_json *j = NULL;

    FUZZ_REQUIRE(len - 1 > CSIG_PAYLOAD_MAX ||
                 csig_json_read(&j, description, len - 1, NULL) == CSIG_OK);
    csig_json_free(j);
    free(description);
}

static void check_words(const csig_payload *p)
{
    size_t len;
    char *words = whole(csig_payload_words, p, &len);

    FUZZ_REQUIRE(csig_utf8_is_valid((const uint8_t *)words, len - 1));
    for (size_t i = 0; i < len - 1; i++)
        FUZZ_REQUIRE(words[i] == '\n' || ((uint8_t)words[i] >= 0x20 && words[i] != 0x7f));
    free(words);
}

static void check_text(const csig_payload *p)
{
    size_t len, again_len, described_len, again_described_len;
    char *text = whole(csig_payload_text, p, &len), *again;
    char *described = whole(csig_payload_describe, p, &described_len), *again_described;
    csig_payload *q = NULL;

    FUZZ_REQUIRE(len - 1 > CSIG_PAYLOAD_MAX ||
                 csig_payload_read(&q, text, len - 1, NULL) == CSIG_OK);
    if (q != NULL) {
        again = whole(csig_payload_text, q, &again_len);
        again_described = whole(csig_payload_describe, q, &again_described_len);
        FUZZ_REQUIRE(strcmp(text, again) == 0 && strcmp(described, again_described) == 0);
        free(again);
        free(again_described);
    }
    csig_payload_free(q);
    free(text);
    free(described);
}

static void check_bound(csig_payload *p)
{
    const csig_err err = csig_payload_bind(p, &account, NULL, 0, NULL);
    const size_t n = csig_payload_inputs(p);
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    FUZZ_REQUIRE(err == CSIG_OK || csig_err_class(err) == CSIG_CLASS_INPUT);
    FUZZ_REQUIRE((err == CSIG_OK) == (n > 0) && n <= CSIG_INPUTS_MAX);
    for (size_t i = 0; i < n; i++)
        FUZZ_REQUIRE(csig_payload_input(p, i, digest, path, &depth) == CSIG_OK);
    if (err != CSIG_OK) return;
    check_described(p);
    check_words(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char why[CSIG_WHY_BYTES];
    csig_payload *p;
    const csig_err err = csig_payload_read(&p, (const char *)data, len, why);

    FUZZ_REQUIRE((err == CSIG_OK) == (p != NULL));
    if (err != CSIG_OK) {
        FUZZ_REQUIRE(err == CSIG_E_PAYLOAD || err == CSIG_E_MISMATCH);
        FUZZ_REQUIRE(why[0] != '\0' && csig_utf8_is_valid((const uint8_t *)why, strlen(why)));
        return 0;
    }
    check_text(p);
    check_described(p);
    check_words(p);
    check_bound(p);
    csig_payload_free(p);
    return 0;
}
