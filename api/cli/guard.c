#include "cli/guard.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/history.h"
#include "cli/path.h"
#include "cli/payloads.h"
#include "cli/seal.h"

#define AD_BYTES (CLI_HEADER_BYTES + CSIG_IDENTITY_BYTES)

void policy_close(csig_policy **p)
{
    csig_policy_free(*p);
    *p = NULL;
}

char *guard_text(const csig_policy *p)
{
    size_t len = 0;
    char *text;

    if (csig_policy_text(p, NULL, &len) != CSIG_E_BUFFER) return NULL;
    text = malloc(len);
    if (text == NULL || csig_policy_text(p, text, &len) == CSIG_OK) return text;
    free(text);
    return NULL;
}

/* --- the file --- */

static cli_exit path_of(cli *c, const device *d, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "policy", NULL);
}

static void bind(const device *d, uint8_t ad[AD_BYTES])
{
    cli_header_write(ad, CLI_KIND_POLICY);
    memcpy(ad + CLI_HEADER_BYTES, d->id, sizeof d->id);
}

static cli_exit open_policy(cli *c, const device *d, const char *path, csig_policy **p)
{
    static const char todo[] = "restore it, or begin anew: countersign device policy clear";
    AUTO_BLOB file = {0};
    AUTO_BLOB text = {0};
    uint8_t ad[AD_BYTES];

    CLI_TRY(file_read(c, path, &file));
    CLI_TRY(cli_header_check(c, &file, CLI_KIND_POLICY, path));
    text.p = malloc(file.len);
    if (text.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    bind(d, ad);
    if (d->sealer.open(d->sealer.ctx, ad, sizeof ad, file.p + CLI_HEADER_BYTES,
                       file.len - CLI_HEADER_BYTES, text.p, &text.len) != 0)
        return cli_fail(c, CLI_SEALED, "%s was altered, or is of another device; %s", path, todo);
    if (csig_policy_read(p, (const char *)text.p, text.len, NULL) == CSIG_OK) return CLI_OK;
    return cli_file_is_damaged(c, path, todo);
}

cli_exit guard_policy(cli *c, const device *d, csig_policy **p)
{
    char path[PATH_ROOM], signed_before[PATH_ROOM];

    *p = NULL;
    CLI_TRY(path_of(c, d, path));
    if (file_is_there(path)) return open_policy(c, d, path, p);
    CLI_TRY(history_path(c, d, signed_before));
    if (!file_is_there(signed_before)) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "device %s had a policy, and %s is lost; set it again: countersign device "
                    "policy set FILE, or do without: countersign device policy clear",
                    d->name, path);
}

static cli_exit write_policy(cli *c, const device *d, const csig_policy *p)
{
    char *text = guard_text(p), path[PATH_ROOM];
    const size_t len = text != NULL ? strlen(text) : 0;
    AUTO_BLOB file = {.p = malloc(CLI_HEADER_BYTES + len + CSIG_SEAL_OVERHEAD),
                      .len = len + CSIG_SEAL_OVERHEAD};
    uint8_t ad[AD_BYTES];
    int failed;

    if (text == NULL || file.p == NULL) {
        free(text);
        return cli_fail(c, CLI_LOCAL, "out of memory");
    }
    bind(d, ad);
    memcpy(file.p, ad, CLI_HEADER_BYTES);
    failed = d->sealer.seal(d->sealer.ctx, ad, sizeof ad, (const uint8_t *)text, len,
                            file.p + CLI_HEADER_BYTES, &file.len);
    free(text);
    if (failed != 0) return cli_fail(c, CLI_LOCAL, "the policy cannot be sealed");
    CLI_TRY(path_of(c, d, path));
    return file_write(c, path, file.p, CLI_HEADER_BYTES + file.len);
}

/* The history first: a policy without one is refused, never begun anew. */
cli_exit guard_set(cli *c, const device *d, const csig_policy *p)
{
    AUTO_HISTORY h = {.newest = 0};
    char path[PATH_ROOM], signed_before[PATH_ROOM];

    if (csig_policy_has_decision(p, CSIG_APPROVE) || csig_policy_has_decision(p, CSIG_HOOK) ||
        csig_policy_changes(p) != NULL)
        return cli_fail(c, CLI_REFUSED,
                        "the policy of a device has rules that allow and deny: nobody can be asked "
                        "here (\"approve\", \"hook\", \"changes\" are for servers)");
    CLI_TRY(path_of(c, d, path));
    CLI_TRY(history_path(c, d, signed_before));
    if (file_is_there(path) || file_is_there(signed_before))
        CLI_TRY(history_read(c, d, &h));
    else
        CLI_TRY(history_write(c, d, &h));
    return write_policy(c, d, p);
}

cli_exit guard_clear(cli *c, const device *d)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, path));
    CLI_TRY(file_remove(c, path));
    CLI_TRY(history_path(c, d, path));
    return file_remove(c, path);
}

/* --- judging --- */

typedef struct past {
    const history *h;
    const spending *s;
} past;

static csig_err past_sum(void *ctx, const char *asset, int64_t after,
                         uint8_t sum[CSIG_AMOUNT_BYTES])
{
    const past *of = ctx;

    history_sum(of->h, of->s, asset, after, sum);
    return CSIG_OK;
}

