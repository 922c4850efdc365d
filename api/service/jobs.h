/* Threads: all there are in the daemon besides the two of the HTTP server, and all their locks but
 * the store's.
 *
 * Jobs wait in lanes, so that a short question never waits behind an exponentiation: what changes
 * something without one has a worker of its own, and is done one after the other; questions have
 * some, which wait for the disk most of the time; protocols have the others. Jobs with the same key
 * run one after the other, in order of arrival; a job that has to wait for its turn holds no
 * worker. */
#ifndef CSIGD_SERVICE_JOBS_H
#define CSIGD_SERVICE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum csigd_lane { CSIGD_CONTROL = 0, CSIGD_PROTOCOL, CSIGD_QUESTIONS } csigd_lane;
#define CSIGD_LANES 3

#define CSIGD_QUESTIONS_WORKERS 8u

#define CSIGD_JOB_KEY_BYTES 16

typedef struct csigd_jobs csigd_jobs;

/* workers: of the protocol lane. queue_max: jobs waiting in all. NULL: no memory or no threads. */
csigd_jobs *csigd_jobs_new(unsigned workers, size_t queue_max);
/* Run `run(ctx)` soon on another thread. key: NULL for none. false: full or stopping, and run is
 * never called. */
bool csigd_jobs_has_taken(csigd_jobs *jobs, csigd_lane lane, const uint8_t *key,
                          void (*run)(void *ctx), void *ctx);
/* Jobs running or waiting in the protocol lane. */
size_t csigd_jobs_pending(csigd_jobs *jobs);
/* Milliseconds since a lane that has jobs began or ended one; 0: none has. */
int64_t csigd_jobs_still(csigd_jobs *jobs);
/* Take no more jobs, finish those there are, end the threads. */
void csigd_jobs_stop(csigd_jobs *jobs);
/* After csigd_jobs_stop. */
void csigd_jobs_free(csigd_jobs *jobs);

/* --- a thread with a purpose of its own --- */

typedef struct csigd_thread csigd_thread;

/* NULL: no memory or no threads. */
csigd_thread *csigd_thread_start(void (*run)(void *ctx), void *ctx);
/* The calling thread gives way to everything else from now on. */
void csigd_thread_yield_to_all(void);
void csigd_thread_join(csigd_thread *thread);

/* --- what threads wait for --- */

typedef struct csigd_event csigd_event;

csigd_event *csigd_event_new(void);
/* From now on every wait ends at once. */
void csigd_event_set(csigd_event *event);
/* Until it is set or the time is up: is it set? */
bool csigd_event_is_set(csigd_event *event, uint32_t wait_milliseconds);
void csigd_event_free(csigd_event *event);

typedef struct csigd_mutex csigd_mutex;

csigd_mutex *csigd_mutex_new(void);
void csigd_mutex_lock(csigd_mutex *mutex);
void csigd_mutex_unlock(csigd_mutex *mutex);
void csigd_mutex_free(csigd_mutex *mutex);

#endif
