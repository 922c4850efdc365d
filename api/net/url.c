#include "net/url.h"

#include <stdio.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define NAME_MAX_OCTETS 253

/* Octets of a host: a name, an address of IPv4, one of IPv6 in brackets; 0: none of them. */
static size_t host_length(const char *text)
{
    size_t len = 0;

    if (*text == '[') {
        len = 1 + strspn(text + 1, "0123456789abcdef:.");
        return len > 1 && text[len] == ']' ? len + 1 : 0;
    }
    for (;;) {
        const size_t step = strspn(text + len, NAME_CHARACTERS);

        if (step == 0) return 0;
        len += step;
        if (text[len] != '.') return len <= NAME_MAX_OCTETS ? len : 0;
        len++;
    }
}

/* ":1" to ":65535", or nothing. */
static bool port_is_read(unsigned *port, const char *text)
{
    const size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;

    *port = 0;
    if (*text == '\0') return true;
    if (digits == 0 || digits > 5 || text[1] == '0' || text[1 + digits] != '\0') return false;
    for (size_t i = 1; i <= digits; i++)
        *port = *port * 10 + (unsigned)(text[i] - '0');
    return *port <= 65535;
}

static bool authority_is_read(csigd_url *url, const char *text, size_t len)
{
    const unsigned usual = strcmp(url->scheme, "https") == 0 ? 443 : 80;
    size_t host;
    unsigned port;

    if (len > CSIGD_URL_MAX) return false;
    for (size_t i = 0; i < len; i++)
        url->authority[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    url->authority[len] = '\0';
    host = host_length(url->authority);
    if (host == 0 || !port_is_read(&port, url->authority + host)) return false;
    if (port == usual) url->authority[host] = '\0';
    return true;
}

/* Printable, and nothing that programs read differently. */
static bool target_is_read(csigd_url *url, const char *text)
{
    size_t at = 0;

    if (*text != '/') url->target[at++] = '/';
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~' || strchr("\"#<>\\^`{|}", *text) != NULL) return false;
        url->target[at++] = *text;
    }
    url->target[at] = '\0';
    return true;
}

bool csigd_url_is_read(csigd_url *url, const char *text)
{
    const bool tls = strncmp(text, "https://", 8) == 0;
    size_t len;

    if (strlen(text) >= CSIGD_URL_MAX) return false;
    if (!tls && strncmp(text, "http://", 7) != 0) return false;
    url->scheme = tls ? "https" : "http";
    text += tls ? 8 : 7;
    len = strcspn(text, "/?");
    return authority_is_read(url, text, len) && target_is_read(url, text + len);
}
