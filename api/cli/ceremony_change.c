/* A refresh or a resharing in a ceremony: one device here, the others elsewhere. */
#include <string.h>

#include "cli/backups.h"
#include "cli/ceremony_inside.h"
#include "cli/peers.h"
#include "cli/server.h"

/* --- who deals, who joins --- */

static cli_exit keep_before(cli *c, const changing *w)
{
    AUTO_JSON j = json_new();
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    if (w->x->is_rehearsal) return CLI_OK;
    json_put_number(j, "committer", w->t.before.server);
    json_put_octets(j, "commit", w->t.before.commit, sizeof w->t.before.commit);
    b.p = (uint8_t *)json_canonical(j);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.len = strlen((const char *)b.p);
    CLI_TRY(ceremony_path(c, w->x, "before", path));
    return file_write(c, path, b.p, b.len);
}

static cli_exit add_self(cli *c, changing *w)
{
    const plan *p = &w->x->p;
    const uint16_t was = p->party[w->x->self - 1].was;
    const bool stays = !plan_is_leaving(p, w->x->self);

    CLI_TRY(turnover_add(c, &w->t, w->x->d));
    if (w->t.members == 0) {
        w->t.m[w->t.members++] = (turnover_member){.d = w->x->d};
        if (was != 0)
            return cli_fail(c, CLI_REFUSED, "device %s has no share of wallet %s to deal",
                            w->x->d->name, c->wallet);
        CLI_TRY(lock_check(c, w->x->d, w->t.test->server_id));
    } else {
        if (memcmp(w->t.test->info.epoch_state, p->state, sizeof p->state) != 0)
            return cli_fail(c, CLI_REFUSED,
                            "wallet %s is at epoch %llu, and not at the one that the plan starts "
                            "from: make a new plan",
                            c->wallet, (unsigned long long)w->t.test->info.epoch);
        if (w->t.m[0].deals != was)
            return cli_fail(c, CLI_REFUSED, "device %s is party %u of wallet %s, the plan says %u",
                            w->x->d->name, w->t.m[0].deals, c->wallet, was);
        CLI_TRY(cli_check(c, csig_share_epoch(w->t.m[0].share, w->epoch), "the current epoch"));
        CLI_TRY(keep_before(c, w));
    }
    w->t.m[0].holds = stays ? w->x->self : 0;
    w->t.holders = stays ? 1 : 0;
    return CLI_OK;
}

static cli_exit prepare(cli *c, changing *w)
{
    c->wallet = w->x->p.wallet;
    CLI_TRY(server_pinned(c, w->t.test->server_id));
    CLI_TRY(add_self(c, w));
    changing_list_places(w);
    changing_choose_test(w);
    return changing_read_keys(c, w);
}

/* What the host says of the epoch before, to who joins: it is the one that the plan names, and the
 * server has committed it. */
static cli_exit take_epoch(cli *c, changing *w, const meeting *m)
{
    const plan *p = &w->x->p;
    const char *epoch = json_text(m->plan, "epoch");
    csig_share_info info;
    uint8_t commit[64], id[CSIG_IDENTITY_BYTES];

    if (w->t.m[0].share != NULL) return CLI_OK;
    if (epoch == NULL || !hex_is_read(w->epoch, sizeof w->epoch, epoch))
        return json_lacks(c, "epoch");
    CLI_TRY(json_octets(c, m->plan, "commit", commit, sizeof commit));
    if (csig_epoch_describe(w->epoch, &info) != CSIG_OK ||
        csig_epoch_member(w->epoch, CREATION_SERVER, id, NULL) != CSIG_OK ||
        memcmp(info.epoch_state, p->state, sizeof p->state) != 0 ||
        memcmp(id, w->t.test->server_id, sizeof id) != 0 ||
        csig_epoch_commit_verify(w->epoch, CREATION_SERVER, commit) != CSIG_OK)
        return cli_fail(c, CLI_CHEAT,
                        "the epoch that the host shows is not the one of the plan, or the server "
                        "has not committed it");
    return CLI_OK;
}

/* --- the meeting --- */

static cli_exit gather(cli *c, changing *w, meeting *m)
{
    ceremony *x = w->x;
    json *invitation;

    ceremony_set_phase(x, "gathering");
    c->wait = x->p.gather;
    if (!x->is_host && m->plan == NULL) CLI_TRY(ceremony_find(c, x, m, "ceremony"));
    ceremony_watch(x, m);
    for (uint16_t i = 0; i < w->count; i++)
        if (w->index[i] != CREATION_SERVER)
            ceremony_seat(x, m, w->index[i], changing_is_in_test(w, w->index[i]));
    if (x->is_host) {
        invitation = ceremony_invitation(x);
        json_put_text(invitation, "wallet", x->p.wallet);
        json_put_octets(invitation, "epoch", w->epoch, sizeof w->epoch);
        json_put_octets(invitation, "commit", w->t.before.commit, sizeof w->t.before.commit);
        CLI_TRY(meeting_host(c, m, "ceremony", invitation));
    } else {
        CLI_TRY(take_epoch(c, w, m));
        CLI_TRY(meeting_agree(c, m));
    }
    CLI_TRY(ceremony_name_meeting(c, x, m->box.id));
    ceremony_set_phase(x, "pairing");
    c->wait = x->p.rounds;
    return meeting_pair(c, m);
}

