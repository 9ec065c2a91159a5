/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

enum { DEPTH_MAX = 64, BITS_MAX = 8, SAMPLES = 1 << BITS_MAX };
#define LEAF UINT32_MAX

struct growth {
    struct tree *tree;
    const uint16_t *weights;
    struct rng *rng;
    uint32_t **rows;   /* rows[column]: those of the tree, ascending in x within each node */
    uint32_t *spare;   /* for partitions */
    uint32_t *columns; /* to be shuffled */
    bool *goes_left;   /* of each row */
};

struct split {
    uint32_t column;
    size_t n_left;
    double threshold, gain;
};

/* The sums of the rows of a node. */
struct sums {
    double weight, y, min, max;
};

static struct sums node_sums(const struct growth *g, size_t begin, size_t end)
{
    const struct tree_data *d = g->tree->data;
    struct sums s = {.min = INFINITY, .max = -INFINITY};
    for (size_t i = begin; i < end; i++) {
        uint32_t row = g->rows[0][i];
        s.weight += g->weights[row];
        s.y += g->weights[row] * d->y[row];
        s.min = fmin(s.min, d->y[row]);
        s.max = fmax(s.max, d->y[row]);
    }
    return s;
}

/* The split of one column that lowers the sum of squares most. y is centred first, so that no
 * digits are lost. */
static void column_try(const struct growth *g, uint32_t column, size_t begin, size_t end,
                       const struct sums *all, struct split *best)
{
    const struct tree_data *d = g->tree->data;
    const double *x = d->x[column];
    const uint32_t *rows = g->rows[column];
    double weight = 0, sum = 0, mean = all->y / all->weight;
    if (x[rows[begin]] == x[rows[end - 1]])
        return;
    for (size_t i = begin; i + 1 < end; i++) {
        uint32_t row = rows[i];
        weight += g->weights[row];
        sum += g->weights[row] * (d->y[row] - mean);
        if (x[row] == x[rows[i + 1]])
            continue;
        double gain = sum * sum / weight + sum * sum / (all->weight - weight);
        if (gain > best->gain) {
            double middle = x[row] / 2 + x[rows[i + 1]] / 2;
            *best = (struct split){column, i + 1 - begin, middle < x[rows[i + 1]] ? middle : x[row],
                                   gain};
        }
    }
}

static struct split split_find(struct growth *g, size_t begin, size_t end, const struct sums *all)
{
    struct split best = {.gain = 0};
    size_t n = g->tree->data->columns;
    for (size_t i = 0; i < n; i++) {
        size_t other = i + (size_t)rng_below(g->rng, n - i);
        uint32_t column = g->columns[other];
        g->columns[other] = g->columns[i];
        g->columns[i] = column;
        column_try(g, column, begin, end, all, &best);
    }
    return best;
}

/* Puts the rows that go left first, in each column's order. */
static void rows_partition(struct growth *g, size_t begin, size_t end, const struct split *split)
{
    const uint32_t *of = g->rows[split->column];
    for (size_t i = begin; i < end; i++)
        g->goes_left[of[i]] = i < begin + split->n_left;
    for (size_t c = 0; c < g->tree->data->columns; c++) {
        uint32_t *rows = g->rows[c];
        size_t left = begin, right = 0;
        for (size_t i = begin; i < end; i++) {
            uint32_t row = rows[i];
            if (g->goes_left[row])
                rows[left++] = row;
            else
                g->spare[right++] = row;
        }
        memcpy(rows + left, g->spare, right * sizeof *rows);
    }
}

/* low, high: the bounds of the node's box, changed on the way down and restored. */
static uint32_t node_grow(struct growth *g, size_t begin, size_t end, int depth, double *low,
                          double *high)
{
    struct tree *t = g->tree;
    struct sums all = node_sums(g, begin, end);
    t->nodes = mem_grow(t->nodes, &t->cap, t->n + 1, sizeof *t->nodes);
    uint32_t at = (uint32_t)t->n++;
    t->nodes[at] = (struct tree_node){.column = LEAF, .mean = all.y / all.weight};
    if (end - begin < 2 || depth == DEPTH_MAX || !(all.min < all.max))
        return at;
    struct split split = split_find(g, begin, end, &all);
    if (!(split.gain > 0))
        return at;
    rows_partition(g, begin, end, &split);
    uint32_t c = split.column;
    double was_low = low[c], was_high = high[c];
    double share = (split.threshold - was_low) / (was_high - was_low);
    share = fmin(fmax(share, 0), 1); /* a row may be outside the bounds */
    high[c] = split.threshold;
    uint32_t left = node_grow(g, begin, begin + split.n_left, depth + 1, low, high);
    high[c] = was_high;
    low[c] = split.threshold;
    uint32_t right = node_grow(g, begin + split.n_left, end, depth + 1, low, high);
    low[c] = was_low;
    double mean = share * t->nodes[left].mean + (1 - share) * t->nodes[right].mean;
    t->nodes[at] = (struct tree_node){c, left, right, split.threshold, share, mean, split.gain};
    return at;
}

