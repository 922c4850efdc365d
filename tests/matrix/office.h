/* The sessions of one run and the mail between them, one letter after the other, so that the run
 * can be stopped just before one letter arrives, and go on from there in many ways. */
#ifndef TESTS_MATRIX_OFFICE_H
#define TESTS_MATRIX_OFFICE_H

#include "proto/liar.h"

#define OFFICE_MAIL   256
#define OFFICE_NOBODY UINT16_MAX

typedef struct office office;
struct office {
    uint16_t n;
    csig_session *s[CSIG_MAX_PARTIES];
    net_packet mail[OFFICE_MAIL]; /* oldest first */
    size_t mails;
    uint16_t ahead;                 /* letters to this party go first; OFFICE_NOBODY */
    uint8_t said[CSIG_MAX_PARTIES]; /* the highest round of which each has sent anything */

    /* Looks at each letter as it leaves, and may alter it. */
    void (*look)(void *ctx, office *o, net_packet *p);
    /* This letter stays where it is. */
    bool (*withhold)(void *ctx, const net_packet *p, const csig_header *h);
    /* A party's host in CSIG_STORE, before it confirms. */
    void (*store)(void *ctx, uint16_t position, csig_session *s);
    /* It is enough. */
    bool (*enough)(void *ctx, const office *o);
    void *ctx;
};

void office_close(office *o); /* frees letters and sessions */

/* Until nothing more can be delivered, or it is enough. */
void office_run(office *o);
bool office_is_done(const office *o);

/* The first letter of this round and cast between two parties; NULL: there is none. */
net_packet *office_find(office *o, uint16_t from, uint16_t to, uint8_t round, csig_cast cast);
void office_drop(office *o, net_packet *p);
/* A letter of one's own; freed by office_letter_free. It has room for spare octets more. */
void office_letter_copy(net_packet *to, const net_packet *p, size_t spare);
void office_letter_free(net_packet *p);

#endif
