/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/evolution/categories.h"

#include <math.h>
#include <string.h>

void categories_start(struct categories *c)
{
    for (size_t k = 0; k < c->n; k++)
        memcpy(c->items[k].chances, c->items[k].prior, c->items[k].n * sizeof(double));
}

/* Keeps each chance at the margin at least, so that no value is lost: section 3.3 of the paper. */
static void category_keep_margin(struct category *c, size_t categories)
{
    double n = (double)c->n, least = (1 - pow(0.73, 1 / (double)categories)) / (n - 1), sum = 0;
    for (size_t v = 0; v < c->n; v++) {
        c->chances[v] = fmax(c->chances[v], least);
        sum += c->chances[v];
    }
    double excess = sum - n * least;
    for (size_t v = 0; v < c->n && excess > 0; v++)
        c->chances[v] -= (sum - 1) * (c->chances[v] - least) / excess;
}

static size_t category_find(const struct category *c, double place)
{
    size_t nearest = 0;
    for (size_t v = 1; v < c->n; v++)
        if (fabs(c->places[v] - place) < fabs(c->places[nearest] - place))
            nearest = v;
    return nearest;
}

void categories_update(struct categories *c, size_t k, const double *values, const double *weights,
                       size_t n, double rate)
{
    struct category *item = &c->items[k];
    double present = 0;
    for (size_t i = 0; i < n; i++)
        present += isnan(values[i]) ? 0 : weights[i];
    for (size_t v = 0; v < item->n; v++)
        item->chances[v] *= 1 - rate * present;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            item->chances[category_find(item, values[i])] += rate * weights[i];
    category_keep_margin(item, c->n);
}

double categories_at(const struct category *c, double u)
{
    size_t v = 0;
    while (v + 1 < c->n && u >= c->chances[v])
        u -= c->chances[v++];
    return c->places[v];
}
