/* Requests: what shall be signed. Fixed when made; the policy is asked then, and again before the
 * server's part of a signature leaves. */
#ifndef CSIGD_SERVICE_REQUEST_H
#define CSIGD_SERVICE_REQUEST_H

#include "http/json.h"
#include "service/payload.h"
#include "service/service.h"

#define CSIGD_EXPIRES_IN     3600   /* seconds, when nothing is said */
#define CSIGD_EXPIRES_IN_MAX 604800 /* a week */

typedef struct csigd_request_wish {
    csigd_json_raw payload;
    char path[CSIGD_PATH_BYTES];
    char mode[8]; /* "": not given */
    bool presigned;
    uint32_t expires_in;
    csigd_idempotency known_as;
    bool has_creator; /* else the operator */
    uint8_t creator[32];
} csigd_request_wish;

/* "m" or "m/0/1": decimal, no leading zeros, below 2^31, at most CSIG_PATH_MAX. CSIG_E_PATH. */
csig_err csigd_path_read(uint32_t path[CSIG_PATH_MAX], size_t *depth, const char *text);

/* May the wallet sign payloads of this type? */
bool csigd_wallet_has_type(const csigd_wallet *wallet, uint32_t type);
/* Of a request: as it is stored, under the wallet's key. Nothing but our own store is at fault. */
csigd_code csigd_request_payload(const csigd_service *service, const csigd_request *request,
                                 const csig_account *account, csig_payload **payload,
                                 csigd_problem *why);

/* What was asked for, of whom: for csigd_idempotency. */
void csigd_request_fingerprint(uint8_t hash[CSIGD_HASH_BYTES], const uint8_t *wallet,
                               const uint8_t *body, size_t len);
/* again: it was made before, under the same name. IDEMPOTENCY_KEY_REUSED: the name stands for
 * something else. */
csigd_code csigd_request_make(const csigd_service *service, const uint8_t *wallet,
                              const csigd_request_wish *wish, csigd_request *request, bool *again,
                              csigd_problem *why);
/* Nothing of it leaves from now on; again is fine. STATE_CONFLICT: it has ended in another way, or
 * the server's part has left, which counts as signed. */
csigd_code csigd_request_cancel(const csigd_service *service, const uint8_t *id,
                                csigd_problem *why);
/* Those who can sign requests of this wallet may be waiting for one. */
void csigd_request_tell(const csigd_service *service, const csigd_wallet *wallet);
/* Those whose time is up end. Called all the time. */
void csigd_requests_tick(const csigd_service *service);

const char *csigd_request_state_name(csigd_request_state state);

#endif
