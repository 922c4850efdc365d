#include "cli/signing.h"

#include <string.h>

#include "cli/asking.h"
#include "cli/client.h"
#include "cli/path.h"
#include "cli/ride.h"
#include "cli/tell.h"

void signing_close(signing *s)
{
    json_free(&s->offered);
    json_free(&s->halves);
}

/* --- asking for it --- */

/* Takes the payload. */
cli_exit signing_ask_payload(cli *c, signing *s, json *payload)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    char derivation[PATH_TEXT_ROOM];
    const char *id;

    derivation_write(derivation, s->path, s->intent.depth);
    json_put(body, "payload", payload);
    json_put_text(body, "path", derivation);
    if (c->presigned)
        json_put_flag(body, "presigned", true);
    else
        json_put_text(body, "mode", s->server_collects ? "server" : "phone");
    CLI_TRY(asking_make(c, s->p->wallet, body, &answer));
    id = json_text(answer, "request");
    if (id == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, id))
        return json_lacks(c, "request");
    memcpy(s->request, id, sizeof s->request);
    return CLI_OK;
}

cli_exit signing_ask(cli *c, signing *s)
{
    json *payload = json_new();

    json_put_text(payload, "type", s->intent.type);
    json_put_octets(payload, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    return signing_ask_payload(c, s, payload);
}

cli_exit signing_ask_session(cli *c, signing *s, json **answer)
{
    AUTO_JSON body = json_new();
    char path[128];

    parties_describe(s->p, body);
    if (s->intent.input > 0) json_put_number(body, "input", s->intent.input);
    if (c->presigned) {
        json_put(body, "presignatures", s->halves);
        s->halves = NULL;
    }
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", s->request);
    return client_json(c, "POST", path, body, answer);
}

/* --- with those elsewhere --- */

void signing_list_input(const signing *s, json *inputs)
{
    char path[PATH_TEXT_ROOM];
    json *input = json_new();

    derivation_write(path, s->intent.path, s->intent.depth);
    json_put_number(input, "input", s->intent.input);
    json_put_octets(input, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    json_put_text(input, "path", path);
    json_push(inputs, input);
}

json *signing_plan(const cli *c, const signing *s, json *inputs)
{
    json *plan = json_new(), *signers = json_array_new();

    for (uint16_t j = 0; j < s->p->count; j++)
        json_push_number(signers, s->p->index[j]);
    json_put_text(plan, "wallet", s->p->wallet);
    json_put_number(plan, "epoch", (int64_t)s->p->info.epoch);
    json_put(plan, "signers", signers);
    json_put_text(plan, "request", s->request);
    json_put_text(plan, "type", s->intent.type);
    json_put_text(plan, "mode", s->server_collects || c->presigned ? "server" : "phone");
    json_put_flag(plan, "presigned", c->presigned);
    if (c->presigned) json_put(plan, "presignatures", json_shared(s->offered));
    json_put(plan, "inputs", inputs);
    return plan;
}

cli_exit signing_convene(cli *c, const devices *all, signing *s, meeting *m, json *plan)
{
    ride_plan(c, all, s->p, plan);
    parties_seat(s->p, m);
    CLI_TRY(meeting_host(c, m, "sign", plan));
    CLI_TRY(meeting_pair(c, m));
    return parties_prepare(c, s->p, m);
}

cli_exit signing_make(cli *c, signing *s, meeting *m, csig_signature *sig)
{
    AUTO_JSON answer = NULL;

    CLI_TRY(signing_choose_halves(c, s, m));
    CLI_TRY(signing_ask_session(c, s, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return signing_play(c, s, m, answer, sig);
}

/* --- full signing --- */

static cli_exit nothing_to_store(cli *c, rounds *r, size_t i, void *arg)
{
    (void)r;
    (void)i;
    (void)arg;
    return cli_fail(c, CLI_BUG, "full signing has nothing to store");
}

/* In mode phone the first client has the signature first. */
static uint16_t first_client(const parties *p)
{
    return p->index[0] == p->server ? p->index[1] : p->index[0];
}

static cli_exit start_full(cli *c, const signing *s, rounds *r)
{
    const uint16_t collector = s->server_collects ? s->p->server : first_client(s->p);

    r->store = nothing_to_store;
    for (size_t i = 0; i < s->p->locals; i++) {
        const csig_signers signers = parties_signers(s->p, i);
        csig_session *session;

        CLI_TRY(
            cli_check(c, csig_sign_session(&session, &signers, &s->intent, collector), "signing"));
        rounds_add(r, session, s->p->local[i].index, s->p->local[i].d);
        rounds_among(r, s->p->id, s->p->info.parties);
    }
    return CLI_OK;
}

/* --- the signature --- */

cli_exit signing_describe(cli *c, json *j, const csig_signature *sig)
{
    uint8_t der[72], compact[64];
    size_t len;

    CLI_TRY(cli_check(c, csig_signature_der(sig, der, &len), "the signature"));
    memcpy(compact, sig->r, 32);
    memcpy(compact + 32, sig->s, 32);
    json_put_octets(j, "r", sig->r, sizeof sig->r);
    json_put_octets(j, "s", sig->s, sizeof sig->s);
    json_put_number(j, "recid", sig->recovery_id);
    json_put_number(j, "v", 27 + sig->recovery_id);
    json_put_octets(j, "der", der, len);
    json_put_octets(j, "compact", compact, sizeof compact);
    json_put_octets(j, "public_key", sig->public_key, sizeof sig->public_key);
    return CLI_OK;
}

cli_exit signing_tell(cli *c, const signing *s, const csig_signature *sig)
{
    AUTO_JSON j = json_new();

    CLI_TRY(cli_check(c, csig_signature_verify(sig, s->intent.digest), "the signature"));
    json_put_text(j, "request", s->request);
    CLI_TRY(signing_describe(c, j, sig));
    return cli_tell(c, j,
                    "signed: request %s\n  r           %s\n  s           %s\n  recid       %d\n"
                    "  der         %s\n  public key  %s\n",
                    s->request, json_text(j, "r"), json_text(j, "s"), sig->recovery_id,
                    json_text(j, "der"), json_text(j, "public_key"));
}

cli_exit signing_play(cli *c, signing *s, meeting *m, const json *answer, csig_signature *sig)
{
    AUTO_ROUNDS r = {.arg = s, .meeting = m};
    cli_exit code;

    if (!s->judged) return cli_fail(c, CLI_BUG, "no policy was asked");
    memcpy(r.server, s->p->server_id, sizeof r.server);
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, s->p, answer));
    CLI_TRY(c->presigned ? signing_start_online(c, s, answer, &r) : start_full(c, s, &r));
    code = rounds_run(c, &r);
    if (csig_session_phase(r.s[0]) != CSIG_DONE) return code;
    /* A signature that is there is given out, also when the report of it did not arrive. */
    if (code != CLI_OK) cli_note(c, "signed, but the server does not know it: %s", c->message);
    return cli_check(c, csig_sign_signature(r.s[0], sig), "the signature");
}

/* Zero modulo the group order, before anybody is asked. */
cli_exit signing_check_digest(cli *c, const uint8_t digest[CSIG_DIGEST_BYTES])
{
    static const uint8_t zero[CSIG_DIGEST_BYTES] = {0};
    static const uint8_t order[CSIG_DIGEST_BYTES] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
        0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

    if (memcmp(digest, zero, sizeof zero) != 0 && memcmp(digest, order, sizeof order) != 0)
        return CLI_OK;
    return cli_check(c, CSIG_E_DIGEST, "--digest");
}
