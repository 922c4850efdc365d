#include "cli/word.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/reconcile.h"
#include "cli/tell.h"

cli_exit word_begin(cli *c, devices *all)
{
    CLI_TRY(begin_with_devices(c, all));
    if (all->count == 1) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "name the one device whose word it is: --device NAME");
}

/* "decision", "key" and "signature" of the lines, into the body. */
static cli_exit sign(cli *c, const device *d, const char *decision, const char *lines, json *body)
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
    json_put_text(body, "decision", decision);
    json_put_text(body, "key", key);
    json_put_octets(body, "signature", signature, sizeof signature);
    return CLI_OK;
}

cli_exit word_give(cli *c, const device *d, const char *decision, const char *lines,
                   const char *where)
{
    AUTO_JSON body = json_new();
    AUTO_JSON said = NULL;
    char path[160];

    CLI_TRY(sign(c, d, decision, lines, body));
    (void)snprintf(path, sizeof path, "%s/approvals", where);
    CLI_TRY(client_json(c, "POST", path, body, &said));
    if (json_text(said, "state") == NULL) return json_lacks(c, "state");
    return cli_tell(c, said, "%s  %s\n", c->file[0], json_text(said, "state"));
}
