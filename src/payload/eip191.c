/* Payload type "eip191": a message for people, as personal_sign signs it. EIP-191, version 0x45:
 * keccak256(0x19 "Ethereum Signed Message:\n" len(message) message). */
#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"
#include "payload/kind.h"

/* Contracts take a message of this length for the hash of what they then do: Safe, ERC-4337. */
#define HASH_BYTES CSIG_DIGEST_BYTES

typedef struct message {
    uint8_t *octets; /* given as hexadecimal: ours; else the text inside the JSON */
    const uint8_t *at;
    size_t len;
    bool is_text; /* valid UTF-8 */
} message;

static csig_err read_message(message *m, const csig_json *members, char *why)
{
    const bool has_text = csig_json_member(members, "message") != NULL;
    const bool has_hex = csig_json_member(members, "message_hex") != NULL;
    const char *text;

    if (has_text == has_hex)
        return csig_why(why, "either \"message\" or \"message_hex\" is expected");
    if (has_hex) {
        CSIG_TRY(csig_member_0x(members, "message_hex", &m->octets, &m->len, why));
        m->at = m->octets;
    } else {
        CSIG_TRY(csig_member_text(members, "message", &text, &m->len, why));
        m->at = (const uint8_t *)text;
    }
    m->is_text = csig_utf8_is_valid(m->at, m->len);
    return CSIG_OK;
}

static void hash(uint8_t digest[CSIG_DIGEST_BYTES], const message *m)
{
    static const char prefix[] = "\x19"
                                 "Ethereum Signed Message:\n";
    char decimal[CSIG_DECIMAL_BYTES];
    uint8_t len[8];
    csig_keccak h;

    for (size_t i = 0; i < sizeof len; i++)
        len[i] = (uint8_t)((uint64_t)m->len >> (56 - 8 * i));
    csig_decimal(decimal, len, sizeof len);
    csig_keccak_init(&h);
    csig_keccak_update(&h, prefix, sizeof prefix - 1);
    csig_keccak_update(&h, decimal, strlen(decimal));
    csig_keccak_update(&h, m->at, m->len);
    csig_keccak_final(&h, digest);
}

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    message *m = csig_public_alloc(sizeof *m);

    CSIG_REQUIRE(m != NULL, CSIG_E_MEMORY);
    p->body = m;
    CSIG_TRY(read_message(m, members, why));
    p->facts.blind = !m->is_text || m->len == HASH_BYTES;
    hash(p->inputs[0].digest, m);
    p->n_inputs = 1;
    return CSIG_OK;
}

static csig_json *describe(const csig_payload *p)
{
    const message *m = p->body;
    csig_json *o = csig_json_object();

    if (m->is_text) csig_json_put(&o, "message", csig_json_text_n((const char *)m->at, m->len));
    if (m->octets != NULL) csig_json_put(&o, "message_hex", csig_json_0x(m->at, m->len));
    return o;
}

static void words(const csig_payload *p, csig_text *t)
{
    const message *m = p->body;

    csig_text_add(t, "Signs an Ethereum message of %zu octets:\n", m->len);
    if (m->is_text)
        csig_text_quote(t, (const char *)m->at, m->len);
    else
        csig_text_0x(t, m->at, m->len);
    csig_text_add(t, m->is_text ? "\n" : "\nIt is no text: what it says is not known.\n");
    if (m->len == HASH_BYTES)
        csig_text_add(t,
                      "It is as long as a hash, for which contracts may take it: what it does is "
                      "NOT KNOWN.\n");
}

static csig_err finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    (void)p;
    return csig_ethereum_signature_put(o, &sigs[0]);
}

static void clear(csig_payload *p)
{
    csig_public_free(((message *)p->body)->octets);
}

const csig_payload_kind csig_payload_eip191 = {
    .type = "eip191",
    .members = {"message", "message_hex"},
    .read = read,
    .describe = describe,
    .words = words,
    .finish = finish,
    .clear = clear,
};
