#include "net/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

struct csigd_http {
    CURLM *multi;
    const csigd_http_rules *rules;
    csigd_http_exchange *first;
};

csigd_http *csigd_http_new(const csigd_http_rules *rules)
{
    csigd_http *h = calloc(1, sizeof *h);

    if (h == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(h);
        return NULL;
    }
    h->rules = rules;
    h->multi = curl_multi_init();
    if (h->multi != NULL) return h;
    curl_global_cleanup();
    free(h);
    return NULL;
}

/* --- what curl asks and tells --- */

/* The address is looked at when the connection is made: what the name said before does not matter.
 */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    csigd_http_exchange *x = ctx;
    const bool loopback = csigd_address_is_loopback(&a->addr);

    (void)purpose;
    if ((!loopback && strcmp(x->url->scheme, "https") != 0) ||
        (!x->http->rules->odd_allowed && csigd_address_is_odd(&a->addr))) {
        snprintf(x->why, sizeof x->why, "the address is one that is not called");
        return CURL_SOCKET_BAD;
    }
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t take_body(char *octets, size_t size, size_t n, void *ctx)
{
    csigd_http_exchange *x = ctx;
    const size_t len = size * n;
    uint8_t *grown;

    if (len > x->reply_max - x->reply_len) {
        snprintf(x->why, sizeof x->why, "the answer is too long");
        return 0;
    }
    grown = realloc(x->reply, x->reply_len + len + 1);
    if (grown == NULL) return 0;
    x->reply = grown;
    memcpy(x->reply + x->reply_len, octets, len);
    x->reply_len += len;
    return len;
}

/* "Name: value" with the line's end; another status line begins anew. */
static size_t take_field(char *line, size_t size, size_t n, void *ctx)
{
    csigd_http_exchange *x = ctx;
    const size_t all = size * n;
    const char *colon = memchr(line, ':', all);
    csigd_field *f = &x->reply_fields[x->n_reply_fields];
    size_t len = all, at = 0;

    if (all > 5 && memcmp(line, "HTTP/", 5) == 0) x->head_len = x->n_reply_fields = 0;
    if (colon == NULL) return all;
    while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
        len--;
    if (x->n_reply_fields == CSIGD_HTTP_FIELDS_MAX || len + 2 > sizeof x->head - x->head_len) {
        snprintf(x->why, sizeof x->why, "the answer's head is too long");
        return 0;
    }
    at = (size_t)(colon - line);
    f->name = x->head + x->head_len;
    f->value = f->name + at + 1;
    memcpy(x->head + x->head_len, line, len);
    x->head[x->head_len + at] = x->head[x->head_len + len] = '\0';
    x->head_len += len + 1;
    x->n_reply_fields++;
    return all;
}

/* --- one exchange --- */

static bool field_is_added(csigd_http_exchange *x, const char *name, const char *value)
{
    struct curl_slist *longer;
    char line[4096];

    if (snprintf(line, sizeof line, "%s: %s", name, value) >= (int)sizeof line) return false;
    longer = curl_slist_append(x->list, line);
    if (longer != NULL) x->list = longer;
    return longer != NULL;
}

static bool fields_are_added(csigd_http_exchange *x)
{
    bool good = field_is_added(x, "Host", x->url->authority);

    for (size_t i = 0; i < x->n_fields && good; i++)
        good = field_is_added(x, x->fields[i].name, x->fields[i].value);
    /* Nothing of curl's own. */
    return good && field_is_added(x, "Expect", "") && field_is_added(x, "Accept", "*/*");
}

#define SET(option, value) (curl_easy_setopt(x->easy, (option), (value)) == CURLE_OK)

