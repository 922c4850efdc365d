/* BIP32 public derivation, exactly: I = HMAC-SHA512(cc, serP(K) || ser32(i)), the child is K + I_L
 * G and its chain code I_R. github.com/bitcoin/bips, bip-0032. */
#include "share/hd.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "countersign/share.h"
#include "crypto/hmac.h"

#define HARDENED         UINT32_C(0x80000000)
#define CHAIN_CODE_BYTES 32

/* One step: *K, cc and *shift become the child's. */
static csig_err step(csig_scalar *shift, csig_point *K, uint8_t cc[CHAIN_CODE_BYTES], uint32_t i)
{
    uint8_t msg[CSIG_POINT_BYTES + 4];
    uint8_t I[CSIG_HMAC_BYTES];
    csig_scalar left;
    csig_point left_G;

    csig_point_to_bytes(msg, K);
    for (int k = 0; k < 4; k++)
        msg[CSIG_POINT_BYTES + k] = (uint8_t)(i >> (24 - 8 * k));
    csig_hmac_sha512(I, cc, CHAIN_CODE_BYTES, msg, sizeof msg);
    /* What a path adds to the key is known to everyone who may see the chain code; no share and no
     * nonce is in it. */
    csig_ct_public(I, sizeof I);
    memcpy(cc, I + CSIG_SCALAR_BYTES, CHAIN_CODE_BYTES);

    /* I_L >= q: skipped by BIP32. It is so if reducing it changes it. */
    csig_scalar_from_bytes(&left, I, CSIG_SCALAR_BYTES);
    CSIG_REQUIRE(csig_is_same(left.b, I, CSIG_SCALAR_BYTES), CSIG_E_PATH);
    csig_wipe(I, sizeof I);
    /* I_L = 0 leaves the key as it is, which BIP32 allows. */
    if (csig_point_has_mul_g_var(&left_G, &left))
        CSIG_REQUIRE(csig_point_has_add(K, K, &left_G), CSIG_E_PATH);
    csig_scalar_add(shift, shift, &left);
    return CSIG_OK;
}

csig_err csig_hd_shift(csig_scalar *shift, csig_point *child, uint8_t cc_out[32],
                       const csig_point *parent, const uint8_t cc[32], const uint32_t *path,
                       size_t depth)
{
    csig_point K = *parent;
    uint8_t chain_code[CHAIN_CODE_BYTES];
    csig_scalar sum;
    csig_err err = CSIG_OK;

    CSIG_REQUIRE(depth <= CSIG_MAX_PATH, CSIG_E_PATH);
    for (size_t k = 0; k < depth; k++)
        CSIG_REQUIRE(path[k] < HARDENED, CSIG_E_PATH);

    memcpy(chain_code, cc, sizeof chain_code);
    csig_scalar_set_u32(&sum, 0);
    for (size_t k = 0; k < depth && err == CSIG_OK; k++)
        err = step(&sum, &K, chain_code, path[k]);
    if (err == CSIG_OK) {
        *shift = sum;
        *child = K;
        if (cc_out != NULL) memcpy(cc_out, chain_code, sizeof chain_code);
    }
    csig_wipe(chain_code, sizeof chain_code);
    return err;
}

csig_err csig_child(const uint8_t parent[CSIG_PUBKEY_BYTES], const uint8_t parent_chain_code[32],
                    const uint32_t *path, size_t depth, uint8_t public_key[CSIG_PUBKEY_BYTES],
                    uint8_t chain_code[32])
{
    csig_point K, child;
    csig_scalar shift;

    CSIG_REQUIRE(parent != NULL && parent_chain_code != NULL && public_key != NULL,
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(path != NULL || depth == 0, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_point_from_bytes(&K, parent));
    CSIG_TRY(csig_hd_shift(&shift, &child, chain_code, &K, parent_chain_code, path, depth));
    csig_point_to_bytes(public_key, &child);
    return CSIG_OK;
}
