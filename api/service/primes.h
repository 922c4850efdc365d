/* The daemon's own auxiliary info: four safe primes, found at low priority at first start and saved
 * every few seconds, made into moduli and proofs; afterwards one spare set for the next generation.
 */
#ifndef CSIGD_SERVICE_PRIMES_H
#define CSIGD_SERVICE_PRIMES_H

#include "countersign/aux.h"
#include "service/service.h"

typedef struct csigd_progress {
    bool ready;              /* own auxiliary info is there */
    bool spare;              /* so is the spare set */
    unsigned found;          /* of the running search, 0 .. 4 */
    uint64_t made, expected; /* tests */
} csigd_progress;

/* Loads what there is and starts the thread that makes what is missing. NULL with a sentence. */
csigd_primes *csigd_primes_start(const csigd_service *service, char *why, size_t why_len);
/* Own auxiliary info; NULL: not yet. It stays for the life of the daemon. */
const csig_aux *csigd_primes_aux(csigd_primes *primes);
/* The generation that is there, or the one being made. */
uint64_t csigd_primes_generation(csigd_primes *primes);
csigd_progress csigd_primes_show(csigd_primes *primes);
/* service->stop is set: saves the search and ends. */
void csigd_primes_stop(csigd_primes *primes);

/* CSIGD_NOT_READY with progress and a time to come back. */
csigd_code csigd_primes_not_ready(csigd_primes *primes, csigd_problem *why);

#endif
