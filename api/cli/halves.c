#include "cli/halves.h"

#include <stdlib.h>
#include <string.h>

#include "cli/seal.h"

/* header, session 32 characters, exchange u8, envelopes */
#define REPLY_CLEAR (CLI_HEADER_BYTES + 32 + 1)

static cli_exit folder_of(cli *c, const device *d, const char *wallet, char path[PATH_ROOM])
{
    char folder[PATH_ROOM];

    CLI_TRY(path_join(c, folder, d->folder, "presignatures", wallet));
    memcpy(path, folder, PATH_ROOM);
    return CLI_OK;
}

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *id,
                        char path[PATH_ROOM])
{
    char folder[PATH_ROOM];

    CLI_TRY(folder_of(c, d, wallet, folder));
    return path_join(c, path, folder, id, NULL);
}

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

/* Whether a file is a half or the reply that used one: by its first octet. */
static cli_exit is_half(cli *c, const char *path, bool *half)
{
    AUTO_BLOB b = {0};

    *half = false;
    if (!file_is_there(path)) return CLI_OK;
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
    bool everywhere = true;

    for (size_t i = 0; i < s->p->locals && everywhere; i++) {
        char path[PATH_ROOM];

        CLI_TRY(path_of(c, s->p->local[i].d, s->p->wallet, id, path));
        CLI_TRY(is_half(c, path, &everywhere));
    }
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
    uint8_t octets[CSIG_PRESIG_ID_BYTES];
    char path[PATH_ROOM];
    bool there;

    *half = NULL;
    if (!hex_is_read(octets, sizeof octets, id))
        return cli_fail(c, CLI_REFUSED, "the server names a presignature that is no id");
    CLI_TRY(path_of(c, d, wallet, id, path));
    CLI_TRY(is_half(c, path, &there));
    if (!there)
        return cli_fail(c, CLI_REFUSED, "device %s holds no unused half of presignature %s",
                        d->name, id);
    return load_presig(c, d, path, half);
}

cli_exit half_spend(cli *c, const device *d, const char *wallet, const char *id,
                    const char *session, unsigned n, const uint8_t *reply, size_t len)
{
    AUTO_BLOB b = {.p = malloc(REPLY_CLEAR + len), .len = REPLY_CLEAR + len};
    char path[PATH_ROOM];

    if (b.p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    cli_header_write(b.p, CLI_KIND_REPLY);
    memcpy(b.p + CLI_HEADER_BYTES, session, 32);
    b.p[REPLY_CLEAR - 1] = (uint8_t)n;
    memcpy(b.p + REPLY_CLEAR, reply, len);
    CLI_TRY(path_of(c, d, wallet, id, path));
    return file_write(c, path, b.p, b.len);
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
    CLI_TRY(is_half(c, path, &half));
    return half ? file_remove(c, path) : CLI_OK;
}

cli_exit halves_prune(cli *c, const device *d, const char *wallet, const json *ready)
{
    pruning s = {d, wallet, ready};
    char path[PATH_ROOM];

    CLI_TRY(folder_of(c, d, wallet, path));
    return folder_each(c, path, prune_one, &s);
}

typedef struct resending {
    const device *d;
    const char *wallet;
} resending;

static cli_exit resend_one(cli *c, const char *id, void *arg)
{
    const resending *s = arg;
    char path[PATH_ROOM], session[33] = "";
    AUTO_BLOB b = {0};
    AUTO_BLOB answer = {0};
    cli_exit code;

    CLI_TRY(path_of(c, s->d, s->wallet, id, path));
    CLI_TRY(file_read(c, path, &b));
    if (b.len == 0 || b.p[0] != CLI_KIND_REPLY) return CLI_OK;
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_REPLY, path));
    if (b.len < REPLY_CLEAR) return cli_fail(c, CLI_INPUT, "%s is damaged", path);
    memcpy(session, b.p + CLI_HEADER_BYTES, 32);
    code = rounds_exchange(c, session, b.p[REPLY_CLEAR - 1], b.p + REPLY_CLEAR, b.len - REPLY_CLEAR,
                           &answer);
    /* No answer, or none yet: another time. Anything else is an answer for good. */
    if (code == CLI_OFFLINE || (code != CLI_OK && (c->status >= 500 || c->status == 429)))
        return CLI_OK;
    return file_remove(c, path);
}

cli_exit halves_resend(cli *c, const device *d, const char *wallet)
{
    resending s = {d, wallet};
    char path[PATH_ROOM];

    CLI_TRY(folder_of(c, d, wallet, path));
    return folder_each(c, path, resend_one, &s);
}
