/* Signing with a presignature: the half is burned before anything of it leaves. */
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/halves.h"
#include "cli/signing.h"
#include "cli/tell.h"

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

cli_exit signing_choose_half(cli *c, signing *s)
{
    json_free(&s->halves);
    s->halves = json_array_new();
    CLI_TRY(halves_check(c, s->p));
    CLI_TRY(halves_list(c, s->p, s->halves));
    if (json_count(s->halves) > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "no presignature is ready; run: countersign presign %s, or sign without "
                    "--presigned",
                    s->p->wallet);
}

cli_exit signing_spend(cli *c, signing *s, csig_signature *sig)
{
    AUTO_ROUNDS r = {.arg = s};
    AUTO_JSON answer = NULL;
    cli_exit code;

    if (!s->judged) return cli_fail(c, CLI_BUG, "no policy was asked");
    memcpy(r.server, s->p->server_id, sizeof r.server);
    CLI_TRY(signing_ask_session(c, s, &answer));
    CLI_TRY(rounds_begin(c, &r, answer));
    CLI_TRY(parties_nonces(c, s->p, answer));
    CLI_TRY(start_online(c, s, answer, &r));
    code = rounds_run(c, &r);
    if (csig_session_phase(r.s[0]) != CSIG_DONE) return code;
    if (code != CLI_OK) cli_note(c, "signed, but the server does not know it: %s", c->message);
    return cli_check(c, csig_sign_signature(r.s[0], sig), "the signature");
}

cli_exit signing_settle(cli *c, const signing *s)
{
    for (size_t i = 0; i < s->p->locals; i++)
        CLI_TRY(half_settled(c, s->p->local[i].d, s->p->wallet, s->presignature));
    return CLI_OK;
}
