/* Two devices with auxiliary info from fixed primes, and their auxiliary session. */
#ifndef TESTS_PROTO_AUX_PAIR_H
#define TESTS_PROTO_AUX_PAIR_H

#include "keygen/auxinfo.h"
#include "proto/net.h"

/* Device i is made from the fixed primes number AUX_PRIME(i) to AUX_PRIME(i) + 3. */
#define AUX_DEVICE   5
#define AUX_PRIME(i) (4 * (AUX_DEVICE + (i)))

typedef struct aux_pair {
    csig_identity *id[2];
    csig_aux *aux[2];
    uint8_t nonce[2][CSIG_NONCE_BYTES];
    csig_session *s[2];
} aux_pair;

/* Two proofs of each device: some seconds at level 128. */
void aux_pair_init(aux_pair *p);
void aux_pair_free(aux_pair *p);

/* The parameters of one side; position 1 moves last. They point into p. */
csig_aux_params aux_pair_params(const aux_pair *p, int side);
/* Both sessions; `liar` (0, 1 or neither) runs its own protocol. */
#define AUX_HONEST 2
void aux_pair_start(aux_pair *p, int liar, const csig_protocol *protocol);
void aux_pair_stop(aux_pair *p);

/* The session of this side has ended by this error of class CHEAT, in this round, by the other's
 * fault; nothing more leaves. */
void aux_pair_refused(const aux_pair *p, int side, csig_err err, uint8_t round);

#endif
