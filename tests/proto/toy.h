/* A protocol of no use but to exercise the engine: every kind of piece, every kind of field.
 *
 *   1 commit  all   V_i = commit(X_i, u_i)                                  echoed
 *   2 open    all   X_i, u_i; part: S_ij = s_ij G; p2p: s_ij                echoed
 *   3 ack     all   H(all X), a bit; after storing the output (hold)        echoed
 *   4 born    last  a counter; after storing again (hold)
 *
 * The output is the sum of all X and this party's sum of s_ji. */
#ifndef TESTS_PROTO_TOY_H
#define TESTS_PROTO_TOY_H

#include "base/level.h"
#include "proto/state.h"

extern const csig_protocol toy_protocol;

typedef struct toy_commit {
    uint8_t V[CSIG_HASH_BYTES];
} toy_commit;
typedef struct toy_open {
    csig_point X;
    uint8_t u[32];
} toy_open;
typedef struct toy_part {
    csig_point S;
} toy_part;
typedef struct toy_p2p {
    csig_scalar s;
} toy_p2p;
typedef struct toy_ack {
    uint8_t hash[32], agreed;
} toy_ack;
typedef struct toy_born {
    uint32_t counter;
} toy_born;

typedef struct toy_secret {
    csig_scalar x, received;
    uint8_t u[32];
} toy_secret;

/* Where a round is to fail by itself, and how. */
typedef struct toy_fault {
    uint8_t round; /* from 1; 0: nowhere */
    enum { TOY_MAKE, TOY_CHECK, TOY_STEP } where;
    csig_err err;
    uint16_t culprit; /* TOY_STEP */
} toy_fault;

typedef struct toy_state {
    uint8_t V[CSIG_MAX_PARTIES][CSIG_HASH_BYTES];
    csig_point X[CSIG_MAX_PARTIES];
    csig_point sum;
    uint8_t hash[32];
    void *table; /* owned: freed by the protocol's free_open */
    toy_fault fault;
    unsigned checks[4]; /* how often each round's step ran */
} toy_state;

/* Parties with fixed identities and indices 1, 3, 4, 6, 7, ... */
typedef struct toy_group {
    uint16_t n;
    uint16_t index[CSIG_MAX_PARTIES];
    csig_ed_key key[CSIG_MAX_PARTIES];
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[32];
    csig_ssid ssid[CSIG_MAX_PARTIES]; /* each party's view */
    csig_session *s[CSIG_MAX_PARTIES];
} toy_group;

#define TOY_NOBODY UINT16_MAX

/* The inputs: parties, threshold, nonce. */
void toy_group_init(toy_group *g, uint16_t n, uint8_t nonce);
/* One party's session, not started. */
csig_err toy_session(toy_group *g, const csig_protocol *protocol, uint16_t self, bool moves_last);
/* All sessions, started; `last` moves last (or TOY_NOBODY). */
void toy_group_start(toy_group *g, const csig_protocol *protocol, uint16_t last);
void toy_group_free(toy_group *g);

/* One envelope of the toy protocol, taken and delivered by hand. */
typedef struct toy_mail {
    uint8_t bytes[2048];
    size_t len;
} toy_mail;
/* The next envelope to send; len 0: there is none. */
toy_mail toy_take(csig_session *s);
csig_err toy_give(csig_session *s, const toy_mail *m);
void toy_header(csig_header *h, const toy_mail *m);
/* Everything that waits to leave, to whom it is for; what that makes the parties say stays with
 * them. With three parties: round 1, its echo, round 2, its echo, then CSIG_STORE. */
void toy_sweep(toy_group *g);
/* Replace the header and sign again. */
void toy_resign(toy_mail *m, const csig_header *h, const csig_ed_key *key);
/* What the last refusal or failure was. */
csig_blame toy_blame(const csig_session *s);

toy_state *toy_state_of(csig_session *s);
toy_secret *toy_secret_of(csig_session *s);

#endif
