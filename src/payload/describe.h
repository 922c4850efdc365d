/* The facts of a payload as JSON and in words; each kind adds its own. */
#ifndef CSIG_PAYLOAD_DESCRIBE_H
#define CSIG_PAYLOAD_DESCRIBE_H

#include "payload/kind.h"

/* NULL: out of memory. */
csig_json *csig_describe(const csig_payload *p);
void csig_words(const csig_payload *p, csig_text *t);

#endif
