/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/view/view.h"

enum { TRIALS_MAX = 10000 };

struct spans {
    double *items;
    size_t n, cap;
};

static int add_trial(void *arg, const struct value *trial)
{
    struct spans *s = arg;
    double ran = value_get_float(trial, "duration", -1);
    if (ran >= 0) {
        s->items = mem_grow(s->items, &s->cap, s->n + 1, sizeof *s->items);
        s->items[s->n++] = ran;
    }
    return 0;
}

static int by_size(const void *left, const void *right)
{
    double l = *(const double *)left, r = *(const double *)right;
    return (l > r) - (l < r);
}

static int measure_sweep(struct view *view, const char *id, struct plan_cost *ret, struct err *err)
{
    struct spans s = {0};
    struct view_query q = {.state = "finished", .descending = true, .limit = TRIALS_MAX};
    int rc = view_trials(view, id, &q, add_trial, &s, err);
    if (rc == 0 && s.n > 0) {
        qsort(s.items, s.n, sizeof *s.items, by_size);
        ret->trials = s.n;
        ret->median_s = (s.items[(s.n - 1) / 2] + s.items[s.n / 2]) / 2;
        snprintf(ret->sweep, sizeof ret->sweep, "%s", id);
    }
    mem_free(s.items);
    return rc;
}

static bool same_folder(const struct value *sweep, const struct plan_like *like)
{
    return like->program[0] == '/' ||
           strcmp(value_get_str(sweep, "workdir", ""), like->workdir) == 0;
}

static int is_like(struct view *view, struct arena *a, const struct value *sweep,
                   const struct plan_like *like, bool by_path, bool *ret, struct err *err)
{
    struct value *whole;
    *ret = false;
    if (by_path) {
        *ret = strcmp(value_get_str(sweep, "path", ""), like->path) == 0;
        return 0;
    }
    if (!like->program || !same_folder(sweep, like))
        return 0;
    int rc = view_sweep(view, a, value_get_str(sweep, "id", ""), &whole, err);
    if (rc == 0)
        *ret = strcmp(value_get_str(value_get(whole, "spec"), "program", ""), like->program) == 0;
    return rc;
}

/* Finds a sweep of the spec's path or, if by_path is false, one that ran the same program. */
static int find_sweep(struct view *view, struct arena *a, const struct value *sweeps,
                      const struct plan_like *like, bool by_path, struct plan_cost *ret,
                      struct err *err)
{
    for (size_t i = sweeps->list.n; i-- > 0 && ret->trials == 0;) {
        const struct value *sweep = sweeps->list.items[i];
        bool found;
        int rc = is_like(view, a, sweep, like, by_path, &found, err);
        if (rc == 0 && found && by_path && !*ret->newest) {
            snprintf(ret->newest, sizeof ret->newest, "%s", value_get_str(sweep, "id", ""));
            snprintf(ret->state, sizeof ret->state, "%s", value_get_str(sweep, "state", ""));
        }
        if (rc == 0 && found)
            rc = measure_sweep(view, value_get_str(sweep, "id", ""), ret, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int plan_cost_find(const char *store, const struct plan_like *like, struct plan_cost *ret,
                   struct err *err)
{
    struct view *view = NULL;
    struct value *sweeps = NULL;
    struct arena a;
    *ret = (struct plan_cost){0};
    int rc = view_open(store, &view, err);
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    arena_init(&a);
    rc = view_sweeps(view, &a, &sweeps, err);
    if (rc == 0)
        rc = find_sweep(view, &a, sweeps, like, true, ret, err);
    ret->same_file = ret->trials > 0;
    if (rc == 0 && ret->trials == 0)
        rc = find_sweep(view, &a, sweeps, like, false, ret, err);
    arena_done(&a);
    view_close(view);
    return rc;
}
