/* Shares of a key from a dealer who knows it: for tests of what uses shares. */
#ifndef TESTS_SUPPORT_DEAL_H
#define TESTS_SUPPORT_DEAL_H

#include "share/device.h"
#include "share/share.h"

/* n identities, to be freed with csig_identity_free. */
void deal_identities(csig_identity **id, uint16_t n);

/* n shares of a random key, any t of which can sign, for the parties of id; all random public parts
 * filled; to be freed with csig_share_free. */
void deal_shares(csig_share **share, csig_identity *const *id, uint16_t t, uint16_t n);

/* The key that the shares at these positions stand for. */
void deal_combine(csig_scalar *key, const csig_share *const *share, const uint16_t *positions,
                  uint16_t count);

#endif
