/* A guest signs: the request is asked of the server, and must be what the host shows. Digests,
 * paths and words of a payload that says what it is come from the payload and the guest's own
 * share. It is shown as a whole and agreed to once; the inputs that the host names are signed one
 * after another. With presignatures nothing of a half leaves before this device has burned it. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/guard.h"
#include "cli/joining.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/ride.h"
#include "cli/signing.h"
#include "cli/tell.h"
#include "cli/wallet.h"

typedef struct joint {
    signing s;
    parties p;
    csig_payload *payload; /* NULL: a bare digest */
    uint32_t holds;
} joint;

static void joint_close(joint *x)
{
    payload_close(&x->payload);
    parties_close(&x->p);
}
#define AUTO_JOINT __attribute__((cleanup(joint_close))) joint

/* --- what the host shows --- */

static const json *inputs_of(const guest *g)
{
    return json_member(g->m.plan, "inputs");
}

/* What is to be signed next, as the plan has it. */
static cli_exit read_input(cli *c, const json *input, signing *s)
{
    const char *path = json_text(input, "path");
    const int64_t number = json_number(input, "input");

    if (number < 0 || number >= CSIG_INPUTS_MAX) return json_lacks(c, "input");
    if (path == NULL) return json_lacks(c, "path");
    CLI_TRY(json_octets(c, input, "digest", s->intent.digest, CSIG_DIGEST_BYTES));
    CLI_TRY(signing_check_digest(c, s->intent.digest));
    CLI_TRY(derivation_read(c, path, s->path, &s->intent.depth));
    s->intent.path = s->path;
    s->intent.input = (uint32_t)number;
    return CLI_OK;
}

static cli_exit read_plan(cli *c, const guest *g, signing *s)
{
    const json *plan = g->m.plan;
    const char *request = json_text(plan, "request");

    CLI_TRY(joining_wallet(c, g));
    if (request == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, request))
        return json_lacks(c, "request");
    memcpy(s->request, request, sizeof s->request);
    s->intent.type = "digest";
    if (json_count(inputs_of(g)) == 0) return json_lacks(c, "inputs");
    if (!json_is_flag(json_member(plan, "presigned"), &c->presigned))
        return json_lacks(c, "presigned");
    s->server_collects = json_text_is(plan, "mode", "server");
    if (json_text_is(plan, "mode", "phone") && !c->presigned) return CLI_OK;
    return s->server_collects ? CLI_OK : json_lacks(c, "mode");
}

/* --- the server's word on the request, not the host's --- */

static cli_exit check_same(cli *c, const json *shown, const json *said, const char *name)
{
    const char *planned = json_text(shown, name);

    if (planned != NULL && json_text_is(said, name, planned)) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the server knows another %s of this request than the host shows",
                    name);
}

static cli_exit check_digest(cli *c, const guest *g, signing *s, const json *said)
{
    const json *input = json_at(inputs_of(g), 0);

    CLI_TRY(read_input(c, input, s));
    CLI_TRY(check_same(c, g->m.plan, said, "type"));
    CLI_TRY(check_same(c, input, said, "path"));
    CLI_TRY(check_same(c, input, said, "digest"));
    return json_count(inputs_of(g)) == 1 && s->intent.input == 0 ? CLI_OK : json_lacks(c, "inputs");
}

/* An input of the plan is that of the payload; they come in order, each once. */
static cli_exit check_input(cli *c, const guest *g, joint *x, size_t i)
{
    const int64_t before = i > 0 ? (int64_t)x->s.intent.input : -1;
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    CLI_TRY(read_input(c, json_at(inputs_of(g), i), &x->s));
    if (x->s.intent.input <= before || x->s.intent.input >= csig_payload_inputs(x->payload))
        return json_lacks(c, "input");
    CLI_TRY(cli_check(c, csig_payload_input(x->payload, x->s.intent.input, digest, path, &depth),
                      "the payload"));
    if (depth == x->s.intent.depth && memcmp(path, x->s.path, depth * sizeof *path) == 0 &&
        memcmp(digest, x->s.intent.digest, sizeof digest) == 0)
        return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "the host shows another digest or path than the payload of this request has");
}

