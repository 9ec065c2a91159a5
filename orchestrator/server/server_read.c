/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_read.h"

#include <string.h>

#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/page/page_plain.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/view/view_answer.h"

enum { THREADS = 3, WAITING_MAX = 128 /* questions to one thread */ };
enum { CURVES = THREADS - 1 /* the thread for curves: a million points take a while */ };

struct server_reader {
    struct server *server;
    struct reading_thread {
        struct worker *worker; /* NULL before its first question */
        struct view *view;     /* the thread's own; NULL before its first question */
        const char *dir;
    } threads[THREADS];
};

struct reading {
    struct server_question question;
    struct reading_thread *thread;
    const char *sweep; /* of a page of HTML; "": of all sweeps. NULL: a document */
};

void server_read_start(struct server *s)
{
    s->reader = mem_alloc(sizeof *s->reader);
    s->reader->server = s;
    for (int i = 0; i < THREADS; i++)
        s->reader->threads[i].dir = s->config.dir;
}

static void reading_run(void *arg)
{
    struct reading *r = arg;
    struct reading_thread *t = r->thread;
    struct server_question *q = &r->question;
    if (!server_question_is_open(q))
        return;
    q->rc = t->view ? 0 : view_open(t->dir, &t->view, &q->err);
    if (q->rc == 0 && r->sweep)
        q->rc = page_plain_write(t->view, r->sweep, &q->out, &q->err);
    else if (q->rc == 0)
        q->rc = view_answer(t->view, q->path, q->query, &q->out, &q->err);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    struct server_question *q = &r->question;
    bool good = server_question_end(q);
    if (good && r->sweep)
        page_plain_send(q->server, q->request, 200, &q->out);
    else if (good)
        server_question_reply(q);
    server_question_free(q);
}

static size_t thread_waiting(const struct reading_thread *t)
{
    return t->worker ? worker_waiting(t->worker) : 0;
}

static struct reading *reading_new(struct server *s, const struct server_request *request)
{
    const char *path = request->http->head->path, *end = strrchr(path, '/');
    bool curves = end && strcmp(end, "/curves") == 0;
    struct reading_thread *least = &s->reader->threads[curves ? CURVES : 0];
    for (int i = 1; !curves && i < CURVES; i++)
        if (thread_waiting(&s->reader->threads[i]) < thread_waiting(least))
            least = &s->reader->threads[i];
    struct reading *r = server_question_new(s, request, &least->worker, WAITING_MAX, sizeof *r);
    if (r)
        r->thread = least;
    return r;
}

void server_read_answer(struct server *s, const struct server_request *request)
{
    struct reading *r = reading_new(s, request);
    if (r)
        worker_push(r->thread->worker, reading_run, reading_done, r);
}

void server_read_plain(struct server *s, const struct server_request *request)
{
    struct reading *r = reading_new(s, request);
    if (!r)
        return;
    r->sweep = arena_strdup(&r->question.arena, request->name);
    worker_push(r->thread->worker, reading_run, reading_done, r);
}

void server_read_close(struct server *s)
{
    for (int i = 0; s->reader && i < THREADS; i++)
        worker_close(s->reader->threads[i].worker);
}

void server_read_free(struct server *s)
{
    for (int i = 0; s->reader && i < THREADS; i++)
        view_close(s->reader->threads[i].view);
    mem_free(s->reader);
}
