/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/wandb_client.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/bytes/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/log.h"
#include "net/turn.h"
#include "orchestrator/driver.h"
#include "orchestrator/peers.h"
#include "orchestrator/wandb/agents/agent_job.h"
#include "protocol/wandb/wandb_answer_sweep.h"

struct wandb_now wandb_client_now(const struct wandb_clients *w)
{
    return (struct wandb_now){(int64_t)uv_now(w->host->loop), turn_wall_ms()};
}

struct wandb_client *wandb_client_find(const struct wandb_clients *w, const char *id)
{
    return map_find(&w->clients, id, strlen(id));
}

static void run_drop(struct wandb_clients *w, const char *sweep, uint64_t trial)
{
    char name[48];
    int len = snprintf(name, sizeof name, "%s-%llu", sweep, (unsigned long long)trial);
    mem_free(map_remove(&w->runs, name, (size_t)len));
}

static struct wandb_client_run *run_put(struct wandb_client *c, const struct agent_job *j)
{
    struct wandb_client_run *run = mem_alloc(sizeof *run);
    *run = (struct wandb_client_run){c, j->trial, j->attempt, j->base, j->again, ""};
    snprintf(run->name, sizeof run->name, "%s", j->run);
    mem_free(map_put(&c->all->runs, run->name, strlen(run->name), run));
    return run;
}

static struct wandb_client_run *run_of(const struct wandb_client *c, uint64_t trial)
{
    char name[48];
    int len = snprintf(name, sizeof name, "%s-%llu", c->core.sweep, (unsigned long long)trial);
    struct wandb_client_run *run = map_find(&c->all->runs, name, (size_t)len);
    return run && run->client == c ? run : NULL;
}

void wandb_client_answer(struct wandb_client *c, struct value *command)
{
    struct desk_later *l = c->waiting;
    c->waiting = NULL;
    if (l)
        desk_later_answer(l, wandb_answer_sweep_beat(l->arena, c->core.name, command));
}

/* Forgets the agent; what it asks next, it is looked up for again. */
void wandb_client_free(struct wandb_client *c)
{
    struct wandb_clients *w = c->all;
    void *value;
    wandb_client_answer(c, NULL);
    for (size_t at = 0; map_next(&w->runs, &at, &value);) {
        struct wandb_client_run *run = value;
        if (run->client != c)
            continue;
        map_remove(&w->runs, run->name, strlen(run->name));
        mem_free(run);
    }
    map_remove(&w->clients, c->core.name, strlen(c->core.name));
    wandb_agent_done(&c->core);
    mem_free(c);
}

static void client_leave(struct wandb_client *c, int64_t silent_ms)
{
    driver_unseat(c->all->host->driver, c->seat, silent_ms);
    wandb_client_free(c);
}

void wandb_client_ran(struct wandb_client *c, const struct wandb_client_run *run,
                      const struct desk_report *report, bool heard)
{
    struct arena a;
    const struct wandb_ran ran = {.begun = report->begun,
                                  .again = run->again,
                                  .heard = heard,
                                  .preempting = report->preempting,
                                  .complete = report->complete,
                                  .code = report->code,
                                  .rows = report->rows > run->base ? report->rows - run->base : 0};
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_ran(&c->core, wandb_client_now(c->all), run->trial, run->attempt, &ran, &out);
    wandb_client_do(c, &out);
    arena_done(&a);
}

/* The agent that the job was for; NULL if it is gone, or if the job failed: then it is forgotten, and
 * begins again with its next heartbeat. */
static struct wandb_client *client_of_job(struct wandb_clients *w, const struct agent_job *j)
{
    struct wandb_client *c = w->closing ? NULL : wandb_client_find(w, j->agent);
    if (!c || j->code == 0)
        return c;
    LOG(LOG_WARN, "wandb.agent", log_text("agent", j->agent), log_text("error", j->error));
    client_leave(c, 0);
    return NULL;
}

static void client_on_recorded(void *arg, struct agent_job *j)
{
    struct wandb_client *c = client_of_job(arg, j);
    if (c)
        wandb_client_ran(c, run_put(c, j), &j->report, false);
}

