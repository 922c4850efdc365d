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

/* s390x compares and traps in one instruction, which counts as arithmetic. */
#ifdef __s390x__
#define IS_TRAP(n) ((n) == SIGILL || (n) == SIGTRAP || (n) == SIGFPE)
#else
#define IS_TRAP(n) ((n) == SIGILL || (n) == SIGTRAP)
#endif

bool trap_is_hit(void (*fn)(void *arg), void *arg)
{
    const int status = status_of(fn, arg);

    return WIFSIGNALED(status) && IS_TRAP(WTERMSIG(status));
}

bool fault_is_hit(void (*fn)(void *arg), void *arg)
{
    const int status = status_of(fn, arg);

    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}
