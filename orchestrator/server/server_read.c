/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_read.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "net/worker.h"
#include "orchestrator/server/page/page_plain.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/server/server_reply.h"
#include "orchestrator/view/view_answer.h"

enum { THREADS = 3, WAITING_MAX = 128 /* questions to one thread */ };
enum { CURVES = THREADS - 1 /* the thread for curves: a million points take a while */ };

#define ROOT "/api/v1/"

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
    struct server *server;
    struct reading_thread *thread;
    struct arena arena;
    const char *path;  /* NULL: a page of HTML */
    const char *sweep; /* of that page; "": of all */
    struct value *query;
    struct buf out;
    int rc;
    struct err err;
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
    if (!server_question_is_open(&r->question))
        return;
    r->rc = t->view ? 0 : view_open(t->dir, &t->view, &r->err);
    if (r->rc == 0 && !r->path)
        r->rc = page_plain_write(t->view, r->sweep, &r->out, &r->err);
    else if (r->rc == 0)
        r->rc = view_answer(t->view, r->path, r->query, &r->out, &r->err);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    uint64_t request = r->question.request;
    bool open = server_question_is_open(&r->question);
    server_question_end(r->server, &r->question);
    if (open && r->rc == 0 && !r->path)
        page_plain_send(r->server, request, 200, &r->out);
    else if (open && r->rc == 0)
        server_reply_text(r->server, request, "application/json", buf_peek(&r->out), r->out.len);
    else if (open)
        server_reply_error(r->server, request, 0, r->rc, r->err.text);
    buf_done(&r->out);
    arena_done(&r->arena);
    mem_free(r);
}

struct value *server_read_query(struct arena *a, const char *query)
{
    static const char *const names[] = {
        "what",   "as",      "path",   "place",  "state",   "sort",    "desc",   "skip",
        "limit",  "attempt", "nan",    "entity", "project", "filters", "order",  "cols",
        "before", "kind",    "filter", "q",      "trial",   "trials",  "metric", "points",
        "x",      "from",    "to",     "xscale", "smooth",  "agg",     "marks",  "method",
        "goal",   "y",       "px",     "name",   "version"};
    struct value *v = value_dict(a);
    for (size_t i = 0; *query && i < sizeof names / sizeof *names; i++) {
        struct buf text;
        buf_init(&text, LIMIT_HTTP_URL_BYTES);
        if (http_target_query(query, names[i], &text))
            value_put(a, v, names[i], value_strn(a, buf_peek(&text), text.len));
        buf_done(&text);
    }
    return v;
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
    struct err err = {0};
    for (int i = 1; !curves && i < CURVES; i++)
        if (thread_waiting(&s->reader->threads[i]) < thread_waiting(least))
            least = &s->reader->threads[i];
    if (!least->worker && worker_start(s->config.loop, &least->worker, &err) != 0) {
        server_reply_error(s, request->http->id, 0, ERR_BUSY, err.text);
        return NULL;
    }
    if (thread_waiting(least) >= WAITING_MAX) {
        server_reply_error(s, request->http->id, 0, ERR_BUSY,
                           "too many questions are waiting: ask again in a moment");
        return NULL;
    }
    struct reading *r = mem_alloc(sizeof *r);
    if (!server_question_begin(s, &r->question, request)) {
        mem_free(r);
        return NULL;
    }
    r->server = s;
    r->thread = least;
    arena_init(&r->arena);
    buf_init(&r->out, LIMIT_DOCUMENT_BYTES);
    return r;
}

void server_read_answer(struct server *s, const struct server_request *request)
{
    struct reading *r = reading_new(s, request);
    if (!r)
        return;
    r->path = arena_strdup(&r->arena, request->http->head->path + strlen(ROOT));
    r->query = server_read_query(&r->arena, request->http->head->query);
    worker_push(r->thread->worker, reading_run, reading_done, r);
}

void server_read_plain(struct server *s, const struct server_request *request)
{
    struct reading *r = reading_new(s, request);
    if (!r)
        return;
    r->sweep = arena_strdup(&r->arena, request->name);
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
