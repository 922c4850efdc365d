/* presign: a stock of presignatures. sign: a request, one session, one signature. */
#include <stdlib.h>
#include <string.h>

#include "cli/halves.h"
#include "cli/seal.h"

#define BATCH_MAX 16

/* What a wallet's halves are worth is the server's knowledge: replies it has not seen are sent
 * again, halves it no longer has are dropped. */
static cli_exit tidy(cli *c, const parties *p)
{
    AUTO_JSON wallet = NULL;
    char path[96];

    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(halves_resend(c, p->local[i].d, p->wallet));
    snprintf(path, sizeof path, "/v1/wallets/%s", p->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    for (size_t i = 0; i < p->locals; i++)
        CLI_TRY(halves_prune(c, p->local[i].d, p->wallet, json_member(wallet, "presignatures")));
    return CLI_OK;
}

static cli_exit begin(cli *c, devices *all, parties *p)
{
    pinned server;

    CLI_TRY(cli_unseal(c, false));
    CLI_TRY(devices_open(c, all));
    CLI_TRY(server_pinned(c, &server));
    CLI_TRY(wallets_reconcile(c, all));
    CLI_TRY(parties_open(c, all, c->wallet, p));
    return tidy(c, p);
}

/* --- presign --- */

static cli_exit keep_half(cli *c, rounds *r, size_t i, void *arg)
{
    const parties *p = arg;
    csig_presig *half;
    cli_exit code;

    CLI_TRY(cli_check(c, csig_presign_result(r->s[i], &half), "the presignature"));
    code = half_keep(c, p->local[i % p->locals].d, p->wallet, half);
    csig_presig_free(half);
    return code;
}

static cli_exit start_presigning(cli *c, const parties *p, const json *answer, rounds *r)
{
    const int64_t number = json_number(answer, "number");

    if (number < 0 || number > UINT32_MAX - BATCH_MAX)
        return cli_fail(c, CLI_REFUSED, "the server's reply lacks \"number\"");
    for (uint32_t k = 0; k < c->count; k++) {
        for (size_t i = 0; i < p->locals; i++) {
            const csig_signers signers = parties_signers(p, i);
            csig_session *s;

            CLI_TRY(cli_check(c,
                              csig_presign_session(&s, &signers, p->server, (uint32_t)number + k),
                              "presigning"));
            rounds_add(r, s, p->local[i].index);
        }
    }
    return CLI_OK;
}

static cli_exit presign(cli *c, parties *p)
{
    AUTO_ROUNDS r = {.store = keep_half, .arg = p};
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    char path[96];

    json_put_text(body, "kind", "presign");
    json_put_number(body, "count", c->count);
    parties_describe(p, body);
    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", p->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, p, answer));
    CLI_TRY(start_presigning(c, p, answer, &r));
    CLI_TRY(rounds_run(c, &r));
    if (c->json)
        printf("{\"wallet\":\"%s\",\"presignatures\":%u}\n", p->wallet, c->count);
    else
        printf("wallet %s: %u presignatures more\n", p->wallet, c->count);
    return CLI_OK;
}

cli_exit cmd_presign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};

    if (c->count == 0) c->count = 1;
    if (c->count > BATCH_MAX) return cli_fail(c, CLI_USAGE, "at most %d at once", BATCH_MAX);
    CLI_TRY(begin(c, &all, &p));
    return presign(c, &p);
}

/* --- sign --- */

typedef struct signing {
    parties *p;
    csig_intent intent;
    uint32_t path[CSIG_PATH_MAX];
    char request[2 * CSIG_REQUEST_ID_BYTES + 1];
    char presignature[2 * CSIG_PRESIG_ID_BYTES + 1]; /* empty: full signing */
} signing;

static cli_exit ask_for_request(cli *c, signing *s)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    json *payload = json_new();
    char path[96];
    const char *id;

    json_put_text(payload, "type", s->intent.type);
    json_put_octets(payload, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    json_put(body, "payload", payload);
    json_put_text(body, "path", c->path != NULL ? c->path : "m");
    if (c->presigned)
        json_put_flag(body, "presigned", true);
    else
        json_put_text(body, "mode", c->mode);
    snprintf(path, sizeof path, "/v1/wallets/%s/requests", s->p->wallet);
    CLI_TRY(client_json(c, "POST", path, body, &answer));
    id = json_text(answer, "request");
    if (id == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, id))
        return cli_fail(c, CLI_REFUSED, "the server's reply names no request");
    memcpy(s->request, id, sizeof s->request);
    return CLI_OK;
}

static cli_exit ask_for_session(cli *c, signing *s, json **answer)
{
    AUTO_JSON body = json_new();
    char path[128];

    parties_describe(s->p, body);
    if (c->presigned) {
        json *ids = json_array_new();

        json_put(body, "presignatures", ids);
        CLI_TRY(halves_list(c, s->p, ids));
        if (json_count(ids) == 0)
            return cli_fail(c, CLI_REFUSED, "no presignature is ready; run: countersign presign %s",
                            s->p->wallet);
    }
    snprintf(path, sizeof path, "/v1/requests/%s/sessions", s->request);
    return client_json(c, "POST", path, body, answer);
}

