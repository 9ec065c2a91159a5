/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/wandb_agents.h"

#include <stdio.h>
#include <stdlib.h>
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
#include "orchestrator/wandb/agents/wandb_agent.h"
#include "protocol/wandb/wandb_answer_sweep.h"

enum { LOOK_MS = 500, NAMED_MAX = 64 };

struct client_run { /* that an agent was given */
    struct client *client;
    uint64_t trial, attempt, base;
    bool again;
    char name[48];
};

struct client {
    struct wandb_agents *all;
    struct wandb_agent core;
    uint32_t seat;
    struct desk_later *waiting; /* its heartbeat; NULL: none */
};

struct wandb_agents {
    struct desk_host *host;
    int64_t lost_ms;
    uv_timer_t look;
    uint64_t follower;
    struct map clients; /* id -> struct client * */
    struct map runs;    /* name -> struct client_run * */
    bool closing;
};

static struct wandb_now agents_now(const struct wandb_agents *w)
{
    return (struct wandb_now){(int64_t)uv_now(w->host->loop), turn_wall_ms()};
}

static struct client *client_find(const struct wandb_agents *w, const char *id)
{
    return map_find(&w->clients, id, strlen(id));
}

static void run_drop(struct wandb_agents *w, const char *sweep, uint64_t trial)
{
    char name[48];
    int len = snprintf(name, sizeof name, "%s-%llu", sweep, (unsigned long long)trial);
    mem_free(map_remove(&w->runs, name, (size_t)len));
}

static struct client_run *run_put(struct client *c, const struct agent_job *j)
{
    struct client_run *run = mem_alloc(sizeof *run);
    *run = (struct client_run){c, j->trial, j->attempt, j->base, j->again, ""};
    snprintf(run->name, sizeof run->name, "%s", j->run);
    mem_free(map_put(&c->all->runs, run->name, strlen(run->name), run));
    return run;
}

static struct client_run *run_of(const struct client *c, uint64_t trial)
{
    char name[48];
    int len = snprintf(name, sizeof name, "%s-%llu", c->core.sweep, (unsigned long long)trial);
    struct client_run *run = map_find(&c->all->runs, name, (size_t)len);
    return run && run->client == c ? run : NULL;
}

static void client_answer(struct client *c, struct value *command)
{
    struct desk_later *l = c->waiting;
    c->waiting = NULL;
    if (l)
        desk_later_answer(l, wandb_answer_sweep_beat(l->arena, c->core.name, command));
}

/* Forgets the agent; what it asks next, it is looked up for again. */
static void client_free(struct client *c)
{
    struct wandb_agents *w = c->all;
    void *value;
    client_answer(c, NULL);
    for (size_t at = 0; map_next(&w->runs, &at, &value);) {
        struct client_run *run = value;
        if (run->client != c)
            continue;
        map_remove(&w->runs, run->name, strlen(run->name));
        mem_free(run);
    }
    map_remove(&w->clients, c->core.name, strlen(c->core.name));
    wandb_agent_done(&c->core);
    mem_free(c);
}

static void client_leave(struct client *c, int64_t silent_ms)
{
    driver_unseat(c->all->host->driver, c->seat, silent_ms);
    client_free(c);
}

static void client_carry_out(struct client *c, const struct wandb_effects *out);

static void client_ran(struct client *c, const struct client_run *run,
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
    wandb_agent_ran(&c->core, agents_now(c->all), run->trial, run->attempt, &ran, &out);
    client_carry_out(c, &out);
    arena_done(&a);
}

/* The agent that the job was for; NULL if it is gone, or if the job failed: then it is forgotten, and
 * begins again with its next heartbeat. */
static struct client *client_of_job(struct wandb_agents *w, const struct agent_job *j)
{
    struct client *c = w->closing ? NULL : client_find(w, j->agent);
    if (!c || j->code == 0)
        return c;
    LOG(LOG_WARN, "wandb.agent", log_text("agent", j->agent), log_text("error", j->error));
    client_leave(c, 0);
    return NULL;
}

