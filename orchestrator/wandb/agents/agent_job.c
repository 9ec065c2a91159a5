/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/agent_job.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/runs/runs_lines.h"
#include "orchestrator/view/view.h"
#include "orchestrator/wandb/desk_name.h"
#include "protocol/log_fold.h"
#include "protocol/wandb/wandb_answer_sweep.h"
#include "protocol/wandb/wandb_stream.h"

struct agent_job *agent_job_new(enum agent_job_kind kind, const char *agent, const char *sweep,
                                uint64_t trial, uint64_t attempt)
{
    struct agent_job *j = mem_alloc(sizeof *j);
    arena_init(&j->arena);
    j->kind = kind;
    j->agent = arena_strdup(&j->arena, agent);
    j->sweep = sweep ? arena_strdup(&j->arena, sweep) : NULL;
    j->run = sweep ? arena_printf(&j->arena, "%s-%llu", sweep, (unsigned long long)trial) : NULL;
    j->trial = trial;
    j->attempt = attempt;
    j->last_step = -1;
    return j;
}

static void job_take_task(void *arg, const struct runs_task *t)
{
    struct agent_job *j = arg;
    if (j->n == j->cap) {
        size_t cap = j->cap ? 2 * j->cap : 16;
        struct runs_task *tasks = arena_alloc(&j->arena, cap * sizeof *tasks);
        if (j->n > 0)
            memcpy(tasks, j->tasks, j->n * sizeof *tasks);
        j->tasks = tasks;
        j->cap = cap;
    }
    j->tasks[j->n++] = *t;
}

/* It may have been removed. */
static int job_check_sweep(const struct desk_call *c, const struct agent_job *j, struct err *err)
{
    struct view *view = NULL;
    struct value *sweep = NULL;
    struct arena a;
    int rc = view_open(c->dir, &view, err);
    if (rc != 0)
        return rc;
    arena_init(&a);
    rc = view_sweep(view, &a, j->sweep, &sweep, err);
    arena_done(&a);
    view_close(view);
    return rc;
}

static int job_load(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_agent agent;
    struct runs_sweep sweep;
    int rc = runs_sweep_find_agent(c->runs, &j->arena, j->agent, &agent, err);
    if (rc == 0)
        rc = runs_sweep_find(c->runs, &j->arena, agent.sweep, &sweep, err);
    if (rc != 0)
        return rc;
    j->sweep = sweep.id;
    rc = job_check_sweep(c, j, err);
    return rc ? rc : runs_sweep_tasks(c->runs, &j->arena, j->agent, job_take_task, j, err);
}

static int run_find(const struct agent_job *j, struct desk_call *c, struct runs_sweep *sweep,
                    struct runs_run *run, struct err *err)
{
    struct arena *a = c->arena;
    int rc = runs_sweep_find(c->runs, a, j->sweep, sweep, err);
    if (rc != 0)
        return rc;
    return runs_run_find(c->runs, a, sweep->entity, sweep->project, j->run, run, err);
}

static int run_add(const struct agent_job *j, struct desk_call *c, const struct runs_sweep *sweep,
                   struct runs_run *run, struct err *err)
{
    int64_t count = 0;
    int rc = runs_run_count(c->runs, sweep->entity, sweep->project, &count, err);
    *run = (struct runs_run){.entity = sweep->entity,
                             .project = sweep->project,
                             .name = j->run,
                             .display = desk_name(c->arena, j->run, true, (int64_t)j->trial + 1),
                             .sweep = j->sweep,
                             .tags = "[]",
                             .state = RUNS_PENDING,
                             .created = c->now_ms,
                             .heartbeat = c->now_ms};
    return rc ? rc : runs_run_add(c->runs, run, err);
}

static int run_configure(const struct agent_job *j, struct desk_call *c, const struct runs_run *run,
                         struct err *err)
{
    const struct value *config = wandb_answer_sweep_config(c->arena, j->params);
    const char *text = json_text(c->arena, config, JSON_PYTHON);
    return runs_run_put_document(c->runs, run->n, RUNS_CONFIG, text, strlen(text), err);
}

/* Another attempt of the trial continues the same run: its rows come after those of the earlier one. */
static int run_begin_again(const struct agent_job *j, struct desk_call *c, struct runs_run *run,
                           struct err *err)
{
    struct runs_task t = {.sweep = j->sweep,
                          .agent = j->agent,
                          .trial = (int64_t)j->trial,
                          .attempt = (int64_t)j->attempt,
                          .base = run->lines[RUNS_HISTORY],
                          .again = run->state != RUNS_PENDING};
    run->state = RUNS_PENDING;
    run->stop = run->exited = false;
    run->ended = 0;
    run->heartbeat = c->now_ms;
    int rc = runs_run_beat(c->runs, run, err);
    return rc ? rc : runs_sweep_put_task(c->runs, &t, err);
}

