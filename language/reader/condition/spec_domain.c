/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_domain.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include "base/diag/nearest.h"
#include "base/number/python.h"
#include "expr/expr_type.h"
#include "language/reader/spec_flow.h"

enum { SHOWN_VALUES = 6, SEARCHED_VALUES = 64 };

bool spec_domain_continuous(const struct parameter *p)
{
    return p->kind == SPACE_BETA || p->kind == SPACE_UNIFORM || p->kind == SPACE_NORMAL ||
           p->kind == SPACE_LOG_NORMAL || p->kind == SPACE_LOG_UNIFORM ||
           p->kind == SPACE_INV_LOG_UNIFORM || p->kind == SPACE_LOG_UNIFORM_VALUES ||
           p->kind == SPACE_INV_LOG_UNIFORM_VALUES;
}

static bool has_step(const struct parameter *p, double x)
{
    int64_t first;
    uint64_t n;
    double step = space_level_near(p, x);
    if (space_level_number(p, step) != x)
        return false;
    return !space_levels(p, &first, &n) ||
           (step >= (double)first && step <= (double)first + (double)(n - 1));
}

bool spec_domain_has(const struct parameter *p, const struct value *v)
{
    if (p->kind == SPACE_EXPR)
        return true;
    if (p->kind == SPACE_CONSTANT)
        return value_same(p->value, v);
    if (!value_is_number(v))
        return false;
    double x = value_number(v);
    if (p->kind == SPACE_INT_UNIFORM)
        return fmod(x - (double)p->int_min, p->int_step > 1 ? (double)p->int_step : 1) == 0 &&
               x >= (double)p->int_min && x <= (double)p->int_max;
    return !spec_domain_continuous(p) && has_step(p, x);
}

static void add_values(struct arena *a, struct buf *out, const struct value *list)
{
    size_t n = list->list.n, shown = n > SHOWN_VALUES ? SHOWN_VALUES - 1 : n;
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            buf_adds(out, i + 1 == n ? " or " : ", ");
        buf_adds(out, spec_flow_shown(a, list->list.items[i]));
    }
    if (shown < n)
        buf_addf(out, " or one of %zu more", n - shown);
}

static const char *range_text(struct spec_reader *r, const struct parameter *p)
{
    double low, high;
    char from[PYTHON_FLOAT_BYTES], to[PYTHON_FLOAT_BYTES];
    if (p->kind == SPACE_EXPR)
        return NULL;
    const char *what = "a float";
    if (p->q > 0) {
        python_float(from, p->q);
        what = arena_printf(r->arena, "a multiple of %s", from);
    }
    if (p->from_min) {
        python_float(to, p->min);
        return arena_printf(r->arena, "it counts from %s in steps of %s", to, from);
    }
    if (!spec_domain_bounds(p, &low, &high))
        return arena_printf(r->arena, "it is %s", what);
    python_float(from, low);
    python_float(to, high);
    return arena_printf(r->arena, "it is %s from %s to %s", what, from, to);
}

