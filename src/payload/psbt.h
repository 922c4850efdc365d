/* Partially signed transactions, version 0 (BIP174, with the fields of BIP371): read strictly. What
 * is known is checked, what is not known is carried; no key twice. */
#ifndef CSIG_PAYLOAD_PSBT_H
#define CSIG_PAYLOAD_PSBT_H

#include "payload/btc_tx.h"

/* Fields of one map at most: they are held against each other. */
#define CSIG_PSBT_FIELDS_MAX 256
/* Inputs of one transaction at most, anybody's. */
#define CSIG_PSBT_INPUTS_MAX 256

/* Types of fields, as far as anything is done with them. */
enum {
    CSIG_PSBT_IN_NON_WITNESS_UTXO = 0x00,
    CSIG_PSBT_IN_WITNESS_UTXO = 0x01,
    CSIG_PSBT_IN_PARTIAL_SIG = 0x02,
    CSIG_PSBT_IN_SIGHASH_TYPE = 0x03,
    CSIG_PSBT_IN_REDEEM_SCRIPT = 0x04,
    CSIG_PSBT_IN_WITNESS_SCRIPT = 0x05,
    CSIG_PSBT_IN_BIP32_DERIVATION = 0x06,
    CSIG_PSBT_IN_FINAL_SCRIPTSIG = 0x07,
    CSIG_PSBT_IN_FINAL_SCRIPTWITNESS = 0x08,
    CSIG_PSBT_OUT_BIP32_DERIVATION = 0x02
};

typedef struct csig_psbt_field {
    csig_span key; /* the type and the data */
    uint64_t type;
    csig_span data;
    csig_span value;
} csig_psbt_field;

typedef struct csig_psbt_map {
    const csig_psbt_field *field;
    size_t n;
} csig_psbt_map;

typedef struct csig_psbt {
    csig_btc_tx tx; /* unsigned */
    csig_psbt_map global;
    csig_psbt_map *in, *out; /* tx.n_in and tx.n_out */
    csig_psbt_field *fields; /* all of them */
    csig_psbt_map *maps;
} csig_psbt;

/* The octets must live as long as the psbt. CSIG_E_PAYLOAD: not one that is understood; why (may be
 * NULL) says where. CSIG_E_MEMORY. On success the caller frees. */
CSIG_MUST csig_err csig_psbt_read(csig_psbt *psbt, csig_span octets, char *why);
void csig_psbt_free(csig_psbt *psbt);

/* The field of a type without data; NULL: there is none. */
const csig_psbt_field *csig_psbt_find(const csig_psbt_map *map, uint64_t type);
/* Its value; without octets: there is no such field. */
csig_span csig_psbt_value(const csig_psbt_map *map, uint64_t type);
/* Is it a field of an input that somebody has given a meaning? */
bool csig_psbt_in_is_known(const csig_psbt_field *field);

void csig_psbt_magic_write(csig_sink *s);
void csig_psbt_field_write(csig_sink *s, const csig_psbt_field *field);
void csig_psbt_map_write(csig_sink *s, const csig_psbt_map *map);

#endif
