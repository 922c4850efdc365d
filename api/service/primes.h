/* The daemon's primes: four safe primes, found at low priority at first start and saved every few
 * seconds, made into auxiliary info; afterwards always one spare set for the next generation. */
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
/* The newest generation that is there, or the one being made. */
uint64_t csigd_primes_generation(csigd_primes *primes);
csigd_progress csigd_primes_show(csigd_primes *primes);
/* The spare set, as the store has it: it stays there until auxiliary info made of it is stored.
 * NOT_READY; free it with csig_primes_free or use it up. */
csigd_code csigd_primes_take(csigd_primes *primes, csig_primes **spare, csigd_problem *why);
/* The spare set has become auxiliary info: the search for the next one begins. */
void csigd_primes_taken(csigd_primes *primes);
/* service->stop is set: saves the search and ends. */
void csigd_primes_stop(csigd_primes *primes);

/* CSIGD_NOT_READY with progress and a time to come back. */
csigd_code csigd_primes_not_ready(csigd_primes *primes, csigd_problem *why);

#endif