/* The names that the summary has and no row had. */
static const struct value *summary_rest(struct agent_job *j, const struct book_trial *t)
{
    struct arena *a = &j->arena;
    const struct value *flat = value_flatten(a, j->summary);
    struct value *rest = value_dict(a);
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *e = &flat->dict.entries[i];
        if (strcmp(e->key, "step") != 0 && strcmp(e->key, "_time") != 0 &&
            !map_find(&t->last, e->key, strlen(e->key)))
            value_put(a, rest, e->key, e->value);
    }
    if (rest->dict.n > 0 && j->last_step >= 0)
        value_put(a, rest, "step", value_int(a, j->last_step));
    return rest->dict.n > 0 ? rest : NULL;
}

static const char *feed_text(const struct wandb_clients *w, struct agent_job *j)
{
    const struct book_sweep *s = books_sweep(driver_books(w->host->driver), j->sweep);
    const struct book_trial *t = s ? books_trial(s, j->trial) : NULL;
    const struct value *rest = j->summary && t ? summary_rest(j, t) : NULL;
    if (!rest)
        return j->text;
    return arena_printf(&j->arena, "%s%s\n", j->text, json_text(&j->arena, rest, JSON_COMPACT));
}

static void client_on_fed(void *arg, struct agent_job *j)
{
    struct wandb_client *c = client_of_job(arg, j);
    if (!c)
        return;
    const struct message m = {.type = MESSAGE_METRICS,
                              .store = c->core.store,
                              .epoch = c->core.epoch,
                              .sweep = j->sweep,
                              .trial = j->trial,
                              .attempt = j->attempt,
                              .from = j->from,
                              .to = j->to,
                              .at_ms = (uint64_t)turn_wall_ms(),
                              .text = feed_text(c->all, j)};
    driver_hear(c->all->host->driver, c->seat, &m);
}

static void client_on_marked(void *arg, struct agent_job *j)
{
    if (j->code != ERR_NOT_FOUND) /* it never came to a run */
        client_of_job(arg, j);
}

static void client_on_log(void *arg, struct agent_job *j)
{
    struct wandb_clients *w = arg;
    struct wandb_client *c = w->closing ? NULL : wandb_client_find(w, j->agent);
    struct buf bytes;
    if (!c)
        return;
    buf_init(&bytes, SIZE_MAX);
    base64_print(&bytes, j->text ? j->text : "", j->len);
    const struct message m = {.type = MESSAGE_LOG,
                              .store = c->core.store,
                              .epoch = c->core.epoch,
                              .sweep = j->sweep,
                              .trial = j->trial,
                              .attempt = j->attempt,
                              .request = j->request,
                              .from = j->from,
                              .to = j->rows ? j->to : j->from + j->len,
                              .size = j->size,
                              .bytes = buf_str(&bytes),
                              .rows = j->rows,
                              .end = j->end,
                              .error = j->code ? err_name(j->code) : "",
                              .text = j->code ? j->error : ""};
    driver_hear(w->host->driver, c->seat, &m);
    buf_done(&bytes);
}

static void client_record(struct wandb_client *c, const struct wandb_effect *e)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_RECORD, c->core.name, c->core.sweep, e->trial, e->attempt);
    j->params = value_copy(&j->arena, e->task->params);
    agent_job_start(j, c->all->host, client_on_recorded, c->all);
}

/* The end of what it printed, which the controller keeps for when the agent is gone. */
static void client_send_tail(struct wandb_client *c, const struct wandb_effect *e)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_LOG, c->core.name, c->core.sweep, e->trial, e->attempt);
    j->max = LIMIT_LOG_KEPT_BYTES;
    agent_job_start(j, c->all->host, client_on_log, c->all);
}

static void client_feed(struct wandb_client *c, const struct wandb_effect *e)
{
    if (e->task->state >= TASK_OVER)
        client_send_tail(c, e);
    struct agent_job *j =
        agent_job_new(AGENT_JOB_FEED, c->core.name, c->core.sweep, e->trial, e->attempt);
    const struct wandb_client_run *run = run_of(c, e->trial);
    j->from = e->from;
    j->to = e->to;
    j->base = run ? run->base : 0;
    j->ended = e->task->state >= TASK_OVER;
    agent_job_start(j, c->all->host, client_on_fed, c->all);
}

static void client_mark(struct wandb_client *c, enum agent_job_kind kind, uint64_t trial,
                        uint64_t attempt, bool stopped)
{
    struct agent_job *j = agent_job_new(kind, c->core.name, c->core.sweep, trial, attempt);
    j->stopped = stopped;
    agent_job_start(j, c->all->host, client_on_marked, c->all);
}

