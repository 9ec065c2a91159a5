/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_trials.h"

#include <string.h>

#include "base/map.h"
#include "cli/runs/run_source.h"

struct trials {
    struct arena *arena;
    struct map runs; /* by their names */
    struct value *list;
};

/* W&B's word for a state. */
static const char *state_word(const char *state)
{
    static const char *const words[][2] = {
        {"stopped", "finished"}, {"cancelled", "killed"}, {"lost", "crashed"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], state) == 0)
            return words[i][1];
    return state;
}

static void put_copy(struct arena *a, struct value *run, const char *key, const struct value *v)
{
    value_put(a, run, key, v ? value_copy(a, v) : value_null(a));
}

static struct value *run_of(struct arena *a, const struct value *trial)
{
    struct value *run = value_dict(a);
    put_copy(a, run, "name", value_get(trial, "id"));
    put_copy(a, run, "display", value_get(trial, "id"));
    value_put(a, run, "state", value_str(a, state_word(value_get_str(trial, "state", ""))));
    put_copy(a, run, "sweep", value_get(trial, "sweep"));
    put_copy(a, run, "created", value_get(trial, "created"));
    put_copy(a, run, "duration", value_get(trial, "duration"));
    put_copy(a, run, "config", value_get(trial, "params"));
    put_copy(a, run, "summary", value_get(trial, "metrics"));
    return run;
}

static int trial_take(void *arg, const struct value *trial)
{
    struct trials *t = arg;
    const char *id = value_get_str(trial, "id", "");
    struct value *run = map_find(&t->runs, id, strlen(id));
    value_push(t->arena, t->list, run ? run : run_of(t->arena, trial));
    return 0;
}

/* The runs of the sweep, which may be in any project; most have none. */
static int runs_read(struct looking *l, const char *sweep, struct trials *t, struct err *err)
{
    const struct value *projects, *runs;
    const char *filter = arena_printf(&l->arena, "{\"sweep\":\"%s\"}", sweep);
    int rc = run_source_projects(l, &projects, err);
    for (size_t i = 0; rc == 0 && i < projects->list.n; i++) {
        const struct run_source_query q = {
            .entity = value_get_str(projects->list.items[i], "entity", ""),
            .project = value_get_str(projects->list.items[i], "project", ""),
            .filters = filter,
            .order = "+created"};
        rc = run_source_runs(l, &q, &runs, err);
        for (size_t k = 0; rc == 0 && k < runs->list.n; k++) {
            const char *name = value_get_str(runs->list.items[k], "name", "");
            map_put(&t->runs, name, strlen(name), runs->list.items[k]);
        }
    }
    return rc;
}

int run_trials_read(struct looking *l, const char *sweep, struct value **ret, struct err *err)
{
    static const struct view_query all = {0};
    struct trials t = {.arena = &l->arena, .list = value_list(&l->arena)};
    map_init(&t.runs);
    int rc = runs_read(l, sweep, &t, err);
    if (rc == 0)
        rc = view_trials(l->view, sweep, &all, trial_take, &t, err);
    map_done(&t.runs);
    *ret = t.list;
    return rc;
}
