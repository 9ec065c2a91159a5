/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grid points by index, without storing the grid, in W&B's order: the last name varies fastest. */
#include <math.h>
#include <stdio.h>
#include "base/mem.h"
#include "strategies/lattice/lattice.h"
#include "strategies/permute.h"
#include "strategies/seen.h"
#include "strategies/strategy_type.h"

struct grid {
    const struct spec *spec;
    uint64_t next;
    struct lattice lattice;
    uint64_t *digits; /* of the point being made */
    struct permute order;
    /* Points proposed in another order, as the grid has grown since, or by somebody else. */
    struct seen drawn;
};

static int check_kinds(const struct spec *spec, struct err *err)
{
    for (size_t i = 0; i < spec->space.n; i++) {
        const struct parameter *p = &spec->space.parameters[i];
        if (!space_grid_allows(p))
            return err_set(err, ERR_SPEC,
                           "parameters.%s: a grid needs values, int_uniform or q_uniform, not %s; "
                           "write `values: [...]`, or use `method: random`",
                           p->name, space_kind_name(p->kind));
        if (space_grid_points(p) == 0)
            return err_set(err, ERR_SPEC, "parameters.%s: its grid has no point", p->name);
    }
    return 0;
}

/* The logarithm of the number of points, rounded to a power of ten; conditions are ignored. */
static long decades_of(const struct space *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->parameters[i].kind != SPACE_EXPR)
            sum += log10((double)space_grid_points(&s->parameters[i]));
    return lround(sum);
}

static int check_size(const struct spec *spec, uint64_t points, struct err *err)
{
    char size[40] = "more than 2^63";
    if (points <= INT64_MAX)
        return 0;
    if (!spec->space.conditional)
        snprintf(size, sizeof size, "about 10^%ld", decades_of(&spec->space));
    if (spec->run_cap == 0)
        return err_set(err, ERR_SPEC,
                       "this grid has %s points and would never end: use `method: random` with a "
                       "`run_cap`, or give the parameters fewer values",
                       size);
    if (points == UINT64_MAX && spec->order_random)
        return err_set(err, ERR_SPEC,
                       "this grid has %s points, too many for `order: random`: leave `order` out, "
                       "or use `method: random`",
                       size);
    return 0;
}

static int say_tied(struct err *err)
{
    struct buf text;
    if (!err)
        return ERR_LIMIT;
    buf_init(&text, sizeof err->text);
    buf_adds(&text, err->text);
    int rc = err_set(err, ERR_LIMIT, "%s; give them fewer values, or use `method: random`",
                     buf_peek(&text));
    buf_done(&text);
    return rc;
}

static int grid_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct grid *g = state;
    *g = (struct grid){.spec = spec};
    int rc = check_kinds(spec, err);
    if (rc == 0)
        rc = lattice_init(&g->lattice, &spec->space, LATTICE_GRID, err);
    if (rc == ERR_LIMIT)
        return say_tied(err);
    if (rc)
        return rc;
    rc = check_size(spec, g->lattice.points, err);
    if (rc) {
        lattice_done(&g->lattice);
        return rc;
    }
    g->digits = mem_alloc(spec->space.n * sizeof *g->digits);
    seen_init(&g->drawn);
    if (spec->order_random)
        permute_init(&g->order, seed, g->lattice.points);
    return 0;
}

static void grid_done(void *state)
{
    struct grid *g = state;
    lattice_done(&g->lattice);
    mem_free(g->digits);
    seen_done(&g->drawn);
}

static uint64_t grid_index(const struct grid *g, uint64_t place)
{
    return g->spec->order_random ? permute_at(&g->order, place) : place;
}

static void grid_pass_drawn(struct grid *g)
{
    while (g->drawn.n > 0 && g->next < g->lattice.points &&
           seen_has(&g->drawn, grid_index(g, g->next)))
        g->next++;
}

/* Whether params are the grid's point at this place. */
static bool grid_has(struct grid *g, uint64_t place, const struct value *params)
{
    struct arena a;
    if (place >= g->lattice.points)
        return false;
    arena_init(&a);
    lattice_at(&g->lattice, grid_index(g, place), g->digits);
    bool same = value_same(lattice_params(&g->lattice, &a, g->digits), params);
    arena_done(&a);
    return same;
}

static bool digit_find(const struct axis *x, const struct value *v, uint64_t *ret)
{
    struct arena a;
    bool found = false;
    arena_init(&a);
    for (*ret = 0; *ret < x->n; ++*ret) {
        if ((found = value_same(axis_value(&a, x, *ret), v)))
            break;
        arena_clear(&a);
    }
    arena_done(&a);
    return found;
}

/* The index of the point with these params; false if this grid does not have it. */
static bool grid_find(struct grid *g, const struct value *params, uint64_t *ret)
{
    const struct space *space = &g->spec->space;
    for (size_t i = 0; i < space->n; i++) {
        const struct value *v = space_lookup(params, &space->parameters[i]);
        if (!v)
            g->digits[i] = LATTICE_ABSENT;
        else if (space->parameters[i].kind == SPACE_EXPR)
            g->digits[i] = 0;
        else if (!digit_find(&g->lattice.axes[i], v, &g->digits[i]))
            return false;
    }
    return lattice_find(&g->lattice, g->digits, ret);
}

static struct value *explain_point(struct arena *a, const struct grid *g, uint64_t index)
{
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, "grid"));
    value_put(a, why, "index", value_int(a, (int64_t)index));
    if (g->lattice.points <= INT64_MAX)
        value_put(a, why, "points", value_int(a, (int64_t)g->lattice.points));
    return why;
}

static int grid_propose(void *state, const struct history *history, struct arena *a,
                        struct proposal *ret, struct err *err)
{
    (void)history;
    struct grid *g = state;
    grid_pass_drawn(g);
    if (g->next >= g->lattice.points)
        return err_set(err, ERR_EXHAUSTED, "every point of the grid has been proposed");
    uint64_t index = grid_index(g, g->next);
    lattice_at(&g->lattice, index, g->digits);
    ret->cursor = g->next++;
    ret->params = lattice_params(&g->lattice, a, g->digits);
    ret->why = explain_point(a, g, index);
    return 0;
}

static void grid_replay(void *state, uint64_t cursor, const struct value *params)
{
    struct grid *g = state;
    uint64_t index;
    if (!params) { /* all points before the cursor were proposed */
        g->next = cursor + 1;
        return;
    }
    grid_pass_drawn(g);
    if (cursor == g->next && grid_has(g, cursor, params))
        g->next++;
    else if (grid_find(g, params, &index))
        seen_add(&g->drawn, index);
}

static void grid_note(void *state, const struct value *params)
{
    struct grid *g = state;
    uint64_t index;
    if (grid_find(g, params, &index))
        seen_add(&g->drawn, index);
}

static uint64_t grid_total(const void *state)
{
    const struct grid *g = state;
    return g->lattice.points;
}

const struct strategy_type strategy_grid = {
    .name = "grid",
    .state_bytes = sizeof(struct grid),
    .init = grid_init,
    .done = grid_done,
    .propose = grid_propose,
    .replay = grid_replay,
    .note = grid_note,
    .total = grid_total,
};
