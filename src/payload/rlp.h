/* RLP, the encoding of Ethereum's transactions: octets and lists of such. Strict: one encoding per
 * value, so that what is read is written the same. Source: the Yellow Paper, appendix B. */
#ifndef CSIG_PAYLOAD_RLP_H
#define CSIG_PAYLOAD_RLP_H

#include "base/base.h"

/* What is left of a list, or of the whole text. */
typedef struct csig_rlp {
    const uint8_t *at;
    size_t len;
} csig_rlp;

/* The next item of *from, which goes past it. CSIG_E_FORMAT: there is none, it is of the other
 * kind, it is longer than what is left, or not written in the one way. */
CSIG_MUST csig_err csig_rlp_list(csig_rlp *inside, csig_rlp *from);
CSIG_MUST csig_err csig_rlp_octets(csig_rlp *octets, csig_rlp *from);
/* Exactly so many octets. */
CSIG_MUST csig_err csig_rlp_fixed(uint8_t *out, size_t len, csig_rlp *from);
/* A number below 2^(8 len), big-endian, into `len` octets; no leading zeros in the text. */
CSIG_MUST csig_err csig_rlp_number(uint8_t *out, size_t len, csig_rlp *from);

/* --- writing: into octets that grow; what does not fit traps (sizes are known) --- */
typedef struct csig_rlp_out {
    uint8_t *out;
    size_t room, len;
} csig_rlp_out;

/* A list's head is at most so long. */
#define CSIG_RLP_HEAD_MAX 9

void csig_rlp_put_raw(csig_rlp_out *to, const uint8_t *p, size_t len);
void csig_rlp_put_octets(csig_rlp_out *to, const uint8_t *p, size_t len);
void csig_rlp_put_number(csig_rlp_out *to, const uint8_t *n, size_t len); /* n big-endian */
/* Before the items, which take so many octets. */
void csig_rlp_put_list_head(csig_rlp_out *to, size_t len);

#endif
