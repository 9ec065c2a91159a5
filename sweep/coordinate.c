/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/coordinate.h"

#include <math.h>

#include "base/mem.h"

static bool is_categorical(const struct parameter *p)
{
    return p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CATEGORICAL_P;
}

/* A value listed twice is placed at its first entry with a nonzero probability. */
static void place_categories(struct coordinate *c)
{
    size_t listed = c->p->values->list.n;
    double below = 0;
    axis_init(&c->axis, c->p);
    c->places = mem_alloc(c->axis.n * sizeof *c->places);
    for (size_t digit = 0; digit < c->axis.n; digit++)
        c->places[digit] = NAN;
    for (size_t i = 0; i < listed; i++) {
        bool even = c->p->kind == SPACE_CATEGORICAL;
        double chance = even ? 1 / (double)listed : c->p->probabilities[i];
        uint32_t digit = c->axis.digit_of[i];
        if (digit != UINT32_MAX && isnan(c->places[digit]))
            c->places[digit] = even ? ((double)i + 0.5) / (double)listed : below + chance / 2;
        below += chance;
    }
}

void coordinates_init(struct coordinates *c, const struct space *space)
{
    *c = (struct coordinates){.items = mem_alloc(space->n * sizeof *c->items)};
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (space_parameter_points(p) == 1)
            continue;
        c->items[c->n].p = p;
        if (is_categorical(p))
            place_categories(&c->items[c->n]);
        c->n++;
    }
}

void coordinates_done(struct coordinates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        axis_done(&c->items[i].axis);
        mem_free(c->items[i].places);
    }
    mem_free(c->items);
    *c = (struct coordinates){0};
}

static double place_of_int(const struct parameter *p, const struct value *v)
{
    uint64_t n = space_parameter_points(p);
    uint64_t step = p->int_step > 1 ? (uint64_t)p->int_step : 1;
    if (v->kind != VALUE_INT || v->i < p->int_min || v->i > p->int_max)
        return NAN;
    return ((double)(((uint64_t)v->i - (uint64_t)p->int_min) / step) + 0.5) / (double)n;
}

/* The middle of the quantiles that give a level of a q_* kind. */
static double place_of_level(const struct parameter *p, double level)
{
    return (space_cdf(p, space_level_number(p, level - 0.5)) +
            space_cdf(p, space_level_number(p, level + 0.5))) /
           2;
}

static double place_of_number(const struct parameter *p, const struct value *v)
{
    if (!value_is_number(v))
        return NAN;
    if (!space_is_quantised(p))
        return space_cdf(p, value_number(v));
    return place_of_level(p, space_level_near(p, value_number(v)));
}

static double place_of(const struct coordinate *c, const struct value *v)
{
    uint64_t digit;
    if (!v)
        return NAN;
    if (is_categorical(c->p))
        return axis_find(&c->axis, v, &digit) ? c->places[digit] : NAN;
    return c->p->kind == SPACE_INT_UNIFORM ? place_of_int(c->p, v) : place_of_number(c->p, v);
}

void coordinates_of(const struct coordinates *c, const struct value *params, double *ret)
{
    for (size_t i = 0; i < c->n; i++)
        ret[i] = place_of(&c->items[i], space_lookup(params, c->items[i].p));
}

bool coordinate_is_category(const struct coordinate *c)
{
    return is_categorical(c->p);
}

uint64_t coordinate_levels(const struct coordinate *c)
{
    int64_t first;
    uint64_t n;
    if (is_categorical(c->p))
        return c->axis.n;
    if (c->p->kind != SPACE_INT_UNIFORM && !space_is_quantised(c->p))
        return 0;
    return space_levels(c->p, &first, &n) ? n : UINT64_MAX;
}

bool coordinate_is_ordered(const struct coordinate *c)
{
    if (!is_categorical(c->p) || c->axis.n < 3)
        return false;
    int direction = 0;
    for (size_t i = 0; i < c->axis.n; i++) {
        if (!value_is_number(c->axis.values[i]))
            return false;
        if (i == 0)
            continue;
        double by = value_number(c->axis.values[i]) - value_number(c->axis.values[i - 1]);
        int sign = (by > 0) - (by < 0);
        if (sign == 0 || (direction != 0 && sign != direction))
            return false;
        direction = sign;
    }
    return true;
}

