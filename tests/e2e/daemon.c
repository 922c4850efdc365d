#include "e2e/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap(long milliseconds)
{
    const struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&t, NULL);
}

void daemon_run_shell(const char *format, ...)
{
    char command[512];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0) fail_msg("%s", command);
}

void daemon_prepare(daemon_process *d)
{
    uint8_t key[32];
    int fd;

    memset(d, 0, sizeof *d);
    snprintf(d->folder, sizeof d->folder, "/tmp/csigd-e2e-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->state, sizeof d->state, "%s/state", d->folder);
    snprintf(d->socket, sizeof d->socket, "%s/sock", d->folder);
    snprintf(d->key, sizeof d->key, "%s/key", d->folder);
    snprintf(d->log, sizeof d->log, "%s/log", d->folder);
    memset(key, 0x42, sizeof key);
    fd = open(d->key, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, key, sizeof key), sizeof key);
    close(fd);
}

void daemon_take(const daemon_process *d)
{
    const char *copy = getenv("PREPARED");

    if (copy == NULL) fail_msg("PREPARED is no command");
    daemon_run_shell("%s 0 %s", copy, d->folder);
}

/* Root may lock without limit: somebody else then. */
static void limit_locks(const daemon_process *d)
{
    const struct rlimit limit = {(rlim_t)d->lock_limit, (rlim_t)d->lock_limit};

    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) _exit(126);
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(126);
}

static void run_daemon(const daemon_process *d)
{
    const char *argv[24] = {getenv("COUNTERSIGND"), "--state", d->state, "--socket", d->socket,
                            "--development"};
    const int log = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    bool own_key = d->no_key;
    size_t n = 6;

    for (size_t i = 0; d->extra[i] != NULL; i++) {
        argv[n++] = d->extra[i];
        own_key = own_key || strncmp(d->extra[i], "--pass", 6) == 0 ||
                  strcmp(d->extra[i], "--key-file") == 0;
    }
    if (!own_key) {
        argv[n++] = "--key-file";
        argv[n++] = d->key;
    }
    if (d->lock_limit != 0) limit_locks(d);
    dup2(log, STDERR_FILENO);
    /* No terminal: nobody is asked for a passphrase. */
    setsid();
    execv(argv[0], (char **)(uintptr_t)argv);
    _exit(127);
}

bool daemon_is_started(daemon_process *d, int *exit_code)
{
    if (getenv("COUNTERSIGND") == NULL) fail_msg("COUNTERSIGND names no program");
    d->pid = fork();
    assert_true(d->pid >= 0);
    if (d->pid == 0) run_daemon(d);
    for (int i = 0; i < 15000; i++) {
        http_reply r = http_call(d, "GET", "/healthz", NULL, NULL, 0);
        const bool answers = r.status == 200 && !d->silent;
        int status;

        http_free(&r);
        if (answers) return true;
        if (waitpid(d->pid, &status, WNOHANG) == d->pid) {
            d->pid = 0;
            *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            return false;
        }
        nap(20);
    }
    fail_msg("countersignd does not answer");
    return false;
}

void daemon_start(daemon_process *d)
{
    int code;

    if (!daemon_is_started(d, &code)) fail_msg("countersignd ended with %d", code);
}

void daemon_wait_ready(const daemon_process *d)
{
    for (int i = 0; i < 12000; i++) {
        json_t *health = call_json(d, 200, "GET", "/healthz", NULL);
        const bool ready = strcmp(text_of(health, "state"), "ready") == 0;

        json_decref(health);
        if (ready) return;
        nap(50);
    }
    fail_msg("no auxiliary info");
}

void daemon_kill(daemon_process *d)
{
    int status;

    if (d->pid == 0) return;
    kill(d->pid, SIGKILL);
    waitpid(d->pid, &status, 0);
    d->pid = 0;
}

int daemon_stop(daemon_process *d)
{
    int status = 0;

    if (d->pid == 0) return -1;
    kill(d->pid, SIGTERM);
    waitpid(d->pid, &status, 0);
    d->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool daemon_is_alive(const daemon_process *d)
{
    http_reply r = http_call(d, "GET", "/healthz", NULL, NULL, 0);
    const bool alive = r.status == 200 && kill(d->pid, 0) == 0;

    http_free(&r);
    return alive;
}

void daemon_remove(daemon_process *d)
{
    (void)daemon_stop(d);
    if (d->folder[0] != '\0') daemon_run_shell("rm -rf %s", d->folder);
    d->folder[0] = '\0';
}

bool daemon_has_logged(const daemon_process *d, const char *word)
{
    FILE *f = fopen(d->log, "r");
    char line[4096];
    bool found = false;

    assert_non_null(f);
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strstr(line, word) != NULL;
    fclose(f);
    return found;
}

void daemon_sql(const daemon_process *d, const char *sql)
{
    char path[128];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/store.db", d->state);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 300000);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

void daemon_copy_state(const daemon_process *d, const char *to)
{
    daemon_run_shell("rm -rf %s && cp -a %s %s", to, d->state, to);
}
