/* The test signature of a key that was made by plan: in the closing meeting the server and the
 * first devices that make it enough sign what names plan, wallet and epoch. It is an ordinary
 * request: it can be made again by the next `resume` when this one ends before the host has kept
 * it. */
#include <string.h>

#include "cli/ceremony_closing.h"
#include "cli/signing.h"
#include "cli/tell.h"

#define TEST_PATH "m"

bool closing_is_tester(const ceremony *x, uint16_t index)
{
    unsigned before = 0;

    if (index == CREATION_SERVER || plan_is_leaving(&x->p, index)) return false;
    for (uint16_t i = 1; i < index; i++)
        before += i != CREATION_SERVER && x->p.party[i - 1].takes_part;
    return x->p.party[index - 1].takes_part && before + 1 < x->p.signers_required;
}

cli_exit closing_wants_test(cli *c, const ceremony *x, const meeting *m, bool *wanted)
{
    char path[PATH_ROOM];

    *wanted = false;
    if (!plan_is_creation(&x->p)) return CLI_OK;
    CLI_TRY(ceremony_path(c, x, "test", path));
    *wanted = !file_is_there(path);
    if (x->is_host || json_is_flag(json_member(m->plan, "test"), wanted)) return CLI_OK;
    return json_lacks(c, "test");
}

/* --- kept by the host --- */

static cli_exit keep(cli *c, closing *k, const csig_signature *sig)
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    k->test = json_new();
    json_put_octets(k->test, "r", sig->r, sizeof sig->r);
    json_put_octets(k->test, "s", sig->s, sizeof sig->s);
    json_put_number(k->test, "recid", sig->recovery_id);
    b.p = (uint8_t *)json_canonical(k->test);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.len = strlen((const char *)b.p);
    CLI_TRY(ceremony_path(c, k->x, "test", path));
    return file_write(c, path, b.p, b.len);
}

static cli_exit read_kept(cli *c, closing *k)
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];
    size_t at;

    CLI_TRY(ceremony_path(c, k->x, "test", path));
    CLI_TRY(file_read(c, path, &b));
    k->test = json_read_canonical(b.p, b.len, &at);
    if (k->test != NULL) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "%s is damaged; remove it: another test is signed then", path);
}

/* --- signed --- */

static cli_exit choose(cli *c, const closing *k, signing *s)
{
    const ceremony *x = k->x;
    parties *p = s->p;

    for (uint16_t i = 1; i <= x->p.parties; i++)
        if (closing_is_tester(x, i) && i != x->self) p->far[p->fars++] = i;
    CLI_TRY(parties_choose(c, &x->all, k->wallet, p));
    s->intent.type = "digest";
    s->intent.path = s->path;
    s->judged = true; /* it moves nothing: a hash that is made here */
    return transcript_test_digest(c, x->p.hash_text, k->wallet, p->info.epoch_state,
                                  s->intent.digest);
}

/* What the server calls it, from its answer to the host. What is signed the guest knows itself. */
static cli_exit read_request(cli *c, signing *s, const json *answer)
{
    const char *id = json_text(answer, "request");

    if (id == NULL || !hex_is_read(s->intent.request_id, sizeof s->intent.request_id, id))
        return json_lacks(c, "request");
    memcpy(s->request, id, sizeof s->request);
    return CLI_OK;
}

static cli_exit sign(cli *c, closing *k, csig_signature *sig)
{
    AUTO_PARTIES p = {0};
    AUTO_JSON answer = NULL;
    signing s = {.p = &p};

    CLI_TRY(choose(c, k, &s));
    if (k->x->is_host) CLI_TRY(signing_ask(c, &s));
    CLI_TRY(meeting_pair(c, k->m));
    CLI_TRY(parties_prepare(c, &p, k->m));
    if (k->x->is_host) {
        CLI_TRY(signing_ask_session(c, &s, &answer));
        CLI_TRY(meeting_tell(c, k->m, answer));
    } else {
        CLI_TRY(meeting_hear(c, k->m, &answer));
        CLI_TRY(read_request(c, &s, answer));
    }
    CLI_TRY(signing_play(c, &s, k->m, answer, sig));
    return cli_check(c, csig_signature_verify(sig, s.intent.digest), "the test signature");
}

cli_exit closing_test(cli *c, closing *k)
{
    csig_signature sig;
    bool wanted;

    if (!plan_is_creation(&k->x->p)) return CLI_OK;
    CLI_TRY(closing_wants_test(c, k->x, k->m, &wanted));
    if (!wanted) return k->x->is_host ? read_kept(c, k) : CLI_OK;
    if (!closing_is_tester(k->x, k->x->self)) return meeting_pair(c, k->m);
    ceremony_set_phase(k->x, "test signature");
    CLI_TRY(sign(c, k, &sig));
    return k->x->is_host ? keep(c, k, &sig) : CLI_OK;
}
