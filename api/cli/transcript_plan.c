/* Transcripts verified: was done what everybody has signed before? */
#include <string.h>

#include "cli/plan.h"
#include "cli/transcript_inside.h"

static cli_exit check_subject(cli *c, const plan *p, const transcript_info *info)
{
    const csig_record_info *r = &info->record;
    char why[400];

    if (plan_check_signed(c, p) != CLI_OK) {
        snprintf(why, sizeof why, "%.399s", c->message);
        return cli_fail(c, CLI_INPUT, "%s", why);
    }
    if (!json_text_is(p->j, "operation", info->operation) ||
        p->signers_required != r->after.signers_required || p->parties != r->after.parties)
        return cli_fail(c, CLI_CHEAT, "what was done is not what the plan says");
    if (p->wallet != NULL && (strcmp(p->wallet, info->wallet) != 0 ||
                              memcmp(p->state, r->before.epoch_state, sizeof p->state) != 0))
        return cli_fail(c, CLI_CHEAT, "the plan is about another wallet or epoch");
    return CLI_OK;
}

/* --- the test signature of a key generation --- */

cli_exit transcript_test_digest(cli *c, const char *plan_hash, const char *wallet,
                                const uint8_t state[32], uint8_t digest[CSIG_DIGEST_BYTES])
{
    AUTO_JSON j = json_new();

    json_put_text(j, "countersign", "test of a new key");
    json_put_text(j, "plan", plan_hash);
    json_put_text(j, "wallet", wallet);
    json_put_octets(j, "epoch_state", state, 32);
    return transcript_hash(c, j, "", digest);
}

cli_exit transcript_verify_test(cli *c, const json *test, const uint8_t digest[CSIG_DIGEST_BYTES],
                                const uint8_t public_key[CSIG_PUBKEY_BYTES])
{
    const char *r = json_text(test, "r"), *s = json_text(test, "s");
    const int64_t recid = json_number(test, "recid");
    csig_signature sig;

    if (json_count_members(test) != 3 || recid < 0 || recid > 3 || r == NULL || s == NULL ||
        !hex_is_read(sig.r, sizeof sig.r, r) || !hex_is_read(sig.s, sizeof sig.s, s))
        return transcript_lacks(c, "it", "test");
    sig.recovery_id = (uint8_t)recid;
    memcpy(sig.public_key, public_key, sizeof sig.public_key);
    if (csig_signature_verify(&sig, digest) == CSIG_OK) return CLI_OK;
    return cli_fail(c, CLI_CHEAT,
                    "\"test\": the new shares have not signed under the new key: it is no test "
                    "signature of this plan and wallet");
}

static cli_exit check_test(cli *c, const json *j, const transcript_info *info)
{
    const csig_share_info *made = &info->record.after;
    const json *test = json_member(j, "test");
    uint8_t digest[CSIG_DIGEST_BYTES];

    if (info->record.changes || info->plan[0] == '\0')
        return json_is_nothing(test)
                   ? CLI_OK
                   : cli_fail(c, CLI_INPUT, "\"test\": only a key generation by plan has one");
    CLI_TRY(transcript_test_digest(c, info->plan, info->wallet, made->epoch_state, digest));
    return transcript_verify_test(c, test, digest, made->public_key);
}

/* --- who --- */

static bool is_named(const uint8_t epoch[CSIG_EPOCH_BYTES], uint16_t index, const plan_party *a)
{
    uint8_t id[CSIG_IDENTITY_BYTES];

    return csig_epoch_member(epoch, index, id, NULL) == CSIG_OK &&
           memcmp(id, a->id, sizeof id) == 0;
}

static const csig_record_member *member_of(const csig_record_info *r, const plan_party *a)
{
    for (uint16_t i = 0; i < r->members; i++)
        if (memcmp(r->member[i].identity, a->id, sizeof a->id) == 0) return &r->member[i];
    return NULL;
}

/* In its place before and after, and a member of the record when it takes part, and not else. */
static cli_exit check_seat(cli *c, const plan *p, uint16_t index, const csig_record_info *r)
{
    const plan_party *a = &p->party[index - 1];
    const csig_record_member *m = member_of(r, a);
    const bool stays = !plan_is_leaving(p, index);

    if ((stays && !is_named(r->epoch, index, a)) ||
        (a->was > 0 && !is_named(r->epoch_before, a->was, a)))
        return cli_fail(c, CLI_CHEAT, "party %u is not the one that the plan names (%s)",
                        plan_number(p, index), a->name);
    if ((m != NULL) != a->takes_part ||
        (m != NULL && (m->holds != (stays ? index : 0) || (r->changes && m->deals != a->was))))
        return cli_fail(c, CLI_CHEAT, "party %u (%s) took part in another way than the plan says",
                        plan_number(p, index), a->name);
    return CLI_OK;
}

/* Who the plan names is who the record has, before and after, and nobody else. */
static cli_exit check_seats(cli *c, const plan *p, const csig_record_info *r)
{
    unsigned many = 0, before = 0;

    for (uint16_t i = 1; i <= p->seats; i++) {
        CLI_TRY(check_seat(c, p, i, r));
        many += p->party[i - 1].takes_part;
        before += p->party[i - 1].was > 0;
    }
    if (many == r->members && before == r->before.parties) return CLI_OK;
    return cli_fail(c, CLI_CHEAT, "the record is of other people than the plan");
}

static cli_exit check_attempts(cli *c, const json *list, transcript_info *info)
{
    info->attempts = json_is_list(list) ? json_count(list) : 0;
    for (size_t i = 0; i < info->attempts; i++) {
        const json *one = json_at(list, i);

        if (json_count_members(one) != 3 || json_number(one, "number") != (int64_t)i + 1 ||
            json_text(one, "meeting") == NULL || json_text(one, "outcome") == NULL)
            return transcript_lacks(c, "it", "attempts");
    }
    return info->attempts > 0 ? CLI_OK : transcript_lacks(c, "it", "attempts");
}

static void list_leavers(const plan *p, transcript_info *info)
{
    info->leavers = (uint16_t)(p->seats - p->parties);
    for (uint16_t i = 0; i < info->leavers; i++) {
        const plan_party *a = &p->party[p->parties + i];

        info->leaver[i].was = a->was;
        info->leaver[i].took_part = a->takes_part;
        memcpy(info->leaver[i].name, a->name, sizeof info->leaver[i].name);
        memcpy(info->leaver[i].identity, a->id, sizeof info->leaver[i].identity);
    }
}

cli_exit transcript_check_plan(cli *c, const json *j, transcript_info *info)
{
    const json *said = json_member(j, "plan"), *attempts = json_member(j, "attempts");
    AUTO_PLAN p = {.j = NULL};

    if (json_is_nothing(said)) {
        if (!json_is_nothing(attempts)) return transcript_lacks(c, "it", "attempts");
        return check_test(c, j, info);
    }
    CLI_TRY(plan_take(c, json_shared(said), &p));
    CLI_TRY(check_subject(c, &p, info));
    CLI_TRY(check_seats(c, &p, &info->record));
    memcpy(info->plan, p.hash_text, sizeof info->plan);
    for (uint16_t i = 0; i < p.parties; i++)
        memcpy(info->name[i], p.party[i].name, sizeof info->name[i]);
    list_leavers(&p, info);
    CLI_TRY(check_test(c, j, info));
    return check_attempts(c, attempts, info);
}
