#include "service/payload.h"

#include <string.h>

#include "http/json.h"

/* --- types --- */

static const struct {
    const char *name;
    uint32_t type;
} types[] = {{"digest", CSIGD_ALLOW_DIGEST}};

uint32_t csigd_payload_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) return types[i].type;
    }
    return 0;
}

const char *csigd_payload_name(uint32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type) return types[i].name;
    }
    return "";
}

/* --- what is signed --- */

typedef struct digest_payload {
    char type[CSIGD_TYPE_BYTES];
    uint8_t digest[CSIG_DIGEST_BYTES];
} digest_payload;

static const csigd_json_field digest_fields[] = {
    {"type", CSIGD_JSON_TEXT, .at = offsetof(digest_payload, type), .size = CSIGD_TYPE_BYTES,
     .min = 1},
    {"digest", CSIGD_JSON_HEX, .at = offsetof(digest_payload, digest), .size = CSIG_DIGEST_BYTES},
};

/* 0 modulo the group order: with 32 octets that is 0 or the order itself. */
static bool digest_is_zero(const uint8_t digest[CSIG_DIGEST_BYTES])
{
    static const uint8_t zero[CSIG_DIGEST_BYTES];
    static const uint8_t order[CSIG_DIGEST_BYTES] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
        0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

    return memcmp(digest, zero, sizeof zero) == 0 || memcmp(digest, order, sizeof order) == 0;
}

csigd_code csigd_payload_take(csigd_signable *signable, const char *text, size_t len,
                              const char *path, csigd_problem *why)
{
    digest_payload payload;
    const csigd_code code =
        csigd_json_parse(&payload, digest_fields, sizeof digest_fields / sizeof digest_fields[0],
                         (const uint8_t *)text, len, why);

    if (code != CSIGD_OK) return code;
    if (digest_is_zero(payload.digest)) {
        csigd_problem_field(why, CSIGD_BAD_REQUEST, "digest");
        why->err = CSIG_E_DIGEST;
        return why->code;
    }
    signable->type = csigd_payload_type(payload.type);
    if (signable->type == 0) return csigd_problem_field(why, CSIGD_POLICY_DENIED, "type");
    signable->n_inputs = 1;
    signable->inputs[0] = (csigd_input){.n = 0};
    memcpy(signable->inputs[0].digest, payload.digest, sizeof payload.digest);
    memcpy(signable->inputs[0].path, path, strlen(path) + 1);
    return CSIGD_OK;
}
