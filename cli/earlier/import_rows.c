/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/import_rows.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "sweep/completion.h"
#include "sweep/trial.h"

enum { NAMES_BYTES = 400 };

void import_rows_init(struct import_rows *r, const struct spec *spec)
{
    *r = (struct import_rows){.spec = spec};
    if (spec)
        given_init(&r->given, &spec->space, false);
}

void import_rows_done(struct import_rows *r)
{
    if (r->spec)
        given_done(&r->given);
}

static const char *names_text(struct arena *a, const struct earlier_row *row)
{
    struct buf text;
    const struct value *of = row->mixed ? row->params : row->metrics;
    buf_init(&text, NAMES_BYTES);
    for (size_t i = 0; i < of->dict.n && !text.overflow; i++)
        buf_addf(&text, "%s%s", text.len ? ", " : "", of->dict.entries[i].key);
    const char *copy = arena_strndup(a, buf_peek(&text), text.len);
    buf_done(&text);
    return *copy ? copy : "none";
}

/* Which metric, and what is better. */
static int metric_choose(struct import_rows *r, const struct earlier_row *row, struct err *err)
{
    const struct earlier *e = r->e;
    const struct spec *spec = r->spec;
    if (r->metric)
        return 0;
    const char *metric = r->metric_wanted                                  ? r->metric_wanted
                         : spec && spec->metric.name                       ? spec->metric.name
                         : e->name || value_get(row->metrics, "objective") ? "objective"
                                                                           : NULL;
    if (!metric)
        return err_set(err, ERR_USAGE, "name the metric with --metric NAME; it has %s",
                       names_text(e->arena, row));
    r->metric = metric;
    r->maximize = r->goal_wanted     ? strcmp(r->goal_wanted, "maximize") == 0
                  : spec             ? spec->metric.maximize
                  : e->maximize >= 0 ? e->maximize == 1
                                     : false;
    r->goal_unknown = !r->goal_wanted && !spec && e->maximize < 0;
    return 0;
}

/* Moves the metric, and with a spec all numbers that are not parameters, out of the parameters. */
static void row_split(struct import_rows *r, struct earlier_row *row)
{
    struct arena *a = &r->e->scratch;
    struct value *params = value_dict(a);
    for (size_t i = 0; i < row->params->dict.n; i++) {
        const struct value_entry *entry = &row->params->dict.entries[i];
        const struct value *number = earlier_number(a, entry->value);
        bool known = r->spec && map_find(&r->given.names, entry->key, strlen(entry->key));
        bool metric = strcmp(entry->key, r->metric) == 0;
        if ((metric || (r->spec && !known)) && number && !known)
            value_put(a, row->metrics, entry->key, (struct value *)number);
        else if (!metric && (!r->spec || known))
            value_put(a, params, entry->key, entry->value);
    }
    row->params = params;
}

/* Keeps the finite metrics, with the objective under its name. False, and noted, if the trial has no
 * result. */
static bool row_measure(struct import_rows *r, struct earlier_row *row)
{
    struct arena *a = &r->e->scratch;
    struct value *metrics = value_dict(a);
    const struct value *objective = value_get(row->metrics, r->metric);
    if (!objective)
        objective = value_get(row->metrics, "objective");
    for (size_t i = 0; i < row->metrics->dict.n; i++) {
        const struct value_entry *entry = &row->metrics->dict.entries[i];
        if (entry->value == objective || strcmp(entry->key, "objective") == 0)
            continue;
        if (isfinite(value_number(entry->value)))
            value_put(a, metrics, entry->key, entry->value);
        else
            r->not_finite_n++;
    }
    if (objective && isfinite(value_number(objective)))
        value_put(a, metrics, r->metric, (struct value *)objective);
    row->metrics = metrics;
    if (row->state == TRIAL_FAILED || value_get(metrics, r->metric))
        return true;
    if (objective)
        earlier_fault(r->e, row->line, "its %.100s is %s, not a finite number", r->metric,
                      json_text(a, objective, JSON_PYTHON));
    else
        earlier_fault(r->e, row->line, "it has no value of %.100s", r->metric);
    return false;
}

static bool row_bound(struct import_rows *r, const struct earlier_row *row)
{
    const struct value *flat = value_flatten(&r->e->scratch, row->params);
    const struct value *v = NULL;
    size_t i = 0;
    for (; i < flat->dict.n; i++) {
        v = flat->dict.entries[i].value;
        if (value_is_number(v) && !isfinite(value_number(v)))
            break;
    }
    if (flat->dict.n > LIMIT_PARAMETERS)
        earlier_fault(r->e, row->line, "it has %zu parameters, and at most %d are supported",
                      flat->dict.n, LIMIT_PARAMETERS);
    else if (row->metrics->dict.n > LIMIT_METRIC_KEYS)
        earlier_fault(r->e, row->line, "it has %zu metrics, and at most %d are supported",
                      row->metrics->dict.n, LIMIT_METRIC_KEYS);
    else if (i < flat->dict.n)
        earlier_fault(r->e, row->line, "%.100s is %s, not a finite number",
                      flat->dict.entries[i].key, json_text(&r->e->scratch, v, JSON_PYTHON));
    else
        return true;
    return false;
}

/* Makes the row's params those of the spec; false, and noted, where they do not fit. */
static bool row_fit(struct import_rows *r, struct earlier_row *row)
{
    struct arena *a = &r->e->scratch;
    const struct space *space = &r->spec->space;
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    struct err why = {0};
    const char *missing;
    struct rng rng;
    rng_init(&rng, 0, 0, RNG_FILL);
    int rc = given_read_or_fail(&r->given, a, row->params, values, &why);
    if (rc == 0 && (missing = completion_missing(space, values)))
        rc = err_set(&why, ERR_SPEC, "%.200s is missing", missing);
    if (rc == 0)
        rc = completion_draw(a, space, false, values, &rng, &row->params, &why);
    if (rc != 0)
        earlier_fault(r->e, row->line, "%.250s", why.text);
    return rc == 0;
}

int import_rows_settle(struct import_rows *r, struct earlier_row *row, struct err *err)
{
    int rc = metric_choose(r, row, err);
    if (rc != 0)
        return rc;
    if (row->mixed)
        row_split(r, row);
    return row_measure(r, row) && row_bound(r, row) && (!r->spec || row_fit(r, row));
}
