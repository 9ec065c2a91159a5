/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/trend.h"

#include <math.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/number/order.h"

/* Values that are compared one by one, and otherwise groups; trials of a value, and of all. */
enum { VALUES_MAX = 64, NUMBERS_MAX = 8, GROUPS = 5, VALUE_ROWS = 3, ROWS = 20 };
/* Both ends are better than the worst group between them by this part of all ranks at least. */
#define ENDS_BETTER 0.1

struct groups {
    size_t n;
    double sum[VALUES_MAX], value[VALUES_MAX];
    size_t rows[VALUES_MAX];
};

static double mean_rank(const struct groups *g, size_t i)
{
    return g->rows[i] ? g->sum[i] / (double)g->rows[i] : INFINITY;
}

static size_t groups_best(const struct groups *g, size_t least)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < g->n; i++)
        if (g->rows[i] >= least && (best == SIZE_MAX || mean_rank(g, i) < mean_rank(g, best)))
            best = i;
    return best;
}

/* ranks: of the losses, from 0 to 1. */
static double *ranks_of(const double *losses, size_t rows)
{
    double *ranks = mem_alloc((rows + 1) * sizeof *ranks);
    size_t *order = mem_alloc((rows + 1) * sizeof *order);
    order_ascending(losses, rows, order);
    for (size_t i = 0; i < rows;) {
        size_t end = i + 1;
        while (end < rows && losses[order[end]] == losses[order[i]])
            end++;
        for (size_t k = i; k < end; k++)
            ranks[order[k]] = (double)(i + end - 1) / 2 / (double)rows;
        i = end;
    }
    mem_free(order);
    return ranks;
}

static struct trend values_compare(const struct factor *f, const double *ranks, size_t rows)
{
    struct groups g = {.n = factor_places(f)};
    if (g.n > VALUES_MAX)
        return (struct trend){0};
    for (size_t i = 0; i < rows; i++) {
        if (isnan(f->values[i]))
            continue;
        size_t place = (size_t)f->values[i];
        g.rows[place]++;
        g.sum[place] += ranks[i];
    }
    size_t best = groups_best(&g, VALUE_ROWS);
    return best >= f->levels ? (struct trend){0} : (struct trend){TREND_VALUE, (double)best};
}

/* Groups of trials in the order of the parameter: one for each value, or of nearly equal size. */
static void numbers_group(struct groups *g, const double *values, const double *ranks,
                          const size_t *order, size_t n, bool each)
{
    *g = (struct groups){0};
    for (size_t i = 0; i < n; i++) {
        double value = values[order[i]];
        bool next = i == 0 || (value != values[order[i - 1]] && (each || i * GROUPS / n >= g->n));
        if (next && g->n < VALUES_MAX)
            g->n++;
        g->rows[g->n - 1]++;
        g->sum[g->n - 1] += ranks[order[i]];
    }
    for (size_t k = 0, from = 0; k < g->n; from += g->rows[k++])
        g->value[k] = values[order[from + g->rows[k] / 2]];
}

static struct trend numbers_compare(const struct groups *g, bool each)
{
    size_t best = groups_best(g, 1), last = g->n - 1, worst = 0;
    for (size_t i = 0; i < g->n; i++)
        worst = mean_rank(g, i) > mean_rank(g, worst) ? i : worst;
    bool inside = worst > 0 && worst < last;
    double ends = fmax(mean_rank(g, 0), mean_rank(g, last));
    if (g->n < 2)
        return (struct trend){0};
    if ((best == 0 || best == last) && inside && mean_rank(g, worst) - ends > ENDS_BETTER)
        return (struct trend){TREND_ENDS, 0};
    if (best > 0 && best < last)
        return (struct trend){each ? TREND_VALUE : TREND_NEAR, g->value[best]};
    return (struct trend){best == 0 ? TREND_LOWER : TREND_HIGHER, 0};
}

struct trend trend_find(const struct factor *f, const double *losses, size_t rows)
{
    struct trend found = {0};
    if (rows < ROWS)
        return found;
    double *ranks = ranks_of(losses, rows);
    if (f->scale == FACTOR_CATEGORY) {
        found = values_compare(f, ranks, rows);
    } else {
        double *known = mem_alloc((rows + 1) * sizeof *known);
        double *their = mem_alloc((rows + 1) * sizeof *their);
        size_t *order = mem_alloc((rows + 1) * sizeof *order), n = 0;
        for (size_t i = 0; i < rows; i++) {
            if (isnan(f->values[i]))
                continue;
            known[n] = f->values[i];
            their[n++] = ranks[i];
        }
        order_ascending(known, n, order);
        bool each = f->levels > 0 && f->levels <= NUMBERS_MAX;
        struct groups g;
        numbers_group(&g, known, their, order, n, each);
        if (n >= ROWS)
            found = numbers_compare(&g, each);
        mem_free(order);
        mem_free(their);
        mem_free(known);
    }
    mem_free(ranks);
    return found;
}
