/* Driving one session of the daemon with the protocol sessions this process holds: exchanges of
 * envelopes until every one is done. Envelopes between two parties held here never travel; those
 * with parties elsewhere go over a meeting's board, whose host passes on what is the daemon's. */
#ifndef CSIG_CLI_ROUNDS_H
#define CSIG_CLI_ROUNDS_H

#include "cli/client.h"
#include "cli/device.h"

#define LOCAL_MAX (16 * CSIG_PARTIES_MAX) /* a batch of 16 presignatures for every local party */

typedef struct rounds {
    char session[33];                    /* the daemon's id; empty: no daemon takes part */
    uint8_t server[CSIG_IDENTITY_BYTES]; /* who the daemon must be */
    unsigned n;                          /* next exchange */
    csig_session *s[LOCAL_MAX];          /* owned; freed by rounds_close */
    uint16_t index[LOCAL_MAX];           /* whose party it is */
    const device *d[LOCAL_MAX];          /* and whose device */
    /* Who has which number in it, from 1; NULL: all but the server are here. */
    const uint8_t (*among[LOCAL_MAX])[CSIG_IDENTITY_BYTES];
    uint16_t parties[LOCAL_MAX];
    size_t count;
    /* In phase CSIG_STORE: make the output of session i durable. It may add sessions, and octets to
     * `extra` that go before what the session says next. */
    cli_exit (*store)(cli *c, struct rounds *r, size_t i, void *arg);
    /* Before exchange n leaves; NULL: nothing to do. */
    cli_exit (*leave)(cli *c, struct rounds *r, const blob *body, void *arg);
    /* The same before exchange n goes to the daemon, with what others have put into it. */
    cli_exit (*post)(cli *c, struct rounds *r, const blob *body, void *arg);
    void *arg;
    blob extra;
    struct meeting *meeting; /* NULL, or not held: nobody is elsewhere */
    bool stops_at_store; /* a rehearsal: what would be stored is not, and nothing more is said */
    bool others;         /* sessions of others are on the board, too, and not our business */
    bool gathers;        /* the daemon is spoken to when nobody else is waited for */
    char refused[160];   /* why an envelope from the board was not taken; empty: all were */
} rounds;

/* The daemon's session as the reply of a POST describes it. */
CLI_MUST cli_exit rounds_begin(cli *c, rounds *r, const json *reply);
/* Takes the session. */
void rounds_add(rounds *r, csig_session *s, uint16_t index, const device *d);
/* Who takes part in the session added last, in order of number; borrowed for as long as r is. */
void rounds_among(rounds *r, const uint8_t (*ids)[CSIG_IDENTITY_BYTES], uint16_t count);
/* Deliver envelopes the daemon already gave. */
CLI_MUST cli_exit rounds_deliver(cli *c, rounds *r, const uint8_t *p, size_t len);
/* Until every local session is done and everything is sent. Whoever fails a cryptographic check is
 * locked out (peers.h) before that is told. After any failure but silence the daemon's session is
 * given up. What stands on a board and is not validly signed for these sessions changes nothing. */
CLI_MUST cli_exit rounds_run(cli *c, rounds *r);
/* One exchange; also for octets stored by an earlier process. The reply's envelopes. */
CLI_MUST cli_exit rounds_exchange(cli *c, const char *session, unsigned n, const uint8_t *p,
                                  size_t len, blob *reply);
void rounds_close(rounds *r);
#define AUTO_ROUNDS __attribute__((cleanup(rounds_close))) rounds

#endif
