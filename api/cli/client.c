#include "cli/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPLY_MAX ((size_t)16 << 20)
#define TRIES     6

void http_reply_free(http_reply *r)
{
    blob_free(&r->body);
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
    http_reply *r = arg;
    const size_t len = size * n;
    uint8_t *more;

    if (len > REPLY_MAX - r->body.len) return 0;
    more = realloc(r->body.p, r->body.len + len + 1);
    if (more == NULL) return 0;
    memcpy(more + r->body.len, p, len);
    r->body.p = more;
    r->body.len += len;
    return len;
}

static CURL *handle(cli *c)
{
    if (c->http == NULL) {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
        c->http = curl_easy_init();
    } else {
        curl_easy_reset(c->http); /* keeps the connection */
    }
    return c->http;
}

/* A server is the path of a socket or a URL of the loopback interface. */
static cli_exit address(cli *c, CURL *h, const char *path)
{
    char url[PATH_ROOM];
    const bool is_url = strncmp(c->server, "http://", 7) == 0;
    const size_t end = strlen(c->server);

    snprintf(url, sizeof url, "%.*s%s",
             is_url ? (int)(end - (c->server[end - 1] == '/'))
                    : (int)sizeof "http://countersignd" - 1,
             is_url ? c->server : "http://countersignd", path);
    if (!is_url) curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->server);
    curl_easy_setopt(h, CURLOPT_URL, url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http");
    return CLI_OK;
}

static CURLcode call_once(CURL *h, http_reply *r)
{
    CURLcode code;

    r->body.len = 0;
    code = curl_easy_perform(h);
    if (code == CURLE_OK) code = curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &r->status);
    return code;
}

static void wait_before_try(int tries)
{
    const struct timespec pause = {.tv_sec = tries / 2, .tv_nsec = 200000000L};

    (void)nanosleep(&pause, NULL);
}

cli_exit client_call(cli *c, const char *method, const char *path, const char *type,
                     const uint8_t *body, size_t len, http_reply *r)
{
    const int tries = strcmp(method, "POST") == 0 ? 1 : TRIES;
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OK;
    char line[128];
    CURL *h = handle(c);

    if (h == NULL) return cli_fail(c, CLI_LOCAL, "the HTTP library does not start");
    CLI_TRY(address(c, h, path));
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, 300L);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, r);
    if (body != NULL) {
        snprintf(line, sizeof line, "Content-Type: %s", type);
        headers = curl_slist_append(NULL, line);
        headers = curl_slist_append(headers, "Expect:");
        curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    for (int i = 0; i < tries; i++) {
        code = call_once(h, r);
        if (code == CURLE_OK) break;
        if (i + 1 < tries) wait_before_try(i);
    }
    curl_slist_free_all(headers);
    if (code != CURLE_OK)
        return cli_fail(c, CLI_OFFLINE, "no answer from %s: %s; is countersignd running?",
                        c->server, curl_easy_strerror(code));
    c->status = r->status;
    return CLI_OK;
}

static cli_exit exit_of_status(long status, const char *code)
{
    if (strcmp(code, "key-locked") == 0 || strcmp(code, "proof-failed") == 0) return CLI_CHEAT;
    if (status == 400 || status == 413 || status == 415 || status == 426) return CLI_INPUT;
    if (status == 409 || status == 410 || status == 429 || status == 503) return CLI_AGAIN;
    return CLI_REFUSED;
}

cli_exit client_problem(cli *c, const http_reply *r)
{
    AUTO_JSON j = NULL;
    const char *code, *detail, *field;

    if (json_read(c, &j, r->body.p, r->body.len) != CLI_OK)
        return cli_fail(c, CLI_REFUSED, "the server answered %ld without saying why", r->status);
    code = json_text(j, "code");
    detail = json_text(j, "detail");
    field = json_text(j, "field");
    return cli_fail(c, exit_of_status(r->status, code ? code : ""), "server: %s%s%s%s [%s]",
                    detail ? detail : "refused", field ? " (" : "", field ? field : "",
                    field ? ")" : "", code ? code : "no code");
}

cli_exit client_json(cli *c, const char *method, const char *path, const json *body, json **out)
{
    AUTO_REPLY r = {0};
    char *text = body != NULL ? json_line(body) : NULL;
    cli_exit code;

    *out = NULL;
    if (body != NULL && text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = client_call(c, method, path, "application/json", (const uint8_t *)text,
                       text != NULL ? strlen(text) : 0, &r);
    free(text);
    CLI_TRY(code);
    if (r.status < 200 || r.status > 299) return client_problem(c, &r);
    return r.body.len == 0 ? CLI_OK : json_read(c, out, r.body.p, r.body.len);
}

void client_close(cli *c)
{
    if (c->http == NULL) return;
    curl_easy_cleanup(c->http);
    curl_global_cleanup();
    c->http = NULL;
}
