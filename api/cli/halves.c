#include "cli/halves.h"

#include <stdlib.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/seal.h"
#include "cli/server.h"

#define SESSION_BYTES 32
#define N_AT          (CLI_HEADER_BYTES + SESSION_BYTES)
#define ENVELOPES_AT  (N_AT + 1)

static cli_exit folder_of(cli *c, const device *d, const char *wallet, char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "presignatures", wallet, NULL);
}

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *id,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "presignatures", wallet, id, NULL);
}

/* --- unused --- */

cli_exit half_keep(cli *c, const device *d, const char *wallet, const csig_presig *half)
{
    uint8_t id[CSIG_PRESIG_ID_BYTES];
    char name[2 * sizeof id + 1], path[PATH_ROOM];

    csig_presig_id(half, id);
    hex_write(name, id, sizeof id);
    CLI_TRY(folder_of(c, d, wallet, path));
    CLI_TRY(folder_make(c, path));
    CLI_TRY(path_of(c, d, wallet, name, path));
    return save_presig(c, d, path, half);
}

/* A half, and not what a used one left or what somebody else put there. */
static cli_exit is_half(cli *c, const device *d, const char *wallet, const char *id, bool *half)
{
    uint8_t octets[CSIG_PRESIG_ID_BYTES];
    char path[PATH_ROOM];
    AUTO_BLOB b = {0};

    *half = false;
    CLI_TRY(path_of(c, d, wallet, id, path));
    if (!hex_is_read(octets, sizeof octets, id) || !file_is_there(path)) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    *half = b.len > 0 && b.p[0] != CLI_KIND_REPLY;
    return CLI_OK;
}

typedef struct search {
    const parties *p;
    json *ids;
} search;

static cli_exit list_one(cli *c, const char *id, void *arg)
{
    const search *s = arg;
    bool everywhere = json_count(s->ids) < HALVES_LISTED_MAX;

    for (size_t i = 0; i < s->p->locals && everywhere; i++)
        CLI_TRY(is_half(c, s->p->local[i].d, s->p->wallet, id, &everywhere));
    if (everywhere) json_push_text(s->ids, id);
    return CLI_OK;
}

cli_exit halves_list(cli *c, const parties *p, json *ids)
{
    search s = {p, ids};
    char path[PATH_ROOM];

    CLI_TRY(folder_of(c, p->local[0].d, p->wallet, path));
    return folder_each(c, path, list_one, &s);
}

cli_exit half_take(cli *c, const device *d, const char *wallet, const char *id, csig_presig **half)
{
    uint8_t wanted[CSIG_PRESIG_ID_BYTES], held[CSIG_PRESIG_ID_BYTES];
    char path[PATH_ROOM];
    bool there;

    *half = NULL;
    if (!hex_is_read(wanted, sizeof wanted, id)) return json_lacks(c, "presignature");
    CLI_TRY(is_half(c, d, wallet, id, &there));
    if (!there)
        return cli_fail(c, CLI_REFUSED,
                        "the server assigns presignature %s, of which device %s holds no unused "
                        "half; run: countersign presign %s",
                        id, d->name, wallet);
    CLI_TRY(path_of(c, d, wallet, id, path));
    CLI_TRY(load_presig(c, d, path, half));
    csig_presig_id(*half, held);
    if (memcmp(wanted, held, sizeof held) == 0) return CLI_OK;
    csig_presig_free(*half);
    *half = NULL;
    return cli_file_is_damaged(c, path, "remove it: only this presignature is lost");
}

typedef struct pruning {
    const device *d;
    const char *wallet;
    const json *ready;
} pruning;

static cli_exit prune_one(cli *c, const char *id, void *arg)
{
    const pruning *s = arg;
    char path[PATH_ROOM];
    bool half;

    for (size_t i = 0; i < json_count(s->ready); i++)
        if (json_text_at(s->ready, i) != NULL && strcmp(json_text_at(s->ready, i), id) == 0)
            return CLI_OK;
    CLI_TRY(path_of(c, s->d, s->wallet, id, path));
    CLI_TRY(is_half(c, s->d, s->wallet, id, &half));
    return half ? file_remove(c, path) : CLI_OK;
}

cli_exit halves_check(cli *c, const parties *p)
{
    AUTO_JSON wallet = NULL;
    char path[PATH_ROOM];
    pruning s = {.wallet = p->wallet};

    snprintf(path, sizeof path, "/v1/wallets/%s", p->wallet);
    CLI_TRY(client_json(c, "GET", path, NULL, &wallet));
    CLI_TRY(server_check(c, wallet));
    s.ready = json_member(wallet, "presignatures");
    if (!json_is_list(s.ready)) return json_lacks(c, "presignatures");
    for (size_t i = 0; i < p->locals; i++) {
        s.d = p->local[i].d;
        CLI_TRY(folder_of(c, s.d, p->wallet, path));
        CLI_TRY(folder_each(c, path, prune_one, &s));
    }
    return CLI_OK;
}

typedef struct sorting {
    const device *d;
    const char *wallet;
    csig_share *share; /* NULL: not opened yet */
    uint64_t epoch;
} sorting;

