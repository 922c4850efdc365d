/* Transcripts verified: no folder, no server, no secret. */
#include <stdlib.h>
#include <string.h>

#include "cli/transcript_inside.h"

/* --- members --- */

static const char *const members[] = {"countersign", "version",  "level",  "operation", "wallet",
                                      "server",      "record",   "before", "moduli",    "plan",
                                      "attempts",    "receipts", "test"};
#define MEMBERS (sizeof members / sizeof members[0])

cli_exit transcript_lacks(cli *c, const char *where, const char *name)
{
    return cli_fail(c, CLI_INPUT, "the transcript is not whole: %s has no proper \"%s\"", where,
                    name);
}

static cli_exit read_octets(cli *c, const json *j, const char *where, const char *name,
                            uint8_t *out, size_t len)
{
    const char *text = json_text(j, name);

    return text != NULL && hex_is_read(out, len, text) ? CLI_OK : transcript_lacks(c, where, name);
}

static cli_exit read_blob(cli *c, const char *text, const char *where, blob *b)
{
    b->len = text == NULL ? 0 : strlen(text) / 2;
    b->p = malloc(b->len + 1);
    if (b->p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    if (text != NULL && hex_is_read(b->p, b->len, text)) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "the transcript is not whole: %s is not hexadecimal", where);
}

static cli_exit check_members(cli *c, const json *j)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (json_member(j, members[i]) == NULL) return transcript_lacks(c, "it", members[i]);
    if (json_count_members(j) != MEMBERS)
        return cli_fail(c, CLI_INPUT, "the transcript has a member that no transcript has");
    if (!json_text_is(j, "countersign", "transcript"))
        return cli_fail(c, CLI_INPUT, "this is no transcript");
    if (json_number(j, "version") != TRANSCRIPT_VERSION)
        return cli_fail(c, CLI_INPUT,
                        "the transcript is of another version; use a newer countersign");
    if (json_number(j, "level") != csig_level())
        return cli_fail(c, CLI_INPUT,
                        "the transcript is of security level %lld, and this program of %u",
                        (long long)json_number(j, "level"), csig_level());
    if (!json_is_list(json_member(j, "moduli"))) return transcript_lacks(c, "it", "moduli");
    return json_is_list(json_member(j, "receipts")) ? CLI_OK
                                                    : transcript_lacks(c, "it", "receipts");
}

/* --- the record --- */

static cli_exit wrong(cli *c, csig_err err, const char *what)
{
    return cli_fail(c, cli_exit_of_err(err), "%s: %s (%s)", what, csig_err_text(err),
                    csig_err_name(err));
}

static cli_exit check_record(cli *c, const json *j, transcript_info *info)
{
    AUTO_BLOB record = {0};
    csig_blame b;
    csig_err err;

    CLI_TRY(read_blob(c, json_text(j, "record"), "\"record\"", &record));
    err = csig_record_verify(record.p, record.len, &info->record, &b);
    if (err == CSIG_OK) return CLI_OK;
    if (b.culprit == 0)
        return cli_fail(c, cli_exit_of_err(err), "the record is wrong in %.31s: %s (%s)", b.where,
                        csig_err_text(err), csig_err_name(err));
    return cli_fail(c, cli_exit_of_err(err),
                    "the record is wrong in %.31s, in the message of member %u: %s (%s)", b.where,
                    b.culprit, csig_err_text(err), csig_err_name(err));
}

static bool committee_is_same(const csig_record_info *r)
{
    uint8_t a[CSIG_IDENTITY_BYTES], b[CSIG_IDENTITY_BYTES];

    if (r->before.parties != r->after.parties ||
        r->before.signers_required != r->after.signers_required)
        return false;
    for (uint16_t i = 1; i <= r->after.parties; i++)
        if (csig_epoch_member(r->epoch_before, i, a, NULL) != CSIG_OK ||
            csig_epoch_member(r->epoch, i, b, NULL) != CSIG_OK || memcmp(a, b, sizeof a) != 0)
            return false;
    return true;
}

/* A resharing may leave everything as it is, a refresh must. */
static cli_exit check_operation(cli *c, const json *j, transcript_info *info)
{
    const csig_record_info *r = &info->record;
    const char *said = json_text(j, "operation");
    bool fits;

    if (said == NULL) return transcript_lacks(c, "it", "operation");
    fits = r->changes ? strcmp(said, "reshare") == 0 ||
                            (strcmp(said, "refresh") == 0 && committee_is_same(r))
                      : strcmp(said, "keygen") == 0;
    info->operation = said;
    return fits ? CLI_OK
                : cli_fail(c, CLI_INPUT, "\"operation\": the record is not one of a \"%s\"", said);
}

