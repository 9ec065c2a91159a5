/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/factor.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"

static bool kind_is_log(enum space_kind kind)
{
    switch (kind) {
    case SPACE_LOG_NORMAL:
    case SPACE_LOG_UNIFORM:
    case SPACE_INV_LOG_UNIFORM:
    case SPACE_Q_LOG_NORMAL:
    case SPACE_Q_LOG_UNIFORM:
    case SPACE_INV_LOG_UNIFORM_VALUES:
    case SPACE_LOG_UNIFORM_VALUES:
    case SPACE_Q_LOG_UNIFORM_VALUES:
        return true;
    default:
        return false;
    }
}

static bool kind_is_unbounded(enum space_kind kind)
{
    return kind == SPACE_NORMAL || kind == SPACE_Q_NORMAL || kind == SPACE_LOG_NORMAL ||
           kind == SPACE_Q_LOG_NORMAL;
}

static double level_number(const struct parameter *p, double level)
{
    if (p->kind != SPACE_INT_UNIFORM)
        return space_level_number(p, level);
    int64_t step = p->int_step > 0 ? p->int_step : 1;
    return level * (double)step + (double)(p->int_min % step);
}

/* Sets the bounds that the spec gives. */
static void factor_bound(struct factor *f)
{
    const struct parameter *p = f->p;
    int64_t first;
    uint64_t n;
    f->bounded = !kind_is_unbounded(p->kind);
    if (!f->bounded) {
        f->low = INFINITY;
        f->high = -INFINITY;
    } else if (space_levels(p, &first, &n)) {
        f->low = level_number(p, (double)first);
        f->high = level_number(p, (double)first + (double)(n - 1));
    } else {
        f->low = space_quantile(p, 0);
        f->high = space_quantile(p, 1);
    }
    /* A multiple of q may be 0, which has no logarithm: the axis then begins at half a step. */
    if (f->bounded && f->scale == FACTOR_LOG && !(f->low > 0))
        f->low = p->q > 0 && p->q / 2 < f->high ? p->q / 2 : f->high / 2;
}

void factors_init(struct factors *fs, const struct space *space)
{
    *fs = (struct factors){.space = space, .items = mem_alloc((space->n + 1) * sizeof *fs->items)};
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        uint64_t levels = space_parameter_points(p);
        bool is_list = p->kind == SPACE_CATEGORICAL || p->kind == SPACE_CATEGORICAL_P;
        if (is_list)
            levels = p->distinct->list.n;
        if (levels == 1)
            continue;
        struct factor *f = &fs->items[fs->n++];
        *f = (struct factor){.p = p, .levels = levels, .scale = FACTOR_CATEGORY};
        if (is_list)
            continue;
        f->scale = kind_is_log(p->kind) ? FACTOR_LOG : FACTOR_LINEAR;
        factor_bound(f);
        if (f->bounded && !(f->low < f->high))
            fs->n--;
    }
}

void factors_done(struct factors *fs)
{
    for (size_t i = 0; i < fs->n; i++)
        mem_free(fs->items[i].values);
    mem_free(fs->items);
    *fs = (struct factors){0};
}

static double category_index(struct factor *f, const struct value *v)
{
    for (size_t i = 0; i < f->levels; i++)
        if (value_same(f->p->distinct->list.items[i], v))
            return (double)i;
    f->strange = true;
    return (double)f->levels;
}

static double factor_read(struct factor *f, const struct value *v)
{
    if (!v)
        return NAN;
    if (f->scale == FACTOR_CATEGORY)
        return category_index(f, v);
    double x = value_is_number(v) ? value_number(v) : NAN;
    return isfinite(x) ? x : NAN;
}

static void row_begin(struct factors *fs)
{
    if (fs->rows == fs->cap) {
        fs->cap = fs->cap ? 2 * fs->cap : 64;
        for (size_t i = 0; i < fs->n; i++)
            fs->items[i].values = mem_resize(fs->items[i].values, fs->cap * sizeof(double));
    }
}

static void factor_put(struct factor *f, size_t row, double x)
{
    f->values[row] = x;
    f->known += isnan(x) ? 0 : 1;
    if (isnan(x) || f->bounded || f->scale == FACTOR_CATEGORY ||
        (f->scale == FACTOR_LOG && !(x > 0)))
        return;
    f->low = fmin(f->low, x);
    f->high = fmax(f->high, x);
}

void factors_add(struct factors *fs, const struct value *params)
{
    row_begin(fs);
    for (size_t i = 0; i < fs->n; i++) {
        struct factor *f = &fs->items[i];
        factor_put(f, fs->rows, factor_read(f, space_lookup(params, f->p)));
    }
    fs->rows++;
}

void factors_add_row(struct factors *fs, const struct factors *from, size_t row)
{
    PRE(fs->n == from->n && row < from->rows);
    row_begin(fs);
    for (size_t i = 0; i < fs->n; i++) {
        struct factor *f = &fs->items[i];
        double x = from->items[i].values[row];
        f->strange = f->strange || (f->scale == FACTOR_CATEGORY && x == (double)f->levels);
        factor_put(f, fs->rows, x);
    }
    fs->rows++;
}

size_t factor_places(const struct factor *f)
{
    return (size_t)f->levels + f->strange;
}

double factor_place(const struct factor *f, double x)
{
    if (!(f->low < f->high))
        return isnan(x) ? NAN : 0.5;
    if (f->scale != FACTOR_LOG) /* halves first: the range itself may be too large for a double */
        return (x / 2 - f->low / 2) / (f->high / 2 - f->low / 2);
    return x > 0 ? log(x / f->low) / log(f->high / f->low) : isnan(x) ? NAN : -INFINITY;
}
