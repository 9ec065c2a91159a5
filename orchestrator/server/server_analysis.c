/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_analysis.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/question/server_kept.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/view/analysis/analysis.h"

static_assert((int)ANALYSIS_MARK_BYTES <= (int)SERVER_KEPT_MARK_BYTES, "else marks are cut");

struct server_analysis {
    struct worker *worker; /* NULL before the first question */
    bool left;             /* the thread was left analysing: it uses this until the process ends */
    char *dir;
    /* The thread's own. */
    struct view *view;
    struct server_kept *kept;
};

/* The thread knows no server: it may be left when that has gone. */
struct analysing {
    struct server_question question;
    struct server_analysis *analysis;
};

static void question_answer(struct server_question *q, struct server_analysis *a)
{
    char id[16], mark[ANALYSIS_MARK_BYTES];
    q->rc = a->view ? 0 : view_open(a->dir, &a->view, &q->err);
    if (q->rc == 0)
        q->rc = analysis_mark(a->view, q->path, id, mark, &q->err);
    if (q->rc != 0)
        return;
    const char *question = arena_printf(&q->arena, "%d %s %s %s", q->packs, strrchr(q->path, '/'),
                                        id, json_text(&q->arena, q->query, JSON_COMPACT));
    if (server_kept_find(a->kept, question, mark, q))
        return;
    view_heed(a->view, &q->gone);
    q->rc = analysis_answer(a->view, q->path, id, q->query, &q->out, &q->err);
    view_heed(a->view, NULL);
    server_question_pack(q);
    if (q->rc == 0)
        server_kept_add(a->kept, question, mark, q);
}

static void question_run(void *arg)
{
    struct analysing *one = arg;
    if (server_question_is_open(&one->question))
        question_answer(&one->question, one->analysis);
}

static void question_done(void *arg)
{
    struct analysing *one = arg;
    if (server_question_end(&one->question))
        server_question_reply(&one->question);
    server_question_free(&one->question);
}

void server_analysis_start(struct server *s)
{
    static const struct server_kept_limits limits = {
        .answers = SERVER_ANALYSES_KEPT,
        .of_one = SERVER_ANALYSES_KEPT_OF_ONE,
        .bytes = SERVER_ANALYSIS_BYTES,
        .bytes_all = (size_t)SERVER_ANALYSES_KEPT * SERVER_ANALYSIS_BYTES,
    };
    s->analysis = mem_alloc(sizeof *s->analysis);
    s->analysis->dir = mem_strdup(s->config.dir);
    s->analysis->kept = server_kept_new(&limits);
}

void server_analysis_answer(struct server *s, const struct server_request *r)
{
    struct worker **worker = &s->analysis->worker;
    struct analysing *one = server_question_new(s, r, worker, SERVER_ANALYSES_WAITING, sizeof *one);
    if (!one)
        return;
    one->analysis = s->analysis;
    worker_push(*worker, question_run, question_done, one);
}

void server_analysis_close(struct server *s)
{
    if (s->analysis)
        s->analysis->left = worker_leave(s->analysis->worker);
}

void server_analysis_free(struct server *s)
{
    if (!s->analysis || s->analysis->left)
        return;
    view_close(s->analysis->view);
    server_kept_free(s->analysis->kept);
    mem_free(s->analysis->dir);
    mem_free(s->analysis);
}
