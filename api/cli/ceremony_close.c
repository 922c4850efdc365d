/* The closing meeting: every participant shows its moduli and the record it has kept, the host puts
 * the content of the transcript together, every participant verifies it against what it knows
 * itself and signs a receipt, and all write the same file. Messages, beside those of a meeting:
 *
 *   16 BUNDLE    each: length of the record u32 (0: it has none), the record, its moduli
 *   17 CONTENT   host: the transcript without receipts, canonical JSON
 *   18 RECEIPT   each: canonical JSON
 *
 * It needs no session of the daemon's and can be held again: nothing in it is secret or single use.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony.h"
#include "cli/meeting.h"

typedef struct closing {
    ceremony *x;
    meeting *m;
    const char *wallet;
    blob record;                /* one that is good; owned */
    blob shown[PLAN_SEATS_MAX]; /* by index - 1; owned */
    bool has_shown[PLAN_SEATS_MAX];
    json *content;
    transcript_info info;
    uint8_t hash[TRANSCRIPT_HASH];
    json *receipt[CSIG_PARTIES_MAX]; /* by place in the record */
} closing;

static void closing_close(closing *k)
{
    blob_free(&k->record);
    for (size_t i = 0; i < PLAN_SEATS_MAX; i++)
        blob_free(&k->shown[i]);
    for (size_t i = 0; i < CSIG_PARTIES_MAX; i++)
        json_free(&k->receipt[i]);
    json_free(&k->content);
}
#define AUTO_CLOSING __attribute__((cleanup(closing_close))) closing

/* --- bundles --- */

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

static cli_exit no_good(cli *c, const closing *k, uint16_t index, const char *what)
{
    return cli_fail(c, CLI_INPUT, "party %u (%s): %s", plan_number(&k->x->p, index),
                    k->x->p.party[index - 1].name, what);
}

static cli_exit take_moduli(cli *c, closing *k, uint16_t index, const uint8_t *p, size_t len)
{
    csig_aux_info aux;

    if (csig_aux_show_verify(p, len, &aux) != CSIG_OK ||
        memcmp(aux.identity, k->x->p.party[index - 1].id, sizeof aux.identity) != 0)
        return no_good(c, k, index, "the moduli that it shows are not its own good ones");
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
    if (len < 4) return no_good(c, k, index, "what it shows is cut off");
    record = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (record > len - 4) return no_good(c, k, index, "what it shows is cut off");
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

static bool all_have(const closing *k, const bool *has)
{
    for (uint16_t i = 1; i <= k->x->p.seats; i++)
        if (i != CREATION_SERVER && k->x->p.party[i - 1].takes_part && !has[i - 1]) return false;
    return true;
}

static cli_exit hear(cli *c, closing *k, const bool *has, uint16_t *index, mailbox_message *message)
{
    await(k, has);
    CLI_TRY(meeting_next(c, k->m, message));
    *index = plan_index(&k->x->p, k->m->box.member[message->member]);
    return *index != 0 ? CLI_OK : cli_fail(c, CLI_INPUT, "somebody else is in this meeting");
}

static cli_exit gather_bundles(cli *c, closing *k)
{
    mailbox_message message;
    uint16_t index;

    CLI_TRY(say_bundle(c, k));
    while (!all_have(k, k->has_shown)) {
        CLI_TRY(hear(c, k, k->has_shown, &index, &message));
        if (message.p[0] == CEREMONY_BUNDLE) CLI_TRY(take_bundle(c, k, index, &message));
    }
    if (k->record.len > 0) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "what was planned for wallet %s is done, but nobody has kept the record of "
                    "it: every process was ended in that moment. The wallet signs; a transcript "
                    "cannot be made",
                    k->wallet);
}

/* --- content --- */

