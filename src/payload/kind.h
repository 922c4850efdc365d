/* What a kind of payload is: one file, one row in the table of payload.c. */
#ifndef CSIG_PAYLOAD_KIND_H
#define CSIG_PAYLOAD_KIND_H

#include "countersign/payload.h"
#include "payload/json.h"
#include "payload/text.h"

/* One signature to make. */
typedef struct csig_payload_input_of {
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;
    uint8_t public_key[CSIG_PUBKEY_BYTES]; /* the account's child at path */
} csig_payload_input_of;

typedef struct csig_payload_kind {
    const char *type;
    /* What may stand beside `type` and `digest`; ends with NULL. */
    const char *members[6];
    /* Reads the members into p->body (csig_public_alloc, emptied by `clear`), p->facts as far as
     * they do not depend on the key, and, where one signature is made, p->inputs[0].digest with
     * p->n_inputs = 1. */
    csig_err (*read)(csig_payload *p, const csig_json *members, char *why);
    /* p->account, path, depth and public_key are set, and those of inputs[0] where n_inputs is 1.
     * NULL: nothing more to do. */
    csig_err (*bind)(csig_payload *p, char *why);
    /* The kind's own object of the description; NULL: out of memory. */
    csig_json *(*describe)(const csig_payload *p);
    /* Lines about what the facts do not say. */
    void (*words)(const csig_payload *p, csig_text *t);
    /* The results into *o; the signatures are verified. */
    csig_err (*finish)(const csig_payload *p, const csig_signature *sigs, csig_json **o);
    /* Frees what is inside p->body, before the body itself is freed. May be NULL. */
    void (*clear)(csig_payload *p);
} csig_payload_kind;

struct csig_payload {
    const csig_payload_kind *kind;
    csig_json *json; /* as it was read */
    void *body;      /* the kind's */
    csig_facts facts;
    uint8_t stated[CSIG_DIGEST_BYTES]; /* the member `digest` */
    bool has_stated;

    bool bound;
    csig_account account;
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;
    uint8_t public_key[CSIG_PUBKEY_BYTES]; /* at path */

    size_t n_inputs; /* known digests; hidden from the host before bind */
    csig_payload_input_of inputs[CSIG_INPUTS_MAX];
};

extern const csig_payload_kind csig_payload_digest, csig_payload_eip191, csig_payload_eip712,
    csig_payload_eth_tx;
extern const csig_payload_kind csig_payload_psbt, csig_payload_bip322;

/* Is there a kind of this name? */
bool csig_payload_type_is_known(const char *type);

/* The member's text; CSIG_E_PAYLOAD with why when it is missing or no text. */
CSIG_MUST csig_err csig_member_text(const csig_json *members, const char *name, const char **text,
                                    size_t *len, char *why);
/* The member's octets, written as 0x and hexadecimal digits; *octets by csig_public_alloc. */
CSIG_MUST csig_err csig_member_0x(const csig_json *members, const char *name, uint8_t **octets,
                                  size_t *len, char *why);

/* "signature" as Ethereum's wallets give it: r, s, and 27 + recovery id. CSIG_E_OUTPUT: the x of
 * the nonce point is q or more (2^-128), for which Ethereum has no v. */
CSIG_MUST csig_err csig_ethereum_signature_put(csig_json **o, const csig_signature *sig);

#endif