static int job_record(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_sweep sweep;
    struct runs_run run;
    struct runs_task task = {0};
    struct err none = {0};
    int rc = run_find(j, c, &sweep, &run, err);
    if (rc == ERR_NOT_FOUND && sweep.id) {
        rc = run_add(j, c, &sweep, &run, err);
        if (rc == 0)
            rc = run_configure(j, c, &run, err);
    }
    if (rc == 0 && runs_sweep_find_task(c->runs, c->arena, j->sweep, (int64_t)j->trial, &task,
                                        &none) == ERR_NOT_FOUND)
        task.attempt = 0;
    if (rc == 0 && task.attempt < (int64_t)j->attempt) {
        rc = run_begin_again(j, c, &run, err);
        if (rc == 0)
            rc = runs_sweep_find_task(c->runs, c->arena, j->sweep, (int64_t)j->trial, &task, err);
    }
    if (rc != 0)
        return rc;
    j->base = (uint64_t)task.base;
    j->again = task.again;
    j->report = desk_report_of(&run);
    j->report.run = j->run;
    j->report.sweep = j->sweep;
    return 0;
}

struct feeding {
    struct agent_job *job;
    struct arena scratch;
    struct buf text;
    uint64_t next; /* row */
    int64_t last_step;
};

static bool row_feed(void *arg, int64_t number, const char *text, size_t len)
{
    struct feeding *f = arg;
    struct value *line = wandb_stream_line(&f->scratch, text, len);
    if (line) {
        f->last_step = value_get_int(line, "step", f->last_step);
        json_print(&f->text, line, JSON_COMPACT);
        buf_addc(&f->text, '\n');
    }
    arena_clear(&f->scratch);
    f->next = (uint64_t)number + 1;
    return f->text.len < AGENT_JOB_TEXT_BYTES;
}

/* The step that the summary belongs to, where none of these rows has one. */
static int step_find(struct feeding *f, struct desk_call *c, const struct runs_run *run,
                     struct err *err)
{
    const struct runs_lines_range last = {run->lines[RUNS_HISTORY] - 1, run->lines[RUNS_HISTORY]};
    if (f->last_step >= 0 || last.from < 0)
        return 0;
    size_t len = f->text.len;
    int rc = runs_lines_read(c->runs, run->n, RUNS_HISTORY, &last, row_feed, f, err);
    buf_truncate(&f->text, len);
    return rc;
}

static int summary_feed(struct feeding *f, struct desk_call *c, const struct runs_run *run,
                        struct err *err)
{
    const char *summary;
    int rc = runs_run_document(c->runs, c->arena, run->n, RUNS_SUMMARY, &summary, err);
    if (rc == 0)
        rc = step_find(f, c, run, err);
    if (rc == 0)
        f->job->summary = wandb_stream_line(&f->job->arena, summary, strlen(summary));
    f->job->last_step = f->last_step;
    return rc;
}

static int job_feed(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_sweep sweep;
    struct runs_run run;
    struct feeding f = {.job = j, .last_step = -1};
    uint64_t rows_to = j->base + j->to - j->ended;
    const struct runs_lines_range range = {(int64_t)(j->base + j->from), (int64_t)rows_to};
    int rc = run_find(j, c, &sweep, &run, err);
    if (rc != 0)
        return rc;
    arena_init(&f.scratch);
    buf_init(&f.text, SIZE_MAX);
    f.next = j->base + j->from;
    if (range.from < range.to)
        rc = runs_lines_read(c->runs, run.n, RUNS_HISTORY, &range, row_feed, &f, err);
    bool whole = f.text.len < AGENT_JOB_TEXT_BYTES;
    if (rc == 0 && whole && j->ended)
        rc = summary_feed(&f, c, &run, err);
    j->to = whole ? j->to : f.next - j->base;
    j->text = arena_strndup(&j->arena, buf_str(&f.text), f.text.len);
    buf_done(&f.text);
    arena_done(&f.scratch);
    return rc;
}

static int job_end(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_sweep sweep;
    struct runs_run run;
    int rc = run_find(j, c, &sweep, &run, err);
    if (rc != 0 || runs_run_has_ended(run.state))
        return rc;
    run.state = run.state == RUNS_PREEMPTING ? RUNS_PREEMPTED
                : j->stopped                 ? RUNS_KILLED
                                             : RUNS_CRASHED;
    run.ended = c->now_ms;
    return runs_run_beat(c->runs, &run, err);
}

