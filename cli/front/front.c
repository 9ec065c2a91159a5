/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/front/front.h"

#include <math.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/mem.h"
#include "base/number/order.h"
#include "cli/look/trial_table.h"
#include "base/number/cell.h"
#include "sweep/pareto.h"

/* Trials of a front for which the hypervolume is computed, by the number of objectives: beyond it
 * that takes longer than a second. */
static const size_t volume_most[PARETO_OBJECTIVES_MAX + 1] = {0, 0, 100000, 3000, 300};

struct gathering {
    struct arena *arena;
    const struct value *objectives;
    struct value *trials;
    double *rows;
    size_t cap, m;
};

static bool is_maximized(const struct value *objective)
{
    return strcmp(value_get_str(objective, "goal", ""), "maximize") == 0;
}

static const char *name_of(const struct value *objective)
{
    return value_get_str(objective, "name", "");
}

const struct value *front_objectives(struct arena *a, const struct value *sweep)
{
    const struct value *metrics = value_get(sweep, "metrics");
    struct value *names = value_list(a);
    if (!metrics || metrics->kind != VALUE_LIST)
        return NULL;
    for (size_t j = 0; j < metrics->list.n; j++)
        value_push(a, names, value_str(a, name_of(metrics->list.items[j])));
    return names;
}

static int gather_trial(void *arg, const struct value *trial)
{
    struct gathering *g = arg;
    const char *state = value_get_str(trial, "state", "");
    size_t n = g->trials->list.n;
    if (strcmp(state, "finished") != 0 && strcmp(state, "stopped") != 0)
        return 0;
    g->rows = mem_grow(g->rows, &g->cap, (n + 1) * g->m, sizeof *g->rows);
    for (size_t j = 0; j < g->m; j++) {
        double value = value_get_float(value_get(trial, "metrics"),
                                       name_of(g->objectives->list.items[j]), NAN);
        if (!isfinite(value))
            return 0;
        g->rows[n * g->m + j] = value;
    }
    value_push(g->arena, g->trials, value_copy(g->arena, trial));
    return 0;
}

static void measure_volume(struct front *f, struct arena *a, const struct gathering *g,
                           const bool *maximize)
{
    f->reference = arena_alloc(a, f->m * sizeof *f->reference);
    for (size_t j = 0; j < f->m; j++) {
        double worst = maximize[j] ? INFINITY : -INFINITY;
        for (size_t i = 0; i < f->measured; i++) {
            double value = g->rows[i * f->m + j];
            worst = maximize[j] ? fmin(worst, value) : fmax(worst, value);
        }
        f->reference[j] = worst;
    }
    f->hypervolume = f->n > volume_most[f->m]
                         ? NAN
                         : pareto_hypervolume(f->rows, f->n, f->m, maximize, f->reference);
    f->overflow = f->n <= volume_most[f->m] && !isfinite(f->hypervolume);
    if (f->overflow)
        f->hypervolume = NAN;
}

/* By the first objective, the best first. */
static void order_front(size_t *places, size_t n, const struct gathering *g, bool maximize)
{
    double *keys = mem_alloc((n + 1) * sizeof *keys);
    size_t *order = mem_alloc((n + 1) * sizeof *order), *front = mem_alloc((n + 1) * sizeof *front);
    memcpy(front, places, n * sizeof *front);
    for (size_t i = 0; i < n; i++)
        keys[i] = maximize ? -g->rows[front[i] * g->m] : g->rows[front[i] * g->m];
    order_ascending(keys, n, order);
    for (size_t i = 0; i < n; i++)
        places[i] = front[order[i]];
    mem_free(front);
    mem_free(order);
    mem_free(keys);
}

