/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formulas are those of W&B's `sweeps` 0.3.0, which takes them from scipy and numpy: an
 * expression is written in the order in which they compute it, since it must round as theirs does.
 * For the same reason this file is compiled without fused multiply-add. */
#include "sweep/space.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number/dist.h"
#include "base/mem.h"

/* Beyond this a double no longer holds every integer. */
#define EXACT_INT_MAX 0x1p53

const char *space_kind_name(enum space_kind kind)
{
    static const char *const names[] = {
#define X(id, name) [id] = name,
        SPACE_KINDS(X)
#undef X
    };
    PRE((size_t)kind < sizeof names / sizeof *names);
    return names[kind];
}

static int64_t int_step(const struct parameter *p)
{
    return p->int_step > 1 ? p->int_step : 1;
}

static uint64_t int_points(const struct parameter *p)
{
    if (p->int_max < p->int_min)
        return 0;
    uint64_t n = ((uint64_t)p->int_max - (uint64_t)p->int_min) / (uint64_t)int_step(p);
    return n == UINT64_MAX ? n : n + 1;
}

/* scipy's randint.ppf over [low, low + n): the smallest integer whose share of the range reaches u.
 * At u = 0 scipy answers low - 1; that edge is clamped. Returns the distance from low. */
static uint64_t randint_offset(double u, double low, double n)
{
    double high = low + n;
    double at = ceil(u * (high - low) + low) - 1;
    double before = fmin(fmax(at - 1, low), high);
    if ((floor(before) - low + 1) / (high - low) >= u)
        at = before;
    return (uint64_t)fmin(fmax(at - low, 0), n - 1);
}

int64_t space_int(const struct parameter *p, double u)
{
    uint64_t n = int_points(p);
    double low = (double)(p->int_min / int_step(p));
    uint64_t offset;
    if ((double)n <= EXACT_INT_MAX && fabs(low) <= EXACT_INT_MAX)
        offset = randint_offset(u, low, (double)n);
    else {
        /* Doubles are too coarse for scipy's form; the range is divided evenly from its low end. */
        double at = floor(u * (double)n);
        offset = at < (double)(n - 1) ? (uint64_t)at : n - 1;
    }
    return (int64_t)((uint64_t)p->int_min + offset * (uint64_t)int_step(p));
}

size_t space_choice(const struct parameter *p, double u)
{
    size_t n = p->values->list.n;
    if (p->kind == SPACE_CATEGORICAL)
        return (size_t)randint_offset(u, 0, (double)n);
    double sum = 0;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        sum += p->probabilities[i];
        if (u < sum)
            return i;
        if (p->probabilities[i] > 0)
            last = i;
    }
    /* W&B gives the first value here, at u = 1 or if the sum falls short of 1 by rounding. */
    return last;
}

/* The number of steps from min to max; the last may pass max by a rounding error. */
static double steps_from_min(const struct parameter *p)
{
    return floor((p->max - p->min) / p->q + 1e-9) + 1;
}

/* The range of the quantity that is rounded to steps from min: all steps have equal shares. */
static void step_bounds(const struct parameter *p, double *ret_low, double *ret_high)
{
    *ret_low = p->min - p->q / 2;
    *ret_high = *ret_low + steps_from_min(p) * p->q;
}

static double uniform_quantile(double min, double max, double u)
{
    return u * (max - min) + min;
}

/* Clamps x to the bounds, which rounding may pass a little. */
static double within_bounds(const struct parameter *p, double x)
{
    return fmin(fmax(x, p->min), p->max);
}

