/* The public state of an epoch, seen from outside: octets in, octets out. */
#include "countersign/epoch.h"

#include <string.h>

#include "crypto/header.h"
#include "share/share.h"

csig_err csig_share_epoch(const csig_share *share, uint8_t epoch[CSIG_EPOCH_BYTES])
{
    CSIG_REQUIRE(share != NULL && epoch != NULL, CSIG_E_ARGUMENT);
    csig_wire_write(csig_share_public_wire, share, epoch, CSIG_EPOCH_BYTES);
    return CSIG_OK;
}

csig_err csig_epoch_read(csig_share *s, const uint8_t epoch[CSIG_EPOCH_BYTES])
{
    memset(s, 0, sizeof *s);
    CSIG_TRY(csig_kind_check(epoch, CSIG_EPOCH_BYTES, CSIG_KIND_EPOCH));
    CSIG_TRY(csig_wire_read(csig_share_public_wire, s, epoch, CSIG_EPOCH_BYTES));
    return csig_share_public_check(s);
}

csig_err csig_epoch_describe(const uint8_t epoch[CSIG_EPOCH_BYTES], csig_share_info *info)
{
    csig_share s;

    CSIG_REQUIRE(epoch != NULL && info != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_epoch_read(&s, epoch));
    csig_share_describe(&s, info);
    return CSIG_OK;
}

csig_err csig_epoch_member(const uint8_t epoch[CSIG_EPOCH_BYTES], uint16_t index,
                           uint8_t identity[CSIG_IDENTITY_BYTES], uint8_t point[CSIG_PUBKEY_BYTES])
{
    csig_share s;

    CSIG_REQUIRE(epoch != NULL && identity != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_epoch_read(&s, epoch));
    CSIG_TRY(csig_share_identity(&s, index, identity));
    return point == NULL ? CSIG_OK : csig_share_public(&s, index, point);
}

void csig_share_commit_transcript(csig_transcript *t, const csig_share *share, uint16_t commits,
                                  const uint8_t output[CSIG_HASH_BYTES])
{
    csig_transcript_init(t, CSIG_LABEL_COMMIT);
    csig_transcript_bytes(t, share->key_id, sizeof share->key_id);
    csig_transcript_bytes(t, output, CSIG_HASH_BYTES);
    csig_transcript_party(t, commits);
}

csig_err csig_share_commit_verify(const csig_share *share, uint16_t commits,
                                  const uint8_t signature[CSIG_ED_SIG_BYTES])
{
    uint8_t output[CSIG_HASH_BYTES];
    csig_transcript t;

    CSIG_REQUIRE(commits >= 1 && commits <= share->n, CSIG_E_SIGNATURE);
    csig_share_public_hash(share, output);
    csig_share_commit_transcript(&t, share, commits, output);
    return csig_ed_verify(signature, share->identity[commits - 1], &t);
}

csig_err csig_epoch_commit_verify(const uint8_t epoch[CSIG_EPOCH_BYTES], uint16_t commits,
                                  const uint8_t signature[64])
{
    csig_share s;

    CSIG_REQUIRE(epoch != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_epoch_read(&s, epoch));
    return csig_share_commit_verify(&s, commits, signature);
}
