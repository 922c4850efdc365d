/* PSBTs made for tests, of the account of support/payloads.h and one stranger's key. */
#ifndef TESTS_SUPPORT_PSBTS_H
#define TESTS_SUPPORT_PSBTS_H

#include "payload/btc_script.h"
#include "payload/psbt.h"
#include "support/payloads.h"

typedef enum psbts_proof { PSBTS_STATED, PSBTS_PROVEN, PSBTS_BOTH, PSBTS_NOTHING } psbts_proof;

/* An input or an output of a key: the account's at m/0/index, or the stranger's. kind P2SH is a
 * P2WPKH inside; P2WSH a 2-of-2 of that key and the stranger's. */
typedef struct psbts_party {
    csig_btc_kind kind;
    uint64_t amount;
    uint32_t index;
    bool is_strange;
    bool is_derived; /* with BIP32_DERIVATION */
    /* of inputs: */
    psbts_proof proof;
    bool hides_scripts; /* without redeemScript and witnessScript */
    uint32_t type;      /* 0: without PSBT_IN_SIGHASH_TYPE */
} psbts_party;

#define PSBTS_MAX 70

typedef struct psbts {
    psbts_party in[PSBTS_MAX], out[PSBTS_MAX];
    size_t n_in, n_out;
    /* added to the first input and the first output: hexadecimal of whole fields, or NULL */
    const char *more_in, *more_out;
    const char *members; /* after "psbt", such as ",\"network\":\"test\""; or NULL */
} psbts;

/* One input of 100000 of that kind with all that belongs to it, 60000 to the stranger, 39000 back.
 */
psbts psbts_simple(csig_btc_kind kind);

/* The payload, to be freed. */
char *psbts_json(const psbts *s);
/* The octets, to be freed. */
uint8_t *psbts_octets(const psbts *s, size_t *len);
/* A payload around octets, to be freed. */
char *psbts_wrapped(const uint8_t *octets, size_t len, const char *members);

/* Read and bound at m. */
csig_payload *psbts_bound(const psbts *s);
/* Refused at reading or at binding, with this in its why. */
void psbts_refused(const psbts *s, const char *in_why);
/* The same of a payload's text, which is freed. */
void psbts_refused_text(char *json, const char *in_why);

void psbts_key(uint8_t key[CSIG_POINT_BYTES], const psbts_party *party);
void psbts_script(csig_btc_made *made, const psbts_party *party);

#endif
