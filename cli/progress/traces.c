/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/traces.h"

#include <stdio.h>
#include <string.h>

/* A full trace drops every second value and keeps the last one. */
static void trace_add(struct trace *t, double value)
{
    if (t->n == TRACE_VALUES) {
        t->n = TRACE_VALUES / 2;
        for (size_t i = 0; i < t->n; i++)
            t->values[i] = t->values[2 * i + 1];
    }
    t->values[t->n++] = value;
}

static void trace_take_row(struct trace *t, const struct progress_row *row)
{
    if (!row->has_value || (t->n > 0 && strcmp(t->place, row->place) == 0))
        return;
    snprintf(t->place, sizeof t->place, "%s", row->place);
    trace_add(t, row->value);
}

static const struct trace *trace_find(const struct traces *t, uint64_t trial)
{
    for (size_t i = 0; i < t->rows_n; i++)
        if (t->rows[i].trial == trial)
            return &t->rows[i];
    return NULL;
}

void traces_take(struct traces *t, struct progress *p)
{
    const struct traces before = *t;
    if (p->has_best && (t->best.n == 0 || t->best.trial != p->best_trial)) {
        t->best.trial = p->best_trial;
        trace_add(&t->best, p->best);
    }
    p->best_trace = t->best.values;
    p->best_trace_n = t->best.n;
    t->rows_n = p->rows_n;
    for (size_t i = 0; i < p->rows_n; i++) {
        const struct trace *old = trace_find(&before, p->rows[i].trial);
        struct trace *one = &t->rows[i];
        *one = old ? *old : (struct trace){.trial = p->rows[i].trial};
        trace_take_row(one, &p->rows[i]);
        p->rows[i].trace = one->values;
        p->rows[i].trace_n = one->n;
    }
}
