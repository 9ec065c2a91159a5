/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/prior_find.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "cli/print/terminal.h"
#include "orchestrator/view/view_proposals.h"
#include "strategies/earlier/prior_rows.h"
#include "strategies/strategy.h"

static void on_trial(void *arg, const struct view_proposal *p)
{
    if ((p->fate.state == TRIAL_FINISHED || p->fate.state == TRIAL_STOPPED) &&
        isfinite(p->fate.objective))
        prior_rows_add(arg, p->params, p->fate.objective, p->number);
}

static void rows_say(const struct prior_rows *r, const char *name)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "besom: prior: ");
    prior_rows_print(&text, r, name);
    terminal_say(buf_str(&text));
    buf_done(&text);
}

static int goal_check(const struct value *sweep, const struct spec *spec, const char *name,
                      struct err *err)
{
    const struct value *metric = value_get(sweep, "metric");
    const char *goal = value_get_str(metric, "goal", "minimize");
    if (!value_get_str(metric, "name", NULL))
        return err_set(err, ERR_SPEC, "prior: sweep %s has no metric", name);
    if ((strcmp(goal, "maximize") == 0) == spec->metric.maximize)
        return 0;
    return err_set(err, ERR_SPEC, "prior: sweep %s is to %s its metric, and this one is not", name,
                   goal);
}

static int source_find(struct view *view, const struct spec *spec, const char *name,
                       struct arena *a, struct map *seen, struct value *list, struct err *err)
{
    struct prior_rows rows;
    char id[16];
    uint64_t seq;
    struct value *sweep = NULL;
    int rc = view_find_sweep(view, name, id, err);
    if (rc != 0 && access(name, F_OK) == 0)
        return err_set(err, rc,
                       "prior: %s is a file: run `besom import %s`, and write the name of that "
                       "sweep",
                       name, name);
    if (rc != 0)
        return err_wrap(err, "prior");
    if (map_put(seen, id, strlen(id), seen)) {
        terminal_say(arena_printf(a, "besom: prior: %s is named twice, and counts once", name));
        return 0;
    }
    rc = view_sweep(view, a, id, &sweep, err);
    if (rc == 0)
        rc = goal_check(sweep, spec, name, err);
    if (rc != 0)
        return rc;
    prior_rows_init(&rows, spec, a);
    rc = view_proposals(view, id, NULL, &seq, on_trial, &rows, err);
    struct value *source = rc == 0 ? prior_rows_value(&rows, name) : NULL;
    if (rc == 0)
        rows_say(&rows, name);
    if (source)
        value_push(a, list, source);
    prior_rows_done(&rows);
    return rc;
}

int prior_find(struct view *view, const struct spec *spec, struct arena *a, struct value **ret,
               struct err *err)
{
    struct map seen; /* ids of sweeps */
    int rc = 0;
    *ret = NULL;
    if (!spec->prior || !strategy_learns(spec->method))
        return 0;
    *ret = value_list(a);
    map_init(&seen);
    for (size_t i = 0; rc == 0 && i < spec->prior->list.n; i++)
        rc = source_find(view, spec, spec->prior->list.items[i]->s.ptr, a, &seen, *ret, err);
    map_done(&seen);
    return rc;
}
