/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/running.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number/cell.h"
#include "orchestrator/core/grant.h"

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

/* "ep 14/30": the epoch, if the script reports it, and of how many; else the step. */
static const char *place_text(struct arena *a, const struct book_sweep *s,
                              const struct book_trial *t)
{
    const struct book_metric *epoch = metric_find(t, "epoch");
    int64_t most = s->spec->early_terminate.on ? s->spec->early_terminate.max_iter : 0;
    if (epoch && isfinite(epoch->value)) {
        const char *at = cell_number(a, epoch->value, CELL_DIGITS_NARROW);
        return most > 0 && epoch->value <= (double)most
                   ? arena_printf(a, "ep %s/%" PRId64, at, most)
                   : arena_printf(a, "ep %s", at);
    }
    return t->step != POINT_NO_STEP ? arena_printf(a, "step %" PRId64, t->step) : "";
}

/* "gpu0,1": the GPUs that its attempt holds. */
static const char *gpus_text(struct arena *a, const struct book_trial *t)
{
    struct grant grant;
    if (!t->attempt.grant || !grant_parse(a, t->attempt.slot, t->attempt.grant, &grant) ||
        !grant.index || !*grant.index)
        return "";
    return arena_printf(a, "gpu%s", grant.index);
}

struct progress_row running_row(struct arena *a, const struct book_sweep *s,
                                const struct book_trial *t, int64_t now_ms)
{
    const struct book_metric *last = metric_find(t, s->spec->metric.name);
    bool runs = t->state == TRIAL_RUNNING;
    int64_t until = runs || t->ended_ms == 0 ? now_ms : t->ended_ms;
    struct progress_row row = {.trial = t->number,
                               .state = t->state,
                               .elapsed_ms = t->started_ms > 0 ? until - t->started_ms : -1,
                               .place = place_text(a, s, t),
                               .where = gpus_text(a, t),
                               .has_value = last != NULL,
                               .value = last ? last->value : NAN};
    if (!runs && t->objective.known)
        row.value = t->objective.value;
    row_add_params(a, &row, s, t);
    return row;
}

static int by_number(const void *a, const void *b)
{
    const struct book_trial *const *x = a, *const *y = b;
    return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

void running_find(struct arena *a, const struct book_sweep *s, int64_t now_ms, struct progress *p,
                  double **ret_ages, size_t *ret_ages_n)
{
    size_t n = 0, max = (size_t)s->counts[TRIAL_RUNNING];
    const struct book_trial **running = arena_alloc(a, (max + 1) * sizeof(void *));
    void *value;
    double *ages = arena_alloc(a, (max + 1) * sizeof *ages);
    for (size_t at = 0; n < max && map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state != TRIAL_RUNNING)
            continue;
        bool known = t->started_ms > 0 && now_ms > t->started_ms;
        ages[n] = known ? (double)(now_ms - t->started_ms) / 1000 : 0;
        running[n++] = t;
    }
    *ret_ages = ages;
    *ret_ages_n = n;
    qsort(running, n, sizeof(void *), by_number);
    p->running_rows = n < PROGRESS_ROWS ? n : PROGRESS_ROWS;
    p->rows_n = p->running_rows;
    for (size_t i = 0; i < p->rows_n; i++)
        p->rows[i] = running_row(a, s, running[i], now_ms);
}
