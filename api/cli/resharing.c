#include "cli/resharing.h"

#include <stdlib.h>
#include <string.h>

#include "cli/peers.h"
#include "cli/tell.h"

/* --- order --- */

static int key_of(uint16_t deals, uint16_t holds)
{
    return holds > 0 ? holds : CSIG_PARTIES_MAX + deals;
}

static int compare_seats(const void *a, const void *b)
{
    const reshare_seat *x = a, *y = b;

    return key_of(x->deals, x->holds) - key_of(y->deals, y->holds);
}

static int compare_members(const void *a, const void *b)
{
    const turnover_member *x = a, *y = b;

    return key_of(x->deals, x->holds) - key_of(y->deals, y->holds);
}

cli_exit resharing_order(cli *c, resharing *w)
{
    size_t before = 0;

    qsort(w->seat, w->seats, sizeof w->seat[0], compare_seats);
    qsort(w->t.m, w->t.members, sizeof w->t.m[0], compare_members);
    while (w->t.holders < w->t.members && w->t.m[w->t.holders].holds > 0)
        w->t.holders++;
    while (before < w->seats && w->seat[before].holds > 0 &&
           w->seat[before].holds < COMMITTEE_SERVER)
        before++;
    w->server = (uint16_t)(before + 1);
    w->t.parties = w->next.parties;
    for (uint16_t i = 0; i < w->next.parties; i++)
        memcpy(w->t.id[i], w->next.of[i].id, CSIG_IDENTITY_BYTES);
    if (w->seats < CSIG_PARTIES_MAX) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "at most %d devices take part at once", CSIG_PARTIES_MAX - 1);
}

const reshare_seat *resharing_at(const resharing *w, uint16_t place)
{
    if (place == w->server) return NULL;
    return &w->seat[place < w->server ? place - 1 : place - 2];
}

static uint16_t place_of(const resharing *w, const device *d)
{
    uint16_t place = 1;

    while (resharing_at(w, place) == NULL || resharing_at(w, place)->here != d)
        place++;
    return place;
}

/* --- who signs the test --- */

cli_exit resharing_test(cli *c, resharing *w)
{
    parties *p = w->t.test;

    for (size_t i = 0; i < w->t.holders; i++) {
        const turnover_member *m = &w->t.m[i];

        for (uint16_t j = 0; j < p->count; j++) {
            if (p->index[j] != m->holds) continue;
            if (m->d->aux == NULL)
                return cli_fail(c, CLI_REFUSED,
                                "device %s is to sign the test and has no auxiliary info: "
                                "countersign device init, countersign device enrol",
                                m->d->name);
            p->local[p->locals++] = (signer){.d = m->d, .index = m->holds};
        }
    }
    return CLI_OK;
}

static cli_exit add_peers(cli *c, const resharing *w, signer *s)
{
    const parties *p = w->t.test;

    for (uint16_t j = 0; j < p->count; j++) {
        const uint8_t *id = w->next.of[p->index[j] - 1].id;

        if (p->index[j] == s->index) continue;
        CLI_TRY(lock_check(c, s->d, id));
        CLI_TRY(peer_get(c, s->d, id, &s->peer[j]));
        if (s->peer[j] == NULL)
            return cli_fail(c, CLI_REFUSED,
                            "device %s is not paired with who will be party %u; run: countersign "
                            "device enrol --device %s",
                            s->d->name, p->index[j], s->d->name);
        s->view[j] = s->peer[j];
    }
    return CLI_OK;
}

void resharing_seat(const resharing *w, meeting *m)
{
    for (size_t i = 0; i < w->seats; i++) {
        const reshare_seat *s = &w->seat[i];
        bool signs = false;

        for (uint16_t j = 0; j < w->t.test->count; j++)
            signs = signs || (s->holds > 0 && w->t.test->index[j] == s->holds);
        meeting_seat(m, s->id, s->holds > 0 ? s->holds : s->deals, s->here, signs);
    }
}

cli_exit resharing_prepare(cli *c, resharing *w, const meeting *m)
{
    for (size_t i = 0; i < w->t.test->locals; i++)
        CLI_TRY(add_peers(c, w, &w->t.test->local[i]));
    for (uint16_t i = 1; i <= w->seats + 1; i++)
        if (i != w->server)
            memcpy(w->nonce[i - 1], meeting_nonce(m, resharing_at(w, i)->id), CSIG_NONCE_BYTES);
    return CLI_OK;
}

json *resharing_keys(const resharing *w)
{
    json *list = json_array_new();

    for (uint16_t k = 0; k < w->t.keys.count; k++) {
        json *one = json_new();

        json_put_number(one, "index", w->t.keys.index[k]);
        json_put_octets(one, "key", w->t.keys.key[k], CSIG_RECOVERY_KEY_BYTES);
        json_push(list, one);
    }
    return list;
}

