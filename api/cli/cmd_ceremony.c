/* ceremony verify: is what a transcript says true? No state folder, no server, no secret. */
#include <string.h>

#include "cli/tell.h"
#include "cli/transcript.h"

static cli_exit read_transcript(cli *c, const char *path, json **j)
{
    AUTO_BLOB b = {0};
    size_t at;

    CLI_TRY(file_read(c, path, &b));
    *j = json_read_canonical(b.p, b.len, &at);
    if (*j != NULL) return CLI_OK;
    return cli_fail(c, CLI_INPUT,
                    "%s is not written as a transcript is, from octet %zu on: it was altered, cut "
                    "off, or is another file",
                    path, at);
}

/* "holds a share", ... of the index-th party of the epoch that was made, or of who leaves. */
static const csig_record_member *member_of(const csig_record_info *r, uint16_t index)
{
    for (uint16_t i = 0; i < r->members; i++)
        if (r->member[i].holds == index) return &r->member[i];
    return NULL;
}

static const char *part_of(const csig_record_info *r, const csig_record_member *m)
{
    if (m == NULL) return "not online; its share is encrypted to its recovery key";
    if (m->holds == r->commits)
        return r->changes ? "committed: its old share is erased" : "committed";
    if (!r->changes) return "holds a share";
    if (m->deals == 0) return "joined";
    return "destroyed its old share";
}

static json *tell_party(const transcript_info *info, uint16_t index)
{
    const csig_record_info *r = &info->record;
    const csig_record_member *m = member_of(r, index);
    uint8_t id[CSIG_IDENTITY_BYTES];
    json *one = json_new();

    if (csig_epoch_member(r->epoch, index, id, NULL) == CSIG_OK)
        json_put_octets(one, "identity", id, sizeof id);
    json_put_number(one, "index", index);
    json_put_number(one, "generation", (int64_t)info->generation[index - 1]);
    if (info->name[index - 1][0] != '\0') json_put_text(one, "name", info->name[index - 1]);
    json_put_text(one, "part", part_of(r, m));
    return one;
}

static json *tell_leaving(const uint8_t *id, uint16_t was, const char *name, bool took_part)
{
    json *one = json_new();

    json_put_octets(one, "identity", id, CSIG_IDENTITY_BYTES);
    json_put_number(one, "was", was);
    if (name != NULL) json_put_text(one, "name", name);
    json_put_text(one, "part",
                  took_part ? "left: its share is destroyed"
                            : "left without being there: its share is worth nothing");
    return one;
}

/* By the plan, or where there is none those that were there. */
static void tell_leavers(const transcript_info *info, json *list)
{
    const csig_record_info *r = &info->record;

    for (uint16_t i = 0; i < info->leavers; i++) {
        const transcript_leaver *a = &info->leaver[i];

        json_push(list, tell_leaving(a->identity, a->was, a->name, a->took_part));
    }
    for (uint16_t i = 0; i < r->members && info->plan[0] == '\0'; i++)
        if (r->member[i].holds == 0)
            json_push(list, tell_leaving(r->member[i].identity, r->member[i].deals, NULL, true));
}

static json *tell_parties(const transcript_info *info)
{
    const csig_record_info *r = &info->record;
    json *list = json_array_new();

    for (uint16_t i = 1; i <= r->after.parties; i++)
        json_push(list, tell_party(info, i));
    tell_leavers(info, list);
    return list;
}

/* The lines for people, from what --json says. */
static void write_parties(char *text, size_t room, const json *list)
{
    size_t at = 0;

    for (size_t i = 0; i < json_count(list) && at < room; i++) {
        const json *one = json_at(list, i);
        const int64_t index = json_number(one, "index"),
                      generation = json_number(one, "generation");
        const char *name = json_text(one, "name") != NULL ? json_text(one, "name") : "";
        int n;

        n = snprintf(text + at, room - at, "  party %-2lld %s%s %s  %s",
                     (long long)(index > 0 ? index : json_number(one, "was")), name,
                     name[0] != '\0' ? " " : "", json_text(one, "identity"),
                     json_text(one, "part"));
        at += (size_t)n;
        if (at < room)
            at += (size_t)snprintf(text + at, room - at,
                                   generation > 0 ? "; moduli of generation %lld\n"
                                   : index > 0    ? "; its moduli are not in here\n"
                                                  : "\n",
                                   (long long)generation);
    }
}

static cli_exit tell(cli *c, const transcript_info *info)
{
    const csig_record_info *r = &info->record;
    char parties[CSIG_PARTIES_MAX * 2 * 280] = "", chain[65];
    AUTO_JSON j = json_new();

    hex_write(chain, r->chain, sizeof r->chain);
    json_put_flag(j, "verified", true);
    json_put_text(j, "operation", info->operation);
    json_put_text(j, "wallet", info->wallet);
    json_put_octets(j, "public_key", r->after.public_key, sizeof r->after.public_key);
    json_put_number(j, "epoch", (int64_t)r->after.epoch);
    json_put_octets(j, "epoch_state", r->after.epoch_state, sizeof r->after.epoch_state);
    json_put_number(j, "signers_required", r->after.signers_required);
    json_put_text(j, "chain", chain);
    if (info->plan[0] != '\0') {
        json_put_text(j, "plan", info->plan);
        json_put_number(j, "attempts", (int64_t)info->attempts);
    }
    json_put(j, "parties", tell_parties(info));
    write_parties(parties, sizeof parties, json_member(j, "parties"));
    return cli_tell(c, j,
                    "%s of wallet %s: everything in the transcript holds\n"
                    "  public key  %s%s\n  epoch %llu, %u of %u parties sign\n%s"
                    "  chain of rounds  %s\n%s%s%s"
                    "whose identities these are you have to know; that no modulus has a small "
                    "factor each party has proven to each other one only\n",
                    info->operation, info->wallet, json_text(j, "public_key"),
                    r->changes              ? ", as before; a test signature under it"
                    : info->plan[0] != '\0' ? "; a test signature under it"
                                            : "",
                    (unsigned long long)r->after.epoch, r->after.signers_required, r->after.parties,
                    parties, chain, info->plan[0] != '\0' ? "  plan, signed by all  " : "",
                    info->plan, info->plan[0] != '\0' ? "\n" : "");
}

cli_exit cmd_ceremony_verify(cli *c)
{
    AUTO_JSON j = NULL;
    transcript_info info;

    CLI_TRY(read_transcript(c, c->file[0], &j));
    CLI_TRY(transcript_verify(c, j, &info));
    return tell(c, &info);
}