static void client_on_recorded(void *arg, struct agent_job *j)
{
    struct client *c = client_of_job(arg, j);
    if (c)
        client_ran(c, run_put(c, j), &j->report, false);
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

static const char *feed_text(const struct wandb_agents *w, struct agent_job *j)
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
    struct client *c = client_of_job(arg, j);
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
    client_of_job(arg, j);
}

static void client_on_log(void *arg, struct agent_job *j)
{
    struct wandb_agents *w = arg;
    struct client *c = w->closing ? NULL : client_find(w, j->agent);
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
                              .to = j->from + j->len,
                              .bytes = buf_str(&bytes),
                              .end = j->end,
                              .error = j->code ? err_name(j->code) : "",
                              .text = j->code ? j->error : ""};
    driver_hear(w->host->driver, c->seat, &m);
    buf_done(&bytes);
}

static void client_record(struct client *c, const struct wandb_effect *e)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_RECORD, c->core.name, c->core.sweep, e->trial, e->attempt);
    j->params = value_copy(&j->arena, e->task->params);
    agent_job_start(j, c->all->host, client_on_recorded, c->all);
}

/* The end of what it printed, which the controller keeps for when the agent is gone. */
static void client_send_tail(struct client *c, const struct wandb_effect *e)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_LOG, c->core.name, c->core.sweep, e->trial, e->attempt);
    j->max = LIMIT_LOG_KEPT_BYTES;
    agent_job_start(j, c->all->host, client_on_log, c->all);
}

static void client_feed(struct client *c, const struct wandb_effect *e)
{
    if (e->task->state >= TASK_OVER)
        client_send_tail(c, e);
    struct agent_job *j =
        agent_job_new(AGENT_JOB_FEED, c->core.name, c->core.sweep, e->trial, e->attempt);
    const struct client_run *run = run_of(c, e->trial);
    j->from = e->from;
    j->to = e->to;
    j->base = run ? run->base : 0;
    j->ended = e->task->state >= TASK_OVER;
    agent_job_start(j, c->all->host, client_on_fed, c->all);
}

static void client_mark(struct client *c, enum agent_job_kind kind, uint64_t trial,
                        uint64_t attempt, bool stopped)
{
    struct agent_job *j = agent_job_new(kind, c->core.name, c->core.sweep, trial, attempt);
    j->stopped = stopped;
    agent_job_start(j, c->all->host, client_on_marked, c->all);
}

static void client_command(struct client *c, const struct wandb_effect *e)
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
    client_answer(c, command);
}

/* Call last: the agent may be gone after it. */
static void client_carry_out(struct client *c, const struct wandb_effects *out)
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

static void client_read_log(struct client *c, const struct message *m)
{
    struct agent_job *j =
        agent_job_new(AGENT_JOB_LOG, c->core.name, m->sweep, m->trial, m->attempt);
    j->from = m->from;
    j->lines = m->lines;
    j->max = m->max;
    j->request = m->request;
    agent_job_start(j, c->all->host, client_on_log, c->all);
}

static void client_on_message(void *arg, const struct message *m)
{
    struct client *c = arg;
    struct arena a;
    if (c->all->closing)
        return;
    if (m->type == MESSAGE_LOG_READ) {
        client_read_log(c, m);
        return;
    }
    if (m->type == MESSAGE_STOP)
        client_mark(c, AGENT_JOB_STOP, m->trial, m->attempt, true);
    if (m->type == MESSAGE_ENDED_ACK || m->type == MESSAGE_FORGET)
        run_drop(c->all, m->sweep, m->trial);
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_told(&c->core, agents_now(c->all), m, &out);
    client_carry_out(c, &out);
    arena_done(&a);
}

static void client_on_down(void *arg)
{
    client_free(arg);
}

/* The sweep takes no more trials. */
static bool sweep_is_over(const struct wandb_agents *w, const char *sweep)
{
    const struct book_sweep *s = books_sweep(driver_books(w->host->driver), sweep);
    return !s || (s->state != SWEEP_RUNNING && s->state != SWEEP_PAUSED);
}

static bool books_have_it_running(const struct wandb_agents *w, const struct client *c,
                                  uint64_t trial)
{
    const struct book_sweep *s = books_sweep(driver_books(w->host->driver), c->core.sweep);
    const struct book_trial *t = s ? books_trial(s, trial) : NULL;
    return t && t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, c->core.name) == 0;
}

