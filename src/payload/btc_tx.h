/* Bitcoin transactions: read strictly, written, named. Scripts and witnesses are spans of what was
 * read. Sources: BIP144, Bitcoin's developer reference. */
#ifndef CSIG_PAYLOAD_BTC_TX_H
#define CSIG_PAYLOAD_BTC_TX_H

#include "payload/octets.h"

#define CSIG_TXID_BYTES 32 /* as in transactions; people see them reversed */
/* 21 million bitcoin in satoshi: no amount and no sum is above. */
#define CSIG_BTC_MONEY_MAX (UINT64_C(21000000) * 100000000)

typedef struct csig_btc_in {
    uint8_t txid[CSIG_TXID_BYTES];
    uint32_t vout;
    csig_span script;
    uint32_t sequence;
    csig_span witness; /* as it is encoded, its count first; without octets: none */
} csig_btc_in;

typedef struct csig_btc_out {
    uint64_t amount;
    csig_span script;
} csig_btc_out;

typedef struct csig_btc_tx {
    uint32_t version, locktime;
    size_t n_in, n_out;
    csig_btc_in *in;
    csig_btc_out *out;
    bool has_witness;
} csig_btc_tx;

typedef enum csig_btc_form {
    CSIG_BTC_PLAIN = 1, /* without witnesses: what a txid is the hash of */
    CSIG_BTC_FULL       /* with witnesses, where there are any (BIP144) */
} csig_btc_form;

/* CSIG_E_FORMAT: not the one encoding of a transaction, or amounts beyond all money.
 * CSIG_E_MEMORY. On success the caller frees. */
CSIG_MUST csig_err csig_btc_tx_read(csig_btc_tx *tx, csig_span octets, csig_btc_form form);
void csig_btc_tx_free(csig_btc_tx *tx);

/* form FULL writes witnesses if the transaction has one. */
void csig_btc_tx_write(csig_sink *s, const csig_btc_tx *tx, csig_btc_form form);
void csig_btc_txid(uint8_t txid[CSIG_TXID_BYTES], const csig_btc_tx *tx);

void csig_btc_out_write(csig_sink *s, const csig_btc_out *out);
/* One output and nothing else. */
CSIG_MUST csig_err csig_btc_out_read(csig_btc_out *out, csig_span octets);
/* One witness and nothing else: a count and as many runs. */
CSIG_MUST csig_err csig_btc_witness_read(csig_span octets);

#endif
