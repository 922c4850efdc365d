/* Identity keys and ephemeral encryption on libsodium. */
#include "crypto/identity.h"

#include <string.h>

#include <sodium.h>

#include "base/ct.h"
#include "base/mem.h"
#include "base/rng.h"

_Static_assert(CSIG_ED_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519 secret");
_Static_assert(CSIG_ED_SIG_BYTES == crypto_sign_BYTES, "Ed25519 signature");
_Static_assert(CSIG_ID_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(CSIG_EPH_BYTES == crypto_scalarmult_BYTES, "X25519 point");
_Static_assert(CSIG_EPH_BYTES == crypto_scalarmult_SCALARBYTES, "X25519 scalar");
_Static_assert(CSIG_BOX_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "AEAD key");
_Static_assert(CSIG_BOX_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "AEAD tag");

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

void csig_ed_key_from_seed(csig_ed_key *k, const uint8_t seed[32])
{
    /* Fails only for a broken library. */
    CSIG_ASSERT(crypto_sign_seed_keypair(k->id, k->secret, seed) == 0);
    /* A public key is public; libsodium keeps a copy of it in the second half of the secret. */
    csig_ct_public(k->id, sizeof k->id);
    csig_ct_public(k->secret + 32, 32);
}

void csig_ed_key_random(csig_ed_key *k, csig_rng *rng)
{
    uint8_t seed[crypto_sign_SEEDBYTES];

    csig_rng_bytes(rng, "identity", seed, sizeof seed);
    csig_ed_key_from_seed(k, seed);
    csig_wipe(seed, sizeof seed);
}

void csig_ed_key_wipe(csig_ed_key *k)
{
    csig_wipe(k, sizeof *k);
}

void csig_ed_sign(uint8_t sig[CSIG_ED_SIG_BYTES], const csig_ed_key *k, const csig_transcript *t)
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_hash(t, hash);
    CSIG_ASSERT(crypto_sign_detached(sig, NULL, hash, sizeof hash, k->secret) == 0);
    csig_ct_public(sig, CSIG_ED_SIG_BYTES); /* a signature is made to be shown */
}

csig_err csig_ed_verify(const uint8_t sig[CSIG_ED_SIG_BYTES], const uint8_t id[CSIG_ID_BYTES],
                        const csig_transcript *t)
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_hash(t, hash);
    CSIG_REQUIRE(crypto_sign_verify_detached(sig, hash, sizeof hash, id) == 0, CSIG_E_SIGNATURE);
    return CSIG_OK;
}

void csig_eph_random(csig_eph *e, csig_rng *rng)
{
    csig_rng_bytes(rng, "ephemeral", e->secret, sizeof e->secret);
    CSIG_ASSERT(crypto_scalarmult_base(e->pub, e->secret) == 0);
    csig_ct_public(e->pub, sizeof e->pub); /* goes into the first message */
}

void csig_eph_wipe(csig_eph *e)
{
    csig_wipe(e, sizeof *e);
}

csig_err csig_eph_key(uint8_t key[CSIG_BOX_KEY_BYTES], const csig_eph *mine,
                      const uint8_t peer[CSIG_EPH_BYTES], const uint8_t ssid[CSIG_SSID_BYTES],
                      uint16_t from, uint16_t to, bool mine_is_from)
{
    CSIG_AUTO(csig_transcript) t;
    uint8_t shared[CSIG_EPH_BYTES];
    int small_order;

    small_order = crypto_scalarmult(shared, mine->secret, peer);
    /* Whether the result is zero depends on the peer's public key alone: secrets are clamped. */
    csig_ct_public(&small_order, sizeof small_order);
    CSIG_REQUIRE(small_order == 0, CSIG_E_MESSAGE);

    csig_transcript_init(&t, CSIG_LABEL_ENVELOPE_KEY);
    csig_transcript_bytes(&t, ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, from);
    csig_transcript_party(&t, to);
    csig_transcript_bytes(&t, mine_is_from ? mine->pub : peer, CSIG_EPH_BYTES);
    csig_transcript_bytes(&t, mine_is_from ? peer : mine->pub, CSIG_EPH_BYTES);
    csig_transcript_bytes(&t, shared, sizeof shared);
    csig_transcript_hash32(&t, key);
    csig_wipe(shared, sizeof shared);
    return CSIG_OK;
}

static void put_nonce(uint8_t nonce[NONCE_BYTES], uint64_t counter)
{
    memset(nonce, 0, NONCE_BYTES);
    for (size_t i = 0; i < 8; i++)
        nonce[NONCE_BYTES - 1 - i] = (uint8_t)(counter >> (8 * i));
}

void csig_box_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t key[CSIG_BOX_KEY_BYTES], uint64_t counter)
{
    uint8_t nonce[NONCE_BYTES];

    put_nonce(nonce, counter);
    CSIG_ASSERT(crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in, len, ad, ad_len, NULL,
                                                           nonce, key) == 0);
    csig_ct_public(out, len + CSIG_BOX_TAG_BYTES); /* a ciphertext is made to be shown */
}

csig_err csig_box_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad,
                       size_t ad_len, const uint8_t key[CSIG_BOX_KEY_BYTES], uint64_t counter)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t k[CSIG_BOX_KEY_BYTES];
    int failed;

    CSIG_REQUIRE(len >= CSIG_BOX_TAG_BYTES, CSIG_E_MESSAGE);
    put_nonce(nonce, counter);
    memcpy(k, key, sizeof k);
    /* libsodium branches on whether the tag is right, which everybody will see; marked only here,
     * on a copy, and the plaintext is secret again. */
    csig_ct_public(k, sizeof k);
    failed =
        crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in, len, ad, ad_len, nonce, k);
    csig_wipe(k, sizeof k);
    CSIG_REQUIRE(failed == 0, CSIG_E_MESSAGE);
    csig_ct_secret(out, len - CSIG_BOX_TAG_BYTES);
    return CSIG_OK;
}
