/* Escrows made a second time, apart from the library's: with given seeds, and false where a test
 * says so. */
#ifndef TESTS_SUPPORT_ESCROW_H
#define TESTS_SUPPORT_ESCROW_H

#include "crypto/escrow.h"

/* A statement whose fields are all different, about Q = xG and dk. */
void escrow_stmt(csig_escrow_stmt *stmt, const csig_scalar *x, const uint8_t dk[32]);

/* An escrow of x by the definition; the seeds follow from `seed`. In each of the first `bad` rows
 * the side that is not `guess` does not give x back, in even rows for it encrypts something else,
 * in odd ones for its E is zero: the proof stands exactly when the challenge opens `guess` in all
 * of these. */
void escrow_forge(csig_escrow *e, const csig_escrow_stmt *stmt, const csig_scalar *x, uint64_t seed,
                  size_t bad, unsigned guess);
/* The same where the first `bad` rows share another number between them: X1 = (x + 1)G - X0. */
void escrow_forge_sum(csig_escrow *e, const csig_escrow_stmt *stmt, const csig_scalar *x,
                      uint64_t seed, size_t bad);

#endif
