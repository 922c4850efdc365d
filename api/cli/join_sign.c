/* A guest signs: the request is asked of the server, and must be what the host shows. Digest, path
 * and words of a payload that says what it is come from the payload and the guest's own share. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/guard.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/signing.h"
#include "cli/tell.h"
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
    return s->server_collects || json_text_is(plan, "mode", "phone") ? CLI_OK
                                                                     : json_lacks(c, "mode");
}

/* The server's word on the request, not the host's. */
static cli_exit check_same(cli *c, const guest *g, const json *said, const char *name)
{
    const char *planned = json_text(g->m.plan, name);

    if (planned != NULL && json_text_is(said, name, planned)) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the server knows another %s of this request than the host shows",
                    name);
}

static cli_exit set_payload(cli *c, const guest *g, signing *s, const json *said, csig_payload **p)
{
    const json *payload = json_member(said, "payload");
    const int64_t input = json_number(g->m.plan, "input");
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    if (payload == NULL || json_text(said, "path") == NULL) return json_lacks(c, "payload");
    CLI_TRY(derivation_read(c, json_text(said, "path"), path, &depth));
    CLI_TRY(payload_bind(c, payload, s->p->local[0].share, path, depth, p));
    if (input < 0 || (uint64_t)input >= csig_payload_inputs(*p)) return json_lacks(c, "input");
    CLI_TRY(
        cli_check(c, csig_payload_input(*p, (size_t)input, digest, path, &depth), "the payload"));
    s->intent.type = csig_payload_type(*p);
    s->intent.input = (uint32_t)input;
    if (json_text_is(g->m.plan, "type", s->intent.type) && depth == s->intent.depth &&
        memcmp(path, s->path, depth * sizeof *path) == 0 &&
        memcmp(digest, s->intent.digest, sizeof digest) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "the host shows another type, digest or path than the payload "
                    "of this request has");
}

/* *p stays NULL for a bare digest. */
static cli_exit check_request(cli *c, const guest *g, signing *s, csig_payload **p)
{
    static const char *const of_digest[] = {"type", "path", "digest"};
    AUTO_JSON said = NULL;
    char path[128];

    snprintf(path, sizeof path, "/v1/requests/%s", s->request);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    CLI_TRY(check_same(c, g, said, "request"));
    CLI_TRY(check_same(c, g, said, "wallet"));
    CLI_TRY(check_same(c, g, said, "mode"));
    if (!json_text_is(g->m.plan, "type", "digest")) return set_payload(c, g, s, said, p);
    for (size_t i = 0; i < sizeof of_digest / sizeof of_digest[0]; i++)
        CLI_TRY(check_same(c, g, said, of_digest[i]));
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

static cli_exit check(cli *c, guest *g, signing *s, csig_payload **p)
{
    CLI_TRY(read_plan(c, g, s));
    CLI_TRY(choose_parties(c, g, s->p));
    CLI_TRY(check_request(c, g, s, p));
    CLI_TRY(*p == NULL ? guard_check_digest(c, s) : guard_check(c, s, *p));
    parties_seat(s->p, &g->m);
    return CLI_OK;
}

static cli_exit show(cli *c, const csig_payload *p)
{
    char *words;

    if (p == NULL) return CLI_OK;
    words = payload_words(p);
    if (words == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_note(c, "%s", words);
    free(words);
    return CLI_OK;
}

cli_exit join_sign(cli *c, guest *g)
{
    AUTO_PARTIES p = {0};
    AUTO_PAYLOAD payload = NULL;
    AUTO_JSON answer = NULL;
    signing s = {.p = &p};
    cli_exit code = check(c, g, &s, &payload);

    if (code == CLI_OK) code = show(c, payload);
    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(joining_consent(
        c, g,
        "asks for a signature of wallet %s\n  %s\n  digest  %s\n  path    %s\n  by %u of %u "
        "parties",
        c->wallet, payload == NULL ? "of a bare digest" : "of what is shown above",
        json_text(g->m.plan, "digest"), json_text(g->m.plan, "path"), p.info.signers_required,
        p.info.parties));
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(parties_prepare(c, &p, &g->m));
    CLI_TRY(payload == NULL ? guard_reserve_digest(c, &s) : guard_reserve(c, &s, payload));
    CLI_TRY(meeting_hear(c, &g->m, &answer));
    return signing_run(c, &s, &g->m, answer);
}
