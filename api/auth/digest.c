#include "auth/digest.h"

#include <sodium.h>
#include <string.h>

#include "auth/sf.h"

typedef struct algorithm {
    const char *name;
    size_t len;
    int (*hash)(unsigned char *out, const unsigned char *in, unsigned long long len);
} algorithm;

static const algorithm algorithms[] = {
    {"sha-256", crypto_hash_sha256_BYTES, crypto_hash_sha256},
    {"sha-512", crypto_hash_sha512_BYTES, crypto_hash_sha512},
};

#define N_ALGORITHMS (sizeof algorithms / sizeof algorithms[0])

void csigd_digest_make(char field[CSIGD_DIGEST_BYTES], const uint8_t *body, size_t len)
{
    csigd_text t = csigd_text_in(field, CSIGD_DIGEST_BYTES);
    uint8_t hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, body, len);
    csigd_text_put(&t, "sha-256=:");
    csigd_text_base64(&t, hash, sizeof hash);
    csigd_text_char(&t, ':');
}

static csigd_auth compare(const csigd_sf *sf, size_t node, const algorithm *a, const uint8_t *body,
                          size_t len)
{
    const csigd_sf_node *n = &sf->nodes[node];
    uint8_t hash[crypto_hash_sha512_BYTES];

    if (n->type != CSIGD_SF_OCTETS_TYPE || n->len != a->len) return CSIGD_AUTH_DIGEST_MALFORMED;
    a->hash(hash, body, len);
    return memcmp(hash, sf->text + n->at, a->len) == 0 ? CSIGD_AUTH_OK : CSIGD_AUTH_DIGEST_MISMATCH;
}

csigd_auth csigd_digest_verify(const char *field, const uint8_t *body, size_t len)
{
    csigd_sf sf;
    unsigned known = 0;

    if (field == NULL) return len == 0 ? CSIGD_AUTH_OK : CSIGD_AUTH_DIGEST_MISSING;
    if (!csigd_sf_dictionary_is_read(&sf, field, strlen(field))) return CSIGD_AUTH_DIGEST_MALFORMED;
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        const size_t node = csigd_sf_member(&sf, algorithms[i].name);
        csigd_auth error;

        if (node == CSIGD_SF_NONE) continue;
        known++;
        error = compare(&sf, node, &algorithms[i], body, len);
        if (error != CSIGD_AUTH_OK) return error;
    }
    return known > 0 ? CSIGD_AUTH_OK : CSIGD_AUTH_DIGEST_MALFORMED;
}