static cli_exit check_server(cli *c, const json *j, const csig_record_info *r)
{
    uint8_t said[CSIG_IDENTITY_BYTES], id[CSIG_IDENTITY_BYTES];

    CLI_TRY(read_octets(c, j, "it", "server", said, sizeof said));
    CLI_TRY(cli_check(c, csig_epoch_member(r->epoch, r->commits, id, NULL), "the committer"));
    if (memcmp(said, id, sizeof id) != 0)
        return cli_fail(c, CLI_INPUT, "\"server\" is not who commits in the record");
    if (csig_epoch_commit_verify(r->epoch, r->commits, r->commit) != CSIG_OK)
        return cli_fail(c, CLI_CHEAT, "the commit is not one of the epoch that was made");
    return CLI_OK;
}

/* The epoch that was before is the one that its own commit says. */
static cli_exit check_before(cli *c, const json *j, const csig_record_info *r)
{
    const json *before = json_member(j, "before");
    uint8_t commit[64];
    int64_t committer;

    if (!r->changes)
        return json_is_nothing(before)
                   ? CLI_OK
                   : cli_fail(c, CLI_INPUT, "\"before\": nothing was before a key generation");
    if (json_count_members(before) != 2) return transcript_lacks(c, "\"before\"", "commit");
    CLI_TRY(read_octets(c, before, "\"before\"", "commit", commit, sizeof commit));
    committer = json_number(before, "committer");
    if (committer < 1 || committer > CSIG_PARTIES_MAX)
        return transcript_lacks(c, "\"before\"", "committer");
    if (csig_epoch_commit_verify(r->epoch_before, (uint16_t)committer, commit) == CSIG_OK)
        return CLI_OK;
    return cli_fail(c, CLI_CHEAT,
                    "\"before\": the commit is not one of the epoch that the record starts with");
}

/* --- moduli --- */

static uint16_t index_of(const csig_record_info *r, const uint8_t id[CSIG_IDENTITY_BYTES])
{
    uint8_t other[CSIG_IDENTITY_BYTES];

    for (uint16_t i = 1; i <= r->after.parties; i++)
        if (csig_epoch_member(r->epoch, i, other, NULL) == CSIG_OK &&
            memcmp(id, other, sizeof other) == 0)
            return i;
    return 0;
}

static cli_exit compare_moduli(cli *c, const blob *all, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (csig_aux_show_compare(all[k].p, all[i].p) != CSIG_OK)
            return cli_fail(c, CLI_CHEAT, "moduli %zu and %zu have a prime in common", k + 1,
                            i + 1);
    return CLI_OK;
}

static cli_exit check_one_moduli(cli *c, transcript_info *info, const blob *all, size_t i,
                                 uint16_t *last)
{
    csig_aux_info aux;
    const csig_err err = csig_aux_show_verify(all[i].p, all[i].len, &aux);
    uint16_t index;
    char what[32];

    snprintf(what, sizeof what, "moduli %zu", i + 1);
    if (err != CSIG_OK) return wrong(c, err, what);
    index = index_of(&info->record, aux.identity);
    if (index == 0)
        return cli_fail(c, CLI_INPUT, "%s are of somebody who is no party of the wallet", what);
    if (index <= *last)
        return cli_fail(c, CLI_INPUT, "%s are not in order: they are of party %u", what, index);
    *last = index;
    info->generation[index - 1] = aux.generation;
    return compare_moduli(c, all, i);
}

static cli_exit check_moduli(cli *c, const json *j, transcript_info *info)
{
    const json *list = json_member(j, "moduli");
    const size_t count = json_count(list);
    blob all[CSIG_PARTIES_MAX] = {{NULL, 0}};
    cli_exit code = CLI_OK;
    uint16_t last = 0;

    if (count > CSIG_PARTIES_MAX) return transcript_lacks(c, "it", "moduli");
    for (size_t i = 0; i < count && code == CLI_OK; i++) {
        code = read_blob(c, json_text_at(list, i), "an entry of \"moduli\"", &all[i]);
        if (code == CLI_OK) code = check_one_moduli(c, info, all, i, &last);
    }
    for (size_t i = 0; i < count; i++)
        blob_free(&all[i]);
    return code;
}

/* --- receipts --- */

static cli_exit no_receipt(cli *c, const csig_record_member *m, const char *why)
{
    char id[17];

    hex_write(id, m->identity, 8);
    return cli_fail(c, CLI_CHEAT, "the receipt of member %s (party %u): %s", id,
                    m->holds != 0 ? m->holds : m->deals, why);
}

static bool state_is(const json *receipt, const char *name, bool has, const csig_share_info *epoch)
{
    const char *text = json_text(receipt, name);
    uint8_t state[32];

    if (!has) return json_is_nothing(json_member(receipt, name));
    return text != NULL && hex_is_read(state, sizeof state, text) &&
           memcmp(state, epoch->epoch_state, sizeof state) == 0;
}

