/* Known permits: EIP-2612, DAI's, those of the contract Permit2, and the transfers of EIP-3009,
 * which whoever has the signature may make. Others that are called so are said to give power away,
 * without saying over what. */
#include "payload/permit.h"

#include <string.h>

#include "payload/eth_tx.h"
#include "payload/number.h"

/* Where in the message what is: a member, or a member of a member. token NULL: the domain's
 * contract. amount NULL: not stated; then `allowed` says whether it is all or nothing. */
static const struct permit {
    const char *type;
    const char *token[2], *spender, *amount[2], *allowed;
    unsigned most_bits; /* the amount that stands for all */
} permits[] = {
    {.type = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
     .spender = "spender",
     .amount = {"value"},
     .most_bits = 256},
    {.type = "Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)",
     .spender = "spender",
     .allowed = "allowed"},
    {.type = "PermitSingle(PermitDetails details,address spender,uint256 sigDeadline)"
             "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)",
     .token = {"details", "token"},
     .spender = "spender",
     .amount = {"details", "amount"},
     .most_bits = 160},
    {.type = "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,"
             "uint256 deadline)TokenPermissions(address token,uint256 amount)",
     .token = {"permitted", "token"},
     .spender = "spender",
     .amount = {"permitted", "amount"},
     .most_bits = 256},
    {.type = "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
             "uint256 validBefore,bytes32 nonce)",
     .spender = "to",
     .amount = {"value"},
     .most_bits = 256},
    {.type = "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
             "uint256 validBefore,bytes32 nonce)",
     .spender = "to",
     .amount = {"value"},
     .most_bits = 256},
};

static bool is_called_so(const char *primary)
{
    static const char end[] = "WithAuthorization";
    const size_t len = strlen(primary);

    return strncmp(primary, "Permit", 6) == 0 ||
           (len >= sizeof end - 1 && strcmp(primary + len - (sizeof end - 1), end) == 0);
}

static const csig_json *at(const csig_json *message, const char *const path[2])
{
    const csig_json *v = csig_json_member(message, path[0]);

    return path[1] == NULL ? v : csig_json_member(v, path[1]);
}

static void address_of(uint8_t out[CSIG_ETHEREUM_BYTES], const csig_json *v)
{
    /* the message was hashed: it is one */
    CSIG_ASSERT(csig_ethereum_address_is_read(out, csig_json_text_of(v, NULL)));
}

/* All that `bits` hold. */
static bool is_most(const csig_number *n, unsigned bits)
{
    for (size_t i = 0; i < sizeof n->magnitude; i++) {
        if (n->magnitude[i] != (i < sizeof n->magnitude - bits / 8 ? 0 : 0xff)) return false;
    }
    return true;
}

static void amount_of(csig_approval *a, const struct permit *p, const csig_json *message)
{
    csig_number n = {0};

    if (p->allowed != NULL) { /* all or nothing */
        a->unlimited = csig_json_integer_of(csig_json_member(message, p->allowed)) != 0;
        a->has_amount = !a->unlimited;
    } else {
        CSIG_ASSERT(csig_number_is_of(&n, at(message, p->amount)));
        a->unlimited = is_most(&n, p->most_bits);
        a->has_amount = 1;
        memcpy(a->amount, n.magnitude, sizeof a->amount);
    }
    if (a->unlimited) memset(a->amount, 0xff, sizeof a->amount);
}

static bool amount_is_zero(const csig_approval *a)
{
    for (size_t i = 0; i < sizeof a->amount; i++) {
        if (a->amount[i] != 0) return false;
    }
    return true;
}

void csig_permit(csig_facts *f, const char *type_text, const char *primary,
                 const csig_json *message, uint64_t chain, const uint8_t *contract)
{
    csig_approval *a = &f->approvals[0];
    uint8_t token[CSIG_ETHEREUM_BYTES], spender[CSIG_ETHEREUM_BYTES];

    f->delegates = is_called_so(primary);
    if (chain == 0 || contract == NULL) return;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(permits); i++) {
        const struct permit *p = &permits[i];

        if (strcmp(type_text, p->type) != 0) continue;
        memcpy(token, contract, sizeof token);
        if (p->token[0] != NULL) address_of(token, at(message, p->token));
        address_of(spender, csig_json_member(message, p->spender));
        csig_eth_token(a->asset, chain, token);
        csig_ethereum_address(a->spender, spender);
        amount_of(a, p, message);
        f->n_approvals = 1;
        f->delegates = !amount_is_zero(a);
        return;
    }
}