static cli_exit load_peers(cli *c, changing *w)
{
    const parties *test = w->t.test;

    for (uint16_t j = 0; test->locals > 0 && j < test->count; j++) {
        signer *s = &w->t.test->local[0];
        const uint8_t *id = test->id[test->index[j] - 1];

        if (test->index[j] == s->index) continue;
        CLI_TRY(lock_check(c, s->d, id));
        CLI_TRY(peer_get(c, s->d, id, &s->peer[j]));
        if (s->peer[j] == NULL)
            return cli_fail(c, CLI_REFUSED,
                            "device %s is not paired with party %u (%s); run: countersign device "
                            "enrol --device %s",
                            s->d->name, test->index[j], w->x->p.party[test->index[j] - 1].name,
                            s->d->name);
        s->view[j] = s->peer[j];
    }
    return CLI_OK;
}

/* --- asking for it --- */

static cli_exit agree_on_session(cli *c, changing *w, meeting *m, rounds *r)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;

    for (uint16_t i = 0; i < w->count; i++)
        if (w->index[i] != CREATION_SERVER)
            memcpy(w->nonce[i], meeting_nonce(m, w->x->p.party[w->index[i] - 1].id),
                   CSIG_NONCE_BYTES);
    changing_describe(w, body);
    if (w->x->is_host) {
        CLI_TRY(turnover_ask(c, &w->t, body, &answer));
        CLI_TRY(meeting_tell(c, m, answer));
    } else {
        CLI_TRY(meeting_hear(c, m, &answer));
    }
    CLI_TRY(turnover_begin(c, &w->t, r, answer));
    return changing_read_nonces(c, w, answer);
}

/* --- the session --- */

static csig_err start_refresh(const changing *w, csig_session **s)
{
    return csig_refresh_session(s, &(csig_refresh_params){.identity = w->x->d->identity,
                                                          .share = w->t.m[0].share,
                                                          .indices = w->index,
                                                          .count = w->count,
                                                          .nonces = w->nonce[0],
                                                          .recovery = keys_lent(&w->t.keys),
                                                          .attempt = w->t.attempt,
                                                          .commits = CREATION_SERVER});
}

static csig_err start_resharing(const changing *w, csig_session **s)
{
    csig_reshare_member members[CSIG_PARTIES_MAX];

    for (uint16_t i = 0; i < w->count; i++) {
        members[i] = (csig_reshare_member){
            .deals = w->x->p.party[w->index[i] - 1].was,
            .holds = plan_is_leaving(&w->x->p, w->index[i]) ? 0 : w->index[i]};
        memcpy(members[i].nonce, w->nonce[i], sizeof members[i].nonce);
    }
    return csig_reshare_session(s,
                                &(csig_reshare_params){.identity = w->x->d->identity,
                                                       .share = w->t.m[0].share,
                                                       .epoch = w->epoch,
                                                       .members = members,
                                                       .count = w->count,
                                                       .self = w->self,
                                                       .signers_required = w->x->p.signers_required,
                                                       .parties = w->x->p.parties,
                                                       .identities = w->t.test->id[0],
                                                       .recovery = keys_lent(&w->t.keys),
                                                       .attempt = w->t.attempt,
                                                       .commits = CREATION_SERVER});
}

static cli_exit change(cli *c, changing *w, meeting *m)
{
    AUTO_ROUNDS r = {.meeting = m};
    csig_session *s;

    CLI_TRY(gather(c, w, m));
    ceremony_set_phase(w->x, "rounds");
    CLI_TRY(load_peers(c, w));
    CLI_TRY(agree_on_session(c, w, m, &r));
    CLI_TRY(cli_check(c, w->reshares ? start_resharing(w, &s) : start_refresh(w, &s), w->t.what));
    rounds_add(&r, s, w->reshares ? w->self : w->x->self, w->x->d);
    rounds_among(&r, (const uint8_t(*)[CSIG_IDENTITY_BYTES])w->number, w->numbers);
    return turnover_run(c, &w->t, &r);
}

cli_exit ceremony_change(cli *c, ceremony *x, meeting *m)
{
    const bool reshares = strcmp(x->p.operation, "reshare") == 0;
    AUTO_PARTIES test = {0};
    changing w = {.x = x,
                  .reshares = reshares,
                  .t = {.what = reshares ? "resharing" : "refresh", .test = &test}};
    char record_file[PATH_ROOM], next_file[PATH_ROOM];
    cli_exit code;

    CLI_TRY(ceremony_path(c, x, "record", record_file));
    CLI_TRY(ceremony_path(c, x, "next", next_file));
    w.t.record_file = x->is_rehearsal ? NULL : record_file;
    w.t.next_file = x->is_rehearsal ? NULL : next_file;
    w.t.throws_away = x->is_rehearsal;
    CLI_TRY(backup_begin(c));
    code = prepare(c, &w);
    if (code == CLI_OK) code = change(c, &w, m);
    turnover_close(&w.t);
    return code;
}
