/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom export: the trials of a sweep, or every point that they reported, for other programs. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "orchestrator/view/table/columns.h"
#include "orchestrator/view/table/trial_csv.h"
#include "cli/look/looking.h"
#include "cli/look/trial_table.h"
#include "orchestrator/view/table/csv.h"
#include "cli/runs/run_table.h"
#include "cli/runs/run_trials.h"

enum { CHUNK = 64 << 10 };

/* One trial, or one point, is in memory at a time. */
struct export
{
    struct looking *l;
    struct arena one;
    bool csv;
    bool system; /* samples of what the trials used, not their metrics */
    struct columns columns;
    const char *sweep;
    uint64_t number;     /* of the trial whose points are read */
    struct value *names; /* of all metrics: a dict of nulls, in the order of the columns */
    bool more_names;     /* a metric was reported after the names were collected */
    struct err *err;
    int rc;
};

static int export_flush(struct export *e)
{
    if (e->l->out.len > CHUNK)
        looking_flush(e->l);
    arena_clear(&e->one);
    return 0;
}

static int export_trial(void *arg, const struct value *trial)
{
    struct export *e = arg;
    if (e->csv) {
        trial_csv_row(&e->l->out, &e->one, &e->columns, trial);
    } else {
        json_print(&e->l->out, looking_with_dir(e->l, &e->one, trial), JSON_COMPACT);
        buf_addc(&e->l->out, '\n');
    }
    return export_flush(e);
}

static int collect_names(void *arg, const struct value *point)
{
    struct export *e = arg;
    const struct value *metrics = value_get(point, "metrics");
    for (size_t i = 0; metrics && i < metrics->dict.n; i++)
        if (!value_get(e->names, metrics->dict.entries[i].key))
            value_put(&e->l->arena, e->names, metrics->dict.entries[i].key,
                      value_null(&e->l->arena));
    return 0;
}

static int export_point_csv(struct export *e, const struct value *point)
{
    static const char *const keys[] = {"attempt", "step", "time"};
    const struct value *metrics = value_get(point, "metrics");
    struct buf *out = &e->l->out;
    size_t had = 0;
    csv_value(out, &e->one, true, value_int(&e->one, (int64_t)e->number));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        csv_value(out, &e->one, false, value_get(point, keys[i]));
    for (size_t i = 0; i < e->names->dict.n; i++) {
        const struct value *v = value_get(metrics, e->names->dict.entries[i].key);
        had += v != NULL;
        csv_value(out, &e->one, false, v);
    }
    buf_addc(out, '\n');
    e->more_names = e->more_names || had < metrics->dict.n;
    return export_flush(e);
}

static int export_point(void *arg, const struct value *point)
{
    struct export *e = arg;
    if (e->csv)
        return export_point_csv(e, point);
    struct value *v = value_dict(&e->one);
    value_put(&e->one, v, "trial",
              value_str(&e->one,
                        arena_printf(&e->one, "%s-%llu", e->sweep, (unsigned long long)e->number)));
    value_put(&e->one, v, "number", value_int(&e->one, (int64_t)e->number));
    for (size_t i = 0; i < point->dict.n; i++)
        value_put(&e->one, v, point->dict.entries[i].key, point->dict.entries[i].value);
    json_print(&e->l->out, v, JSON_COMPACT);
    buf_addc(&e->l->out, '\n');
    return export_flush(e);
}

static int each_trial(struct export *e, const struct value *trial, view_point_fn fn)
{
    e->number = (uint64_t)value_get_int(trial, "number", 0);
    e->rc = e->system ? view_samples(e->l->view, e->sweep, e->number, 0, fn, e, e->err)
                      : view_points(e->l->view, e->sweep, e->number, 0, fn, e, e->err);
    return e->rc != 0;
}

static int names_of_trial(void *arg, const struct value *trial)
{
    return each_trial(arg, trial, collect_names);
}

static int points_of_trial(void *arg, const struct value *trial)
{
    return each_trial(arg, trial, export_point);
}

