#define _GNU_SOURCE /* struct ucred */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server_inside.h"
#include "log.h"
#include "service/service.h"

#define CONNECTIONS_MAX   512u /* those that wait take half of them at most */
#define IDLE_SECONDS      30u
#define CONNECTION_MEMORY ((size_t)32 << 10)

/* --- connections --- */

static void ask_uid(peer *p, int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;

    p->has_uid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0;
    if (p->has_uid) p->uid = who.uid;
}

static peer *peer_new(csigd_server *server, struct MHD_Connection *connection)
{
    const int fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    peer *p = calloc(1, sizeof *p);

    if (p == NULL) return NULL;
    p->guest = csigd_guest_at(address);
    if (server->unix_socket) ask_uid(p, fd);
    p->client = csigd_client_enter(server->deadlines, fd);
    if (p->client != NULL) return p;
    free(p);
    return NULL;
}

/* libmicrohttpd closes the socket after it has told us. */
static void connected(void *cls, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code)
{
    csigd_server *server = cls;
    peer *p = *context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = peer_new(server, connection);
    } else if (p != NULL) {
        csigd_client_leave(p->client);
        free(p);
        *context = NULL;
    }
}

/* --- life --- */

/* Ids are hexadecimal: nothing in a path needs escapes, and none are undone. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void log_words(void *cls, const char *format, va_list args)
{
    char words[512];

    (void)cls;
    vsnprintf(words, sizeof words, format, args);
    words[strcspn(words, "\n")] = '\0';
    csigd_log_line(CSIGD_WARNING, "http", CSIGD_TEXT("words", words));
}

static void add_name(csigd_server *server, const char *name)
{
    (void)snprintf(server->names[server->n_names++], sizeof server->names[0], "%s", name);
}

/* What signatures for us are made for: the name the operator gave, or where we listen. */
static void keep_names(csigd_server *server, const csigd_listener *listener)
{
    const char *port = listener->address != NULL ? strrchr(listener->address, ':') : NULL;
    char local[32];

    if (listener->authority != NULL) {
        add_name(server, listener->authority);
    } else if (port != NULL) {
        add_name(server, listener->address);
        (void)snprintf(local, sizeof local, "localhost%s", port);
        add_name(server, local);
    }
}

static void server_free(csigd_server *server)
{
    csigd_deadlines_free(server->deadlines);
    free(server);
}

csigd_server *csigd_server_start(csigd_service *service, const csigd_listener *listener, char *why,
                                 size_t why_len)
{
    csigd_server *server = calloc(1, sizeof *server);
    const bool tls = listener->tls != NULL;

    snprintf(why, why_len, "the HTTP server does not start");
    if (server != NULL) server->deadlines = csigd_deadlines_new(listener->client_seconds);
    if (server == NULL || server->deadlines == NULL) {
        close(listener->fd);
        free(server);
        return NULL;
    }
    keep_names(server, listener);
    server->service = service;
    server->unix_socket = listener->unix_socket;
    server->for_monitoring = listener->for_monitoring;
    server->tls = listener->tls;
    server->daemon = MHD_start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG | (tls ? (unsigned)MHD_USE_TLS : 0),
        0, NULL, NULL, csigd_server_handle, server, MHD_OPTION_EXTERNAL_LOGGER, log_words, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener->fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_PER_IP_CONNECTION_LIMIT, listener->address_connections,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, csigd_server_completed, server, MHD_OPTION_URI_LOG_CALLBACK,
        csigd_server_target, server, MHD_OPTION_NOTIFY_CONNECTION, connected, server,
        /* Without TLS the list ends here. */
        tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, CSIGD_TLS_PRIORITIES,
        MHD_OPTION_HTTPS_CERT_CALLBACK2, csigd_tls_callback(), MHD_OPTION_END);
    if (server->daemon != NULL) return server;
    close(listener->fd);
    server_free(server);
    return NULL;
}

void csigd_server_quiesce(csigd_server *server)
{
    int fd;

    if (server == NULL) return;
    fd = MHD_quiesce_daemon(server->daemon);
    if (fd >= 0) close(fd);
}

void csigd_server_stop(csigd_server *server)
{
    if (server == NULL) return;
    /* Replies of the last jobs go out; nobody is waited for long. */
    for (int i = 0; i < 100 && atomic_load(&server->running) > 0; i++)
        usleep(20000);
    MHD_stop_daemon(server->daemon);
    server_free(server);
}