/* The commit of the epoch before, as it was when the attempt began. */
static cli_exit read_before(cli *c, const closing *k, wallet_record *before)
{
    AUTO_BLOB b = {0};
    AUTO_JSON j = NULL;
    char path[PATH_ROOM];
    size_t at;

    CLI_TRY(ceremony_path(c, k->x, "before", path));
    CLI_TRY(file_read(c, path, &b));
    j = json_read_canonical(b.p, b.len, &at);
    if (j == NULL || json_number(j, "committer") < 1)
        return cli_fail(c, CLI_INPUT, "%s is damaged", path);
    before->server = (uint16_t)json_number(j, "committer");
    return json_octets(c, j, "commit", before->commit, sizeof before->commit);
}

static cli_exit make_content(cli *c, closing *k)
{
    wallet_record before;
    const bool changes = !plan_is_creation(&k->x->p);
    const transcript t = {.operation = k->x->p.operation,
                          .before = changes ? &before : NULL,
                          .wallet = k->wallet,
                          .server = k->x->p.party[CREATION_SERVER - 1].id,
                          .plan = k->x->p.j,
                          .attempts = k->x->attempts,
                          .record = k->record,
                          .shown = k->shown};
    char *text;
    cli_exit code;

    if (changes) CLI_TRY(read_before(c, k, &before));
    k->content = json_new();
    CLI_TRY(transcript_content(c, &t, k->content));
    text = json_canonical(k->content);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = meeting_say(c, k->m, CEREMONY_CONTENT, (const uint8_t *)text, strlen(text));
    free(text);
    return code;
}

static cli_exit hear_content(cli *c, closing *k)
{
    const uint16_t host = k->x->p.host;
    bool has[PLAN_SEATS_MAX];
    mailbox_message message;
    uint16_t index;
    size_t at;

    for (uint16_t i = 1; i <= PLAN_SEATS_MAX; i++)
        has[i - 1] = i != host;
    do
        CLI_TRY(hear(c, k, has, &index, &message));
    while (index != host || message.p[0] != CEREMONY_CONTENT);
    k->content = json_read_canonical(message.p + 2, message.len - 2, &at);
    return k->content != NULL ? CLI_OK : no_good(c, k, host, "its transcript is none");
}

/* The epoch whose share is held here or, by who leaves, for which its share was destroyed. */
static cli_exit own_epoch(cli *c, const closing *k, csig_share_info *own)
{
    uint8_t next[CSIG_EPOCH_BYTES];
    wallet_record record;
    csig_share *share;

    if (plan_is_leaving(&k->x->p, k->x->self)) {
        CLI_TRY(ceremony_next_epoch(c, k->x, next));
        return cli_check(c, csig_epoch_describe(next, own), "the epoch that was made");
    }
    CLI_TRY(wallet_open(c, k->x->d, k->wallet, &record, &share));
    csig_share_describe(share, own);
    csig_share_free(share);
    return CLI_OK;
}

/* Is this what this device knows? The share it holds, the plan it has signed, the moduli shown. */
static cli_exit check_content(cli *c, closing *k)
{
    const csig_record_info *r = &k->info.record;
    csig_share_info own;

    CLI_TRY(transcript_verify_content(c, k->content, &k->info));
    CLI_TRY(transcript_hash(c, k->content, "receipts", k->hash));
    CLI_TRY(own_epoch(c, k, &own));
    if (strcmp(k->info.plan, k->x->p.hash_text) != 0 || strcmp(k->info.wallet, k->wallet) != 0)
        return no_good(c, k, k->x->p.host, "its transcript is about another plan or wallet");
    if (memcmp(own.epoch_state, r->after.epoch_state, sizeof own.epoch_state) != 0)
        return no_good(c, k, k->x->p.host, "its transcript is about another key than is held here");
    for (uint16_t i = 1; i <= k->x->p.parties; i++)
        if (k->has_shown[i - 1] && k->info.generation[i - 1] == 0)
            return no_good(c, k, k->x->p.host, "its transcript leaves out moduli that were shown");
    return CLI_OK;
}

/* --- receipts --- */

