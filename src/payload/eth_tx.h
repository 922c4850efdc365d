/* An Ethereum transaction, unsigned, as it is serialised: eth_tx_read.c reads it, eth_tx_call.c
 * says what its data does, eth_tx.c is the kind of payload. */
#ifndef CSIG_PAYLOAD_ETH_TX_H
#define CSIG_PAYLOAD_ETH_TX_H

#include "payload/address.h"
#include "payload/kind.h"
#include "payload/rlp.h"

/* The envelope's type: EIP-155 (legacy), 2930, 1559, 4844, 7702. */
typedef enum csig_eth_type {
    CSIG_ETH_LEGACY = 0,
    CSIG_ETH_ACCESS_LIST = 1,
    CSIG_ETH_FEE_MARKET = 2,
    CSIG_ETH_BLOBS = 3,
    CSIG_ETH_SET_CODE = 4
} csig_eth_type;

/* EIP-2294: chain ids stay so low that v fits 64 bits. */
#define CSIG_ETH_CHAIN_MAX (UINT64_MAX / 2 - 36)
/* EIP-4844: gas of one blob, and the version of its hash. */
#define CSIG_ETH_GAS_PER_BLOB 131072
#define CSIG_ETH_BLOB_VERSION 0x01

typedef struct csig_eth_tx {
    csig_eth_type type;
    const uint8_t *octets; /* the whole */
    size_t len;
    csig_rlp items;      /* what is inside the outer list */
    size_t legacy_items; /* octets of the six that a signed legacy transaction keeps */

    uint64_t chain, nonce, gas_limit;
    uint8_t max_fee[32]; /* legacy and type 1: gas price */
    uint8_t tip[32];     /* max priority fee per gas */
    uint8_t max_blob_fee[32];
    uint8_t value[32];
    uint8_t to[CSIG_ETHEREUM_BYTES];
    bool creates; /* there is no `to` */
    csig_rlp data;
    csig_rlp access_list, blob_hashes, authorizations; /* inside; well-formed */
    size_t n_access, n_blobs, n_authorizations;
} csig_eth_tx;

/* Reads and checks everything; pointers go into octets. CSIG_E_PAYLOAD with why. */
CSIG_MUST csig_err csig_eth_tx_parse(csig_eth_tx *tx, const uint8_t *octets, size_t len, char *why);

/* One entry of an access list, and the next of its keys. */
typedef struct csig_eth_access {
    uint8_t address[CSIG_ETHEREUM_BYTES];
    csig_rlp keys;
} csig_eth_access;
CSIG_MUST csig_err csig_eth_access_next(csig_eth_access *entry, csig_rlp *from);

/* One entry of an EIP-7702 authorization list. */
typedef struct csig_eth_authorization {
    uint8_t chain[32]; /* 0: every chain */
    uint8_t address[CSIG_ETHEREUM_BYTES];
    uint64_t nonce;
    uint8_t y_parity;
    uint8_t r[32], s[32];
} csig_eth_authorization;
CSIG_MUST csig_err csig_eth_authorization_next(csig_eth_authorization *a, csig_rlp *from);
/* The account that gave it; false: its signature is not valid, the chain will skip it. */
bool csig_eth_authorization_has_authority(uint8_t authority[CSIG_ETHEREUM_BYTES],
                                          const csig_eth_authorization *a);

/* The facts of value and data: transfers, the call, approvals. to: text of tx->to. */
void csig_eth_tx_call(csig_facts *f, const csig_eth_tx *tx);

/* The selector of "transfer(address,uint256)"; false: not written as it is hashed: there are
 * spaces, names or short forms in it, or tuples, which are not read here. */
bool csig_eth_selector_is_of(uint8_t selector[4], const char *signature);

/* CAIP names: "eip155:1", "eip155:1/slip44:60", "eip155:1/erc20:0x..." */
void csig_eth_chain(char out[CSIG_CHAIN_BYTES], uint64_t chain);
void csig_eth_coin(char out[CSIG_ASSET_BYTES], uint64_t chain);
void csig_eth_token(char out[CSIG_ASSET_BYTES], uint64_t chain,
                    const uint8_t contract[CSIG_ETHEREUM_BYTES]);

#endif