/* --- the resharing --- */

static cli_exit read_nonces(cli *c, resharing *w, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    parties *p = w->t.test;
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t i = 1; i <= w->seats + 1; i++) {
        const reshare_seat *s = resharing_at(w, i);
        const char *text = json_text_at(nonces, i - 1U);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (s == NULL)
            memcpy(w->nonce[i - 1], said, sizeof said);
        else if (memcmp(w->nonce[i - 1], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes a nonce of ours");
        for (uint16_t j = 0; j < p->count; j++)
            if (p->index[j] == (s == NULL ? COMMITTEE_SERVER : s->holds))
                memcpy(p->nonces[j], w->nonce[i - 1], CSIG_NONCE_BYTES);
    }
    return CLI_OK;
}

static void list_members(const resharing *w, csig_reshare_member *members,
                         uint8_t ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES])
{
    for (uint16_t i = 1; i <= w->seats + 1; i++) {
        const reshare_seat *s = resharing_at(w, i);

        members[i - 1] = (csig_reshare_member){.deals = s == NULL ? COMMITTEE_SERVER : s->deals,
                                               .holds = s == NULL ? COMMITTEE_SERVER : s->holds};
        memcpy(members[i - 1].nonce, w->nonce[i - 1], CSIG_NONCE_BYTES);
        memcpy(ids[i - 1], s == NULL ? w->t.test->server_id : s->id, CSIG_IDENTITY_BYTES);
    }
}

/* In the envelopes of the resharing a member's number is its place in the list. */
static cli_exit start(cli *c, const resharing *w,
                      uint8_t ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES], rounds *r)
{
    csig_reshare_member members[CSIG_PARTIES_MAX];

    list_members(w, members, ids);
    for (size_t i = 0; i < w->t.members; i++) {
        const csig_reshare_params params = {.identity = w->t.m[i].d->identity,
                                            .share = w->t.m[i].share,
                                            .epoch = w->epoch,
                                            .members = members,
                                            .count = (uint16_t)(w->seats + 1),
                                            .self = place_of(w, w->t.m[i].d),
                                            .signers_required = w->next.signers_required,
                                            .parties = w->next.parties,
                                            .identities = w->t.id[0],
                                            .recovery = keys_lent(&w->t.keys),
                                            .attempt = w->t.attempt,
                                            .commits = COMMITTEE_SERVER};
        csig_session *s;

        CLI_TRY(cli_check(c, csig_reshare_session(&s, &params), "the resharing"));
        rounds_add(r, s, params.self, w->t.m[i].d);
        rounds_among(r, (const uint8_t(*)[CSIG_IDENTITY_BYTES])ids, params.count);
    }
    return CLI_OK;
}

static cli_exit tell(cli *c, const resharing *w)
{
    AUTO_JSON j = json_new();
    csig_share_info info;

    CLI_TRY(cli_check(c, csig_epoch_describe(w->t.next, &info), "the new epoch"));
    json_put_text(j, "wallet", c->wallet);
    json_put_number(j, "epoch", (int64_t)info.epoch);
    json_put_number(j, "epoch_attempt", (int64_t)info.epoch_attempt);
    json_put_octets(j, "epoch_state", info.epoch_state, sizeof info.epoch_state);
    json_put_number(j, "signers_required", info.signers_required);
    json_put_number(j, "parties", info.parties);
    json_put_octets(j, "public_key", info.public_key, sizeof info.public_key);
    CLI_TRY(cli_tell(c, j,
                     "reshared: wallet %s is at epoch %llu\n  %u of %u parties sign\n"
                     "  public key  %s, as before\n",
                     c->wallet, (unsigned long long)info.epoch, info.signers_required, info.parties,
                     json_text(j, "public_key")));
    for (size_t i = w->t.holders; i < w->t.members; i++)
        cli_note(c, "device %s has left wallet %s; its share is deleted", w->t.m[i].d->name,
                 c->wallet);
    return CLI_OK;
}

cli_exit resharing_run(cli *c, resharing *w, meeting *m, const json *answer)
{
    uint8_t ids[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES];
    AUTO_ROUNDS r = {.meeting = m};

    CLI_TRY(turnover_begin(c, &w->t, &r, answer));
    CLI_TRY(read_nonces(c, w, answer));
    CLI_TRY(start(c, w, ids, &r));
    CLI_TRY(turnover_run(c, &w->t, &r));
    CLI_TRY(tell(c, w));
    return turnover_transcript(c, &w->t, &r, "reshare");
}