static cli_exit say_receipt(cli *c, closing *k)
{
    uint16_t member;
    json *receipt = NULL;
    cli_exit code = transcript_receipt(c, k->content, &k->info.record, k->x->d, &receipt);
    char *text = code == CLI_OK ? json_canonical(receipt) : NULL;

    if (code == CLI_OK && text == NULL) code = cli_fail(c, CLI_LOCAL, "out of memory");
    if (code == CLI_OK)
        code = transcript_verify_receipt(c, receipt, &k->info.record, k->hash, &member);
    if (code == CLI_OK)
        code = meeting_say(c, k->m, CEREMONY_RECEIPT, (const uint8_t *)text, strlen(text));
    free(text);
    if (code == CLI_OK)
        k->receipt[member] = receipt;
    else
        json_free(&receipt);
    return code;
}

static cli_exit take_receipt(cli *c, closing *k, uint16_t index, const mailbox_message *message)
{
    uint16_t member;
    size_t at;
    json *receipt = json_read_canonical(message->p + 2, message->len - 2, &at);
    cli_exit code;

    if (receipt == NULL) return no_good(c, k, index, "its receipt is none");
    code = transcript_verify_receipt(c, receipt, &k->info.record, k->hash, &member);
    if (code == CLI_OK && k->receipt[member] == NULL)
        k->receipt[member] = receipt;
    else
        json_free(&receipt);
    return code;
}

static void list_received(const closing *k, bool *has)
{
    const csig_record_info *r = &k->info.record;

    memset(has, 0, PLAN_SEATS_MAX * sizeof *has);
    for (uint16_t i = 0; i < r->members; i++) {
        const uint16_t index = plan_index(&k->x->p, r->member[i].identity);

        if (index != 0 && k->receipt[i] != NULL) has[index - 1] = true;
    }
}

static cli_exit gather_receipts(cli *c, closing *k)
{
    bool has[PLAN_SEATS_MAX];
    mailbox_message message;
    uint16_t index;

    CLI_TRY(say_receipt(c, k));
    for (list_received(k, has); !all_have(k, has); list_received(k, has)) {
        CLI_TRY(hear(c, k, has, &index, &message));
        if (message.p[0] == CEREMONY_RECEIPT) CLI_TRY(take_receipt(c, k, index, &message));
    }
    return CLI_OK;
}

static cli_exit save(cli *c, closing *k, const char *file)
{
    json *list = json_array_new();

    for (uint16_t i = 0; i < k->info.record.members; i++)
        if (k->receipt[i] != NULL) json_push(list, json_shared(k->receipt[i]));
    json_put(k->content, "receipts", list);
    return transcript_save(c, file, k->content);
}

static cli_exit close_with(cli *c, closing *k, const char *file)
{
    ceremony *x = k->x;

    c->wait = x->p.close;
    CLI_TRY(gather_bundles(c, k));
    CLI_TRY(x->is_host ? make_content(c, k) : hear_content(c, k));
    CLI_TRY(check_content(c, k));
    CLI_TRY(gather_receipts(c, k));
    return save(c, k, file);
}

static cli_exit begin(cli *c, ceremony *x, meeting *m)
{
    c->wait = x->p.gather;
    if (!x->is_host) CLI_TRY(ceremony_find(c, x, m, "close"));
    ceremony_watch(x, m);
    for (uint16_t i = 1; i <= x->p.seats; i++)
        if (i != CREATION_SERVER && x->p.party[i - 1].takes_part) ceremony_seat(x, m, i, false);
    return x->is_host ? meeting_host(c, m, "close", ceremony_invitation(x)) : meeting_agree(c, m);
}

cli_exit ceremony_receipts(cli *c, ceremony *x, const char *wallet, const char *file)
{
    AUTO_MEETING m = {.count = 0};
    AUTO_CLOSING k = {.x = x, .m = &m, .wallet = wallet};
    cli_exit code;

    ceremony_set_phase(x, "gathering for the receipts");
    code = begin(c, x, &m);
    if (code == CLI_OK) {
        ceremony_set_phase(x, "receipts");
        code = close_with(c, &k, file);
    }
    meeting_end(c, &m, code);
    return code;
}
