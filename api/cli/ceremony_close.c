/* The closing meeting: every participant shows its moduli and the record it has kept, the host puts
 * the content of the transcript together, every participant verifies it against what it knows
 * itself and signs a receipt, and all write the same file. After a key generation the new shares
 * sign a test before that, as for any request. Messages, beside those of a meeting:
 *
 *   16 BUNDLE    each: length of the record u32 (0: it has none), the record, its moduli
 *   17 CONTENT   host: the transcript without receipts, canonical JSON
 *   18 RECEIPT   each: canonical JSON
 *
 * It needs no session of the daemon's and can be held again: nothing in it is secret or single use.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/ceremony_closing.h"

static void closing_close(closing *k)
{
    blob_free(&k->record);
    for (size_t i = 0; i < PLAN_SEATS_MAX; i++)
        blob_free(&k->shown[i]);
    for (size_t i = 0; i < CSIG_PARTIES_MAX; i++)
        json_free(&k->receipt[i]);
    json_free(&k->content);
    json_free(&k->test);
}
#define AUTO_CLOSING __attribute__((cleanup(closing_close))) closing

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
                          .test = k->test,
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
        CLI_TRY(closing_hear(c, k, has, &index, &message));
    while (index != host || message.p[0] != CEREMONY_CONTENT);
    k->content = json_read_canonical(message.p + 2, message.len - 2, &at);
    return k->content != NULL ? CLI_OK : closing_no_good(c, k, host, "its transcript is none");
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
        return closing_no_good(c, k, k->x->p.host,
                               "its transcript is about another plan or wallet");
    if (memcmp(own.epoch_state, r->after.epoch_state, sizeof own.epoch_state) != 0)
        return closing_no_good(c, k, k->x->p.host,
                               "its transcript is about another key than is held here");
    for (uint16_t i = 1; i <= k->x->p.parties; i++)
        if (k->has_shown[i - 1] && k->info.generation[i - 1] == 0)
            return closing_no_good(c, k, k->x->p.host,
                                   "its transcript leaves out moduli that were shown");
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

    if (receipt == NULL) return closing_no_good(c, k, index, "its receipt is none");
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
    for (list_received(k, has); !closing_all_have(k, has); list_received(k, has)) {
        CLI_TRY(closing_hear(c, k, has, &index, &message));
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
    CLI_TRY(closing_gather_bundles(c, k));
    CLI_TRY(closing_test(c, k));
    CLI_TRY(x->is_host ? make_content(c, k) : hear_content(c, k));
    CLI_TRY(check_content(c, k));
    CLI_TRY(gather_receipts(c, k));
    return save(c, k, file);
}

static cli_exit begin(cli *c, ceremony *x, meeting *m)
{
    json *invitation;
    bool tests;

    c->wait = x->p.gather;
    if (!x->is_host) CLI_TRY(ceremony_find(c, x, m, "close"));
    CLI_TRY(closing_wants_test(c, x, m, &tests));
    ceremony_watch(x, m);
    for (uint16_t i = 1; i <= x->p.seats; i++)
        if (i != CREATION_SERVER && x->p.party[i - 1].takes_part)
            ceremony_seat(x, m, i, tests && closing_is_tester(x, i));
    if (!x->is_host) return meeting_agree(c, m);
    invitation = ceremony_invitation(x);
    json_put_flag(invitation, "test", tests);
    return meeting_host(c, m, "close", invitation);
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
