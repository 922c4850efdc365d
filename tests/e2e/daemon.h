/* A real countersignd on a temporary folder and its Unix socket, and calls to it. */
#ifndef TESTS_E2E_DAEMON_H
#define TESTS_E2E_DAEMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>
#include <jansson.h>

typedef struct daemon_process {
    pid_t pid;
    char folder[64]; /* everything of this daemon */
    char state[96], socket[96], key[96], log[96];
    const char *extra[8]; /* further arguments, NULL ended */
    bool no_key;          /* start without a way to the master key */
    bool silent;          /* another process answers in its place: wait for its end alone */
    long lock_limit;      /* RLIMIT_MEMLOCK, and then no privilege to go beyond; 0: as it is */
} daemon_process;

/* Makes the folder and the key file. */
void daemon_prepare(daemon_process *d);
/* After it: state and key of a server that is ready (prepared.py), so that no primes are sought. */
void daemon_take(const daemon_process *d);
/* Starts it and waits until it answers; false: it ended instead, with this exit code. */
bool daemon_is_started(daemon_process *d, int *exit_code);
void daemon_start(daemon_process *d);
/* Waits until it has its auxiliary info. */
void daemon_wait_ready(const daemon_process *d);
void daemon_kill(daemon_process *d);           /* SIGKILL */
int daemon_stop(daemon_process *d);            /* SIGTERM; its exit code */
bool daemon_is_alive(const daemon_process *d); /* and answers */
void daemon_remove(daemon_process *d);         /* stops it and removes the folder */
/* Is this word in its log? */
bool daemon_has_logged(const daemon_process *d, const char *word);
/* Changes its store behind its back. */
void daemon_sql(const daemon_process *d, const char *sql);
void daemon_copy_state(const daemon_process *d, const char *to);
void daemon_run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

typedef struct http_reply {
    long status; /* 0: no answer */
    char session[16];
    long retry_after;
    uint8_t *body; /* with a NUL behind it */
    size_t len;
} http_reply;

/* One call; from any thread. type NULL: no body. */
http_reply http_call(const daemon_process *d, const char *method, const char *path,
                     const char *type, const void *body, size_t len);
/* The same over TCP. */
http_reply http_call_tcp(const char *address, const char *method, const char *path,
                         const char *type, const void *body, size_t len);
void http_free(http_reply *r);

/* JSON both ways: sends what `format` and its values make (json_pack); expects this status; gives
 * the body. format NULL: no body. */
json_t *call_json(const daemon_process *d, long status, const char *method, const char *path,
                  const char *format, ...);
json_t *call_text(const daemon_process *d, long status, const char *method, const char *path,
                  const char *body);
/* A problem with this code. */
void call_problem(const daemon_process *d, const char *code, const char *method, const char *path,
                  const char *format, ...);
bool reply_has_code(const http_reply *r, const char *code);

const char *text_of(const json_t *object, const char *name);
/* Exactly len octets of hexadecimal text. */
void hex_of(const json_t *text, uint8_t *out, size_t len);
json_t *json_hex(const uint8_t *octets, size_t len);

#endif
