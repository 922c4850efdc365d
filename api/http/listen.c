/* Listening sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/server.h"

#define BACKLOG 128

/* --- Unix --- */

/* Does anybody answer there? */
static bool socket_is_alive(const struct sockaddr_un *address)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive;

    if (fd < 0) return false;
    alive = connect(fd, (const struct sockaddr *)(const void *)address, sizeof *address) == 0;
    close(fd);
    return alive;
}

static bool place_is_free(const char *path, const struct sockaddr_un *address, char *why,
                          size_t why_len)
{
    struct stat st;

    if (lstat(path, &st) != 0) return true;
    if (!S_ISSOCK(st.st_mode)) {
        snprintf(why, why_len, "%s is there and is no socket", path);
        return false;
    }
    if (socket_is_alive(address)) {
        snprintf(why, why_len, "somebody listens on %s already", path);
        return false;
    }
    if (unlink(path) == 0) return true;
    snprintf(why, why_len, "cannot replace %s: %s", path, strerror(errno));
    return false;
}

int csigd_listen_unix(const char *path, char *why, size_t why_len)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    mode_t before;
    int fd, bound;

    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(why, why_len, "the socket's path is longer than %zu octets: %s",
                 sizeof address.sun_path - 1, path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (!place_is_free(path, &address, why, why_len)) return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    before = umask(0177);
    bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)(const void *)&address, sizeof address);
    umask(before);
    if (bound == 0 && listen(fd, BACKLOG) == 0) return fd;
    snprintf(why, why_len, "cannot listen on %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

/* --- TCP --- */

typedef struct tcp_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } u;
    socklen_t len;
} tcp_address;

static bool port_is_read(const char *text, in_port_t *port)
{
    char *end;
    const long value = strtol(text, &end, 10);

    if (*text < '1' || *text > '9' || *end != '\0' || value > 65535) return false;
    *port = htons((uint16_t)value);
    return true;
}

/* ADDRESS:PORT or [ADDRESS]:PORT, numbers only. */
static bool address_is_read(const char *text, tcp_address *out)
{
    const char *colon = strrchr(text, ':');
    char host[64];
    size_t len;

    *out = (tcp_address){.len = 0};
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) return false;
    len = (size_t)(colon - text);
    if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
        memcpy(host, text + 1, len - 2);
        host[len - 2] = '\0';
        out->u.v6.sin6_family = AF_INET6;
        out->len = sizeof out->u.v6;
        return inet_pton(AF_INET6, host, &out->u.v6.sin6_addr) == 1 &&
               port_is_read(colon + 1, &out->u.v6.sin6_port);
    }
    memcpy(host, text, len);
    host[len] = '\0';
    out->u.v4.sin_family = AF_INET;
    out->len = sizeof out->u.v4;
    return inet_pton(AF_INET, host, &out->u.v4.sin_addr) == 1 &&
           port_is_read(colon + 1, &out->u.v4.sin_port);
}

static bool address_is_loopback(const tcp_address *a)
{
    if (a->u.any.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&a->u.v6.sin6_addr);
    return ntohl(a->u.v4.sin_addr.s_addr) >> 24 == 127;
}

int csigd_listen_tcp(const char *address, bool everywhere, char *why, size_t why_len)
{
    const int one = 1;
    tcp_address a;
    int fd;

    if (!address_is_read(address, &a)) {
        snprintf(why, why_len,
                 "--listen takes a number and a port, like 127.0.0.1:8441 or "
                 "[::1]:8441, not %s",
                 address);
        return -1;
    }
    if (!everywhere && !address_is_loopback(&a)) {
        snprintf(
            why, why_len,
            "%s is not a loopback address: that takes --tls-cert and --tls-key, and --authority "
            "with the name that clients know",
            address);
        return -1;
    }
    fd = socket(a.u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, &a.u.any, a.len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    snprintf(why, why_len, "cannot listen on %s: %s", address, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}
