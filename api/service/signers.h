/* Who takes part in a session about a wallet, and what they bring along. */
#ifndef CSIGD_SERVICE_SIGNERS_H
#define CSIGD_SERVICE_SIGNERS_H

#include "service/live.h"

/* An active wallet, and own auxiliary info is there. NOT_FOUND, STATE_CONFLICT, NOT_READY. */
csigd_code csigd_wallet_find(const csigd_service *service, const uint8_t *id, csigd_wallet *w,
                             csigd_problem *why);
/* The wallet's device at an index that is not the server's. */
const uint8_t *csigd_wallet_device(const csigd_wallet *w, uint16_t index);

/* Ascending indices of the wallet, the server's among them: BAD_REQUEST with this field. */
csigd_code csigd_indices_check(const csigd_wallet *w, const uint16_t *indices, size_t n,
                               const char *field, csigd_problem *why);
/* Exactly as many as have to sign, with their nonces. */
csigd_code csigd_signers_check(const csigd_wallet *w, const csigd_signing_wish *wish,
                               csigd_problem *why);
/* The session's wallet, epoch and devices. */
void csigd_signers_list(csigd_session_row *row, const csigd_wallet *w,
                        const csigd_signing_wish *wish);
/* All nonces, those of the client and a fresh one of the server. */
void csigd_signers_nonces(csigd_live *live, const csigd_signing_wish *wish, csigd_opened *opened);
/* The newest own generation that these indices' devices are all paired with, into the row. Without
 * one the newest: csigd_signers_peers says then who is missing. */
csigd_code csigd_signers_generation(const csigd_service *service, csigd_session_row *row,
                                    const csigd_wallet *w, const uint16_t *indices, size_t n,
                                    csigd_problem *why);
/* The peers of live->key.signers, who are devices of the wallet. */
csigd_code csigd_signers_peers(const csigd_service *service, csigd_live *live,
                               const csigd_wallet *w, csigd_problem *why);
/* Nonces, peers and our share: what a signing session borrows from the live one. */
csigd_code csigd_signers_gather(const csigd_service *service, csigd_live *live,
                                const csigd_wallet *w, const csigd_signing_wish *wish,
                                csigd_opened *opened, csigd_problem *why);
/* nonces: of live->key.signers, in that order. */
csig_signers csigd_signers_of(const csigd_service *service, const csigd_live *live,
                              const uint8_t *nonces);
/* The session is open: what the client is told; or it is dropped. Returns code. */
csigd_code csigd_live_finish(const csigd_service *service, csigd_live *live, csigd_code code,
                             csigd_opened *opened);

#endif
