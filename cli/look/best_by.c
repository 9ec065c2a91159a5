/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/best_by.h"

#include <math.h>
#include <string.h>

#include "base/diag/nearest.h"
#include "orchestrator/view/table/columns.h"

struct search {
    struct looking *l;
    const char *sweep;
    const struct best_by *by;
    double value; /* of the current trial; NaN: none yet */
    double best;  /* NaN: none yet */
    uint64_t number;
    struct err *err;
    int rc;
};

static bool is_better(const struct search *s, double value, double than)
{
    if (!isfinite(value))
        return false;
    return isnan(than) || (s->by->maximize ? value > than : value < than);
}

static int search_point(void *arg, const struct value *point)
{
    struct search *s = arg;
    double value = value_get_float(value_get(point, "metrics"), s->by->metric, NAN);
    if (is_better(s, value, s->value))
        s->value = value;
    return 0;
}

static int search_trial(void *arg, const struct value *trial)
{
    struct search *s = arg;
    const char *state = value_get_str(trial, "state", "");
    uint64_t number = (uint64_t)value_get_int(trial, "number", 0);
    if (strcmp(state, "finished") != 0 && strcmp(state, "stopped") != 0)
        return 0;
    s->value = value_get_float(value_get(trial, "metrics"), s->by->metric, NAN);
    if (!s->by->last)
        s->rc = view_points(s->l->view, s->sweep, number,
                            (uint32_t)value_get_int(trial, "attempt", 0), search_point, s, s->err);
    if (is_better(s, s->value, s->best)) {
        s->best = s->value;
        s->number = number;
    }
    return s->rc;
}

int best_by_find(struct looking *l, const char *sweep, const struct best_by *by, struct value **ret,
                 struct err *err)
{
    static const struct view_query all = {0};
    struct search s = {.l = l, .sweep = sweep, .by = by, .best = NAN, .err = err};
    struct value *known;
    int rc = view_columns(l->view, &l->arena, sweep, &known, err);
    if (rc)
        return rc;
    const struct value *names = value_get(known, "metrics");
    bool there = by->own || names->list.n == 0;
    for (size_t i = 0; i < names->list.n && !there; i++)
        there = strcmp(names->list.items[i]->s.ptr, by->metric) == 0;
    if (!there)
        return nearest_unknown(err, "--metric", by->metric, strlen(by->metric), names);
    rc = view_trials(l->view, sweep, &all, search_trial, &s, err);
    if (!rc)
        rc = s.rc;
    if (rc || isnan(s.best))
        return rc;
    rc = view_trial(l->view, &l->arena, sweep, s.number, ret, err);
    if (rc)
        return rc;
    struct value *found = value_dict(&l->arena);
    value_put(&l->arena, found, "metric", value_str(&l->arena, by->metric));
    value_put(&l->arena, found, "value", value_float(&l->arena, s.best));
    value_put(&l->arena, found, "last", value_bool(&l->arena, by->last));
    value_put(&l->arena, *ret, "by", found);
    return 0;
}
