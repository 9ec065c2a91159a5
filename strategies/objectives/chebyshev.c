/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/objectives/chebyshev.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/rng.h"

#define RHO 0.05 /* the share of the weighted sum, so that no weakly dominated point is best */

/* Uniform over all weights that sum to 1. */
static void draw_weights(uint64_t seed, uint64_t n, size_t m, double *ret)
{
    struct rng rng;
    double sum = 0;
    rng_init(&rng, seed, n, RNG_WEIGHTS);
    for (size_t j = 0; j < m; j++) {
        ret[j] = -log1p(-rng_unit(&rng));
        sum += ret[j];
    }
    for (size_t j = 0; j < m; j++)
        ret[j] = sum > 0 ? ret[j] / sum : 1 / (double)m;
}

/* The objectives of trial i as losses; false where one is not finite. */
static bool losses_of(const struct history *h, size_t i, double *ret)
{
    size_t others = h->rule.others_n;
    ret[0] = h->rule.maximize ? -h->objectives[i] : h->objectives[i];
    bool finite = isfinite(ret[0]);
    for (size_t k = 0; k < others; k++) {
        double value = h->others[i * others + k];
        ret[k + 1] = h->rule.others_maximize[k] ? -value : value;
        finite = finite && isfinite(value);
    }
    return finite;
}

static bool has_ended(const struct history *h, size_t i)
{
    return h->states[i] == TRIAL_FINISHED || h->states[i] == TRIAL_STOPPED;
}

/* The least loss of each objective, and its range: over the front, or over all trials where the
 * front has a single value. */
static void find_ranges(const double *rows, size_t n, size_t m, double *ret_least,
                        double *ret_range)
{
    static const bool minimize[PARETO_OBJECTIVES_MAX];
    size_t *front = mem_alloc((n + 1) * sizeof *front);
    size_t front_n = pareto_front(rows, n, m, minimize, front);
    for (size_t j = 0; j < m; j++) {
        double least = INFINITY, highest = -INFINITY, worst = -INFINITY;
        for (size_t k = 0; k < front_n; k++) {
            least = fmin(least, rows[front[k] * m + j]);
            highest = fmax(highest, rows[front[k] * m + j]);
        }
        for (size_t i = 0; i < n; i++)
            worst = fmax(worst, rows[i * m + j]);
        double range = highest > least ? highest - least : worst - least;
        ret_least[j] = least;
        ret_range[j] = range > 0 && isfinite(range) ? range : 1;
    }
    mem_free(front);
}

void chebyshev_init(struct chebyshev *c, const struct history *h, uint64_t seed)
{
    size_t m = h->rule.others_n + 1, n = 0;
    double least[PARETO_OBJECTIVES_MAX], range[PARETO_OBJECTIVES_MAX];
    double *rows = mem_alloc((h->n + 1) * m * sizeof *rows);
    for (size_t i = 0; i < h->n; i++)
        n += has_ended(h, i) && losses_of(h, i, rows + n * m);
    draw_weights(seed, h->n, m, c->weights);
    find_ranges(rows, n, m, least, range);
    c->losses = mem_alloc((h->n + 1) * sizeof *c->losses);
    for (size_t i = 0; i < h->n; i++) {
        double largest = -INFINITY, sum = 0, own[PARETO_OBJECTIVES_MAX];
        bool finite = losses_of(h, i, own) && n > 0;
        for (size_t j = 0; j < m && finite; j++) {
            double part = c->weights[j] * ((own[j] - least[j]) / range[j]);
            largest = fmax(largest, part);
            sum += part;
        }
        c->losses[i] = finite ? largest + RHO * sum : NAN;
    }
    mem_free(rows);
    c->one = *h;
    c->one.objectives = c->losses;
    c->one.rule = (struct objective_rule){.last = true};
}

void chebyshev_done(struct chebyshev *c)
{
    mem_free(c->losses);
}
