/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/coordinate.h"

#include <math.h>

#include "base/mem.h"

static bool is_categorical(const struct parameter *p)
{
    return p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CATEGORICAL_P;
}

/* A value that is listed twice is at the first of its places that has a chance. */
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

static double place_of_number(const struct parameter *p, const struct value *v)
{
    if (!value_is_number(v))
        return NAN;
    if (!space_is_quantised(p))
        return space_cdf(p, value_number(v));
    double level = space_level_near(p, value_number(v));
    return (space_cdf(p, space_level_number(p, level - 0.5)) +
            space_cdf(p, space_level_number(p, level + 0.5))) /
           2;
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
