/* Payload type "eip712": typed structured data, as eth_signTypedData_v4 has it.
 * keccak256(0x19 0x01 || hashStruct(domain) || hashStruct(message)). */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"
#include "payload/address.h"
#include "payload/eth_tx.h"
#include "payload/number.h"
#include "payload/permit.h"
#include "payload/typed.h"

#define DOMAIN "EIP712Domain"

typedef struct body {
    csig_json *domain_members; /* the type of the domain, as EIP-712 orders them */
    csig_typed types;
    const csig_typed_struct *primary;
    const csig_json *domain, *message;
    char *type_text; /* encodeType of the primary type */
    uint64_t chain;  /* 0: the domain has none */
    uint8_t contract[CSIG_ETHEREUM_BYTES];
    bool has_contract;
} body;

/* EIP-712: the domain's members, in this order; any may be missing. */
static const struct {
    const char *name, *type;
} domain_of[] = {{"name", "string"},
                 {"version", "string"},
                 {"chainId", "uint256"},
                 {"verifyingContract", "address"},
                 {"salt", "bytes32"}};

static csig_err read_domain_type(body *b, char *why)
{
    csig_json *list = csig_json_list();
    size_t known = 0;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(domain_of); i++) {
        csig_json *member;

        if (csig_json_member(b->domain, domain_of[i].name) == NULL) continue;
        member = csig_json_object();
        csig_json_put(&member, "name", csig_json_text(domain_of[i].name));
        csig_json_put(&member, "type", csig_json_text(domain_of[i].type));
        csig_json_append(&list, member);
        known++;
    }
    b->domain_members = list;
    CSIG_REQUIRE(list != NULL, CSIG_E_MEMORY);
    if (known != csig_json_size(b->domain))
        return csig_why(why, "\"domain\" has only name, version, chainId, verifyingContract, salt");
    return CSIG_OK;
}

static csig_err read_parts(body *b, const csig_json *data, const char **primary, char *why)
{
    const csig_json *types = csig_json_member(data, "types");

    b->domain = csig_json_member(data, "domain");
    b->message = csig_json_member(data, "message");
    *primary = csig_json_text_of(csig_json_member(data, "primaryType"), NULL);
    if (csig_json_size(data) != 4 || types == NULL || b->domain == NULL || b->message == NULL ||
        *primary == NULL || csig_json_kind_of(types) != CSIG_JSON_OBJECT ||
        csig_json_kind_of(b->domain) != CSIG_JSON_OBJECT)
        return csig_why(why, "\"typed_data\" must be an object with exactly types, primaryType, "
                             "domain and message");
    CSIG_TRY(read_domain_type(b, why));
    return csig_typed_read(&b->types, types, b->domain_members, why);
}

/* What the domain says of chain and contract; its types were checked. */
static csig_err read_domain(body *b, char *why)
{
    const csig_json *chain = csig_json_member(b->domain, "chainId");
    const csig_json *contract = csig_json_member(b->domain, "verifyingContract");
    csig_number n;

    if (contract != NULL) {
        CSIG_ASSERT(csig_ethereum_address_is_read(b->contract, csig_json_text_of(contract, NULL)));
        b->has_contract = true;
    }
    if (chain == NULL) return CSIG_OK;
    CSIG_ASSERT(csig_number_is_of(&n, chain));
    for (size_t i = 24; i < sizeof n.magnitude; i++)
        b->chain = b->chain << 8 | n.magnitude[i];
    if (!csig_number_is_within(&n, 64, false) || b->chain == 0 || b->chain > CSIG_ETH_CHAIN_MAX)
        return csig_why(why, "\"domain\": chainId must be 1 to 2^63 - 37");
    return CSIG_OK;
}

static csig_err read_type_text(body *b)
{
    csig_text text = {0};
    size_t len;

    csig_typed_text(&text, &b->types, b->primary);
    text = (csig_text){.out = csig_public_alloc(text.len + 1), .room = text.len + 1};
    CSIG_REQUIRE(text.out != NULL, CSIG_E_MEMORY);
    b->type_text = text.out;
    csig_typed_text(&text, &b->types, b->primary);
    return csig_text_end(&text, &len);
}