static csig_err past_count(void *ctx, int64_t after, uint64_t *count)
{
    const past *of = ctx;

    *count = history_count(of->h, of->s, after);
    return CSIG_OK;
}

/* A clock that was put back makes no window shorter. */
static int64_t now_after(const history *h)
{
    const int64_t now = (int64_t)time(NULL);

    return now > h->newest ? now : h->newest;
}

/* *guarded: the device has a policy, and h is its history; else it allows. */
static cli_exit judge(cli *c, const device *d, const spending *s, history *h, bool *guarded,
                      csig_judgement *verdict)
{
    AUTO_POLICY p = NULL;
    past of = {h, s};
    const csig_history signed_before = {.ctx = &of, .sum = past_sum, .count = past_count};

    CLI_TRY(guard_policy(c, d, &p));
    *guarded = p != NULL;
    *verdict = (csig_judgement){.decision = CSIG_ALLOW};
    if (p == NULL) return CLI_OK;
    CLI_TRY(history_read(c, d, h));
    return cli_check(c, csig_policy_judge(p, s->facts, &signed_before, NULL, now_after(h), verdict),
                     "the policy");
}

static cli_exit refuse(cli *c, const device *d, const csig_judgement *verdict)
{
    return cli_fail(c, CLI_REFUSED,
                    "device %s does not sign this, by rule %s of its own policy: %s", d->name,
                    verdict->rule, verdict->because);
}

/* --- what is to be signed --- */

static cli_exit describe(cli *c, const signing *s, const csig_payload *p, spending *to)
{
    crypto_hash_sha256_state hash;

    *to = (spending){.facts = csig_payload_facts(p)};
    if (!wallet_id_is_read(to->wallet, s->p->wallet))
        return cli_fail(c, CLI_BUG, "a wallet without id");
    memcpy(to->request, s->intent.request_id, sizeof to->request);
    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < csig_payload_inputs(p); i++) {
        uint8_t digest[CSIG_DIGEST_BYTES];
        uint32_t path[CSIG_PATH_MAX];
        char text[PATH_TEXT_ROOM];
        size_t depth;

        CLI_TRY(cli_check(c, csig_payload_input(p, i, digest, path, &depth), "the payload"));
        derivation_write(text, path, depth);
        crypto_hash_sha256_update(&hash, digest, sizeof digest);
        crypto_hash_sha256_update(&hash, (const uint8_t *)text, strlen(text) + 1);
    }
    crypto_hash_sha256_final(&hash, to->what);
    return CLI_OK;
}

cli_exit guard_ask(cli *c, const signing *s, const csig_payload *p, guard_no *no)
{
    spending to;

    no->d = NULL;
    CLI_TRY(describe(c, s, p, &to));
    for (size_t i = 0; i < s->p->locals && no->d == NULL; i++) {
        AUTO_HISTORY h = {.newest = 0};
        bool guarded;

        CLI_TRY(judge(c, s->p->local[i].d, &to, &h, &guarded, &no->verdict));
        if (no->verdict.decision != CSIG_ALLOW) no->d = s->p->local[i].d;
    }
    return CLI_OK;
}

cli_exit guard_check(cli *c, const signing *s, const csig_payload *p)
{
    guard_no no;

    CLI_TRY(guard_ask(c, s, p, &no));
    return no.d == NULL ? CLI_OK : refuse(c, no.d, &no.verdict);
}

cli_exit guard_reserve(cli *c, signing *s, const csig_payload *p)
{
    spending to;

    /* All of them, before the first has it written down. */
    CLI_TRY(guard_check(c, s, p));
    CLI_TRY(describe(c, s, p, &to));
    for (size_t i = 0; i < s->p->locals; i++) {
        AUTO_HISTORY h = {.newest = 0};
        csig_judgement verdict;
        bool guarded;

        CLI_TRY(judge(c, s->p->local[i].d, &to, &h, &guarded, &verdict));
        if (verdict.decision != CSIG_ALLOW) return refuse(c, s->p->local[i].d, &verdict);
        if (!guarded) continue;
        CLI_TRY(history_add(c, &h, &to, now_after(&h)));
        CLI_TRY(history_write(c, s->p->local[i].d, &h));
    }
    s->judged = true;
    return CLI_OK;
}

/* --- digests --- */

static cli_exit read_digest(cli *c, const signing *s, csig_payload **p)
{
    AUTO_JSON payload = json_new();

    json_put_text(payload, "type", s->intent.type);
    json_put_octets(payload, "digest", s->intent.digest, CSIG_DIGEST_BYTES);
    return payload_bind(c, payload, s->p->local[0].share, s->path, s->intent.depth, p);
}

cli_exit guard_check_digest(cli *c, const signing *s)
{
    AUTO_PAYLOAD p = NULL;

    CLI_TRY(read_digest(c, s, &p));
    return guard_check(c, s, p);
}

cli_exit guard_reserve_digest(cli *c, signing *s)
{
    AUTO_PAYLOAD p = NULL;

    CLI_TRY(read_digest(c, s, &p));
    return guard_reserve(c, s, p);
}
