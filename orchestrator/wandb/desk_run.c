/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_run.h"

#include "base/json.h"
#include "orchestrator/runs/runs_alert.h"
#include "orchestrator/wandb/desk_bucket.h"
#include "orchestrator/wandb/desk_scope.h"

static int run_by_id(struct desk_call *c, struct runs_run *ret, struct err *err)
{
    const char *id = desk_call_text(c, "id");
    int rc = id ? desk_bucket_by_id(c, id, ret, err) : ERR_NOT_FOUND;
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "there is no run with this id") : rc;
}

int desk_run_stopped(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    int rc = desk_bucket_named(c, "entityName", "projectName", "runId", &run, err);
    if (rc == 0)
        *ret = wandb_answer_stopped(c->arena, run.stop);
    return rc;
}

/* What a hook is given. */
static const char *alert_text(struct desk_call *c, const struct runs_run *run,
                              const struct runs_alert *alert)
{
    struct value *v = value_dict(c->arena);
    const char *const fields[][2] = {
        {"kind", "run"},         {"entity", run->entity}, {"project", run->project},
        {"run", run->name},      {"name", run->display},  {"sweep", run->sweep},
        {"title", alert->title}, {"text", alert->text},   {"level", alert->severity}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        value_put(c->arena, v, fields[i][0],
                  fields[i][1] ? value_str(c->arena, fields[i][1]) : value_null(c->arena));
    value_put(c->arena, v, "time", value_float(c->arena, (double)alert->time / 1000));
    return json_text(c->arena, v, JSON_COMPACT);
}

int desk_run_alert(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    bool added = false;
    const char *title = desk_call_text(c, "title"), *text = desk_call_text(c, "text"),
               *severity = desk_call_text(c, "severity");
    int64_t wait_ms = value_get_int(c->variables, "waitDuration", 0);
    int rc = desk_bucket_named(c, "entityName", "projectName", "runName", &run, err);
    if (rc == 0)
        rc = desk_scope_need(c, &run, err);
    if (rc != 0)
        return rc;
    const struct runs_alert alert = {run.n, c->now_ms, title ? title : "", text ? text : "",
                                     severity ? severity : "INFO"};
    rc = runs_alert_add(c->runs, &alert, wait_ms, &added, err);
    if (added)
        c->alert = alert_text(c, &run, &alert);
    *ret = wandb_answer_success(c->arena, "notifyScriptableRunAlert");
    return rc;
}

int desk_run_remove(struct desk_call *c, struct value **ret, struct err *err)
{
    struct runs_run run;
    int rc = run_by_id(c, &run, err);
    *ret = wandb_answer_success(c->arena, "deleteRun");
    return rc ? rc : runs_run_remove(c->runs, run.n, err);
}
