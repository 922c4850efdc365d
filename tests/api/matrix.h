/* A daemon in this process, over TLS and over a Unix socket, with a wallet and the keys of those
 * who may and may not; every route of the router's own table as a request; and what is in the
 * store. */
#ifndef TESTS_API_MATRIX_H
#define TESTS_API_MATRIX_H

#include "api/records.h"
#include "api/visitor.h"
#include "auth/profile.h"
#include "http/router.h"
#include "http/server.h"
#include "service/keys.h"

#define MATRIX_BODY ((size_t)CSIGD_PAYLOAD_MAX + (64 << 10))

/* A key and its signer. */
typedef struct holder {
    csigd_key_secret secret;
    csigd_signer signer;
} holder;

/* Everything may be done by `mine` and `theirs`, but with wallet 1, of device 1, by `mine` alone;
 * `labelled` is no device and good for "treasury/us", wallet 1 is "treasury/eu"; `operator` is no
 * device and has all wallets; `only[r]` is device 1 with role r alone; `poor` is device 1 and may
 * ask once a minute; nobody knows `unknown`. */
typedef struct matrix {
    csigd_service service;
    visitor tcp, local;
    char host[32];
    holder mine, theirs, labelled, poor, operator, unknown, only[CSIGD_ROLE_COUNT];
} matrix;

extern matrix m;

int matrix_setup(void **state);
int matrix_teardown(void **state);

/* One request. */
typedef struct attempt {
    const csigd_route *route;
    char asked[320];            /* path */
    char signed_path[320];      /* when that is another; "": it is not */
    const csigd_signer *signer; /* NULL: not signed */
    int64_t age;                /* of the signature, seconds */
    const char *method;         /* NULL: the route's */
    const char *type;           /* NULL: no body */
    char body[MATRIX_BODY];
    size_t len;
    bool is_altered;     /* the body that is sent is not the one that is signed */
    bool is_chunked;     /* its length is not said before */
    uint64_t announced;  /* 0: as it is; then the client waits for our word, and sends nothing */
    const char *content; /* to be sent in place of type */
} attempt;

/* A well-formed request of this route. mine: wallet 1 and what hangs on it; else such as are not
 * there. Static. */
attempt *matrix_request(const csigd_route *route, bool mine, const csigd_signer *signer);
bool matrix_body_is_json(const csigd_route *route);
/* The members of a well-formed JSON body, by number; false: there are no more. */
bool matrix_member_is(const csigd_route *route, size_t i, const char **name, const char **value);
/* A JSON body with these values in place of its own, where there is one. at: SIZE_MAX for none;
 * more: text before the closing brace. */
void matrix_body(attempt *a, size_t at, const char *value, const char *more);

/* The octets of the request, signed once; static. */
const char *matrix_octets(const attempt *a, size_t *len);
/* Sent over TLS, or over the Unix socket; the answer is signed by the server. Static. */
const answer *matrix_send(const attempt *a, bool local);
const answer *matrix_send_octets(const attempt *a, const char *octets, size_t len, bool local);

/* A digest of everything in the store, sessions that run too, but of spent signatures and the
 * search for primes. */
void matrix_state(uint8_t digest[32]);

/* --- what is expected --- */

typedef void matrix_test(const csigd_route *route);

/* With every route of the router's table. */
void matrix_every(matrix_test *f);
/* The answer is a problem of this status and code. */
void matrix_is_problem(const attempt *a, const answer *r, unsigned status, const char *code);
/* What is in the store from now on stays as it is. */
void matrix_remember(void);
void matrix_is_as_before(const attempt *a);
/* What is for everybody is answered, and nothing has changed. */
void matrix_is_told(const attempt *a);
/* All three. */
const answer *matrix_refused(const attempt *a, bool local, unsigned status, const char *code);

#endif
