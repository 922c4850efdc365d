#include "cli/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "cli/certificate.h"
#include "cli/wire.h"

#define REPLY_MAX       ((size_t)16 << 20)
#define TRIES           7
#define CONNECT_SECONDS 10L
#define CALL_SECONDS    300L

void http_reply_free(http_reply *r)
{
    blob_free(&r->body);
    blob_free(&r->headers);
}

/* --- the address --- */

bool client_address_is_url(const char *address)
{
    return strstr(address, "://") != NULL;
}

/* HOST or HOST:PORT and nothing behind it, in letters that need no escapes. */
static bool authority_is_plain(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

    if (*text == '[') {
        len = 1 + strspn(text + 1, "0123456789abcdefABCDEF:");
        if (text[len++] != ']') return false;
    }
    if (len == 0) return false;
    if (text[len] == ':') {
        const size_t digits = strspn(text + len + 1, "0123456789");

        if (digits == 0 || digits > 5) return false;
        len += 1 + digits;
    }
    if (text[len] == '/') len++;
    return text[len] == '\0';
}

/* Plain HTTP leaves this machine only through a tunnel of the user's own. */
static bool url_is_fine(const char *url)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};

    if (strncmp(url, "https://", 8) == 0) return authority_is_plain(url + 8);
    if (strncmp(url, "http://", 7) != 0 || !authority_is_plain(url + 7)) return false;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        const size_t len = strlen(hosts[i]);

        if (strncmp(url + 7, hosts[i], len) == 0 && strchr(":/", url[7 + len]) != NULL) return true;
    }
    return false;
}

cli_exit client_check_address(cli *c, const char *address)
{
    const size_t len = strlen(address);

    if (client_address_is_url(address)) {
        if (len < CLI_ADDRESS_ROOM && url_is_fine(address)) return CLI_OK;
        return cli_fail(c, CLI_USAGE,
                        "--server takes the path of a socket, https://HOST:PORT or "
                        "http://127.0.0.1:PORT, not \"%s\"",
                        address);
    }
    if (len > 0 && len < sizeof((struct sockaddr_un *)0)->sun_path) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--server: the path of a socket has 1 to %zu octets",
                    sizeof((struct sockaddr_un *)0)->sun_path - 1);
}

static cli_exit set_address(cli *c, CURL *h, const char *path)
{
    const bool is_url = client_address_is_url(c->server);
    const char *base = is_url ? c->server : "http://countersignd";
    const size_t len = strlen(base);
    char url[CLI_ADDRESS_ROOM + 256];
    int n;

    CLI_TRY(client_check_address(c, c->server));
    n = snprintf(url, sizeof url, "%.*s%s", (int)(len - (base[len - 1] == '/')), base, path);
    if (n < 0 || (size_t)n >= sizeof url) return cli_fail(c, CLI_BUG, "a path is too long");
    if (!is_url) curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->server);
    curl_easy_setopt(h, CURLOPT_URL, url);
    return CLI_OK;
}

/* --- one call --- */

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

static size_t take(char *p, size_t size, size_t n, void *arg)
{
    blob *body = arg;
    const size_t len = size * n;
    uint8_t *more;

    if (len > REPLY_MAX - body->len) return 0;
    more = realloc(body->p, body->len + len + 1);
    if (more == NULL) return 0;
    memcpy(more + body->len, p, len);
    body->p = more;
    body->len += len;
    more[body->len] = '\0';
    return len;
}

/* "Name: value" lines of the last answer alone; libcurl limits them. */
static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
    blob *headers = arg;

    if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0) headers->len = 0;
    return take(p, size, n, arg);
}

static struct curl_slist *add_line(struct curl_slist *list, const char *name, const char *value)
{
    char line[sizeof((csigd_signature_fields *)0)->input + 64];

    (void)snprintf(line, sizeof line, "%s: %s", name, value);
    return curl_slist_append(list, line);
}

static struct curl_slist *set_headers(CURL *h, const wire *w, bool is_signed)
{
    struct curl_slist *headers = NULL;

