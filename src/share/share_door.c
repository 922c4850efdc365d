/* What the host sees of a share: its description, sealed octets and child keys. */
#include "countersign/share.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/sealed.h"
#include "share/hd.h"
#include "share/share.h"

void csig_share_describe(const csig_share *share, csig_share_info *info)
{
    memcpy(info->key_id, share->key_id, sizeof info->key_id);
    csig_point_to_bytes(info->public_key, &share->pk);
    info->signers_required = share->t;
    info->parties = share->n;
    info->self = share->self;
    info->epoch = share->epoch;
    info->epoch_attempt = share->attempt;
    memcpy(info->epoch_state, share->epoch_state, sizeof info->epoch_state);
}

csig_err csig_share_identity(const csig_share *share, uint16_t index,
                             uint8_t identity[CSIG_IDENTITY_BYTES])
{
    CSIG_REQUIRE(share != NULL && identity != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(index >= 1 && index <= share->n, CSIG_E_ARGUMENT);
    memcpy(identity, share->identity[index - 1], CSIG_IDENTITY_BYTES);
    return CSIG_OK;
}

csig_err csig_share_public(const csig_share *share, uint16_t index,
                           uint8_t point[CSIG_PUBKEY_BYTES])
{
    CSIG_REQUIRE(share != NULL && point != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(index >= 1 && index <= share->n, CSIG_E_ARGUMENT);
    csig_point_to_bytes(point, &share->X[index - 1]);
    return CSIG_OK;
}

static csig_object object_of(const csig_share *share)
{
    csig_object what = {.kind = CSIG_KIND_SHARE, .epoch = share->epoch};

    memcpy(what.id, share->key_id, sizeof what.id);
    return what;
}

csig_err csig_share_export(const csig_share *share, const csig_sealer *sealer, uint8_t *out,
                           size_t *len)
{
    csig_object what;

    CSIG_REQUIRE(share != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    what = object_of(share);
    return csig_sealed_write(sealer, &what, csig_share_wire, share, out, len);
}

static csig_err import(csig_share *share, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    csig_object said = {.kind = CSIG_KIND_SHARE};

    CSIG_TRY(csig_sealed_read(sealer, &said, csig_share_wire, share, in, len));
    CSIG_REQUIRE(csig_is_same(said.id, share->key_id, sizeof said.id), CSIG_E_FORMAT);
    CSIG_REQUIRE(said.epoch == share->epoch, CSIG_E_FORMAT);
    return csig_share_check_opened(share);
}

csig_err csig_share_import(csig_share **share, const csig_sealer *sealer, const uint8_t *in,
                           size_t len)
{
    csig_share *s;
    csig_err err;

    CSIG_REQUIRE(share != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    s = csig_share_alloc();
    CSIG_REQUIRE(s != NULL, CSIG_E_MEMORY);
    err = import(s, sealer, in, len);
    if (err == CSIG_OK) {
        *share = s;
    } else {
        csig_share_free(s);
    }
    return err;
}

void csig_share_free(csig_share *share)
{
    csig_secret_free(share);
}

csig_err csig_share_child(const csig_share *share, const uint32_t *path, size_t depth,
                          uint8_t public_key[CSIG_PUBKEY_BYTES], uint8_t chain_code[32])
{
    csig_scalar shift;
    csig_point child;

    CSIG_REQUIRE(share != NULL && public_key != NULL && (path != NULL || depth == 0),
                 CSIG_E_ARGUMENT);
    CSIG_TRY(csig_hd_shift(&shift, &child, chain_code, &share->pk, share->cc, path, depth));
    csig_point_to_bytes(public_key, &child);
    return CSIG_OK;
}

csig_err csig_share_account(const csig_share *share, csig_account *account)
{
    CSIG_REQUIRE(share != NULL && account != NULL, CSIG_E_ARGUMENT);
    return csig_share_child(share, NULL, 0, account->public_key, account->chain_code);
}
