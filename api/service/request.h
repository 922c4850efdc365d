/* Requests: what shall be signed. Fixed when made; the policy is asked then, and again before the
 * server's part of a signature leaves. */
#ifndef CSIGD_SERVICE_REQUEST_H
#define CSIGD_SERVICE_REQUEST_H

#include "service/service.h"

#define CSIGD_TYPE_BYTES 33

typedef struct csigd_request_wish {
    char type[CSIGD_TYPE_BYTES];
    uint8_t digest[CSIG_DIGEST_BYTES];
    char path[CSIGD_PATH_BYTES];
    char mode[8]; /* "": not given */
    bool presigned;
} csigd_request_wish;

/* The payload types there are; 0: no such type. And back. */
uint32_t csigd_payload_type(const char *name);
const char *csigd_payload_name(uint32_t type);

/* "m" or "m/0/1": decimal, no leading zeros, below 2^31, at most CSIG_PATH_MAX. CSIG_E_PATH. */
csig_err csigd_path_read(uint32_t path[CSIG_PATH_MAX], size_t *depth, const char *text);

/* May this be signed? CSIGD_OK or CSIGD_POLICY_DENIED. Pure. */
csigd_code csigd_policy(const csigd_wallet *wallet, const csigd_request *request);

csigd_code csigd_request_make(const csigd_service *service, const uint8_t *wallet,
                              const csigd_request_wish *wish, csigd_request *request,
                              csigd_problem *why);

#endif
