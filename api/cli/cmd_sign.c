/* sign: a request, one session, one signature. What says itself what it is: batch.c. */
#include <string.h>

#include "cli/client.h"
#include "cli/batch.h"
#include "cli/guard.h"
#include "cli/path.h"
#include "cli/reconcile.h"
#include "cli/ride.h"
#include "cli/signing.h"
#include "cli/tell.h"

/* --- the command --- */

/* Who collects, and with what. */
static cli_exit read_mode(cli *c, signing *s)
{
    if (c->presigned && c->mode != NULL)
        return cli_fail(c, CLI_USAGE, "--presigned has no --mode: the server collects");
    if (c->mode != NULL && strcmp(c->mode, "phone") != 0 && strcmp(c->mode, "server") != 0)
        return cli_fail(c, CLI_USAGE, "--mode is phone or server");
    s->server_collects = c->mode != NULL && strcmp(c->mode, "server") == 0;
    return CLI_OK;
}

static cli_exit read_intent(cli *c, signing *s)
{
    CLI_TRY(read_mode(c, s));
    if (c->digest == NULL || !hex_is_read(s->intent.digest, CSIG_DIGEST_BYTES, c->digest))
        return cli_fail(c, CLI_USAGE,
                        "--digest takes 64 lower-case hex digits: the 32 octets to sign");
    CLI_TRY(signing_check_digest(c, s->intent.digest));
    CLI_TRY(derivation_read(c, c->path, s->path, &s->intent.depth));
    s->intent.path = s->path;
    s->intent.type = "digest";
    return CLI_OK;
}

/* --- with devices elsewhere, or without --- */

static cli_exit meet(cli *c, const devices *all, signing *s, meeting *m)
{
    json *inputs;
    csig_signature sig;

    CLI_TRY(signing_offer_halves(c, s));
    CLI_TRY(guard_check_digest(c, s));
    CLI_TRY(signing_ask(c, s));
    inputs = json_array_new();
    signing_list_input(s, inputs);
    CLI_TRY(signing_convene(c, all, s, m, signing_plan(c, s, inputs)));
    CLI_TRY(guard_reserve_digest(c, s));
    CLI_TRY(signing_make(c, s, m, &sig));
    CLI_TRY(signing_tell(c, s, &sig));
    CLI_TRY(signing_settle(c, s));
    ride_along(c, all, s->p, m);
    return CLI_OK;
}

static cli_exit sign(cli *c, const devices *all, signing *s)
{
    AUTO_MEETING m = {.count = 0};
    const cli_exit code = meet(c, all, s, &m);

    meeting_end(c, &m, code);
    return code;
}

/* Than a digest. */
static bool says_more(const cli *c)
{
    return c->request != NULL || c->eth_tx != NULL || c->typed_data != NULL || c->text != NULL ||
           c->psbt != NULL || c->bip322 != NULL;
}

cli_exit cmd_sign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};
    AUTO_SIGNING s = {.p = &p};

    if (c->digest == NULL || says_more(c)) {
        CLI_TRY(read_mode(c, &s));
        return sign_payload(c);
    }
    CLI_TRY(read_intent(c, &s));
    CLI_TRY(parties_far(c, &p));
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(parties_choose(c, &all, c->wallet, &p));
    return sign(c, &all, &s);
}
