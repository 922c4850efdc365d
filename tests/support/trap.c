#include "support/trap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_of(void (*fn)(void *arg), void *arg)
{
    static const int signals[] = {SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS};
    const struct rlimit none = {0, 0};
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        /* cmocka and the sanitizers have handlers of their own; no core is wanted */
        for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
            (void)signal(signals[i], SIG_DFL);
        (void)setrlimit(RLIMIT_CORE, &none);
        fn(arg);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return 0;
    return status;
}

/* What __builtin_trap makes of a process: s390x traps by an arithmetic exception. */
#ifdef __s390x__
#define SIGNAL_OF_TRAP SIGFPE
#else
#define SIGNAL_OF_TRAP SIGILL
#endif

bool trap_is_hit(void (*fn)(void *arg), void *arg)
{
    const int status = status_of(fn, arg);

    return WIFSIGNALED(status) &&
           (WTERMSIG(status) == SIGNAL_OF_TRAP || WTERMSIG(status) == SIGTRAP);
}

bool fault_is_hit(void (*fn)(void *arg), void *arg)
{
    const int status = status_of(fn, arg);

    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}
