#include "cli/batch.h"

#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/declining.h"
#include "cli/guard.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/reconcile.h"
#include "cli/ride.h"
#include "cli/signing.h"
#include "cli/tell.h"

typedef struct batch {
    signing s;
    parties p;
    csig_payload *payload;
    char path[PATH_TEXT_ROOM]; /* of a request that somebody else has made */
    bool has[CSIG_INPUTS_MAX];
    csig_signature sig[CSIG_INPUTS_MAX];
} batch;

static void batch_close(batch *b)
{
    signing_close(&b->s);
    payload_close(&b->payload);
    parties_close(&b->p);
}

/* --- what the payload says, and nobody else --- */

static cli_exit set_intent(cli *c, batch *b, size_t i)
{
    csig_intent *intent = &b->s.intent;

    intent->input = (uint32_t)i;
    intent->type = csig_payload_type(b->payload);
    intent->path = b->s.path;
    return cli_check(c,
                     csig_payload_input(b->payload, i, intent->digest, b->s.path, &intent->depth),
                     "the payload");
}

/* The words come from the payload; what else the server says about it must be the same. */
static cli_exit check_shown(cli *c, batch *b, const json *said)
{
    const json *inputs = json_member(said, "inputs");

    if (json_count(inputs) != csig_payload_inputs(b->payload)) return json_lacks(c, "inputs");
    for (size_t i = 0; i < json_count(inputs); i++) {
        char digest[2 * CSIG_DIGEST_BYTES + 1], path[PATH_TEXT_ROOM];

        CLI_TRY(set_intent(c, b, i));
        hex_write(digest, b->s.intent.digest, CSIG_DIGEST_BYTES);
        derivation_write(path, b->s.path, b->s.intent.depth);
        if (!json_text_is(json_at(inputs, i), "digest", digest) ||
            !json_text_is(json_at(inputs, i), "path", path))
            return cli_fail(c, CLI_CHEAT,
                            "the server shows another digest or path than the payload has (input "
                            "%zu); nothing was signed",
                            i);
    }
    return CLI_OK;
}

/* --- signatures that are there --- */

static cli_exit take_signature(cli *c, batch *b, size_t i, const json *said)
{
    csig_signature *sig = &b->sig[i];
    const int64_t recid = json_number(said, "recid");

    CLI_TRY(json_octets(c, said, "r", sig->r, sizeof sig->r));
    CLI_TRY(json_octets(c, said, "s", sig->s, sizeof sig->s));
    CLI_TRY(json_octets(c, said, "public_key", sig->public_key, sizeof sig->public_key));
    if (recid < 0 || recid > 3) return json_lacks(c, "recid");
    sig->recovery_id = (uint8_t)recid;
    b->has[i] = true;
    CLI_TRY(set_intent(c, b, i));
    return cli_check(c, csig_signature_verify(sig, b->s.intent.digest), "a signature");
}

static cli_exit take_signatures(cli *c, batch *b, const json *inputs)
{
    for (size_t i = 0; i < json_count(inputs); i++) {
        const json *said = json_member(json_at(inputs, i), "signature");

        if (said != NULL) CLI_TRY(take_signature(c, b, i, said));
    }
    return CLI_OK;
}

/* --- the request --- */

