/* What every participant shows in the closing meeting: the record it has kept, and its moduli. */
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony_closing.h"
#include "cli/client.h"

/* A record of this plan's key, and of no other: who made it is who the plan names. */
static bool record_is_good(const closing *k, const blob *record)
{
    csig_record_info info;
    uint8_t id[CSIG_IDENTITY_BYTES];

    if (record->len == 0 || csig_record_verify(record->p, record->len, &info, NULL) != CSIG_OK)
        return false;
    if (plan_is_creation(&k->x->p) == (info.changes != 0)) return false;
    if (info.changes &&
        memcmp(info.before.epoch_state, k->x->p.state, sizeof info.before.epoch_state) != 0)
        return false;
    for (uint16_t i = 1; i <= k->x->p.parties; i++)
        if (csig_epoch_member(info.epoch, i, id, NULL) != CSIG_OK ||
            memcmp(id, k->x->p.party[i - 1].id, sizeof id) != 0)
            return false;
    return true;
}

static cli_exit take_record(cli *c, closing *k, const uint8_t *p, size_t len)
{
    const blob lent = {(uint8_t *)(uintptr_t)p, len};

    if (k->record.len > 0 || !record_is_good(k, &lent)) return CLI_OK;
    k->record.p = malloc(len);
    if (k->record.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(k->record.p, p, len);
    k->record.len = len;
    return CLI_OK;
}

static cli_exit own_record(cli *c, closing *k, blob *record)
{
    char path[PATH_ROOM];

    CLI_TRY(ceremony_path(c, k->x, "record", path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, record));
    return take_record(c, k, record->p, record->len);
}

static cli_exit say_bundle(cli *c, closing *k)
{
    AUTO_BLOB record = {0}, shown = {0}, b = {0};

    CLI_TRY(own_record(c, k, &record));
    if (!plan_is_leaving(&k->x->p, k->x->self)) CLI_TRY(transcript_show(c, k->x->d->aux, &shown));
    b = (blob){malloc(4 + record.len + shown.len), 4 + record.len + shown.len};
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    for (int i = 0; i < 4; i++)
        b.p[i] = (uint8_t)(record.len >> (24 - 8 * i));
    if (record.len > 0) memcpy(b.p + 4, record.p, record.len);
    if (shown.len > 0) memcpy(b.p + 4 + record.len, shown.p, shown.len);
    CLI_TRY(meeting_say(c, k->m, CEREMONY_BUNDLE, b.p, b.len));
    k->shown[k->x->self - 1] = shown;
    shown = (blob){0};
    k->has_shown[k->x->self - 1] = true;
    return CLI_OK;
}

cli_exit closing_no_good(cli *c, const closing *k, uint16_t index, const char *what)
{
    return cli_fail(c, CLI_INPUT, "party %u (%s): %s", plan_number(&k->x->p, index),
                    k->x->p.party[index - 1].name, what);
}

static cli_exit take_moduli(cli *c, closing *k, uint16_t index, const uint8_t *p, size_t len)
{
    csig_aux_info aux;

    if (csig_aux_show_verify(p, len, &aux) != CSIG_OK ||
        memcmp(aux.identity, k->x->p.party[index - 1].id, sizeof aux.identity) != 0)
        return closing_no_good(c, k, index, "the moduli that it shows are not its own good ones");
    k->shown[index - 1] = (blob){malloc(len), len};
    if (k->shown[index - 1].p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    memcpy(k->shown[index - 1].p, p, len);
    return CLI_OK;
}

/* Who leaves shows none: it signs nothing any more. */
static cli_exit take_bundle(cli *c, closing *k, uint16_t index, const mailbox_message *message)
{
    const uint8_t *p = message->p + 2;
    size_t len = message->len - 2, record;

    if (k->has_shown[index - 1]) return CLI_OK;
    if (len < 4) return closing_no_good(c, k, index, "what it shows is cut off");
    record = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (record > len - 4) return closing_no_good(c, k, index, "what it shows is cut off");
    CLI_TRY(take_record(c, k, p + 4, record));
    p += 4 + record;
    len -= 4 + record;
    k->has_shown[index - 1] = true;
    return plan_is_leaving(&k->x->p, index) ? CLI_OK : take_moduli(c, k, index, p, len);
}

/* --- waiting for all --- */

static void await(const closing *k, const bool *has)
{
    meeting *m = k->m;

    memset(m->is_awaited, 0, sizeof m->is_awaited);
    for (size_t i = 0; i < m->box.members; i++) {
        const uint16_t index = plan_index(&k->x->p, m->box.member[i]);

        m->is_awaited[i] = index != 0 && !has[index - 1];
    }
}

bool closing_all_have(const closing *k, const bool *has)
{
    for (uint16_t i = 1; i <= k->x->p.seats; i++)
        if (i != CREATION_SERVER && k->x->p.party[i - 1].takes_part && !has[i - 1]) return false;
    return true;
}

cli_exit closing_hear(cli *c, closing *k, const bool *has, uint16_t *index,
                      mailbox_message *message)
{
    await(k, has);
    CLI_TRY(meeting_next(c, k->m, message));
    *index = plan_index(&k->x->p, k->m->box.member[message->member]);
    return *index != 0 ? CLI_OK : cli_fail(c, CLI_INPUT, "somebody else is in this meeting");
}

/* Every process was ended between the commit and the writing of its record: the server has stored
 * both in one. */
static cli_exit fetch_record(cli *c, closing *k)
{
    AUTO_REPLY r = {0};
    char path[96];

    snprintf(path, sizeof path, "/v1/wallets/%s/record", k->wallet);
    CLI_TRY(client_call(c, "GET", path, NULL, NULL, 0, &r));
    if (r.status != 200) return client_problem(c, &r);
    CLI_TRY(take_record(c, k, r.body.p, r.body.len));
    if (k->record.len > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "what was planned for wallet %s is done, but nobody has kept the record of it, "
                    "and what the server has is not of this plan: the wallet has gone on since",
                    k->wallet);
}

cli_exit closing_gather_bundles(cli *c, closing *k)
{
    mailbox_message message;
    uint16_t index;

    CLI_TRY(say_bundle(c, k));
    while (!closing_all_have(k, k->has_shown)) {
        CLI_TRY(closing_hear(c, k, k->has_shown, &index, &message));
        if (message.p[0] == CEREMONY_BUNDLE) CLI_TRY(take_bundle(c, k, index, &message));
    }
    return k->record.len > 0 || !k->x->is_host ? CLI_OK : fetch_record(c, k);
}
