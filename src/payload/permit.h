/* Typed data that lets somebody take tokens. */
#ifndef CSIG_PAYLOAD_PERMIT_H
#define CSIG_PAYLOAD_PERMIT_H

#include "countersign/facts.h"
#include "payload/typed.h"

/* The approval that a message of this type is, and whether it gives power away, into the facts.
 * chain: 0 when the domain has none; contract: the domain's, NULL when it has none. */
void csig_permit(csig_facts *f, const char *type_text, const char *primary,
                 const csig_json *message, uint64_t chain, const uint8_t *contract);

#endif
