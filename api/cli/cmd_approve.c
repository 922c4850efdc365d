/* approve, reject: somebody's word about a request. The payload is read here, shown, and signed as
 * it was read: what the server says of it counts for nothing. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/reconcile.h"
#include "cli/tell.h"
#include "cli/wallet.h"

/* Bound to the key of the wallet's share here. */
static cli_exit read_payload(cli *c, const device *d, const json *r, csig_payload **p)
{
    const char *wallet = json_text(r, "wallet"), *where = json_text(r, "path");
    uint8_t id[WALLET_ID_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    wallet_record record;
    csig_share *share;
    size_t depth;
    cli_exit code;

    if (wallet == NULL || !wallet_id_is_read(id, wallet)) return json_lacks(c, "wallet");
    if (where == NULL) return json_lacks(c, "path");
    if (json_member(r, "payload") == NULL) return json_lacks(c, "payload");
    CLI_TRY(derivation_read(c, where, path, &depth));
    CLI_TRY(wallet_open(c, d, wallet, &record, &share));
    code = payload_bind(c, json_member(r, "payload"), share, path, depth, p);
    csig_share_free(share);
    return code;
}

static cli_exit show(cli *c, const json *r, const csig_payload *p)
{
    char *words = payload_words(p);

    if (words == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_note(c, "request %s of wallet %s, path %s:\n%s", c->file[0], json_text(r, "wallet"),
             json_text(r, "path"), words);
    free(words);
    return c->yes ? CLI_OK : joining_ask(c);
}

/* The lines of api/README.md. */
static cli_exit lines_of(cli *c, const json *r, const csig_payload *p, const char *decision,
                         char lines[512])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    size_t len = 0;
    char *text = csig_payload_text(p, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_check(c, csig_payload_text(p, text, &len), "the payload");
    crypto_hash_sha256(hash, (const uint8_t *)text, len - 1);
    free(text);
    hex_write(hex, hash, sizeof hash);
    (void)snprintf(lines, 512,
                   "countersign-v1-approval\n%s\nrequest %s\nwallet %s\npath %s\npayload %s",
                   decision, c->file[0], json_text(r, "wallet"), json_text(r, "path"), hex);
    return code;
}

static cli_exit sign(cli *c, const device *d, const char *lines, json *body)
{
    uint8_t signature[CSIGD_KEY_SIGNATURE_BYTES];
    const csigd_signer *signer = &d->http.signer;
    char key[CSIGD_KEY_ID_BYTES];

    if (d->http.secret == NULL)
        return cli_fail(c, CLI_REFUSED, "device %s has no key that signs requests yet; enrol it",
                        d->name);
    if (signer->sign(signer->context, signature, (const uint8_t *)lines, strlen(lines)) !=
        CSIGD_AUTH_OK)
        return cli_fail(c, CLI_LOCAL, "the key of device %s does not sign", d->name);
    csigd_key_id(key, &signer->key);
    json_put_text(body, "key", key);
    json_put_octets(body, "signature", signature, sizeof signature);
    return CLI_OK;
}

static cli_exit say(cli *c, const char *decision)
{
    AUTO_DEVICES all = {0};
    AUTO_PAYLOAD p = NULL;
    AUTO_JSON body = json_new();
    AUTO_JSON said = NULL;
    AUTO_JSON r = NULL;
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    char path[128], lines[512];

    if (!hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE, "a request's id has %zu lower-case hex digits",
                        2 * sizeof id);
    CLI_TRY(begin_with_devices(c, &all));
    if (all.count != 1)
        return cli_fail(c, CLI_USAGE, "name the one device whose word it is: --device NAME");
    (void)snprintf(path, sizeof path, "/v1/requests/%s", c->file[0]);
    CLI_TRY(client_json(c, "GET", path, NULL, &r));
    CLI_TRY(read_payload(c, all.d[0], r, &p));
    CLI_TRY(show(c, r, p));
    CLI_TRY(lines_of(c, r, p, decision, lines));
    json_put_text(body, "decision", decision);
    CLI_TRY(sign(c, all.d[0], lines, body));
    (void)snprintf(path, sizeof path, "/v1/requests/%s/approvals", c->file[0]);
    CLI_TRY(client_json(c, "POST", path, body, &said));
    if (json_text(said, "state") == NULL) return json_lacks(c, "state");
    return cli_tell(c, said, "%s  %s\n", c->file[0], json_text(said, "state"));
}

cli_exit cmd_approve(cli *c)
{
    return say(c, "approve");
}

cli_exit cmd_reject(cli *c)
{
    return say(c, "reject");
}
