/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/given.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/diag/nearest.h"
#include "base/mem.h"
#include "base/number/python.h"
#include "sweep/condition.h"

enum { SHOWN_VALUES = 6, SHOWN_BYTES = 200, SEARCHED_NAMES = 500 };
/* How far a number may be from a bound or a multiple of q, relative to its size: people round. */
#define ROUNDING 1e-9

void given_init(struct given *g, const struct space *space, bool grid)
{
    *g = (struct given){.space = space, .grid = grid};
    map_init(&g->names);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        size_t len = strlen(p->name), other = (size_t)(uintptr_t)map_find(&g->names, p->name, len);
        /* A parameter with the dots in its own name is preferred to a member of a group. */
        if (other == 0 || space->parameters[other - 1].depth > p->depth)
            map_put(&g->names, p->name, len, (void *)(uintptr_t)(i + 1));
    }
}

void given_done(struct given *g)
{
    map_done(&g->names);
}

static const char *value_shown(struct arena *a, const struct value *v)
{
    struct buf text;
    buf_init(&text, SHOWN_BYTES);
    python_repr(&text, v);
    const char *copy = text.overflow ? "…" : arena_strndup(a, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

static const char *number_shown(struct arena *a, double x)
{
    char text[PYTHON_FLOAT_BYTES];
    python_float(text, x);
    return arena_strdup(a, text);
}

static double chance_of(const struct parameter *p, const struct value *v)
{
    double chance = p->kind == SPACE_CATEGORICAL_P ? 0 : 1;
    for (size_t i = 0; p->kind == SPACE_CATEGORICAL_P && i < p->values->list.n; i++)
        if (value_same(p->values->list.items[i], v))
            chance += p->probabilities[i];
    return chance;
}

static const char *list_text(struct arena *a, const struct parameter *p)
{
    const char *text = "";
    struct value *list = value_list(a);
    for (size_t i = 0; i < p->distinct->list.n; i++)
        if (chance_of(p, p->distinct->list.items[i]) > 0)
            value_push(a, list, p->distinct->list.items[i]);
    size_t n = list->list.n, most = n > SHOWN_VALUES ? SHOWN_VALUES - 1 : n;
    for (size_t i = 0; i < most; i++)
        text = arena_printf(a, "%s%s%s", text,
                            i == 0       ? ""
                            : i + 1 == n ? " or "
                                         : ", ",
                            value_shown(a, list->list.items[i]));
    return most < n ? arena_printf(a, "%s or one of %zu more", text, n - most) : text;
}

static void bounds_of(const struct parameter *p, double *ret_low, double *ret_high)
{
    bool written = p->kind == SPACE_UNIFORM || p->kind == SPACE_LOG_UNIFORM_VALUES ||
                   p->kind == SPACE_INV_LOG_UNIFORM_VALUES || p->kind == SPACE_Q_UNIFORM ||
                   p->kind == SPACE_Q_LOG_UNIFORM_VALUES;
    double a = written ? p->min : space_quantile(p, 0);
    double b = written ? p->max : space_quantile(p, 1);
    *ret_low = fmin(a, b);
    *ret_high = fmax(a, b);
}

static const char *number_domain(struct arena *a, const struct parameter *p)
{
    double low, high;
    const char *what = space_is_quantised(p) && !p->from_min
                           ? arena_printf(a, "a multiple of %s", number_shown(a, p->q))
                           : "a number";
    const char *steps =
        p->from_min ? arena_printf(a, " in steps of %s", number_shown(a, p->q)) : "";
    bounds_of(p, &low, &high);
    if (isfinite(low) && isfinite(high))
        return arena_printf(a, "%s from %s to %s%s", what, number_shown(a, low),
                            number_shown(a, high), steps);
    return isfinite(low) ? arena_printf(a, "%s above %s", what, number_shown(a, low)) : what;
}

/* What the parameter can be, to complete "it must be …". */
static const char *domain_text(struct arena *a, const struct parameter *p)
{
    switch (p->kind) {
    case SPACE_CONSTANT:
        return value_shown(a, p->value);
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
        return list_text(a, p);
    case SPACE_INT_UNIFORM:
        return arena_printf(a,
                            p->int_step > 1 ? "an integer from %" PRId64 " to %" PRId64
                                              " in steps of %" PRId64
                                            : "an integer from %" PRId64 " to %" PRId64,
                            p->int_min, p->int_max, p->int_step);
    default:
        return number_domain(a, p);
    }
}

static struct value *listed_value(struct arena *a, const struct parameter *p, const struct value *v)
{
    for (size_t i = 0; chance_of(p, v) > 0 && i < p->distinct->list.n; i++)
        if (value_same(p->distinct->list.items[i], v))
            return value_copy(a, p->distinct->list.items[i]);
    return NULL;
}

static struct value *int_value(struct arena *a, const struct parameter *p, const struct value *v)
{
    double x = value_number(v);
    uint64_t step = p->int_step > 1 ? (uint64_t)p->int_step : 1;
    if (x != floor(x) || fabs(x) >= 0x1p63)
        return NULL;
    int64_t i = v->kind == VALUE_INT ? v->i : (int64_t)x;
    if (i < p->int_min || i > p->int_max || ((uint64_t)i - (uint64_t)p->int_min) % step != 0)
        return NULL;
    return value_int(a, i);
}

static struct value *level_value(struct arena *a, const struct parameter *p, double x)
{
    int64_t first;
    uint64_t n;
    double level = space_level_near(p, x);
    if (fabs(level) >= 0x1p53 ||
        fabs(space_level_number(p, level) - x) > ROUNDING * fmax(fabs(x), p->q))
        return NULL;
    bool bounded = space_levels(p, &first, &n);
    if (bounded && (level < (double)first || level > (double)first + (double)(n - 1)))
        return NULL;
    return space_level_value(a, p, (int64_t)level);
}

/* The grid over q_uniform leaves out its max, and steps as numpy does. */
static struct value *grid_value(struct arena *a, const struct parameter *p, double x)
{
    double at = nearbyint((x - p->min) / p->q);
    if (!(at >= 0) || at >= (double)space_grid_points(p))
        return NULL;
    struct value *v = space_grid_value(a, p, (uint64_t)at);
    return fabs(value_number(v) - x) <= ROUNDING * fmax(fabs(x), p->q) ? v : NULL;
}

static struct value *continuous_value(struct arena *a, const struct parameter *p, double x)
{
    double low, high;
    bounds_of(p, &low, &high);
    bool positive = p->kind == SPACE_LOG_NORMAL;
    if ((positive && x <= 0) || x < low - ROUNDING * fabs(low) || x > high + ROUNDING * fabs(high))
        return NULL;
    return value_float(a, fmin(fmax(x, low), high));
}

/* NULL if p cannot have this value. */
static struct value *value_of(struct arena *a, const struct parameter *p, bool grid,
                              const struct value *v)
{
    if (p->kind == SPACE_CONSTANT)
        return value_same(p->value, v) ? value_copy(a, p->value) : NULL;
    if (p->distinct)
        return listed_value(a, p, v);
    if (!value_is_number(v) || !isfinite(value_number(v)))
        return NULL;
    if (p->kind == SPACE_INT_UNIFORM)
        return int_value(a, p, v);
    if (grid && p->kind == SPACE_Q_UNIFORM)
        return grid_value(a, p, value_number(v));
    return space_is_quantised(p) ? level_value(a, p, value_number(v))
                                 : continuous_value(a, p, value_number(v));
}

struct reading {
    const struct given *g;
    struct arena *a;
    struct value **values;
    const struct value **written; /* of each parameter, as it was passed in */
    size_t faults;
    given_fault_fn fn;
    void *arg;
};

static void fault_add(struct reading *r, const struct given_fault *fault)
{
    r->faults++;
    if (r->fn)
        r->fn(r->arg, fault);
}

static bool is_group(const struct space *s, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < s->n; i++)
        if (strncmp(s->parameters[i].name, name, len) == 0 && s->parameters[i].name[len] == '.')
            return true;
    return false;
}

static void fault_unknown(struct reading *r, const char *name, const struct value *at)
{
    const struct space *s = r->g->space;
    size_t n = s->n < SEARCHED_NAMES ? s->n : SEARCHED_NAMES;
    const char **names = arena_alloc(r->a, (n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = s->parameters[i].name;
    const char *near = nearest_name(name, names, n, sizeof *names);
    fault_add(
        r, &(struct given_fault){
               .at = at,
               .name = name,
               .unknown = true,
               .text = near ? arena_printf(r->a,
                                           "%.200s is not a parameter of this sweep: did you "
                                           "mean %s?",
                                           name, near)
                            : arena_printf(r->a, "%.200s is not a parameter of this sweep", name),
               .instead = near});
}

static void take_value(struct reading *r, size_t i, const struct value *v)
{
    const struct parameter *p = &r->g->space->parameters[i];
    struct given_fault fault = {.at = v, .name = p->name};
    if (r->written[i])
        fault.text = arena_printf(r->a, "%s is given twice", p->name);
    else if (p->kind == SPACE_EXPR)
        fault.text =
            arena_printf(r->a, "%s is computed from other parameters: leave it out", p->name);
    else if (!(r->values[i] = value_of(r->a, p, r->g->grid, v)))
        fault.text = arena_printf(
            r->a, "%s is %s, but it must be %s%s", p->name, value_shown(r->a, v),
            domain_text(r->a, p),
            r->g->grid && p->kind == SPACE_Q_UNIFORM ? " (a grid does not include its max)" : "");
    r->written[i] = v;
    if (fault.text)
        fault_add(r, &fault);
}

static void read_level(struct reading *r, const struct value *dict, const char *prefix)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        const struct value_entry *e = &dict->dict.entries[i];
        const char *name = *prefix ? arena_printf(r->a, "%s.%s", prefix, e->key) : e->key;
        size_t found = (size_t)(uintptr_t)map_find(&r->g->names, name, strlen(name));
        if (found)
            take_value(r, found - 1, e->value);
        else if (e->value->kind == VALUE_DICT && is_group(r->g->space, name))
            read_level(r, e->value, name);
        else
            fault_unknown(r, name, e->value);
    }
}

static bool names_known(const struct when *w, struct value *const *values)
{
    if (!w->condition)
        return values[w->parent] != NULL;
    for (size_t i = 0; i < w->condition->names_n; i++)
        if (!values[w->condition->names[i]])
            return false;
    return true;
}

/* A parameter that is given, although by other given values it does not exist. */
static void check_existence(struct reading *r, size_t i)
{
    const struct space *s = r->g->space;
    const struct parameter *p = &s->parameters[i];
    bool undefined = false;
    for (size_t k = 0; k < p->when_n; k++)
        if (!names_known(&p->when[k], r->values))
            return;
    if (p->when_n == 0 || condition_exists(s, i, r->values, &undefined))
        return;
    fault_add(r, &(struct given_fault){
                     .at = r->written[i],
                     .name = p->name,
                     .text = arena_printf(r->a,
                                          "%s does not exist in this configuration, by its `when`: "
                                          "leave it out",
                                          p->name)});
}

static void check_conditions(struct reading *r, const struct value *params)
{
    const struct space *s = r->g->space;
    bool undefined = false;
    for (size_t i = 0; i < s->n; i++)
        if (s->parameters[i].kind == SPACE_CONSTANT && !r->values[i] &&
            s->parameters[i].when_n == 0)
            r->values[i] = value_copy(r->a, s->parameters[i].value);
    for (size_t i = 0; i < s->n; i++)
        if (r->written[i])
            check_existence(r, i);
    size_t forbidden = condition_forbids(s, r->values, &undefined);
    if (forbidden != SIZE_MAX)
        fault_add(r, &(struct given_fault){
                         .at = params,
                         .name = "",
                         .text = arena_printf(r->a, "`forbid` excludes this configuration: %s",
                                              s->forbid[forbidden].text)});
}

size_t given_read(const struct given *g, struct arena *a, const struct value *params,
                  struct value **values, given_fault_fn fn, void *arg)
{
    size_t n = g->space->n;
    struct reading r = {.g = g, .a = a, .values = values, .fn = fn, .arg = arg};
    r.written = mem_alloc((n + 1) * sizeof *r.written);
    memset(values, 0, n * sizeof *values);
    read_level(&r, params, "");
    if (r.faults == 0)
        check_conditions(&r, params);
    mem_free(r.written);
    return r.faults;
}

static void first_keep(void *arg, const struct given_fault *fault)
{
    struct err *err = arg;
    if (err->code == 0)
        err_set(err, ERR_SPEC, "%s", fault->text);
}

int given_read_or_fail(const struct given *g, struct arena *a, const struct value *params,
                       struct value **values, struct err *err)
{
    struct err first = {0};
    if (given_read(g, a, params, values, first_keep, &first) == 0)
        return 0;
    return err_set(err, ERR_SPEC, "%s", first.text);
}
