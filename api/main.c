/* countersignd: configuration, store, service, servers, signals; nothing else. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "http/json_forget.h"
#include "http/server.h"
#include "log.h"
#include "service/audit.h"
#include "service/hook.h"
#include "service/meter.h"
#include "service/policy.h"
#include "service/ready.h"
#include "service/service.h"
#include "service/webhooks.h"
#include "state.h"

enum { EXIT_USAGE = 2, EXIT_SECRET = 3, EXIT_STATE = 4, EXIT_LISTEN = 5, EXIT_POLICY = 6 };

#define WHY_BYTES    512
#define FILES_WANTED 1200
#define PATH_BYTES   512

typedef struct daemon_parts {
    csigd_config config;
    char socket[PATH_BYTES];
    int lock;
    csigd_service service;
    csigd_server *unix_server, *tcp_server, *metrics_server;
    csigd_tls *tls;
} daemon_parts;

static int failed(int code, const char *why)
{
    csigd_log_line(CSIGD_ERROR, "not started", CSIGD_TEXT("reason", why));
    return code;
}

/* Nothing of our memory reaches a core file or another process. A standard descriptor that came
 * closed is taken by what cannot be written: else the next file opened would get the log. */
static void harden(void)
{
    const struct rlimit none = {0, 0};
    struct rlimit files;
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) close(fd);
    umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
    /* As many connections as the servers take, and what else is open. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    (void)prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
}

static bool secret_is_there(csigd_secret *secret, const csigd_config *c, bool fresh, char *why)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_BYTES];

    if (c->key_file != NULL)
        return csigd_secret_is_from_key_file(secret, c->key_file, why, WHY_BYTES);
    if (c->passphrase_file != NULL)
        return csigd_secret_is_from_file(secret, c->passphrase_file, why, WHY_BYTES);
    if (c->passphrase_fd >= 0)
        return csigd_secret_is_from_fd(secret, c->passphrase_fd, why, WHY_BYTES);
    if (folder != NULL &&
        csigd_state_path_is_made(path, sizeof path, folder, "countersignd.passphrase") &&
        access(path, F_OK) == 0)
        return csigd_secret_is_from_credential(secret, path, why, WHY_BYTES);
    return csigd_secret_is_from_terminal(secret, fresh, why, WHY_BYTES);
}

static int start_service(daemon_parts *d, char *why)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned workers = d->config.workers > 0 ? d->config.workers
                             : processors > 0      ? (unsigned)processors
                                                   : 1;
    csigd_secret secret;
    char path[PATH_BYTES];
    csigd_store *store;
    bool started;

    if (!csigd_state_path_is_made(path, sizeof path, d->config.state, "store.db")) {
        snprintf(why, WHY_BYTES, "the name of the state folder is too long");
        return EXIT_STATE;
    }
    store = csigd_sqlite_open(path, csig_level(), why, WHY_BYTES);
    if (store == NULL) return EXIT_STATE;
    if (!secret_is_there(&secret, &d->config, csigd_service_is_fresh(store), why)) {
        store->close(store);
        return EXIT_SECRET;
    }
    started = csigd_service_is_started(&d->service, store, &secret, workers, why, WHY_BYTES);
    csigd_secret_free(&secret);
    if (!started) return EXIT_SECRET;
    csigd_meter_set(d->service.meter, &(csigd_meter_plan){.key = d->config.key_limit,
                                                          .wallet = d->config.wallet_limit,
                                                          .address = d->config.address_limit});
    if (!csigd_webhooks_is_started(&d->service,
                                   &(csigd_http_rules){.ca = d->config.webhook_ca,
                                                       .odd_allowed = d->config.webhook_private})) {
        snprintf(why, WHY_BYTES, "out of memory or threads");
        return EXIT_SECRET;
    }
    return 0;
}

static int start_hook(daemon_parts *d, char *why)
{
    const csigd_config *c = &d->config;
    const csigd_hook_plan plan = {.url = c->hook,
                                  .key_file = c->hook_key,
                                  .ca = c->hook_ca,
                                  .odd_allowed = c->webhook_private,
                                  .seconds = c->hook_seconds};

    if (c->hook == NULL) return 0;
    return csigd_hook_is_started(&d->service, &plan, why, WHY_BYTES) ? 0 : EXIT_POLICY;
}

/* Nobody forgets it: without any policy it starts for development alone. */
static int start_policy(daemon_parts *d, char *why)
{
    d->service.development = d->config.development;
    if (d->config.policy != NULL &&
        !csigd_policy_is_loaded(&d->service, d->config.policy, why, WHY_BYTES))
        return EXIT_POLICY;
    if (d->config.development)
        csigd_log_line(CSIGD_WARNING,
                       "for development: a wallet that no policy is for signs what it allows",
                       CSIGD_TEXT("option", "--development"));
    if (d->config.development || !csigd_policy_is_absent(&d->service)) return 0;
    snprintf(why, WHY_BYTES, "no policy is in force: give one with --policy, or --development");
    return EXIT_POLICY;
}

static int listen_tcp(daemon_parts *d, char *why)
{
    const csigd_config *c = &d->config;
    const csigd_tls_files files = {
        .cert = c->tls_cert, .key = c->tls_key, .client_ca = c->tls_client_ca};
    csigd_listener listener = {.address = c->listen,
                               .authority = c->authority,
                               .client_seconds = c->client_seconds,
                               .address_connections = c->address_connections};

    listener.fd =
        csigd_listen_tcp(c->listen, c->tls_cert != NULL && c->authority != NULL, why, WHY_BYTES);
    if (listener.fd < 0) return EXIT_LISTEN;
    if (c->tls_cert != NULL) {
        d->tls = csigd_tls_open(&files, why, WHY_BYTES);
        if (d->tls == NULL) {
            close(listener.fd);
            return EXIT_LISTEN;
        }
        listener.tls = d->tls;
    }
    d->tcp_server = csigd_server_start(&d->service, &listener, why, WHY_BYTES);
    return d->tcp_server != NULL ? 0 : EXIT_LISTEN;
}

