/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/prior_find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "cli/print/terminal.h"
#include "orchestrator/view/view_proposals.h"
#include "strategies/strategy.h"
#include "sweep/completion.h"
#include "sweep/given.h"

enum { REASONS_MAX = 5 };

struct row {
    struct value *params;
    double objective, loss;
    uint64_t number;
};

struct finding {
    const struct spec *spec;
    struct arena *a;
    struct given given;
    struct row *rows;
    size_t n, cap, of; /* of: trials with a result */
    struct {
        const char *text;
        size_t n;
    } reasons[REASONS_MAX]; /* why others are left out */
    size_t reasons_n, others;
};

static void reason_count(struct finding *f, const char *text)
{
    for (size_t i = 0; i < f->reasons_n; i++)
        if (strcmp(f->reasons[i].text, text) == 0) {
            f->reasons[i].n++;
            return;
        }
    if (f->reasons_n == REASONS_MAX) {
        f->others++;
        return;
    }
    f->reasons[f->reasons_n].text = arena_strdup(f->a, text);
    f->reasons[f->reasons_n++].n = 1;
}

static void on_fault(void *arg, const struct given_fault *fault)
{
    const char **first = arg;
    if (!*first)
        *first = fault->name[0] ? fault->name : "a condition";
}

/* The params without names that this space does not have. */
static struct value *params_known(const struct finding *f, struct arena *a,
                                  const struct value *params)
{
    const struct value *flat = value_flatten(a, params);
    struct value *known = value_dict(a);
    for (size_t i = 0; i < f->spec->space.n; i++) {
        const struct parameter *p = &f->spec->space.parameters[i];
        const struct value *v = space_lookup(params, p);
        if (!v)
            v = value_get(flat, p->name);
        if (v && p->kind != SPACE_EXPR && p->kind != SPACE_CONSTANT)
            value_put(a, known, p->name, value_copy(a, v));
    }
    return known;
}

static void row_take(struct finding *f, struct arena *scratch, const struct view_proposal *p)
{
    const struct space *space = &f->spec->space;
    struct value **values = arena_alloc(scratch, (space->n + 1) * sizeof *values), *whole;
    const char *fault = NULL, *missing;
    struct rng rng;
    rng_init(&rng, 0, 0, RNG_FILL);
    if (given_read(&f->given, scratch, params_known(f, scratch, p->params), values, on_fault,
                   &fault) > 0) {
        reason_count(f, arena_printf(scratch, "%s does not fit", fault));
    } else if ((missing = completion_missing(space, values))) {
        reason_count(f, arena_printf(scratch, "%s is missing", missing));
    } else if (completion_draw(f->a, space, false, values, &rng, &whole, NULL) != 0) {
        reason_count(f, "a condition does not fit");
    } else {
        double objective = p->fate.objective;
        f->rows = mem_grow(f->rows, &f->cap, f->n + 1, sizeof *f->rows);
        f->rows[f->n++] =
            (struct row){value_whole_as_int(f->a, whole), objective,
                         f->spec->metric.maximize ? -objective : objective, p->number};
    }
}

static void on_trial(void *arg, const struct view_proposal *p)
{
    struct finding *f = arg;
    struct arena scratch;
    if ((p->fate.state != TRIAL_FINISHED && p->fate.state != TRIAL_STOPPED) ||
        !isfinite(p->fate.objective))
        return;
    f->of++;
    arena_init(&scratch);
    row_take(f, &scratch, p);
    arena_done(&scratch);
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void finding_say(const struct finding *f, const char *name)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "besom: prior: %zu of %zu trials of %s fit", f->n, f->of, name);
    if (f->n < f->of)
        buf_addf(&text, "; %zu left out: ", f->of - f->n);
    for (size_t i = 0; i < f->reasons_n; i++)
        buf_addf(&text, "%s%s (%zu)", i ? ", " : "", f->reasons[i].text, f->reasons[i].n);
    if (f->others)
        buf_addf(&text, ", other reasons (%zu)", f->others);
    terminal_say(buf_str(&text));
    buf_done(&text);
}

static struct value *source_value(struct finding *f, const char *name)
{
    struct arena *a = f->a;
    struct value *source = value_dict(a), *rows = value_list(a);
    qsort(f->rows, f->n, sizeof *f->rows, compare_rows);
    for (size_t i = 0; i < f->n && i < LIMIT_PRIOR_ROWS; i++) {
        struct value *row = value_list(a);
        value_push(a, row, f->rows[i].params);
        value_push(a, row, value_float(a, f->rows[i].objective));
        value_push(a, rows, row);
    }
    value_put(a, source, "source", value_str(a, name));
    value_put(a, source, "rows", rows);
    return source;
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
    struct finding f = {.spec = spec, .a = a};
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
    given_init(&f.given, &spec->space, false);
    rc = view_proposals(view, id, NULL, &seq, on_trial, &f, err);
    given_done(&f.given);
    if (rc == 0) {
        finding_say(&f, name);
        if (f.n > 0)
            value_push(a, list, source_value(&f, name));
    }
    mem_free(f.rows);
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
