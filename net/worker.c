/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/worker.h"

#include <signal.h>

#include "base/check.h"
#include "base/mem.h"

struct job {
    struct job *next;
    worker_fn run, done;
    void *arg;
};

struct jobs {
    struct job *first, *last;
};

struct worker {
    uv_thread_t thread;
    uv_async_t async;
    size_t waiting;
    uv_mutex_t lock; /* guards the fields below */
    uv_cond_t more;
    struct jobs todo, ran;
    bool closing, ended, busy, left;
};

static bool any_left; /* the loop's: a thread of this process was left running */

static void jobs_add(struct jobs *jobs, struct job *job)
{
    if (jobs->last)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
}

static struct job *jobs_take(struct jobs *jobs)
{
    struct job *job = jobs->first;
    if (!job)
        return NULL;
    jobs->first = job->next;
    if (!jobs->first)
        jobs->last = NULL;
    job->next = NULL;
    return job;
}

static void worker_thread(void *arg)
{
    struct worker *w = arg;
    struct job *job;
    uv_mutex_lock(&w->lock);
    while ((job = jobs_take(&w->todo)) != NULL || !w->closing) {
        if (!job) {
            uv_cond_wait(&w->more, &w->lock);
            continue;
        }
        w->busy = true;
        uv_mutex_unlock(&w->lock);
        job->run(job->arg);
        uv_mutex_lock(&w->lock);
        w->busy = false;
        if (w->left) /* the loop has gone */
            break;
        jobs_add(&w->ran, job);
        uv_async_send(&w->async);
    }
    w->ended = !w->left;
    if (w->ended)
        uv_async_send(&w->async);
    uv_mutex_unlock(&w->lock);
}

static void worker_on_closed(uv_handle_t *handle)
{
    struct worker *w = handle->data;
    uv_cond_destroy(&w->more);
    uv_mutex_destroy(&w->lock);
    mem_free(w);
}

static void worker_on_async(uv_async_t *async)
{
    struct worker *w = async->data;
    struct job *job;
    uv_mutex_lock(&w->lock);
    struct jobs ran = w->ran;
    w->ran = (struct jobs){NULL, NULL};
    bool ended = w->ended;
    uv_mutex_unlock(&w->lock);
    while ((job = jobs_take(&ran)) != NULL) {
        w->waiting--;
        job->done(job->arg);
        mem_free(job);
    }
    if (ended && !uv_is_closing((uv_handle_t *)async)) {
        uv_thread_join(&w->thread);
        uv_close((uv_handle_t *)async, worker_on_closed);
    }
}

/* The loop handles signals: the thread starts with all of them blocked. */
static int worker_spawn(struct worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = uv_thread_create(&w->thread, worker_thread, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

int worker_start(uv_loop_t *loop, struct worker **ret, struct err *err)
{
    struct worker *w = mem_alloc(sizeof *w);
    check(uv_mutex_init(&w->lock) == 0 && uv_cond_init(&w->more) == 0);
    int rc = uv_async_init(loop, &w->async, worker_on_async);
    w->async.data = w;
    if (rc == 0) {
        rc = worker_spawn(w);
        if (rc != 0)
            uv_close((uv_handle_t *)&w->async, worker_on_closed);
    } else {
        worker_on_closed((uv_handle_t *)&w->async);
    }
    if (rc != 0)
        return err_set(err, ERR_IO, "a thread cannot be started: %s", uv_strerror(rc));
    *ret = w;
    return 0;
}

void worker_push(struct worker *w, worker_fn run, worker_fn done, void *arg)
{
    struct job *job = mem_alloc(sizeof *job);
    *job = (struct job){.run = run, .done = done, .arg = arg};
    w->waiting++;
    uv_mutex_lock(&w->lock);
    PRE(!w->closing);
    jobs_add(&w->todo, job);
    uv_cond_signal(&w->more);
    uv_mutex_unlock(&w->lock);
}

size_t worker_waiting(const struct worker *w)
{
    return w->waiting;
}

void worker_close(struct worker *w)
{
    if (!w)
        return;
    uv_mutex_lock(&w->lock);
    w->closing = true;
    uv_cond_signal(&w->more);
    uv_mutex_unlock(&w->lock);
}

bool worker_leave(struct worker *w)
{
    struct job *job;
    if (!w)
        return false;
    uv_mutex_lock(&w->lock);
    bool busy = w->left = w->busy;
    while (!busy && (job = jobs_take(&w->todo)) != NULL)
        jobs_add(&w->ran, job);
    uv_mutex_unlock(&w->lock);
    if (!busy) {
        worker_close(w); /* the thread then tells the loop of these jobs too */
        return false;
    }
    uv_close((uv_handle_t *)&w->async, NULL);
    any_left = true;
    return true;
}

bool worker_has_left(void)
{
    return any_left;
}
