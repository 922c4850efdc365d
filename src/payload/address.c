/* The door of addresses. */
#include "payload/address.h"

#include "base/base.h"
#include "payload/btc_address.h"

static csig_err ethereum(csig_network network, const csig_point *key, char out[CSIG_ADDRESS_BYTES])
{
    uint8_t octets[CSIG_ETHEREUM_BYTES];

    (void)network; /* one address for all chains */
    csig_ethereum_of(octets, key);
    csig_ethereum_address(out, octets);
    return CSIG_OK;
}

static csig_err bitcoin(csig_network network, csig_btc_kind kind,
                        const uint8_t public_key[CSIG_PUBKEY_BYTES], char out[CSIG_ADDRESS_BYTES])
{
    csig_btc_key_address(out, csig_btc_network_of(network), kind, public_key);
    return CSIG_OK;
}

csig_err csig_address(csig_address_kind kind, csig_network network,
                      const uint8_t public_key[CSIG_PUBKEY_BYTES], char out[CSIG_ADDRESS_BYTES])
{
    csig_point key;

    CSIG_REQUIRE(public_key != NULL && out != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(network >= CSIG_NETWORK_MAIN && network <= CSIG_NETWORK_REGTEST, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_point_from_bytes(&key, public_key));
    switch (kind) {
    case CSIG_ADDRESS_ETHEREUM:
        return ethereum(network, &key, out);
    case CSIG_ADDRESS_P2PKH:
        return bitcoin(network, CSIG_BTC_P2PKH, public_key, out);
    case CSIG_ADDRESS_P2SH_P2WPKH:
        return bitcoin(network, CSIG_BTC_P2SH, public_key, out);
    case CSIG_ADDRESS_P2WPKH:
        return bitcoin(network, CSIG_BTC_P2WPKH, public_key, out);
    }
    return CSIG_E_ARGUMENT;
}