/* The trials that a heartbeat names as running. */
static size_t beat_named(const struct desk_later *l, const char *sweep, uint64_t named[NAMED_MAX])
{
    const char *text = value_get_str(l->variables, "runState", "{}");
    struct value *v = NULL;
    size_t n = 0, len = strlen(sweep);
    if (json_parse(l->arena, text, strlen(text), &v, NULL) != 0 || v->kind != VALUE_DICT)
        return 0;
    for (size_t i = 0; i < v->dict.n && n < NAMED_MAX; i++) {
        const char *name = v->dict.entries[i].key;
        const char *number = name + len + 1;
        if (strncmp(name, sweep, len) == 0 && name[len] == '-' && *number &&
            number[strspn(number, "0123456789")] == '\0' && strlen(number) < 16)
            named[n++] = strtoull(number, NULL, 10);
    }
    return n;
}

static void client_beat(struct client *c, struct desk_later *l)
{
    uint64_t named[NAMED_MAX];
    struct arena a;
    char name[64];
    size_t n = beat_named(l, c->core.sweep, named);
    struct wandb_agents *w = c->all;
    snprintf(name, sizeof name, "%s", c->core.name);
    client_answer(c, NULL); /* one that was sent twice */
    c->waiting = l;
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_beat(&c->core, agents_now(w), named, n, &out);
    client_carry_out(c, &out);
    c = client_find(w, name);
    if (c && sweep_is_over(w, c->core.sweep)) {
        out = (struct wandb_effects){.arena = &a};
        wandb_agent_finish(&c->core, agents_now(w), &out);
        client_carry_out(c, &out);
    }
    arena_done(&a);
}

/* Takes its seat with the driver, with the runs that it holds: those that the books have on it, and
 * those that it names. */
static struct client *client_new(struct wandb_agents *w, const struct agent_job *j,
                                 const uint64_t *named, size_t n)
{
    struct client *c = mem_alloc(sizeof *c);
    struct arena a;
    c->all = w;
    wandb_agent_init(&c->core, j->agent, j->sweep, w->lost_ms, agents_now(w));
    map_put(&w->clients, c->core.name, strlen(c->core.name), c);
    for (size_t i = 0; i < j->n; i++) {
        uint64_t trial = (uint64_t)j->tasks[i].trial;
        bool holds = books_have_it_running(w, c, trial);
        for (size_t k = 0; k < n; k++)
            holds |= named[k] == trial;
        if (holds)
            wandb_agent_hold(&c->core, trial, (uint64_t)j->tasks[i].attempt);
    }
    const struct peers_seat seat = {client_on_message, client_on_down, c};
    c->seat = driver_seat(w->host->driver, &seat);
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_hello(&c->core, &out);
    client_carry_out(c, &out);
    arena_done(&a);
    if (!uv_is_active((uv_handle_t *)&w->look))
        uv_timer_again(&w->look);
    return c;
}

struct beat {
    struct wandb_agents *all;
    struct desk_later *later; /* NULL: its runs are heard, and it is not */
};

static void beat_on_loaded(void *arg, struct agent_job *j)
{
    struct beat *b = arg;
    struct wandb_agents *w = b->all;
    struct desk_later *l = b->later;
    uint64_t named[NAMED_MAX];
    mem_free(b);
    if (w->closing) {
        if (l)
            desk_later_refuse(l, 503, "the controller is shutting down");
        return;
    }
    if (j->code != 0) {
        if (l)
            desk_later_refuse(l, j->code == ERR_NOT_FOUND ? 404 : 503, j->error);
        return;
    }
    struct client *c = client_find(w, j->agent);
    size_t n = l ? beat_named(l, j->sweep, named) : 0;
    if (!c)
        c = client_new(w, j, named, n);
    if (l)
        client_beat(c, l);
}

static void agent_load(struct wandb_agents *w, const char *id, struct desk_later *l)
{
    struct beat *b = mem_alloc(sizeof *b);
    *b = (struct beat){w, l};
    struct agent_job *j = agent_job_new(AGENT_JOB_LOAD, id, NULL, 0, 0);
    agent_job_start(j, w->host, beat_on_loaded, b);
}