static cli_exit check_payload(cli *c, const guest *g, joint *x, const json *said)
{
    const json *payload = json_member(said, "payload");
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    if (payload == NULL || json_text(said, "path") == NULL) return json_lacks(c, "payload");
    CLI_TRY(derivation_read(c, json_text(said, "path"), path, &depth));
    CLI_TRY(payload_bind(c, payload, x->p.local[0].share, path, depth, &x->payload));
    x->s.intent.type = csig_payload_type(x->payload);
    if (!json_text_is(g->m.plan, "type", x->s.intent.type))
        return cli_fail(c, CLI_INPUT, "the host shows another type than the payload has");
    for (size_t i = 0; i < json_count(inputs_of(g)); i++)
        CLI_TRY(check_input(c, g, x, i));
    return CLI_OK;
}

static cli_exit check_request(cli *c, const guest *g, joint *x)
{
    AUTO_JSON said = NULL;
    char path[128];
    bool presigned = false;

    snprintf(path, sizeof path, "/v1/requests/%s", x->s.request);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    CLI_TRY(check_same(c, g->m.plan, said, "request"));
    CLI_TRY(check_same(c, g->m.plan, said, "wallet"));
    CLI_TRY(check_same(c, g->m.plan, said, "mode"));
    if (!json_is_flag(json_member(said, "presigned"), &presigned) || presigned != c->presigned)
        return cli_fail(c, CLI_INPUT,
                        "the server knows another kind of this request than the host shows");
    if (json_text_is(g->m.plan, "type", "digest")) return check_digest(c, g, &x->s, said);
    return check_payload(c, g, x, said);
}

static cli_exit check(cli *c, guest *g, joint *x)
{
    CLI_TRY(read_plan(c, g, &x->s));
    CLI_TRY(joining_signers(c, g, &x->p));
    CLI_TRY(ride_check(c, g->m.plan));
    CLI_TRY(check_request(c, g, x));
    CLI_TRY(x->payload == NULL ? guard_check_digest(c, &x->s) : guard_check(c, &x->s, x->payload));
    CLI_TRY(signing_count_halves(c, &x->s, g->m.plan, &x->holds));
    parties_seat(&x->p, &g->m);
    return CLI_OK;
}

/* --- agreed to --- */

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

static cli_exit consent(cli *c, guest *g, const joint *x)
{
    const json *first = json_at(inputs_of(g), 0);
    const size_t n = json_count(inputs_of(g));
    char what[400];

    if (n == 1)
        snprintf(what, sizeof what, "a signature of wallet %s\n  %s\n  digest  %s\n  path    %s",
                 c->wallet, x->payload == NULL ? "of a bare digest" : "of what is shown above",
                 json_text(first, "digest"), json_text(first, "path"));
    else
        snprintf(what, sizeof what,
                 "%zu signatures of wallet %s\n  of what is shown above: all of its %zu inputs but "
                 "those that are signed",
                 n, c->wallet, csig_payload_inputs(x->payload));
    return joining_consent(c, g, "asks for %s\n  by %u of %u parties%s%s", what,
                           x->p.info.signers_required, x->p.info.parties,
                           c->presigned ? ", with presignatures" : "",
                           json_text(g->m.plan, "refresh") == NULL
                               ? ""
                               : "; then the refresh that a campaign of the server wants");
}

/* --- signed --- */

static cli_exit sign(cli *c, guest *g, joint *x)
{
    for (size_t i = 0; i < json_count(inputs_of(g)); i++) {
        AUTO_JSON answer = NULL;
        csig_signature sig;

        if (i > 0) parties_renew(&x->p, &g->m);
        CLI_TRY(read_input(c, json_at(inputs_of(g), i), &x->s));
        CLI_TRY(meeting_hear(c, &g->m, &answer));
        CLI_TRY(signing_play(c, &x->s, &g->m, answer, &sig));
        CLI_TRY(signing_tell(c, &x->s, &sig));
        CLI_TRY(signing_settle(c, &x->s));
    }
    ride_along(c, g->all, &x->p, &g->m);
    return CLI_OK;
}

cli_exit join_sign(cli *c, guest *g)
{
    AUTO_JOINT x = {.payload = NULL};
    cli_exit code;

    x.s.p = &x.p;
    code = check(c, g, &x);
    if (code == CLI_OK) code = show(c, x.payload);
    if (code != CLI_OK) return meeting_decline(c, &g->m, code, c->message);
    CLI_TRY(consent(c, g, &x));
    meeting_attendee(&g->m, g->d->id)->holds = x.holds;
    CLI_TRY(meeting_agree(c, &g->m));
    CLI_TRY(meeting_pair(c, &g->m));
    CLI_TRY(parties_prepare(c, &x.p, &g->m));
    CLI_TRY(x.payload == NULL ? guard_reserve_digest(c, &x.s) : guard_reserve(c, &x.s, x.payload));
    return sign(c, g, &x);
}
