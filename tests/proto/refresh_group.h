/* The members online of one refresh, the shares from a dealer. */
#ifndef TESTS_PROTO_REFRESH_GROUP_H
#define TESTS_PROTO_REFRESH_GROUP_H

#include "keygen/refresh.h"
#include "proto/net.h"
#include "support/dealer.h"

/* By position over the members online; recovery keys in order of index; shares by index - 1. */
typedef struct refresh_group {
    dealer *d; /* its shares are the current ones */
    uint16_t count;
    uint16_t index[CSIG_MAX_PARTIES];
    uint16_t commits; /* index */
    uint16_t last;    /* index of who moves last; 0: nobody */
    uint64_t attempt;
    uint8_t nonces[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    csig_recovery *rk[CSIG_MAX_PARTIES];
    uint8_t ek[CSIG_MAX_PARTIES][CSIG_RECOVERY_KEY_BYTES];
    uint16_t rk_index[CSIG_MAX_PARTIES], rk_count;
    csig_session *s[CSIG_MAX_PARTIES];
    csig_share *staged[CSIG_MAX_PARTIES]; /* by index - 1 */
    network *net;
    csig_signature bad_test; /* instead of the staged shares' own, where use_bad_test */
    bool use_bad_test;
} refresh_group;

/* A key for any t of n, of whom these are online; the last of them commits; the others have
 * recovery keys. */
void refresh_group_init(refresh_group *g, uint16_t t, uint16_t n, const uint16_t *online,
                        uint16_t count);
/* A recovery key for one more index. */
void refresh_group_add_key(refresh_group *g, uint16_t index);
csig_refresh_params refresh_group_params(const refresh_group *g, uint16_t position);
/* All sessions and their network, not run yet: hosts that store, and that test. */
void refresh_group_start(refresh_group *g, uint64_t seed);
/* Sign the digest with the staged shares of these t indices, and see that it is a signature. */
void refresh_group_sign(refresh_group *g, const uint16_t *indices,
                        const uint8_t digest[CSIG_DIGEST_BYTES], csig_signature *signature);
/* The staged share of an index with a recovery key, from its escrows: into g->staged. */
void refresh_group_recover(refresh_group *g, uint16_t index);
/* Ends the sessions and forgets what was staged. */
void refresh_group_stop(refresh_group *g);
void refresh_group_free(refresh_group *g);

#endif