void tree_fit(struct tree *t, const struct tree_data *data, const uint16_t *weights,
              struct rng *rng)
{
    *t = (struct tree){.data = data};
    struct growth g = {.tree = t, .weights = weights, .rng = rng};
    size_t n = 0, d = data->columns, bounds = d * sizeof(double);
    double *low = mem_alloc(bounds + 1), *high = mem_alloc(bounds + 1);
    memcpy(low, data->low, bounds);
    memcpy(high, data->high, bounds);
    g.rows = mem_alloc(d * sizeof *g.rows);
    g.columns = mem_alloc(d * sizeof *g.columns);
    g.spare = mem_alloc(data->rows * sizeof *g.spare);
    g.goes_left = mem_alloc(data->rows * sizeof *g.goes_left);
    for (size_t c = 0; c < d; c++) {
        g.rows[c] = mem_alloc(data->rows * sizeof **g.rows);
        g.columns[c] = (uint32_t)c;
        n = 0;
        for (size_t i = 0; i < data->rows; i++)
            if (weights[data->order[c][i]] > 0)
                g.rows[c][n++] = data->order[c][i];
    }
    PRE(n > 0);
    node_grow(&g, 0, n, 0, low, high);
    for (size_t c = 0; c < d; c++)
        mem_free(g.rows[c]);
    mem_free(g.rows);
    mem_free(g.columns);
    mem_free(g.spare);
    mem_free(g.goes_left);
    mem_free(low);
    mem_free(high);
}

void tree_done(struct tree *t)
{
    mem_free(t->nodes);
    *t = (struct tree){0};
}

double tree_gain(const struct tree *t, size_t first, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->nodes[i].column != LEAF && t->nodes[i].column - first < n)
            sum += t->nodes[i].gain;
    return sum;
}

/* The sum of squares around `mean` over the box of a node, times its weight. */
static double box_squares(const struct tree *t, uint32_t at, double weight, double mean)
{
    const struct tree_node *n = &t->nodes[at];
    if (n->column == LEAF)
        return weight * (n->mean - mean) * (n->mean - mean);
    return box_squares(t, n->left, weight * n->share, mean) +
           box_squares(t, n->right, weight * (1 - n->share), mean);
}

double tree_variance(const struct tree *t)
{
    return box_squares(t, 0, 1, t->nodes[0].mean);
}

/* The marginal of a column is a step function: here as its steps, to be sorted. */
struct step {
    double at, rise;
};

struct steps {
    struct step *items;
    size_t n;
    uint32_t column;
};

static void step_add(struct steps *s, double at, double rise)
{
    s->items[s->n++] = (struct step){at, rise};
}

static void steps_gather(const struct tree *t, uint32_t at, double weight, double low, double high,
                         struct steps *s)
{
    const struct tree_node *n = &t->nodes[at];
    if (n->column == LEAF) {
        step_add(s, low, weight * n->mean);
        step_add(s, high, -weight * n->mean);
    } else if (n->column == s->column) {
        double middle = fmin(fmax(n->threshold, low), high);
        steps_gather(t, n->left, weight, low, middle, s);
        steps_gather(t, n->right, weight, middle, high, s);
    } else {
        steps_gather(t, n->left, weight * n->share, low, high, s);
        steps_gather(t, n->right, weight * (1 - n->share), low, high, s);
    }
}

static int step_compare(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

double tree_variance_of(const struct tree *t, size_t column)
{
    const struct tree_data *d = t->data;
    struct steps s = {.items = mem_alloc((2 * t->n + 2) * sizeof *s.items),
                      .column = (uint32_t)column};
    double low = d->low[column], high = d->high[column], mean = t->nodes[0].mean;
    steps_gather(t, 0, 1, low, high, &s);
    qsort(s.items, s.n, sizeof *s.items, step_compare);
    double level = 0, sum = 0;
    for (size_t i = 0; i + 1 < s.n; i++) {
        level += s.items[i].rise;
        sum += (s.items[i + 1].at - s.items[i].at) * (level - mean) * (level - mean);
    }
    mem_free(s.items);
    return high > low ? fmax(sum / (high - low), 0) : 0;
}

struct bits {
    size_t first, n;
    const bool *set;
};

static double bits_mean(const struct tree *t, uint32_t at, const struct bits *b)
{
    const struct tree_node *n = &t->nodes[at];
    if (n->column == LEAF)
        return n->mean;
    if (n->column - b->first < b->n)
        return bits_mean(t, b->set[n->column - b->first] ? n->right : n->left, b);
    return n->share * bits_mean(t, n->left, b) + (1 - n->share) * bits_mean(t, n->right, b);
}

double tree_variance_of_bits(const struct tree *t, size_t first, size_t n, struct rng *rng)
{
    bool *set = mem_alloc(n + 1);
    struct bits b = {first, n, set};
    size_t samples = n <= BITS_MAX ? (size_t)1 << n : SAMPLES;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < samples; i++) {
        for (size_t k = 0; k < n; k++)
            set[k] = n <= BITS_MAX ? i >> k & 1 : rng_u32(rng) & 1;
        double x = bits_mean(t, 0, &b) - t->nodes[0].mean;
        sum += x;
        squares += x * x;
    }
    mem_free(set);
    double mean = sum / (double)samples;
    return fmax(squares / (double)samples - mean * mean, 0);
}
