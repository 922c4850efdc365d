#include "service/jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"

typedef struct job job;
struct job {
    job *next;
    csigd_lane lane;
    bool has_key;
    bool running;
    uint8_t key[CSIGD_JOB_KEY_BYTES];
    void (*run)(void *ctx);
    void *ctx;
};

struct csigd_jobs {
    pthread_mutex_t lock;
    pthread_cond_t changed[CSIGD_LANES]; /* there may be something for a worker of it */
    job *first; /* oldest first; running ones stay in the list: their keys block later ones */
    size_t waiting;
    size_t in_lane[CSIGD_LANES];
    int64_t moved[CSIGD_LANES]; /* ticks: a job of it began or ended, or the first one came */
    size_t queue_max;
    bool stopping;
    unsigned threads;
    pthread_t thread[];
};

typedef struct worker {
    csigd_jobs *jobs;
    csigd_lane lane;
} worker;

static bool key_is_free(const csigd_jobs *jobs, const job *j)
{
    if (!j->has_key) return true;
    for (const job *o = jobs->first; o != j; o = o->next) {
        if (o->has_key && memcmp(o->key, j->key, sizeof j->key) == 0) return false;
    }
    return true;
}

static job *next_job(csigd_jobs *jobs, csigd_lane lane)
{
    for (job *j = jobs->first; j != NULL; j = j->next) {
        if (!j->running && j->lane == lane && key_is_free(jobs, j)) return j;
    }
    return NULL;
}

static void remove_job(csigd_jobs *jobs, job *done)
{
    job **at = &jobs->first;

    while (*at != done)
        at = &(*at)->next;
    *at = done->next;
    jobs->in_lane[done->lane]--;
    jobs->moved[done->lane] = csigd_clock_ticks();
    free(done);
}

static void wake_all(csigd_jobs *jobs)
{
    for (unsigned lane = 0; lane < CSIGD_LANES; lane++)
        pthread_cond_broadcast(&jobs->changed[lane]);
}

