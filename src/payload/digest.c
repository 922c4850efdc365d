/* Payload type "digest": 32 octets of which nothing is known. For wallets that allow it. */
#include <string.h>

#include "payload/kind.h"

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    if (csig_json_member(members, "digest") == NULL) return csig_why(why, "\"digest\" is missing");
    memcpy(p->inputs[0].digest, p->stated, CSIG_DIGEST_BYTES);
    p->n_inputs = 1;
    p->facts.blind = 1;
    return CSIG_OK;
}

static csig_json *describe(const csig_payload *p)
{
    csig_json *o = csig_json_object();

    csig_json_put(&o, "digest", csig_json_hex(p->inputs[0].digest, CSIG_DIGEST_BYTES));
    return o;
}

static void words(const csig_payload *p, csig_text *t)
{
    csig_text_add(t, "A bare digest: what it does is NOT KNOWN. It may be anything.\nDigest: ");
    csig_text_0x(t, p->inputs[0].digest, CSIG_DIGEST_BYTES);
    csig_text_add(t, "\n");
}

static csig_err finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    (void)p, (void)sigs, (void)o; /* a bare digest belongs to nothing that could be completed */
    return CSIG_OK;
}

const csig_payload_kind csig_payload_digest = {
    .type = "digest",
    .read = read,
    .describe = describe,
    .words = words,
    .finish = finish,
};