/* Fields come first and keep their names. The metric "step" gets the title metrics.step, so a
 * metric that is itself called "metrics.step" gets metrics.metrics.step. */
static const char *point_title(struct arena *a, const char *metric)
{
    static const char *const fields[] = {"number", "attempt", "step", "time"};
    const char *bare = metric;
    while (strncmp(bare, "metrics.", strlen("metrics.")) == 0)
        bare += strlen("metrics.");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(bare, fields[i]) == 0)
            return arena_printf(a, "metrics.%s", metric);
    return metric;
}

static int export_points(struct export *e, struct err *err)
{
    static const struct view_query all = {0};
    int rc = 0;
    if (e->csv) {
        rc = view_trials(e->l->view, e->sweep, &all, names_of_trial, e, err);
        rc = rc ? rc : e->rc;
        buf_adds(&e->l->out, "number,attempt,step,time");
        for (size_t i = 0; i < e->names->dict.n; i++)
            csv_text(&e->l->out, false, point_title(&e->l->arena, e->names->dict.entries[i].key));
        buf_addc(&e->l->out, '\n');
    }
    if (!rc)
        rc = view_trials(e->l->view, e->sweep, &all, points_of_trial, e, err);
    if (e->more_names)
        fprintf(stderr, "besom: a metric was first reported during the export and has no column: "
                        "export again to include it\n");
    return rc ? rc : e->rc;
}

static int export_trials(struct export *e, struct err *err)
{
    static const struct view_query all = {0};
    static const struct columns_choice whole = {.metrics = true};
    struct value *known;
    int rc = view_columns(e->l->view, &e->l->arena, e->sweep, &known, err);
    if (rc)
        return rc;
    columns_init(&e->columns, &e->l->arena, known, NULL);
    rc = columns_choose_all(&e->columns, &whole, err);
    if (!rc && e->csv)
        trial_csv_head(&e->l->out, &e->columns);
    if (!rc)
        rc = view_trials(e->l->view, e->sweep, &all, export_trial, e, err);
    columns_done(&e->columns);
    return rc;
}

/* As W&B exports runs: the columns of its page, or their objects. */
static int export_runs(struct export *e, struct err *err)
{
    struct value *runs;
    struct run_columns columns;
    int rc = run_trials_read(e->l, e->sweep, &runs, err);
    if (rc != 0)
        return rc;
    if (e->csv) {
        run_columns_init(&columns, &e->l->arena, runs);
        run_columns_choose_all(&columns);
        run_table_csv(&e->l->out, &columns);
        run_columns_done(&columns);
        return 0;
    }
    for (size_t i = 0; i < runs->list.n; i++)
        looking_json(e->l, runs->list.items[i]);
    return 0;
}

static int show_export(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    struct export e = {.l = l,
                       .csv = invocation_flag(inv, "csv"),
                       .system = invocation_flag(inv, "system"),
                       .sweep = id,
                       .names = value_dict(&l->arena),
                       .err = err};
    if (e.csv == invocation_flag(inv, "jsonl"))
        return err_set(err, ERR_USAGE,
                       "write either --csv or --jsonl: besom export SWEEP --csv > trials.csv");
    if (e.system && invocation_flag(inv, "metrics"))
        return err_set(err, ERR_USAGE,
                       "--metrics and --system have different names and times: export them "
                       "one after the other");
    bool points = e.system || invocation_flag(inv, "metrics"), runs = invocation_flag(inv, "wandb");
    if (runs && points)
        return err_set(err, ERR_USAGE, "--wandb prints trials: leave out --metrics and --system");
    int rc = view_find_sweep(l->view, invocation_arg(inv, 0), id, err);
    if (rc)
        return rc;
    if (runs)
        return export_runs(&e, err);
    arena_init(&e.one);
    rc = points ? export_points(&e, err) : export_trials(&e, err);
    arena_done(&e.one);
    return rc;
}

int cmd_export(struct invocation *inv)
{
    return looking_run(inv, show_export);
}
