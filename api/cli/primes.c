#include "cli/primes.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAVE_SECONDS 3.0
#define SHOW_SECONDS 0.2
#define PRIMES       4
#define BAR_CELLS    24

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    stopped = number;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_late(void *deadline)
{
    return stopped || now() >= *(const double *)deadline;
}

/* --- progress --- */

/* At a terminal a bar that stays in its line; elsewhere a line for each prime. */
typedef struct progress {
    bool terminal;
    unsigned shown; /* primes */
} progress;

static void show(const cli *c, const csig_primes *primes, progress *p)
{
    char bar[BAR_CELLS + 1];
    uint64_t made, expected;
    unsigned found;
    size_t full;

    csig_primes_progress(primes, &made, &expected, &found);
    if (c->json || (!p->terminal && found == p->shown)) return;
    p->shown = found;
    if (!p->terminal) {
        fprintf(stderr, "  safe primes: %u of %d\n", found, PRIMES);
        return;
    }
    /* The expected number is a mean: what takes longer waits before the last cell. */
    full = expected > 0 && made < expected ? (size_t)(BAR_CELLS * made / expected) : BAR_CELLS - 1;
    if (found == PRIMES) full = BAR_CELLS;
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', full);
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r  safe primes [%s] %u of %d, %llu of about %llu tests ", bar, found, PRIMES,
            (unsigned long long)made, (unsigned long long)expected);
    if (found == PRIMES) fputc('\n', stderr);
    fflush(stderr);
}

/* --- the search --- */

static cli_exit search(cli *c, const device *d, const char *path, csig_primes *primes)
{
    progress p = {.terminal = isatty(STDERR_FILENO) == 1};
    int done = 0;

    while (!done && !stopped) {
        double save = now() + SAVE_SECONDS;

        while (!done && !is_late(&save)) {
            double tick = now() + SHOW_SECONDS;

            CLI_TRY(cli_check(c, csig_primes_step(primes, UINT32_MAX, is_late, &tick, &done),
                              "the search for primes"));
            show(c, primes, &p);
        }
        CLI_TRY(save_primes(c, d, path, primes));
    }
    if (done) return CLI_OK;
    if (p.terminal && !c->json) fputc('\n', stderr);
    return cli_fail(c, CLI_AGAIN, "stopped; what was found is kept: run the same command again");
}

cli_exit primes_find(cli *c, const device *d, const char *path, csig_primes **primes)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction note = {.sa_handler = stop};
    struct sigaction before[3];
    cli_exit code;

    *primes = NULL;
    if (file_is_there(path))
        CLI_TRY(load_primes(c, d, path, primes));
    else
        CLI_TRY(cli_check(c, csig_primes_new(primes), "a search for primes"));
    for (size_t i = 0; i < 3; i++)
        (void)sigaction(numbers[i], &note, &before[i]);
    code = search(c, d, path, *primes);
    for (size_t i = 0; i < 3; i++)
        (void)sigaction(numbers[i], &before[i], NULL);
    if (code == CLI_OK) return CLI_OK;
    csig_primes_free(*primes);
    *primes = NULL;
    return code;
}
