/* Messages that a device really signs and should not have: the cheating phone. */
#ifndef TESTS_E2E_FORGE_H
#define TESTS_E2E_FORGE_H

#include "e2e/phone.h"

/* Which envelope of a list is from one party to another (65535: to all)? */
size_t forge_find(const octets *list, uint16_t from, uint16_t to);
/* Octets of the n-th envelope's body in a list, 0: there is none. */
size_t forge_body_len(const octets *list, size_t n);
/* Overwrites octets [at, at + len) of the n-th envelope's body with `with`, and signs it again. */
void forge(octets *list, size_t n, size_t at, size_t len, uint8_t with, const device *signer);
/* The n-th envelope's body becomes these octets, as many as it has, and is signed again. */
void forge_copy(octets *list, size_t n, const uint8_t *body, size_t len, const device *signer);
/* At the end of the list the n-th envelope once more, this octet of its body flipped: the same
 * round said in two ways. */
void forge_twice(octets *list, size_t n, size_t at, const device *signer);
/* Flips the lowest bit of the octet at `at`, and signs again. */
void forge_flip(octets *list, size_t n, size_t at, const device *signer);

#endif
