/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint_time.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/place.h"
#include "cli/plan_cost.h"
#include "cli/store_path.h"

void lint_time_estimate(struct lint_file *f)
{
    char store[PATH_MAX], path[PATH_MAX];
    const char *env = getenv("BESOM_STORE");
    const struct spec *s = f->spec;
    struct plan_cost cost;
    uint64_t trials = f->points;
    if (s->run_cap > 0 && (trials == 0 || trials > (uint64_t)s->run_cap))
        trials = (uint64_t)s->run_cap;
    if (f->diags.errors > 0 || trials == 0 || trials == UINT64_MAX || !realpath(f->named, path) ||
        store_path_find(env && *env ? env : NULL, store, NULL) != 0 ||
        plan_cost_find(store, path, s->program, &cost, NULL) != 0 || cost.trials == 0)
        return;
    uint64_t at_once = place_at_once(s, place_slots(s));
    f->seconds = ceil((double)trials / (double)at_once) * cost.median_s;
    f->each_s = cost.median_s;
    snprintf(f->like, sizeof f->like, "%s", cost.sweep);
}