double space_quantile(const struct parameter *p, double u)
{
    double low = p->min, high = p->max;
    if (p->from_min)
        step_bounds(p, &low, &high);
    switch (p->kind) {
    case SPACE_UNIFORM:
        return within_bounds(p, uniform_quantile(low, high, u));
    case SPACE_Q_UNIFORM:
        return uniform_quantile(low, high, u);
    case SPACE_LOG_UNIFORM:
    case SPACE_Q_LOG_UNIFORM:
        return exp(uniform_quantile(p->min, p->max, u));
    case SPACE_LOG_UNIFORM_VALUES:
        return within_bounds(p, exp(uniform_quantile(log(p->min), log(p->max), u)));
    case SPACE_Q_LOG_UNIFORM_VALUES:
        return exp(uniform_quantile(log(p->min), log(p->max), u));
    case SPACE_INV_LOG_UNIFORM:
        return exp(-uniform_quantile(p->min, p->max, 1 - u));
    case SPACE_INV_LOG_UNIFORM_VALUES:
        return within_bounds(p, exp(-uniform_quantile(-log(p->max), -log(p->min), 1 - u)));
    case SPACE_NORMAL:
    case SPACE_Q_NORMAL:
        return dist_normal_quantile(u) * p->sigma + p->mu;
    case SPACE_LOG_NORMAL:
    case SPACE_Q_LOG_NORMAL:
        return exp(dist_normal_quantile(u) * p->sigma + p->mu);
    case SPACE_BETA:
    case SPACE_Q_BETA:
        return dist_beta_quantile(u, p->a, p->b);
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
    case SPACE_INT_UNIFORM:
    case SPACE_CONSTANT:
    case SPACE_EXPR:
        break;
    }
    check(!"a kind without a quantile");
    return NAN;
}

static double uniform_cdf(double min, double max, double x)
{
    double u = (x - min) / (max - min);
    return fmin(fmax(u, 0), 1);
}

double space_cdf(const struct parameter *p, double x)
{
    double low = p->min, high = p->max;
    if (p->from_min)
        step_bounds(p, &low, &high);
    switch (p->kind) {
    case SPACE_UNIFORM:
    case SPACE_Q_UNIFORM:
        return uniform_cdf(low, high, x);
    case SPACE_LOG_UNIFORM:
    case SPACE_Q_LOG_UNIFORM:
        return x > 0 ? uniform_cdf(p->min, p->max, log(x)) : 0;
    case SPACE_LOG_UNIFORM_VALUES:
    case SPACE_Q_LOG_UNIFORM_VALUES:
        return x > 0 ? uniform_cdf(log(p->min), log(p->max), log(x)) : 0;
    case SPACE_INV_LOG_UNIFORM:
        return x > 0 ? 1 - uniform_cdf(p->min, p->max, -log(x)) : 0;
    case SPACE_INV_LOG_UNIFORM_VALUES:
        return x > 0 ? 1 - uniform_cdf(-log(p->max), -log(p->min), -log(x)) : 0;
    case SPACE_NORMAL:
    case SPACE_Q_NORMAL:
        return dist_normal_cdf((x - p->mu) / p->sigma);
    case SPACE_LOG_NORMAL:
    case SPACE_Q_LOG_NORMAL:
        return x > 0 ? dist_normal_cdf((log(x) - p->mu) / p->sigma) : 0;
    case SPACE_BETA:
    case SPACE_Q_BETA:
        return dist_beta_cdf(x, p->a, p->b);
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
    case SPACE_INT_UNIFORM:
    case SPACE_CONSTANT:
    case SPACE_EXPR:
        break;
    }
    check(!"a kind without a distribution function");
    return NAN;
}

bool space_is_quantised(const struct parameter *p)
{
    enum space_kind kind = p->kind;
    return kind == SPACE_Q_BETA || kind == SPACE_Q_UNIFORM || kind == SPACE_Q_NORMAL ||
           kind == SPACE_Q_LOG_NORMAL || kind == SPACE_Q_LOG_UNIFORM ||
           kind == SPACE_Q_LOG_UNIFORM_VALUES;
}

/* Like a cast in numpy: the smallest integer for anything out of range. */
static int64_t cast_int(double x)
{
    return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}

double space_level_near(const struct parameter *p, double x)
{
    /* rint rounds halves to even, as numpy's round does. */
    return p->from_min ? rint((x - p->min) / p->q) : rint(x / p->q);
}

