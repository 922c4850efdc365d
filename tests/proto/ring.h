/* Sessions of key generation, refresh and resharing of more than two parties in which one cheats,
 * and what must come of it: all others name it in the same words, with evidence that convinces
 * somebody who was not there. One at a time. */
#ifndef TESTS_PROTO_RING_H
#define TESTS_PROTO_RING_H

#include "proto/keygen_group.h"
#include "proto/liar.h"
#include "proto/refresh_group.h"
#include "proto/reshare_group.h"

typedef struct ring {
    csig_session **s;
    uint16_t n;
    uint16_t cheat; /* position */
    network *net;
    const csig_ed_key *key; /* the cheat's */
    const char *name;
    const csig_share *share; /* NULL: no key yet */
} ring;

/* Started, nothing sent. A refresh has three members online whatever n is. */
typedef ring ring_opener(uint16_t n, uint16_t cheat);
ring ring_keygen(uint16_t n, uint16_t cheat);
ring ring_keygen_escrowed(uint16_t n, uint16_t cheat); /* the first index has a recovery key */
ring ring_refresh(uint16_t n, uint16_t cheat);
ring ring_reshare(const reshare_case *c, uint16_t cheat);
void ring_end(ring *r);

/* All but the cheat name it for this, found in this round, and have evidence. */
void ring_expect_verdict(const ring *r, csig_err err, uint8_t round);
/* All sessions are through. */
void ring_expect_done(const ring *r);

/* The cheat complains of the victim, by this testimony; none: len 0. */
typedef struct ring_claim {
    uint16_t victim;
    uint8_t round; /* from 1 */
    csig_err err;
    uint8_t testimony[CSIG_MAX_PARTIES * 32];
    size_t len;
} ring_claim;
void ring_accuse(const ring *r, const ring_claim *claim);

#endif
