/* Extended public keys, serialised as BIP32 does. */
#include "payload/xpub.h"

#include <string.h>

#include "payload/base58.h"

_Static_assert(CSIG_XPUB_BYTES == CSIG_BASE58_TEXT_ROOM, "room for the longest text");

csig_err csig_extended_child(csig_extended *e, uint32_t index)
{
    csig_account child;
    uint8_t hash[CSIG_HASH160_BYTES];

    CSIG_REQUIRE(e->depth < UINT8_MAX, CSIG_E_PATH);
    CSIG_TRY(csig_child(e->account.public_key, e->account.chain_code, &index, 1, child.public_key,
                        child.chain_code));
    csig_hash160(hash, e->account.public_key, sizeof e->account.public_key);
    memcpy(e->parent, hash, sizeof e->parent);
    e->account = child;
    e->child = index;
    e->depth++;
    return CSIG_OK;
}

void csig_extended_text(char out[CSIG_XPUB_BYTES], const csig_extended *e,
                        const csig_btc_network *network)
{
    uint8_t octets[CSIG_BASE58_MAX], child[4];
    csig_sink s = {.out = octets, .room = sizeof octets};

    for (size_t i = 0; i < sizeof child; i++)
        child[i] = (uint8_t)(e->child >> (24 - 8 * i));
    csig_sink_bytes(&s, network->xpub, sizeof network->xpub);
    csig_sink_u8(&s, e->depth);
    csig_sink_bytes(&s, e->parent, sizeof e->parent);
    csig_sink_bytes(&s, child, sizeof child);
    csig_sink_bytes(&s, e->account.chain_code, sizeof e->account.chain_code);
    csig_sink_bytes(&s, e->account.public_key, sizeof e->account.public_key);
    csig_base58check_encode(out, octets, s.at);
}

csig_err csig_xpub(const csig_account *account, const uint32_t *path, size_t depth,
                   csig_network network, char out[CSIG_XPUB_BYTES])
{
    const csig_btc_network *n = csig_btc_network_of(network);
    csig_extended e = {0};
    csig_point key;

    CSIG_REQUIRE(account != NULL && out != NULL && n != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(path != NULL || depth == 0, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(depth <= CSIG_PATH_MAX, CSIG_E_PATH);
    CSIG_TRY(csig_point_from_bytes(&key, account->public_key));
    e.account = *account;
    for (size_t i = 0; i < depth; i++)
        CSIG_TRY(csig_extended_child(&e, path[i]));
    csig_extended_text(out, &e, n);
    return CSIG_OK;
}
