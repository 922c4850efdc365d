/* Payloads in tests: read, bound to a key that the test knows, signed with it, finished. */
#ifndef TESTS_SUPPORT_PAYLOADS_H
#define TESTS_SUPPORT_PAYLOADS_H

#include "countersign/payload.h"

/* The key 0x4646...46 of EIP-155's example; its chain code is all 0x11. */
csig_account payloads_account(void);

/* Reads what must be readable. */
csig_payload *payloads_read(const char *json);
/* The same, bound to the account at the path m. */
csig_payload *payloads_bound(const char *json);
/* Must be refused with CSIG_E_PAYLOAD, and why has this in it. */
void payloads_refused(const char *json, const char *in_why);

/* NUL-terminated, freed by free; asked for by the length that the call says. */
char *payloads_text(const csig_payload *p);
char *payloads_description(const csig_payload *p);
char *payloads_words(const csig_payload *p);
/* Signs every input with the key and finishes. */
char *payloads_finished(const csig_payload *p);

/* What one of the above gives is this, or has it inside; it is freed. */
void payloads_expect(char *got, const char *want);
void payloads_expect_inside(char *got, const char *part);

/* The digest of the only input. */
void payloads_expect_digest(const csig_payload *p, const char *hex);

/* A whole case: read, bound, its digest, its result. */
void payloads_expect_signed(const char *json, const char *digest_hex, const char *result);

/* Signatures of all inputs by the key; at most CSIG_INPUTS_MAX. */
void payloads_sign(csig_signature *sigs, const csig_payload *p);

#endif
