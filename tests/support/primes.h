/* Fixed safe primes for tests. */
#ifndef TESTS_SUPPORT_PRIMES_H
#define TESTS_SUPPORT_PRIMES_H

#define CSIG_TEST_PRIMES 64 /* four for each of sixteen parties */

/* Lower-case hexadecimal, CSIG_P_BITS bits each, the two top bits set. */
extern const char *const csig_test_primes[CSIG_TEST_PRIMES];

#endif
