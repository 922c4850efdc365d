/* What shall be signed, as it is stored. The numbers are in stores: never renumber them. */
#ifndef CSIGD_STORE_REQUEST_H
#define CSIGD_STORE_REQUEST_H

#include <stdbool.h>

#include "countersign/sign.h"

#define CSIGD_ID_BYTES   16 /* wallets and sessions */
#define CSIGD_PATH_BYTES 128

typedef enum csigd_request_state {
    CSIGD_APPROVED = 1,
    CSIGD_SIGNING = 2,
    CSIGD_SIGNED = 3,
    CSIGD_REQUEST_FAILED = 4
} csigd_request_state;

typedef enum csigd_mode { CSIGD_MODE_PHONE = 1, CSIGD_MODE_SERVER = 2 } csigd_mode;

typedef struct csigd_request {
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    uint8_t wallet[CSIGD_ID_BYTES];
    csigd_request_state state;
    uint32_t type; /* one bit of allow */
    uint8_t digest[CSIG_DIGEST_BYTES];
    char path[CSIGD_PATH_BYTES];
    csigd_mode mode;
    bool presigned;
    int64_t created;
    int64_t released;         /* when our partial signature left first; 0: not yet */
    csig_signature signature; /* when signed */
} csigd_request;

#endif
