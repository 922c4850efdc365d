/* Any octets as a control body: refused, or exactly what the table of fields says. */
#include "http/json.h"

#include <string.h>

#include "fuzz.h"

typedef struct inner {
    char type[9];
    uint8_t digest[2];
} inner;

typedef struct body {
    uint8_t id[4];
    char name[6];
    uint32_t count;
    bool flag;
    size_t n_nonces, n_signers, n_words;
    uint8_t nonces[3][2];
    uint16_t signers[3];
    char words[2][4];
    inner payload;
    size_t n_rows;
    inner rows[2];
} body;

static const csigd_json_field payload_fields[] = {
    {"type", CSIGD_JSON_TEXT, .at = offsetof(inner, type), .size = 9, .min = 1},
    {"digest", CSIGD_JSON_HEX, .at = offsetof(inner, digest), .size = 2},
};

static const csigd_json_field fields[] = {
    {"id", CSIGD_JSON_HEX, .at = offsetof(body, id), .size = 4},
    {"name", CSIGD_JSON_TEXT, .optional = true, .at = offsetof(body, name), .size = 6},
    {"count", CSIGD_JSON_UINT, .optional = true, .at = offsetof(body, count), .min = 1, .max = 16},
    {"flag", CSIGD_JSON_BOOL, .optional = true, .at = offsetof(body, flag)},
    {"nonces", CSIGD_JSON_HEX_LIST, .optional = true, .at = offsetof(body, nonces), .size = 2,
     .min = 1, .max = 3, .count_at = offsetof(body, n_nonces)},
    {"signers", CSIGD_JSON_UINT_LIST, .optional = true, .at = offsetof(body, signers), .min = 2,
     .max = 3, .count_at = offsetof(body, n_signers)},
    {"words", CSIGD_JSON_TEXT_LIST, .optional = true, .at = offsetof(body, words), .size = 4,
     .min = 1, .max = 2, .count_at = offsetof(body, n_words)},
    {"payload", CSIGD_JSON_NESTED, .optional = true, .at = offsetof(body, payload),
     .fields = payload_fields, .n_fields = 2},
    {"rows", CSIGD_JSON_NESTED_LIST, .optional = true, .at = offsetof(body, rows),
     .size = sizeof(inner), .min = 1, .max = 2, .count_at = offsetof(body, n_rows),
     .fields = payload_fields, .n_fields = 2},
};

static void check_taken(const body *b)
{
    FUZZ_REQUIRE(memchr(b->name, 0, sizeof b->name) != NULL);
    FUZZ_REQUIRE(b->count <= 16);
    FUZZ_REQUIRE(b->n_nonces <= 3 && b->n_signers <= 3 && b->n_words <= 2);
    FUZZ_REQUIRE(b->n_signers != 1);
    for (size_t i = 0; i < b->n_words; i++)
        FUZZ_REQUIRE(memchr(b->words[i], 0, sizeof b->words[i]) != NULL);
    FUZZ_REQUIRE(memchr(b->payload.type, 0, sizeof b->payload.type) != NULL);
    FUZZ_REQUIRE(b->n_rows <= 2);
    for (size_t i = 0; i < b->n_rows; i++)
        FUZZ_REQUIRE(memchr(b->rows[i].type, 0, sizeof b->rows[i].type) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    csigd_problem why;
    body b;
    csigd_code code;

    memset(&b, 0, sizeof b);
    code = csigd_json_parse(&b, fields, sizeof fields / sizeof fields[0], data, len, &why);
    FUZZ_REQUIRE(code == CSIGD_OK || code == CSIGD_BAD_REQUEST);
    if (code == CSIGD_OK)
        check_taken(&b);
    else
        FUZZ_REQUIRE(memchr(why.field, 0, sizeof why.field) != NULL);
    return 0;
}
