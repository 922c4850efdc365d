/* HTTP the other way round: what this service asks of others, many exchanges at a time in one
 * thread, none of which waits for another. No redirect is followed, no proxy used, nothing longer
 * than asked for is taken in, and none of the addresses of net/address.h called. */
#ifndef CSIGD_NET_HTTP_H
#define CSIGD_NET_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "auth/message.h"
#include "net/url.h"

#define CSIGD_HTTP_FIELDS_MAX 32
#define CSIGD_HTTP_HEAD_MAX   8192

typedef struct csigd_http csigd_http;

typedef struct csigd_http_rules {
    const char *ca;   /* file of the authorities that vouch for others (PEM); NULL: the system's */
    bool odd_allowed; /* addresses that are csigd_address_is_odd, too */
} csigd_http_rules;

/* One POST. What goes in is borrowed until it is done. */
typedef struct csigd_http_exchange {
    const csigd_url *url;
    const csigd_field *fields; /* besides Host */
    size_t n_fields;
    const uint8_t *body;
    size_t len;
    uint32_t seconds; /* for all of it */
    size_t reply_max; /* octets of a reply's body */
    void (*done)(struct csigd_http_exchange *x);
    void *ctx;
    /* What came of it. */
    unsigned status; /* 0: there was no whole answer, and why */
    char why[128];
    csigd_field reply_fields[CSIGD_HTTP_FIELDS_MAX];
    size_t n_reply_fields;
    uint8_t *reply; /* goes after done */
    size_t reply_len;
    /* Inside. */
    struct csigd_http_exchange *next;
    csigd_http *http;
    void *easy, *list;
    size_t head_len;
    char head[CSIGD_HTTP_HEAD_MAX];
} csigd_http_exchange;

/* rules are borrowed. NULL: no memory. */
csigd_http *csigd_http_new(const csigd_http_rules *rules);
/* Exchanges that run end without a word. */
void csigd_http_free(csigd_http *http);

/* false: no memory, and it is as if nobody had asked. */
bool csigd_http_is_begun(csigd_http *http, csigd_http_exchange *x);
/* Goes on with all that were begun until something happens, csigd_http_wake or the time is up, and
 * says of each that has ended that it is done. Of one thread, as the two above. */
void csigd_http_run(csigd_http *http, uint32_t milliseconds);
/* From any thread. */
void csigd_http_wake(csigd_http *http);

#endif