void wandb_agents_beat(struct wandb_agents *w, struct desk_later *l)
{
    const char *id = value_get_str(l->variables, "id", "");
    struct client *c = client_find(w, id);
    if (w->closing)
        desk_later_refuse(l, 503, "the controller is shutting down");
    else if (c)
        client_beat(c, l);
    else
        agent_load(w, id, l);
}

void wandb_agents_hung_up(struct wandb_agents *w, const void *who)
{
    void *value;
    for (size_t at = 0; map_next(&w->clients, &at, &value);) {
        struct client *c = value;
        struct arena a;
        if (!c->waiting || c->waiting->who != who)
            continue;
        client_answer(c, NULL);
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_hung_up(&c->core, &out);
        client_carry_out(c, &out);
        arena_done(&a);
        return;
    }
}

void wandb_agents_reported(struct wandb_agents *w, const struct desk_report *report)
{
    if (!report->run || w->closing)
        return;
    struct client_run *run = map_find(&w->runs, report->run, strlen(report->run));
    if (run)
        client_ran(run->client, run, report, true);
}

static void agents_on_look(uv_timer_t *timer)
{
    struct wandb_agents *w = timer->data;
    void *value;
    for (size_t at = 0; map_next(&w->clients, &at, &value);) {
        struct client *c = value;
        struct arena a;
        if (wandb_agent_deadline(&c->core) > agents_now(w).ms)
            continue;
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_tick(&c->core, agents_now(w), &out);
        client_carry_out(c, &out);
        arena_done(&a);
    }
    if (w->clients.live == 0)
        uv_timer_stop(&w->look);
}

static void agents_on_fact(void *arg, const struct fact *f)
{
    struct wandb_agents *w = arg;
    void *value;
    if (w->closing || f->kind != FACT_SWEEP_STATE || !sweep_is_over(w, f->sweep))
        return;
    for (size_t at = 0; map_next(&w->clients, &at, &value);) {
        struct client *c = value;
        struct arena a;
        if (strcmp(c->core.sweep, f->sweep) != 0)
            continue;
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_finish(&c->core, agents_now(w), &out);
        client_carry_out(c, &out);
        arena_done(&a);
    }
}

/* Agents that had a run when the last process ended: the run may report before they do. */
static void agents_take_up(struct wandb_agents *w)
{
    const struct books *books = driver_books(w->host->driver);
    void *sweep, *trial;
    for (size_t at = 0; map_next(&books->sweeps, &at, &sweep);) {
        const struct book_sweep *s = sweep;
        for (size_t k = 0; map_next(&s->open, &k, &trial);) {
            const struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING && strncmp(t->attempt.agent, "wandb-", 6) == 0)
                agent_load(w, t->attempt.agent, NULL);
        }
    }
}

struct wandb_agents *wandb_agents_new(struct desk_host *host, int64_t lost_ms)
{
    struct wandb_agents *w = mem_alloc(sizeof *w);
    w->host = host;
    w->lost_ms = lost_ms > 0 ? lost_ms : WANDB_AGENT_LOST_MS;
    map_init(&w->clients);
    map_init(&w->runs);
    uv_timer_init(host->loop, &w->look);
    w->look.data = w;
    uv_timer_start(&w->look, agents_on_look, LOOK_MS, LOOK_MS);
    uv_unref((uv_handle_t *)&w->look);
    w->follower =
        driver_follow(host->driver, driver_books(host->driver)->seq + 1, agents_on_fact, w);
    agents_take_up(w);
    return w;
}

void wandb_agents_close(struct wandb_agents *w)
{
    void *value;
    if (!w || w->closing)
        return;
    w->closing = true;
    driver_unfollow(w->host->driver, w->follower);
    uv_close((uv_handle_t *)&w->look, NULL);
    for (size_t at = 0; map_next(&w->clients, &at, &value);)
        client_answer(value, NULL);
}

void wandb_agents_free(struct wandb_agents *w)
{
    void *value;
    if (!w)
        return;
    for (size_t at = 0; map_next(&w->clients, &at, &value);)
        client_free(value);
    map_done(&w->clients);
    map_done(&w->runs);
    mem_free(w);
}