double coordinate_place(const struct coordinate *c, uint64_t digit)
{
    int64_t first;
    uint64_t n;
    if (is_categorical(c->p))
        return c->places[digit];
    if (!space_levels(c->p, &first, &n))
        return NAN;
    if (c->p->kind == SPACE_INT_UNIFORM)
        return ((double)digit + 0.5) / (double)n;
    return place_of_level(c->p, (double)first + (double)digit);
}

double coordinate_chance(const struct coordinate *c, uint64_t digit)
{
    int64_t first;
    uint64_t n;
    if (is_categorical(c->p))
        return axis_weight(&c->axis, digit);
    if (!space_levels(c->p, &first, &n))
        return NAN;
    if (c->p->kind == SPACE_INT_UNIFORM)
        return 1 / (double)n;
    double level = (double)first + (double)digit;
    return space_cdf(c->p, space_level_number(c->p, level + 0.5)) -
           space_cdf(c->p, space_level_number(c->p, level - 0.5));
}

/* A normal distribution has no ends: at the last quantile below 1 it is 8 deviations away. A beta
 * distribution has ends that are all but never drawn. Their values within these quantiles, 3.1
 * deviations, are what a search may propose. */
#define TAIL 0.001

static bool is_thin_at_ends(const struct parameter *p)
{
    return p->kind == SPACE_NORMAL || p->kind == SPACE_LOG_NORMAL || p->kind == SPACE_Q_NORMAL ||
           p->kind == SPACE_Q_LOG_NORMAL || p->kind == SPACE_BETA;
}

/* Clamps u to quantiles that have a value. */
static double inside_unit(const struct parameter *p, double u)
{
    if (is_thin_at_ends(p))
        return fmin(fmax(u, TAIL), 1 - TAIL);
    if (u > 0 && u < 1)
        return u;
    bool open = is_categorical(p) || p->kind == SPACE_INT_UNIFORM ||
                !isfinite(space_quantile(p, u > 0 ? 1 : 0));
    if (open)
        return u > 0 ? 1 - 0x1p-53 : 0x1p-54;
    return u > 0 ? 1 : 0;
}

double coordinate_snap(const struct coordinate *c, double u)
{
    u = inside_unit(c->p, u);
    if (is_categorical(c->p))
        return c->places[axis_digit(&c->axis, u)];
    if (c->p->kind == SPACE_INT_UNIFORM) {
        double n = (double)space_parameter_points(c->p);
        return (fmin(floor(u * n), n - 1) + 0.5) / n;
    }
    if (!space_is_quantised(c->p))
        return u;
    return place_of_level(c->p, space_level_near(c->p, space_quantile(c->p, u)));
}

void coordinate_range(const struct coordinate *c, double u, double *ret_low, double *ret_high)
{
    u = inside_unit(c->p, u);
    if (is_categorical(c->p)) {
        uint64_t digit = axis_digit(&c->axis, u);
        double half = axis_weight(&c->axis, digit) / 2;
        *ret_low = c->places[digit] - half;
        *ret_high = c->places[digit] + half;
    } else if (c->p->kind == SPACE_INT_UNIFORM) {
        double n = (double)space_parameter_points(c->p), level = fmin(floor(u * n), n - 1);
        *ret_low = level / n;
        *ret_high = (level + 1) / n;
    } else {
        double level = space_level_near(c->p, space_quantile(c->p, u));
        *ret_low = space_cdf(c->p, space_level_number(c->p, level - 0.5));
        *ret_high = space_cdf(c->p, space_level_number(c->p, level + 0.5));
    }
}

double coordinate_neighbour(const struct coordinate *c, double u, int by)
{
    u = inside_unit(c->p, u);
    double to = u;
    if (is_categorical(c->p)) {
        int64_t digit = (int64_t)axis_digit(&c->axis, u) + by;
        return digit >= 0 && digit < (int64_t)c->axis.n ? c->places[digit] : u;
    }
    if (c->p->kind == SPACE_INT_UNIFORM)
        to = u + by / (double)space_parameter_points(c->p);
    else if (space_is_quantised(c->p))
        to = place_of_level(c->p, space_level_near(c->p, space_quantile(c->p, u)) + by);
    return to > 0 && to < 1 ? to : u;
}
