/* Who is counted for what, between server.c, which has connections, and service/meter.c, which has
 * buckets. What a known key has signed counts for the key and, when it begins something, for the
 * wallet: nobody else can make that grow. Everything else that comes over TCP counts for the
 * address that it comes from. Knows no socket. */
#ifndef CSIGD_HTTP_METERED_H
#define CSIGD_HTTP_METERED_H

#include <sys/socket.h>

#include "http/router.h"
#include "service/keys.h"
#include "service/meter.h"

/* One after the other over one connection; then it is closed. */
#define CSIGD_REFUSALS_MAX 16u
/* Octets of a body that cost as much as a request. */
#define CSIGD_METER_OCTETS ((size_t)64 << 10)

/* Who is at the other end of a connection. */
typedef struct csigd_guest {
    csigd_metered_id address; /* IPv6: the first 64 bits */
    bool is_known;            /* something well signed came over this connection */
    unsigned refused;         /* in a row */
} csigd_guest;

csigd_guest csigd_guest_at(const struct sockaddr *address);
/* Before anything is worked out for it. RATE_LIMITED: too much of what came from there was nothing;
 * who is known goes on. */
csigd_code csigd_guest_admit(csigd_meter *meter, const csigd_guest *guest, csigd_problem *why);
/* Was refused with this code. */
void csigd_guest_blame(csigd_meter *meter, csigd_guest *guest, csigd_code code);
bool csigd_guest_is_out(const csigd_guest *guest);

/* The head is good: a known key has something left, a stranger's address pays. RATE_LIMITED. */
csigd_code csigd_metered_head(csigd_meter *meter, csigd_guest *guest, const csigd_caller *caller,
                              csigd_problem *why);
/* The body is there, of this length: the key pays. RATE_LIMITED: nothing was remembered. */
csigd_code csigd_metered_key(csigd_meter *meter, const csigd_caller *caller, size_t len,
                             csigd_problem *why);
/* What was paid for nothing: of the key when the signature was not taken, of the address when the
 * enrolment was good. */
void csigd_metered_return(csigd_meter *meter, const csigd_guest *guest, const csigd_caller *caller,
                          size_t len);
/* Everything else is good. What begins something with a wallet counts for the wallet. RATE_LIMITED.
 */
csigd_code csigd_metered_wallet(const csigd_service *service, const csigd_route *route,
                                const csigd_call *call, csigd_problem *why);

csigd_metered_id csigd_metered_caller(const csigd_caller *caller);

#endif
