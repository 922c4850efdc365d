/* The search for a device's four safe primes: p, q of N and p^, q^ of N^, one after the other. */
#ifndef CSIG_SHARE_PRIMES_H
#define CSIG_SHARE_PRIMES_H

#include "countersign/aux.h"
#include "num/prime.h"

#define CSIG_DEVICE_PRIMES 4

struct csig_primes { /* locked memory */
    csig_rng rng;
    unsigned found;
    uint64_t tests; /* made for those that are found */
    csig_sec prime[CSIG_DEVICE_PRIMES];
    csig_prime_search *search; /* the next one; NULL: all are found */
};

#endif
