/* describe, wallet address, wallet xpub: what the share here says, without the server. */
#include <stdlib.h>
#include <string.h>

#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/seal.h"
#include "cli/device.h"
#include "cli/tell.h"
#include "cli/wallet.h"

/* Of any device here. */
static cli_exit open_share(cli *c, devices *all, csig_share **share)
{
    wallet_record record;

    if (c->master == NULL) CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, all));
    for (size_t i = 0; i < all->count; i++) {
        wallet_state state;

        CLI_TRY(wallet_look(c, all->d[i], c->wallet, &state));
        if (state == WALLET_BORN) return wallet_open(c, all->d[i], c->wallet, &record, share);
    }
    return cli_fail(c, CLI_REFUSED, "no device here has wallet %s; see: countersign wallet list",
                    c->wallet);
}

static cli_exit account_of(cli *c, csig_account *account)
{
    AUTO_DEVICES all = {0};
    csig_share *share;
    csig_err err;

    CLI_TRY(open_share(c, &all, &share));
    err = csig_share_account(share, account);
    csig_share_free(share);
    return cli_check(c, err, "the share");
}

/* --- describe --- */

static cli_exit tell_description(cli *c, const csig_payload *p)
{
    AUTO_JSON j = json_new();
    json *description = NULL;
    char *words = payload_words(p);
    cli_exit code = words != NULL ? payload_description(c, p, &description)
                                  : cli_fail(c, CLI_LOCAL, "out of memory");

    if (code == CLI_OK) {
        json_put_text(j, "type", csig_payload_type(p));
        json_put_text(j, "words", words);
        json_put(j, "description", description);
        code = cli_tell(c, j, "%s", words);
    }
    free(words);
    return code;
}

static cli_exit describe(cli *c, const json *payload)
{
    AUTO_DEVICES all = {0};
    AUTO_PAYLOAD p = NULL;
    uint32_t path[CSIG_PATH_MAX];
    csig_share *share;
    size_t depth;
    cli_exit code;

    CLI_TRY(derivation_read(c, c->path, path, &depth));
    CLI_TRY(open_share(c, &all, &share));
    code = payload_bind(c, payload, share, path, depth, &p);
    csig_share_free(share);
    CLI_TRY(code);
    return tell_description(c, p);
}

cli_exit cmd_describe(cli *c)
{
    AUTO_JSON payload = NULL;

    CLI_TRY(payload_given(c, &payload));
    if (payload != NULL) return describe(c, payload);
    return cli_fail(c, CLI_USAGE,
                    "say what: --eth-tx, --typed-data, --message, --psbt, --bip322 or --digest");
}

/* --- addresses --- */

static cli_exit read_kind(cli *c, csig_address_kind *kind, csig_network *network)
{
    static const struct {
        const char *name;
        int value;
    } kinds[] = {{"ethereum", CSIG_ADDRESS_ETHEREUM},
                 {"p2pkh", CSIG_ADDRESS_P2PKH},
                 {"p2sh-p2wpkh", CSIG_ADDRESS_P2SH_P2WPKH},
                 {"p2wpkh", CSIG_ADDRESS_P2WPKH}},
      networks[] = {{"", CSIG_NETWORK_MAIN},
                    {"@main", CSIG_NETWORK_MAIN},
                    {"@test", CSIG_NETWORK_TEST},
                    {"@regtest", CSIG_NETWORK_REGTEST}};
    const size_t len = c->kind != NULL ? strcspn(c->kind, "@") : 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (len > 0 && strlen(kinds[i].name) == len && memcmp(kinds[i].name, c->kind, len) == 0)
            *kind = (csig_address_kind)kinds[i].value;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        if (len > 0 && strcmp(networks[i].name, c->kind + len) == 0)
            *network = (csig_network)networks[i].value;
    if (*kind != 0 && *network != 0) return CLI_OK;
    return cli_fail(c, CLI_USAGE,
                    "--kind takes ethereum, p2pkh, p2sh-p2wpkh or p2wpkh, with @test or @regtest "
                    "behind it for other networks");
}

cli_exit cmd_wallet_address(cli *c)
{
    AUTO_JSON j = json_new();
    csig_address_kind kind = 0;
    csig_network network = 0;
    char address[CSIG_ADDRESS_BYTES], text[PATH_TEXT_ROOM];
    uint8_t key[CSIG_PUBKEY_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    csig_account account;
    size_t depth;

    CLI_TRY(read_kind(c, &kind, &network));
    CLI_TRY(derivation_read(c, c->path, path, &depth));
    CLI_TRY(account_of(c, &account));
    CLI_TRY(cli_check(c, csig_child(account.public_key, account.chain_code, path, depth, key, NULL),
                      "derivation"));
    CLI_TRY(cli_check(c, csig_address(kind, network, key, address), "the address"));
    derivation_write(text, path, depth);
    json_put_text(j, "wallet", c->wallet);
    json_put_text(j, "path", text);
    json_put_text(j, "address", address);
    return cli_tell(c, j, "%s\n", address);
}

cli_exit cmd_wallet_xpub(cli *c)
{
    AUTO_JSON j = json_new();
    char xpub[CSIG_XPUB_BYTES], tpub[CSIG_XPUB_BYTES];
    csig_account account;

    CLI_TRY(account_of(c, &account));
    CLI_TRY(cli_check(c, csig_xpub(&account, NULL, 0, CSIG_NETWORK_MAIN, xpub), "the key"));
    CLI_TRY(cli_check(c, csig_xpub(&account, NULL, 0, CSIG_NETWORK_TEST, tpub), "the key"));
    json_put_text(j, "wallet", c->wallet);
    json_put_text(j, "xpub", xpub);
    json_put_text(j, "tpub", tpub);
    return cli_tell(c, j, "%s\n", xpub);
}
