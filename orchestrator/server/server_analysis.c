/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_analysis.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/server/server_read.h"
#include "orchestrator/server/server_reply.h"
#include "orchestrator/view/analysis/analysis.h"

#define ROOT "/api/v1/"

struct kept {
    char *question; /* NULL: free */
    char mark[ANALYSIS_MARK_BYTES];
    char *text;
    size_t len;
    uint64_t used; /* when, by the number of questions */
};

struct server_analysis {
    struct worker *worker; /* NULL before the first question */
    const char *dir;
    /* The thread's own. */
    struct view *view;
    struct kept kept[SERVER_ANALYSES_KEPT];
    uint64_t asked;
};

struct question {
    struct server_question question;
    struct server *server;
    struct arena arena;
    const char *path;
    struct value *query;
    struct buf out;
    int rc;
    struct err err;
};

static struct kept *kept_find(struct server_analysis *a, const char *question)
{
    for (size_t i = 0; i < SERVER_ANALYSES_KEPT; i++)
        if (a->kept[i].question && strcmp(a->kept[i].question, question) == 0)
            return &a->kept[i];
    return NULL;
}

static void kept_drop(struct kept *k)
{
    mem_free(k->question);
    mem_free(k->text);
    *k = (struct kept){0};
}

/* In place of the answer to the same question, or of the one that was used longest ago. */
static void kept_add(struct server_analysis *a, const char *question, const char *mark,
                     const struct buf *out)
{
    struct kept *k = kept_find(a, question), *oldest = &a->kept[0];
    if (out->len > SERVER_ANALYSIS_BYTES)
        return;
    for (size_t i = 1; i < SERVER_ANALYSES_KEPT; i++)
        oldest = a->kept[i].used < oldest->used ? &a->kept[i] : oldest; /* 0: free */
    k = k ? k : oldest;
    kept_drop(k);
    k->question = mem_strdup(question);
    snprintf(k->mark, sizeof k->mark, "%s", mark);
    k->text = mem_alloc(out->len);
    memcpy(k->text, buf_peek(out), out->len);
    k->len = out->len;
    k->used = a->asked;
}

static void question_answer(struct question *q, struct server_analysis *a)
{
    char id[16], mark[ANALYSIS_MARK_BYTES];
    q->rc = a->view ? 0 : view_open(a->dir, &a->view, &q->err);
    if (q->rc == 0)
        q->rc = analysis_mark(a->view, q->path, id, mark, &q->err);
    if (q->rc != 0)
        return;
    const char *question = arena_printf(&q->arena, "%s %s %s", strrchr(q->path, '/'), id,
                                        json_text(&q->arena, q->query, JSON_COMPACT));
    struct kept *k = kept_find(a, question);
    a->asked++;
    if (k && strcmp(k->mark, mark) == 0) {
        k->used = a->asked;
        buf_add(&q->out, k->text, k->len);
        return;
    }
    q->rc = analysis_answer(a->view, q->path, id, q->query, &q->out, &q->err);
    if (q->rc == 0)
        kept_add(a, question, mark, &q->out);
}

static void question_run(void *arg)
{
    struct question *q = arg;
    struct server_analysis *a = q->server->analysis;
    if (server_question_is_open(&q->question))
        question_answer(q, a);
}

static void question_done(void *arg)
{
    struct question *q = arg;
    uint64_t request = q->question.request;
    bool open = server_question_is_open(&q->question);
    server_question_end(q->server, &q->question);
    if (open && q->rc == 0)
        server_reply_text(q->server, request, "application/json", buf_peek(&q->out), q->out.len);
    else if (open)
        server_reply_error(q->server, request, 0, q->rc, q->err.text);
    buf_done(&q->out);
    arena_done(&q->arena);
    mem_free(q);
}

void server_analysis_start(struct server *s)
{
    s->analysis = mem_alloc(sizeof *s->analysis);
    s->analysis->dir = s->config.dir;
}

void server_analysis_answer(struct server *s, const struct server_request *r)
{
    struct err err = {0};
    if (!s->analysis->worker && worker_start(s->config.loop, &s->analysis->worker, &err) != 0) {
        server_reply_error(s, r->http->id, 0, ERR_BUSY, err.text);
        return;
    }
    if (worker_waiting(s->analysis->worker) >= SERVER_ANALYSES_WAITING) {
        server_reply_error(s, r->http->id, 0, ERR_BUSY,
                           "too many analyses are waiting: ask again in a moment");
        return;
    }
    struct question *q = mem_alloc(sizeof *q);
    if (!server_question_begin(s, &q->question, r)) {
        mem_free(q);
        return;
    }
    q->server = s;
    arena_init(&q->arena);
    buf_init(&q->out, LIMIT_DOCUMENT_BYTES);
    q->path = arena_strdup(&q->arena, r->http->head->path + strlen(ROOT));
    q->query = server_read_query(&q->arena, r->http->head->query);
    worker_push(s->analysis->worker, question_run, question_done, q);
}

void server_analysis_close(struct server *s)
{
    if (s->analysis)
        worker_close(s->analysis->worker);
}

void server_analysis_free(struct server *s)
{
    if (!s->analysis)
        return;
    view_close(s->analysis->view);
    for (size_t i = 0; i < SERVER_ANALYSES_KEPT; i++)
        kept_drop(&s->analysis->kept[i]);
    mem_free(s->analysis);
}
