/* Addresses of scripts: Base58Check for hashes of keys and scripts, Bech32 for witness programs. */
#include "payload/btc_address.h"

#include <string.h>

#include "payload/base58.h"
#include "payload/bech32.h"
#include "payload/kind.h"

#define VERSIONED (1 + CSIG_HASH160_BYTES) /* octets in an address of Base58Check */

/* The chain of the test networks is said to be testnet3: they share their addresses. */
static const csig_btc_network networks[] = {
    [CSIG_NETWORK_MAIN] = {"main",
                           "bip122:000000000019d6689c085ae165831e93",
                           "bip122:000000000019d6689c085ae165831e93/slip44:0",
                           "bc",
                           0x00,
                           0x05,
                           {0x04, 0x88, 0xb2, 0x1e},
                           true},
    [CSIG_NETWORK_TEST] = {"test",
                           "bip122:000000000933ea01ad0ee984209779ba",
                           "bip122:000000000933ea01ad0ee984209779ba/slip44:1",
                           "tb",
                           0x6f,
                           0xc4,
                           {0x04, 0x35, 0x87, 0xcf},
                           false},
    [CSIG_NETWORK_REGTEST] = {"regtest",
                              "bip122:0f9188f13cb7b2c71f2a335e3a4fc328",
                              "bip122:0f9188f13cb7b2c71f2a335e3a4fc328/slip44:1",
                              "bcrt",
                              0x6f,
                              0xc4,
                              {0x04, 0x35, 0x87, 0xcf},
                              false},
};

const csig_btc_network *csig_btc_network_of(csig_network network)
{
    const size_t i = (size_t)network;

    return i >= CSIG_ARRAY_LEN(networks) || networks[i].name == NULL ? NULL : &networks[i];
}

const csig_btc_network *csig_btc_network_named(const char *name)
{
    for (size_t i = 0; i < CSIG_ARRAY_LEN(networks); i++)
        if (networks[i].name != NULL && strcmp(networks[i].name, name) == 0) return &networks[i];
    return NULL;
}

csig_err csig_btc_network_read(const csig_btc_network **network, const csig_json *members,
                               char *why)
{
    const char *name;
    size_t len;

    *network = csig_btc_network_of(CSIG_NETWORK_MAIN);
    if (csig_json_member(members, "network") == NULL) return CSIG_OK;
    CSIG_TRY(csig_member_text(members, "network", &name, &len, why));
    *network = csig_btc_network_named(name);
    if (*network == NULL)
        return csig_why(why, "\"network\" must be \"main\", \"test\" or \"regtest\"");
    return CSIG_OK;
}

static void base58_address(char out[CSIG_ADDRESS_BYTES], uint8_t version, csig_span hash)
{
    uint8_t octets[VERSIONED] = {version};
    char text[CSIG_BASE58_TEXT_ROOM];

    CSIG_ASSERT(hash.len == CSIG_HASH160_BYTES);
    memcpy(octets + 1, hash.p, hash.len);
    csig_base58check_encode(text, octets, sizeof octets);
    CSIG_ASSERT(strlen(text) < CSIG_ADDRESS_BYTES);
    memcpy(out, text, strlen(text) + 1);
}

static void hex(char *out, csig_span octets)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < octets.len; i++) {
        *out++ = digits[octets.p[i] >> 4];
        *out++ = digits[octets.p[i] & 15];
    }
    *out = 0;
}

static void no_address(char out[CSIG_ADDRESS_BYTES], const char *what, csig_span octets)
{
    uint8_t hash[CSIG_SHA256_BYTES];
    size_t at = strlen(what);

    memcpy(out, what, at);
    if (at + 2 * octets.len >= CSIG_ADDRESS_BYTES) {
        csig_sha256_of(hash, octets.p, octets.len);
        octets = (csig_span){hash, sizeof hash};
        memcpy(out + at, "sha256:", 7);
        at += 7;
    }
    hex(out + at, octets);
}

_Static_assert(CSIG_BECH32_ROOM <= CSIG_ADDRESS_BYTES, "room for a Bech32 address");

void csig_btc_address(char out[CSIG_ADDRESS_BYTES], const csig_btc_network *network,
                      csig_span script)
{
    const csig_btc_script s = csig_btc_script_of(script);

    switch (s.kind) {
    case CSIG_BTC_P2PKH:
        base58_address(out, network->p2pkh, s.program);
        return;
    case CSIG_BTC_P2SH:
        base58_address(out, network->p2sh, s.program);
        return;
    case CSIG_BTC_P2WPKH:
    case CSIG_BTC_P2WSH:
        csig_segwit_encode(out, network->hrp, 0, s.program.p, s.program.len);
        return;
    case CSIG_BTC_P2TR:
        csig_segwit_encode(out, network->hrp, 1, s.program.p, s.program.len);
        return;
    case CSIG_BTC_DATA:
        no_address(out, "data:", s.program);
        return;
    case CSIG_BTC_OTHER:
        no_address(out, "script:", s.program);
        return;
    }
}

csig_err csig_btc_address_script(csig_btc_made *made, const csig_btc_network *network,
                                 const char *address)
{
    uint8_t octets[CSIG_BASE58_MAX], program[CSIG_WITNESS_PROGRAM_MAX];
    unsigned version;
    size_t len;

    if (csig_segwit_decode(&version, program, &len, network->hrp, address) == CSIG_OK) {
        CSIG_REQUIRE(version == 0 || (version == 1 && len == 32), CSIG_E_FORMAT);
        csig_btc_script_make(made,
                             version == 1 ? CSIG_BTC_P2TR
                             : len == 32  ? CSIG_BTC_P2WSH
                                          : CSIG_BTC_P2WPKH,
                             program);
        return CSIG_OK;
    }
    CSIG_TRY(csig_base58check_decode(octets, &len, address));
    CSIG_REQUIRE(len == VERSIONED, CSIG_E_FORMAT);
    CSIG_REQUIRE(octets[0] == network->p2pkh || octets[0] == network->p2sh, CSIG_E_FORMAT);
    csig_btc_script_make(made, octets[0] == network->p2pkh ? CSIG_BTC_P2PKH : CSIG_BTC_P2SH,
                         octets + 1);
    return CSIG_OK;
}

void csig_btc_key_address(char out[CSIG_ADDRESS_BYTES], const csig_btc_network *network,
                          csig_btc_kind kind, const uint8_t public_key[CSIG_POINT_BYTES])
{
    csig_btc_made made;

    csig_btc_script_pay(&made, kind, public_key);
    csig_btc_address(out, network, csig_btc_made_span(&made));
}
