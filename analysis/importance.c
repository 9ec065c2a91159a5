/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/correlation.h"
#include "analysis/forest.h"
#include "analysis/ped_anova.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/number/order.h"
#include "base/number/rng.h"

enum { REFITS = 50, TRIALS_MIN = 20, TRIALS_FOR_EACH = 5 };
#define SEED UINT64_C(0x6265736f6d)
#define TAIL 0.05 /* below and above the interval */

static const char *const names[IMPORTANCE_METHODS] = {"ped-anova", "fanova", "forest",
                                                      "correlation"};

const char *importance_method_name(enum importance_method m)
{
    return names[m];
}

bool importance_method_is_forest(enum importance_method m)
{
    return m == IMPORTANCE_FANOVA || m == IMPORTANCE_FOREST;
}

int importance_method_find(const char *name)
{
    for (int i = 0; i < IMPORTANCE_METHODS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

size_t importance_wanted(size_t parameters)
{
    return TRIALS_FOR_EACH * parameters > TRIALS_MIN ? TRIALS_FOR_EACH * parameters : TRIALS_MIN;
}

/* The fits of one method: shares of each factor, of all rows and of each refit. */
struct fits {
    size_t n, refits;
    double *whole; /* n */
    double *rhos;  /* n */
    double sum;    /* of them, before it is made 1 */
    double *real;  /* refits x n */
    double *noise; /* refits x n */
};

static int double_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Of column i of refits x n numbers, sorted into scratch. */
static double quantile_of(const struct fits *f, const double *of, size_t i, double q,
                          double *scratch)
{
    for (size_t b = 0; b < f->refits; b++)
        scratch[b] = of[b * f->n + i];
    qsort(scratch, f->refits, sizeof *scratch, double_compare);
    double at = q * (double)(f->refits - 1);
    size_t k = (size_t)at;
    double next = scratch[k + 1 < f->refits ? k + 1 : k];
    return scratch[k] + (at - (double)k) * (next - scratch[k]);
}

/* Divides by the sum of shares[0..n), all of which stay 0 if it is 0. */
static void shares_scale(const double *shares, size_t n, double *scaled, size_t scaled_n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += shares[i];
    for (size_t i = 0; i < scaled_n; i++)
        scaled[i] = sum > 0 ? scaled[i] / sum : 0;
}

/* PED-ANOVA, or correlations, over rows sorted by loss. */
struct ranked {
    size_t n, rows;
    const uint32_t *by_loss; /* the rows, best first */
    const double *losses;
    struct ped_anova_grid *grids;     /* NULL: correlations */
    struct correlation *correlations; /* NULL: PED-ANOVA */
    double *rhos;
    uint32_t *weights; /* of each row */
    uint32_t *places;  /* which row's parameters a row has: its own, or a shuffled one */
    double *best, *all;
};

/* How many of by_loss are among the best: gamma of all, and those that equal the last of these. */
static size_t best_rows(const struct ranked *r)
{
    double total = 0, sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->rows; i++)
        total += r->weights[i];
    double wanted = ceil(IMPORTANCE_GAMMA * total);
    while (n < r->rows && sum < wanted)
        sum += r->weights[r->by_loss[n++]];
    while (n > 0 && n < r->rows && r->losses[r->by_loss[n]] == r->losses[r->by_loss[n - 1]])
        n++;
    return n;
}

static void ranked_correlate(const struct ranked *r, double *ret)
{
    const struct correlation_rows rows = {r->rows, r->by_loss, r->losses, r->weights, r->places};
    for (size_t k = 0; k < r->n; k++)
        ret[k] = correlation_share(&r->correlations[k], &rows, &r->rhos[k]);
}

static void ranked_fit(const struct ranked *r, double *ret)
{
    if (r->correlations) {
        ranked_correlate(r, ret);
        return;
    }
    size_t n_best = best_rows(r);
    double weight_best = 0, weight_all = 0;
    for (size_t i = 0; i < r->rows; i++) {
        weight_best += i < n_best ? r->weights[r->by_loss[i]] : 0;
        weight_all += r->weights[i];
    }
    for (size_t k = 0; k < r->n; k++) {
        const struct ped_anova_grid *g = &r->grids[k];
        memset(r->best, 0, g->cells * sizeof *r->best);
        memset(r->all, 0, g->cells * sizeof *r->all);
        for (size_t i = 0; i < r->rows; i++) {
            uint32_t row = r->by_loss[i];
            int32_t cell = g->cell[r->places[row]];
            if (cell < 0)
                continue;
            r->all[cell] += r->weights[row];
            if (i < n_best)
                r->best[cell] += r->weights[row];
        }
        ret[k] = ped_anova_importance(g, r->best, r->all, weight_best, weight_all);
    }
}

static void places_reset(struct ranked *r)
{
    for (size_t i = 0; i < r->rows; i++)
        r->places[i] = (uint32_t)i;
}

static void weights_reset(struct ranked *r)
{
    for (size_t i = 0; i < r->rows; i++)
        r->weights[i] = 1;
}

static void places_shuffle(struct ranked *r, struct rng *rng)
{
    for (size_t i = r->rows; i > 1; i--) {
        size_t other = (size_t)rng_below(rng, i);
        uint32_t place = r->places[other];
        r->places[other] = r->places[i - 1];
        r->places[i - 1] = place;
    }
}

/* Fits a resample, and all trials with each parameter shuffled between them. */
static void ranked_refit(struct ranked *r, size_t b, const struct fits *f)
{
    struct rng rng;
    double *real = f->real + b * f->n, *noise = f->noise + b * f->n;
    rng_init(&rng, SEED, b, RNG_BOOTSTRAP);
    memset(r->weights, 0, r->rows * sizeof *r->weights);
    for (size_t i = 0; i < r->rows; i++)
        r->weights[rng_below(&rng, r->rows)]++;
    places_reset(r);
    ranked_fit(r, real);
    if (!r->correlations)
        shares_scale(real, f->n, real, f->n);
    weights_reset(r);
    places_shuffle(r, &rng);
    ranked_fit(r, noise);
    for (size_t k = 0; k < f->n && !r->correlations; k++)
        noise[k] = f->sum > 0 ? noise[k] / f->sum : 0;
}

static uint32_t *rows_by_loss(const double *losses, size_t rows)
{
    size_t *order = mem_alloc((rows + 1) * sizeof *order);
    uint32_t *ret = mem_alloc(rows * sizeof *ret);
    order_ascending(losses, rows, order);
    for (size_t i = 0; i < rows; i++)
        ret[i] = (uint32_t)order[i];
    mem_free(order);
    return ret;
}

static size_t grids_init(struct ranked *r, const struct factors *fs)
{
    size_t cells = 1;
    r->grids = mem_alloc((fs->n + 1) * sizeof *r->grids);
    for (size_t k = 0; k < fs->n; k++) {
        ped_anova_grid_init(&r->grids[k], &fs->items[k], fs->rows);
        cells = r->grids[k].cells > cells ? r->grids[k].cells : cells;
    }
    return cells;
}

static void correlations_init(struct ranked *r, const struct factors *fs)
{
    r->correlations = mem_alloc((fs->n + 1) * sizeof *r->correlations);
    for (size_t k = 0; k < fs->n; k++)
        correlation_init(&r->correlations[k], &fs->items[k], fs->rows);
}

static void ranked_done(struct ranked *r)
{
    for (size_t k = 0; k < r->n && r->grids; k++)
        ped_anova_grid_done(&r->grids[k]);
    for (size_t k = 0; k < r->n && r->correlations; k++)
        correlation_done(&r->correlations[k]);
    mem_free(r->grids);
    mem_free(r->correlations);
    mem_free(r->rhos);
    mem_free(r->weights);
    mem_free(r->places);
    mem_free(r->best);
    mem_free(r->all);
}

static void fit_ranked(const struct factors *fs, const double *losses, bool correlate,
                       struct fits *f)
{
    size_t cells = 1;
    uint32_t *by_loss = rows_by_loss(losses, fs->rows);
    struct ranked r = {.n = fs->n,
                       .rows = fs->rows,
                       .losses = losses,
                       .by_loss = by_loss,
                       .rhos = mem_alloc((fs->n + 1) * sizeof *r.rhos),
                       .weights = mem_alloc(fs->rows * sizeof *r.weights),
                       .places = mem_alloc(fs->rows * sizeof *r.places)};
    if (correlate)
        correlations_init(&r, fs);
    else
        cells = grids_init(&r, fs);
    r.best = mem_alloc(cells * sizeof *r.best);
    r.all = mem_alloc(cells * sizeof *r.all);
    weights_reset(&r);
    places_reset(&r);
    ranked_fit(&r, f->whole);
    for (size_t k = 0; k < fs->n; k++) {
        f->sum += f->whole[k];
        f->rhos[k] = correlate ? r.rhos[k] : NAN;
    }
    if (!correlate)
        shares_scale(f->whole, f->n, f->whole, f->n);
    for (size_t b = 0; b < f->refits; b++)
        ranked_refit(&r, b, f);
    ranked_done(&r);
    mem_free(by_loss);
}

/* The trees are the refits: each is fitted to a resample. */
static void fit_forest(const struct factors *fs, const double *losses, enum forest_share of,
                       const struct fits *f)
{
    size_t width = fs->n + 1;
    double *shares = mem_alloc(f->refits * width * sizeof *shares);
    forest_shares(fs, losses, of, SEED, shares);
    for (size_t b = 0; b < f->refits; b++) {
        double *tree = shares + b * width;
        for (size_t k = 0; k < fs->n; k++) {
            f->whole[k] += tree[k];
            f->rhos[k] = NAN;
        }
        shares_scale(tree, fs->n, tree, width);
        for (size_t k = 0; k < fs->n; k++) {
            f->real[b * fs->n + k] = tree[k];
            f->noise[b * fs->n + k] = tree[fs->n];
        }
    }
    shares_scale(f->whole, fs->n, f->whole, fs->n);
    mem_free(shares);
}

static int importance_compare(const void *a, const void *b)
{
    const struct importance *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return (x->factor > y->factor) - (x->factor < y->factor); /* in the order of the space */
}

void importance_estimate(const struct factors *fs, const double *losses, enum importance_method m,
                         struct importance *ret)
{
    PRE(fs->rows >= 2);
    size_t refits = importance_method_is_forest(m) ? FOREST_TREES : REFITS;
    struct fits f = {.n = fs->n,
                     .refits = refits,
                     .whole = mem_alloc((fs->n + 1) * sizeof *f.whole),
                     .rhos = mem_alloc((fs->n + 1) * sizeof *f.rhos),
                     .real = mem_alloc(refits * (fs->n + 1) * sizeof *f.real),
                     .noise = mem_alloc(refits * (fs->n + 1) * sizeof *f.noise)};
    double *scratch = mem_alloc(refits * sizeof *scratch);
    if (importance_method_is_forest(m))
        fit_forest(fs, losses, m == IMPORTANCE_FANOVA ? FOREST_FANOVA : FOREST_GAIN, &f);
    else
        fit_ranked(fs, losses, m == IMPORTANCE_CORRELATION, &f);
    for (size_t k = 0; k < fs->n; k++) {
        double value = f.whole[k];
        double low = fmin(value, quantile_of(&f, f.real, k, TAIL, scratch));
        double high = fmax(value, quantile_of(&f, f.real, k, 1 - TAIL, scratch));
        double noise = quantile_of(&f, f.noise, k, 1 - TAIL, scratch);
        double told =
            importance_method_is_forest(m) ? quantile_of(&f, f.real, k, 0.5, scratch) : low;
        ret[k] =
            (struct importance){&fs->items[k], value, low, high, noise, f.rhos[k], told <= noise};
    }
    qsort(ret, fs->n, sizeof *ret, importance_compare);
    mem_free(scratch);
    mem_free(f.whole);
    mem_free(f.rhos);
    mem_free(f.real);
    mem_free(f.noise);
}
