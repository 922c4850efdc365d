/* A cheating signer: one position of Q runs a table of its own. Whoever looks at what it says
 * refuses it and names it; nothing more leaves, nothing secret stays, nobody has a signature. */
#ifndef TESTS_PROTO_SIGN_ATTACK_H
#define TESTS_PROTO_SIGN_ATTACK_H

#include "proto/liar.h"
#include "proto/signing.h"
#include "proto/twist.h"

#define CHEAT  0 /* position */
#define VICTIM 1
#define NOBODY CSIG_MAX_PARTIES

typedef struct attack {
    signing g;
    csig_intent intent;
    twist table[CSIG_MAX_PARTIES]; /* copies of the protocol, to be changed before the start */
    bool twisted[CSIG_MAX_PARTIES];
    csig_presig
        *kept[CSIG_MAX_PARTIES]; /* halves used again and again, by who knows what it does */
} attack;

/* Honest parties of {1, 2, ...}, all of n; before each attack. d: its key. */
void attack_init(attack *a, dealer *d);
/* And of its dealer and its halves. */
void attack_free(attack *a);
/* Presign once and keep the halves; have them in a.g.half again. */
void attack_make_halves(attack *a);
void attack_load_halves(attack *a);
/* The round that a position will run instead of the protocol's. */
csig_round *attack_round(attack *a, const csig_protocol *p, uint16_t position, uint8_t round);
/* Open the sessions and run. */
void attack_presign(attack *a);
void attack_sign(attack *a, uint16_t collector);
void attack_online(attack *a);
/* Only open them: a.g.net can be given a liar. */
void attack_open_presign(attack *a);
void attack_open_sign(attack *a, uint16_t collector);
void attack_open_online(attack *a);
/* Every honest party that looks refuses: this error, found in this round, this culprit (a position
 * or NOBODY). At least one does. Then all is freed. */
void attack_expect(attack *a, csig_err err, uint8_t round, uint16_t culprit);
/* The same, and the next attack follows. */
void attack_end(attack *a);

/* A session of this run. */
csig_presign_open *attack_open_state(attack *a, uint16_t position);
csig_presign_secret *attack_secret(attack *a, uint16_t position);

#endif
