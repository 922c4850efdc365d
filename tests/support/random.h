/* The system's random bytes, made repeatable: under libsodium, so that the product has no switch.
 */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* From here on the system's bytes follow from the seed alone, in this process. */
void random_seed(uint64_t seed);
/* From here on every byte the system gives is this one. */
void random_constant(uint8_t byte);
/* How many bytes were asked for since the last of the two calls above. */
size_t random_taken(void);

#endif