double space_level_number(const struct parameter *p, double level)
{
    return p->from_min ? p->min + level * p->q : level * p->q;
}

static struct value *level_value(struct arena *a, const struct parameter *p, double level)
{
    double x = space_level_number(p, level);
    return p->q_int ? value_int(a, cast_int(x)) : value_float(a, x);
}

static struct value *quantised_value(struct arena *a, const struct parameter *p, double u)
{
    double level = space_level_near(p, space_quantile(p, u));
    if (p->from_min)
        level = fmin(fmax(level, 0), steps_from_min(p) - 1);
    return level_value(a, p, level);
}

struct value *space_ppf(struct arena *a, const struct parameter *p, double u)
{
    PRE(p->kind != SPACE_EXPR);
    switch (p->kind) {
    case SPACE_CONSTANT:
        return value_copy(a, p->value);
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
        return value_copy(a, p->values->list.items[space_choice(p, u)]);
    case SPACE_INT_UNIFORM:
        return value_int(a, space_int(p, u));
    default:
        return space_is_quantised(p) ? quantised_value(a, p, u)
                                     : value_float(a, space_quantile(p, u));
    }
}

/* The steps of q within the bounds. A step that overlaps them in less than one part in 10^9 of its
 * width comes only from rounding to even at a bound: no draw gives it. */
static bool quantised_levels(const struct parameter *p, int64_t *first, uint64_t *n)
{
    if (!(p->q > 0) || p->kind == SPACE_Q_NORMAL || p->kind == SPACE_Q_LOG_NORMAL)
        return false;
    const double touch = 1e-9;
    double from = space_quantile(p, 0) / p->q, to = space_quantile(p, 1) / p->q;
    double low = rint(from), high = rint(to);
    if (!(fabs(low) < EXACT_INT_MAX) || !(fabs(high) < EXACT_INT_MAX) || low > high)
        return false;
    if (low < high && low + 0.5 - from < touch)
        low++;
    if (low < high && to - (high - 0.5) < touch)
        high--;
    *first = (int64_t)low;
    *n = (uint64_t)(high - low) + 1;
    return true;
}

bool space_levels(const struct parameter *p, int64_t *first, uint64_t *n)
{
    if (p->kind == SPACE_INT_UNIFORM) {
        *first = p->int_min / int_step(p);
        *n = int_points(p);
        return true;
    }
    if (p->from_min) {
        *first = 0;
        *n = (uint64_t)steps_from_min(p);
        return steps_from_min(p) < EXACT_INT_MAX;
    }
    return space_is_quantised(p) && quantised_levels(p, first, n);
}

struct value *space_level_value(struct arena *a, const struct parameter *p, int64_t level)
{
    return p->kind == SPACE_INT_UNIFORM
               ? value_int(a, level * int_step(p) + p->int_min % int_step(p))
               : level_value(a, p, (double)level);
}

/* Counts distinct values with a nonzero probability: a value may be listed twice, once with
 * probability zero. */
static uint64_t likely_points(const struct parameter *p)
{
    struct arena scratch;
    arena_init(&scratch);
    struct value *likely = value_list(&scratch);
    for (size_t i = 0; i < p->values->list.n; i++)
        if (p->probabilities[i] > 0)
            value_push(&scratch, likely, p->values->list.items[i]);
    uint64_t n = space_distinct(&scratch, likely)->list.n;
    arena_done(&scratch);
    return n;
}

uint64_t space_parameter_points(const struct parameter *p)
{
    int64_t first;
    uint64_t n;
    switch (p->kind) {
    case SPACE_CONSTANT:
    case SPACE_EXPR:
        return 1;
    case SPACE_CATEGORICAL:
        return p->distinct->list.n;
    case SPACE_CATEGORICAL_P:
        return likely_points(p);
    default:
        return space_levels(p, &first, &n) ? n : 0;
    }
}

