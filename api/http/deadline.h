/* How long a client may take, by our own clock: libmicrohttpd knows only how long it is silent, and
 * one that sends an octet now and then stays for ever. Each connection is in one of three phases
 * that the client can draw out (the head of a request, TLS and idleness before it included; its
 * body; taking the reply) or in none, while the work is ours. Whoever has not come through a phase
 * in time is cut off. */
#ifndef CSIGD_HTTP_DEADLINE_H
#define CSIGD_HTTP_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct csigd_deadlines csigd_deadlines;
typedef struct csigd_client csigd_client;

/* NULL: no memory or no thread. */
csigd_deadlines *csigd_deadlines_new(unsigned seconds);
/* After the last connection is gone. */
void csigd_deadlines_free(csigd_deadlines *d);

/* A connection, on this socket, which stays open until it leaves. NULL: no memory. */
csigd_client *csigd_client_enter(csigd_deadlines *d, int fd);
/* A phase begins now, and ends in time or with the connection. */
void csigd_client_hurry(csigd_client *client);
/* What happens now is ours. */
void csigd_client_rest(csigd_client *client);
/* Has the client hung up, or said its last word? */
bool csigd_client_is_gone(const csigd_client *client);
void csigd_client_leave(csigd_client *client);
/* How many were cut off. */
size_t csigd_deadlines_cut(csigd_deadlines *d);

#endif
