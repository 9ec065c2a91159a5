/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/completion.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "sweep/condition.h"
#include "sweep/given.h"

enum { DRAWS_MAX = 10000 };

static bool is_drawn(const struct parameter *p)
{
    return p->kind != SPACE_EXPR && p->kind != SPACE_CONSTANT;
}

const char *completion_missing(const struct space *s, struct value *const *given)
{
    struct arena a;
    bool undefined = false;
    const char *missing = NULL;
    struct value **values = mem_alloc((s->n + 1) * sizeof *values);
    arena_init(&a);
    for (size_t at = 0; !missing && at < s->n; at++) {
        size_t i = s->order[at];
        const struct parameter *p = &s->parameters[i];
        bool exists = p->when_n == 0 || condition_exists(s, i, values, &undefined);
        values[i] = !exists                     ? NULL
                    : given[i]                  ? given[i]
                    : p->kind == SPACE_EXPR     ? condition_compute(&a, s, i, values, &undefined)
                    : p->kind == SPACE_CONSTANT ? value_copy(&a, p->value)
                                                : NULL;
        missing = exists && !given[i] && is_drawn(p) ? p->name : NULL;
    }
    arena_done(&a);
    mem_free(values);
    return missing;
}

bool completion_is_whole(const struct space *s, struct value *const *given)
{
    return !completion_missing(s, given);
}

static struct value *drawn_value(struct arena *a, const struct parameter *p, bool grid,
                                 struct rng *rng)
{
    if (p->kind == SPACE_EXPR)
        return NULL;
    if (p->kind == SPACE_CONSTANT)
        return value_copy(a, p->value);
    if (grid && space_grid_allows(p) && space_grid_points(p) > 0)
        return space_grid_value(a, p, rng_below(rng, space_grid_points(p)));
    return space_ppf(a, p, fmax(rng_unit(rng), 0x1p-54)); /* normal: no value at 0 */
}

/* False if conditions refuse the draw, or remove a given value from it. */
static bool draw_once(struct arena *a, const struct space *s, bool grid, struct value *const *given,
                      struct rng *rng, struct value **values)
{
    for (size_t i = 0; i < s->n; i++)
        values[i] = given[i] ? given[i] : drawn_value(a, &s->parameters[i], grid, rng);
    if (!condition_settle(a, s, values))
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (given[i] && !values[i] && s->parameters[i].kind != SPACE_CONSTANT)
            return false;
    return true;
}

int completion_draw(struct arena *a, const struct space *s, bool grid, struct value *const *given,
                    struct rng *rng, struct value **ret, struct err *err)
{
    struct arena scratch;
    struct value **values = mem_alloc((s->n + 1) * sizeof *values);
    int draws = completion_is_whole(s, given) ? 1 : DRAWS_MAX;
    bool allowed = false;
    arena_init(&scratch);
    for (int i = 0; i < draws && !allowed; i++) {
        arena_clear(&scratch);
        allowed = draw_once(&scratch, s, grid, given, rng, values);
    }
    if (allowed)
        *ret = value_copy(a, space_nest(&scratch, s, values));
    arena_done(&scratch);
    mem_free(values);
    if (allowed)
        return 0;
    return err_set(err, ERR_EMPTY,
                   draws == 1 ? "the conditions exclude this configuration"
                              : "the conditions exclude all of %d configurations with these values",
                   draws);
}

int completion_read(struct arena *a, const struct space *s, bool grid, const struct value *params,
                    uint64_t seed, uint64_t trial, struct value **values, struct value **ret,
                    struct err *err)
{
    struct given given;
    struct rng rng;
    given_init(&given, s, false);
    int rc = given_read_or_fail(&given, a, params, values, err);
    given_done(&given);
    rng_init(&rng, seed, trial, RNG_FILL);
    return rc == 0 ? completion_draw(a, s, grid, values, &rng, ret, err) : rc;
}
