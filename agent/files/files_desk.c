/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/files/files_desk.h"

#include <string.h>

#include "agent/files/trial_files.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/worker.h"

struct files_desk {
    uv_loop_t *loop;
    char *dir;
    files_desk_fn answered;
    void *arg;
    struct worker *worker; /* NULL before the first question */
    bool closing, left;
};

/* All that the thread uses is its own. */
struct question {
    struct files_desk *desk; /* the loop's */
    const char *dir;
    struct message m; /* the question, then its answer */
    struct arena arena;
};

struct files_desk *files_desk_new(struct uv_loop_s *loop, const char *dir, files_desk_fn answered,
                                  void *arg)
{
    struct files_desk *d = mem_alloc(sizeof *d);
    *d =
        (struct files_desk){.loop = loop, .dir = mem_strdup(dir), .answered = answered, .arg = arg};
    return d;
}

static void question_run(void *arg)
{
    struct question *q = arg;
    struct agent_key key = {.trial = q->m.trial, .attempt = q->m.attempt};
    if (strlen(q->m.sweep) < sizeof key.sweep) /* a longer name is not a sweep's */
        memcpy(key.sweep, q->m.sweep, strlen(q->m.sweep) + 1);
    trial_files_answer(&q->arena, q->dir, &key, LIMIT_TRIAL_FILES_MS, &q->m);
}

static void question_done(void *arg)
{
    struct question *q = arg;
    if (!q->desk->closing)
        q->desk->answered(q->desk->arg, &q->m);
    arena_done(&q->arena);
    mem_free(q);
}

static int desk_be_ready(struct files_desk *d, struct err *err)
{
    if (!d->worker)
        return worker_start(d->loop, &d->worker, err);
    if (worker_waiting(d->worker) >= FILES_DESK_WAITING)
        return err_set(err, ERR_BUSY, "too many questions about files are not answered yet");
    return 0;
}

void files_desk_ask(struct files_desk *d, const struct message *ask)
{
    struct message m = *ask;
    struct err err = {0};
    m.type = MESSAGE_FILES;
    int rc = desk_be_ready(d, &err);
    if (rc != 0) {
        m.error = err_name(rc);
        m.text = err.text;
        d->answered(d->arg, &m);
        return;
    }
    struct question *q = mem_alloc(sizeof *q);
    *q = (struct question){.desk = d, .m = m};
    arena_init(&q->arena);
    message_keep(&q->arena, &q->m);
    q->dir = arena_strdup(&q->arena, d->dir);
    worker_push(d->worker, question_run, question_done, q);
}

void files_desk_close(struct files_desk *d)
{
    if (!d)
        return;
    d->closing = true;
    d->left = worker_leave(d->worker);
}

void files_desk_free(struct files_desk *d)
{
    if (!d || d->left)
        return;
    mem_free(d->dir);
    mem_free(d);
}
