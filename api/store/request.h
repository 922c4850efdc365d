/* What shall be signed, as it is stored. The numbers are in stores: never renumber them. */
#ifndef CSIGD_STORE_REQUEST_H
#define CSIGD_STORE_REQUEST_H

#include <stdbool.h>

#include "countersign/policy.h"
#include "countersign/sign.h"
#include "store/blob.h"
#include "store/look.h"
#include "store/stored.h"

#define CSIGD_ID_BYTES   16 /* wallets and sessions */
#define CSIGD_PATH_BYTES 128

#define CSIGD_INPUTS_MAX 64 /* signatures of one request */
/* Idempotency-Key: octets, NUL included. */
#define CSIGD_IDEMPOTENCY_BYTES 129

/* Payload types that a wallet may sign: bits. */
enum {
    CSIGD_ALLOW_DIGEST = 1,
    CSIGD_ALLOW_ETH_TX = 2,
    CSIGD_ALLOW_EIP191 = 4,
    CSIGD_ALLOW_EIP712 = 8,
    CSIGD_ALLOW_PSBT = 16,
    CSIGD_ALLOW_BIP322 = 32,
    CSIGD_ALLOW_TYPED = 62 /* all that say what they are: all but digest */
};

typedef enum csigd_request_state {
    CSIGD_APPROVED = 1,
    CSIGD_SIGNING = 2,
    CSIGD_SIGNED = 3,
    CSIGD_REQUEST_FAILED = 4,
    CSIGD_REQUEST_EXPIRED = 5,
    CSIGD_REQUEST_CANCELLED = 6,
    CSIGD_REQUEST_PENDING = 7, /* somebody has to approve it */
    CSIGD_REQUEST_REJECTED = 8
} csigd_request_state;

typedef enum csigd_mode { CSIGD_MODE_PHONE = 1, CSIGD_MODE_SERVER = 2 } csigd_mode;

/* One of the signatures that a request asks for. */
typedef struct csigd_input {
    uint32_t n; /* from 0 */
    uint8_t digest[CSIG_DIGEST_BYTES];
    char path[CSIGD_PATH_BYTES];
    int64_t released; /* when our partial signature left first; 0: not yet */
    bool is_signed;
    csig_signature signature; /* when signed */
} csigd_input;

typedef struct csigd_request {
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    uint8_t wallet[CSIGD_ID_BYTES];
    uint32_t number; /* of the wallet's requests, from 1 */
    csigd_request_state state;
    uint32_t type;               /* one bit of allow */
    char path[CSIGD_PATH_BYTES]; /* as it was asked for */
    csigd_mode mode;
    bool presigned;
    int64_t created, expires;
    bool has_creator; /* else the operator */
    uint8_t creator[32];
    bool has_creator_device; /* whose key the creator's is, or was */
    uint8_t creator_device[CSIG_IDENTITY_BYTES];
    uint32_t n_inputs, n_signed;
    csigd_input input; /* the one that was asked for */
} csigd_request;

/* A device does not sign it. */
typedef struct csigd_decline {
    uint8_t device[CSIG_IDENTITY_BYTES];
    char rule[CSIG_RULE_BYTES]; /* of its own policy; "": a person has said no */
    char because[CSIG_BECAUSE_BYTES];
    uint8_t signature[64];
    int64_t said;
} csigd_decline;

/* What a client calls what it asks for: once a name is taken, it stands for that. */
typedef struct csigd_idempotency {
    size_t credential_len; /* 0: the operator's */
    uint8_t credential[32];
    char name[CSIGD_IDEMPOTENCY_BYTES]; /* "": it has none */
    uint8_t hash[32];                   /* of what was asked for */
    uint8_t request[CSIG_REQUEST_ID_BYTES];
} csigd_idempotency;

/* A request as it is made, in one write; everything borrowed. */
/* Says what becomes of a request: store/policy.h. */
typedef struct csigd_judge csigd_judge;

typedef struct csigd_making {
    csigd_request *request; /* number is filled in; input is not looked at */
    const char *payload;    /* canonical */
    const csigd_input *inputs;
    size_t n_inputs;
    const csigd_idempotency *known_as;
    const csigd_judge *judge; /* says what state it begins in; NULL: the request does */
} csigd_making;

typedef struct csigd_store csigd_store;

/* The operations of csigd_store about them; atomic and durable like all. now: seconds since 1970.
 * `each` must not call the store. */
typedef struct csigd_request_store {
    /* CONFLICT: the name is taken. DENIED: by the judge. */
    csigd_stored (*make)(csigd_store *s, const csigd_making *making);
    /* With this input of it. NONE: there is no such one. */
    csigd_stored (*get)(csigd_store *s, const uint8_t *id, uint32_t input, csigd_request *request);
    csigd_stored (*payload)(csigd_store *s, const uint8_t *id, csigd_blob *text);
    /* By credential and name: the rest is filled in. */
    csigd_stored (*known)(csigd_store *s, csigd_idempotency *known);
    /* n of those of a wallet with a number below `before` (0: all), the newest first. */
    csigd_stored (*list)(csigd_store *s, const uint8_t *wallet, uint32_t before, size_t n,
                         void (*each)(void *ctx, const csigd_request *request), void *ctx);
    /* Those that are approved, of the wallets that the device is a party of, and that it has not
     * declined, the oldest first; with their first input that is not signed. NONE: no such device,
     * or nothing has this id.
     */
    csigd_stored (*wanted)(csigd_store *s, const csigd_look *look, int64_t now,
                           void (*each)(void *ctx, const csigd_request *request), void *ctx);
    /* Its session, if there is one, has ended with it: running says so. CONFLICT: it has ended, or
     * our part of a signature has left. */
    csigd_stored (*cancel)(csigd_store *s, const uint8_t *id, bool *running,
                           uint8_t session[CSIGD_ID_BYTES]);
    /* A device of the wallet does not sign it, for good; the same device again changes nothing. Its
     * session, if it is in the one there is, has ended with that: running says so. When too few are
     * left that may sign, the request is rejected. NONE: no such request, or none of the device's.
     * CONFLICT: it has ended, or our part of a signature has left. */
    csigd_stored (*decline)(csigd_store *s, const uint8_t *id, const csigd_decline *decline,
                            bool *running, uint8_t session[CSIGD_ID_BYTES]);
    /* Who does not sign it, in order. */
    csigd_stored (*declined)(csigd_store *s, const uint8_t *id,
                             void (*each)(void *ctx, const csigd_decline *decline), void *ctx);
    /* One that is approved, whose time is up, and of which something has still to leave: it ends.
     * NONE: there is none. */
    csigd_stored (*expire)(csigd_store *s, int64_t now, csigd_request *request);
} csigd_request_store;

#endif
