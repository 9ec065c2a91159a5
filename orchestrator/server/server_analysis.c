/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_analysis.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/question/server_question.h"
#include "orchestrator/view/analysis/analysis.h"

struct kept {
    char *question; /* NULL: free */
    char mark[ANALYSIS_MARK_BYTES];
    char *text;
    size_t len;
    uint64_t used;   /* when, by the number of questions */
    uint64_t sender; /* of the question that made it */
};

struct server_analysis {
    struct worker *worker; /* NULL before the first question */
    const char *dir;
    /* The thread's own. */
    struct view *view;
    struct kept kept[SERVER_ANALYSES_KEPT];
    uint64_t asked;
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

/* The answer that was used longest ago: of the sender, if it has enough of them; else of all. */
static struct kept *kept_oldest(struct server_analysis *a, uint64_t sender)
{
    struct kept *oldest = &a->kept[0], *own = NULL;
    size_t own_n = 0;
    for (size_t i = 0; i < SERVER_ANALYSES_KEPT; i++) {
        struct kept *k = &a->kept[i];
        oldest = k->used < oldest->used ? k : oldest; /* 0: free */
        if (k->used == 0 || k->sender != sender)
            continue;
        own_n++;
        own = !own || k->used < own->used ? k : own;
    }
    return own_n < SERVER_ANALYSES_KEPT_OF_ONE ? oldest : own;
}

/* In place of the answer to the same question, or of an old one. */
static void kept_add(struct server_analysis *a, const char *question, const char *mark,
                     const struct server_question *q)
{
    struct kept *k = kept_find(a, question);
    if (q->out.len > SERVER_ANALYSIS_BYTES)
        return;
    k = k ? k : kept_oldest(a, q->sender);
    kept_drop(k);
    k->question = mem_strdup(question);
    snprintf(k->mark, sizeof k->mark, "%s", mark);
    k->text = mem_alloc(q->out.len);
    memcpy(k->text, buf_peek(&q->out), q->out.len);
    k->len = q->out.len;
    k->used = a->asked;
    k->sender = q->sender;
}

static void question_answer(struct server_question *q, struct server_analysis *a)
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
        kept_add(a, question, mark, q);
}

static void question_run(void *arg)
{
    struct server_question *q = arg;
    if (server_question_is_open(q))
        question_answer(q, q->server->analysis);
}

static void question_done(void *arg)
{
    struct server_question *q = arg;
    if (server_question_end(q))
        server_question_reply(q);
    server_question_free(q);
}

void server_analysis_start(struct server *s)
{
    s->analysis = mem_alloc(sizeof *s->analysis);
    s->analysis->dir = s->config.dir;
}

void server_analysis_answer(struct server *s, const struct server_request *r)
{
    struct worker **worker = &s->analysis->worker;
    struct server_question *q =
        server_question_new(s, r, worker, SERVER_ANALYSES_WAITING, sizeof *q);
    if (q)
        worker_push(*worker, question_run, question_done, q);
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
