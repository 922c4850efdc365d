/* The parts of a payload that rules look at: what leaves the wallet, powers that are given away,
 * and calls that are neither. */
#ifndef CSIG_POLICY_PARTS_H
#define CSIG_POLICY_PARTS_H

#include "base/base.h"
#include "countersign/policy.h"

typedef enum csig_part_kind {
    CSIG_PART_NONE = 0, /* change, and calls that other parts stand for */
    CSIG_PART_TRANSFER,
    CSIG_PART_APPROVAL,
    CSIG_PART_CALL
} csig_part_kind;

typedef struct csig_part {
    csig_part_kind kind;
    const char *asset; /* of a call: "" */
    const char *to;    /* of a call: the contract */
} csig_part;

/* Places of parts; some have none. */
size_t csig_parts_count(const csig_facts *facts);
csig_part csig_part_at(const csig_facts *facts, size_t i);
/* A call whose whole effect is a transfer or a power that is among the parts: its method is named.
 */
bool csig_call_is_transfer(const csig_facts *facts, const csig_call *call);

/* Names of addresses, assets, types and chains: those of assets and of addresses of Ethereum and of
 * Bech32 are the same in any case. */
bool csig_name_is_same(const char *a, const char *b);

/* Does any transfer or power have this asset? */
bool csig_parts_have_asset(const csig_facts *facts, const char *asset);
/* All transfers of the asset, with or without the powers over it. */
void csig_parts_amount(const csig_facts *facts, const char *asset, bool with_powers,
                       uint8_t amount[CSIG_AMOUNT_BYTES]);

#endif
