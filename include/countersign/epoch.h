/* What is public of one epoch of a key, as octets: who can read it can check commits, escrows and
 * resharings of the wallet, and learns nothing secret. It is as good as its commit: check that. */
#ifndef COUNTERSIGN_EPOCH_H
#define COUNTERSIGN_EPOCH_H

#include "countersign/share.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_EPOCH_BYTES 1719

/** The public state of the share's epoch: the same octets at every party. */
CSIG_API csig_err csig_share_epoch(const csig_share *share, uint8_t epoch[CSIG_EPOCH_BYTES]);

/** What it says, self 0. CSIG_E_KIND, E_VERSION, E_LEVEL, E_FORMAT: also when its parts do not fit
 *  each other. */
CSIG_API csig_err csig_epoch_describe(const uint8_t epoch[CSIG_EPOCH_BYTES], csig_share_info *info);
/** The identity and the public share X_i (may be NULL) at an index. CSIG_E_ARGUMENT: no such index;
 *  errors of csig_epoch_describe. */
CSIG_API csig_err csig_epoch_member(const uint8_t epoch[CSIG_EPOCH_BYTES], uint16_t index,
                                    uint8_t identity[CSIG_IDENTITY_BYTES],
                                    uint8_t point[CSIG_PUBKEY_BYTES]);

/** Does this commit, of key generation, refresh or resharing, say that this epoch is the one? The
 *  committer's identity is the one at `commits`. CSIG_E_SIGNATURE: no; errors of
 *  csig_epoch_describe. */
CSIG_API csig_err csig_epoch_commit_verify(const uint8_t epoch[CSIG_EPOCH_BYTES], uint16_t commits,
                                           const uint8_t signature[64]);

#ifdef __cplusplus
}
#endif
#endif
