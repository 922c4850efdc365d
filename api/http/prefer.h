/* The field Prefer (RFC 7240), as far as it matters here: how long a client would wait. */
#ifndef CSIGD_HTTP_PREFER_H
#define CSIGD_HTTP_PREFER_H

#include <stdint.h>

/* Seconds of the first preference "wait"; 0: there is none, or it is no number. */
uint32_t csigd_prefer_wait(const char *value);

#endif
