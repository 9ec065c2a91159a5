/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_sweeps.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/runs/runs_query.h"
#include "orchestrator/view/view.h"
#include "orchestrator/wandb/api/api_node.h"
#include "orchestrator/wandb/sweeps/desk_sweep.h"

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

static struct value *sweep_node(struct arena *a, const struct desk_sweep *s)
{
    struct value *v = wandb_answer_sweep_value(a, &s->answer);
    const struct value *best = value_get(value_get(s->view, "best"), "objective");
    if (best && value_is_number(best))
        value_put(a, v, "bestLoss", value_float(a, value_number(best)));
    return v;
}

/* The id is in `name` or `sweep`. */
static const char *sweep_name(const struct desk_call *c)
{
    const char *name = desk_call_text(c, "name");
    name = name ? name : desk_call_text(c, "sweep");
    return name ? name : "";
}

static struct value *sweep_answer(struct desk_call *c, struct value *node)
{
    return api_node_in_project(c->arena, 0, "sweep", node ? node : value_null(c->arena));
}

/* A sweep that does not exist is null, which the client reports. */
int api_sweeps_one(struct desk_call *c, struct value **ret, struct err *err)
{
    struct desk_sweep s;
    struct err none = {0};
    int rc = desk_sweep_find(c, sweep_name(c), &s, &none);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return err_set(err, rc, "%s", none.text);
    *ret = sweep_answer(c, rc == 0 ? sweep_node(c->arena, &s) : NULL);
    return 0;
}

static int sweeps_ids(struct desk_call *c, struct value **ret, struct err *err)
{
    struct view *v;
    int rc = view_open(c->dir, &v, err);
    if (rc != 0)
        return rc;
    rc = view_sweeps(v, c->arena, ret, err);
    view_close(v);
    return rc;
}

/* The nodes of those of the project, the newest first. */
static int sweeps_read(struct desk_call *c, struct value **ret, struct err *err)
{
    struct value *ids;
    int rc = sweeps_ids(c, &ids, err);
    *ret = value_list(c->arena);
    for (size_t i = 0; rc == 0 && i < ids->list.n; i++) {
        struct desk_sweep s;
        rc = desk_sweep_find(c, value_get_str(ids->list.items[i], "id", ""), &s, err);
        if (rc == 0 && strcmp(s.answer.project, api_node_project(c)) == 0 &&
            strcmp(s.answer.entity, api_node_entity(c)) == 0)
            value_push(c->arena, *ret, sweep_node(c->arena, &s));
    }
    return rc;
}

int api_sweeps_list(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    struct value *list;
    int rc = sweeps_read(c, &list, err);
    if (rc != 0)
        return rc;
    size_t n = list->list.n;
    int64_t *keys = arena_alloc(a, n * sizeof *keys + 1);
    for (size_t i = 0; i < n; i++)
        keys[i] = (int64_t)value_hash(value_get(list->list.items[i], "id"));
    const struct api_page page = api_node_page(c, keys, n);
    *ret = api_node_in_project(a, 0, "sweeps",
                               api_node_edges(a, &page, keys, list->list.items + page.from));
    struct value *in = (struct value *)(uintptr_t)value_get(value_get(*ret, "data"), "project");
    value_put(a, in, "totalSweeps", value_int(a, (int64_t)n));
    return 0;
}

struct agent_seen {
    const char *name;
    int64_t runs;
    double first, last;
    bool running;
};

struct agents_seen {
    struct desk_call *call;
    struct map map;
    const char *wanted; /* NULL, or the agent whose runs are listed in `numbers` */
    int64_t *numbers;   /* of runs */
    size_t n, cap;
};

