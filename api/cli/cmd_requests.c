/* requests: what a wallet was asked for, and the phone in the loop of a backend. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/batch.h"
#include "cli/client.h"
#include "cli/reconcile.h"
#include "cli/tell.h"
#include "cli/wallet.h"

#define WAIT_SECONDS 600 /* when nothing is said */
#define PATIENCE     30  /* of one call */

static cli_exit tell_request(cli *c, const json *r)
{
    static const char *const names[] = {"request", "wallet", "state", "type", "created", "expires"};
    const char *v[sizeof names / sizeof names[0]];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        v[i] = json_text(r, names[i]);
        if (v[i] == NULL) return json_lacks(c, names[i]);
    }
    return cli_tell(c, r, "%s  %s  %s  wallet %s, created %s, expires %s\n", v[0], v[2], v[3], v[1],
                    v[4], v[5]);
}

/* Where the list goes on; "": it does not. */
static cli_exit page_next(cli *c, const json *page, char next[65])
{
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    const char *text = json_text(page, "next");

    next[0] = '\0';
    if (text == NULL) return CLI_OK;
    if (!hex_is_read(id, sizeof id, text)) return json_lacks(c, "next");
    memcpy(next, text, 65);
    return CLI_OK;
}

static cli_exit list_page(cli *c, char next[65])
{
    AUTO_JSON said = NULL;
    const json *list;
    char path[256];

    (void)snprintf(path, sizeof path, "/v1/wallets/%s/requests%s%s", c->wallet,
                   next[0] != '\0' ? "?after=" : "", next);
    CLI_TRY(client_json(c, "GET", path, NULL, &said));
    list = json_member(said, "requests");
    for (size_t i = 0; i < json_count(list); i++)
        CLI_TRY(tell_request(c, json_at(list, i)));
    return page_next(c, said, next);
}

cli_exit cmd_requests_list(cli *c)
{
    AUTO_DEVICES all = {0};
    char next[65] = "";

    CLI_TRY(begin_with_devices(c, &all));
    do
        CLI_TRY(list_page(c, next));
    while (next[0] != '\0');
    return CLI_OK;
}

static cli_exit about_one(cli *c, const char *method, const char *verb)
{
    AUTO_DEVICES all = {0};
    AUTO_JSON said = NULL;
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    char path[128];

    if (!hex_is_read(id, sizeof id, c->file[0]))
        return cli_fail(c, CLI_USAGE, "a request's id has %zu lower-case hex digits",
                        2 * sizeof id);
    CLI_TRY(begin_with_devices(c, &all));
    (void)snprintf(path, sizeof path, "/v1/requests/%s%s", c->file[0], verb);
    CLI_TRY(client_json(c, method, path, NULL, &said));
    return tell_request(c, said);
}

cli_exit cmd_requests_show(cli *c)
{
    return about_one(c, "GET", "");
}

cli_exit cmd_requests_cancel(cli *c)
{
    return about_one(c, "POST", "/cancel");
}

/* --- wait --- */

#define DECLINED_MAX 256

/* What was declined in this run is not asked about again, whatever the server makes of it. */
typedef struct waiting {
    const device *d; /* whose list it is */
    char wallet[33], request[65];
    size_t n;
    char declined[DECLINED_MAX][65];
} waiting;

static bool request_is_declined(const waiting *w, const char *request)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->declined[i], request) == 0) return true;
    return false;
}

static bool wallet_is_meant(const cli *c, const char *wallet)
{
    for (size_t i = 0; i < c->n_chosen; i++)
        if (strcmp(c->chosen[i], wallet) == 0) return true;
    return c->n_chosen == 0;
}

/* The first of the list that is for this device. */
static cli_exit choose(cli *c, waiting *w, const json *list)
{
    for (size_t i = 0; i < json_count(list) && w->request[0] == '\0'; i++) {
        const char *wallet = json_text(json_at(list, i), "wallet");
        const char *request = json_text(json_at(list, i), "request");
        uint8_t id[WALLET_ID_BYTES], request_id[CSIG_REQUEST_ID_BYTES];
        wallet_state state;

        if (wallet == NULL || !wallet_id_is_read(id, wallet)) return json_lacks(c, "wallet");
        if (request == NULL || !hex_is_read(request_id, sizeof request_id, request))
            return json_lacks(c, "request");
        CLI_TRY(wallet_look(c, w->d, wallet, &state));
        if (state != WALLET_BORN || !wallet_is_meant(c, wallet) || request_is_declined(w, request))
            continue;
        memcpy(w->wallet, wallet, sizeof w->wallet);
        memcpy(w->request, request, sizeof w->request);
    }
    return CLI_OK;
}

/* Behind what `next` of the page before says; "": the first page, which is waited for. */
static cli_exit look_at_page(cli *c, waiting *w, unsigned seconds, char next[65])
{
    char path[256], own[2 * CSIG_IDENTITY_BYTES + 1];
    AUTO_JSON said = NULL;
    cli_exit code;

    hex_write(own, w->d->id, sizeof w->d->id);
    (void)snprintf(path, sizeof path, "/v1/devices/%s/requests%s%s", own,
                   next[0] != '\0' ? "?after=" : "", next);
    c->patience = next[0] != '\0' ? 0 : seconds < PATIENCE ? seconds : PATIENCE;
    code = client_json(c, "GET", path, NULL, &said);
    c->patience = 0;
    CLI_TRY(code);
    CLI_TRY(page_next(c, said, next));
    return choose(c, w, json_member(said, "requests"));
}

static cli_exit poll_once(cli *c, waiting *w, unsigned seconds)
{
    char next[65] = "";

    w->request[0] = '\0';
    do
        CLI_TRY(look_at_page(c, w, seconds, next));
    while (w->request[0] == '\0' && next[0] != '\0');
    return CLI_OK;
}

/* Those that are there, but for others, are answered at once: then a pause. */
static void pause_between(void)
{
    const struct timespec second = {.tv_sec = 1};

    (void)nanosleep(&second, NULL);
}

static cli_exit wait_for_one(cli *c, waiting *w, time_t end)
{
    w->request[0] = '\0';
    while (w->request[0] == '\0') {
        const time_t begun = time(NULL);

        if (begun >= end) return cli_fail(c, CLI_AGAIN, "nothing was asked for");
        CLI_TRY(poll_once(c, w, (unsigned)(end - begun)));
        if (w->request[0] == '\0' && time(NULL) == begun) pause_between();
    }
    return CLI_OK;
}

cli_exit cmd_requests_wait(cli *c)
{
    AUTO_DEVICES all = {0};
    waiting w = {.n = 0};
    bool declined = true;
    time_t end;

    CLI_TRY(begin_with_devices(c, &all));
    end = time(NULL) + (c->wait > 0 ? (time_t)c->wait : WAIT_SECONDS);
    w.d = all.d[0];
    while (declined) {
        if (w.n == DECLINED_MAX)
            return cli_fail(c, CLI_AGAIN, "%d requests were declined: enough for one run",
                            DECLINED_MAX);
        CLI_TRY(wait_for_one(c, &w, end));
        c->wallet = w.wallet;
        CLI_TRY(sign_or_decline(c, &all, w.request, &declined));
        if (declined) memcpy(w.declined[w.n++], w.request, sizeof w.request);
    }
    return CLI_OK;
}
