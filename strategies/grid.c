/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid by its index, a number in mixed radix whose last digit belongs to the last name: W&B's
 * order, without ever laying the product out. */
#include "base/mem.h"
#include "strategies/permute.h"
#include "strategies/strategy.h"

struct grid {
    const struct spec *spec;
    uint64_t next, points; /* points: UINT64_MAX where there are more */
    uint64_t *radix;       /* of each parameter */
    struct value **values; /* the point being made */
    struct permute order;
};

static int check_kinds(const struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < spec->space.n; i++) {
        const struct parameter *p = &spec->space.parameters[i];
        if (!space_grid_allows(p))
            return err_set(
                err, ERR_SPEC,
                "parameters.%s: a grid cannot be laid over %s; write `values: [...]`, an "
                "int_uniform or a q_uniform, or use `method: random`",
                p->name, space_kind_name(p->kind));
        if (space_grid_points(p) == 0)
            return err_set(err, ERR_SPEC, "parameters.%s: its grid has no point", p->name);
    }
    return 0;
}

static int grid_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct grid *g = state;
    int rc = check_kinds(spec, err);
    if (rc)
        return rc;
    uint64_t points = space_grid_total(&spec->space);
    if (points == UINT64_MAX && spec->order_random)
        return err_set(
            err, ERR_SPEC,
            "order: random needs a grid of fewer than 2^64 points; leave `order` out, or "
            "use `method: random`");
    *g = (struct grid){
        .spec = spec,
        .points = points,
        .radix = mem_alloc(spec->space.n * sizeof *g->radix),
        .values = mem_alloc(spec->space.n * sizeof *g->values),
    };
    for (size_t i = 0; i < spec->space.n; i++)
        g->radix[i] = space_grid_points(&spec->space.parameters[i]);
    if (spec->order_random)
        permute_init(&g->order, seed, points);
    return 0;
}

static void grid_done(void *state)
{
    struct grid *g = state;
    mem_free(g->radix);
    mem_free(g->values);
}

static struct value *explain(struct arena *a, const struct grid *g, uint64_t index)
{
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, "grid"));
    value_put(a, why, "index", value_int(a, (int64_t)index));
    if (g->points <= INT64_MAX)
        value_put(a, why, "points", value_int(a, (int64_t)g->points));
    return why;
}

static int grid_propose(void *state, struct arena *a, struct proposal *ret, struct err *err)
{
    struct grid *g = state;
    if (g->next >= g->points)
        return err_set(err, ERR_EXHAUSTED, "the grid has been walked through");
    uint64_t index = g->spec->order_random ? permute_at(&g->order, g->next) : g->next;
    uint64_t rest = index;
    for (size_t i = g->spec->space.n; i-- > 0;) {
        g->values[i] = space_grid_value(a, &g->spec->space.parameters[i], rest % g->radix[i]);
        rest /= g->radix[i];
    }
    ret->cursor = g->next++;
    ret->params = space_nest(a, &g->spec->space, g->values);
    ret->why = explain(a, g, index);
    return 0;
}

static void grid_replay(void *state, uint64_t cursor, const struct value *params)
{
    struct grid *g = state;
    (void)params; /* the cursor says it all */
    if (cursor >= g->next && cursor < g->points)
        g->next = cursor + 1;
}

const struct strategy_type strategy_grid = {
    .name = "grid",
    .state_bytes = sizeof(struct grid),
    .init = grid_init,
    .done = grid_done,
    .propose = grid_propose,
    .replay = grid_replay,
};