    headers = add_line(headers, "traceparent", w->trace);
    if (w->prefer[0] != '\0') headers = add_line(headers, "Prefer", w->prefer);
    if (w->known_as[0] != '\0') headers = add_line(headers, "Idempotency-Key", w->known_as);
    if (w->type != NULL) {
        headers = add_line(headers, "Content-Type", w->type);
        headers = curl_slist_append(headers, "Expect:");
        if (is_signed) headers = add_line(headers, "Content-Digest", w->digest);
    }
    if (is_signed) {
        headers = add_line(headers, "Signature-Input", w->signature.input);
        headers = add_line(headers, "Signature", w->signature.signature);
    }
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    return headers;
}

/* The environment's proxies and redirections are not followed: the server is where we were told. */
static void set_manners(CURL *h, const char *method, http_reply *r)
{
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, CALL_SECONDS);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &r->body);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &r->headers);
}

static bool is_worth_another_try(const cli *c, CURLcode code, const http_reply *r)
{
    if (code == CURLE_OK) return r->status == 503 || r->status == 429;
    return c->answered && code != CURLE_WRITE_ERROR && code != CURLE_OPERATION_TIMEDOUT;
}

/* Longer every time. */
static void wait_before_try(int tries)
{
    const long ms = 100L << tries;
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    (void)nanosleep(&pause, NULL);
}

/* Each try is signed anew: a signature is good for one. */
static cli_exit try_once(cli *c, CURL *h, wire *w, bool is_signed, http_reply *r, CURLcode *code)
{
    struct curl_slist *headers;

    if (is_signed) CLI_TRY(wire_sign(c, w));
    headers = set_headers(h, w, is_signed);
    r->body.len = 0;
    r->headers.len = 0;
    *code = curl_easy_perform(h);
    if (*code == CURLE_OK) *code = curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &r->status);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (*code == CURLE_OK) c->answered = true;
    return CLI_OK;
}

static cli_exit perform(cli *c, CURL *h, wire *w, http_reply *r, CURLcode *code)
{
    const bool is_signed = client_address_is_url(c->server);
    /* What has a name may be asked for again. */
    const int tries = strcmp(w->method, "POST") == 0 && w->known_as[0] == '\0' ? 1 : TRIES;

    for (int i = 0; i < tries; i++) {
        if (i > 0) wait_before_try(i - 1);
        CLI_TRY(try_once(c, h, w, is_signed, r, code));
        if (!is_worth_another_try(c, *code, r)) break;
    }
    if (*code != CURLE_OK || !is_signed) return CLI_OK;
    return wire_verify(c, w, r, r->headers.p != NULL ? (char *)r->headers.p : "");
}

static cli_exit set_trust(cli *c, CURL *h)
{
    char path[PATH_ROOM], key[PATH_ROOM];

    if (!client_address_is_url(c->server)) return CLI_OK;
    CLI_TRY(wire_ca(c, path));
    if (path[0] != '\0') curl_easy_setopt(h, CURLOPT_CAINFO, path);
    CLI_TRY(certificate_named(c, path, key));
    if (path[0] == '\0') return CLI_OK;
    curl_easy_setopt(h, CURLOPT_SSLCERT, path);
    curl_easy_setopt(h, CURLOPT_SSLKEY, key);
    c->has_certificate = true;
    return CLI_OK;
}

static cli_exit no_answer(cli *c, CURLcode code)
{
    if (code == CURLE_WRITE_ERROR)
        return cli_fail(c, CLI_INPUT,
                        "what %s answers is too large for memory or over %zu MiB; check --server",
                        c->server, REPLY_MAX >> 20);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return cli_fail(c, CLI_OFFLINE,
                        "the certificate of %s is not vouched for by the roots of --ca (without: "
                        "this machine's): %s",
                        c->server, curl_easy_strerror(code));
    /* libcurl does not tell whose fault it is. */
    if (code == CURLE_SSL_CERTPROBLEM || (code == CURLE_SSL_CONNECT_ERROR && c->has_certificate))
        return cli_fail(c, CLI_OFFLINE,
                        "no TLS with %s: %s; are the certificate of --cert and the key of --key "
                        "PEM, and of one another?",
                        c->server, curl_easy_strerror(code));
    return cli_fail(c, CLI_OFFLINE, "no answer from %s: %s; is countersignd running there?",
                    c->server, curl_easy_strerror(code));
}