static int job_stop(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_sweep sweep;
    struct runs_run run;
    int rc = run_find(j, c, &sweep, &run, err);
    if (rc != 0 || runs_run_has_ended(run.state))
        return rc;
    run.stop = true;
    return runs_run_beat(c->runs, &run, err);
}

/* Without the time in front: "[ERROR ]2026-11-21T08:03:59.826126 text". */
static bool log_feed(void *arg, int64_t number, const char *text, size_t len)
{
    enum { STAMP = 27 };
    struct buf *out = arg;
    (void)number;
    if (len >= strlen("ERROR ") && memcmp(text, "ERROR ", strlen("ERROR ")) == 0) {
        text += strlen("ERROR ");
        len -= strlen("ERROR ");
    }
    bool stamped = len >= STAMP && text[4] == '-' && text[10] == 'T' && text[STAMP - 1] == ' ';
    buf_add(out, text + (stamped ? STAMP : 0), len - (stamped ? STAMP : 0));
    buf_addc(out, '\n');
    return true;
}

/* Where the last n lines begin. */
static size_t log_tail(const char *text, size_t len, uint64_t lines)
{
    size_t at = len;
    for (; at > 0; at--)
        if (text[at - 1] == '\n' && at < len && --lines == 0)
            break;
    return at;
}

static void job_log_fold(struct agent_job *j, const char *text, size_t len)
{
    const struct message ask = {.from = j->from, .to = j->to, .lines = j->lines, .find = j->find};
    struct message answer = {0};
    log_fold_answer(&j->arena, text, len, 0, &ask, &answer);
    j->from = answer.from;
    j->to = answer.to;
    j->end = answer.end;
    j->rows = answer.rows;
}

static int job_log(struct agent_job *j, struct desk_call *c, struct err *err)
{
    struct runs_sweep sweep;
    struct runs_run run;
    struct buf text;
    int rc = run_find(j, c, &sweep, &run, err);
    if (rc != 0)
        return rc;
    const struct runs_lines_range all = {0, run.lines[RUNS_LOG]};
    buf_init(&text, SIZE_MAX);
    rc = runs_lines_read(c->runs, run.n, RUNS_LOG, &all, log_feed, &text, err);
    j->size = text.len;
    if (rc == 0 && j->fold) {
        job_log_fold(j, buf_str(&text), text.len);
        buf_done(&text);
        return 0;
    }
    size_t from = j->from < text.len ? (size_t)j->from : text.len;
    if (j->request == 0) /* nobody asked: the end of it */
        from = text.len > j->max ? text.len - (size_t)j->max : 0;
    else if (j->lines > 0)
        from = log_tail(buf_str(&text), text.len, j->lines);
    j->len = text.len - from < j->max ? text.len - from : (size_t)j->max;
    j->from = from;
    j->end = from + j->len == text.len;
    j->text = arena_strndup(&j->arena, buf_str(&text) + from, j->len);
    buf_done(&text);
    return rc;
}

static int job_run(void *arg, struct desk_call *c, struct err *err)
{
    struct agent_job *j = arg;
    switch (j->kind) {
    case AGENT_JOB_LOAD:
        return job_load(j, c, err);
    case AGENT_JOB_RECORD:
        return job_record(j, c, err);
    case AGENT_JOB_FEED:
        return job_feed(j, c, err);
    case AGENT_JOB_END:
        return job_end(j, c, err);
    case AGENT_JOB_STOP:
        return job_stop(j, c, err);
    case AGENT_JOB_LOG:
        return job_log(j, c, err);
    }
    return ERR_USAGE;
}

static void job_done(void *arg, int code, const char *text)
{
    struct agent_job *j = arg;
    j->code = code;
    j->error = text;
    j->done(j->arg, j);
    arena_done(&j->arena);
    mem_free(j);
}

void agent_job_start(struct agent_job *j, struct desk_host *host,
                     void (*done)(void *arg, struct agent_job *j), void *arg)
{
    bool writes =
        j->kind == AGENT_JOB_RECORD || j->kind == AGENT_JOB_END || j->kind == AGENT_JOB_STOP;
    const struct desk_work work = {.work = job_run, .done = job_done, .arg = j, .writes = writes};
    j->host = host;
    j->done = done;
    j->arg = arg;
    desk_later_do(host, &work);
}
