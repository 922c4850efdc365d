/* Preflight: what can be known to fail, before anything runs. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/statvfs.h>
#include <time.h>

#include "cli/backups.h"
#include "cli/ceremony.h"
#include "cli/client.h"
#include "cli/peers.h"
#include "cli/seal.h"
#include "cli/server.h"
#include "cli/tell.h"

#define SKEW_SECONDS 30
#define FREE_MIB     64

static cli_exit check_plan(cli *c, ceremony *x)
{
    char path[PATH_ROOM];

    CLI_TRY(plan_check_signed(c, &x->p));
    CLI_TRY(ceremony_path(c, x, "aborted", path));
    if (!file_is_there(path)) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "this ceremony was aborted: make a new plan");
}

static cli_exit ask_health(cli *c, json **j, http_reply *r)
{
    CLI_TRY(client_call(c, "GET", "/healthz", NULL, NULL, 0, r));
    if (r->status != 200) return client_problem(c, r);
    return json_read(c, j, r->body.p, r->body.len);
}

static cli_exit check_server(cli *c, ceremony *x)
{
    AUTO_REPLY r = {0};
    AUTO_JSON j = NULL;
    uint8_t pinned[CSIG_IDENTITY_BYTES];

    CLI_TRY(server_pinned(c, pinned));
    if (memcmp(pinned, x->p.party[CREATION_SERVER - 1].id, sizeof pinned) != 0)
        return cli_fail(c, CLI_REFUSED, "device %s is enrolled with another server than the plan's",
                        x->d->name);
    CLI_TRY(lock_check(c, x->d, pinned));
    CLI_TRY(ask_health(c, &j, &r));
    if (!json_text_is(j, "state", "ready"))
        return cli_fail(c, CLI_AGAIN, "the server still makes its primes; wait until it is ready");
    return server_check(c, j);
}

static cli_exit check_version(cli *c, ceremony *x)
{
    AUTO_REPLY r = {0};
    AUTO_JSON j = NULL;

    (void)x;
    CLI_TRY(ask_health(c, &j, &r));
    if (json_number(j, "level") != csig_level())
        return cli_fail(c, CLI_REFUSED, "the server is of security level %lld, this program of %u",
                        (long long)json_number(j, "level"), csig_level());
    if (json_text_is(j, "version", csig_version())) return CLI_OK;
    return cli_fail(
        c, CLI_REFUSED, "the server is of version %s, this program of %s; update the older one",
        json_text(j, "version") != NULL ? json_text(j, "version") : "?", csig_version());
}

/* Seconds since 1970 of a date in UTC, from 1970 on. */
static time_t seconds_of(const struct tm *tm)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const long year = tm->tm_year + 1900L, last = tm->tm_mon < 2 ? year - 1 : year;
    const long leaps = (last / 4 - last / 100 + last / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    const long days = (year - 1970) * 365 + leaps + before[tm->tm_mon] + tm->tm_mday - 1;

    return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

/* The Date of its answer (RFC 9110), to the second. */
static cli_exit read_date(cli *c, const http_reply *r, time_t *then)
{
    const char *date = r->headers.p == NULL ? NULL : (const char *)r->headers.p;
    struct tm tm = {0};

    while (date != NULL && *date != '\0') {
        if (strncasecmp(date, "date:", 5) == 0) {
            char *end = strptime(date + 5, " %a, %d %b %Y %H:%M:%S GMT", &tm);

            if (end == NULL) break;
            *then = seconds_of(&tm);
            return CLI_OK;
        }
        date = strchr(date, '\n');
        if (date != NULL) date++;
    }
    return cli_fail(c, CLI_INPUT, "the server does not say what time it is");
}

static cli_exit check_clock(cli *c, ceremony *x)
{
    AUTO_REPLY r = {0};
    AUTO_JSON j = NULL;
    time_t then = 0;
    double skew;

    (void)x;
    CLI_TRY(ask_health(c, &j, &r));
    CLI_TRY(read_date(c, &r, &then));
    skew = difftime(time(NULL), then);
    if (skew <= SKEW_SECONDS && skew >= -SKEW_SECONDS) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "this machine's clock is %.0f seconds %s the server's: set it",
                    skew > 0 ? skew : -skew, skew > 0 ? "ahead of" : "behind");
}

static cli_exit check_disk(cli *c, ceremony *x)
{
    struct statvfs fs;
    char path[PATH_ROOM];

    CLI_TRY(path_join(c, path, x->d->folder, "preflight", NULL));
    CLI_TRY(file_write(c, path, NULL, 0));
    CLI_TRY(file_remove(c, path));
    if (statvfs(c->state, &fs) != 0) return file_failure(c, "look at", c->state);
    if ((uint64_t)fs.f_bavail * fs.f_frsize >= (uint64_t)FREE_MIB << 20) return CLI_OK;
    return cli_fail(c, CLI_LOCAL, "less than %d MiB are free where %s is", FREE_MIB, c->state);
}

/* Nothing that could be overwritten, and a place for what comes. */
static cli_exit check_destination(cli *c, ceremony *x)
{
    (void)x;
    return transcript_begin(c);
}

