/* Escrows of a dealt share: as two dealers would have made them who know what it is. */
#ifndef TESTS_SUPPORT_PARCELS_H
#define TESTS_SUPPORT_PARCELS_H

#include "share/parcel.h"
#include "share/share.h"

#define PARCELS 2 /* of dealers 1 and 3 */

/* For the share's own index, to this key. By the share's epoch: plain parts at 0, weighted later.
 */
void parcels_make(csig_parcel parcel[PARCELS], const csig_share *share, const csig_recovery *key);
/* Statement and proof again for this x, the sub-share of one dealer. */
void parcels_prove(csig_parcel *p, const csig_scalar *x, const uint8_t cc[32]);
void parcels_write(uint8_t *out, const csig_parcel *parcel, size_t count);

#endif