static void fill_facts(csig_facts *f, const body *b)
{
    csig_call *c = &f->calls[0];

    if (b->chain != 0) csig_eth_chain(f->chain, b->chain);
    if (b->has_contract) csig_ethereum_address(c->contract, b->contract);
    memcpy(c->method, b->primary->name, strlen(b->primary->name) + 1);
    f->n_calls = 1;
    csig_permit(f, b->type_text, b->primary->name, b->message, b->chain,
                b->has_contract ? b->contract : NULL);
}

_Static_assert(CSIG_TYPED_NAME_MAX < CSIG_METHOD_BYTES, "a primary type fits a method");

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    body *b = csig_public_alloc(sizeof *b);
    uint8_t signed_octets[2 + 2 * CSIG_KECCAK_BYTES] = {0x19, 0x01};
    const char *primary;

    CSIG_REQUIRE(b != NULL, CSIG_E_MEMORY);
    p->body = b;
    CSIG_TRY(read_parts(b, csig_json_member(members, "typed_data"), &primary, why));
    b->primary = csig_typed_find(&b->types, primary, strlen(primary));
    if (b->primary == NULL || strcmp(primary, DOMAIN) == 0)
        return csig_why(why, "\"primaryType\" is none of \"types\"");
    CSIG_TRY(csig_typed_hash(signed_octets + 2, &b->types,
                             csig_typed_find(&b->types, DOMAIN, strlen(DOMAIN)), b->domain, why));
    CSIG_TRY(csig_typed_hash(signed_octets + 2 + CSIG_KECCAK_BYTES, &b->types, b->primary,
                             b->message, why));
    CSIG_TRY(read_domain(b, why));
    CSIG_TRY(read_type_text(b));
    fill_facts(&p->facts, b);
    csig_keccak256(p->inputs[0].digest, signed_octets, sizeof signed_octets);
    p->n_inputs = 1;
    return CSIG_OK;
}

static csig_json *describe(const csig_payload *p)
{
    const body *b = p->body;
    csig_json *o = csig_json_object();

    csig_json_put(&o, "primary_type", csig_json_text(b->primary->name));
    csig_json_put(&o, "encode_type", csig_json_text(b->type_text));
    csig_json_put(&o, "domain", csig_json_share(b->domain));
    csig_json_put(&o, "message", csig_json_share(b->message));
    return o;
}

static void words(const csig_payload *p, csig_text *t)
{
    const body *b = p->body;

    csig_text_add(t, "Typed data (EIP-712): %s\n", b->primary->name);
    if (p->facts.delegates) csig_text_add(t, "It GIVES POWER over tokens to somebody.\n");
    csig_text_add(t, "Domain:\n");
    csig_typed_words(t, &b->types, csig_typed_find(&b->types, DOMAIN, strlen(DOMAIN)), b->domain);
    if (b->chain == 0) csig_text_add(t, "No chain is named: it counts on EVERY chain.\n");
    csig_text_add(t, "Message:\n");
    csig_typed_words(t, &b->types, b->primary, b->message);
    if (p->facts.n_approvals == 0)
        csig_text_add(t, "What the contract does with it is NOT KNOWN.\n");
}

static csig_err finish(const csig_payload *p, const csig_signature *sigs, csig_json **o)
{
    (void)p;
    return csig_ethereum_signature_put(o, &sigs[0]);
}

static void clear(csig_payload *p)
{
    body *b = p->body;

    csig_json_free(b->domain_members);
    csig_public_free(b->type_text);
}

const csig_payload_kind csig_payload_eip712 = {
    .type = "eip712",
    .members = {"typed_data"},
    .read = read,
    .describe = describe,
    .words = words,
    .finish = finish,
    .clear = clear,
};
