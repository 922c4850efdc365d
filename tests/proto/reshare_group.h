/* The members online of one resharing. */
#ifndef TESTS_PROTO_RESHARE_GROUP_H
#define TESTS_PROTO_RESHARE_GROUP_H

#include "keygen/refresh.h"
#include "proto/net.h"
#include "support/dealer.h"

/* From where to where: the member at this place deals with its old index and holds a new one. */
typedef struct reshare_move {
    uint16_t deals, holds;
} reshare_move;

typedef struct reshare_case {
    const char *name;
    uint16_t t, n;                       /* of the current epoch */
    uint16_t next_t, next_n;             /* whoever holds nothing of it online has a recovery key */
    bool renamed;                        /* members that stay change their identity */
    reshare_move move[CSIG_MAX_PARTIES]; /* up to the first that neither deals nor holds */
} reshare_case;

typedef struct reshare_group {
    const reshare_case *c;
    dealer *next; /* identities and auxiliary info of the next epoch; its shares are of no use */
    csig_identity *fresh[CSIG_MAX_PARTIES]; /* old identities that are not in next; by index - 1 */
    csig_identity *old_id[CSIG_MAX_PARTIES];
    csig_share *old[CSIG_MAX_PARTIES]; /* by index - 1 */
    csig_reshare_member member[CSIG_MAX_PARTIES];
    uint16_t count;
    uint8_t identities[CSIG_MAX_PARTIES][CSIG_IDENTITY_BYTES];
    csig_recovery *rk[CSIG_MAX_PARTIES];
    uint8_t ek[CSIG_MAX_PARTIES][CSIG_RECOVERY_KEY_BYTES];
    uint16_t rk_index[CSIG_MAX_PARTIES], rk_count;
    uint8_t epoch[CSIG_EPOCH_BYTES];
    uint16_t commits; /* index in the next epoch */
    uint16_t last;    /* place of who moves last, from 1; 0: nobody */
    uint64_t attempt;
    csig_session *s[CSIG_MAX_PARTIES];    /* by place */
    csig_share *staged[CSIG_MAX_PARTIES]; /* by new index - 1 */
    network *net;
} reshare_group;

/* Old shares, and everything for the resharing; the highest new index online commits. */
void reshare_group_init(reshare_group *g, const reshare_case *c);
csig_reshare_params reshare_group_params(const reshare_group *g, uint16_t position);
/* The identity under which the member at a position speaks. */
const csig_identity *reshare_group_identity(const reshare_group *g, uint16_t position);
/* All sessions and their network, not run yet: hosts that store, and that test. */
void reshare_group_start(reshare_group *g, uint64_t seed);
/* What a host does in CSIG_STORE. */
csig_err reshare_group_store(void *g, uint16_t position, csig_session *s);
/* The new share of an index that was not online, from its escrows: into g->staged. */
void reshare_group_recover(reshare_group *g, uint16_t index);
/* Do these shares, at positions in a list by index - 1, make the key? */
bool reshare_group_is_key(const reshare_group *g, csig_share *const *shares,
                          const uint16_t *positions, uint16_t count);
/* Sign with the new shares of these next_t indices. */
void reshare_group_sign(reshare_group *g, const uint16_t *indices,
                        const uint8_t digest[CSIG_DIGEST_BYTES], csig_signature *signature);
/* Ends the sessions and forgets what was staged. */
void reshare_group_stop(reshare_group *g);
void reshare_group_free(reshare_group *g);

#endif
