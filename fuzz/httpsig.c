/* Any octets as an HTTP message, a line each: kind, method or status, authority, target, then
 * fields. As it is, it is refused, or its base is one that the key's owner signed; signed by us, it
 * is taken. */
#include <stdlib.h>
#include <string.h>

#include "auth/digest.h"
#include "auth/profile.h"
#include "fuzz.h"

#define LINE   8192
#define FIELDS 8
#define NOW    INT64_C(1790000000)
#define NONCE  "0123456789abcdef"

typedef struct parsed {
    csigd_message message;
    char kind[LINE], method[LINE], authority[LINE], target[LINE];
    char names[FIELDS][LINE], values[FIELDS][LINE];
    csigd_field fields[FIELDS + 2];
} parsed;

/* The next line up to `stop`, cut; what is left. */
static const uint8_t *next(char line[LINE], const uint8_t *data, const uint8_t *end, char stop)
{
    size_t n = 0;

    for (; data < end && *data != '\n' && *data != (uint8_t)stop; data++) {
        if (n + 1 < LINE && *data != '\0') line[n++] = (char)*data;
    }
    line[n] = '\0';
    return data < end ? data + 1 : data;
}

static void parse(parsed *p, const uint8_t *data, const uint8_t *end, const csigd_message *request)
{
    csigd_message *m = &p->message;

    data = next(p->kind, data, end, '\n');
    data = next(p->method, data, end, '\n');
    data = next(p->authority, data, end, '\n');
    data = next(p->target, data, end, '\n');
    *m = (csigd_message){.fields = p->fields};
    if (strchr(p->kind, 'r') != NULL) {
        m->status = (unsigned)strtoul(p->method, NULL, 10);
        m->request = request;
    } else {
        m->method = p->method;
        m->scheme = "https";
        m->authority = p->authority;
        m->target = p->target;
    }
    while (data < end && m->n_fields < FIELDS) {
        data = next(p->names[m->n_fields], data, end, ':');
        data = next(p->values[m->n_fields], data, end, '\n');
        p->fields[m->n_fields] = (csigd_field){p->names[m->n_fields], p->values[m->n_fields]};
        m->n_fields++;
    }
}

static csigd_key_secret secrets[2] = {
    {CSIGD_KEY_ED25519, {1}},
    /* the number one, and the curve's generator */
    {CSIGD_KEY_P256,
     {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
      0x00, 0x00, 0x00, 0x01, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc,
      0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
      0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
      0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
      0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5}},
};

/* What the owner of the keys signed, once; the files honest-* of the corpus are these. */
static const csigd_field honest_fields[] = {{"Content-Type", "application/json"}};
static const csigd_message honest = {.method = "POST",
                                     .scheme = "https",
                                     .authority = "sign.example",
                                     .target = "/v1/wallets?a=b",
                                     .fields = honest_fields,
                                     .n_fields = 1};

/* The base of a message that is signed with this key, by making the signature. */
static void make_base(csigd_proof *proof, const csigd_message *m, const csigd_signer *signer,
                      csigd_auth *error)
{
    csigd_signature_fields made;
    csigd_field fields[FIELDS + 2];
    csigd_message copy = *m;
    csigd_refusal why;

    *error = csigd_request_sign(&made, m, signer, NONCE, NOW, &why);
    if (*error != CSIGD_AUTH_OK) return;
    if (m->n_fields > 0) memcpy(fields, m->fields, m->n_fields * sizeof *fields);
    fields[copy.n_fields++] = (csigd_field){"signature-input", made.input};
    fields[copy.n_fields++] = (csigd_field){"signature", made.signature};
    copy.fields = fields;
    *error = csigd_request_open(proof, &copy, NOW, &why);
    if (*error != CSIGD_AUTH_OK) return;
    FUZZ_REQUIRE(csigd_request_verify(proof, &signer->key, &why) == CSIGD_AUTH_OK);
}

static bool has_signature(const csigd_message *m)
{
    return csigd_message_has_field(m, "signature") || csigd_message_has_field(m, "signature-input");
}

static void check_request(const csigd_message *m, const csigd_signer *signer)
{
    static csigd_proof proof, other;
    csigd_refusal why;
    csigd_auth error;

    if (csigd_request_open(&proof, m, NOW, &why) == CSIGD_AUTH_OK) {
        const csigd_signature_params *params = &proof.signature.params;

        FUZZ_REQUIRE(params->expires >= NOW && params->created <= NOW + CSIGD_SIGNATURE_SKEW);
        FUZZ_REQUIRE(params->expires - params->created <= CSIGD_SIGNATURE_SECONDS);
        FUZZ_REQUIRE(strlen(params->nonce) >= CSIGD_NONCE_MIN);
        if (csigd_request_verify(&proof, &signer->key, &why) == CSIGD_AUTH_OK) {
            make_base(&other, &honest, signer, &error);
            FUZZ_REQUIRE(error == CSIGD_AUTH_OK);
            FUZZ_REQUIRE(strcmp(proof.base, other.base) == 0);
        }
        FUZZ_REQUIRE(csigd_request_verify(&proof, NULL, &why) == CSIGD_AUTH_BAD_SIGNATURE);
    }
    if (has_signature(m)) return;
    make_base(&other, m, signer, &error);
    FUZZ_REQUIRE(error == CSIGD_AUTH_OK || error == CSIGD_AUTH_COMPONENT ||
                 error == CSIGD_AUTH_TOO_LONG);
}

static void make_text(csigd_text *base, const csigd_message *m)
{
    csigd_signature s;
    csigd_refusal why;

    FUZZ_REQUIRE(csigd_signature_read(&s, m, &why) == CSIGD_AUTH_OK);
    FUZZ_REQUIRE(csigd_signature_base(base, &s, m, &why) == CSIGD_AUTH_OK);
}

/* A response that is taken is the honest one. */
static void check_response(const csigd_message *m, const csigd_signer *signer)
{
    static char got[CSIGD_BASE_MAX], want[CSIGD_BASE_MAX];
    csigd_text got_text = csigd_text_in(got, sizeof got);
    csigd_text want_text = csigd_text_in(want, sizeof want);
    csigd_field fields[3] = {honest_fields[0]};
    csigd_message own = {.status = 200, .request = &honest, .fields = fields, .n_fields = 1};
    csigd_signature_fields made;
    csigd_refusal why;
    int64_t created;

    if (csigd_response_verify(m, &signer->key, &created, &why) != CSIGD_AUTH_OK) return;
    FUZZ_REQUIRE(created == NOW);
    FUZZ_REQUIRE(csigd_response_sign(&made, &own, signer, NOW, &why) == CSIGD_AUTH_OK);
    fields[own.n_fields++] = (csigd_field){"signature-input", made.input};
    fields[own.n_fields++] = (csigd_field){"signature", made.signature};
    make_text(&want_text, &own);
    make_text(&got_text, m);
    FUZZ_REQUIRE(strcmp(got, want) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static parsed p;
    const uint8_t *end = data + len;
    csigd_signer signer;

    parse(&p, data, end, &honest);
    FUZZ_REQUIRE(csigd_signer_of(&signer, &secrets[strchr(p.kind, 'p') != NULL]) == CSIGD_AUTH_OK);
    if (p.message.status != 0)
        check_response(&p.message, &signer);
    else
        check_request(&p.message, &signer);
    for (size_t i = 0; i < p.message.n_fields; i++)
        (void)csigd_digest_verify(p.values[i], data, len);
    return 0;
}
