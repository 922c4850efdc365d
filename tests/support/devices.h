/* Devices' own auxiliary info through the door, from fixed primes. */
#ifndef TESTS_SUPPORT_DEVICES_H
#define TESTS_SUPPORT_DEVICES_H

#include "share/aux.h"
#include "share/primes.h"

/* Number i of the fixed primes; marked as the secret it stands for. */
void devices_prime(csig_sec *p, int i);
/* A search that has found primes 4i .. 4i + 3. */
csig_primes *devices_primes(int i);
/* Device i's auxiliary info, proofs included: about a second at level 128. */
csig_aux *devices_aux(int i, const csig_identity *id, uint64_t generation);

#endif
