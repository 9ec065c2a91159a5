/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_system.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/view/view.h"

struct column {
    const char *name;
    double sum, max, last;
    uint64_t n;
};

struct summary {
    struct arena *arena;
    struct value *attempts;
    int64_t attempt; /* whose samples are read; 0: none yet */
    struct column *columns;
    size_t n, cap;
};

/* Samples have the same names in the same order, nearly always. */
static struct column *column_get(struct summary *s, size_t hint, const char *name)
{
    if (hint < s->n && strcmp(s->columns[hint].name, name) == 0)
        return &s->columns[hint];
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->columns[i].name, name) == 0)
            return &s->columns[i];
    s->columns = mem_grow(s->columns, &s->cap, s->n + 1, sizeof *s->columns);
    s->columns[s->n] = (struct column){.name = arena_strdup(s->arena, name), .max = -INFINITY};
    return &s->columns[s->n++];
}

static void attempt_finish(struct summary *s)
{
    struct value *system = value_dict(s->arena);
    for (size_t i = 0; i < s->n; i++) {
        const struct column *c = &s->columns[i];
        struct value *v = value_dict(s->arena);
        value_put(s->arena, v, "mean", value_float(s->arena, c->sum / (double)c->n));
        value_put(s->arena, v, "max", value_float(s->arena, c->max));
        value_put(s->arena, v, "last", value_float(s->arena, c->last));
        value_put(s->arena, system, c->name, v);
    }
    for (size_t i = 0; s->n > 0 && i < s->attempts->list.n; i++)
        if (value_get_int(s->attempts->list.items[i], "attempt", 0) == s->attempt)
            value_put(s->arena, s->attempts->list.items[i], "system", system);
    s->n = 0;
}

static int sample_add(void *arg, const struct value *sample)
{
    struct summary *s = arg;
    const struct value *metrics = value_get(sample, "metrics");
    int64_t attempt = value_get_int(sample, "attempt", 0);
    if (attempt != s->attempt)
        attempt_finish(s);
    s->attempt = attempt;
    for (size_t i = 0; metrics && i < metrics->dict.n; i++) {
        struct column *c = column_get(s, i, metrics->dict.entries[i].key);
        c->last = value_number(metrics->dict.entries[i].value);
        c->max = c->last > c->max ? c->last : c->max;
        c->sum += c->last;
        c->n++;
    }
    return 0;
}

int view_system_add(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                    struct value *attempts, struct err *err)
{
    struct summary s = {.arena = a, .attempts = attempts};
    for (size_t i = 0; i < attempts->list.n; i++)
        value_put(a, attempts->list.items[i], "system", value_null(a));
    int rc = view_samples(v, sweep, number, 0, sample_add, &s, err);
    attempt_finish(&s);
    mem_free(s.columns);
    return rc == ERR_DAMAGED ? 0 : rc; /* `besom metrics --system` says what is damaged */
}
