#include "auth/profile.h"

#include <string.h>

/* --- what is covered --- */

typedef enum when { ALWAYS = 0, IF_THERE, IF_REQUEST_SIGNED } when;

typedef struct rule {
    const char *name;
    when when;
    bool is_of_request;
} rule;

static const rule request_rules[] = {
    {"@method", ALWAYS, false},
    {"@target-uri", ALWAYS, false},
    {"content-type", IF_THERE, false},
    {"content-digest", IF_THERE, false},
    {"content-encoding", IF_THERE, false},
    {"idempotency-key", IF_THERE, false},
    {"prefer", IF_THERE, false},
};

static const rule response_rules[] = {
    {"@status", ALWAYS, false},
    {"@method", ALWAYS, true},
    {"@target-uri", ALWAYS, true},
    {"signature-input", IF_REQUEST_SIGNED, true},
    {"signature", IF_REQUEST_SIGNED, true},
    {"content-type", IF_THERE, false},
    {"content-digest", IF_THERE, false},
    {"content-encoding", IF_THERE, false},
    {"countersign-session", IF_THERE, false},
    {"location", IF_THERE, false},
    {"retry-after", IF_THERE, false},
};

#define RULES_MAX (sizeof response_rules / sizeof response_rules[0])

typedef struct profile {
    const rule *rules;
    size_t n_rules;
    const char *tag;
    unsigned required; /* parameters; no others may be there */
} profile;

#define PARAMS_OF_BOTH                                                                             \
    ((unsigned)CSIGD_PARAM_CREATED | CSIGD_PARAM_ALG | CSIGD_PARAM_KEYID | CSIGD_PARAM_TAG)

static const profile of_request = {request_rules, sizeof request_rules / sizeof request_rules[0],
                                   CSIGD_REQUEST_TAG,
                                   PARAMS_OF_BOTH | CSIGD_PARAM_EXPIRES | CSIGD_PARAM_NONCE};
static const profile of_response = {response_rules, RULES_MAX, CSIGD_RESPONSE_TAG, PARAMS_OF_BOTH};

/* The component a rule asks of this message; false: it asks for none. */
static bool rule_has_component(csigd_component *c, const rule *r, const csigd_message *m)
{
    *c = (csigd_component){.is_of_request = r->is_of_request};
    memcpy(c->name, r->name, strlen(r->name) + 1);
    switch (r->when) {
    case ALWAYS:
        return true;
    case IF_THERE:
        return csigd_message_has_field(m, r->name);
    case IF_REQUEST_SIGNED:
        return m->request != NULL && csigd_message_has_field(m->request, "signature");
    }
    return true;
}

static csigd_auth check_coverage(const profile *p, const csigd_signature *s, const csigd_message *m,
                                 csigd_refusal *why)
{
    csigd_component c;

    for (size_t i = 0; i < p->n_rules; i++) {
        if (rule_has_component(&c, &p->rules[i], m) && !csigd_signature_has_component(s, &c))
            return csigd_refuse(why, CSIGD_AUTH_COVERAGE, c.name);
    }
    return CSIGD_AUTH_OK;
}

/* --- parameters --- */

static const struct {
    const char *name;
    unsigned bit;
} names[] = {
    {"created", CSIGD_PARAM_CREATED}, {"expires", CSIGD_PARAM_EXPIRES},
    {"nonce", CSIGD_PARAM_NONCE},     {"alg", CSIGD_PARAM_ALG},
    {"keyid", CSIGD_PARAM_KEYID},     {"tag", CSIGD_PARAM_TAG},
};

static bool algorithm_is_known(const char *name)
{
    return strcmp(name, csigd_key_algorithm_name(CSIGD_KEY_ED25519)) == 0 ||
           strcmp(name, csigd_key_algorithm_name(CSIGD_KEY_P256)) == 0;
}

static csigd_auth check_params(const profile *p, const csigd_signature_params *params,
                               csigd_refusal *why)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((params->set & names[i].bit) != (p->required & names[i].bit))
            return csigd_refuse(why, CSIGD_AUTH_PARAMETER, names[i].name);
    }
    if ((p->required & CSIGD_PARAM_NONCE) != 0 && strlen(params->nonce) < CSIGD_NONCE_MIN)
        return csigd_refuse(why, CSIGD_AUTH_PARAMETER, "nonce");
    if (!algorithm_is_known(params->alg)) return csigd_refuse(why, CSIGD_AUTH_PARAMETER, "alg");
    if (strlen(params->keyid) != CSIGD_KEY_ID_BYTES - 1)
        return csigd_refuse(why, CSIGD_AUTH_PARAMETER, "keyid");
    /* A signature that was made for something else is none here. */
    if (strcmp(params->tag, p->tag) != 0) return csigd_refuse(why, CSIGD_AUTH_PARAMETER, "tag");
    return CSIGD_AUTH_OK;
}

