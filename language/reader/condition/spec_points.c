/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_points.h"

#include <math.h>
#include "base/number/rng.h"
#include "expr/expr.h"
#include "language/reader/condition/spec_domain.h"
#include "sweep/condition.h"

/* Limits: combinations tried for one expression, parameters visited for all of them; draws for one
 * expression, parameters drawn for all. DRAWS_ONE draws in vain also end a sweep
 * (strategies/sampler.c). At least half of the draws must make a point. */
enum { POINTS_ONE = 1000, STEPS_ALL = 30000, DRAWS_ONE = 10000, DRAWN_ALL = 50000 };

void spec_points_init(struct spec_points *p, struct arena *a, const struct space *space)
{
    *p = (struct spec_points){
        .arena = a,
        .space = space,
        .place = arena_alloc(a, (space->n + 1) * sizeof *p->place),
        .lists = arena_alloc(a, (space->n + 1) * sizeof *p->lists),
        .unlisted = arena_alloc(a, (space->n + 1) * sizeof *p->unlisted),
        .values = arena_alloc(a, (space->n + 1) * sizeof *p->values),
        .digits = arena_alloc(a, (space->n + 1) * sizeof *p->digits),
        .steps_left = STEPS_ALL,
        .drawn_left = DRAWN_ALL,
    };
    arena_init(&p->drawn);
    for (size_t k = 0; k < space->n; k++)
        p->place[space->order[k]] = k;
}

void spec_points_done(struct spec_points *p)
{
    arena_done(&p->drawn);
}

/* Adds a parameter to those taken, in order. False if they are too many or its expression is wrong.
 */
static bool take_parameter(struct spec_points *p, size_t i)
{
    const struct parameter *one = &p->space->parameters[i];
    size_t at = p->taken_n;
    if (one->kind == SPACE_EXPR && !one->expr)
        return false;
    while (at > 0 && p->place[p->taken[at - 1]] > p->place[i])
        at--;
    if (at > 0 && p->taken[at - 1] == i)
        return true;
    if (p->taken_n == SPEC_POINTS_NAMES_MAX)
        return false;
    for (size_t k = p->taken_n++; k > at; k--)
        p->taken[k] = p->taken[k - 1];
    p->taken[at] = i;
    return true;
}

static bool take_names(struct spec_points *p, const struct condition *c)
{
    bool ok = true;
    for (size_t k = 0; k < c->names_n && ok; k++)
        ok = take_parameter(p, c->names[k]);
    return ok;
}

/* Takes the parameters that decide whether parameter i exists and, if it is computed, its value. */
static bool take_needs(struct spec_points *p, size_t i)
{
    const struct parameter *one = &p->space->parameters[i];
    bool ok = !one->expr || take_names(p, one->expr);
    for (size_t k = 0; k < one->when_n && ok; k++)
        ok = one->when[k].condition ? take_names(p, one->when[k].condition)
                                    : take_parameter(p, one->when[k].parent);
    return ok;
}

/* A parameter comes after those it needs, so one pass from the end finds all. */
static bool take_all(struct spec_points *p, const struct condition *c, size_t computed)
{
    p->taken_n = 0;
    if (!take_names(p, c) || (computed != SIZE_MAX && !take_needs(p, computed)))
        return false;
    size_t left = p->space->n; /* place of the last parameter handled */
    for (;;) {
        size_t k = p->taken_n;
        while (k > 0 && p->place[p->taken[k - 1]] >= left)
            k--;
        if (k == 0)
            return true;
        left = p->place[p->taken[k - 1]];
        if (!take_needs(p, p->taken[k - 1]))
            return false;
    }
}

/* Settles the values set so far and counts the point. */
static void look_at_point(struct spec_points *p, const struct condition *c, size_t computed,
                          struct spec_tally *t)
{
    struct value v;
    bool undefined = false;
    const char *why = NULL;
    for (size_t k = 0; k < p->taken_n; k++) {
        size_t i = p->taken[k];
        if (!condition_exists(p->space, i, p->values, &undefined))
            p->values[i] = NULL;
        else if (p->space->parameters[i].kind == SPACE_EXPR)
            p->values[i] = condition_compute(&p->drawn, p->space, i, p->values, &undefined);
        if (undefined) /* the fault is in another expression */
            return;
    }
    for (size_t k = 0; k < c->names_n; k++)
        if (!p->values[c->names[k]])
            return;
    if (computed != SIZE_MAX && !condition_exists(p->space, computed, p->values, &undefined))
        return;
    t->points++;
    if (!expr_eval(c->expr, p->values, &v, &why) ||
        (computed != SIZE_MAX && v.kind == VALUE_FLOAT && !isfinite(v.f))) {
        t->undefined++;
        t->why = why ? why : "the result is not a finite number";
    } else
        t->hold += expr_truth(&v);
}

