/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/sweeps/desk_agent.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/tls/secret.h"
#include "orchestrator/driver.h"
#include "orchestrator/runs/runs_sweep.h"
#include "orchestrator/wandb/agents/wandb_agents.h"
#include "orchestrator/wandb/desk_bucket.h"
#include "orchestrator/wandb/sweeps/desk_sweep.h"
#include "protocol/wandb/wandb_answer_sweep.h"

enum { ID_CHARS = 8, HOST_CHARS_MAX = 40 };

/* "wandb-HOST-a1b2c3d4", which is its name among besom's agents too. */
static const char *agent_id(struct arena *a, const char *host)
{
    char random[ID_CHARS + 1], plain[HOST_CHARS_MAX + 1];
    size_t n = 0;
    secret_text(random, ID_CHARS);
    for (size_t i = 0; i < ID_CHARS; i++)
        random[i] |= random[i] >= 'A' ? 32 : 0; /* lower case */
    for (; host[n] && n < HOST_CHARS_MAX; n++)
        plain[n] = isalnum((unsigned char)host[n]) || host[n] == '.' ? host[n] : '-';
    plain[n] = '\0';
    return arena_printf(a, "wandb-%s-%s", n > 0 ? plain : "host", random);
}

int desk_agent_create(struct desk_call *c, struct value **ret, struct err *err)
{
    struct desk_sweep sweep;
    const char *id = desk_call_text(c, "sweep"), *host = desk_call_text(c, "host");
    if (!id)
        return err_set(err, ERR_USAGE, "CreateAgent: `sweep` is missing");
    int rc = desk_sweep_find(c, id, &sweep, err);
    if (rc != 0)
        return rc;
    if (!sweep.ours)
        return err_set(err, ERR_STATE,
                       "sweep %s was made by besom sweep, and is run by besom agent: make it by "
                       "wandb sweep to run it by wandb agent",
                       id);
    const struct runs_agent agent = {agent_id(c->arena, host ? host : ""), id, host ? host : "",
                                     c->ask->by, c->now_ms};
    rc = runs_sweep_add_agent(c->runs, &agent, err);
    if (rc == 0)
        *ret = wandb_answer_sweep_agent(c->arena, agent.id);
    return rc;
}

void desk_agent_beat(struct desk_later *l)
{
    wandb_agents_beat(l->host->agents, l);
}

struct stopping {
    struct desk_later *later;
    struct driver *driver;
    struct arena arena;
    const char *id;
    const char *sweep; /* NULL: it is no run of a sweep */
    uint64_t trial;
};

static void stop_end(struct stopping *s, int code, const char *text)
{
    if (code == ERR_FULL || code == ERR_IO || code == ERR_BUSY || code == ERR_DAMAGED)
        desk_later_refuse(s->later, 503, text);
    else if (code != 0)
        desk_later_refuse(s->later, 200, text);
    else
        desk_later_answer(s->later, wandb_answer_sweep_success(s->later->arena, "stopRun"));
    arena_done(&s->arena);
    mem_free(s);
}

static int stop_note(void *arg, struct desk_call *c, struct err *err)
{
    struct stopping *s = arg;
    struct runs_run run;
    int rc = desk_bucket_by_id(c, s->id, &run, err);
    if (rc != 0 || runs_run_has_ended(run.state))
        return rc;
    size_t len = run.sweep ? strlen(run.sweep) : 0;
    if (run.sweep && strncmp(run.name, run.sweep, len) == 0 && run.name[len] == '-') {
        s->sweep = arena_strdup(&s->arena, run.sweep);
        s->trial = strtoull(run.name + len + 1, NULL, 10);
    }
    run.stop = true;
    return runs_run_beat(c->runs, &run, err);
}

static void stop_on_replied(void *arg, int code, const char *text, const struct value *answer)
{
    (void)answer;
    stop_end(arg, code, text);
}

static void stop_on_noted(void *arg, int code, const char *text)
{
    struct stopping *s = arg;
    if (code != 0 || !s->sweep) {
        stop_end(s, code, text);
        return;
    }
    const struct event ev = {.kind = EVENT_STOP, .sweep = s->sweep, .trial = s->trial};
    const struct driver_asker asker = {s->later->ask->by, "wandb", stop_on_replied, s};
    driver_ask(s->driver, &ev, &asker);
}

void desk_agent_stop_run(struct desk_later *l)
{
    struct stopping *s = mem_alloc(sizeof *s);
    arena_init(&s->arena);
    s->later = l;
    s->driver = l->host->driver;
    s->id = value_get_str(l->variables, "id", "");
    const struct desk_work work = {stop_note, stop_on_noted, s, true};
    desk_later_do(l->host, &work);
}
