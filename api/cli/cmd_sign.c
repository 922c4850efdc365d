/* sign: a request, one session, one signature. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/halves.h"
#include "cli/path.h"
#include "cli/reconcile.h"
#include "cli/signing.h"
#include "cli/tell.h"

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
        rounds_among(r, s->p->id, s->p->info.parties);
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

static cli_exit spend_one(cli *c, signing *s)
{
    AUTO_ROUNDS r = {.arg = s};
    AUTO_JSON answer = NULL;
    cli_exit code;

    memcpy(r.server, s->p->server_id, sizeof r.server);
    CLI_TRY(signing_ask(c, s));
    CLI_TRY(signing_ask_session(c, s, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, s->p, answer));
    CLI_TRY(start_online(c, s, answer, &r));
    code = rounds_run(c, &r);
    if (csig_session_phase(r.s[0]) != CSIG_DONE) return code;
    if (code != CLI_OK) cli_note(c, "signed, but the server does not know it: %s", c->message);
    CLI_TRY(signing_tell(c, s, r.s[0]));
    return settle_halves(c, s);
}

/* --- the command --- */

static cli_exit read_intent(cli *c, signing *s)
{
    if (c->presigned && c->mode != NULL)
        return cli_fail(c, CLI_USAGE, "--presigned has no --mode: the server collects");
    if (c->mode != NULL && strcmp(c->mode, "phone") != 0 && strcmp(c->mode, "server") != 0)
        return cli_fail(c, CLI_USAGE, "--mode is phone or server");
    s->server_collects = c->mode != NULL && strcmp(c->mode, "server") == 0;
    if (c->presigned && c->withs > 0)
        return cli_fail(c, CLI_USAGE,
                        "presignatures are used by devices of one folder: no --with beside "
                        "--presigned");
    if (c->digest == NULL || !hex_is_read(s->intent.digest, CSIG_DIGEST_BYTES, c->digest))
        return cli_fail(c, CLI_USAGE,
                        "--digest takes 64 lower-case hex digits: the 32 octets to sign");
    CLI_TRY(signing_check_digest(c, s->intent.digest));
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

/* --- with devices elsewhere, or without --- */

static json *plan_of(const signing *s)
{
    char path[PATH_TEXT_ROOM];
    json *plan = json_new(), *signers = json_array_new();

    derivation_write(path, s->intent.path, s->intent.depth);
    for (uint16_t j = 0; j < s->p->count; j++)
        json_push_number(signers, s->p->index[j]);
    json_put_text(plan, "wallet", s->p->wallet);
    json_put_number(plan, "epoch", (int64_t)s->p->info.epoch);
    json_put(plan, "signers", signers);
    json_put_text(plan, "request", s->request);
    json_put_text(plan, "type", s->intent.type);
    json_put_octets(plan, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    json_put_text(plan, "path", path);
    json_put_text(plan, "mode", s->server_collects ? "server" : "phone");
    return plan;
}

static cli_exit meet(cli *c, signing *s, meeting *m)
{
    AUTO_JSON answer = NULL;

    CLI_TRY(signing_ask(c, s));
    parties_seat(s->p, m);
    CLI_TRY(meeting_host(c, m, "sign", plan_of(s)));
    CLI_TRY(meeting_pair(c, m));
    CLI_TRY(parties_prepare(c, s->p, m));
    CLI_TRY(signing_ask_session(c, s, &answer));
    CLI_TRY(meeting_tell(c, m, answer));
    return signing_run(c, s, m, answer);
}

static cli_exit sign(cli *c, signing *s)
{
    AUTO_MEETING m = {.count = 0};
    const cli_exit code = meet(c, s, &m);

    meeting_end(c, &m, code);
    return code;
}

static cli_exit sign_presigned(cli *c, signing *s)
{
    cli_exit code;

    s->halves = json_array_new();
    code = choose_halves(c, s);
    if (code == CLI_OK) code = spend_one(c, s);
    json_free(&s->halves);
    return code;
}

cli_exit cmd_sign(cli *c)
{
    AUTO_DEVICES all = {0};
    AUTO_PARTIES p = {0};
    signing s = {.p = &p};

    CLI_TRY(read_intent(c, &s));
    CLI_TRY(parties_far(c, &p));
    CLI_TRY(begin_with_devices(c, &all));
    if (!c->presigned) {
        CLI_TRY(parties_choose(c, &all, c->wallet, &p));
        return sign(c, &s);
    }
    CLI_TRY(parties_open(c, &all, c->wallet, &p));
    return sign_presigned(c, &s);
}
