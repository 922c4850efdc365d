/* A protocol with some of its rounds replaced: what a cheating party runs, or an honest one whose
 * check is taken away, so that the next line of defence can be seen. */
#ifndef TESTS_PROTO_TWIST_H
#define TESTS_PROTO_TWIST_H

#include "proto/round.h"

typedef struct twist {
    csig_protocol protocol;
    const csig_round *rounds[CSIG_MAX_ROUNDS];
    csig_round copy[CSIG_MAX_ROUNDS];
} twist;

/* A copy of the protocol. */
void twist_init(twist *t, const csig_protocol *p);
/* The copy's round, from 1, to be changed. */
csig_round *twist_round(twist *t, uint8_t round);

#endif
