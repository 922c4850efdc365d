/* Where this service calls by itself: an https URL, or an http one on this machine, taken apart as
 * a signature needs it. What is odd in a URL is refused: no user, no fragment, no escapes in a
 * host. */
#ifndef CSIGD_NET_URL_H
#define CSIGD_NET_URL_H

#include <stdbool.h>

#define CSIGD_URL_MAX 512

typedef struct csigd_url {
    const char *scheme;                /* "https" or "http"; then the address must be a loopback */
    char authority[CSIGD_URL_MAX + 1]; /* lower-case; without the port that the scheme has anyway */
    char target[CSIGD_URL_MAX + 1];    /* path and query, at least "/" */
} csigd_url;

bool csigd_url_is_read(csigd_url *url, const char *text);

#endif
