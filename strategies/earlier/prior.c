/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/earlier/prior.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* The best points differ by at least this much in some coordinate. */
#define APART 0.1

struct ranked {
    struct prior_point point;
    double loss;
    size_t place; /* among the rows of all sources */
};

static int compare_losses(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int compare_ranks(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->point.rank != y->point.rank)
        return x->point.rank < y->point.rank ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static const struct value *rows_of(const struct value *source)
{
    const struct value *rows = value_get(source, "rows");
    return rows && rows->kind == VALUE_LIST ? rows : NULL;
}

/* Reads one source into list, the best first. Returns how many rows it has. */
static size_t source_read(struct prior *p, const struct history *h, const struct value *source,
                          size_t place, struct ranked *list)
{
    const struct value *rows = rows_of(source);
    const char *name = arena_strdup(&p->arena, value_get_str(source, "source", ""));
    size_t n = 0;
    for (size_t i = 0; rows && i < rows->list.n; i++) {
        const struct value *row = rows->list.items[i];
        if (row->kind != VALUE_LIST || row->list.n != 2 || row->list.items[0]->kind != VALUE_DICT ||
            !value_is_number(row->list.items[1]))
            continue;
        double objective = value_number(row->list.items[1]);
        list[n] = (struct ranked){
            .point = {.params = row->list.items[0], .source = name, .objective = objective},
            .loss = h->rule.maximize ? -objective : objective,
            .place = place + n};
        n++;
    }
    qsort(list, n, sizeof *list, compare_losses);
    for (size_t i = 0; i < n; i++) {
        list[i].point.rank = i;
        list[i].point.of = n;
    }
    return n;
}

/* By the coordinate that differs most; one that exists in one of them only differs entirely. */
static double distance_of(const double *x, const double *y, size_t d)
{
    double most = 0;
    for (size_t j = 0; j < d; j++) {
        bool x_absent = isnan(x[j]), y_absent = isnan(y[j]);
        double by = x_absent && y_absent ? 0 : x_absent != y_absent ? 1 : fabs(x[j] - y[j]);
        most = fmax(most, by);
    }
    return most;
}

static void choose_best(struct prior *p, const struct history *h, const struct ranked *list,
                        size_t n)
{
    size_t d = h->dims;
    double *points = mem_alloc((PRIOR_BEST_MAX + 1) * (d + 1) * sizeof *points);
    for (size_t i = 0; i < n && p->best_n < PRIOR_BEST_MAX; i++) {
        bool apart = true;
        double *x = points + p->best_n * d;
        coordinates_of(&h->coordinates, list[i].point.params, x);
        for (size_t k = 0; apart && k < p->best_n; k++)
            apart = list[i].point.source != p->best[k].source &&
                    distance_of(x, points + k * d, d) >= APART;
        if (!apart)
            continue;
        p->best[p->best_n] = list[i].point;
        p->best[p->best_n++].params = value_copy(&p->arena, list[i].point.params);
    }
    mem_free(points);
}

void prior_read(struct prior *p, const struct history *h, const struct value *sources)
{
    size_t most = 0, n = 0, count = sources->kind == VALUE_LIST ? sources->list.n : 0;
    for (size_t i = 0; i < count; i++)
        most += rows_of(sources->list.items[i]) ? rows_of(sources->list.items[i])->list.n : 0;
    struct ranked *list = mem_alloc((most + 1) * sizeof *list);
    arena_init(&p->arena);
    p->read = true;
    for (size_t i = 0; i < count; i++)
        n += source_read(p, h, sources->list.items[i], n, list + n);
    qsort(list, n, sizeof *list, compare_ranks);
    choose_best(p, h, list, n);
    mem_free(list);
}

void prior_done(struct prior *p)
{
    if (p->read)
        arena_done(&p->arena);
}
