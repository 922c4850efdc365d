/* Bitcoin in tests: hexadecimal and base64 of any length as octets that the test frees. */
#ifndef TESTS_SUPPORT_BITCOIN_H
#define TESTS_SUPPORT_BITCOIN_H

#include "payload/octets.h"

/* Memory of the heap (free it), so that the sanitizers see every octet read too far. */
uint8_t *octets_of_hex(const char *hex, size_t *len);
uint8_t *octets_of_base64(const char *text, size_t *len);
/* The octets are what hex says. */
void span_expect(csig_span got, const char *hex);

#endif
