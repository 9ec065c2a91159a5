/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/running.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/print/cell.h"

enum { PARAMS_BYTES = 400 };

static bool is_constant(const struct book_sweep *s, const char *name)
{
    const struct space *space = &s->spec->space;
    for (size_t i = 0; i < space->n; i++)
        if (strcmp(space->parameters[i].name, name) == 0)
            return space->parameters[i].kind == SPACE_CONSTANT;
    return false;
}

/* "lr=2.8e-04", "depth=4": the parameters that the sweep varies, as many as a line may hold. */
static void row_add_params(struct arena *a, struct progress_row *row, const struct book_sweep *s,
                           const struct book_trial *t)
{
    struct value *params;
    if (json_parse(a, t->params, strlen(t->params), &params, NULL) != 0)
        return;
    const struct value *flat = value_flatten(a, params);
    const char **items = arena_alloc(a, (flat->dict.n + 1) * sizeof *items);
    size_t len = 0;
    row->params = items;
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *e = &flat->dict.entries[i];
        if (is_constant(s, e->key))
            continue;
        const char *item =
            len < PARAMS_BYTES
                ? arena_printf(a, "%s=%s", e->key, cell_rounded(a, e->value, CELL_DIGITS_NARROW))
                : "…";
        items[row->params_n++] = item;
        if (len >= PARAMS_BYTES)
            break;
        len += strlen(item) + 1;
    }
}

static const struct book_metric *metric_find(const struct book_trial *t, const char *name)
{
    return name ? map_find(&t->last, name, strlen(name)) : NULL;
}

/* The epoch, if the script reports it, else the step. */
static const char *place_text(struct arena *a, const struct book_trial *t)
{
    const struct book_metric *epoch = metric_find(t, "epoch");
    if (epoch && isfinite(epoch->value))
        return arena_printf(a, "epoch %s", cell_number(a, epoch->value, CELL_DIGITS_NARROW));
    return t->step != POINT_NO_STEP ? arena_printf(a, "step %" PRId64, t->step) : "";
}

static struct progress_row row_of(struct arena *a, const struct book_sweep *s,
                                  const struct book_trial *t, int64_t now_ms)
{
    const struct book_metric *last = metric_find(t, s->spec->metric.name);
    struct progress_row row = {.trial = t->number,
                               .elapsed_ms = t->started_ms > 0 ? now_ms - t->started_ms : -1,
                               .place = place_text(a, t),
                               .has_value = last != NULL,
                               .value = last ? last->value : NAN,
                               .best = t->objective.known ? t->objective.value : NAN};
    row_add_params(a, &row, s, t);
    return row;
}

static int by_number(const void *a, const void *b)
{
    const struct book_trial *const *x = a, *const *y = b;
    return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

void running_find(struct arena *a, const struct book_sweep *s, int64_t now_ms, struct progress *p)
{
    const struct objective_rule rule = spec_objective_rule(s->spec);
    struct objective_best best = {0};
    size_t n = 0, max = (size_t)s->counts[TRIAL_RUNNING];
    const struct book_trial **running = arena_alloc(a, (max + 1) * sizeof(void *));
    void *value;
    for (size_t at = 0; n < max && map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state != TRIAL_RUNNING)
            continue;
        running[n++] = t;
        objective_fold_best(&rule, &best, t->number, &t->objective);
    }
    qsort(running, n, sizeof(void *), by_number);
    p->rows_n = n < PROGRESS_ROWS ? n : PROGRESS_ROWS;
    for (size_t i = 0; i < p->rows_n; i++)
        p->rows[i] = row_of(a, s, running[i], now_ms);
    p->has_running_best = best.known && isfinite(best.value);
    p->running_best = best.value;
    p->running_best_trial = best.trial;
}
