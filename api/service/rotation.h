/* Rotation of own auxiliary info: the spare set of primes becomes the next generation, devices come
 * by and are paired with it, and the older generation is destroyed. */
#ifndef CSIGD_SERVICE_ROTATION_H
#define CSIGD_SERVICE_ROTATION_H

#include "service/service.h"

/* The next generation is there: durable, and used by every session whose devices are all paired
 * with it. About a second. NOT_READY: no spare set; STATE_CONFLICT: an older one is still there. */
csigd_code csigd_rotate(const csigd_service *service, uint64_t *generation, csigd_problem *why);
/* The operator does not wait any longer. NOT_FOUND; STATE_CONFLICT: it is the newest. */
csigd_code csigd_rotation_drop(const csigd_service *service, uint64_t generation,
                               csigd_problem *why);
/* An older generation that nobody has to come by for is destroyed. Called every second. */
void csigd_rotation_tidy(const csigd_service *service);

#endif
