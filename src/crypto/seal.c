/* The key sealer: XChaCha20-Poly1305. Sealed octets are nonce, ciphertext, tag.
 *
 * The nonce is a hash of fresh random octets, the key, the associated data and the plaintext:
 * should the system's random source ever repeat itself, two different secrets still get two nonces.
 */
#include "countersign/sealer.h"

#include <string.h>

#include <sodium.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/transcript.h"

#define KEY_BYTES   crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FRESH_BYTES 32

_Static_assert(KEY_BYTES == 32, "the key of include/countersign/sealer.h");
_Static_assert(NONCE_BYTES + TAG_BYTES <= CSIG_SEAL_OVERHEAD, "the promise of sealer.h");

static void make_nonce(uint8_t nonce[NONCE_BYTES], const uint8_t *key, const uint8_t *ad,
                       size_t ad_len, const uint8_t *plain, size_t len)
{
    CSIG_AUTO(csig_transcript) t;
    uint8_t fresh[FRESH_BYTES];
    uint8_t hash[CSIG_HASH_BYTES];

    randombytes_buf(fresh, sizeof fresh);
    csig_transcript_init(&t, CSIG_LABEL_SEAL_NONCE);
    csig_transcript_bytes(&t, fresh, sizeof fresh);
    csig_transcript_bytes(&t, key, KEY_BYTES);
    csig_transcript_bytes(&t, ad, ad_len);
    csig_transcript_bytes(&t, plain, len);
    csig_transcript_hash(&t, hash);
    memcpy(nonce, hash, NONCE_BYTES);
    csig_wipe(hash, sizeof hash);
}

static int seal(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *plain, size_t len,
                uint8_t *out, size_t *out_len)
{
    const uint8_t *key = ctx;
    int failed;

    make_nonce(out, key, ad, ad_len, plain, len);
    failed = crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_BYTES, NULL, plain, len, ad,
                                                        ad_len, NULL, out, key);
    *out_len = NONCE_BYTES + len + TAG_BYTES;
    csig_ct_public(out, *out_len); /* a ciphertext is made to be stored */
    return failed;
}

static int unseal(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *sealed, size_t len,
                  uint8_t *out, size_t *out_len)
{
    uint8_t key[KEY_BYTES];
    int failed;

    if (len < NONCE_BYTES + TAG_BYTES) return -1;
    *out_len = len - NONCE_BYTES - TAG_BYTES;
    memcpy(key, ctx, sizeof key);
    /* libsodium branches on whether the tag is right, which everybody will see; marked only here,
     * on a copy, and the plaintext is secret again. */
    csig_ct_public(key, sizeof key);
    failed = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE_BYTES,
                                                        len - NONCE_BYTES, ad, ad_len, sealed, key);
    csig_wipe(key, sizeof key);
    if (failed == 0) csig_ct_secret(out, *out_len);
    return failed;
}

csig_sealer csig_sealer_from_key(const uint8_t *key)
{
    /* The callbacks only read the key. */
    return (csig_sealer){.ctx = (void *)(uintptr_t)key, .seal = seal, .open = unseal};
}