static const struct value *list_of(struct spec_points *p, size_t i)
{
    if (!p->lists[i] && !p->unlisted[i])
        p->lists[i] = spec_domain_values(p->arena, &p->space->parameters[i], POINTS_ONE);
    p->unlisted[i] = !p->lists[i];
    return p->lists[i];
}

static bool count_points(struct spec_points *p)
{
    size_t points = 1;
    for (size_t k = 0; k < p->taken_n; k++) {
        size_t i = p->taken[k];
        if (p->space->parameters[i].kind == SPACE_EXPR)
            continue;
        const struct value *list = list_of(p, i);
        if (!list || list->list.n == 0 || list->list.n > POINTS_ONE / points)
            return false;
        points *= list->list.n;
    }
    size_t steps = points * (p->taken_n + 1);
    if (steps > p->steps_left)
        return false;
    p->steps_left -= steps;
    return true;
}

/* Moves to the next combination; false after the last. */
static bool turn_digits(struct spec_points *p)
{
    for (size_t k = 0; k < p->taken_n; k++) {
        size_t i = p->taken[k];
        if (p->space->parameters[i].kind == SPACE_EXPR)
            continue;
        if (++p->digits[i] < p->lists[i]->list.n)
            return true;
        p->digits[i] = 0;
    }
    return false;
}

bool spec_points_all(struct spec_points *p, const struct condition *c, size_t computed,
                     struct spec_tally *ret)
{
    *ret = (struct spec_tally){0};
    if (!take_all(p, c, computed) || !count_points(p))
        return false;
    for (size_t k = 0; k < p->taken_n; k++)
        p->digits[p->taken[k]] = 0;
    do {
        arena_clear(&p->drawn);
        for (size_t k = 0; k < p->taken_n; k++) {
            size_t i = p->taken[k];
            if (p->space->parameters[i].kind != SPACE_EXPR)
                p->values[i] = p->lists[i]->list.items[p->digits[i]];
        }
        look_at_point(p, c, computed, ret);
    } while (turn_digits(p));
    return true;
}

/* The cost of one draw, in uniform draws. */
static size_t cost_of_draw(const struct spec_points *p)
{
    enum { BETA = 20 }; /* a beta quantile has no closed formula */
    size_t cost = 1;
    for (size_t k = 0; k < p->taken_n; k++) {
        enum space_kind kind = p->space->parameters[p->taken[k]].kind;
        cost += kind == SPACE_BETA || kind == SPACE_Q_BETA ? BETA : 1;
    }
    return cost;
}

static void draw_values(struct spec_points *p, uint64_t stream)
{
    struct rng rng;
    rng_init(&rng, 0, stream, RNG_SAMPLE);
    arena_clear(&p->drawn);
    for (size_t k = 0; k < p->taken_n; k++) {
        const struct parameter *one = &p->space->parameters[p->taken[k]];
        double u = fmax(rng_unit(&rng), 0x1p-54);
        if (one->kind != SPACE_EXPR)
            p->values[p->taken[k]] = space_ppf(&p->drawn, one, u);
    }
}

bool spec_points_undefined(struct spec_points *p, const struct condition *c, size_t computed,
                           struct spec_tally *ret)
{
    *ret = (struct spec_tally){0};
    if (!take_all(p, c, computed))
        return false;
    size_t cost = cost_of_draw(p);
    for (uint64_t i = 0; i < DRAWS_ONE; i++) {
        if (p->drawn_left < cost)
            return false;
        p->drawn_left -= cost;
        draw_values(p, i);
        look_at_point(p, c, computed, ret);
        if (ret->undefined < ret->points)
            return false;
    }
    return ret->points >= DRAWS_ONE / 2;
}
