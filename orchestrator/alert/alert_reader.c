/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_reader.h"

#include <uv.h>

#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/view/pace/view_pace.h"
#include "orchestrator/view/trust/view_told.h"

struct alert_reader {
    struct worker *worker;
    const char *dir;
    struct view *view; /* the thread's; NULL before its first question */
    alert_reader_fn fn;
    void *arg;
};

struct reading {
    struct alert_reader *reader;
    enum alert_question question;
    struct arena arena;
    const struct value *sweeps;
    int64_t time_ms, spent_ms;
    struct value *answer; /* NULL: it could not be read */
};

int alert_reader_start(struct uv_loop_s *loop, const char *dir, alert_reader_fn fn, void *arg,
                       struct alert_reader **ret, struct err *err)
{
    struct worker *worker;
    int rc = worker_start(loop, &worker, err);
    if (rc != 0)
        return rc;
    *ret = mem_alloc(sizeof **ret);
    **ret = (struct alert_reader){.worker = worker, .dir = dir, .fn = fn, .arg = arg};
    return 0;
}

static int told_read(struct reading *r, struct err *err)
{
    struct value *told, *missed;
    int rc = view_told(r->reader->view, &r->arena, &told, err);
    if (rc == 0)
        rc = view_told_missed(r->reader->view, &r->arena, r->time_ms, &missed, err);
    if (rc != 0)
        return rc;
    r->answer = value_dict(&r->arena);
    value_put(&r->arena, r->answer, "told", told);
    value_put(&r->arena, r->answer, "missed", missed);
    return 0;
}

/* A sweep that cannot be read is left out: it may have been removed. */
static void paces_read(struct reading *r)
{
    r->answer = value_dict(&r->arena);
    for (size_t i = 0; r->sweeps && i < r->sweeps->list.n; i++) {
        const char *id = r->sweeps->list.items[i]->s.ptr;
        struct arena a;
        struct value *pace;
        arena_init(&a);
        if (view_pace(r->reader->view, &a, id, r->time_ms, &pace, NULL) == 0)
            value_put(&r->arena, r->answer, id, value_copy(&r->arena, value_get(pace, "alerts")));
        arena_done(&a);
    }
}

static void sweeps_read(struct reading *r)
{
    r->answer = value_list(&r->arena);
    for (size_t i = 0; r->sweeps && i < r->sweeps->list.n; i++) {
        struct value *s;
        if (view_sweep(r->reader->view, &r->arena, r->sweeps->list.items[i]->s.ptr, &s, NULL) == 0)
            value_push(&r->arena, r->answer, s);
    }
}

static void reading_run(void *arg)
{
    struct reading *r = arg;
    struct err err = {0};
    uint64_t began = uv_hrtime();
    int rc = r->reader->view ? 0 : view_open(r->reader->dir, &r->reader->view, &err);
    if (rc == 0 && r->question == ALERT_ASK_TOLD)
        rc = told_read(r, &err);
    else if (rc == 0 && r->question == ALERT_ASK_PACES)
        paces_read(r);
    else if (rc == 0)
        sweeps_read(r);
    r->spent_ms = (int64_t)((uv_hrtime() - began) / 1000000);
}

static void reading_done(void *arg)
{
    struct reading *r = arg;
    r->reader->fn(r->reader->arg, r->question, r->answer, r->spent_ms);
    arena_done(&r->arena);
    mem_free(r);
}

void alert_reader_ask(struct alert_reader *reader, enum alert_question q,
                      const struct value *sweeps, int64_t time_ms)
{
    struct reading *r = mem_alloc(sizeof *r);
    *r = (struct reading){.reader = reader, .question = q, .time_ms = time_ms};
    arena_init(&r->arena);
    r->sweeps = sweeps ? value_copy(&r->arena, sweeps) : NULL;
    worker_push(reader->worker, reading_run, reading_done, r);
}

void alert_reader_close(struct alert_reader *r)
{
    worker_close(r->worker);
}

void alert_reader_free(struct alert_reader *r)
{
    view_close(r->view);
    mem_free(r);
}
