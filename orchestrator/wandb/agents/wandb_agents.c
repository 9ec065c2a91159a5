/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/agents/wandb_agents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/driver.h"
#include "orchestrator/wandb/agents/agent_job.h"
#include "orchestrator/wandb/agents/wandb_client.h"

enum { LOOK_MS = 500, NAMED_MAX = 64 };

struct wandb_agents {
    struct wandb_clients all; /* first: of a client, this */
    int64_t lost_ms;
    uv_timer_t look;
    uint64_t follower;
};

static struct wandb_agents *agents_of(const struct wandb_client *c)
{
    return (struct wandb_agents *)(void *)c->all;
}

/* The sweep takes no more trials. */
static bool sweep_is_over(const struct wandb_agents *w, const char *sweep)
{
    const struct book_sweep *s = books_sweep(driver_books(w->all.host->driver), sweep);
    return !s || (s->state != SWEEP_RUNNING && s->state != SWEEP_PAUSED);
}

static bool books_have_it_running(const struct wandb_agents *w, const struct wandb_client *c,
                                  uint64_t trial)
{
    const struct book_sweep *s = books_sweep(driver_books(w->all.host->driver), c->core.sweep);
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

static void client_beat(struct wandb_client *c, struct desk_later *l)
{
    uint64_t named[NAMED_MAX];
    struct arena a;
    char name[64];
    size_t n = beat_named(l, c->core.sweep, named);
    struct wandb_agents *w = agents_of(c);
    snprintf(name, sizeof name, "%s", c->core.name);
    wandb_client_answer(c, NULL); /* one that was sent twice */
    c->waiting = l;
    arena_init(&a);
    struct wandb_effects out = {.arena = &a};
    wandb_agent_beat(&c->core, wandb_client_now(&w->all), named, n, &out);
    wandb_client_do(c, &out);
    c = wandb_client_find(&w->all, name);
    if (c && sweep_is_over(w, c->core.sweep)) {
        out = (struct wandb_effects){.arena = &a};
        wandb_agent_finish(&c->core, wandb_client_now(&w->all), &out);
        wandb_client_do(c, &out);
    }
    arena_done(&a);
}

/* Takes its seat with the driver, with the runs that it holds: those that the books have on it, and
 * those that it names. */
static struct wandb_client *client_new(struct wandb_agents *w, const struct agent_job *j,
                                       const uint64_t *named, size_t n)
{
    struct wandb_client *c = wandb_client_new(&w->all, j->agent, j->sweep, w->lost_ms);
    for (size_t i = 0; i < j->n; i++) {
        uint64_t trial = (uint64_t)j->tasks[i].trial;
        bool runs = books_have_it_running(w, c, trial), holds = runs;
        for (size_t k = 0; k < n; k++)
            holds |= named[k] == trial;
        if (holds)
            wandb_agent_hold(&c->core, trial, (uint64_t)j->tasks[i].attempt,
                             j->tasks[i].ended && !runs);
    }
    wandb_client_sit(c);
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
    if (w->all.closing) {
        if (l)
            desk_later_refuse(l, 503, "the controller is shutting down");
        return;
    }
    if (j->code != 0) {
        if (l)
            desk_later_refuse(l, j->code == ERR_NOT_FOUND ? 404 : 503, j->error);
        return;
    }
    struct wandb_client *c = wandb_client_find(&w->all, j->agent);
    if (!c && w->all.clients.live >= LIMIT_PEERS) {
        if (l)
            desk_later_refuse(l, 503, "too many agents are connected");
        return;
    }
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
    agent_job_start(j, w->all.host, beat_on_loaded, b);
}

void wandb_agents_beat(struct wandb_agents *w, struct desk_later *l)
{
    const char *id = value_get_str(l->variables, "id", "");
    struct wandb_client *c = wandb_client_find(&w->all, id);
    if (w->all.closing)
        desk_later_refuse(l, 503, "the controller is shutting down");
    else if (c)
        client_beat(c, l);
    else
        agent_load(w, id, l);
}

void wandb_agents_hung_up(struct wandb_agents *w, const void *who)
{
    void *value;
    for (size_t at = 0; map_next(&w->all.clients, &at, &value);) {
        struct wandb_client *c = value;
        struct arena a;
        if (!c->waiting || c->waiting->who != who)
            continue;
        wandb_client_answer(c, NULL);
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_hung_up(&c->core, &out);
        wandb_client_do(c, &out);
        arena_done(&a);
        return;
    }
}

void wandb_agents_reported(struct wandb_agents *w, const struct desk_report *report)
{
    if (!report->run || w->all.closing)
        return;
    struct wandb_client_run *run = map_find(&w->all.runs, report->run, strlen(report->run));
    if (run)
        wandb_client_ran(run->client, run, report, true);
}

static void agents_on_look(uv_timer_t *timer)
{
    struct wandb_agents *w = timer->data;
    void *value;
    for (size_t at = 0; map_next(&w->all.clients, &at, &value);) {
        struct wandb_client *c = value;
        struct arena a;
        if (wandb_agent_deadline(&c->core) > wandb_client_now(&w->all).ms)
            continue;
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_tick(&c->core, wandb_client_now(&w->all), &out);
        wandb_client_do(c, &out);
        arena_done(&a);
    }
    if (w->all.clients.live == 0)
        uv_timer_stop(&w->look);
}

static void agents_on_fact(void *arg, const struct fact *f)
{
    struct wandb_agents *w = arg;
    void *value;
    if (w->all.closing || f->kind != FACT_SWEEP_STATE || !sweep_is_over(w, f->sweep))
        return;
    for (size_t at = 0; map_next(&w->all.clients, &at, &value);) {
        struct wandb_client *c = value;
        struct arena a;
        if (strcmp(c->core.sweep, f->sweep) != 0)
            continue;
        arena_init(&a);
        struct wandb_effects out = {.arena = &a};
        wandb_agent_finish(&c->core, wandb_client_now(&w->all), &out);
        wandb_client_do(c, &out);
        arena_done(&a);
    }
}

/* Agents that had a run when the last process ended: the run may report before they do. */
static void agents_take_up(struct wandb_agents *w)
{
    const struct books *books = driver_books(w->all.host->driver);
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
    w->all.host = host;
    w->lost_ms = lost_ms > 0 ? lost_ms : WANDB_AGENT_LOST_MS;
    map_init(&w->all.clients);
    map_init(&w->all.runs);
    uv_timer_init(host->loop, &w->look);
    w->look.data = w;
    uv_timer_start(&w->look, agents_on_look, LOOK_MS, LOOK_MS);
    uv_unref((uv_handle_t *)&w->look);
    w->follower =
        driver_follow(host->driver, driver_books(host->driver)->seq + 1, agents_on_fact, NULL, w);
    agents_take_up(w);
    return w;
}

void wandb_agents_close(struct wandb_agents *w)
{
    void *value;
    if (!w || w->all.closing)
        return;
    w->all.closing = true;
    driver_unfollow(w->all.host->driver, w->follower);
    uv_close((uv_handle_t *)&w->look, NULL);
    for (size_t at = 0; map_next(&w->all.clients, &at, &value);)
        wandb_client_answer(value, NULL);
}

void wandb_agents_free(struct wandb_agents *w)
{
    void *value;
    if (!w)
        return;
    for (size_t at = 0; map_next(&w->all.clients, &at, &value);)
        wandb_client_free(value);
    map_done(&w->all.clients);
    map_done(&w->all.runs);
    mem_free(w);
}
