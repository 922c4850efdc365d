/* Bitcoin's standard scripts: which one is this, and how is it written. Sources: BIP16, BIP141,
 * BIP341. */
#ifndef CSIG_PAYLOAD_BTC_SCRIPT_H
#define CSIG_PAYLOAD_BTC_SCRIPT_H

#include "num/point.h"
#include "payload/octets.h"

#define CSIG_BTC_PUSH_MAX      520 /* octets that one script may push */
#define CSIG_BTC_MULTISIG_KEYS 20
/* The longest of the scripts below. */
#define CSIG_BTC_SCRIPT_ROOM 34

typedef enum csig_btc_kind {
    CSIG_BTC_P2PKH = 1,
    CSIG_BTC_P2SH,
    CSIG_BTC_P2WPKH,
    CSIG_BTC_P2WSH,
    CSIG_BTC_P2TR,
    CSIG_BTC_DATA, /* OP_RETURN ...: nobody can spend it */
    CSIG_BTC_OTHER
} csig_btc_kind;

typedef struct csig_btc_script {
    csig_btc_kind kind;
    csig_span program; /* the hash or key paid to; after OP_RETURN: what follows */
} csig_btc_script;

csig_btc_script csig_btc_script_of(csig_span script);

/* A script of its own memory. */
typedef struct csig_btc_made {
    uint8_t b[CSIG_BTC_SCRIPT_ROOM];
    size_t len;
} csig_btc_made;

csig_span csig_btc_made_span(const csig_btc_made *made);
/* kind P2PKH, P2SH, P2WPKH, P2WSH or P2TR; program 20 or 32 octets as the kind wants. */
void csig_btc_script_make(csig_btc_made *made, csig_btc_kind kind, const uint8_t *program);
/* kind P2PKH, P2WPKH, or P2SH: around a P2WPKH. */
void csig_btc_script_pay(csig_btc_made *made, csig_btc_kind kind,
                         const uint8_t public_key[CSIG_POINT_BYTES]);
/* Does `script` pay to `inner`, as P2SH or as P2WSH? */
bool csig_btc_script_is_of(csig_btc_script script, csig_span inner);

/* m-of-n OP_CHECKMULTISIG with nothing around it. */
typedef struct csig_btc_multisig {
    size_t m, n;
    csig_span key[CSIG_BTC_MULTISIG_KEYS]; /* 33 or 65 octets each */
} csig_btc_multisig;

/* CSIG_E_FORMAT: another script. */
CSIG_MUST csig_err csig_btc_multisig_read(csig_btc_multisig *multisig, csig_span script);

/* Pushes octets (at most CSIG_BTC_PUSH_MAX) in the shortest way there is for more than one. */
void csig_btc_push(csig_sink *s, csig_span octets);

#endif