static cli_exit open_share(cli *c, sorting *s)
{
    wallet_record record;
    csig_share_info info;

    if (s->share != NULL) return CLI_OK;
    CLI_TRY(wallet_open(c, s->d, s->wallet, &record, &s->share));
    csig_share_describe(s->share, &info);
    s->epoch = info.epoch;
    return CLI_OK;
}

/* One that is damaged is told of when it is to be used. */
static cli_exit sort_one(cli *c, const char *id, void *arg)
{
    sorting *s = arg;
    uint8_t key[CSIG_KEY_ID_BYTES];
    char path[PATH_ROOM];
    csig_presig *half;
    uint64_t epoch;
    bool there;

    CLI_TRY(is_half(c, s->d, s->wallet, id, &there));
    if (!there) return CLI_OK;
    CLI_TRY(open_share(c, s));
    CLI_TRY(path_of(c, s->d, s->wallet, id, path));
    if (load_presig(c, s->d, path, &half) != CLI_OK) return CLI_OK;
    csig_presig_key(half, key, &epoch);
    csig_presig_free(half);
    return epoch == s->epoch ? CLI_OK : file_remove(c, path);
}

cli_exit halves_of_epoch(cli *c, const device *d, const char *wallet)
{
    sorting s = {.d = d, .wallet = wallet};
    char path[PATH_ROOM];
    cli_exit code;

    CLI_TRY(folder_of(c, d, wallet, path));
    code = folder_each(c, path, sort_one, &s);
    csig_share_free(s.share);
    return code;
}

typedef struct dropping {
    const device *d;
    const char *wallet;
} dropping;

static cli_exit drop_one(cli *c, const char *id, void *arg)
{
    const dropping *s = arg;
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, s->d, s->wallet, id, path));
    return file_remove(c, path);
}

cli_exit halves_drop(cli *c, const device *d, const char *wallet)
{
    dropping s = {d, wallet};
    char path[PATH_ROOM];

    CLI_TRY(folder_of(c, d, wallet, path));
    return folder_each(c, path, drop_one, &s);
}

/* --- used --- */

cli_exit half_spend(cli *c, const device *d, const spent *s, const uint8_t *envelopes, size_t len)
{
    AUTO_BLOB b = {.p = malloc(ENVELOPES_AT + len), .len = ENVELOPES_AT + len};
    char path[PATH_ROOM];

    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_header_write(b.p, CLI_KIND_REPLY);
    memcpy(b.p + CLI_HEADER_BYTES, s->session, SESSION_BYTES);
    b.p[N_AT] = (uint8_t)s->n;
    if (len > 0) memcpy(b.p + ENVELOPES_AT, envelopes, len);
    CLI_TRY(path_of(c, d, s->wallet, s->id, path));
    return file_write(c, path, b.p, b.len);
}

cli_exit half_settled(cli *c, const device *d, const char *wallet, const char *id)
{
    char path[PATH_ROOM];

    CLI_TRY(path_of(c, d, wallet, id, path));
    return file_remove(c, path);
}

typedef struct resending {
    const device *d;
    const char *wallet;
} resending;

/* Has the server said something that will not change? A problem without a code is not its own. */
static bool is_answered(const cli *c, cli_exit code)
{
    if (code == CLI_OK) return true;
    return c->problem[0] != '\0' && c->status < 500 && c->status != 429;
}

static cli_exit send_again(cli *c, const blob *b, const char *path, bool *answered)
{
    char session[SESSION_BYTES + 1] = "";
    uint8_t id[SESSION_BYTES / 2];
    AUTO_BLOB reply = {0};
    cli_exit code;

    CLI_TRY(cli_header_check(c, b, CLI_KIND_REPLY, path));
    if (b->len >= ENVELOPES_AT) memcpy(session, b->p + CLI_HEADER_BYTES, SESSION_BYTES);
    if (!hex_is_read(id, sizeof id, session))
        return cli_file_is_damaged(c, path, "remove it: only this presignature is lost");
    *answered = b->len == ENVELOPES_AT; /* burned before anything was to leave */
    if (*answered) return CLI_OK;
    code =
        rounds_exchange(c, session, b->p[N_AT], b->p + ENVELOPES_AT, b->len - ENVELOPES_AT, &reply);
    *answered = is_answered(c, code);
    return *answered ? CLI_OK : code;
}

static cli_exit resend_one(cli *c, const char *id, void *arg)
{
    const resending *s = arg;
    char path[PATH_ROOM];
    AUTO_BLOB b = {0};
    bool answered = false;

    CLI_TRY(path_of(c, s->d, s->wallet, id, path));
    CLI_TRY(file_read(c, path, &b));
    if (b.len == 0 || b.p[0] != CLI_KIND_REPLY) return CLI_OK;
    CLI_TRY(send_again(c, &b, path, &answered));
    return answered ? file_remove(c, path) : CLI_OK;
}

cli_exit halves_resend(cli *c, const device *d, const char *wallet)
{
    resending s = {d, wallet};
    char path[PATH_ROOM];

    CLI_TRY(folder_of(c, d, wallet, path));
    return folder_each(c, path, resend_one, &s);
}
