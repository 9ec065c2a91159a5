/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_points.h"

#include <math.h>

#include "base/yaml/yaml_tree.h"
#include "strategies/strategy.h"

/* Whether a sweep of the file could propose any configuration. */
static int try_to_propose(struct lint_file *f, struct err *err)
{
    struct strategy *strategy;
    struct proposal p;
    int rc = strategy_new(f->spec, f->spec->seed, &strategy, err);
    if (rc != 0)
        return rc;
    strategy_hurry(strategy);
    rc = strategy_propose(strategy, &f->arena, &p, err);
    strategy_free(strategy);
    return rc;
}

/* Points at a whole entry for conditions, and at the value alone for a method or an order. */
static void say_at_key(struct lint_file *f, enum diag_severity severity, const char *key,
                       bool whole, const char *fix, const char *text)
{
    const struct yaml_entry *e = yaml_tree_find(f->spec->tree, key);
    int line = 0, column = 0, end_line = 0, end_column = 0;
    if (e && whole) {
        line = end_line = e->line;
        column = e->column;
        end_column = e->end_column;
    } else if (e) {
        line = e->node->line;
        column = e->node->column;
        end_line = e->node->end_line;
        end_column = e->node->end_column;
    }
    struct diag *said = diags_add(&f->diags, severity, line, column, key, fix, "%s", text);
    if (end_column)
        diags_end_at(said, end_line, end_column);
    diags_sort(&f->diags, 0);
}

/* Reports an error of the whole space at the key that causes it. True if a sweep would search
 * longer than lint does, and may still find a point: then it is only a warning. */
static bool say_of_space(struct lint_file *f, const struct err *err)
{
    const struct spec *s = f->spec;
    bool unsure = err->code == ERR_LIMIT && s->method != SPEC_GRID;
    if (err->code == ERR_SPEC && s->run_cap > 0)
        say_at_key(f, DIAG_ERROR, "order", false, NULL, err->text);
    else if (err->code == ERR_SPEC)
        say_at_key(f, DIAG_ERROR, "method", false, "method: random", err->text);
    else
        say_at_key(f, unsure ? DIAG_WARNING : DIAG_ERROR,
                   s->space.forbid_n ? "forbid" : "parameters", true, NULL, err->text);
    return unsure;
}

/* The number of points as listed: a repeated value counts twice. */
static uint64_t count_listed(const struct space *s)
{
    uint64_t listed = 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct parameter *p = &s->parameters[i];
        uint64_t n = p->values ? p->values->list.n : space_grid_points(p);
        if (__builtin_mul_overflow(listed, n, &listed))
            return 0;
    }
    return listed;
}

/* Reports a finite space that is too large to finish. */
static void say_vast(struct lint_file *f)
{
    const uint64_t vast = 1000000;
    const struct spec *s = f->spec;
    bool bounded = s->run_cap > 0 || s->budget.wall_s > 0 || s->budget.gpu_hours > 0 ||
                   s->budget.until || s->metric.has_target;
    if (s->method == SPEC_GRID || s->method == SPEC_CUSTOM || bounded || f->points < vast ||
        s->unique == SPEC_UNIQUE_NO)
        return;
    const char *size = f->points > INT64_MAX
                           ? "more than 2^63"
                           : arena_printf(&f->arena, "about 10^%.0f", log10((double)f->points));
    say_at_key(f, DIAG_NOTE, "method", false, "run_cap: 50",
               arena_printf(&f->arena, "this sweep ends only after %s points", size));
}

void lint_points_count(struct lint_file *f)
{
    const struct spec *s = f->spec;
    struct err err = {0};
    f->counted = false;
    f->listed = 0;
    if (f->diags.errors > 0)
        return;
    int rc = strategy_points(s, &f->points, &err);
    if (rc == 0 && f->points == 0 && s->space.conditional)
        rc = try_to_propose(f, &err);
    if (rc != 0 && !say_of_space(f, &err))
        return;
    f->counted = true;
    if (s->method == SPEC_GRID && !s->space.conditional)
        f->listed = count_listed(&s->space);
    say_vast(f);
    if (s->method == SPEC_GRID && f->points > INT64_MAX)
        say_at_key(f, DIAG_WARNING, "method", false, "method: random",
                   "this grid has more than 2^63 points, and run_cap ends it before most "
                   "parameters change from their first value");
}