/* What it seals it can open again. */
static cli_exit check_sealing(cli *c, ceremony *x)
{
    uint8_t sealed[4096];
    size_t len = sizeof sealed;
    csig_identity *again;

    CLI_TRY(cli_check(c, csig_identity_export(x->d->identity, &x->d->sealer, sealed, &len),
                      "the sealing key"));
    CLI_TRY(
        cli_check(c, csig_identity_import(&again, &x->d->sealer, sealed, len), "the sealing key"));
    csig_identity_free(again);
    return CLI_OK;
}

static cli_exit check_moduli(cli *c, ceremony *x)
{
    if (x->d->aux != NULL || plan_is_leaving(&x->p, x->self)) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "device %s has no auxiliary info and could not sign; run: countersign device "
                    "init --device %s",
                    x->d->name, x->d->name);
}

/* --- backups, recovery keys --- */

static cli_exit ask_wallet(cli *c, const ceremony *x, json **wallet)
{
    char path[96];

    snprintf(path, sizeof path, "/v1/wallets/%s", x->p.wallet);
    return client_json(c, "GET", path, NULL, wallet);
}

static cli_exit give_backup(cli *c, ceremony *x, const csig_share *share)
{
    uint8_t backup[CSIG_BACKUP_BYTES];
    const blob b = {backup, sizeof backup};
    AUTO_JSON wallet = NULL;
    const json *there;
    csig_share_info info;

    csig_share_describe(share, &info);
    CLI_TRY(ask_wallet(c, x, &wallet));
    there = json_member(wallet, "backups");
    for (size_t i = 0; i < json_count(there); i++)
        if (json_number_at(there, i) == info.self) return CLI_OK;
    CLI_TRY(backup_make(c, x->d, x->p.wallet, share, backup));
    return backup_give(c, x->p.wallet, info.self, &b);
}

/* Where the new epoch's backups go, the current one's are or are taken now. Who has no share yet
 * shows that it could make one. */
static cli_exit check_backup(cli *c, ceremony *x)
{
    wallet_state state = WALLET_NONE;
    wallet_record record;
    csig_share *share;
    cli_exit code;

    CLI_TRY(backup_begin(c));
    if (!plan_is_creation(&x->p)) CLI_TRY(wallet_look(c, x->d, x->p.wallet, &state));
    if (state != WALLET_BORN) return CLI_OK;
    CLI_TRY(wallet_open(c, x->d, x->p.wallet, &record, &share));
    code = give_backup(c, x, share);
    csig_share_free(share);
    return code;
}

/* Keys that something can be encrypted to, and of a refresh those that the wallet has. */
static cli_exit check_recovery(cli *c, ceremony *x)
{
    uint8_t print[CSIG_FINGERPRINT_BYTES];
    recovery_keys planned = {.count = 0};
    AUTO_JSON wallet = NULL;

    for (uint16_t i = 1; i <= x->p.parties; i++) {
        const plan_party *a = &x->p.party[i - 1];

        if (!a->has_key) continue;
        CLI_TRY(keys_add(c, &planned, i, a->key));
        if (csig_recovery_fingerprint(a->key, print) != CSIG_OK)
            return cli_fail(c, CLI_INPUT, "the recovery key of party %u (%s) is nobody's", i,
                            a->name);
    }
    if (strcmp(x->p.operation, "refresh") != 0) return CLI_OK;
    CLI_TRY(ask_wallet(c, x, &wallet));
    return keys_check_server(c, &planned, wallet);
}

static const struct {
    const char *name;
    cli_exit (*check)(cli *c, ceremony *x);
} checks[] = {
    {"plan signed by all", check_plan},
    {"server reachable", check_server},
    {"same version and level", check_version},
    {"clocks agree", check_clock},
    {"disk writable", check_disk},
    {"destination empty and writable", check_destination},
    {"sealing key usable", check_sealing},
    {"auxiliary info there", check_moduli},
    {"backups can be made and are taken", check_backup},
    {"recovery keys known", check_recovery},
};
#define CHECKS (sizeof checks / sizeof checks[0])

static cli_exit tell_check(cli *c, const ceremony *x, const char *name, cli_exit code)
{
    AUTO_JSON j = json_new();
    const char *who = x->p.party[x->self - 1].name;

    json_put_text(j, "participant", who);
    json_put_text(j, "check", name);
    json_put_flag(j, "good", code == CLI_OK);
    if (code != CLI_OK) json_put_text(j, "error", c->message);
    return cli_tell(c, j, "%-4s  %s: %s%s%s\n", code == CLI_OK ? "ok" : "FAIL", who, name,
                    code == CLI_OK ? "" : ": ", code == CLI_OK ? "" : c->message);
}

cli_exit ceremony_preflight(cli *c, ceremony *x, bool tell)
{
    char first[sizeof c->message] = "";
    cli_exit failed = CLI_OK;

    for (size_t i = 0; i < CHECKS; i++) {
        const cli_exit code = checks[i].check(c, x);

        if (tell) CLI_TRY(tell_check(c, x, checks[i].name, code));
        if (code == CLI_OK || failed != CLI_OK) continue;
        failed = code;
        snprintf(first, sizeof first, "%s: %.1200s", checks[i].name, c->message);
        if (!tell) break;
    }
    if (failed == CLI_OK) return CLI_OK;
    return cli_fail(c, failed, "party %u (%s): %s", plan_number(&x->p, x->self),
                    x->p.party[x->self - 1].name, first);
}
