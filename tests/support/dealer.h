/* Everything that signing needs, from a dealer who knows it all: shares, identities, auxiliary info
 * from fixed primes, and peers as if every pair had run its auxiliary session. Fast: no protocol
 * runs. Positions in these arrays are index - 1. */
#ifndef TESTS_SUPPORT_DEALER_H
#define TESTS_SUPPORT_DEALER_H

#include "share/aux.h"
#include "support/deal.h"

typedef struct dealer {
    uint16_t t, n;
    csig_identity *id[CSIG_MAX_PARTIES];
    csig_share *share[CSIG_MAX_PARTIES];
    csig_aux *aux[CSIG_MAX_PARTIES];
    csig_peer *peer[CSIG_MAX_PARTIES][CSIG_MAX_PARTIES]; /* [i][j]: j as i knows it */
    csig_peer known[CSIG_MAX_PARTIES];                   /* owns the tables */
} dealer;

/* A key for any t of n. tables: peers come with the combs of csig_peer_prepare. */
dealer *dealer_new(uint16_t t, uint16_t n, bool tables);
void dealer_free(dealer *d);

#endif
