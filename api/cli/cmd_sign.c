/* sign: a request, one session, one signature. */
#include <stdlib.h>
#include <string.h>

#include "cli/halves.h"
#include "cli/path.h"
#include "cli/reconcile.h"
#include "cli/tell.h"

typedef struct signing {
    parties *p;
    csig_intent intent;
    uint32_t path[CSIG_PATH_MAX];
    char request[2 * CSIG_REQUEST_ID_BYTES + 1];
    json *halves;                                    /* presigned: ids to choose from */
    char presignature[2 * CSIG_PRESIG_ID_BYTES + 1]; /* presigned: the one chosen */
} signing;

/* --- asking for it --- */

static cli_exit ask_for_request(cli *c, signing *s)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    json *payload = json_new();
    char path[96], derivation[PATH_TEXT_ROOM];
    const char *id;

    derivation_write(derivation, s->intent.path, s->intent.depth);
    json_put_text(payload, "type", s->intent.type);
    json_put_octets(payload, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    json_put(body, "payload", payload);
    json_put_text(body, "path", derivation);
    if (c->presigned)
        json_put_flag(body, "presigned", true);
    else
        json_put_text(body, "mode", c->mode);
    snprintf(path, sizeof path, "/v1/wallets/%s/requests", s->p->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    id = json_text(answer, "request");
    if (id == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, id))
        return json_lacks(c, "request");
    memcpy(s->request, id, sizeof s->request);
    return CLI_OK;
}

static cli_exit ask_for_session(cli *c, signing *s, json **answer)
{
    AUTO_JSON body = json_new();
    char path[128];

    parties_describe(s->p, body);
    if (c->presigned) {
        json_put(body, "presignatures", s->halves);
        s->halves = NULL;
    }
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", s->request);
    return client_json(c, "POST", path, body, answer);
}

/* --- full --- */

static cli_exit nothing_to_store(cli *c, rounds *r, size_t i, void *arg)
{
    (void)r;
    (void)i;
    (void)arg;
    return cli_fail(c, CLI_BUG, "full signing has nothing to store");
}

static cli_exit start_full(cli *c, const signing *s, rounds *r)
{
    const uint16_t collector = strcmp(c->mode, "server") == 0 ? s->p->server : s->p->local[0].index;

    r->store = nothing_to_store;
    for (size_t i = 0; i < s->p->locals; i++) {
        const csig_signers signers = parties_signers(s->p, i);
        csig_session *session;

        CLI_TRY(
            cli_check(c, csig_sign_session(&session, &signers, &s->intent, collector), "signing"));
        rounds_add(r, session, s->p->local[i].index, s->p->local[i].d);
    }
    return CLI_OK;
}

/* --- presigned --- */

static cli_exit spend_for(cli *c, const signing *s, const rounds *r, const device *d,
                          const uint8_t *envelopes, size_t len)
{
    const spent use = {s->p->wallet, s->presignature, r->session, r->n};

    return half_spend(c, d, &use, envelopes, len);
}

/* The burn, before anything of the half leaves. One party here: what leaves is its reply, and that
 * takes the half's place at once. Several: what leaves is known when all have spoken, see leave. */
static cli_exit spend(cli *c, rounds *r, size_t i, void *arg)
{
    const signing *s = arg;
    AUTO_BLOB b = {0};

    if (s->p->locals > 1) return spend_for(c, s, r, r->d[i], NULL, 0);
    if (csig_online_reply(r->s[i], NULL, &b.len) != CSIG_E_BUFFER)
        return cli_fail(c, CLI_BUG, "an online session without a reply");
    b.p = malloc(b.len);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_online_reply(r->s[i], b.p, &b.len), "the reply"));
    return spend_for(c, s, r, r->d[i], b.p, b.len);
}

/* The whole exchange, with the first party: the same octets can leave again for ever. */
static cli_exit leave(cli *c, rounds *r, const blob *body, void *arg)
{
    const signing *s = arg;

    if (s->p->locals == 1) return CLI_OK;
    return spend_for(c, s, r, s->p->local[0].d, body->p, body->len);
}

