/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/terrain.h"

#include <math.h>

#include "base/mem.h"

enum { LISTED_LEVELS_MAX = 12 };
/* Points closer than this are the same: if all parameters are countable, and if not. */
#define SAME_COUNTABLE 1e-9
#define SAME 1e-4

unsigned char terrain_kind(const struct coordinate *c)
{
    if (coordinate_is_category(c) && !coordinate_is_ordered(c))
        return FEATURE_CATEGORY;
    return c->p->when_n > 0 ? FEATURE_ARC : FEATURE_NUMBER;
}

static unsigned char move_of(const struct coordinate *c, uint64_t levels)
{
    if (levels == 0)
        return TERRAIN_SMOOTH;
    return coordinate_is_category(c) || levels <= LISTED_LEVELS_MAX ? TERRAIN_LISTED : TERRAIN_WIDE;
}

void terrain_init(struct terrain *t, const struct space *space, struct sampler *sampler)
{
    *t = (struct terrain){.sampler = sampler};
    coordinates_init(&t->coordinates, space);
    t->d = t->coordinates.n;
    t->kinds = mem_alloc(t->d);
    t->moves = mem_alloc(t->d);
    t->levels = mem_alloc(t->d * sizeof *t->levels);
    for (size_t j = 0; j < t->d; j++) {
        const struct coordinate *c = &t->coordinates.items[j];
        t->levels[j] = coordinate_levels(c);
        t->kinds[j] = terrain_kind(c);
        t->moves[j] = move_of(c, t->levels[j]);
        t->any_listed |= t->moves[j] == TERRAIN_LISTED;
        t->any_other |= t->moves[j] != TERRAIN_LISTED;
    }
}

void terrain_done(struct terrain *t)
{
    coordinates_done(&t->coordinates);
    mem_free(t->kinds);
    mem_free(t->moves);
    mem_free(t->levels);
}

bool terrain_settle(const struct terrain *t, double *raw, double *ret)
{
    for (size_t j = 0; j < t->d; j++)
        raw[j] = coordinate_snap(&t->coordinates.items[j], raw[j]);
    return sampler_allows(t->sampler, raw, ret);
}

double terrain_distance(const struct terrain *t, const double *x, const double *y)
{
    double largest = 0;
    for (size_t j = 0; j < t->d; j++)
        largest = fmax(largest, features_difference(t->kinds[j], x[j], y[j]));
    return largest;
}

bool terrain_is_new(const struct terrain *t, const double *points, size_t n, const double *x)
{
    double same = t->sampler->countable ? SAME_COUNTABLE : SAME;
    for (size_t i = 0; i < n; i++)
        if (terrain_distance(t, points + i * t->d, x) <= same)
            return false;
    return true;
}
