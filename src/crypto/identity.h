/* Identity keys (Ed25519) and ephemeral encryption (X25519 with XChaCha20-Poly1305). */
#ifndef CSIG_CRYPTO_IDENTITY_H
#define CSIG_CRYPTO_IDENTITY_H

#include "crypto/transcript.h"

#define CSIG_ED_SECRET_BYTES 64
#define CSIG_ED_SIG_BYTES    64
#define CSIG_EPH_BYTES       32 /* X25519, secret and public */
#define CSIG_BOX_KEY_BYTES   32
#define CSIG_BOX_TAG_BYTES   16

typedef struct csig_ed_key {
    uint8_t secret[CSIG_ED_SECRET_BYTES];
    uint8_t id[CSIG_ID_BYTES];
} csig_ed_key;

void csig_ed_key_random(csig_ed_key *k, csig_rng *rng);
void csig_ed_key_from_seed(csig_ed_key *k, const uint8_t seed[32]);
void csig_ed_key_wipe(csig_ed_key *k);
/* Sign the hash of the transcript: the label of the transcript separates uses. */
void csig_ed_sign(uint8_t sig[CSIG_ED_SIG_BYTES], const csig_ed_key *k, const csig_transcript *t);
/* CSIG_E_SIGNATURE. Strict: canonical s and keys, no small-order key (libsodium's rules). */
CSIG_MUST csig_err csig_ed_verify(const uint8_t sig[CSIG_ED_SIG_BYTES],
                                  const uint8_t id[CSIG_ID_BYTES], const csig_transcript *t);

typedef struct csig_eph {
    uint8_t secret[CSIG_EPH_BYTES];
    uint8_t pub[CSIG_EPH_BYTES];
} csig_eph;

void csig_eph_random(csig_eph *e, csig_rng *rng);
void csig_eph_wipe(csig_eph *e);
/* The key for messages from `from` to `to` in session ssid: H(ENVELOPE_KEY, ssid, from, to, both
 * ephemeral public keys in order of from and to, X25519 result). CSIG_E_MESSAGE: the peer's key has
 * small order. */
CSIG_MUST csig_err csig_eph_key(uint8_t key[CSIG_BOX_KEY_BYTES], const csig_eph *mine,
                                const uint8_t peer[CSIG_EPH_BYTES],
                                const uint8_t ssid[CSIG_SSID_BYTES], uint16_t from, uint16_t to,
                                bool mine_is_from);
/* AEAD under a key used for one direction; counter is the nonce (the round). out has len +
 * CSIG_BOX_TAG_BYTES octets. */
void csig_box_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t key[CSIG_BOX_KEY_BYTES], uint64_t counter);
/* CSIG_E_MESSAGE: does not open (the envelope around it was signed by the peer). out has len -
 * CSIG_BOX_TAG_BYTES octets. */
CSIG_MUST csig_err csig_box_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad,
                                 size_t ad_len, const uint8_t key[CSIG_BOX_KEY_BYTES],
                                 uint64_t counter);

#endif