static void client_command(struct wandb_client *c, const struct wandb_effect *e)
{
    static const char *const types[] = {"", "run", "resume", "stop", "exit"};
    struct arena *a = c->waiting ? c->waiting->arena : NULL;
    if (!a)
        return;
    const char *type = types[e->command];
    const char *run =
        e->task ? arena_printf(a, "%s-%llu", c->core.sweep, (unsigned long long)e->trial) : NULL;
    struct value *command = NULL;
    if (e->command == WANDB_RUN || e->command == WANDB_RESUME)
        command = wandb_answer_sweep_run(a, type, run, c->core.program, e->task->params);
    else if (e->command != WANDB_NOTHING)
        command = wandb_answer_sweep_command(a, type, run);
    wandb_client_answer(c, command);
}

/* Call last: the agent may be gone after it. */
void wandb_client_do(struct wandb_client *c, const struct wandb_effects *out)
{
    for (size_t i = 0; i < out->n; i++) {
        const struct wandb_effect *e = &out->items[i];
        switch (e->kind) {
        case WANDB_EFFECT_SEND:
            driver_hear(c->all->host->driver, c->seat, &e->message);
            break;
        case WANDB_EFFECT_RECORD:
            client_record(c, e);
            break;
        case WANDB_EFFECT_FEED:
            client_feed(c, e);
            break;
        case WANDB_EFFECT_ENDED:
            client_mark(c, AGENT_JOB_END, e->trial, e->attempt, e->task->stop);
            break;
        case WANDB_EFFECT_ANSWER:
            client_command(c, e);
            break;
        case WANDB_EFFECT_GONE:
            client_leave(c, e->silent_ms);
            return;
        }
    }
}

static void client_read_log(struct wandb_client *c, const struct message *m)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_LOG, c->core.name, m->sweep, m->trial, m->attempt);
    j->from = m->from;
    j->to = m->to;
    j->lines = m->lines;
    j->max = m->max;
    j->fold = m->fold;
    j->find = arena_strdup(&j->arena, m->find);
    j->request = m->request;
    agent_job_start(j, c->all->host, client_on_log, c->all);
}

/* It runs on a machine of its own, with whatever it calls a folder. */
static void client_read_files(struct wandb_client *c, const struct message *m)
{
    const struct message answer = {.type = MESSAGE_FILES,
                                   .store = c->core.store,
                                   .epoch = c->core.epoch,
                                   .sweep = m->sweep,
                                   .trial = m->trial,
                                   .attempt = m->attempt,
                                   .request = m->request,
                                   .error = err_name(ERR_NOT_FOUND),
                                   .text = "an agent of wandb gives its trials no folder"};
    driver_hear(c->all->host->driver, c->seat, &answer);
}

static void client_on_message(void *arg, const struct message *m)
{
    struct wandb_client *c = arg;
    struct arena a;
    if (c->all->closing)
        return;
    if (m->type == MESSAGE_LOG_READ) {
        client_read_log(c, m);
        return;
    }
    if (m->type == MESSAGE_FILES_READ) {
        client_read_files(c, m);
        return;
    }
    if (m->type == MESSAGE_STOP)
        client_mark(c, AGENT_JOB_STOP, m->trial, m->attempt, true);
    if (m->type == MESSAGE_ENDED_ACK || m->type == MESSAGE_FORGET)
        run_drop(c->all, m->sweep, m->trial);
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_told(&c->core, wandb_client_now(c->all), m, &out);
    wandb_client_do(c, &out);
    arena_done(&a);
}

static void client_on_down(void *arg)
{
    wandb_client_free(arg);
}

struct wandb_client *wandb_client_new(struct wandb_clients *w, const char *id, const char *sweep,
                                      int64_t lost_ms)
{
    struct wandb_client *c = mem_alloc(sizeof *c);
    c->all = w;
    wandb_agent_init(&c->core, id, sweep, lost_ms, wandb_client_now(w));
    map_put(&w->clients, c->core.name, strlen(c->core.name), c);
    return c;
}

void wandb_client_sit(struct wandb_client *c)
{
    const struct peers_seat seat = {client_on_message, client_on_down, c};
    struct arena a;
    c->seat = driver_seat(c->all->host->driver, &seat);
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_hello(&c->core, &out);
    wandb_client_do(c, &out);
    arena_done(&a);
}
