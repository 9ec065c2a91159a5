/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/urn.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"
#include "strategies/axis.h"
#include "strategies/permute.h"

/* Up to this many points, what is left is weighed point by point (8 bytes each). Beyond it a draw
 * has failed so often only because a million points and more were drawn. */
enum { WEIGHED_POINTS_MAX = 1 << 20 };
/* Weights are integers, so that their sums do not depend on the order of adding. */
#define WEIGHT_SCALE 0x1p60

void urn_init(struct urn *u, const struct space *space)
{
    *u = (struct urn){
        .space = space,
        .axes = mem_alloc(space->n * sizeof *u->axes),
        .points = space_points(space),
        .digits = mem_alloc(space->n * sizeof *u->digits),
        .values = mem_alloc(space->n * sizeof *u->values),
    };
    PRE(u->points > 0);
    seen_init(&u->drawn);
    for (size_t i = 0; i < space->n; i++)
        axis_init(&u->axes[i], &space->parameters[i]);
}

void urn_done(struct urn *u)
{
    for (size_t i = 0; i < u->space->n; i++)
        axis_done(&u->axes[i]);
    seen_done(&u->drawn);
    mem_free(u->axes);
    mem_free(u->rest);
    mem_free(u->digits);
    mem_free(u->values);
}

bool urn_is_empty(const struct urn *u)
{
    return u->points != UINT64_MAX && u->drawn.n == u->points;
}

static void pick_index(struct urn *u, uint64_t index)
{
    for (size_t i = u->space->n; i-- > 0;) {
        u->digits[i] = index % u->axes[i].n;
        index /= u->axes[i].n;
    }
}

static uint64_t key_in_hand(const struct urn *u)
{
    uint64_t key = 0;
    for (size_t i = 0; i < u->space->n; i++) {
        if (u->points != UINT64_MAX)
            key = key * u->axes[i].n + u->digits[i];
        else {
            key = (key ^ u->digits[i]) * 0x9e3779b97f4a7c15;
            key ^= key >> 29;
        }
    }
    return key;
}

void urn_pick(struct urn *u, const double *quantiles)
{
    for (size_t i = 0; i < u->space->n; i++)
        u->digits[i] = axis_digit(&u->axes[i], quantiles[i]);
}

bool urn_pick_params(struct urn *u, const struct value *params)
{
    for (size_t i = 0; i < u->space->n; i++) {
        const struct value *v = space_lookup(params, &u->space->parameters[i]);
        if (!v || !axis_find(&u->axes[i], v, &u->digits[i]))
            return false;
    }
    return true;
}

static uint64_t weight_in_hand(const struct urn *u)
{
    double weight = WEIGHT_SCALE;
    for (size_t i = 0; i < u->space->n; i++)
        weight *= axis_weight(&u->axes[i], u->digits[i]);
    return weight >= 1 ? (uint64_t)weight : 1;
}

/* rest[k] (from 1) is the sum over the points k - lowbit(k) … k - 1 (Fenwick 1994). */
static void weigh_rest(struct urn *u)
{
    u->rest = mem_alloc((u->points + 1) * sizeof *u->rest);
    for (uint64_t k = 1; k <= u->points; k++) {
        pick_index(u, k - 1);
        if (!seen_has(&u->drawn, k - 1))
            u->rest[k] += weight_in_hand(u);
        uint64_t up = k + (k & -k);
        if (up <= u->points)
            u->rest[up] += u->rest[k];
    }
}

static uint64_t weight_left(const struct urn *u)
{
    uint64_t sum = 0;
    for (uint64_t k = u->points; k > 0; k -= k & -k)
        sum += u->rest[k];
    return sum;
}

/* The first point such that the weights up to and with it exceed at. */
static uint64_t find_weight(const struct urn *u, uint64_t at)
{
    uint64_t place = 0, step = 1;
    while (2 * step <= u->points)
        step *= 2;
    for (; step > 0; step /= 2)
        if (place + step <= u->points && u->rest[place + step] <= at) {
            place += step;
            at -= u->rest[place];
        }
    return place;
}

bool urn_pick_left(struct urn *u, uint64_t seed, uint64_t stream)
{
    PRE(!urn_is_empty(u));
    if (u->points == UINT64_MAX)
        return false;
    struct rng r;
    rng_init(&r, seed, stream, RNG_ORDER);
    if (u->points <= WEIGHED_POINTS_MAX) {
        if (!u->rest)
            weigh_rest(u);
        pick_index(u, find_weight(u, rng_below(&r, weight_left(u))));
        return true;
    }
    /* A walk in an order of its own finds each of the points left with the same chance: exact where
     * the weights are equal, and close where they are not. */
    struct permute walk;
    permute_init(&walk, rng_u64(&r), u->points);
    uint64_t i = 0;
    while (seen_has(&u->drawn, permute_at(&walk, i)))
        i++;
    pick_index(u, permute_at(&walk, i));
    return true;
}

bool urn_draw(struct urn *u)
{
    uint64_t key = key_in_hand(u);
    if (!seen_add(&u->drawn, key))
        return false;
    if (u->rest) {
        uint64_t weight = weight_in_hand(u);
        for (uint64_t k = key + 1; k <= u->points; k += k & -k)
            u->rest[k] -= weight;
    }
    return true;
}

struct value *urn_params(struct urn *u, struct arena *a)
{
    for (size_t i = 0; i < u->space->n; i++)
        u->values[i] = axis_value(a, &u->axes[i], u->digits[i]);
    return space_nest(a, u->space, u->values);
}