static int listen_for_monitoring(daemon_parts *d, char *why)
{
    const csigd_config *c = &d->config;
    csigd_listener listener = {
        .address = c->metrics_listen, .for_monitoring = true, .client_seconds = c->client_seconds};

    listener.fd = csigd_listen_tcp(c->metrics_listen, false, why, WHY_BYTES);
    if (listener.fd < 0) return EXIT_LISTEN;
    d->metrics_server = csigd_server_start(&d->service, &listener, why, WHY_BYTES);
    return d->metrics_server != NULL ? 0 : EXIT_LISTEN;
}

static int listen_all(daemon_parts *d, char *why)
{
    const csigd_config *c = &d->config;
    bool fits = true;
    int fd, code = 0;

    if (c->socket != NULL)
        fits = snprintf(d->socket, sizeof d->socket, "%s", c->socket) < (int)sizeof d->socket;
    else
        fits = csigd_state_path_is_made(d->socket, sizeof d->socket, c->state, "countersignd.sock");
    if (!fits) {
        snprintf(why, WHY_BYTES, "the socket's path is too long");
        return EXIT_LISTEN;
    }
    fd = csigd_listen_unix(d->socket, why, WHY_BYTES);
    if (fd < 0) {
        d->socket[0] = '\0';
        return EXIT_LISTEN;
    }
    d->unix_server = csigd_server_start(
        &d->service,
        &(csigd_listener){.fd = fd, .unix_socket = true, .client_seconds = c->client_seconds}, why,
        WHY_BYTES);
    if (d->unix_server == NULL) return EXIT_LISTEN;
    if (c->listen != NULL) code = listen_tcp(d, why);
    if (code == 0 && c->metrics_listen != NULL) code = listen_for_monitoring(d, why);
    return code;
}

/* Accept nobody, finish what runs, let replies out, close. */
static void stop(daemon_parts *d)
{
    csigd_server_quiesce(d->unix_server);
    csigd_server_quiesce(d->tcp_server);
    csigd_server_quiesce(d->metrics_server);
    if (d->socket[0] != '\0') unlink(d->socket);
    csigd_service_drain(&d->service);
    csigd_server_stop(d->unix_server);
    csigd_server_stop(d->tcp_server);
    csigd_server_stop(d->metrics_server);
    csigd_tls_close(d->tls);
    csigd_service_stop(&d->service);
    if (d->lock >= 0) close(d->lock);
}

static void reload(daemon_parts *d)
{
    char why[WHY_BYTES];

    if (csigd_tls_is_reloaded(d->tls, why, sizeof why))
        (void)csigd_audit(&d->service, "certificate.read", CSIGD_OF_NOTHING,
                          CSIGD_TEXT("certificate", d->config.tls_cert));
    else
        csigd_log_line(CSIGD_ERROR, "certificate not read again, the one before is used",
                       CSIGD_TEXT("reason", why));
}

/* Until we are asked to end. */
static int wait_for_end(daemon_parts *d, const sigset_t *signals)
{
    int signal_number;

    do {
        sigwait(signals, &signal_number);
        if (signal_number == SIGHUP) reload(d);
    } while (signal_number == SIGHUP);
    return signal_number;
}

/* From here on we are not ready; who has not heard of it is served for a while. A second signal
 * ends that. */
static void drain(daemon_parts *d, const sigset_t *signals)
{
    struct timespec rest = {.tv_sec = (time_t)d->config.drain_seconds};

    csigd_ready_leave(d->service.ready);
    if (rest.tv_sec > 0) (void)sigtimedwait(signals, NULL, &rest);
}

static int serve(daemon_parts *d)
{
    char why[WHY_BYTES] = "";
    sigset_t signals;
    int code;

    /* Before there are threads: all of them leave these to this one. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    if (d->config.tls_cert != NULL) sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    d->lock = csigd_state_open(d->config.state, why, sizeof why);
    code = d->lock < 0 ? EXIT_STATE : start_service(d, why);
    if (code == 0) code = start_hook(d, why);
    if (code == 0) code = start_policy(d, why);
    if (code == 0) code = listen_all(d, why);
    if (code == 0) {
        csigd_log_line(CSIGD_INFO, "listening", CSIGD_TEXT("socket", d->socket),
                       CSIGD_TEXT("address", d->config.listen != NULL ? d->config.listen : ""),
                       CSIGD_NUMBER("security_level", csig_level()),
                       CSIGD_TEXT("version", csig_version()));
        csigd_log_line(CSIGD_INFO, "stopping", CSIGD_NUMBER("signal", wait_for_end(d, &signals)));
        drain(d, &signals);
    }
    stop(d);
    return code == 0 ? 0 : failed(code, why);
}

int main(int argc, char **argv)
{
    daemon_parts d = {.lock = -1};
    char why[WHY_BYTES];

    harden();
    csigd_json_forgets();
    if (!csigd_config_is_read(&d.config, argc, argv, why, sizeof why)) {
        fprintf(stderr, "countersignd: %s\n", why);
        return EXIT_USAGE;
    }
    if (d.config.help || d.config.version) {
        if (d.config.help)
            fputs(csigd_usage, stdout);
        else
            printf("countersignd %s, level %u\n", csig_version(), csig_level());
        return 0;
    }
    if (csig_init() != CSIG_OK) return failed(1, "the system gives no randomness");
    return serve(&d);
}