cli_exit client_call(cli *c, const char *method, const char *path, const char *type,
                     const uint8_t *body, size_t len, http_reply *r)
{
    wire w = {.method = method, .path = path};
    CURL *h = handle(c);
    CURLcode code = CURLE_OK;

    c->status = 0;
    memcpy(w.known_as, c->known_as, sizeof w.known_as);
    cli_trace(c, w.trace);
    if (c->patience > 0) (void)snprintf(w.prefer, sizeof w.prefer, "wait=%u", c->patience);
    if (h == NULL) return cli_fail(c, CLI_LOCAL, "the HTTP library does not start");
    CLI_TRY(set_address(c, h, path));
    CLI_TRY(set_trust(c, h));
    if (client_address_is_url(c->server)) CLI_TRY(wire_begin(c, &w, method, path));
    set_manners(h, method, r);
    if (body != NULL) {
        w.type = type;
        w.body = body;
        w.len = len;
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    CLI_TRY(perform(c, h, &w, r, &code));
    if (code != CURLE_OK) return no_answer(c, code);
    c->status = r->status;
    return CLI_OK;
}

/* --- problems --- */

/* What a code means for scripts, and the way out as a command; the server's own words come first.
 */
static const struct {
    const char *code;
    cli_exit exit;
    const char *way_out;
} problems[] = {
    {"key-locked", CLI_CHEAT,
     "; look for the reason, then on the server: countersign wallet unlock WALLET"},
    {"proof-failed", CLI_CHEAT, ""},
    {"aux-missing", CLI_REFUSED, "; run: countersign device enrol --device NAME"},
    {"no-presignature", CLI_REFUSED, "; run: countersign presign WALLET"},
    {"policy-denied", CLI_REFUSED, ""},
    {"refresh-required", CLI_REFUSED, "; run: countersign wallet refresh WALLET"},
    {"forbidden", CLI_REFUSED, ""},
    {"client-certificate", CLI_REFUSED, "; give yours: --cert FILE --key FILE"},
    {"bad-signature", CLI_REFUSED,
     "; a key that is not enrolled here needs a token: countersign device enrol --token TOKEN"},
    {"unix-socket-only", CLI_REFUSED, "; give the path of its socket: --server PATH"},
    {"not-ready", CLI_AGAIN, ""},
    {"session-limit", CLI_AGAIN, ""},
    {"rate-limited", CLI_AGAIN, ""},
};

static cli_exit exit_of_status(long status)
{
    switch (status) {
    case 400:
    case 413:
    case 415:
    case 426:
        return CLI_INPUT;
    case 409:
    case 410:
    case 429:
    case 503:
        return CLI_AGAIN;
    case 422:
    case 423:
        return CLI_CHEAT;
    default:
        return CLI_REFUSED;
    }
}

/* What somebody else wrote, for a terminal. */
static void plain(char *out, size_t room, const char *text)
{
    size_t n = 0;

    for (; text != NULL && text[n] != '\0' && n + 1 < room; n++)
        out[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
    out[n] = '\0';
}

cli_exit client_problem(cli *c, const http_reply *r)
{
    AUTO_JSON j = NULL;
    char name[sizeof c->problem], detail[400], field[96], rule[96];
    cli_exit code = exit_of_status(r->status);
    const char *way_out = "";

    if (json_read(c, &j, r->body.p, r->body.len) != CLI_OK || json_text(j, "code") == NULL)
        return cli_fail(c, CLI_INPUT,
                        "%s answers %ld without saying why; check --server: is it countersignd?",
                        c->server, r->status);
    plain(name, sizeof name, json_text(j, "code"));
    plain(detail, sizeof detail, json_text(j, "detail"));
    plain(field, sizeof field, json_text(j, "field"));
    plain(rule, sizeof rule, json_text(j, "rule"));
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        if (strcmp(problems[i].code, name) != 0) continue;
        code = problems[i].exit;
        way_out = problems[i].way_out;
    }
    code = cli_fail(c, code, "the server says %s%s%s%s%s: %s%s", name, field[0] ? " about " : "",
                    field, rule[0] ? " by rule " : "", rule, detail, way_out);
    memcpy(c->problem, name, sizeof c->problem);
    plain(c->session, sizeof c->session, json_text(j, "session"));
    return code;
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
    return json_read(c, out, r.body.p, r.body.len);
}

void client_close(cli *c)
{
    if (c->http == NULL) return;
    curl_easy_cleanup(c->http);
    curl_global_cleanup();
    c->http = NULL;
}
