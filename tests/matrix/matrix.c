#include "matrix/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "countersign/types.h"
#include "matrix/perform.h"
#include "support/drawn.h"
#include "support/random.h"

#define JOBS_MAX      16
#define CASE_SECONDS  120 /* a case that takes longer hangs */
#define THOROUGH_EACH 61  /* so often the run goes on, or a fresh one is made, after the case */

typedef struct pool {
    stage *st;
    const matrix_cases *list;
    matrix_tally *tally;
    pid_t pid[JOBS_MAX];
    size_t index[JOBS_MAX];
    unsigned jobs, running;
} pool;

static unsigned job_count(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 1) return 1;
    return cores > JOBS_MAX ? JOBS_MAX : (unsigned)cores;
}

static void crashed(const pool *p, size_t index, int status)
{
    char words[256];

    matrix_case_describe(p->st, &p->list->at[index], words, sizeof words);
    fprintf(stderr, "%s: the process ended by signal %d\n", words, WTERMSIG(status));
}

static void count(pool *p, size_t index, int status)
{
    matrix_tally *t = p->tally;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : PERFORM_BAD;

    if (!WIFEXITED(status)) crashed(p, index, status);
    if (code == PERFORM_SAME) {
        t->same++;
        return;
    }
    t->cases++;
    if (code == PERFORM_WAITS) t->waits++;
    if (code == PERFORM_WORKS) t->works++;
    if (code == PERFORM_HARMLESS) t->harmless++;
    if (code >= PERFORM_BAD) t->bad++;
    if (code < PERFORM_SAME) t->refused[code]++;
}

static void wait_for_one(pool *p)
{
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);

    CSIG_ASSERT(pid > 0);
    for (unsigned i = 0; i < p->jobs; i++) {
        if (p->pid[i] != pid) continue;
        p->pid[i] = 0;
        p->running--;
        count(p, p->index[i], status);
    }
}

static void start(pool *p, size_t index)
{
    unsigned i = 0;

    while (p->pid[i] != 0)
        i++;
    p->pid[i] = fork();
    CSIG_ASSERT(p->pid[i] >= 0);
    if (p->pid[i] == 0) {
        (void)alarm(CASE_SECONDS);
        const int code = perform_case(p->st, &p->list->at[index], index % THOROUGH_EACH == 0);

        (void)fflush(NULL);
        _exit(code);
    }
    p->index[i] = index;
    p->running++;
}

static void perform_all(stage *st, matrix_tally *tally)
{
    matrix_cases list;
    pool p = {.st = st, .list = &list, .tally = tally, .jobs = job_count()};

    matrix_cases_of(&list, st);
    (void)fflush(NULL);
    for (size_t i = 0; i < list.count; i++) {
        if (p.running == p.jobs) wait_for_one(&p);
        start(&p, i);
    }
    while (p.running > 0)
        wait_for_one(&p);
    matrix_cases_free(&list);
}

/* One message; the victim leads, or where then the liar has nothing to say, the liar does. */
static void message(const matrix_play *play, const stage_notes other[2], uint8_t round,
                    csig_cast cast, matrix_tally *tally)
{
    const uint16_t leader[] = {play->victim, play->liar};
    stage *st = malloc(sizeof *st);
    bool there = false;

    CSIG_ASSERT(st != NULL);
    for (size_t i = 0; i < 2 && !there; i++) {
        there = stage_has_set(st, play, leader[i], round, cast, &other[i]);
        if (there) perform_all(st, tally);
        stage_clear(st);
    }
    free(st);
}

static void print_tally(const matrix_play *play, const matrix_tally *t)
{
    printf("[ matrix   ] %s: %u cases%s:", play->name, t->cases, drawn_words());
    for (int err = 0; err < 256; err++) {
        if (t->refused[err] > 0) printf(" %s %u,", csig_err_name((csig_err)err), t->refused[err]);
    }
    printf(" waits %u, works %u, harmless %u, not as it must be %u; %u more altered nothing\n",
           t->waits, t->works, t->harmless, t->bad, t->same);
    (void)fflush(stdout);
}

void matrix_repeatable(void)
{
    CSIG_ASSERT(csig_init() == CSIG_OK); /* draws a little, once in a process */
    random_seed(1);
}

void matrix_run(const matrix_play *play, matrix_tally *tally)
{
    stage_notes *other = calloc(2, sizeof *other);

    CSIG_ASSERT(other != NULL);
    memset(tally, 0, sizeof *tally);
    stage_rehearse(play, play->victim, &other[0]);
    stage_rehearse(play, play->liar, &other[1]);
    for (uint8_t round = 1; round <= play->protocol->count; round++) {
        for (csig_cast cast = CSIG_CAST_ALL; cast <= CSIG_CAST_ECHO; cast++)
            message(play, other, round, cast, tally);
    }
    stage_notes_free(&other[0]);
    stage_notes_free(&other[1]);
    free(other);
    /* and a fresh run works */
    stage_rehearse(play, play->victim, NULL);
    print_tally(play, tally);
}
