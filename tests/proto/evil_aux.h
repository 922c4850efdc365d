/* A cheating device in the auxiliary session: device 1 of a pair, with a record of its own making
 * and without checks of its own. Device 0 is the victim. */
#ifndef TESTS_PROTO_EVIL_AUX_H
#define TESTS_PROTO_EVIL_AUX_H

#include "proto/aux_pair.h"

typedef struct evil_aux {
    aux_pair *pair;
    csig_aux *aux;           /* a copy of device 1's */
    csig_aux_record *record; /* altered by the test, then signed and shown */
    csig_int p, q;           /* N = p q, for a Pi-fac of uneven factors */
    uint32_t z2_bits;        /* of its z2, which does not fit, so many low bits are shown */
    csig_round r1, r2;
    const csig_round *rounds[3];
    csig_protocol protocol;
} evil_aux;

/* Starts from the honest record. */
void evil_aux_init(evil_aux *e, aux_pair *pair);
void evil_aux_free(evil_aux *e);
/* The honest record again. */
void evil_aux_reset(evil_aux *e);

/* The id that follows from record->pub. */
void evil_aux_name(evil_aux *e);
/* Honest Pi-prm, which the device can make, for the current id. */
void evil_aux_prove_prm(evil_aux *e);
/* Pi-mod for N = p q with p, q = 3 mod 4 of any size, by the paper. */
void evil_aux_prove_mod(evil_aux *e);
/* The transcript of a proof of the record. */
void evil_aux_transcript(const evil_aux *e, csig_transcript *t, csig_label label);
/* Pi-fac by the paper for e->p and e->q instead of the device's own. */
void evil_aux_prove_fac(evil_aux *e);
/* e->p a prime = 3 mod 4 of p_bits bits, e->q another so that N has exactly its size and N is no
 * multiple of its totient's factors; record->pub.n = N. Seeded: repeatable. */
void evil_aux_factor(evil_aux *e, uint32_t p_bits);

/* e->p and e->q are the device's own. */
void evil_aux_own_factors(evil_aux *e);

/* Whose session is running: a round's make has no argument for it. */
extern evil_aux *evil_aux_current;

/* The device signs its record, and the two sessions run: the victim refuses by this error, in this
 * round. */
void evil_aux_refused(evil_aux *e, csig_err err, uint8_t round);
/* The same without signing the record again. */
void evil_aux_refused_as_is(evil_aux *e, csig_err err, uint8_t round);
/* A record that is as it should be: signed, and both sessions get through. */
void evil_aux_accepted(evil_aux *e);

#endif