static bool octets_are(const json *j, const char *name, const uint8_t *p, size_t len)
{
    const char *text = json_text(j, name);
    uint8_t octets[32];

    return text != NULL && hex_is_read(octets, len, text) && memcmp(octets, p, len) == 0;
}

static cli_exit check_signature(cli *c, const json *receipt, const csig_record_member *m)
{
    AUTO_JSON rest = json_without(receipt, "signature");
    char *text = rest == NULL ? NULL : json_canonical(rest);
    uint8_t signature[TRANSCRIPT_SIGNATURE];
    csig_err err;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    if (json_text(receipt, "signature") == NULL ||
        !hex_is_read(signature, sizeof signature, json_text(receipt, "signature"))) {
        free(text);
        return no_receipt(c, m, "it has no proper \"signature\"");
    }
    err = csig_identity_verify(m->identity, TRANSCRIPT_RECEIPT, (const uint8_t *)text, strlen(text),
                               signature);
    free(text);
    return err == CSIG_OK ? CLI_OK : no_receipt(c, m, "not signed by that member");
}

static cli_exit check_receipt(cli *c, const json *receipt, const csig_record_info *r,
                              const csig_record_member *m, const uint8_t content[TRANSCRIPT_HASH])
{
    if (receipt == NULL || json_count_members(receipt) != 7)
        return no_receipt(c, m, "it is missing, or not whole");
    if (!octets_are(receipt, "identity", m->identity, sizeof m->identity))
        return no_receipt(c, m, "there is another one in its place");
    CLI_TRY(check_signature(c, receipt, m));
    if (!octets_are(receipt, "content", content, TRANSCRIPT_HASH))
        return no_receipt(c, m,
                          "it is for another transcript: this one was altered after it was signed");
    if (json_number(receipt, "deals") != m->deals || json_number(receipt, "holds") != m->holds)
        return no_receipt(c, m, "it names other indices than the record");
    if (!state_is(receipt, "kept", m->holds != 0, &r->after))
        return no_receipt(c, m, "it does not keep the share of the new epoch");
    if (!state_is(receipt, "destroyed", r->changes && m->deals != 0, &r->before))
        return no_receipt(c, m, "it has not destroyed the share of the old epoch");
    return CLI_OK;
}

static bool owes_receipt(const csig_record_info *r, const csig_record_member *m)
{
    return m->holds == 0 || m->holds != r->commits;
}

static cli_exit check_receipts(cli *c, const json *j, const csig_record_info *r)
{
    const json *list = json_member(j, "receipts");
    uint8_t content[TRANSCRIPT_HASH];
    size_t at = 0;

    CLI_TRY(transcript_hash(c, j, "receipts", content));
    for (uint16_t i = 0; i < r->members; i++)
        if (owes_receipt(r, &r->member[i]))
            CLI_TRY(check_receipt(c, json_at(list, at++), r, &r->member[i], content));
    if (json_count(list) == at) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "there are receipts of nobody who took part");
}

cli_exit transcript_verify_receipt(cli *c, const json *receipt, const csig_record_info *r,
                                   const uint8_t content[TRANSCRIPT_HASH], uint16_t *member)
{
    for (uint16_t i = 0; i < r->members; i++) {
        const csig_record_member *m = &r->member[i];

        if (!owes_receipt(r, m) ||
            !octets_are(receipt, "identity", m->identity, sizeof m->identity))
            continue;
        *member = i;
        return check_receipt(c, receipt, r, m, content);
    }
    return cli_fail(c, CLI_INPUT, "a receipt is of nobody who took part");
}

/* --- the whole --- */

static cli_exit check_content(cli *c, const json *j, transcript_info *info)
{
    uint8_t wallet[WALLET_ID_BYTES];

    CLI_TRY(read_octets(c, j, "it", "wallet", wallet, sizeof wallet));
    hex_write(info->wallet, wallet, sizeof wallet);
    CLI_TRY(check_record(c, j, info));
    CLI_TRY(check_operation(c, j, info));
    CLI_TRY(check_server(c, j, &info->record));
    CLI_TRY(check_before(c, j, &info->record));
    CLI_TRY(transcript_check_plan(c, j, info));
    return check_moduli(c, j, info);
}

cli_exit transcript_verify_content(cli *c, const json *j, transcript_info *info)
{
    AUTO_JSON whole = json_without(j, "receipts");

    *info = (transcript_info){.operation = NULL};
    if (whole == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    json_put(whole, "receipts", json_array_new());
    CLI_TRY(check_members(c, whole));
    return check_content(c, j, info);
}

cli_exit transcript_verify(cli *c, const json *j, transcript_info *info)
{
    *info = (transcript_info){.operation = NULL};
    CLI_TRY(check_members(c, j));
    CLI_TRY(check_content(c, j, info));
    return check_receipts(c, j, &info->record);
}
