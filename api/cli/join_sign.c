/* A guest signs: the request is asked of the server, and must be what the host shows. */
#include <string.h>

#include "cli/client.h"
#include "cli/guard.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/signing.h"
#include "cli/wallet.h"

/* The plan's words into what is signed. */
static cli_exit read_plan(cli *c, const guest *g, signing *s)
{
    const json *plan = g->m.plan;
    const char *request = json_text(plan, "request"), *path = json_text(plan, "path");

    CLI_TRY(joining_wallet(c, g));
    if (request == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, request))
        return json_lacks(c, "request");
    memcpy(s->request, request, sizeof s->request);
    CLI_TRY(json_octets(c, plan, "digest", s->intent.digest, CSIG_DIGEST_BYTES));
    CLI_TRY(signing_check_digest(c, s->intent.digest));
    if (path == NULL) return json_lacks(c, "path");
    CLI_TRY(derivation_read(c, path, s->path, &s->intent.depth));
    s->intent.path = s->path;
    s->intent.type = "digest";
    s->server_collects = json_text_is(plan, "mode", "server");
    if (!json_text_is(plan, "type", s->intent.type)) return json_lacks(c, "type");
    return s->server_collects || json_text_is(plan, "mode", "phone") ? CLI_OK
                                                                     : json_lacks(c, "mode");
}

/* The server's word on the request, not the host's. */
static cli_exit check_request(cli *c, const guest *g, const signing *s)
{
    static const char *const same[] = {"request", "wallet", "path", "digest", "mode"};
    AUTO_JSON said = NULL;
    char path[128];

    snprintf(path, sizeof path, "/v1/requests/%s", s->request);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const char *planned = json_text(g->m.plan, same[i]);

        if (planned == NULL || !json_text_is(said, same[i], planned))
            return cli_fail(c, CLI_INPUT,
                            "the server knows another %s of this request than the host shows",
                            same[i]);
    }
    return CLI_OK;
}

static cli_exit choose_parties(cli *c, const guest *g, parties *p)
{
    uint16_t signers[CSIG_PARTIES_MAX], count;
    wallet_record record;
    csig_share_info info;
    csig_share *share;

    CLI_TRY(joining_indices(c, g, "signers", signers, &count));
    CLI_TRY(wallet_open(c, g->d, c->wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    for (uint16_t i = 0; i < count; i++)
        if (signers[i] != info.self && signers[i] != record.server) p->far[p->fars++] = signers[i];
    CLI_TRY(parties_choose(c, g->all, c->wallet, p));
    if (p->count != count || memcmp(p->index, signers, count * sizeof signers[0]) != 0)
        return cli_fail(c, CLI_INPUT, "party %u is not among the signers", info.self);
    return joining_epoch(c, g, &p->info);
}

static cli_exit check(cli *c, guest *g, signing *s)
{
    CLI_TRY(read_plan(c, g, s));
    CLI_TRY(choose_parties(c, g, s->p));
    CLI_TRY(check_request(c, g, s));
    CLI_TRY(guard_check_digest(c, s));
    parties_seat(s->p, &g->m);
    return CLI_OK;
}

cli_exit join_sign(cli *c, guest *g)
{
    AUTO_PARTIES p = {0};
    AUTO_JSON answer = NULL;
    signing s = {.p = &p};
    const cli_exit code = check(c, g, &s);

    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(joining_consent(
        c, g,
        "asks for a signature of wallet %s\n  digest  %s\n  path    %s\n  by %u of %u parties",
        c->wallet, json_text(g->m.plan, "digest"), json_text(g->m.plan, "path"),
        p.info.signers_required, p.info.parties));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(parties_prepare(c, &p, &g->m));
    CLI_TRY(guard_reserve_digest(c, &s));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return signing_run(c, &s, &g->m, answer);
}
