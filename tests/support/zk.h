/* What tests of proofs share: an environment, the transcripts of other contexts, and a proof seen
 * as octets, field by field. */
#ifndef TESTS_SUPPORT_ZK_H
#define TESTS_SUPPORT_ZK_H

#include "crypto/env.h"
#include "crypto/transcript.h"

struct zk_party; /* support/zk_party.h */

typedef struct zk_world {
    csig_rng rng;
    csig_curve curve;
    csig_env env;
    struct zk_party *party; /* NULL without */
} zk_world;

/* Group setup and teardown: *state is a zk_world, without parties. */
int zk_world_new(void **state);
int zk_world_free(void **state);

void zk_random_point(csig_point *P, csig_scalar *p, zk_world *w); /* P = pG */
/* P = aA + bB, a and b not 0. */
void zk_combine(csig_point *P, const csig_scalar *a, const csig_point *A, const csig_scalar *b,
                const csig_point *B);

/* The transcript that proofs of a test are made for, and those that differ in the label, the
 * session, the prover or the verifier. */
void zk_transcript(csig_transcript *t, csig_label use);
#define ZK_OTHERS 4
void zk_other_transcripts(csig_transcript t[ZK_OTHERS], csig_label use);

/* An engine that fails: a verification that comes to exponentiate says CSIG_E_ENGINE. */
extern const csig_engine zk_failing_engine;

/* --- a proof as octets --- */

/* What becomes of a proof that arrives as octets: read, then verified. */
typedef csig_err zk_judge(void *ctx, const uint8_t *proof, size_t len);

typedef struct zk_octets {
    csig_wire_fn *fn;
    const uint8_t *good; /* an accepted proof */
    size_t len;
    zk_judge *judge;
    void *ctx;
    const csig_int *special; /* of the statement: put into every field that holds them */
    size_t specials;
} zk_octets;

/* Puts zero, one, the value plus one, the largest, a random value, the special numbers and the
 * other sign into fields first, first + step, ...: each that changes the field must be refused.
 * Returns how many changes were tried. */
size_t zk_refuses_altered_fields(const zk_octets *o, size_t first, size_t step);
size_t zk_field_count(csig_wire_fn *fn);
/* No octets, one, one less, one more, twice as many: CSIG_E_LENGTH. All octets zero: refused. */
void zk_refuses_lengths_and_zeros(const zk_octets *o);

#endif
