/* Records for tests of the store: small numbers become ids. */
#ifndef TESTS_API_RECORDS_H
#define TESTS_API_RECORDS_H

#include "api/temp.h"

/* Static octets: the first is n, the rest zero. */
const uint8_t *octets(uint8_t n);

csigd_device a_device(uint8_t n);
/* Pending, of these devices. */
csigd_wallet a_wallet(uint8_t n, uint16_t signers, const uint8_t *devices, size_t n_devices);
csigd_request a_request(uint8_t n, uint8_t wallet);
/* Expires when no test looks. */
#define NEVER INT64_C(4000000000)
/* With its one input, under no name. */
csigd_stored store_make(csigd_store *s, csigd_request *r);
/* Of own generation 1. */
csigd_opening an_opening(uint8_t n, csigd_kind kind, const uint8_t *devices, size_t n_devices);
csigd_answer an_answer(uint8_t session, uint32_t n, csigd_session_state state);
csig_signature a_signature(void);
/* Sealed as these words; borrowed. */
csigd_share_row a_share(const char *words);
/* Its state says number and attempt. */
csigd_epoch an_epoch(uint64_t number, uint64_t attempt);

/* Devices 1 and 2 are enrolled; wallet 1 of devices 1 and 2 is active, born in session 200. */
void store_with_wallet(csigd_store *s);
/* The wallet's request n, approved. */
void store_with_request(csigd_store *s, uint8_t n);
/* Presignature n of wallet 1 is ready, made in session n + 100. */
void store_with_presig(csigd_store *s, uint8_t n);

/* Sessions n: full signing of a request by devices 1 and 2, of any other kind by device 1, online.
 */
csigd_stored store_open_sign(csigd_store *s, uint8_t n, uint8_t request);
csigd_stored store_open_plain(csigd_store *s, uint8_t n, csigd_kind kind);
csigd_stored store_open_online(csigd_store *s, uint8_t session, uint8_t request, uint8_t presig);
csigd_stored store_answer(csigd_store *s, uint8_t session, uint32_t n, csigd_session_state state,
                          const csigd_effects *effects);
/* Session n refreshes wallet 1, which is at this epoch; round 1 stages our share as these words and
 * the backups of 1 and 3; round 2 commits, with the generations of server and phone. Or all of it.
 */
csigd_stored store_open_refresh(csigd_store *s, uint8_t session, uint64_t epoch, uint64_t attempt);
void store_stage(csigd_store *s, uint8_t session, uint64_t number, uint64_t attempt,
                 const char *words);
csigd_stored store_commit(csigd_store *s, uint8_t session, uint64_t number, uint64_t attempt,
                          uint64_t own, uint64_t phone);
void store_refresh(csigd_store *s, uint8_t session, uint64_t number, uint64_t own, uint64_t phone);
csigd_request_state store_request_state(csigd_store *s, uint8_t n);

/* Reads of the store's file behind its back. */
int64_t peek(const char *sql);

#endif
