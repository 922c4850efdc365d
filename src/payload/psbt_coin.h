/* The coin that an input of a PSBT spends: how much it is, how surely, and what opens it. */
#ifndef CSIG_PAYLOAD_PSBT_COIN_H
#define CSIG_PAYLOAD_PSBT_COIN_H

#include "payload/btc_script.h"
#include "payload/btc_sighash.h"
#include "payload/psbt.h"

typedef enum csig_coin_proof {
    CSIG_COIN_UNKNOWN = 0,
    CSIG_COIN_STATED, /* PSBT_IN_WITNESS_UTXO says so: true for whom BIP143 signs the amount */
    CSIG_COIN_PROVEN  /* the transaction is there whose id the input names */
} csig_coin_proof;

typedef enum csig_coin_lock {
    CSIG_LOCK_OTHER = 0,
    CSIG_LOCK_KEY,      /* P2PKH, P2WPKH, P2SH-P2WPKH */
    CSIG_LOCK_MULTISIG, /* in P2SH, P2WSH, P2SH-P2WSH */
    CSIG_LOCK_HIDDEN    /* P2SH of a script that is not told: a P2WPKH, if the key fits */
} csig_coin_lock;

typedef struct csig_coin {
    csig_coin_proof proof;
    csig_btc_out out; /* of proof UNKNOWN: nothing */
    csig_btc_kind kind;
    csig_coin_lock lock;
    bool is_witness;          /* BIP143 says what is signed */
    csig_span redeem;         /* without octets: none */
    csig_span witness_script; /* the same */
    csig_span key_hash;       /* LOCK_KEY */
    csig_btc_multisig multisig;
    bool is_final; /* somebody has finished this input */
} csig_coin;

/* CSIG_E_PAYLOAD: what the PSBT says of the coin contradicts itself, or is too little for one that
 * is not of SegWit. */
CSIG_MUST csig_err csig_coin_read(csig_coin *coin, const csig_psbt *psbt, size_t input, char *why);

/* Does a signature of this key help to open it? */
bool csig_coin_has_key(const csig_coin *coin, const uint8_t key[CSIG_POINT_BYTES]);

/* What a signature of the key signs; csig_coin_has_key holds. */
void csig_coin_digest(uint8_t digest[CSIG_SHA256_BYTES], const csig_coin *coin,
                      const csig_btc_tx *tx, size_t input, const uint8_t key[CSIG_POINT_BYTES],
                      uint32_t type);

/* PSBT_IN_SIGHASH_TYPE, or SIGHASH_ALL. */
uint32_t csig_psbt_sighash_type(const csig_psbt_map *in);

#endif
