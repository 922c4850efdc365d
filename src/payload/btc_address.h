/* Bitcoin's networks, and addresses of scripts on them. */
#ifndef CSIG_PAYLOAD_BTC_ADDRESS_H
#define CSIG_PAYLOAD_BTC_ADDRESS_H

#include "countersign/payload.h"
#include "payload/btc_script.h"
#include "payload/json.h"

typedef struct csig_btc_network {
    const char *name;    /* as in payloads */
    const char *chain;   /* CAIP-2 */
    const char *asset;   /* CAIP-19 */
    const char *hrp;     /* BIP173 */
    uint8_t p2pkh, p2sh; /* versions of Base58Check */
    uint8_t xpub[4];     /* BIP32 */
    bool has_value;      /* its coins are money */
} csig_btc_network;

/* NULL: there is no such network. */
const csig_btc_network *csig_btc_network_of(csig_network network);
const csig_btc_network *csig_btc_network_named(const char *name);
/* The member "network" of a payload: "main" where there is none. */
CSIG_MUST csig_err csig_btc_network_read(const csig_btc_network **network, const csig_json *members,
                                         char *why);

/* The address that stands for a script. Where none does: "data:" and what follows OP_RETURN,
 * "script:" and the script, in hexadecimal; if that were too long, "data:sha256:" and
 * "script:sha256:" and the hash of it. */
void csig_btc_address(char out[CSIG_ADDRESS_BYTES], const csig_btc_network *network,
                      csig_span script);
/* The script that an address stands for. CSIG_E_FORMAT: none on this network. */
CSIG_MUST csig_err csig_btc_address_script(csig_btc_made *made, const csig_btc_network *network,
                                           const char *address);
/* The address of a single key. */
void csig_btc_key_address(char out[CSIG_ADDRESS_BYTES], const csig_btc_network *network,
                          csig_btc_kind kind, const uint8_t public_key[CSIG_POINT_BYTES]);

#endif
