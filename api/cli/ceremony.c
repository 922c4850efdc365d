#include "cli/ceremony.h"

#include <stdlib.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/reconcile.h"
#include "cli/server.h"
#include "cli/tell.h"

#define OUTCOME_MAX 200

void ceremony_close(ceremony *x)
{
    json_free(&x->attempts);
    plan_close(&x->p);
    devices_close(&x->all);
}

/* --- the folder --- */

cli_exit ceremony_path(cli *c, const ceremony *x, const char *name, char out[PATH_ROOM])
{
    return path_join(c, out, x->folder, name, NULL);
}

static cli_exit make_folder(cli *c, ceremony *x)
{
    char above[PATH_ROOM], hash[33];

    snprintf(hash, sizeof hash, "%.32s", x->p.hash_text);
    CLI_TRY(path_join(c, above, c->state, "ceremonies", NULL));
    CLI_TRY(path_join(c, x->folder, above, hash, NULL));
    if (x->is_rehearsal) return CLI_OK;
    CLI_TRY(folder_make(c, above));
    return folder_make(c, x->folder);
}

static cli_exit read_log(cli *c, ceremony *x)
{
    AUTO_BLOB b = {0};
    AUTO_JSON j = NULL;
    char path[PATH_ROOM];
    size_t at;

    x->attempts = json_array_new();
    CLI_TRY(ceremony_path(c, x, "log", path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    j = json_read_canonical(b.p, b.len, &at);
    if (j == NULL || !json_is_list(json_member(j, "attempts")))
        return cli_fail(c, CLI_INPUT, "%s is damaged: make a new plan", path);
    json_free(&x->attempts);
    x->attempts = json_shared(json_member(j, "attempts"));
    x->attempt = (unsigned)json_count(x->attempts);
    return CLI_OK;
}

static cli_exit write_log(cli *c, const ceremony *x)
{
    AUTO_JSON j = json_new();
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    json_put(j, "attempts", json_shared(x->attempts));
    b.p = (uint8_t *)json_canonical(j);
    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.len = strlen((const char *)b.p);
    CLI_TRY(ceremony_path(c, x, "log", path));
    return file_write(c, path, b.p, b.len);
}

/* --- open --- */

static cli_exit find_self(cli *c, ceremony *x)
{
    for (size_t i = 0; i < x->all.count; i++) {
        const uint16_t index = plan_index(&x->p, x->all.d[i]->id);

        if (index == 0 || !x->p.party[index - 1].takes_part) continue;
        if (x->d != NULL)
            return cli_fail(c, CLI_USAGE,
                            "devices %s and %s of this folder both take part; each needs a folder "
                            "of its own",
                            x->d->name, x->all.d[i]->name);
        x->d = x->all.d[i];
        x->self = index;
    }
    if (x->d == NULL)
        return cli_fail(c, CLI_REFUSED, "no device of %s takes part in this ceremony", c->state);
    x->is_host = x->self == x->p.host;
    return CLI_OK;
}

cli_exit ceremony_open(cli *c, const char *path, ceremony *x)
{
    x->c = c;
    x->phase = "begin";
    CLI_TRY(plan_read(c, path, &x->p));
    CLI_TRY(begin_with_devices(c, &x->all));
    CLI_TRY(find_self(c, x));
    x->purpose = ceremony_first_purpose(x);
    CLI_TRY(make_folder(c, x));
    return read_log(c, x);
}

/* --- attempts --- */

cli_exit ceremony_begin_attempt(cli *c, ceremony *x)
{
    json *one = json_new();

    x->attempt = (unsigned)json_count(x->attempts) + 1;
    json_put_number(one, "number", x->attempt);
    json_put_text(one, "meeting", "");
    json_put_text(one, "outcome", "was cut off");
    json_push(x->attempts, one);
    return x->is_rehearsal ? CLI_OK : write_log(c, x);
}

cli_exit ceremony_name_meeting(cli *c, ceremony *x, const char *id)
{
    json *one = json_shared(json_at(x->attempts, x->attempt - 1));

    json_put_text(one, "meeting", id);
    json_free(&one);
    return x->is_rehearsal ? CLI_OK : write_log(c, x);
}

void ceremony_end_attempt(cli *c, ceremony *x, cli_exit code)
{
    json *one = json_shared(json_at(x->attempts, x->attempt - 1));
    const cli saved = *c;
    char outcome[OUTCOME_MAX];

    snprintf(outcome, sizeof outcome, "%.199s", code == CLI_OK ? "done" : c->message);
    json_put_text(one, "outcome", outcome);
    json_free(&one);
    if (x->is_rehearsal) return;
    if (write_log(c, x) != CLI_OK)
        cli_note(c, "how this attempt ended could not be kept: %s", c->message);
    memcpy(c->message, saved.message, sizeof c->message);
}

static cli_exit is_born(cli *c, const ceremony *x, bool *born, char wallet[2 * WALLET_ID_BYTES + 1])
{
    uint8_t id[WALLET_ID_BYTES];
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];
    wallet_state state;

    CLI_TRY(ceremony_path(c, x, "wallet", path));
    if (!file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    snprintf(wallet, 2 * WALLET_ID_BYTES + 1, "%.*s", (int)b.len, (const char *)b.p);
    if (b.len != 2 * WALLET_ID_BYTES || !wallet_id_is_read(id, wallet))
        return cli_fail(c, CLI_INPUT, "%s is damaged: make a new plan", path);
    CLI_TRY(wallet_look(c, x->d, wallet, &state));
    if (state == WALLET_PENDING)
        return cli_fail(c, CLI_AGAIN,
                        "whether wallet %s was born is not decided yet; countersign ceremony "
                        "resume again in a minute",
                        wallet);
    *born = state == WALLET_BORN;
    return CLI_OK;
}

cli_exit ceremony_next_epoch(cli *c, const ceremony *x, uint8_t next[CSIG_EPOCH_BYTES])
{
    AUTO_BLOB b = {0};
    char path[PATH_ROOM];

    CLI_TRY(ceremony_path(c, x, "next", path));
    CLI_TRY(file_read(c, path, &b));
    if (b.len != CSIG_EPOCH_BYTES)
        return cli_fail(c, CLI_INPUT, "%s is damaged: make a new plan", path);
    memcpy(next, b.p, b.len);
    return CLI_OK;
}

/* The share is gone, with the server's commit: leaving.h. */
static cli_exit has_left(cli *c, const ceremony *x, bool *made)
{
    char path[PATH_ROOM];

    CLI_TRY(ceremony_path(c, x, "next", path));
    *made = file_is_there(path);
    if (*made) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "device %s has no share of wallet %s to deal", x->d->name,
                    x->p.wallet);
}

static cli_exit is_changed(cli *c, const ceremony *x, bool *made)
{
    wallet_record record;
    csig_share_info info;
    csig_share *share;
    wallet_state state;

    CLI_TRY(wallet_look(c, x->d, x->p.wallet, &state));
    if (state != WALLET_BORN)
        return plan_is_leaving(&x->p, x->self) ? has_left(c, x, made) : CLI_OK;
    CLI_TRY(wallet_open(c, x->d, x->p.wallet, &record, &share));
    csig_share_describe(share, &info);
    csig_share_free(share);
    if (memcmp(info.epoch_state, x->p.state, sizeof info.epoch_state) == 0) return CLI_OK;
    *made = info.epoch == x->p.epoch + 1 && x->attempt > 0;
    if (*made) return CLI_OK;
    return cli_fail(c, CLI_REFUSED,
                    "wallet %s is at epoch %llu, and not at the one that the plan starts from: "
                    "make a new plan",
                    x->p.wallet, (unsigned long long)info.epoch);
}

cli_exit ceremony_is_made(cli *c, const ceremony *x, bool *made,
                          char wallet[2 * WALLET_ID_BYTES + 1])
{
    *made = false;
    if (plan_is_creation(&x->p)) return is_born(c, x, made, wallet);
    memcpy(wallet, x->p.wallet, 2 * WALLET_ID_BYTES + 1);
    return is_changed(c, x, made);
}
