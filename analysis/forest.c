/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/forest.h"

#include <math.h>
#include <string.h>

#include "analysis/tree.h"
#include "base/mem.h"
#include "base/number/order.h"

/* The factors as columns of a tree. */
struct table {
    struct tree_data data;
    double **x, *low, *high;
    uint32_t **order;
    size_t *first; /* of each factor: its first column; the dummy's is the last */
};

enum { BITS_MAX = 64 };

/* A long list is one column, the places of its values: so many columns would take too much memory,
 * and trees hardly ever split on one of them. */
static bool factor_is_bits(const struct factor *f)
{
    return f->scale == FACTOR_CATEGORY && factor_places(f) <= BITS_MAX;
}

static size_t factor_columns(const struct factor *f)
{
    return factor_is_bits(f) ? factor_places(f) : 1;
}

static void category_encode(struct table *t, size_t first, const struct factor *f, size_t rows)
{
    size_t n = factor_columns(f);
    for (size_t k = 0; k < n; k++) {
        t->high[first + k] = 1;
        for (size_t i = 0; i < rows; i++)
            t->x[first + k][i] = f->values[i] == (double)k;
    }
}

/* Rows without the parameter lie just below the lower bound, so that the threshold of the split
 * that tells them apart is about at that bound. */
static void number_encode(struct table *t, size_t column, const struct factor *f, size_t rows)
{
    double missing = (double)(rows - f->known) / (double)rows;
    double low = f->low, high = f->high;
    if (f->scale == FACTOR_CATEGORY) {
        low = 0;
        high = (double)(factor_places(f) - 1);
    }
    bool is_flat = !(high - low > 0) || !isfinite(high - low);
    if (is_flat) {
        low = 0;
        high = 1;
    }
    double room = missing < 1 ? missing / (1 - missing) * (high - low) : high - low;
    for (size_t i = 0; i < rows; i++) {
        double x = f->values[i];
        t->x[column][i] = isnan(x) ? low - fmin(room, 1e-6 * (high - low))
                                   : fmin(fmax(is_flat ? 0.5 : x, low), high);
    }
    t->low[column] = low - room;
    t->high[column] = high;
}

static void columns_sort(struct table *t)
{
    size_t n = t->data.rows;
    size_t *order = mem_alloc((n + 1) * sizeof *order);
    for (size_t c = 0; c < t->data.columns; c++) {
        order_ascending(t->x[c], n, order);
        for (size_t i = 0; i < n; i++)
            t->order[c][i] = (uint32_t)order[i];
    }
    mem_free(order);
}

static void table_init(struct table *t, const struct factors *fs, const double *y, struct rng *rng)
{
    size_t columns = 1;
    *t = (struct table){.first = mem_alloc((fs->n + 1) * sizeof *t->first)};
    for (size_t i = 0; i < fs->n; i++)
        columns += factor_columns(&fs->items[i]);
    t->x = mem_alloc(columns * sizeof *t->x);
    t->order = mem_alloc(columns * sizeof *t->order);
    t->low = mem_alloc(columns * sizeof *t->low);
    t->high = mem_alloc(columns * sizeof *t->high);
    for (size_t c = 0; c < columns; c++) {
        t->x[c] = mem_alloc(fs->rows * sizeof **t->x);
        t->order[c] = mem_alloc(fs->rows * sizeof **t->order);
    }
    t->data = (struct tree_data){fs->rows, columns, (const double *const *)t->x, y, t->low,
                                 t->high,  t->order};
    size_t at = 0;
    for (size_t i = 0; i < fs->n; i++) {
        const struct factor *f = &fs->items[i];
        t->first[i] = at;
        if (factor_is_bits(f))
            category_encode(t, at, f, fs->rows);
        else
            number_encode(t, at, f, fs->rows);
        at += factor_columns(f);
    }
    t->first[fs->n] = at;
    t->high[at] = 1;
    for (size_t i = 0; i < fs->rows; i++)
        t->x[at][i] = rng_unit(rng);
    columns_sort(t);
}

static void table_done(struct table *t)
{
    for (size_t c = 0; c < t->data.columns; c++) {
        mem_free(t->x[c]);
        mem_free(t->order[c]);
    }
    mem_free(t->x);
    mem_free(t->order);
    mem_free(t->low);
    mem_free(t->high);
    mem_free(t->first);
}

static double tree_part(const struct tree *t, size_t first, size_t n, bool is_list,
                        enum forest_share of, struct rng *rng)
{
    if (of == FOREST_GAIN)
        return tree_gain(t, first, n);
    return is_list ? tree_variance_of_bits(t, first, n, rng) : tree_variance_of(t, first);
}

static void tree_shares(const struct tree *t, const struct table *table, const struct factors *fs,
                        enum forest_share of, struct rng *rng, double *ret)
{
    double all = of == FOREST_GAIN ? tree_gain(t, 0, table->data.columns) : tree_variance(t);
    for (size_t i = 0; i <= fs->n; i++) {
        bool is_list = i < fs->n && factor_is_bits(&fs->items[i]);
        size_t first = table->first[i], n = is_list ? factor_columns(&fs->items[i]) : 1;
        double own = tree_part(t, first, n, is_list, of, rng);
        ret[i] = all > 0 ? own / all : 0;
    }
}

/* y over its largest size: sums and squares of huge numbers would overflow. */
static double *target_scale(const double *y, size_t rows)
{
    double most = 0, *ret = mem_alloc(rows * sizeof *ret);
    for (size_t i = 0; i < rows; i++)
        most = fmax(most, fabs(y[i]));
    for (size_t i = 0; i < rows; i++)
        ret[i] = most > 0 ? y[i] / most : 0;
    return ret;
}

void forest_shares(const struct factors *fs, const double *y, enum forest_share of, uint64_t seed,
                   double *ret)
{
    double *scaled = target_scale(y, fs->rows);
    struct table table;
    struct rng rng;
    uint16_t *weights = mem_alloc(fs->rows * sizeof *weights);
    size_t draws = fs->rows < FOREST_ROWS_MAX ? fs->rows : FOREST_ROWS_MAX;
    rng_init(&rng, seed, FOREST_TREES, RNG_BOOTSTRAP);
    table_init(&table, fs, scaled, &rng);
    for (size_t b = 0; b < FOREST_TREES; b++) {
        struct tree tree;
        rng_init(&rng, seed, b, RNG_BOOTSTRAP);
        memset(weights, 0, fs->rows * sizeof *weights);
        for (size_t i = 0; i < draws; i++)
            weights[rng_below(&rng, fs->rows)]++;
        tree_fit(&tree, &table.data, weights, &rng);
        tree_shares(&tree, &table, fs, of, &rng, ret + b * (fs->n + 1));
        tree_done(&tree);
    }
    table_done(&table);
    mem_free(weights);
    mem_free(scaled);
}
