/* Calls to the daemon, by libcurl. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "e2e/daemon.h"

static size_t take_body(char *data, size_t size, size_t n, void *ctx)
{
    http_reply *r = ctx;
    uint8_t *grown = realloc(r->body, r->len + size * n + 1);

    if (grown == NULL) return 0;
    memcpy(grown + r->len, data, size * n);
    r->body = grown;
    r->len += size * n;
    r->body[r->len] = '\0';
    return size * n;
}

static size_t take_header(char *data, size_t size, size_t n, void *ctx)
{
    static const char session[] = "countersign-session: ", retry[] = "retry-after: ";
    http_reply *r = ctx;

    if (strncasecmp(data, session, sizeof session - 1) == 0)
        (void)sscanf(data + sizeof session - 1, "%15[a-z]", r->session);
    if (strncasecmp(data, retry, sizeof retry - 1) == 0)
        r->retry_after = strtol(data + sizeof retry - 1, NULL, 10);
    return size * n;
}

static http_reply call(CURL *curl, const char *url, const char *method, const char *type,
                       const void *body, size_t len)
{
    http_reply r = {.status = 0};
    struct curl_slist *headers = NULL;
    char header[128];

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &r);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &r);
    if (strcmp(method, "HEAD") == 0) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (type != NULL) {
        snprintf(header, sizeof header, "Content-Type: %s", type);
        headers = curl_slist_append(headers, header);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, len > 0 ? body : "");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return r;
}

http_reply http_call(const daemon_process *d, const char *method, const char *path,
                     const char *type, const void *body, size_t len)
{
    CURL *curl = curl_easy_init();
    char url[512];

    snprintf(url, sizeof url, "http://countersignd%s", path);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, d->socket);
    return call(curl, url, method, type, body, len);
}

http_reply http_call_tcp(const char *address, const char *method, const char *path,
                         const char *type, const void *body, size_t len)
{
    char url[512];

    snprintf(url, sizeof url, "http://%s%s", address, path);
    return call(curl_easy_init(), url, method, type, body, len);
}

void http_free(http_reply *r)
{
    free(r->body);
    memset(r, 0, sizeof *r);
}