const char *spec_domain_text(struct spec_reader *r, const struct parameter *p)
{
    if (p->kind == SPACE_INT_UNIFORM)
        return arena_printf(r->arena,
                            p->int_step > 1 ? "it is from %" PRId64 " to %" PRId64
                                              " in steps of %" PRId64
                                            : "it is an integer from %" PRId64 " to %" PRId64,
                            p->int_min, p->int_max, p->int_step);
    if (p->kind != SPACE_CONSTANT && !p->distinct)
        return range_text(r, p);
    struct buf text;
    buf_init(&text, 4096);
    buf_adds(&text, p->distinct && p->distinct->list.n == 1 ? "it is always " : "it is ");
    if (p->kind == SPACE_CONSTANT) {
        buf_adds(&text, "always ");
        buf_adds(&text, spec_flow_shown(r->arena, p->value));
    } else
        add_values(r->arena, &text, p->distinct);
    const char *copy = text.overflow ? "…" : arena_strndup(r->arena, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

static const char *bare_text(struct spec_reader *r, const struct value *v)
{
    struct buf text;
    buf_init(&text, 4096);
    python_str(&text, v);
    const char *copy = text.overflow ? "…" : arena_strndup(r->arena, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

/* The value that the step really makes: 0.30000000000000004 for 0.3 with a step of 0.1. */
static const struct value *near_step(struct spec_reader *r, const struct parameter *p,
                                     const struct value *v)
{
    if (!(p->q > 0) || p->kind == SPACE_INT_UNIFORM || !value_is_number(v))
        return NULL;
    double x = value_number(v), made = space_level_number(p, space_level_near(p, x));
    bool rounding = fabs(made - x) <= 1e-9 * fabs(x) && has_step(p, made);
    return rounding ? value_float(r->arena, made) : NULL;
}

const struct value *spec_domain_near(struct spec_reader *r, const struct parameter *p,
                                     const struct value *v)
{
    if (!p->distinct)
        return near_step(r, p, v);
    if (p->distinct->list.n > SEARCHED_VALUES)
        return NULL;
    const struct value *values = p->distinct;
    const char **texts = arena_alloc(r->arena, (values->list.n + 1) * sizeof *texts);
    for (size_t i = 0; i < values->list.n; i++)
        texts[i] = bare_text(r, values->list.items[i]);
    /* 'true' and true, or "3" and 3, have the same text. Only text can be a misspelling of text. */
    const char *near = nearest_name(bare_text(r, v), texts, values->list.n, sizeof *texts);
    for (size_t i = 0; near && i < values->list.n; i++)
        if (texts[i] == near &&
            (strcasecmp(near, bare_text(r, v)) == 0 ||
             (v->kind == VALUE_STR && values->list.items[i]->kind == VALUE_STR)))
            return values->list.items[i];
    return NULL;
}

const char *spec_domain_shown(struct spec_reader *r, const struct value *v)
{
    struct buf text;
    buf_init(&text, 4096);
    python_repr(&text, v);
    const char *copy = text.overflow ? "…" : arena_strndup(r->arena, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

static bool has_bounds(const struct parameter *p)
{
    return p->kind == SPACE_UNIFORM || p->kind == SPACE_LOG_UNIFORM || p->kind == SPACE_BETA ||
           p->kind == SPACE_INV_LOG_UNIFORM || p->kind == SPACE_LOG_UNIFORM_VALUES ||
           p->kind == SPACE_INV_LOG_UNIFORM_VALUES;
}

bool spec_domain_bounds(const struct parameter *p, double *ret_low, double *ret_high)
{
    int64_t first;
    uint64_t n;
    if (has_bounds(p)) {
        *ret_low = space_quantile(p, 0);
        *ret_high = space_quantile(p, 1);
        return true;
    }
    if (p->kind == SPACE_INT_UNIFORM) {
        *ret_low = (double)p->int_min;
        *ret_high = (double)p->int_max;
        return true;
    }
    if (!space_levels(p, &first, &n))
        return false;
    *ret_low = space_level_number(p, (double)first);
    *ret_high = space_level_number(p, (double)first + (double)(n - 1));
    return true;
}

const struct value *spec_domain_values(struct arena *a, const struct parameter *p, size_t most)
{
    int64_t first;
    uint64_t n;
    if (p->distinct)
        return p->distinct->list.n <= most ? p->distinct : NULL;
    struct value *list = value_list(a);
    if (p->kind == SPACE_CONSTANT) {
        value_push(a, list, (struct value *)p->value);
        return most > 0 ? list : NULL;
    }
    if (!space_levels(p, &first, &n) || n > most)
        return NULL;
    for (uint64_t i = 0; i < n; i++)
        value_push(a, list, space_level_value(a, p, first + (int64_t)i));
    return list;
}

unsigned spec_domain_types(const struct parameter *p)
{
    unsigned types = 0;
    if (p->kind == SPACE_EXPR)
        return EXPR_TYPE_ANY;
    if (p->kind == SPACE_CONSTANT)
        return EXPR_TYPE(p->value->kind);
    for (size_t i = 0; p->distinct && i < p->distinct->list.n; i++)
        types |= EXPR_TYPE(p->distinct->list.items[i]->kind);
    if (types)
        return types;
    if (p->kind == SPACE_INT_UNIFORM)
        return EXPR_TYPE(VALUE_INT);
    /* A grid counts in floats if the bounds are floats. */
    return EXPR_TYPE(VALUE_FLOAT) | (p->q_int ? EXPR_TYPE(VALUE_INT) : 0);
}