/* A zero factor makes the product zero, even if the others pass 2^64. */
static uint64_t points_product(const struct space *s, uint64_t (*points)(const struct parameter *))
{
    uint64_t all = 1;
    bool saturated = false;
    for (size_t i = 0; i < s->n; i++) {
        uint64_t n = points(&s->parameters[i]);
        if (n == 0)
            return 0;
        saturated = saturated || __builtin_mul_overflow(all, n, &all);
    }
    return saturated ? UINT64_MAX : all;
}

uint64_t space_points(const struct space *s)
{
    return points_product(s, space_parameter_points);
}

bool space_grid_allows(const struct parameter *p)
{
    return p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CONSTANT || p->kind == SPACE_EXPR ||
           p->kind == SPACE_INT_UNIFORM || p->kind == SPACE_Q_UNIFORM;
}

uint64_t space_grid_points(const struct parameter *p)
{
    PRE(space_grid_allows(p));
    if (p->kind != SPACE_Q_UNIFORM)
        return space_parameter_points(p);
    double n = p->from_min ? steps_from_min(p) : ceil((p->max - p->min) / p->q);
    return n >= 0x1p63 ? UINT64_MAX : n > 0 ? (uint64_t)n : 0;
}

static uint64_t grid_points_if_any(const struct parameter *p)
{
    return space_grid_allows(p) ? space_grid_points(p) : 0;
}

uint64_t space_grid_total(const struct space *s)
{
    return points_product(s, grid_points_if_any);
}

/* numpy.arange computes its first two values and steps by their difference, which for floats is not
 * always q. */
static double arange_value(const struct parameter *p, uint64_t i)
{
    double second = p->min + p->q;
    if (i <= 1)
        return i == 0 ? p->min : second;
    double delta = second - p->min;
    return p->min + (double)i * delta;
}

struct value *space_grid_value(struct arena *a, const struct parameter *p, uint64_t i)
{
    PRE(i < space_grid_points(p) && p->kind != SPACE_EXPR);
    if (p->kind == SPACE_CONSTANT)
        return value_copy(a, p->value);
    if (p->kind == SPACE_CATEGORICAL)
        return value_copy(a, p->distinct->list.items[i]);
    if (p->kind == SPACE_INT_UNIFORM)
        return value_int(a, (int64_t)((uint64_t)p->int_min + i * (uint64_t)int_step(p)));
    if (p->from_min)
        return level_value(a, p, (double)i);
    double x = arange_value(p, i);
    return p->q_int && p->bounds_int ? value_int(a, cast_int(x)) : value_float(a, x);
}

struct value *space_distinct(struct arena *a, const struct value *values)
{
    struct value *kept = value_list(a);
    size_t n = values->list.n, places = 16;
    while (places < 2 * n)
        places *= 2;
    uint32_t *index = mem_alloc(places * sizeof *index); /* 1 + place in kept, 0 empty */
    for (size_t i = 0; i < n; i++) {
        struct value *v = values->list.items[i];
        size_t at = value_hash(v) & (places - 1);
        while (index[at] && !value_same(kept->list.items[index[at] - 1], v))
            at = (at + 1) & (places - 1);
        if (index[at]) {
            kept->list.items[index[at] - 1] = v;
            continue;
        }
        value_push(a, kept, v);
        index[at] = (uint32_t)kept->list.n;
    }
    mem_free(index);
    return kept;
}

struct value *space_nest(struct arena *a, const struct space *s, struct value *const *values)
{
    struct value *root = value_dict(a);
    for (size_t i = 0; i < s->n; i++) {
        const struct parameter *p = &s->parameters[i];
        if (values[i])
            value_put_path(a, root, p->path, p->depth, values[i]);
    }
    return root;
}

const struct value *space_lookup(const struct value *params, const struct parameter *p)
{
    for (size_t level = 0; level < p->depth && params; level++)
        params = value_get(params, p->path[level]);
    return params;
}