/* The burn: the half is replaced by what used it, before that leaves. */
static cli_exit spend(cli *c, rounds *r, size_t i, void *arg)
{
    const signing *s = arg;
    AUTO_BLOB b = {0};

    if (csig_online_reply(r->s[i], NULL, &b.len) != CSIG_E_BUFFER)
        return cli_fail(c, CLI_BUG, "an online session without a reply");
    b.p = malloc(b.len);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_online_reply(r->s[i], b.p, &b.len), "the reply"));
    return half_spend(c, s->p->local[i].d, s->p->wallet, s->presignature, r->session, r->n, b.p,
                      b.len);
}

static cli_exit start_full(cli *c, const signing *s, rounds *r)
{
    const uint16_t collector = strcmp(c->mode, "server") == 0 ? s->p->server : s->p->local[0].index;

    for (size_t i = 0; i < s->p->locals; i++) {
        const csig_signers signers = parties_signers(s->p, i);
        csig_session *session;

        CLI_TRY(
            cli_check(c, csig_sign_session(&session, &signers, &s->intent, collector), "signing"));
        rounds_add(r, session, s->p->local[i].index);
    }
    return CLI_OK;
}

static cli_exit start_online(cli *c, signing *s, const json *answer, rounds *r)
{
    const char *id = json_text(answer, "presignature"), *text = json_text(answer, "envelopes");
    AUTO_BLOB first = {0};

    if (id == NULL || strlen(id) + 1 != sizeof s->presignature || text == NULL)
        return cli_fail(c, CLI_REFUSED, "the server's reply assigns no presignature");
    memcpy(s->presignature, id, sizeof s->presignature);
    for (size_t i = 0; i < s->p->locals; i++) {
        const csig_signers signers = parties_signers(s->p, i);
        csig_presig *half;
        csig_session *session;

        CLI_TRY(half_take(c, s->p->local[i].d, s->p->wallet, id, &half));
        CLI_TRY(
            cli_check(c, csig_online_session(&session, &signers, &half, &s->intent), "signing"));
        rounds_add(r, session, s->p->local[i].index);
    }
    first.len = strlen(text) / 2;
    first.p = malloc(first.len + 1);
    if (first.p == NULL || !hex_is_read(first.p, first.len, text))
        return cli_fail(c, CLI_REFUSED, "the server's first envelopes cannot be read");
    return rounds_deliver(c, r, first.p, first.len);
}

static cli_exit tell(cli *c, const signing *s, const csig_signature *sig)
{
    AUTO_JSON j = json_new();
    uint8_t der[72], compact[64];
    size_t len;
    char *line;

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
    line = json_line(j);
    if (line == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    if (c->json)
        printf("%s\n", line);
    else
        printf("signed: request %s\n  r          %s\n  s          %s\n  recid      %d\n  der       "
               " %s\n"
               "  public key %s\n",
               s->request, json_text(j, "r"), json_text(j, "s"), sig->recovery_id,
               json_text(j, "der"), json_text(j, "public_key"));
    free(line);
    return CLI_OK;
}

static cli_exit sign(cli *c, signing *s)
{
    AUTO_ROUNDS r = {.store = spend, .arg = s};
    AUTO_JSON answer = NULL;
    csig_signature sig;
    cli_exit code;

    CLI_TRY(ask_for_request(c, s));
    CLI_TRY(ask_for_session(c, s, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, s->p, answer));
    CLI_TRY(c->presigned ? start_online(c, s, answer, &r) : start_full(c, s, &r));
    code = rounds_run(c, &r);
    /* A signature that is there is given out, also when the report of it did not arrive. */
    if (csig_session_phase(r.s[0]) != CSIG_DONE) return code;
    CLI_TRY(cli_check(c, csig_sign_signature(r.s[0], &sig), "the signature"));
    CLI_TRY(tell(c, s, &sig));
    return code == CLI_OK && c->presigned ? halves_resend(c, s->p->local[0].d, s->p->wallet) : code;
}

cli_exit cmd_sign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};
    signing s = {.p = &p};

    if (c->mode == NULL) c->mode = "phone";
    if (strcmp(c->mode, "phone") != 0 && strcmp(c->mode, "server") != 0)
        return cli_fail(c, CLI_USAGE, "--mode is phone or server");
    if (c->digest == NULL || !hex_is_read(s.intent.digest, CSIG_DIGEST_BYTES, c->digest))
        return cli_fail(c, CLI_USAGE,
                        "--digest takes 64 lower-case hex digits: the 32 octets to sign");
    CLI_TRY(path_read(c, c->path, s.path, &s.intent.depth));
    s.intent.path = s.path;
    s.intent.type = "digest";
    CLI_TRY(begin(c, &all, &p));
    return sign(c, &s);
}
