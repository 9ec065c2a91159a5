/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_read.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/page/page_plain.h"
#include "orchestrator/server/question/server_kept.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/view/view_answer.h"

enum { WAITING_MAX = 128 /* questions to one thread */ };
/* Threads. What reads all trials, or a million points, does not delay what is read in a moment. */
enum { SHORT, SHORT_TOO, CURVES, COLUMNS, THREADS };

struct server_reader {
    struct server *server;
    struct reading_thread {
        struct worker *worker; /* NULL before its first question */
        struct view *view;     /* the thread's own; NULL before its first question */
        const char *dir;
        struct server_kept *kept; /* NULL: it keeps no answers */
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
    s->reader->threads[COLUMNS].kept = server_kept_new(&(struct server_kept_limits){
        .answers = 32, .of_one = 16, .bytes = 16 << 20, .bytes_all = 32 << 20});
}

/* An answer without a clock in it stays right until there is another fact. */
static void question_answer(struct server_question *q, struct view *view, struct server_kept *kept)
{
    int64_t seq;
    const char *question = "", *mark = "";
    if (kept) {
        q->rc = view_seq(view, &seq, &q->err);
        question = arena_printf(&q->arena, "%d %s %s", q->packs, q->path,
                                json_text(&q->arena, q->query, JSON_COMPACT));
        mark = arena_printf(&q->arena, "%lld", (long long)seq);
    }
    if (q->rc != 0 || (kept && server_kept_find(kept, question, mark, q)))
        return;
    q->rc = view_answer(view, q->path, q->query, &q->out, &q->err);
    server_question_pack(q);
    if (q->rc == 0 && kept)
        server_kept_add(kept, question, mark, q);
}

static void reading_run(void *arg)
{
    struct reading *r = arg;
    struct reading_thread *t = r->thread;
    struct server_question *q = &r->question;
    if (!server_question_is_open(q))
        return;
    q->rc = t->view ? 0 : view_open(t->dir, &t->view, &q->err);
    if (q->rc != 0)
        return;
    view_heed(t->view, &q->gone);
    if (r->sweep) {
        q->rc = page_plain_write(t->view, r->sweep, &q->out, &q->err);
        server_question_pack(q);
    } else {
        question_answer(q, t->view, t->kept);
    }
    view_heed(t->view, NULL);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    struct server_question *q = &r->question;
    bool good = server_question_end(q);
    if (good && r->sweep)
        page_plain_send(q->server, q->request, 200, &q->out, q->packed);
    else if (good)
        server_question_reply(q);
    server_question_free(q);
}

static size_t thread_waiting(const struct reading_thread *t)
{
    return t->worker ? worker_waiting(t->worker) : 0;
}

/* Of a document below sweeps/ID. */
static int thread_of(const struct server_request *r)
{
    const char *part = strrchr(r->http->head->path, '/');
    const char *query = r->http->head->query;
    bool lists = strcmp(part, "/trials") == 0;
    if (strcmp(part, "/curves") == 0)
        return CURVES;
    if (strcmp(part, "/columns") == 0 || strcmp(part, "/names") == 0 ||
        (lists && (strstr(query, "filter=") || strstr(query, "reduce="))))
        return COLUMNS;
    return SHORT;
}

static struct reading *reading_new(struct server *s, const struct server_request *request)
{
    int at = thread_of(request);
    struct reading_thread *threads = s->reader->threads;
    if (at == SHORT && thread_waiting(&threads[SHORT_TOO]) < thread_waiting(&threads[SHORT]))
        at = SHORT_TOO;
    struct reading *r =
        server_question_new(s, request, &threads[at].worker, WAITING_MAX, sizeof *r);
    if (r)
        r->thread = &threads[at];
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
    for (int i = 0; s->reader && i < THREADS; i++) {
        view_close(s->reader->threads[i].view);
        server_kept_free(s->reader->threads[i].kept);
    }
    mem_free(s->reader);
}
