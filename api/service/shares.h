/* Shares in the store: each under a random wrapping key of its own, which is sealed by the vault
 * and lies in a row of its own. Whoever deletes that row has deleted the share. */
#ifndef CSIGD_SERVICE_SHARES_H
#define CSIGD_SERVICE_SHARES_H

#include "countersign/share.h"
#include "service/service.h"

csigd_epoch csigd_epoch_of(const csig_share *share);
/* Sealed for this wallet, under a fresh wrapping key. CSIG_E_MEMORY, E_HOST. */
csig_err csigd_share_seal(const csigd_service *service, const uint8_t *wallet,
                          const csig_share *share, csigd_share_row *row);
/* The wallet's current share, which must be of this epoch. EPOCH_CHANGED: it is of another;
 * STORE_UNAVAILABLE, INTERNAL, OVERLOADED. */
csigd_code csigd_share_load(const csigd_service *service, const csigd_wallet *wallet,
                            csig_share **share, csigd_problem *why);
/* At start: the epochs of wallets that were born in a store of format 1. */
csigd_stored csigd_shares_learn_epochs(const csigd_service *service);

#endif