static csigd_auth check_window(const csigd_signature_params *params, int64_t now,
                               csigd_refusal *why)
{
    const int64_t seconds = params->expires - params->created;

    if (seconds < 1 || seconds > CSIGD_SIGNATURE_SECONDS)
        return csigd_refuse(why, CSIGD_AUTH_WINDOW, "expires");
    if (params->created > now + CSIGD_SIGNATURE_SKEW)
        return csigd_refuse(why, CSIGD_AUTH_EARLY, "created");
    if (params->expires < now) return csigd_refuse(why, CSIGD_AUTH_EXPIRED, "expires");
    return CSIGD_AUTH_OK;
}

/* --- checking --- */

static csigd_auth open_proof(csigd_proof *proof, const profile *p, const csigd_message *m,
                             csigd_refusal *why)
{
    csigd_text base = csigd_text_in(proof->base, sizeof proof->base);
    csigd_auth error = csigd_signature_read(&proof->signature, m, why);

    if (error == CSIGD_AUTH_OK) error = check_params(p, &proof->signature.params, why);
    if (error == CSIGD_AUTH_OK) error = check_coverage(p, &proof->signature, m, why);
    if (error == CSIGD_AUTH_OK) error = csigd_signature_base(&base, &proof->signature, m, why);
    proof->base_len = base.len;
    return error;
}

csigd_auth csigd_request_open(csigd_proof *proof, const csigd_message *m, int64_t now,
                              csigd_refusal *why)
{
    const csigd_auth error = open_proof(proof, &of_request, m, why);

    return error != CSIGD_AUTH_OK ? error : check_window(&proof->signature.params, now, why);
}

/* Keys whose signatures nobody's request is signed with: the curves' generators. They stand in for
 * a key that is not known, so that looking takes the same time. */
static const csigd_key stand_in[] = {
    {CSIGD_KEY_ED25519, {0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                         0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                         0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66}},
    {CSIGD_KEY_P256,
     {0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
      0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
      0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
      0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
      0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5}},
};

csigd_auth csigd_request_verify(const csigd_proof *proof, const csigd_key *key, csigd_refusal *why)
{
    const csigd_signature *s = &proof->signature;
    const bool is_p256 = strcmp(s->params.alg, csigd_key_algorithm_name(CSIGD_KEY_P256)) == 0;
    const csigd_key *used = key != NULL ? key : &stand_in[is_p256 ? 1 : 0];
    char id[CSIGD_KEY_ID_BYTES];
    csigd_auth error;

    csigd_key_id(id, used);
    error = csigd_key_verify(used, (const uint8_t *)proof->base, proof->base_len, s->octets,
                             sizeof s->octets);
    if (error == CSIGD_AUTH_OK && key != NULL && strcmp(id, s->params.keyid) == 0 &&
        strcmp(s->params.alg, csigd_key_algorithm_name(key->algorithm)) == 0)
        return CSIGD_AUTH_OK;
    return csigd_refuse(why, CSIGD_AUTH_BAD_SIGNATURE, "");
}

csigd_auth csigd_response_verify(const csigd_message *m, const csigd_key *key, int64_t *created,
                                 csigd_refusal *why)
{
    csigd_proof proof;
    const csigd_auth error = open_proof(&proof, &of_response, m, why);

    if (error != CSIGD_AUTH_OK) return error;
    *created = proof.signature.params.created;
    return csigd_request_verify(&proof, key, why);
}

/* --- signing --- */

/* Our own constants, which fit. */
static void copy(char *out, const char *text)
{
    memcpy(out, text, strlen(text) + 1);
}

static csigd_auth sign(csigd_signature_fields *out, const profile *p, const csigd_message *m,
                       const csigd_signer *signer, csigd_signature_params *params,
                       csigd_refusal *why)
{
    csigd_component components[RULES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < p->n_rules; i++)
        n += rule_has_component(&components[n], &p->rules[i], m);
    params->set = p->required;
    csigd_key_id(params->keyid, &signer->key);
    copy(params->alg, csigd_key_algorithm_name(signer->key.algorithm));
    copy(params->tag, p->tag);
    return csigd_signature_make(out, m, CSIGD_SIGNATURE_LABEL, components, n, params, signer, why);
}

csigd_auth csigd_push_sign(csigd_signature_fields *out, const csigd_message *m, const char *tag,
                           const csigd_signer *signer, const char *nonce, int64_t now,
                           csigd_refusal *why)
{
    profile of_push = of_request;
    csigd_signature_params params = {.created = now, .expires = now + CSIGD_SIGNATURE_SECONDS};
    const size_t len = strlen(nonce);

    if (len < CSIGD_NONCE_MIN || len > CSIGD_NONCE_MAX)
        return csigd_refuse(why, CSIGD_AUTH_PARAMETER, "nonce");
    memcpy(params.nonce, nonce, len);
    of_push.tag = tag;
    return sign(out, &of_push, m, signer, &params, why);
}

csigd_auth csigd_request_sign(csigd_signature_fields *out, const csigd_message *m,
                              const csigd_signer *signer, const char *nonce, int64_t now,
                              csigd_refusal *why)
{
    return csigd_push_sign(out, m, of_request.tag, signer, nonce, now, why);
}

csigd_auth csigd_response_sign(csigd_signature_fields *out, const csigd_message *m,
                               const csigd_signer *signer, int64_t now, csigd_refusal *why)
{
    csigd_signature_params params = {.created = now};

    return sign(out, &of_response, m, signer, &params, why);
}
