/* The payload type "psbt" in its parts: read and bound, told, finished. */
#ifndef CSIG_PAYLOAD_PSBT_KIND_H
#define CSIG_PAYLOAD_PSBT_KIND_H

#include "payload/btc_address.h"
#include "payload/kind.h"
#include "payload/psbt_coin.h"

/* An output that comes back: the path of the key that it pays to, or of the first input where it
 * has the script of all. */
typedef struct csig_change {
    bool is_own;
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;
} csig_change;

typedef struct csig_psbt_body {
    uint8_t *octets;
    csig_psbt psbt;
    csig_coin *coins; /* of all inputs */
    const csig_btc_network *network;
    uint64_t fee;
    uint64_t fee_rate; /* satoshi per 1000 virtual octets, at most about this */
    csig_change change[CSIG_TRANSFERS_MAX];
    /* of p->inputs[i]: */
    size_t input[CSIG_INPUTS_MAX];
    uint32_t type[CSIG_INPUTS_MAX];
} csig_psbt_body;

/* --- psbt_bind.c --- */
csig_err csig_psbt_bind(csig_payload *p, char *why);
/* The path of a derivation field. CSIG_E_PATH: hardened or too long. */
csig_err csig_psbt_path(uint32_t path[CSIG_PATH_MAX], size_t *depth, csig_span value);

/* --- psbt_facts.c --- */
/* Amounts, fee, addresses: all that does not depend on the key. */
csig_err csig_psbt_facts_read(csig_payload *p, char *why);
/* Inputs whose amount is stated alone. */
size_t csig_psbt_count_unproven(const csig_psbt_body *b);
/* What comes back to the key; after csig_psbt_bind has found its inputs. */
csig_err csig_psbt_facts_bind(csig_payload *p);

/* --- psbt_describe.c --- */
csig_json *csig_psbt_describe(const csig_payload *p);
void csig_psbt_words(const csig_payload *p, csig_text *t);

/* --- psbt_finish.c --- */
csig_err csig_psbt_finish(const csig_payload *p, const csig_signature *sigs, csig_json **o);

#endif
