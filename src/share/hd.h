/* BIP32 non-hardened derivation. The shift of a path is what the child's secret is above the
 * parent's; it is public to the parties and to whoever has the chain code. */
#ifndef CSIG_SHARE_HD_H
#define CSIG_SHARE_HD_H

#include "crypto/shamir.h"

/* child = parent + shift G, along the whole path; depth 0 gives shift 0. cc_out may be NULL.
 * CSIG_E_PATH: an index of 2^31 or above, depth above CSIG_MAX_PATH, I_L >= q or child at infinity
 * (BIP32: skip the index). */
CSIG_MUST csig_err csig_hd_shift(csig_scalar *shift, csig_point *child, uint8_t cc_out[32],
                                 const csig_point *parent, const uint8_t cc[32],
                                 const uint32_t *path, size_t depth);

#endif
