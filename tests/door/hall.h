/* What stands behind the door at the start: two devices, their key and the halves of a
 * presignature, from golden files. Only public headers are included here, and only the shared
 * library is linked. */
#ifndef TESTS_DOOR_HALL_H
#define TESTS_DOOR_HALL_H

#include <countersign/countersign.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HALL_COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef struct hall {
    csig_sealer sealer; /* under the key of the golden files */
    csig_identity *id[2];
    csig_aux *aux; /* of device 1 */
    csig_peer *peer[2];
    csig_share *share[2];
} hall;

/* Group setup and teardown: *state is a hall. */
int hall_open(void **state);
int hall_close(void **state);

/* A golden file of this build's level; freed by free. */
uint8_t *hall_file(const char *name, size_t *len);
/* One golden half, again and again. */
csig_presig *hall_half(const hall *h, int device);
/* Another golden search for primes, finished. */
csig_primes *hall_primes(const hall *h, int device);

/* The signers as a device gives them. */
typedef struct hall_signers {
    uint16_t index[2];
    const csig_peer *peer[2];
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    csig_signers signers;
} hall_signers;
void hall_signers_of(hall_signers *q, const hall *h, int device);
csig_intent hall_intent(void);

/* Key generation of the two; other nonces for each number. */
csig_keygen_params hall_keygen(const hall *h, int device, uint8_t number);

/* Everything that waits to leave `from` arrives at `to`; the last error. */
csig_err hall_deliver(csig_session *from, csig_session *to);
/* Until nothing moves; in CSIG_STORE they confirm. */
void hall_run(csig_session *a, csig_session *b);

csig_engine hall_failing_engine(void);

#endif
