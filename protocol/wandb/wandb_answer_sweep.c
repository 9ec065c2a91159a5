/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_answer_sweep.h"

#include "base/json.h"

static struct value *sweep_dict(struct arena *a, const char *key, struct value *v)
{
    struct value *ret = value_dict(a);
    value_put(a, ret, key, v);
    return ret;
}

static struct value *sweep_data(struct arena *a, const char *key, struct value *v)
{
    return sweep_dict(a, "data", sweep_dict(a, key, v));
}

static void sweep_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    value_put(a, v, key, text ? value_str(a, text) : value_null(a));
}

static struct value *sweep_project(struct arena *a, const struct wandb_answer_sweep *s)
{
    struct value *project = value_dict(a), *entity = value_dict(a);
    sweep_text(a, entity, "id", s->entity);
    sweep_text(a, entity, "name", s->entity);
    sweep_text(a, project, "id", s->project);
    sweep_text(a, project, "name", s->project);
    value_put(a, project, "entity", entity);
    return project;
}

struct value *wandb_answer_sweep_value(struct arena *a, const struct wandb_answer_sweep *s)
{
    struct value *v = value_dict(a);
    sweep_text(a, v, "__typename", "Sweep");
    sweep_text(a, v, "id", s->id);
    sweep_text(a, v, "name", s->id);
    sweep_text(a, v, "displayName", s->display);
    sweep_text(a, v, "description", s->description);
    sweep_text(a, v, "state", s->state);
    sweep_text(a, v, "method", s->method);
    sweep_text(a, v, "config", s->config);
    sweep_text(a, v, "createdAt", s->created);
    sweep_text(a, v, "heartbeatAt", s->changed);
    sweep_text(a, v, "updatedAt", s->changed);
    sweep_text(a, v, "controller", NULL);
    sweep_text(a, v, "scheduler", NULL);
    sweep_text(a, v, "bestLoss", NULL);
    sweep_text(a, v, "controllerRunName", NULL);
    value_put(a, v, "earlyStopJobRunning", value_bool(a, false));
    value_put(a, v, "runCount", value_int(a, s->runs));
    value_put(a, v, "runCountExpected", s->expected ? value_int(a, s->expected) : value_null(a));
    value_put(a, v, "priorRuns", sweep_dict(a, "edges", value_list(a)));
    value_put(a, v, "project", sweep_project(a, s));
    return v;
}

struct value *wandb_answer_sweep_upsert(struct arena *a, const struct wandb_answer_sweep *s,
                                        struct value *warnings)
{
    struct value *v = sweep_dict(a, "sweep", wandb_answer_sweep_value(a, s));
    value_put(a, v, "configValidationWarnings", warnings);
    return sweep_data(a, "upsertSweep", v);
}

struct value *wandb_answer_sweep_get(struct arena *a, const struct wandb_answer_sweep *s,
                                     struct value *runs)
{
    struct value *sweep = wandb_answer_sweep_value(a, s), *project = sweep_project(a, s);
    value_put(a, sweep, "runs", sweep_dict(a, "edges", runs));
    value_put(a, project, "sweep", sweep);
    return sweep_data(a, "project", project);
}

struct value *wandb_answer_sweep_agent(struct arena *a, const char *id)
{
    struct value *agent = sweep_dict(a, "id", value_str(a, id));
    return sweep_data(a, "createAgent", sweep_dict(a, "agent", agent));
}

struct value *wandb_answer_sweep_beat(struct arena *a, const char *agent, struct value *command)
{
    struct value *v = value_dict(a), *commands = value_list(a);
    if (command)
        value_push(a, commands, command);
    value_put(a, v, "agent", sweep_dict(a, "id", value_str(a, agent)));
    sweep_text(a, v, "commands", json_text(a, commands, JSON_PYTHON));
    return sweep_data(a, "agentHeartbeat", v);
}

struct value *wandb_answer_sweep_config(struct arena *a, const struct value *params)
{
    struct value *args = value_dict_with_room(a, params->dict.n);
    for (size_t i = 0; i < params->dict.n; i++)
        value_put_new(args, params->dict.entries[i].key,
                      sweep_dict(a, "value", params->dict.entries[i].value));
    return args;
}

struct value *wandb_answer_sweep_command(struct arena *a, const char *type, const char *run)
{
    struct value *v = value_dict(a);
    sweep_text(a, v, "type", type);
    if (run)
        sweep_text(a, v, "run_id", run);
    return v;
}

struct value *wandb_answer_sweep_run(struct arena *a, const char *type, const char *run,
                                     const char *program, const struct value *params)
{
    struct value *v = wandb_answer_sweep_command(a, type, run);
    sweep_text(a, v, "program", program && *program ? program : NULL);
    value_put(a, v, "args", wandb_answer_sweep_config(a, params));
    value_put(a, v, "logs", value_list(a));
    sweep_text(a, v, "run_storage_id", run);
    sweep_text(a, v, "runqueue_item_id", "");
    return v;
}

struct value *wandb_answer_sweep_success(struct arena *a, const char *operation)
{
    return sweep_data(a, operation, sweep_dict(a, "success", value_bool(a, true)));
}