static cli_exit start_online(cli *c, signing *s, const json *answer, rounds *r)
{
    const char *id = json_text(answer, "presignature"), *text = json_text(answer, "envelopes");
    AUTO_BLOB first = {0};

    if (id == NULL || strlen(id) + 1 != sizeof s->presignature)
        return json_lacks(c, "presignature");
    if (text == NULL) return json_lacks(c, "envelopes");
    r->store = spend;
    r->leave = leave;
    memcpy(s->presignature, id, sizeof s->presignature);
    for (size_t i = 0; i < s->p->locals; i++) {
        const csig_signers signers = parties_signers(s->p, i);
        csig_presig *half;
        csig_session *session;

        CLI_TRY(half_take(c, s->p->local[i].d, s->p->wallet, id, &half));
        CLI_TRY(
            cli_check(c, csig_online_session(&session, &signers, &half, &s->intent), "signing"));
        rounds_add(r, session, s->p->local[i].index, s->p->local[i].d);
    }
    first.len = strlen(text) / 2;
    first.p = malloc(first.len + 1);
    if (first.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    if (!hex_is_read(first.p, first.len, text)) return json_lacks(c, "envelopes");
    return rounds_deliver(c, r, first.p, first.len);
}

static cli_exit settle_halves(cli *c, const signing *s)
{
    for (size_t i = 0; i < s->p->locals; i++)
        CLI_TRY(half_settled(c, s->p->local[i].d, s->p->wallet, s->presignature));
    return CLI_OK;
}

/* --- the signature --- */

static cli_exit tell(cli *c, const signing *s, const csig_signature *sig)
{
    AUTO_JSON j = json_new();
    uint8_t der[72], compact[64];
    size_t len;

    CLI_TRY(cli_check(c, csig_signature_verify(sig, s->intent.digest), "the signature"));
    CLI_TRY(cli_check(c, csig_signature_der(sig, der, &len), "the signature"));
    memcpy(compact, sig->r, 32);
    memcpy(compact + 32, sig->s, 32);
    json_put_text(j, "request", s->request);
    json_put_octets(j, "r", sig->r, sizeof sig->r);
    json_put_octets(j, "s", sig->s, sizeof sig->s);
    json_put_number(j, "recid", sig->recovery_id);
    json_put_number(j, "v", 27 + sig->recovery_id);
    json_put_octets(j, "der", der, len);
    json_put_octets(j, "compact", compact, sizeof compact);
    json_put_octets(j, "public_key", sig->public_key, sizeof sig->public_key);
    return cli_tell(c, j,
                    "signed: request %s\n  r           %s\n  s           %s\n  recid       %d\n"
                    "  der         %s\n  public key  %s\n",
                    s->request, json_text(j, "r"), json_text(j, "s"), sig->recovery_id,
                    json_text(j, "der"), json_text(j, "public_key"));
}

static cli_exit sign(cli *c, signing *s)
{
    AUTO_ROUNDS r = {.arg = s};
    AUTO_JSON answer = NULL;
    csig_signature sig;
    cli_exit code;

    memcpy(r.server, s->p->server_id, sizeof r.server);
    CLI_TRY(ask_for_request(c, s));
    CLI_TRY(ask_for_session(c, s, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, s->p, answer));
    CLI_TRY(c->presigned ? start_online(c, s, answer, &r) : start_full(c, s, &r));
    code = rounds_run(c, &r);
    if (csig_session_phase(r.s[0]) != CSIG_DONE) return code;
    /* A signature that is there is given out, also when the report of it did not arrive. */
    if (code != CLI_OK) cli_note(c, "signed, but the server does not know it: %s", c->message);
    CLI_TRY(cli_check(c, csig_sign_signature(r.s[0], &sig), "the signature"));
    CLI_TRY(tell(c, s, &sig));
    return c->presigned ? settle_halves(c, s) : CLI_OK;
}

/* --- the command --- */

/* Zero modulo the group order, before anybody is asked. */
static cli_exit check_digest(cli *c, const uint8_t digest[CSIG_DIGEST_BYTES])
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

static cli_exit read_intent(cli *c, signing *s)
{
    if (c->presigned && c->mode != NULL)
        return cli_fail(c, CLI_USAGE, "--presigned has no --mode: the server collects");
    if (c->mode == NULL) c->mode = "phone";
    if (strcmp(c->mode, "phone") != 0 && strcmp(c->mode, "server") != 0)
        return cli_fail(c, CLI_USAGE, "--mode is phone or server");
    if (c->digest == NULL || !hex_is_read(s->intent.digest, CSIG_DIGEST_BYTES, c->digest))
        return cli_fail(c, CLI_USAGE,
                        "--digest takes 64 lower-case hex digits: the 32 octets to sign");
    CLI_TRY(check_digest(c, s->intent.digest));
    CLI_TRY(derivation_read(c, c->path, s->path, &s->intent.depth));
    s->intent.path = s->path;
    s->intent.type = "digest";
    return CLI_OK;
}

static cli_exit choose_halves(cli *c, signing *s)
{
    CLI_TRY(halves_check(c, s->p));
    CLI_TRY(halves_list(c, s->p, s->halves));
    if (json_count(s->halves) > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "no presignature is ready; run: countersign presign %s, or sign without "
                    "--presigned",
                    s->p->wallet);
}

cli_exit cmd_sign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};
    signing s = {.p = &p};
    cli_exit code;

    CLI_TRY(read_intent(c, &s));
    CLI_TRY(begin_with_devices(c, &all));
    CLI_TRY(parties_open(c, &all, c->wallet, &p));
    s.halves = json_array_new();
    code = c->presigned ? choose_halves(c, &s) : CLI_OK;
    if (code == CLI_OK) code = sign(c, &s);
    json_free(&s.halves);
    return code;
}
