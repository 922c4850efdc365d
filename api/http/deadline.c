#define _GNU_SOURCE /* POLLRDHUP */
#include "http/deadline.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "service/jobs.h"

#define LOOK_MILLISECONDS 250

struct csigd_client {
    csigd_deadlines *all;
    csigd_client *next, *before;
    int fd;
    bool is_cut;
    int64_t until; /* milliseconds; 0: no hurry */
};

struct csigd_deadlines {
    csigd_mutex *lock;
    csigd_event *stop;
    csigd_thread *thread;
    csigd_client *first;
    int64_t milliseconds;
    size_t n_cut;
};

/* No clock that somebody sets. */
static int64_t now(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The descriptor stays libmicrohttpd's: it sees the end and closes. Nothing lingers: what waits to
 * be sent would wait for the same client. */
static void cut(csigd_client *c)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    (void)shutdown(c->fd, SHUT_RDWR);
    c->is_cut = true;
    c->all->n_cut++;
}

static void watch(void *ctx)
{
    csigd_deadlines *d = ctx;

    while (!csigd_event_is_set(d->stop, LOOK_MILLISECONDS)) {
        const int64_t when = now();

        csigd_mutex_lock(d->lock);
        for (csigd_client *c = d->first; c != NULL; c = c->next) {
            if (c->until != 0 && c->until < when && !c->is_cut) cut(c);
        }
        csigd_mutex_unlock(d->lock);
    }
}

csigd_deadlines *csigd_deadlines_new(unsigned seconds)
{
    csigd_deadlines *d = calloc(1, sizeof *d);

    if (d == NULL) return NULL;
    d->milliseconds = (int64_t)seconds * 1000;
    d->lock = csigd_mutex_new();
    d->stop = csigd_event_new();
    if (d->lock != NULL && d->stop != NULL) d->thread = csigd_thread_start(watch, d);
    if (d->thread != NULL) return d;
    csigd_deadlines_free(d);
    return NULL;
}

void csigd_deadlines_free(csigd_deadlines *d)
{
    if (d == NULL) return;
    if (d->thread != NULL) {
        csigd_event_set(d->stop);
        csigd_thread_join(d->thread);
    }
    if (d->stop != NULL) csigd_event_free(d->stop);
    if (d->lock != NULL) csigd_mutex_free(d->lock);
    free(d);
}

static void set_until(csigd_client *c, int64_t until)
{
    csigd_mutex_lock(c->all->lock);
    c->until = until;
    csigd_mutex_unlock(c->all->lock);
}

csigd_client *csigd_client_enter(csigd_deadlines *d, int fd)
{
    csigd_client *c = calloc(1, sizeof *c);

    if (c == NULL) return NULL;
    c->all = d;
    c->fd = fd;
    c->until = now() + d->milliseconds;
    csigd_mutex_lock(d->lock);
    c->next = d->first;
    if (c->next != NULL) c->next->before = c;
    d->first = c;
    csigd_mutex_unlock(d->lock);
    return c;
}

void csigd_client_hurry(csigd_client *client)
{
    set_until(client, now() + client->all->milliseconds);
}

void csigd_client_rest(csigd_client *client)
{
    set_until(client, 0);
}

bool csigd_client_is_gone(const csigd_client *client)
{
    struct pollfd fd = {.fd = client->fd, .events = POLLRDHUP};

    return poll(&fd, 1, 0) > 0;
}

void csigd_client_leave(csigd_client *client)
{
    csigd_deadlines *d = client->all;

    csigd_mutex_lock(d->lock);
    if (client->before != NULL)
        client->before->next = client->next;
    else
        d->first = client->next;
    if (client->next != NULL) client->next->before = client->before;
    csigd_mutex_unlock(d->lock);
    free(client);
}

size_t csigd_deadlines_cut(csigd_deadlines *d)
{
    size_t n;

    csigd_mutex_lock(d->lock);
    n = d->n_cut;
    csigd_mutex_unlock(d->lock);
    return n;
}