static int trial_take(void *arg, const struct value *trial)
{
    struct agents_seen *s = arg;
    struct desk_call *c = s->call;
    const char *name = value_get_str(trial, "agent", NULL);
    if (!name)
        return 0;
    struct agent_seen *agent = map_find(&s->map, name, strlen(name));
    if (!agent) {
        agent = arena_alloc(c->arena, sizeof *agent);
        agent->name = arena_strdup(c->arena, name);
        agent->first = value_get_float(trial, "started", 0);
        map_put(&s->map, name, strlen(name), agent);
    }
    double ended = value_get_float(trial, "ended", value_get_float(trial, "started", 0));
    agent->runs++;
    agent->last = ended > agent->last ? ended : agent->last;
    agent->running = agent->running || strcmp(value_get_str(trial, "state", ""), "running") == 0;
    struct runs_run run;
    if (s->wanted && strcmp(s->wanted, name) == 0 &&
        runs_run_find_named(c->runs, c->arena, value_get_str(trial, "id", ""), &run, NULL) == 0) {
        s->numbers = mem_grow(s->numbers, &s->cap, s->n + 1, sizeof *s->numbers);
        s->numbers[s->n++] = run.n;
    }
    return 0;
}

static int agents_read(struct desk_call *c, struct agents_seen *s, struct err *err)
{
    struct view *v;
    struct desk_sweep sweep;
    const struct view_query q = {.sort = NULL};
    int rc = desk_sweep_find(c, sweep_name(c), &sweep, err);
    if (rc == 0)
        rc = view_open(c->dir, &v, err);
    if (rc != 0)
        return rc;
    rc = view_trials(v, sweep.answer.id, &q, trial_take, s, err);
    view_close(v);
    return rc;
}

static struct value *agent_node(struct arena *a, const struct agent_seen *agent)
{
    struct value *v = value_dict(a);
    put_text(a, v, "id", agent->name);
    put_text(a, v, "name", agent->name);
    put_text(a, v, "host", agent->name);
    put_text(a, v, "state", agent->running ? "RUNNING" : "FINISHED");
    value_put(a, v, "totalRuns", value_int(a, agent->runs));
    put_text(a, v, "createdAt", api_node_time(a, (int64_t)(agent->first * 1000)));
    put_text(a, v, "heartbeatAt", api_node_time(a, (int64_t)(agent->last * 1000)));
    return v;
}

int api_sweeps_agents(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    struct agents_seen s = {.call = c};
    struct value *edges = value_list(a);
    void *agent;
    map_init(&s.map);
    int rc = agents_read(c, &s, err);
    for (size_t at = 0; map_next(&s.map, &at, &agent);)
        value_push(a, edges, api_node_wrap(a, "node", agent_node(a, agent)));
    map_done(&s.map);
    *ret = sweep_answer(c, api_node_wrap(a, "agents", api_node_wrap(a, "edges", edges)));
    return rc;
}

static int runs_of_agent(struct desk_call *c, const struct agents_seen *s, struct value *node,
                         struct err *err)
{
    struct api_page page = api_node_page(c, s->numbers, s->n);
    struct value **nodes;
    int rc = api_node_runs(c, &page, s->numbers, &nodes, err);
    if (rc == 0)
        value_put(c->arena, node, "runs", api_node_edges(c->arena, &page, s->numbers, nodes));
    return rc;
}

/* One agent, with a page of its runs. */
int api_sweeps_agent(struct desk_call *c, struct value **ret, struct err *err)
{
    struct arena *a = c->arena;
    const char *name = desk_call_text(c, "agentID");
    struct agents_seen s = {.call = c, .wanted = name ? name : ""};
    struct value *node = NULL;
    map_init(&s.map);
    int rc = agents_read(c, &s, err);
    const struct agent_seen *agent = map_find(&s.map, s.wanted, strlen(s.wanted));
    if (rc == 0 && agent) {
        node = agent_node(a, agent);
        rc = runs_of_agent(c, &s, node, err);
    }
    map_done(&s.map);
    mem_free(s.numbers);
    *ret = sweep_answer(c, api_node_wrap(a, "agent", node ? node : value_null(a)));
    return rc;
}
