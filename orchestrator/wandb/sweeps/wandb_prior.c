/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/sweeps/wandb_prior.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/runs/runs_lines.h"
#include "protocol/wandb/wandb_stream.h"
#include "strategies/earlier/prior_rows.h"
#include "strategies/strategy.h"

enum { NAMES_MAX = 1000 };
#define SOURCE "wandb's runs"

int wandb_prior_names(struct arena *a, const char *filters, const struct value **ret,
                      struct err *err)
{
    struct value *v = NULL, *names = value_list(a);
    int rc = json_parse(a, filters, strlen(filters), &v, err);
    const struct value *any = rc == 0 ? value_get(v, "$or") : NULL;
    for (size_t i = 0; any && any->kind == VALUE_LIST && i < any->list.n; i++) {
        const char *name = value_get_str(any->list.items[i], "name", NULL);
        if (name && i < NAMES_MAX)
            value_push(a, names, value_str(a, name));
    }
    if (rc == 0 && (!any || any->kind != VALUE_LIST || names->list.n != any->list.n))
        rc = err_set(err, ERR_UNSUPPORTED,
                     "prior runs are named by their ids, at most %d: {\"$or\":[{\"name\":…}]}",
                     NAMES_MAX);
    *ret = names;
    return rc;
}

struct value *wandb_prior_sources(struct arena *a)
{
    struct value *list = value_list(a);
    value_push(a, list, value_str(a, SOURCE));
    return list;
}

struct folding {
    struct arena scratch;
    struct objective_rule rule;
    const char *metric;
    struct objective objective;
};

static void metric_fold(struct folding *f, const struct value *line)
{
    const struct value *v = line ? value_get(value_flatten(&f->scratch, line), f->metric) : NULL;
    if (v && value_is_number(v))
        objective_fold(&f->rule, &f->objective, value_number(v), value_get_int(line, "step", 0));
}

static bool row_fold(void *arg, int64_t number, const char *text, size_t len)
{
    struct folding *f = arg;
    (void)number;
    metric_fold(f, wandb_stream_line(&f->scratch, text, len));
    arena_clear(&f->scratch);
    return true;
}

/* The metric of the run, as the sweep reduces it: of its rows, or else of its summary. */
static int run_objective(struct desk_call *c, const struct runs_run *run, const struct spec *spec,
                         double *ret, struct err *err)
{
    struct folding f = {.rule = spec_objective_rule(spec), .metric = spec->metric.name};
    const struct runs_lines_range all = {0, run->lines[RUNS_HISTORY]};
    const char *summary = "{}";
    arena_init(&f.scratch);
    int rc = runs_lines_read(c->runs, run->n, RUNS_HISTORY, &all, row_fold, &f, err);
    if (rc == 0)
        rc = runs_run_document(c->runs, c->arena, run->n, RUNS_SUMMARY, &summary, err);
    if (rc == 0 && !f.objective.known)
        metric_fold(&f, wandb_stream_line(&f.scratch, summary, strlen(summary)));
    *ret = f.objective.known ? f.objective.value : (double)NAN;
    arena_done(&f.scratch);
    return rc;
}

/* {"lr":{"value":0.1}} as {"lr":0.1}. */
static int run_params(struct desk_call *c, const struct runs_run *run, struct value **ret,
                      struct err *err)
{
    const char *text;
    struct value *config = NULL, *params = value_dict(c->arena);
    int rc = runs_run_document(c->runs, c->arena, run->n, RUNS_CONFIG, &text, err);
    if (rc == 0)
        rc = json_parse(c->arena, text, strlen(text), &config, err);
    for (size_t i = 0; rc == 0 && config->kind == VALUE_DICT && i < config->dict.n; i++) {
        const struct value_entry *e = &config->dict.entries[i];
        const struct value *v = value_get(e->value, "value");
        if (v && strcmp(e->key, "_wandb") != 0)
            value_put(c->arena, params, e->key, value_copy(c->arena, v));
    }
    *ret = params;
    return rc;
}

static int run_take(struct desk_call *c, struct prior_rows *rows, const struct runs_sweep *sweep,
                    const char *name, uint64_t number, struct err *err)
{
    struct runs_run run;
    struct value *params;
    double objective;
    int rc = runs_run_find(c->runs, c->arena, sweep->entity, sweep->project, name, &run, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no run %.60s in %s/%s", name, sweep->entity,
                       sweep->project);
    if (rc == 0)
        rc = run_objective(c, &run, rows->spec, &objective, err);
    if (rc == 0)
        rc = run_params(c, &run, &params, err);
    if (rc == 0 && isfinite(objective))
        prior_rows_add(rows, params, objective, number);
    return rc;
}

int wandb_prior_read(struct desk_call *c, struct arena *a, const struct value *names,
                     const struct runs_sweep *sweep, const struct spec *spec,
                     struct value *warnings, struct value **ret, struct err *err)
{
    struct prior_rows rows;
    struct buf text;
    int rc = 0;
    *ret = NULL;
    if (!spec->metric.name || !strategy_learns(spec->method)) {
        value_push(a, warnings,
                   value_str(a, "the method does not learn: prior runs have no effect"));
        return 0;
    }
    prior_rows_init(&rows, spec, a);
    for (size_t i = 0; rc == 0 && i < names->list.n; i++)
        rc = run_take(c, &rows, sweep, names->list.items[i]->s.ptr, i, err);
    struct value *source = rc == 0 ? prior_rows_value(&rows, SOURCE) : NULL;
    if (source) {
        *ret = value_list(a);
        value_push(a, *ret, source);
    }
    if (rc == 0 && rows.n < names->list.n) {
        buf_init(&text, SIZE_MAX);
        prior_rows_print(&text, &rows, SOURCE);
        value_push(a, warnings, value_str(a, buf_str(&text)));
        buf_done(&text);
    }
    prior_rows_done(&rows);
    return rc;
}
