/* Extended public keys (BIP32): a key, its chain code, and where it stands in its tree. */
#ifndef CSIG_PAYLOAD_XPUB_H
#define CSIG_PAYLOAD_XPUB_H

#include "countersign/payload.h"
#include "payload/btc_address.h"

typedef struct csig_extended {
    csig_account account;
    uint8_t depth;
    uint8_t parent[4]; /* fingerprint: the first octets of the parent's hash160 */
    uint32_t child;    /* which child of the parent */
} csig_extended;

/* *e becomes its child. CSIG_E_PATH: csig_child. */
CSIG_MUST csig_err csig_extended_child(csig_extended *e, uint32_t index);
void csig_extended_text(char out[CSIG_XPUB_BYTES], const csig_extended *e,
                        const csig_btc_network *network);

#endif
