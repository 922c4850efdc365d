#include "cli/turnover.h"

#include <stdlib.h>
#include <string.h>

#include "cli/backups.h"
#include "cli/client.h"
#include "cli/epochs.h"
#include "cli/escrows.h"
#include "cli/leaving.h"
#include "cli/peers.h"
#include "cli/tell.h"
#include "cli/transcript.h"

void turnover_close(turnover *t)
{
    for (size_t i = 0; i < t->members; i++) {
        csig_share_free(t->m[i].share);
        csig_share_free(t->m[i].staged);
    }
    t->members = 0;
}

cli_exit turnover_add(cli *c, turnover *t, const device *d)
{
    turnover_member *m = &t->m[t->members];
    csig_share_info info;
    wallet_record record;
    wallet_state state;

    CLI_TRY(wallet_look(c, d, c->wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    CLI_TRY(slot_check(c, d, c->wallet));
    CLI_TRY(lock_check(c, d, t->test->server_id));
    CLI_TRY(wallet_open(c, d, c->wallet, &record, &m->share));
    csig_share_describe(m->share, &info);
    m->d = d;
    m->deals = m->holds = info.self;
    if (t->members++ == 0) {
        t->test->info = info;
        t->before = record;
    }
    t->test->server = t->record.server = record.server;
    return epoch_is_one(c, d, c->wallet, &t->test->info, &info);
}

cli_exit turnover_count(cli *c, const devices *all, size_t *can_sign, csig_share_info *info)
{
    *info = (csig_share_info){.parties = 0};
    *can_sign = 0;
    for (size_t i = 0; i < all->count; i++) {
        wallet_record record;
        wallet_state state;
        csig_share *share;

        CLI_TRY(wallet_look(c, all->d[i], c->wallet, &state));
        if (state != WALLET_BORN) continue;
        CLI_TRY(wallet_open(c, all->d[i], c->wallet, &record, &share));
        csig_share_describe(share, info);
        csig_share_free(share);
        *can_sign += all->d[i]->aux != NULL;
    }
    return CLI_OK;
}

/* --- asking for it --- */

/* Whoever has to take part is here, so what holds the wallet is nobody else's. */
cli_exit turnover_ask(cli *c, const turnover *t, const json *body, json **answer)
{
    AUTO_REPLY gone = {0};
    char path[96], session[96];
    cli_exit code;

    snprintf(path, sizeof path, "/v1/wallets/%s/sessions", c->wallet);
    code = client_json(c, "POST", path, body, answer);
    if (code == CLI_OK || c->session[0] == '\0') return code;
    cli_note(c, "a %s that was cut off is given up first", t->what);
    snprintf(session, sizeof session, "/v1/sessions/%s", c->session);
    CLI_TRY(client_call(c, "DELETE", session, NULL, NULL, 0, &gone));
    return client_json(c, "POST", path, body, answer);
}

cli_exit turnover_begin(cli *c, turnover *t, rounds *r, const json *answer)
{
    const int64_t attempt = json_number(answer, "attempt");

    memcpy(r->server, t->test->server_id, sizeof r->server);
    CLI_TRY(rounds_begin(c, r, answer));
    if (attempt < 1) return json_lacks(c, "attempt");
    t->attempt = (uint64_t)attempt;
    t->record.server = t->test->server;
    return hex_is_read(t->record.session, WALLET_ID_BYTES, r->session) ? CLI_OK : CLI_BUG;
}

/* --- staging --- */

/* Staged share on disk, and its backup on the way before the receipt that names it. */
static cli_exit stage(cli *c, turnover *t, rounds *r, size_t i)
{
    turnover_member *m = &t->m[i];
    uint8_t hash[CSIG_BACKUP_HASH_BYTES];

    r->extra = (blob){malloc(CSIG_BACKUP_BYTES), CSIG_BACKUP_BYTES};
    if (r->extra.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    CLI_TRY(cli_check(c, csig_refresh_share(r->s[i], &m->staged), "the new share"));
    CLI_TRY(wallet_prepare(c, m->d, c->wallet));
    if (t->throws_away) CLI_TRY(wallet_mark(c, m->d, c->wallet));
    if (!t->keys_change && t->keys.count > 0) CLI_TRY(keys_write(c, m->d, c->wallet, &t->keys));
    CLI_TRY(escrows_stage(c, m->d, c->wallet, m->staged, &t->keys, r->s[i], csig_refresh_escrow));
    CLI_TRY(slot_stage(c, m->d, c->wallet, &t->record, m->staged));
    if (t->keys_change) CLI_TRY(keys_stage(c, m->d, c->wallet, &t->keys));
    CLI_TRY(backup_make(c, m->d, c->wallet, m->staged, r->extra.p));
    CLI_TRY(cli_check(c, csig_backup_hash(r->extra.p, r->extra.len, hash), "the backup"));
    return cli_check(c, csig_refresh_backup(r->s[i], hash), "the backup");
}

static const turnover_member *holder_of(const turnover *t, uint16_t index)
{
    size_t i = 0;

    while (t->m[i].holds != index)
        i++;
    return &t->m[i];
}

/* The staged shares sign, before they are anything: an ordinary signature under the same key. The
 * session that staged last can say what. */
static cli_exit start_test(cli *c, const turnover *t, rounds *r, size_t last)
{
    csig_intent intent = {.type = "refresh-test"};

    CLI_TRY(cli_check(c, csig_refresh_test_digest(r->s[last], intent.digest), "the test"));
    memcpy(intent.request_id, intent.digest, sizeof intent.request_id);
    for (size_t i = 0; i < t->test->locals; i++) {
        const signer *s = &t->test->local[i];
        csig_signers signers = parties_signers(t->test, i);
        csig_session *test;

        signers.share = holder_of(t, s->index)->staged;
        CLI_TRY(cli_check(c, csig_sign_session(&test, &signers, &intent, t->test->server),
                          "the test signature"));
        rounds_add(r, test, s->index, s->d);
        rounds_among(r, t->id, t->parties);
    }
    return CLI_OK;
}

static cli_exit store(cli *c, rounds *r, size_t i, void *arg)
{
    turnover *t = arg;

    if (i < t->members) {
        CLI_TRY(cli_check(c, csig_refresh_epoch(r->s[i], t->next), "the next epoch"));
        t->has_next = true;
    }
    if (i >= t->holders && i < t->members) return CLI_OK; /* it leaves: see leave */
    if (i >= t->members || t->m[i].staged != NULL)
        return cli_fail(c, CLI_BUG, "a %s stages once", t->what);
    CLI_TRY(stage(c, t, r, i));
    t->staged++;
    return t->staged == t->holders ? start_test(c, t, r, i) : CLI_OK;
}

/* Who leaves keeps in mind for which epoch, before its receipt leaves this process. */
static cli_exit leave(cli *c, rounds *r, const blob *body, void *arg)
{
    const turnover *t = arg;

    (void)r;
    (void)body;
    if (!t->has_next) return CLI_OK;
    if (t->next_file != NULL && t->holders == 0)
        CLI_TRY(file_write(c, t->next_file, t->next, sizeof t->next));
    for (size_t i = t->holders; i < t->members; i++)
        CLI_TRY(leaving_keep(c, t->m[i].d, c->wallet, &t->record, t->next));
    return CLI_OK;
}

/* --- the end of it --- */

static bool commit_is_there(const turnover *t, const rounds *r)
{
    for (size_t i = 0; i < t->members; i++)
        if (csig_session_phase(r->s[i]) != CSIG_DONE) return false;
    return true;
}

static cli_exit keep_record(cli *c, const turnover *t, csig_session *s)
{
    AUTO_BLOB record = {0};

    CLI_TRY(transcript_record(c, s, &record));
    return file_write(c, t->record_file, record.p, record.len);
}

/* Who leaves comes last: with its share gone, the others have theirs. */
static cli_exit follow(cli *c, turnover *t, const rounds *r)
{
    if (t->record_file != NULL) CLI_TRY(keep_record(c, t, r->s[0]));
    for (size_t i = 0; i < t->members; i++) {
        CLI_TRY(
            cli_check(c, csig_refresh_commit(r->s[i], t->record.commit), "the server's commit"));
        CLI_TRY(i < t->holders ? epoch_follow(c, t->m[i].d, c->wallet, &t->record)
                               : leaving_done(c, t->m[i].d, c->wallet));
    }
    return CLI_OK;
}

/* It came to nothing, as far as is known here: what the server makes of it is followed at once. */
static cli_exit settle(cli *c, const turnover *t, cli_exit failed)
{
    const cli saved = *c;

    if (failed == CLI_OFFLINE) {
        cli_note(c,
                 "whether the wallet was %s is decided when the server is reached again: "
                 "run countersign wallet list then",
                 t->holders == t->members && !t->keys_change ? "refreshed" : "reshared");
        return failed;
    }
    for (size_t i = 0; i < t->members; i++)
        if (epoch_settle(c, t->m[i].d, c->wallet, t->test->server_id) != CLI_OK ||
            leaving_settle(c, t->m[i].d, c->wallet, t->test->server_id) != CLI_OK)
            cli_note(c, "both shares are kept until the server decides: %s", c->message);
    memcpy(c->message, saved.message, sizeof c->message);
    memcpy(c->problem, saved.problem, sizeof c->problem);
    c->status = saved.status;
    return failed;
}

cli_exit turnover_run(cli *c, turnover *t, rounds *r)
{
    cli_exit code;

    r->store = store;
    r->leave = leave;
    r->arg = t;
    if (t->record_file != NULL)
        CLI_TRY(cli_check(c, csig_session_keep_record(r->s[0]), "the record"));
    else
        CLI_TRY(transcript_keep(c, r->s[0]));
    code = rounds_run(c, r);
    if (!commit_is_there(t, r)) return settle(c, t, code);
    if (code != CLI_OK)
        cli_note(c, "the %s is done, but its end was cut off: %s", t->what, c->message);
    /* Whatever wanted it has it. */
    if (!c->riding) c->wanted[0] = '\0';
    return follow(c, t, r);
}

cli_exit turnover_transcript(cli *c, const turnover *t, const rounds *r, const char *operation)
{
    transcript all = {.operation = operation,
                      .wallet = c->wallet,
                      .server = t->test->server_id,
                      .before = &t->before,
                      .count = t->members};

    for (size_t i = 0; i < t->members; i++)
        all.here[i] = t->m[i].d;
    return transcript_write(c, &all, r->s[0]);
}
