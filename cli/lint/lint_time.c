/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_time.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/place.h"
#include "cli/plan/plan_cost.h"
#include "cli/store_path.h"

void lint_time_estimate(struct lint_file *f)
{
    char store[PATH_MAX], path[PATH_MAX], workdir[PATH_MAX] = "";
    const char *env = getenv("BESOM_STORE");
    const struct spec *s = f->spec;
    struct plan_cost cost;
    bool repeats = s->method != SPEC_GRID && s->unique == SPEC_UNIQUE_NO;
    uint64_t trials = repeats ? 0 : f->points;
    if (s->run_cap > 0 && (trials == 0 || trials > (uint64_t)s->run_cap))
        trials = (uint64_t)s->run_cap;
    struct plan_like like = {path, workdir, s->program};
    if (f->diags.errors > 0 || trials == 0 || trials == UINT64_MAX || !realpath(f->named, path) ||
        store_path_find(env && *env ? env : NULL, store, NULL) != 0)
        return;
    if (place_workdir(s, f->named, path, workdir, NULL) != 0)
        *workdir = '\0';
    if (plan_cost_find(store, &like, &cost, NULL) != 0 || cost.trials == 0)
        return;
    uint64_t at_once = place_at_once(s, place_slots(s));
    f->seconds = ceil((double)trials / (double)at_once) * cost.median_s;
    f->each_s = cost.median_s;
    snprintf(f->like, sizeof f->like, "%s", cost.sweep);
}
