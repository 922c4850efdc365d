#include "service/hook_reply.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/json.h"

static const char *const verbs[] = {[CSIGD_HOOK_APPROVE] = "approve",
                                    [CSIGD_HOOK_REJECT] = "reject",
                                    [CSIGD_HOOK_IGNORE] = "ignore",
                                    [CSIGD_HOOK_RETRY] = "retry"};

#define VERB_BYTES 8

typedef struct words {
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    uint8_t nonce[CSIGD_HOOK_NONCE_BYTES];
    char decision[VERB_BYTES];
    uint32_t seconds;
    char because[CSIG_BECAUSE_BYTES];
} words;

static const csigd_json_field fields[] = {
    {"request", CSIGD_JSON_HEX, .at = offsetof(words, request), .size = CSIG_REQUEST_ID_BYTES},
    {"nonce", CSIGD_JSON_HEX, .at = offsetof(words, nonce), .size = CSIGD_HOOK_NONCE_BYTES},
    {"decision", CSIGD_JSON_TEXT, .at = offsetof(words, decision), .size = VERB_BYTES, .min = 1},
    {"seconds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(words, seconds), .min = 1,
     .max = CSIGD_HOOK_RETRY_MAX},
    {"because", CSIGD_JSON_TEXT, .optional = true, .at = offsetof(words, because),
     .size = CSIG_BECAUSE_BYTES},
};

size_t csigd_hook_text(char text[CSIGD_HOOK_TEXT_BYTES], const csigd_hook_question *q,
                       const csigd_hook_reply *said)
{
    char request[2 * sizeof q->request + 1], nonce[2 * sizeof q->nonce + 1];
    char payload[2 * sizeof q->payload + 1];

    csigd_hex_write(request, q->request, sizeof q->request);
    csigd_hex_write(nonce, q->nonce, sizeof q->nonce);
    csigd_hex_write(payload, q->payload, sizeof q->payload);
    /* What may have anything in it comes last. */
    return (size_t)snprintf(text, CSIGD_HOOK_TEXT_BYTES,
                            "countersign-v1-hook-decision\n%s\nrequest %s\nnonce %s\npayload %s\n"
                            "seconds %u\nbecause %s",
                            verbs[said->verb], request, nonce, payload, (unsigned)said->seconds,
                            said->because);
}

/* Exactly one. */
static bool signature_is_found(uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES],
                               const csigd_hook_response *r)
{
    const char *found = NULL;

    for (size_t i = 0; i < r->n_fields; i++) {
        if (strcasecmp(r->fields[i].name, CSIGD_HOOK_SIGNATURE) != 0) continue;
        if (found != NULL) return false;
        found = r->fields[i].value;
    }
    while (found != NULL && (*found == ' ' || *found == '\t'))
        found++;
    return found != NULL &&
           csigd_hex_is_read(signature, CSIGD_KEY_SIGNATURE_BYTES, found, strlen(found));
}

static bool verb_is_read(csigd_hook_verb *verb, const char *word)
{
    for (size_t i = CSIGD_HOOK_APPROVE; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(word, verbs[i]) != 0) continue;
        *verb = (csigd_hook_verb)i;
        return true;
    }
    return false;
}

const char *csigd_hook_reply_read(csigd_hook_reply *reply, const csigd_hook_question *q,
                                  const csigd_key *key, const csigd_hook_response *r)
{
    words said = {.seconds = 0};
    char text[CSIGD_HOOK_TEXT_BYTES];
    csigd_problem why;
    size_t len;

    if (r->status != 200) return "it does not answer with 200";
    if (!signature_is_found(reply->signature, r)) return "its answer is not signed";
    if (csigd_json_parse(&said, fields, sizeof fields / sizeof fields[0], r->body, r->len, &why) !=
            CSIGD_OK ||
        !verb_is_read(&reply->verb, said.decision))
        return "its answer is none";
    if (memcmp(said.request, q->request, sizeof said.request) != 0 ||
        memcmp(said.nonce, q->nonce, sizeof said.nonce) != 0)
        return "its answer is to something else";
    reply->seconds = said.seconds;
    memcpy(reply->because, said.because, sizeof reply->because);
    len = csigd_hook_text(text, q, reply);
    if (csigd_key_verify(key, (const uint8_t *)text, len, reply->signature,
                         sizeof reply->signature) != CSIGD_AUTH_OK)
        return "its answer is not signed with the pinned key";
    return NULL;
}
