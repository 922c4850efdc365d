/* The signers of a play: two of two, or three of three, with a dealer's shares and auxiliary info.
 */
#ifndef TESTS_MATRIX_SIGNERS_H
#define TESTS_MATRIX_SIGNERS_H

#include "matrix/matrix.h"
#include "proto/signing.h"

typedef struct signers {
    signing g;
    uint16_t last; /* position of who moves last */
    uint32_t path[2];
    csig_intent intent;
    /* online: halves of one presignature for each leader; every session spends copies */
    csig_presig *half[CSIG_MAX_PARTIES][CSIG_MAX_PARTIES];
} signers;

void signers_init(signers *s, uint16_t n, uint16_t last);
void signers_free(signers *s);

/* For a matrix_play with a signers as ctx. */
void signers_renew(void *ctx);
const csig_ed_key *signers_key(void *ctx, uint16_t position);
bool signers_has_signature(csig_session *s);
/* A play with everything but the protocol, open and late. */
matrix_play signers_play(signers *s, const char *name, uint16_t cheat, uint16_t victim);

#endif
