/* The parties of one key generation. */
#ifndef TESTS_PROTO_KEYGEN_GROUP_H
#define TESTS_PROTO_KEYGEN_GROUP_H

#include "keygen/keygen.h"
#include "proto/net.h"

typedef struct keygen_group {
    uint16_t t, n;
    uint16_t commits; /* index */
    uint16_t last;    /* index of who moves last; 0: nobody */
    csig_identity *id[CSIG_MAX_PARTIES];
    uint8_t identities[CSIG_MAX_PARTIES][CSIG_IDENTITY_BYTES];
    uint8_t nonces[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    uint16_t index[CSIG_MAX_PARTIES], count; /* who is online; the other arrays are over all */
    csig_recovery *rk[CSIG_MAX_PARTIES];
    uint8_t ek[CSIG_MAX_PARTIES][CSIG_RECOVERY_KEY_BYTES];
    uint16_t rk_index[CSIG_MAX_PARTIES], rk_count;
    csig_session *s[CSIG_MAX_PARTIES]; /* by position */
} keygen_group;

/* Identities and nonces; all are online, the last party commits, nobody moves last. */
void keygen_group_init(keygen_group *g, uint16_t t, uint16_t n);
/* Only these are; the last of them commits, and the others have recovery keys. Right after init. */
void keygen_group_online(keygen_group *g, const uint16_t *online, uint16_t count);
/* A recovery key for the index, above those that have one. */
void keygen_group_add_key(keygen_group *g, uint16_t index);
/* The parameters of the party at a position; they point into g. */
csig_keygen_params keygen_group_params(const keygen_group *g, uint16_t position);
/* What all dealers have encrypted for an index, and the epoch's public state: into buffers that
 * stay until the next call. */
csig_recovery_case keygen_group_escrows(const keygen_group *g, uint16_t index);
/* All sessions; the party at `liar`, if there is one, runs its own protocol. */
#define KEYGEN_HONEST UINT16_MAX
void keygen_group_start(keygen_group *g, uint16_t liar, const csig_protocol *protocol);
/* A network of the sessions. */
network *keygen_group_net(keygen_group *g, uint64_t seed);
/* The session at a position has ended by this error of class CHEAT, in this round, by the fault of
 * this index (0: nobody's); nothing more leaves, nothing secret is left. */
void keygen_group_refused(const keygen_group *g, uint16_t position, csig_err err, uint8_t round,
                          uint16_t culprit);
/* Ends the sessions, keeps the identities. */
void keygen_group_stop(keygen_group *g);
void keygen_group_free(keygen_group *g);

#endif
