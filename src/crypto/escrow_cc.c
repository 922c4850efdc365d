/* The chain code beside an escrow: encrypted to the same recovery key under the same label. Nothing
 * of it can be verified without that key. Formulas: escrow.h. Source: protocol.md 7.7. */
#include <string.h>

#include <sodium.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/escrow.h"

#define HEAD_BYTES CSIG_ESCROW_KEY_BYTES /* E, in front of the ciphertext */
#define CC_BYTES   32

_Static_assert(CSIG_ESCROW_BOX_BYTES ==
                   HEAD_BYTES + CC_BYTES + crypto_aead_chacha20poly1305_ietf_ABYTES,
               "a box holds one chain code");

static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES]; /* each key serves once */

typedef struct cc_key {
    uint8_t b[crypto_aead_chacha20poly1305_ietf_KEYBYTES];
} cc_key;

static void cc_key_wipe(cc_key *k)
{
    csig_wipe(k, sizeof *k);
}

static csig_err make_key(cc_key *k, const uint8_t secret[32], const uint8_t pub[32],
                         const uint8_t E[32], const uint8_t ek[32],
                         const uint8_t lab[CSIG_ESCROW_LABEL_BYTES])
{
    CSIG_AUTO(csig_transcript) t;
    uint8_t Z[CSIG_ESCROW_KEY_BYTES];

    CSIG_TRY(csig_escrow_agree(Z, secret, pub));
    csig_transcript_init(&t, CSIG_LABEL_PVE_CC);
    csig_transcript_bytes(&t, Z, sizeof Z);
    csig_wipe(Z, sizeof Z);
    csig_transcript_bytes(&t, E, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, ek, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, lab, CSIG_ESCROW_LABEL_BYTES);
    csig_transcript_hash32(&t, k->b);
    return CSIG_OK;
}

csig_err csig_escrow_cc_seal(uint8_t box[CSIG_ESCROW_BOX_BYTES], const csig_env *env,
                             const csig_escrow_stmt *stmt, const uint8_t cc[32])
{
    CSIG_AUTO(cc_key) k;
    uint8_t e[CSIG_ESCROW_KEY_BYTES], lab[CSIG_ESCROW_LABEL_BYTES];
    csig_err err;

    CSIG_TRY(csig_escrow_key_check(stmt->ek));
    csig_escrow_label(lab, stmt);
    csig_rng_bytes(env->rng, "escrow chain code", e, sizeof e);
    csig_escrow_key_public(box, e);
    err = make_key(&k, e, stmt->ek, box, stmt->ek, lab);
    csig_wipe(e, sizeof e);
    CSIG_TRY(err);
    CSIG_ASSERT(crypto_aead_chacha20poly1305_ietf_encrypt(box + HEAD_BYTES, NULL, cc, CC_BYTES, lab,
                                                          sizeof lab, NULL, nonce, k.b) == 0);
    csig_ct_public(box, CSIG_ESCROW_BOX_BYTES); /* a ciphertext is made to be shown */
    return CSIG_OK;
}

csig_err csig_escrow_cc_open(uint8_t cc[32], const uint8_t box[CSIG_ESCROW_BOX_BYTES],
                             const csig_escrow_stmt *stmt, const uint8_t dk[CSIG_ESCROW_KEY_BYTES])
{
    CSIG_AUTO(cc_key) k;
    uint8_t ek[CSIG_ESCROW_KEY_BYTES], lab[CSIG_ESCROW_LABEL_BYTES];
    int failed;

    csig_wipe(cc, CC_BYTES);
    csig_escrow_key_public(ek, dk);
    CSIG_REQUIRE(csig_is_same(ek, stmt->ek, sizeof ek), CSIG_E_ARGUMENT);
    csig_escrow_label(lab, stmt);
    CSIG_REQUIRE(make_key(&k, dk, box, box, ek, lab) == CSIG_OK, CSIG_E_SEAL);
    /* libsodium branches on whether the tag is right, which the recovery may show; the plaintext is
     * secret again. */
    csig_ct_public(k.b, sizeof k.b);
    failed = crypto_aead_chacha20poly1305_ietf_decrypt(cc, NULL, NULL, box + HEAD_BYTES,
                                                       CSIG_ESCROW_BOX_BYTES - HEAD_BYTES, lab,
                                                       sizeof lab, nonce, k.b);
    if (failed != 0) csig_wipe(cc, CC_BYTES);
    CSIG_REQUIRE(failed == 0, CSIG_E_SEAL);
    csig_ct_secret(cc, CC_BYTES);
    return CSIG_OK;
}