static void *work(void *arg)
{
    const worker w = *(worker *)arg;
    csigd_jobs *jobs = w.jobs;

    free(arg);
    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        job *j = next_job(jobs, w.lane);
        bool others;

        if (j == NULL) {
            if (jobs->stopping && jobs->in_lane[w.lane] == 0) break;
            pthread_cond_wait(&jobs->changed[w.lane], &jobs->lock);
            continue;
        }
        j->running = true;
        jobs->moved[w.lane] = csigd_clock_ticks();
        jobs->waiting--;
        pthread_mutex_unlock(&jobs->lock);
        j->run(j->ctx);
        pthread_mutex_lock(&jobs->lock);
        others = j->has_key || jobs->stopping;
        remove_job(jobs, j);
        /* A key may be free now, in any lane. What else waits this worker looks for itself. */
        if (others) wake_all(jobs);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

static bool worker_is_started(csigd_jobs *jobs, csigd_lane lane)
{
    worker *w = malloc(sizeof *w);

    if (w == NULL) return false;
    *w = (worker){.jobs = jobs, .lane = lane};
    if (pthread_create(&jobs->thread[jobs->threads], NULL, work, w) != 0) {
        free(w);
        return false;
    }
    jobs->threads++;
    return true;
}

csigd_jobs *csigd_jobs_new(unsigned workers, size_t queue_max)
{
    csigd_jobs *jobs =
        calloc(1, sizeof *jobs + (1 + CSIGD_QUESTIONS_WORKERS + workers) * sizeof jobs->thread[0]);
    bool started;

    if (jobs == NULL) return NULL;
    jobs->queue_max = queue_max;
    pthread_mutex_init(&jobs->lock, NULL);
    for (unsigned lane = 0; lane < CSIGD_LANES; lane++)
        pthread_cond_init(&jobs->changed[lane], NULL);
    started = worker_is_started(jobs, CSIGD_CONTROL);
    for (unsigned i = 0; started && i < CSIGD_QUESTIONS_WORKERS; i++)
        started = worker_is_started(jobs, CSIGD_QUESTIONS);
    for (unsigned i = 0; started && i < workers; i++)
        started = worker_is_started(jobs, CSIGD_PROTOCOL);
    if (started) return jobs;
    csigd_jobs_stop(jobs);
    csigd_jobs_free(jobs);
    return NULL;
}

bool csigd_jobs_has_taken(csigd_jobs *jobs, csigd_lane lane, const uint8_t *key,
                          void (*run)(void *ctx), void *ctx)
{
    job *j = malloc(sizeof *j);
    job **end = &jobs->first;
    bool taken;

    if (j == NULL) return false;
    *j = (job){.lane = lane, .has_key = key != NULL, .run = run, .ctx = ctx};
    if (key != NULL) memcpy(j->key, key, sizeof j->key);
    pthread_mutex_lock(&jobs->lock);
    taken = !jobs->stopping && jobs->waiting < jobs->queue_max;
    if (taken) {
        while (*end != NULL)
            end = &(*end)->next;
        *end = j;
        jobs->waiting++;
        if (jobs->in_lane[lane]++ == 0) jobs->moved[lane] = csigd_clock_ticks();
        pthread_cond_signal(&jobs->changed[lane]);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (!taken) free(j);
    return taken;
}

size_t csigd_jobs_pending(csigd_jobs *jobs)
{
    size_t pending;

    pthread_mutex_lock(&jobs->lock);
    pending = jobs->in_lane[CSIGD_PROTOCOL];
    pthread_mutex_unlock(&jobs->lock);
    return pending;
}

int64_t csigd_jobs_still(csigd_jobs *jobs)
{
    const int64_t now = csigd_clock_ticks();
    int64_t longest = 0;

    pthread_mutex_lock(&jobs->lock);
    for (unsigned lane = 0; lane < CSIGD_LANES; lane++) {
        const int64_t still = now - jobs->moved[lane];

        if (jobs->in_lane[lane] > 0 && still > longest) longest = still;
    }
    pthread_mutex_unlock(&jobs->lock);
    return longest;
}

void csigd_jobs_stop(csigd_jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->stopping = true;
    wake_all(jobs);
    pthread_mutex_unlock(&jobs->lock);
    for (unsigned i = 0; i < jobs->threads; i++)
        pthread_join(jobs->thread[i], NULL);
    jobs->threads = 0;
}

void csigd_jobs_free(csigd_jobs *jobs)
{
    if (jobs == NULL) return;
    for (unsigned lane = 0; lane < CSIGD_LANES; lane++)
        pthread_cond_destroy(&jobs->changed[lane]);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

/* --- threads --- */

struct csigd_thread {
    pthread_t id;
    void (*run)(void *ctx);
    void *ctx;
};

static void *run_thread(void *arg)
{
    csigd_thread *t = arg;

    t->run(t->ctx);
    return NULL;
}

csigd_thread *csigd_thread_start(void (*run)(void *ctx), void *ctx)
{
    csigd_thread *t = malloc(sizeof *t);

    if (t == NULL) return NULL;
    *t = (csigd_thread){.run = run, .ctx = ctx};
    if (pthread_create(&t->id, NULL, run_thread, t) == 0) return t;
    free(t);
    return NULL;
}

void csigd_thread_yield_to_all(void)
{
    /* On Linux a thread has a niceness of its own. It works without, only less politely. */
    (void)setpriority(PRIO_PROCESS, 0, 19);
}

void csigd_thread_join(csigd_thread *thread)
{
    if (thread == NULL) return;
    pthread_join(thread->id, NULL);
    free(thread);
}

/* --- events --- */

struct csigd_event {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool set;
};

csigd_event *csigd_event_new(void)
{
    csigd_event *e = calloc(1, sizeof *e);
    pthread_condattr_t attr;

    if (e == NULL) return NULL;
    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&e->changed, &attr);
    pthread_condattr_destroy(&attr);
    return e;
}

void csigd_event_set(csigd_event *event)
{
    pthread_mutex_lock(&event->lock);
    event->set = true;
    pthread_cond_broadcast(&event->changed);
    pthread_mutex_unlock(&event->lock);
}

bool csigd_event_is_set(csigd_event *event, uint32_t wait_milliseconds)
{
    struct timespec until;
    bool set;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_milliseconds / 1000;
    until.tv_nsec += (long)(wait_milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&event->lock);
    while (!event->set && pthread_cond_timedwait(&event->changed, &event->lock, &until) == 0) {
    }
    set = event->set;
    pthread_mutex_unlock(&event->lock);
    return set;
}

void csigd_event_free(csigd_event *event)
{
    if (event == NULL) return;
    pthread_cond_destroy(&event->changed);
    pthread_mutex_destroy(&event->lock);
    free(event);
}

/* --- locks --- */

struct csigd_mutex {
    pthread_mutex_t m;
};

csigd_mutex *csigd_mutex_new(void)
{
    csigd_mutex *m = calloc(1, sizeof *m);

    if (m != NULL) pthread_mutex_init(&m->m, NULL);
    return m;
}

void csigd_mutex_lock(csigd_mutex *mutex)
{
    pthread_mutex_lock(&mutex->m);
}

void csigd_mutex_unlock(csigd_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->m);
}

void csigd_mutex_free(csigd_mutex *mutex)
{
    if (mutex == NULL) return;
    pthread_mutex_destroy(&mutex->m);
    free(mutex);
}
