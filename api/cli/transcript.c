/* Transcripts made: by who holds a session that was recorded. */
#include "cli/transcript.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/tell.h"

cli_exit transcript_begin(cli *c)
{
    char probe[PATH_ROOM];

    if (c->transcript == NULL) return CLI_OK;
    if (file_is_there(c->transcript))
        return cli_fail(c, CLI_REFUSED, "%s is there already; a transcript is never overwritten",
                        c->transcript);
    if (strlen(c->transcript) + sizeof ".probe" > sizeof probe)
        return cli_fail(c, CLI_USAGE, "the path %s is too long", c->transcript);
    snprintf(probe, sizeof probe, "%s.probe", c->transcript);
    CLI_TRY(file_write(c, probe, NULL, 0));
    return file_remove(c, probe);
}

cli_exit transcript_keep(cli *c, csig_session *s)
{
    if (c->transcript == NULL) return CLI_OK;
    return cli_check(c, csig_session_keep_record(s), "the transcript");
}

cli_exit transcript_hash(cli *c, const json *j, const char *without, uint8_t hash[TRANSCRIPT_HASH])
{
    AUTO_JSON rest = json_without(j, without);
    char *text = rest == NULL ? NULL : json_canonical(rest);

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    crypto_hash_sha256(hash, (const uint8_t *)text, strlen(text));
    free(text);
    return CLI_OK;
}

/* --- moduli --- */