static cli_exit show(cli *c, const batch *b)
{
    char *words = payload_words(b->payload);

    if (words == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_note(c, "request %s of wallet %s, %zu to sign:\n%s", b->s.request, b->p.wallet,
             csig_payload_inputs(b->payload), words);
    free(words);
    return CLI_OK;
}

static cli_exit bind(cli *c, batch *b, const json *payload, const char *path)
{
    CLI_TRY(derivation_read(c, path, b->s.path, &b->s.intent.depth));
    return payload_bind(c, payload, b->p.local[0].share, b->s.path, b->s.intent.depth, &b->payload);
}

static cli_exit make_request(cli *c, batch *b, json *payload)
{
    AUTO_JSON own = payload;

    CLI_TRY(bind(c, b, own, c->path));
    CLI_TRY(guard_check(c, &b->s, b->payload));
    return signing_ask_payload(c, &b->s, json_shared(own));
}

/* Which request, of which wallet, is not the server's to say. */
static cli_exit read_request(cli *c, batch *b, const char *request)
{
    AUTO_JSON said = NULL;
    char path[128];
    const json *payload;
    bool presigned = false;

    if (!hex_is_read(b->s.intent.request_id, sizeof b->s.intent.request_id, request))
        return cli_fail(c, CLI_USAGE, "a request's id has %d lower-case hex digits",
                        2 * CSIG_REQUEST_ID_BYTES);
    memcpy(b->s.request, request, sizeof b->s.request);
    snprintf(path, sizeof path, "/v1/requests/%s", request);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    payload = json_member(said, "payload");
    if (!json_text_is(said, "request", request) || !json_text_is(said, "wallet", b->p.wallet))
        return cli_fail(c, CLI_CHEAT, "the server shows another request, or one of another wallet");
    if (payload == NULL || json_text(said, "path") == NULL) return json_lacks(c, "payload");
    (void)snprintf(b->path, sizeof b->path, "%s", json_text(said, "path"));
    CLI_TRY(bind(c, b, payload, b->path));
    CLI_TRY(check_shown(c, b, said));
    (void)json_is_flag(json_member(said, "presigned"), &presigned);
    c->presigned = presigned;
    b->s.server_collects = json_text_is(said, "mode", "server");
    return take_signatures(c, b, json_member(said, "inputs"));
}

/* --- all inputs, one after another, in one meeting --- */

static cli_exit sign_input(cli *c, batch *b, size_t i, meeting *m)
{
    CLI_TRY(set_intent(c, b, i));
    CLI_TRY(signing_make(c, &b->s, m, &b->sig[i]));
    CLI_TRY(signing_settle(c, &b->s));
    b->has[i] = true;
    CLI_TRY(cli_check(c, csig_signature_verify(&b->sig[i], b->s.intent.digest), "the signature"));
    parties_renew(&b->p, m);
    return CLI_OK;
}

/* Those that are not signed yet. */
static cli_exit list_inputs(cli *c, batch *b, json *inputs)
{
    for (size_t i = 0; i < csig_payload_inputs(b->payload); i++) {
        if (b->has[i]) continue;
        CLI_TRY(set_intent(c, b, i));
        signing_list_input(&b->s, inputs);
    }
    return CLI_OK;
}

static cli_exit meet(cli *c, batch *b, const devices *all, meeting *m)
{
    AUTO_JSON inputs = json_array_new();

    CLI_TRY(signing_offer_halves(c, &b->s));
    CLI_TRY(list_inputs(c, b, inputs));
    CLI_TRY(signing_convene(c, all, &b->s, m, signing_plan(c, &b->s, json_shared(inputs))));
    CLI_TRY(guard_reserve(c, &b->s, b->payload));
    for (size_t i = 0; i < csig_payload_inputs(b->payload); i++)
        if (!b->has[i]) CLI_TRY(sign_input(c, b, i, m));
    return CLI_OK;
}

static bool all_are_signed(const batch *b)
{
    for (size_t i = 0; i < csig_payload_inputs(b->payload); i++)
        if (!b->has[i]) return false;
    return true;
}

static cli_exit tell(cli *c, const batch *b)
{
    AUTO_JSON j = json_new();
    json *result = NULL, *list = json_array_new();
    char *text;
    cli_exit code = payload_result(c, b->payload, b->sig, &result);

    for (size_t i = 0; code == CLI_OK && i < csig_payload_inputs(b->payload); i++) {
        json *one = json_new();

        code = signing_describe(c, one, &b->sig[i]);
        json_push(list, one);
    }
    json_put_text(j, "request", b->s.request);
    json_put_text(j, "type", csig_payload_type(b->payload));
    json_put(j, "signatures", list);
    if (code != CLI_OK) return code;
    text = json_line(result);
    json_put(j, "result", result);
    code = cli_tell(c, j, "signed: request %s\n  %s\n", b->s.request, text != NULL ? text : "");
    free(text);
    return code;
}

/* What is not signed yet, and then all of it is told. */
static cli_exit sign_all(cli *c, batch *b, const devices *all)
{
    AUTO_MEETING m = {.count = 0};
    cli_exit code;

    if (all_are_signed(b)) return tell(c, b);
    code = meet(c, b, all, &m);
    if (code == CLI_OK) code = tell(c, b);
    if (code == CLI_OK) ride_along(c, all, &b->p, &m);
    meeting_end(c, &m, code);
    return code;
}

/* --- the commands --- */

static cli_exit open_parties(cli *c, batch *b, const devices *all)
{
    CLI_TRY(parties_far(c, &b->p));
    return parties_choose(c, all, c->wallet, &b->p);
}

/* --- no --- */

static cli_exit decline_by(cli *c, const batch *b, const device *d, const char *rule,
                           const char *because)
{
    const decline no = {.request = b->s.request,
                        .wallet = b->p.wallet,
                        .path = b->path,
                        .payload = b->payload,
                        .rule = rule,
                        .because = because};

    return declining_say(c, d, &no);
}

/* A person speaks for all devices here. */
static cli_exit decline_by_all(cli *c, const batch *b)
{
    for (size_t i = 0; i < b->p.locals; i++)
        CLI_TRY(decline_by(c, b, b->p.local[i].d, "", "The user has declined."));
    return CLI_OK;
}

/* What a device's own policy or its user does not want; *declined: the server has been told. */
static cli_exit consent(cli *c, const batch *b, bool *declined)
{
    guard_no no = {.d = NULL};

    *declined = false;
    if (!all_are_signed(b)) CLI_TRY(guard_ask(c, &b->s, b->payload, &no));
    if (no.d != NULL) {
        *declined = true;
        cli_note(c, "device %s does not sign this, by rule %s of its own policy: %s", no.d->name,
                 no.verdict.rule, no.verdict.because);
        return decline_by(c, b, no.d, no.verdict.rule, no.verdict.because);
    }
    if (!c->yes) CLI_TRY(joining_ask_either(c, declined));
    return *declined ? decline_by_all(c, b) : CLI_OK;
}

/* What a backend wants is agreed to by a person, or by who said --yes beforehand. */
static cli_exit agree(cli *c, const batch *b)
{
    cli_exit code = CLI_OK;

    if (!all_are_signed(b)) CLI_TRY(guard_check(c, &b->s, b->payload));
    if (!c->yes) code = joining_ask(c);
    if (code != CLI_REFUSED) return code;
    return cli_fail(c, code,
                    "the person there does not agree; so that this device is not asked again: "
                    "countersign requests decline %s",
                    b->s.request);
}

/* declined NULL: a no is a failure, and nobody is told. */
static cli_exit serve(cli *c, batch *b, const devices *all, const char *request, bool *declined)
{
    CLI_TRY(open_parties(c, b, all));
    CLI_TRY(read_request(c, b, request));
    CLI_TRY(show(c, b));
    CLI_TRY(declined != NULL ? consent(c, b, declined) : agree(c, b));
    if (declined != NULL && *declined) return CLI_OK;
    return sign_all(c, b, all);
}

static cli_exit sign_asked(cli *c, const devices *all, const char *request, bool *declined)
{
    batch b = {.payload = NULL};
    cli_exit code;

    b.s.p = &b.p;
    code = serve(c, &b, all, request, declined);
    batch_close(&b);
    return code;
}

cli_exit sign_request(cli *c, const devices *all, const char *request)
{
    return sign_asked(c, all, request, NULL);
}

cli_exit sign_or_decline(cli *c, const devices *all, const char *request, bool *declined)
{
    return sign_asked(c, all, request, declined);
}

/* Nobody comes for it any more: what it takes from the limits of the wallet's policy goes back. The
 * server keeps it where a part of a signature has left. */
static cli_exit withdraw(cli *c, const batch *b, cli_exit code)
{
    const cli why = *c;
    AUTO_REPLY r = {0};
    char path[128];

    snprintf(path, sizeof path, "/v1/requests/%s/cancel", b->s.request);
    (void)(client_call(c, "POST", path, NULL, NULL, 0, &r) == CLI_OK);
    memcpy(c->message, why.message, sizeof c->message);
    memcpy(c->problem, why.problem, sizeof c->problem);
    memcpy(c->session, why.session, sizeof c->session);
    c->status = why.status;
    return code;
}

static cli_exit sign_own(cli *c, batch *b, const devices *all, json *payload)
{
    cli_exit code = open_parties(c, b, all);

    if (code != CLI_OK) {
        json_free(&payload);
        return code;
    }
    CLI_TRY(make_request(c, b, payload));
    CLI_TRY(show(c, b));
    code = sign_all(c, b, all);
    return code == CLI_REFUSED ? withdraw(c, b, code) : code;
}

static cli_exit sign_given(cli *c, const devices *all, json *payload)
{
    batch b = {.payload = NULL};
    cli_exit code;

    b.s.p = &b.p;
    b.s.server_collects = c->mode != NULL && strcmp(c->mode, "server") == 0;
    code = sign_own(c, &b, all, payload);
    batch_close(&b);
    return code;
}

cli_exit sign_payload(cli *c)
{
    AUTO_DEVICES all = {0};
    json *payload = NULL;
    cli_exit code;

    code = payload_given(c, &payload);
    if (code == CLI_OK && (payload == NULL) == (c->request == NULL))
        code = cli_fail(c, CLI_USAGE,
                        "say what is to be signed: --eth-tx, --typed-data, --message, --psbt, "
                        "--bip322 or --digest, or --request");
    if (code == CLI_OK) code = begin_with_devices(c, &all);
    if (code != CLI_OK) {
        json_free(&payload);
        return code;
    }
    if (payload != NULL) return sign_given(c, &all, payload);
    return sign_request(c, &all, c->request);
}
