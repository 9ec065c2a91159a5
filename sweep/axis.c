/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/axis.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"

static bool is_categorical(const struct parameter *p)
{
    return p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CATEGORICAL_P;
}

/* The slot of the index where v is or would go. */
static size_t index_place(const struct axis *x, const struct value *v)
{
    size_t at = value_hash(v) & (x->index_cap - 1);
    while (x->index[at] && !value_same(x->values[x->index[at] - 1], v))
        at = (at + 1) & (x->index_cap - 1);
    return at;
}

static uint64_t int_step(const struct parameter *p)
{
    return p->int_step > 1 ? (uint64_t)p->int_step : 1;
}

static void init_categorical(struct axis *x)
{
    const struct parameter *p = x->p;
    size_t listed = p->values->list.n;
    x->index_cap = 16;
    while (x->index_cap < 2 * listed)
        x->index_cap *= 2;
    x->index = mem_alloc(x->index_cap * sizeof *x->index);
    x->digit_of = mem_alloc(listed * sizeof *x->digit_of);
    x->values = mem_alloc(listed * sizeof *x->values);
    x->weights = mem_alloc(listed * sizeof *x->weights);
    for (size_t i = 0; i < listed; i++) {
        double weight = p->kind == SPACE_CATEGORICAL ? 1 / (double)listed : p->probabilities[i];
        x->digit_of[i] = UINT32_MAX;
        if (!(weight > 0))
            continue;
        size_t place = index_place(x, p->values->list.items[i]);
        if (!x->index[place]) {
            x->values[x->n] = p->values->list.items[i];
            x->index[place] = (uint32_t)++x->n;
        }
        x->digit_of[i] = x->index[place] - 1;
        x->weights[x->digit_of[i]] += weight;
    }
}

void axis_init(struct axis *x, const struct parameter *p)
{
    *x = (struct axis){.p = p};
    if (is_categorical(p))
        init_categorical(x);
    else if (p->kind == SPACE_CONSTANT || p->kind == SPACE_EXPR)
        x->n = 1;
    else
        check(space_levels(p, &x->first, &x->n));
    POST(x->n == space_parameter_points(p));
}

void axis_init_grid(struct axis *x, const struct parameter *p)
{
    *x = (struct axis){.p = p, .n = space_grid_points(p), .grid = true};
}

void axis_done(struct axis *x)
{
    mem_free(x->digit_of);
    mem_free(x->values);
    mem_free(x->weights);
    mem_free(x->index);
}

/* Clamps a level to the existing ones: rounding to even at a bound may leave the range. */
static uint64_t clamp_step(const struct axis *x, double step)
{
    double from = (double)x->first;
    if (!(step > from))
        return 0;
    uint64_t digit = (uint64_t)(step - from);
    return digit < x->n ? digit : x->n - 1;
}

uint64_t axis_digit(const struct axis *x, double u)
{
    const struct parameter *p = x->p;
    if (x->n == 1)
        return 0;
    if (is_categorical(p))
        return x->digit_of[space_choice(p, u)];
    if (p->kind == SPACE_INT_UNIFORM)
        return ((uint64_t)space_int(p, u) - (uint64_t)p->int_min) / int_step(p);
    return clamp_step(x, space_level_near(p, space_quantile(p, u)));
}

static bool find_int(const struct axis *x, int64_t i, uint64_t *ret_digit)
{
    uint64_t above = (uint64_t)i - (uint64_t)x->p->int_min;
    *ret_digit = above / int_step(x->p);
    return i >= x->p->int_min && above % int_step(x->p) == 0 && *ret_digit < x->n;
}

bool axis_find(const struct axis *x, const struct value *v, uint64_t *ret_digit)
{
    const struct parameter *p = x->p;
    *ret_digit = 0;
    if (p->kind == SPACE_CONSTANT || p->kind == SPACE_EXPR)
        return true;
    if (is_categorical(p)) {
        uint32_t found = x->index[index_place(x, v)];
        *ret_digit = found - 1;
        return found != 0;
    }
    if (!value_is_number(v))
        return false;
    if (p->kind == SPACE_INT_UNIFORM)
        return v->kind == VALUE_INT && find_int(x, v->i, ret_digit);
    double from_first = space_level_near(p, value_number(v)) - (double)x->first;
    if (!(from_first >= 0 && from_first < (double)x->n))
        return false;
    *ret_digit = (uint64_t)from_first;
    return true;
}

double axis_weight(const struct axis *x, uint64_t digit)
{
    if (x->weights)
        return x->weights[digit];
    if (x->n == 1 || x->p->kind == SPACE_INT_UNIFORM)
        return 1 / (double)x->n;
    double level = (double)x->first + (double)digit;
    return space_cdf(x->p, space_level_number(x->p, level + 0.5)) -
           space_cdf(x->p, space_level_number(x->p, level - 0.5));
}

struct value *axis_value(struct arena *a, const struct axis *x, uint64_t digit)
{
    if (x->grid)
        return space_grid_value(a, x->p, digit);
    if (x->values)
        return value_copy(a, x->values[digit]);
    if (x->p->kind == SPACE_CONSTANT)
        return value_copy(a, x->p->value);
    return space_level_value(a, x->p, (int64_t)((uint64_t)x->first + digit));
}
