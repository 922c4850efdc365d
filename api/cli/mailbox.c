#include "cli/mailbox.h"

#include <string.h>
#include <time.h>

#include "cli/client.h"

#define FRAME_BYTES 13

static void act_as(cli *c, const device *d)
{
    c->acting = d;
}

static void path_of(const mailbox *m, char path[160])
{
    snprintf(path, 160, "/v1/mailboxes/%s", m->id);
}

/* --- the mailbox --- */

static cli_exit read_members(cli *c, mailbox *m, const json *answer)
{
    const json *list = json_member(answer, "members");
    const char *id = json_text(answer, "mailbox");
    bool is_member = false;

    if (id == NULL || !hex_is_read(m->octets, sizeof m->octets, id))
        return json_lacks(c, "mailbox");
    memcpy(m->id, id, sizeof m->id);
    m->members = json_count(list);
    if (m->members < 2 || m->members > MAILBOX_MEMBERS_MAX) return json_lacks(c, "members");
    for (size_t i = 0; i < m->members; i++) {
        const char *text = json_text_at(list, i);

        if (text == NULL || !hex_is_read(m->member[i], sizeof m->member[i], text))
            return json_lacks(c, "members");
        if (memcmp(m->member[i], m->as->id, sizeof m->as->id) != 0) continue;
        m->self = i;
        is_member = true;
    }
    if (is_member) return CLI_OK;
    return cli_fail(c, CLI_REFUSED, "device %s is not invited to meeting %s", m->as->name, m->id);
}

cli_exit mailbox_make(cli *c, mailbox *m, unsigned seconds)
{
    AUTO_JSON body = json_new();
    AUTO_JSON answer = NULL;
    json *list = json_array_new();
    cli_exit code;

    for (size_t i = 0; i < m->members; i++)
        json_push_octets(list, m->member[i], CSIG_IDENTITY_BYTES);
    json_put(body, "members", list);
    json_put_number(body, "seconds", seconds);
    act_as(c, m->as);
    code = client_json(c, "POST", "/v1/mailboxes", body, &answer);
    if (code != CLI_OK && strcmp(c->problem, "not-found") == 0)
        return cli_fail(c, CLI_REFUSED,
                        "the server does not know one of the devices that are invited; there: "
                        "countersign device enrol");
    CLI_TRY(code);
    return read_members(c, m, answer);
}

cli_exit mailbox_look(cli *c, mailbox *m)
{
    AUTO_JSON answer = NULL;
    char path[160];

    path_of(m, path);
    act_as(c, m->as);
    CLI_TRY(client_json(c, "GET", path, NULL, &answer));
    return read_members(c, m, answer);
}

cli_exit mailbox_seen(cli *c, const mailbox *m, size_t member, char seen[32])
{
    AUTO_JSON answer = NULL;
    char path[160];
    const char *text;

    path_of(m, path);
    act_as(c, m->as);
    CLI_TRY(client_json(c, "GET", path, NULL, &answer));
    text = json_text_at(json_member(answer, "seen"), member);
    snprintf(seen, 32, "%.31s", text != NULL ? text : "never");
    return CLI_OK;
}

static cli_exit call_patiently(cli *c, const char *path, unsigned wait, http_reply *r)
{
    cli_exit code;

    c->patience = wait < MAILBOX_PATIENCE ? wait : MAILBOX_PATIENCE;
    code = client_call(c, "GET", path, NULL, NULL, 0, r);
    c->patience = 0;
    CLI_TRY(code);
    return r->status == 200 ? CLI_OK : client_problem(c, r);
}

cli_exit mailbox_list(cli *c, const device *d, unsigned wait, json **list)
{
    char id[2 * CSIG_IDENTITY_BYTES + 1], path[128];
    AUTO_REPLY r = {0};

    hex_write(id, d->id, sizeof d->id);
    snprintf(path, sizeof path, "/v1/devices/%s/mailboxes", id);
    act_as(c, d);
    CLI_TRY(call_patiently(c, path, wait, &r));
    return json_read(c, list, r.body.p, r.body.len);
}

cli_exit mailbox_drop(cli *c, const mailbox *m)
{
    AUTO_REPLY r = {0};
    char path[160];

    path_of(m, path);
    act_as(c, m->as);
    CLI_TRY(client_call(c, "DELETE", path, NULL, NULL, 0, &r));
    return r.status == 204 || r.status == 404 ? CLI_OK : client_problem(c, &r);
}

/* --- messages --- */

cli_exit mailbox_write(cli *c, const mailbox *m, uint32_t n, const uint8_t *p, size_t len)
{
    char id[2 * CSIG_IDENTITY_BYTES + 1], path[200];
    AUTO_REPLY r = {0};

    hex_write(id, m->as->id, sizeof m->as->id);
    snprintf(path, sizeof path, "/v1/mailboxes/%s/messages/%s/%u", m->id, id, n);
    act_as(c, m->as);
    CLI_TRY(client_call(c, "PUT", path, "application/octet-stream", p, len, &r));
    return r.status == 204 ? CLI_OK : client_problem(c, &r);
}

/* A server that does not wait is not asked without a pause. */
static void pause_after(const struct timespec *begin, unsigned wait)
{
    const struct timespec pause = {.tv_nsec = 100000000L};
    struct timespec end;

    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    if (wait > 0 && end.tv_sec - begin->tv_sec <= 1 &&
        (end.tv_sec - begin->tv_sec) * 1000000000L + end.tv_nsec - begin->tv_nsec < pause.tv_nsec)
        (void)nanosleep(&pause, NULL);
}

cli_exit mailbox_read(cli *c, const mailbox *m, uint32_t after, unsigned wait, blob *frames)
{
    struct timespec begin;
    char path[160];
    AUTO_REPLY r = {0};

    snprintf(path, sizeof path, "/v1/mailboxes/%s/messages/%u", m->id, after);
    act_as(c, m->as);
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    CLI_TRY(call_patiently(c, path, wait, &r));
    if (r.body.len == 0) pause_after(&begin, wait);
    blob_free(frames);
    *frames = r.body;
    r.body = (blob){0};
    return CLI_OK;
}

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

cli_exit mailbox_next(cli *c, const mailbox *m, const blob *frames, size_t *at,
                      mailbox_message *message)
{
    const uint8_t *p = frames->p + *at;
    const size_t left = frames->len - *at;
    size_t len;

    if (left < FRAME_BYTES) return cli_fail(c, CLI_INPUT, "the mailbox gives no messages");
    len = read_u32(p + 9);
    *message = (mailbox_message){read_u32(p), read_u32(p + 5), p[4], p + FRAME_BYTES, len};
    if (len > left - FRAME_BYTES || message->member >= m->members)
        return cli_fail(c, CLI_INPUT, "the mailbox gives no messages");
    *at += FRAME_BYTES + len;
    return CLI_OK;
}