int front_read(struct front *f, struct view *view, struct arena *a, const struct value *sweep,
               struct err *err)
{
    static const struct view_query all = {0};
    const struct value *objectives = value_get(sweep, "metrics");
    struct gathering g = {a, objectives, value_list(a), .m = objectives->list.n};
    bool maximize[PARETO_OBJECTIVES_MAX];
    struct value *known = NULL;
    *f = (struct front){.sweep = sweep, .m = g.m};
    for (size_t j = 0; j < g.m; j++)
        maximize[j] = is_maximized(objectives->list.items[j]);
    const char *id = value_get_str(sweep, "id", "");
    int rc = view_columns(view, a, id, &known, err);
    f->known = known;
    if (rc == 0)
        rc = view_trials(view, id, &all, gather_trial, &g, err);
    if (rc == 0) {
        size_t *places = mem_alloc((g.trials->list.n + 1) * sizeof *places);
        f->measured = g.trials->list.n;
        f->n = pareto_front(g.rows, f->measured, f->m, maximize, places);
        order_front(places, f->n, &g, maximize[0]);
        f->trials = arena_alloc(a, (f->n + 1) * sizeof *f->trials);
        f->rows = arena_alloc(a, (f->n * f->m + 1) * sizeof *f->rows);
        for (size_t i = 0; i < f->n; i++) {
            f->trials[i] = g.trials->list.items[places[i]];
            memcpy(f->rows + i * f->m, g.rows + places[i] * f->m, f->m * sizeof *f->rows);
        }
        measure_volume(f, a, &g, maximize);
        mem_free(places);
    }
    mem_free(g.rows);
    return rc;
}

static void add_objectives(struct buf *out, const struct front *f)
{
    const struct value *list = value_get(f->sweep, "metrics");
    for (size_t j = 0; j < f->m; j++) {
        const struct value *objective = list->list.items[j];
        buf_adds(out, j == 0 ? "" : j + 1 < f->m ? ", " : " and ");
        display_clean(out, name_of(objective), strlen(name_of(objective)));
        buf_addf(out, " (%s)", value_get_str(objective, "goal", ""));
    }
}

int front_print(struct buf *out, struct arena *a, const struct front *f, size_t columns,
                bool colour, struct err *err)
{
    const char *id = value_get_str(f->sweep, "id", "");
    const struct columns_choice choice = {.objectives = front_objectives(a, f->sweep)};
    struct value *trials = value_list(a);
    struct columns c;
    if (f->n == 0) {
        bool ended = value_get_float(f->sweep, "ended", -1) >= 0;
        buf_addf(out, "sweep %s has no front%s: no trial has ended with a value of each of ", id,
                 ended ? "" : " yet");
        add_objectives(out, f);
        buf_addc(out, '\n');
        return 0;
    }
    buf_addf(out, "Pareto front: %zu of %zu trial%s; no other trial is better in one of ", f->n,
             f->measured, f->measured == 1 ? "" : "s");
    add_objectives(out, f);
    buf_adds(out, " without being worse in another\n");
    for (size_t i = 0; i < f->n; i++)
        value_push(a, trials, value_copy(a, f->trials[i]));
    columns_init(&c, a, f->known, NULL);
    int rc = columns_choose(&c, &choice, err);
    if (rc == 0)
        trial_table_print(out, a, trials, &c, columns, colour);
    columns_done(&c);
    if (rc == 0 && f->overflow)
        buf_adds(out, "hypervolume beyond the range of numbers\n");
    if (rc || isnan(f->hypervolume))
        return rc;
    buf_addf(out, "hypervolume %s, up to the worst values seen:",
             cell_number(a, f->hypervolume, CELL_DIGITS));
    for (size_t j = 0; j < f->m; j++)
        buf_addf(out, " %s", cell_number(a, f->reference[j], CELL_DIGITS));
    buf_addc(out, '\n');
    return 0;
}

struct value *front_value(struct arena *a, const struct front *f)
{
    struct value *v = value_dict(a), *front = value_list(a), *reference = value_list(a);
    for (size_t i = 0; i < f->n; i++)
        value_push(a, front, value_copy(a, f->trials[i]));
    for (size_t j = 0; j < f->m && f->n > 0; j++)
        value_push(a, reference, value_float(a, f->reference[j]));
    value_put(a, v, "objectives", value_copy(a, value_get(f->sweep, "metrics")));
    value_put(a, v, "measured", value_int(a, (int64_t)f->measured));
    value_put(a, v, "front", front);
    value_put(a, v, "hypervolume",
              f->n == 0 || isnan(f->hypervolume) ? value_null(a) : value_float(a, f->hypervolume));
    value_put(a, v, "reference", reference);
    return v;
}