cli_exit transcript_show(cli *c, const csig_aux *aux, blob *shown)
{
    if (csig_aux_show(aux, NULL, &shown->len) != CSIG_E_BUFFER) return CLI_BUG;
    shown->p = malloc(shown->len);
    if (shown->p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    return cli_check(c, csig_aux_show(aux, shown->p, &shown->len), "the moduli");
}

static cli_exit fetch_server(cli *c, json *list)
{
    AUTO_REPLY r = {0};

    CLI_TRY(client_call(c, "GET", "/v1/aux", NULL, NULL, 0, &r));
    if (r.status != 200) return client_problem(c, &r);
    json_push_octets(list, r.body.p, r.body.len);
    return CLI_OK;
}

/* Of who is here, of the server, or of whom they were given. */
static cli_exit put_one(cli *c, const transcript *t, uint16_t index, const uint8_t *id, json *list)
{
    for (size_t i = 0; i < t->count; i++) {
        AUTO_BLOB own = {0};

        if (t->here[i]->aux == NULL || memcmp(t->here[i]->id, id, CSIG_IDENTITY_BYTES) != 0)
            continue;
        CLI_TRY(transcript_show(c, t->here[i]->aux, &own));
        json_push_octets(list, own.p, own.len);
        return CLI_OK;
    }
    if (memcmp(t->server, id, CSIG_IDENTITY_BYTES) == 0) return fetch_server(c, list);
    if (t->shown != NULL && t->shown[index - 1].len > 0)
        json_push_octets(list, t->shown[index - 1].p, t->shown[index - 1].len);
    return CLI_OK;
}

static cli_exit put_moduli(cli *c, const transcript *t, const csig_record_info *info, json *j)
{
    json *list = json_array_new();

    json_put(j, "moduli", list);
    for (uint16_t index = 1; index <= info->after.parties; index++) {
        uint8_t id[CSIG_IDENTITY_BYTES];

        CLI_TRY(
            cli_check(c, csig_epoch_member(info->epoch, index, id, NULL), "a party's identity"));
        CLI_TRY(put_one(c, t, index, id, list));
    }
    return CLI_OK;
}

/* --- receipts --- */

static json *state_or_null(bool has, const csig_share_info *epoch)
{
    return has ? json_octets_new(epoch->epoch_state, sizeof epoch->epoch_state) : json_null_new();
}

static cli_exit sign_receipt(cli *c, const device *d, json *receipt)
{
    char *text = json_canonical(receipt);
    uint8_t signature[TRANSCRIPT_SIGNATURE];
    csig_err err;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    err = csig_identity_sign(d->identity, TRANSCRIPT_RECEIPT, (const uint8_t *)text, strlen(text),
                             signature);
    free(text);
    CLI_TRY(cli_check(c, err, "the receipt"));
    json_put_octets(receipt, "signature", signature, sizeof signature);
    return CLI_OK;
}

static cli_exit make_receipt(cli *c, const device *d, const csig_record_info *info,
                             const csig_record_member *m, const uint8_t content[TRANSCRIPT_HASH],
                             json *receipt)
{
    json_put_octets(receipt, "content", content, TRANSCRIPT_HASH);
    json_put_number(receipt, "deals", m->deals);
    json_put_number(receipt, "holds", m->holds);
    json_put_octets(receipt, "identity", m->identity, sizeof m->identity);
    json_put(receipt, "kept", state_or_null(m->holds != 0, &info->after));
    json_put(receipt, "destroyed", state_or_null(info->changes && m->deals != 0, &info->before));
    return sign_receipt(c, d, receipt);
}

cli_exit transcript_receipt(cli *c, const json *content, const csig_record_info *record,
                            const device *d, json **receipt)
{
    uint8_t hash[TRANSCRIPT_HASH];

    *receipt = json_new();
    CLI_TRY(transcript_hash(c, content, "receipts", hash));
    for (uint16_t i = 0; i < record->members; i++)
        if (memcmp(record->member[i].identity, d->id, sizeof d->id) == 0)
            return make_receipt(c, d, record, &record->member[i], hash, *receipt);
    return cli_fail(c, CLI_REFUSED, "device %s took no part in what the transcript tells", d->name);
}

static cli_exit put_receipts(cli *c, const transcript *t, const csig_record_info *info, json *j)
{
    json *list = json_array_new();

    for (uint16_t i = 0; i < info->members; i++) {
        for (size_t k = 0; k < t->count; k++) {
            json *receipt = NULL;

            if (memcmp(t->here[k]->id, info->member[i].identity, CSIG_IDENTITY_BYTES) != 0)
                continue;
            CLI_TRY(transcript_receipt(c, j, info, t->here[k], &receipt));
            json_push(list, receipt);
        }
    }
    json_put(j, "receipts", list);
    return CLI_OK;
}

/* --- the whole --- */

cli_exit transcript_record(cli *c, csig_session *s, blob *record)
{
    if (csig_session_record(s, NULL, &record->len) != CSIG_E_BUFFER) return CLI_BUG;
    record->p = malloc(record->len);
    if (record->p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    return cli_check(c, csig_session_record(s, record->p, &record->len), "the record");
}

static void put_before(const transcript *t, json *j)
{
    json *before = t->before == NULL ? json_null_new() : json_new();

    json_put(j, "before", before);
    if (t->before == NULL) return;
    json_put_number(before, "committer", t->before->server);
    json_put_octets(before, "commit", t->before->commit, sizeof t->before->commit);
}

static json *share_or_null(const json *v)
{
    return v == NULL ? json_null_new() : json_shared(v);
}

cli_exit transcript_content(cli *c, const transcript *t, json *j)
{
    csig_record_info info;

    CLI_TRY(
        cli_check(c, csig_record_verify(t->record.p, t->record.len, &info, NULL), "the record"));
    json_put_text(j, "countersign", "transcript");
    json_put_number(j, "version", TRANSCRIPT_VERSION);
    json_put_number(j, "level", csig_level());
    json_put_text(j, "operation", t->operation);
    json_put_text(j, "wallet", t->wallet);
    json_put_octets(j, "server", t->server, CSIG_IDENTITY_BYTES);
    json_put_octets(j, "record", t->record.p, t->record.len);
    json_put(j, "plan", share_or_null(t->plan));
    json_put(j, "attempts", share_or_null(t->attempts));
    json_put(j, "test", share_or_null(t->test));
    put_before(t, j);
    return put_moduli(c, t, &info, j);
}

cli_exit transcript_save(cli *c, const char *path, const json *j)
{
    AUTO_BLOB text = {0};
    transcript_info info;

    CLI_TRY(transcript_verify(c, j, &info));
    text.p = (uint8_t *)json_canonical(j);
    if (text.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    text.len = strlen((const char *)text.p);
    return file_write(c, path, text.p, text.len);
}

static cli_exit write_whole(cli *c, const transcript *t, csig_session *s)
{
    AUTO_JSON j = json_new();
    AUTO_BLOB record = {0};
    transcript whole = *t;
    csig_record_info info;

    CLI_TRY(transcript_record(c, s, &record));
    whole.record = record;
    CLI_TRY(transcript_content(c, &whole, j));
    CLI_TRY(cli_check(c, csig_record_verify(record.p, record.len, &info, NULL), "the record"));
    CLI_TRY(put_receipts(c, &whole, &info, j));
    return transcript_save(c, c->transcript, j);
}

/* What it is about is done and stays done. */
cli_exit transcript_write(cli *c, const transcript *t, csig_session *s)
{
    cli_exit code;

    if (c->transcript == NULL) return CLI_OK;
    code = write_whole(c, t, s);
    if (code != CLI_OK)
        cli_note(c, "the %s is done; only its transcript could not be written", t->operation);
    return code;
}