static bool transport_is_set(csigd_http_exchange *x)
{
    const char *ca = x->http->rules->ca;

    return SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_PROXY, "") &&
           SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           (ca == NULL || (SET(CURLOPT_CAINFO, ca) && SET(CURLOPT_CAPATH, NULL))) &&
           SET(CURLOPT_OPENSOCKETFUNCTION, open_socket) && SET(CURLOPT_OPENSOCKETDATA, x) &&
           /* A connection that is kept is not looked at again. */
           SET(CURLOPT_FRESH_CONNECT, 1L) && SET(CURLOPT_FORBID_REUSE, 1L) &&
           SET(CURLOPT_QUICK_EXIT, 1L) && SET(CURLOPT_TIMEOUT, (long)x->seconds);
}

static bool exchange_is_set(csigd_http_exchange *x)
{
    char url[2 * CSIGD_URL_MAX + 16];

    snprintf(url, sizeof url, "%s://%s%s", x->url->scheme, x->url->authority, x->url->target);
    return transport_is_set(x) && fields_are_added(x) && SET(CURLOPT_URL, url) &&
           SET(CURLOPT_PATH_AS_IS, 1L) && SET(CURLOPT_POST, 1L) &&
           SET(CURLOPT_POSTFIELDS, (const char *)x->body) &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->len) &&
           SET(CURLOPT_HTTPHEADER, x->list) && SET(CURLOPT_USERAGENT, "countersignd") &&
           SET(CURLOPT_WRITEFUNCTION, take_body) && SET(CURLOPT_WRITEDATA, x) &&
           SET(CURLOPT_HEADERFUNCTION, take_field) && SET(CURLOPT_HEADERDATA, x) &&
           SET(CURLOPT_PRIVATE, x);
}

#undef SET

static void clear(csigd_http_exchange *x)
{
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->list);
    x->easy = x->list = NULL;
}

bool csigd_http_is_begun(csigd_http *h, csigd_http_exchange *x)
{
    x->http = h;
    x->easy = curl_easy_init();
    x->list = NULL;
    x->reply = NULL;
    x->reply_len = x->n_reply_fields = x->head_len = 0;
    x->status = 0;
    x->why[0] = '\0';
    if (x->easy == NULL || !exchange_is_set(x) ||
        curl_multi_add_handle(h->multi, x->easy) != CURLM_OK) {
        clear(x);
        return false;
    }
    x->next = h->first;
    h->first = x;
    return true;
}

/* --- all of them --- */

static void leave(csigd_http *h, csigd_http_exchange *x)
{
    csigd_http_exchange **at = &h->first;

    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    (void)curl_multi_remove_handle(h->multi, x->easy);
    clear(x);
}

static void end(csigd_http *h, csigd_http_exchange *x, CURLcode result)
{
    uint8_t *const reply = x->reply;
    long status = 0;

    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    leave(h, x);
    if (result == CURLE_OK)
        x->status = (unsigned)status;
    else if (x->why[0] == '\0')
        snprintf(x->why, sizeof x->why, "%s", curl_easy_strerror(result));
    /* Who is told may free it. */
    x->done(x);
    free(reply);
}

/* Those that have ended; how many. */
static size_t end_all(csigd_http *h)
{
    int running, left;
    CURLMsg *message;
    size_t n = 0;

    (void)curl_multi_perform(h->multi, &running);
    while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
        void *x = NULL;

        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
        end(h, x, message->data.result);
        n++;
    }
    return n;
}

void csigd_http_run(csigd_http *h, uint32_t milliseconds)
{
    if (end_all(h) > 0) return;
    (void)curl_multi_poll(h->multi, NULL, 0, (int)milliseconds, NULL);
    (void)end_all(h);
}

void csigd_http_wake(csigd_http *h)
{
    (void)curl_multi_wakeup(h->multi);
}

void csigd_http_free(csigd_http *h)
{
    if (h == NULL) return;
    while (h->first != NULL) {
        csigd_http_exchange *x = h->first;

        leave(h, x);
        free(x->reply);
    }
    (void)curl_multi_cleanup(h->multi);
    curl_global_cleanup();
    free(h);
}
