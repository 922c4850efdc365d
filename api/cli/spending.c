/* Signing with a presignature: the half is burned before anything of it leaves. With devices
 * elsewhere everybody burns its own, before it says anything on the board; what it says there never
 * leaves again. Only the host, who speaks to the server, keeps what goes there. */
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

static bool is_alone(const signing *s, const rounds *r)
{
    return s->p->locals == 1 && !meeting_is_held(r->meeting);
}

/* The burn, before anything of the half leaves. One party alone: what leaves is its reply, and that
 * takes the half's place at once. Several: what leaves is known when all have spoken, see post. */
static cli_exit spend(cli *c, rounds *r, size_t i, void *arg)
{
    const signing *s = arg;
    AUTO_BLOB b = {0};

    if (!is_alone(s, r)) return spend_for(c, s, r, r->d[i], NULL, 0);
    if (csig_online_reply(r->s[i], NULL, &b.len) != CSIG_E_BUFFER)
        return cli_fail(c, CLI_BUG, "an online session without a reply");
    b.p = malloc(b.len);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_online_reply(r->s[i], b.p, &b.len), "the reply"));
    return spend_for(c, s, r, r->d[i], b.p, b.len);
}

/* The whole exchange, with the first party: the same octets can leave again for ever. */
static cli_exit post(cli *c, rounds *r, const blob *body, void *arg)
{
    const signing *s = arg;

    if (is_alone(s, r)) return CLI_OK;
    return spend_for(c, s, r, s->p->local[0].d, body->p, body->len);
}

cli_exit signing_start_online(cli *c, signing *s, const json *answer, rounds *r)
{
    const char *id = json_text(answer, "presignature"), *text = json_text(answer, "envelopes");
    AUTO_BLOB first = {0};

    if (id == NULL || strlen(id) + 1 != sizeof s->presignature)
        return json_lacks(c, "presignature");
    if (text == NULL) return json_lacks(c, "envelopes");
    r->store = spend;
    r->post = post;
    r->gathers = true;
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

/* --- which --- */

static cli_exit none(cli *c, const signing *s)
{
    return cli_fail(c, CLI_REFUSED,
                    "no presignature is ready of which all that are to sign hold a half; run: "
                    "countersign presign %s, or sign without --presigned",
                    s->p->wallet);
}

static bool is_listed(const json *list, const char *id)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_text_at(list, i) != NULL && strcmp(json_text_at(list, i), id) == 0) return true;
    return false;
}

cli_exit signing_offer_halves(cli *c, signing *s)
{
    if (!c->presigned) return CLI_OK;
    json_free(&s->offered);
    s->offered = json_array_new();
    CLI_TRY(halves_check(c, s->p));
    CLI_TRY(halves_list(c, s->p, s->offered));
    return json_count(s->offered) > 0 ? CLI_OK : none(c, s);
}

/* The server has said which are ready: what an older copy of the folder brings back is gone. */
cli_exit signing_count_halves(cli *c, const signing *s, const json *plan, uint32_t *holds)
{
    const json *offered = json_member(plan, "presignatures");
    AUTO_JSON here = json_array_new();

    *holds = 0;
    if (!c->presigned) return CLI_OK;
    CLI_TRY(halves_check(c, s->p));
    CLI_TRY(halves_list(c, s->p, here));
    for (size_t i = 0; i < json_count(offered) && i < HALVES_LISTED_MAX; i++)
        if (json_text_at(offered, i) != NULL && is_listed(here, json_text_at(offered, i)))
            *holds |= UINT32_C(1) << i;
    if (*holds != 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "device %s holds no unused half of any presignature offered",
                    s->p->local[0].d->name);
}

cli_exit signing_choose_halves(cli *c, signing *s, const meeting *m)
{
    const uint32_t held = meeting_holds(m);
    AUTO_JSON here = json_array_new();

    if (!c->presigned) return CLI_OK;
    json_free(&s->halves);
    s->halves = json_array_new();
    CLI_TRY(halves_list(c, s->p, here));
    for (size_t i = 0; i < json_count(s->offered); i++)
        if ((held >> i & 1) != 0 && is_listed(here, json_text_at(s->offered, i)))
            json_push_text(s->halves, json_text_at(s->offered, i));
    return json_count(s->halves) > 0 ? CLI_OK : none(c, s);
}

cli_exit signing_settle(cli *c, const signing *s)
{
    for (size_t i = 0; c->presigned && i < s->p->locals; i++)
        CLI_TRY(half_settled(c, s->p->local[i].d, s->p->wallet, s->presignature));
    return CLI_OK;
}
