/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/urn.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/number/rng.h"
#include "strategies/permute.h"

/* Up to this many points, the remaining ones are weighed one by one (8 bytes each). */
enum { WEIGHED_POINTS_MAX = 1 << 20 };
/* Weights are integers, so that their sums do not depend on the order of adding. */
#define WEIGHT_SCALE 0x1p60

int urn_init(struct urn *u, const struct space *space, struct err *err)
{
    *u = (struct urn){.index = 0};
    int rc = lattice_init(&u->lattice, space, LATTICE_LEVELS, err);
    if (rc)
        return rc;
    if (u->lattice.points == UINT64_MAX) {
        lattice_done(&u->lattice);
        return err_set(err, ERR_LIMIT, "the space has 2^64 points or more");
    }
    u->digits = mem_alloc(space->n * sizeof *u->digits);
    seen_init(&u->drawn);
    return 0;
}

void urn_done(struct urn *u)
{
    lattice_done(&u->lattice);
    seen_done(&u->drawn);
    mem_free(u->rest);
    mem_free(u->digits);
}

bool urn_is_empty(const struct urn *u)
{
    return u->drawn.n == u->lattice.points;
}

bool urn_weighs(const struct urn *u)
{
    return u->lattice.points <= WEIGHED_POINTS_MAX;
}

static void pick_index(struct urn *u, uint64_t index)
{
    u->index = index;
    lattice_at(&u->lattice, index, u->digits);
}

bool urn_pick(struct urn *u, const double *quantiles)
{
    for (size_t i = 0; i < u->lattice.space->n; i++)
        u->digits[i] = axis_digit(&u->lattice.axes[i], quantiles[i]);
    return lattice_find(&u->lattice, u->digits, &u->index);
}

bool urn_pick_params(struct urn *u, const struct value *params)
{
    const struct space *space = u->lattice.space;
    for (size_t i = 0; i < space->n; i++) {
        const struct value *v = space_lookup(params, &space->parameters[i]);
        if (!v)
            u->digits[i] = LATTICE_ABSENT;
        else if (!axis_find(&u->lattice.axes[i], v, &u->digits[i]))
            return false;
    }
    return lattice_find(&u->lattice, u->digits, &u->index);
}

static uint64_t weight_in_hand(const struct urn *u)
{
    double weight = WEIGHT_SCALE;
    for (size_t i = 0; i < u->lattice.space->n; i++)
        if (u->digits[i] != LATTICE_ABSENT)
            weight *= axis_weight(&u->lattice.axes[i], u->digits[i]);
    return weight >= 1 ? (uint64_t)weight : 1;
}

/* rest[k] (from 1) is the sum over the points k - lowbit(k) … k - 1 (Fenwick 1994). */
static void weigh_rest(struct urn *u)
{
    uint64_t points = u->lattice.points;
    u->rest = mem_alloc((points + 1) * sizeof *u->rest);
    for (uint64_t k = 1; k <= points; k++) {
        pick_index(u, k - 1);
        if (!seen_has(&u->drawn, k - 1))
            u->rest[k] += weight_in_hand(u);
        uint64_t up = k + (k & -k);
        if (up <= points)
            u->rest[up] += u->rest[k];
    }
}

static uint64_t weight_left(const struct urn *u)
{
    uint64_t sum = 0;
    for (uint64_t k = u->lattice.points; k > 0; k -= k & -k)
        sum += u->rest[k];
    return sum;
}

/* The first point at which the sum of weights, its own included, exceeds `at`. */
static uint64_t find_weight(const struct urn *u, uint64_t at)
{
    uint64_t place = 0, step = 1;
    while (2 * step <= u->lattice.points)
        step *= 2;
    for (; step > 0; step /= 2)
        if (place + step <= u->lattice.points && u->rest[place + step] <= at) {
            place += step;
            at -= u->rest[place];
        }
    return place;
}

void urn_pick_left(struct urn *u, uint64_t seed, uint64_t stream)
{
    PRE(!urn_is_empty(u));
    struct rng r;
    rng_init(&r, seed, stream, RNG_ORDER);
    if (urn_weighs(u)) {
        if (!u->rest)
            weigh_rest(u);
        pick_index(u, find_weight(u, rng_below(&r, weight_left(u))));
        return;
    }
    /* A walk in a random order reaches the remaining points with equal chance: exact if the weights
     * are equal, and close if not. */
    struct permute walk;
    permute_init(&walk, rng_u64(&r), u->lattice.points);
    uint64_t i = 0;
    while (seen_has(&u->drawn, permute_at(&walk, i)))
        i++;
    pick_index(u, permute_at(&walk, i));
}

bool urn_is_drawn(const struct urn *u)
{
    return seen_has(&u->drawn, u->index);
}

bool urn_draw(struct urn *u)
{
    if (!seen_add(&u->drawn, u->index))
        return false;
    if (u->rest) {
        uint64_t weight = weight_in_hand(u);
        for (uint64_t k = u->index + 1; k <= u->lattice.points; k += k & -k)
            u->rest[k] -= weight;
    }
    return true;
}

struct value *urn_params(struct urn *u, struct arena *a)
{
    return lattice_params(&u->lattice, a, u->digits);
}
