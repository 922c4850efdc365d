/* What a payload does, as far as it can be known from the payload alone: what people, policies and
 * approvals judge. All of it is public. What is not known is not guessed. */
#ifndef COUNTERSIGN_FACTS_H
#define COUNTERSIGN_FACTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_TYPE_BYTES    33 /**< a payload type and its NUL */
#define CSIG_CHAIN_BYTES   48 /**< CAIP-2 */
#define CSIG_ASSET_BYTES   96 /**< CAIP-19 */
#define CSIG_ADDRESS_BYTES 100
#define CSIG_METHOD_BYTES  64
#define CSIG_AMOUNT_BYTES  32 /**< amounts are 256-bit numbers, big-endian */
#define CSIG_TRANSFERS_MAX 64
#define CSIG_CALLS_MAX     1
#define CSIG_APPROVALS_MAX 1
#define CSIG_ANYONECANPAY  0x80

/** So much of an asset goes to an address. */
typedef struct csig_transfer {
    char asset[CSIG_ASSET_BYTES]; /**< CAIP-19: "eip155:1/slip44:60", "eip155:1/erc20:0x..." */
    char to[CSIG_ADDRESS_BYTES];
    char from[CSIG_ADDRESS_BYTES]; /**< whose, when not the signing key's (transferFrom); or "" */
    uint8_t amount[CSIG_AMOUNT_BYTES];
    uint8_t to_self; /**< 1: back to the same account (change) */
} csig_transfer;

/** A power over an asset that is given to somebody: approve, increaseAllowance, permit of ERC-20,
 * and setApprovalForAll of ERC-721 and ERC-1155, whose asset is "eip155:1/erc721:0x...". */
typedef struct csig_approval {
    char asset[CSIG_ASSET_BYTES];
    char spender[CSIG_ADDRESS_BYTES];
    uint8_t amount[CSIG_AMOUNT_BYTES]; /**< all ones where it is not stated */
    uint8_t has_amount;                /**< 0: it is not stated */
    uint8_t unlimited;                 /**< 1: amount is all ones: all of it, for good */
    uint8_t adds;                      /**< 1: amount comes on top of what was allowed before */
} csig_approval;

/** A contract is called or created, or is the one for which typed data is made. */
typedef struct csig_call {
    char contract[CSIG_ADDRESS_BYTES]; /**< created: its address to be, "" before it is known */
    uint8_t selector[4];
    uint8_t has_selector;
    char method[CSIG_METHOD_BYTES]; /**< "transfer(address,uint256)" when that is all it is; of
                                       typed data its primary type; else "" */
    uint8_t creates;
} csig_call;

typedef struct csig_facts {
    char type[CSIG_TYPE_BYTES];   /**< the payload's type */
    char chain[CSIG_CHAIN_BYTES]; /**< CAIP-2: "eip155:1"; "" when none is stated */

    size_t n_transfers;
    csig_transfer transfers[CSIG_TRANSFERS_MAX];
    size_t n_calls;
    csig_call calls[CSIG_CALLS_MAX];

    /** Not among the transfers: nothing has moved yet. */
    size_t n_approvals;
    csig_approval approvals[CSIG_APPROVALS_MAX];

    uint8_t has_fee;
    char fee_asset[CSIG_ASSET_BYTES];
    uint8_t fee[CSIG_AMOUNT_BYTES]; /**< the most it can cost */
    uint8_t fee_unproven; /**< 1: by amounts of several inputs that are stated, not proven: two
                             such payloads that each lie about one of them cost what neither says */
    uint8_t has_fee_rate;
    uint8_t fee_rate[CSIG_AMOUNT_BYTES]; /**< the most: wei per gas; satoshi per 1000 virtual
                                            octets */

    uint8_t sighash_flags; /**< Bitcoin: CSIG_ANYONECANPAY seen */
    uint8_t blind;         /**< 1: a bare digest, of which nothing is known; or a
                                message that is no text, or may be a hash */
    uint8_t delegates;  /**< 1: gives power away: an approval, or an EIP-7702 authorization list */
    uint8_t authorizes; /**< 1: has such a list: accounts get code that acts for them */
} csig_facts;

#ifdef __cplusplus
}
#endif
#endif
