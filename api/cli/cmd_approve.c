/* approve, reject: somebody's word about a request; requests decline: a device's, that it does not
 * sign it. The payload is read here, shown, and signed as it was read: what the server says of it
 * counts for nothing. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/declining.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/tell.h"
#include "cli/wallet.h"
#include "cli/word.h"

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
                         char lines[WORD_LINES_ROOM])
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
    (void)snprintf(lines, WORD_LINES_ROOM,
                   "countersign-v1-approval\n%s\nrequest %s\nwallet %s\npath %s\npayload %s",
                   decision, c->file[0], json_text(r, "wallet"), json_text(r, "path"), hex);
    return code;
}

/* What it is about, read and shown. */
static cli_exit begin(cli *c, devices *all, char where[128], json **r, csig_payload **p)
{
    uint8_t id[CSIG_REQUEST_ID_BYTES];

    if (!hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE, "a request's id has %zu lower-case hex digits",
                        2 * sizeof id);
    CLI_TRY(word_begin(c, all));
    (void)snprintf(where, 128, "/v1/requests/%s", c->file[0]);
    CLI_TRY(client_json(c, "GET", where, NULL, r));
    CLI_TRY(read_payload(c, all->d[0], *r, p));
    return show(c, *r, *p);
}

static cli_exit say(cli *c, const char *decision)
{
    AUTO_DEVICES all = {0};
    AUTO_PAYLOAD p = NULL;
    AUTO_JSON r = NULL;
    char path[128], lines[WORD_LINES_ROOM];

    CLI_TRY(begin(c, &all, path, &r, &p));
    CLI_TRY(lines_of(c, r, p, decision, lines));
    return word_give(c, all.d[0], decision, lines, path);
}

cli_exit cmd_approve(cli *c)
{
    return say(c, "approve");
}

cli_exit cmd_reject(cli *c)
{
    return say(c, "reject");
}

cli_exit cmd_requests_decline(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PAYLOAD p = NULL;
    AUTO_JSON r = NULL;
    decline no = {.rule = "", .because = "The user has declined."};
    char path[128];

    CLI_TRY(begin(c, &all, path, &r, &p));
    no.request = c->file[0];
    no.wallet = json_text(r, "wallet");
    no.path = json_text(r, "path");
    no.payload = p;
    return declining_say(c, all.d[0], &no);
}
