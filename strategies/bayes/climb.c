/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/climb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/minimum.h"

enum { CANDIDATES = 256, STARTS = 4, ROUNDS = 2, SMOOTH_CALLS = 15, STARTS_LOOK = 200 };
enum { LISTED_TRIED_MAX = 512, FINE = 128 };
#define START_DISTANCE 0.05
#define ROUND_GAIN 1e-3
#define SMOOTH_GAIN 1e-2

/* A random point anywhere. */
static void scatter_point(const struct climb *c, struct rng *rng, double *raw)
{
    for (size_t j = 0; j < c->terrain->d; j++)
        raw[j] = rng_unit(rng);
}

/* A random point near a centre: moves some coordinates, at least one. */
static void disturb_point(const struct climb *c, const double *centre, const double *lengths,
                          struct rng *rng, double *raw)
{
    const struct terrain *t = c->terrain;
    double scale = pow(10, -2.5 + 2.2 * rng_unit(rng));
    double chance = rng_unit(rng);
    chance = fmax(1 / (double)t->d, chance * chance);
    size_t sure = rng_below(rng, t->d);
    for (size_t j = 0; j < t->d; j++) {
        double at = isnan(centre[j]) ? rng_unit(rng) : centre[j];
        bool moves = rng_unit(rng) < chance || j == sure;
        raw[j] = at;
        if (!moves)
            continue;
        if (t->kinds[j] == FEATURE_CATEGORY)
            raw[j] = rng_unit(rng) < 0.5 ? rng_unit(rng) : at;
        else if (t->levels[j] == 0)
            raw[j] = at + scale * lengths[j] * rng_normal(rng);
        else if (rng_unit(rng) < 0.6)
            raw[j] = at + fmax(scale, 0.7 / (double)t->levels[j]) * rng_normal(rng);
        raw[j] = fmin(fmax(raw[j], 0), 1);
    }
}

static int compare_points(const void *a, const void *b)
{
    double x = ((const struct climb_point *)a)->value, y = ((const struct climb_point *)b)->value;
    return (x < y) - (x > y);
}

/* Values and sorts the points; the best one first. */
static void sort_points(struct climb *c, bool coarse)
{
    size_t d = c->terrain->d;
    double *z = mem_resize(NULL, c->n * (d + 1) * sizeof *z), *values = z + c->n * d;
    for (size_t i = 0; i < c->n; i++)
        memcpy(z + i * d, c->points[i].x, d * sizeof *z);
    acquisition_values(c->acquisition, coarse, z, c->n, values);
    for (size_t i = 0; i < c->n; i++)
        c->points[i].value = isnan(values[i]) ? -INFINITY : values[i];
    mem_free(z);
    qsort(c->points, c->n, sizeof *c->points, compare_points);
}

struct smooth {
    const struct climb *climb;
    bool coarse;
    size_t *moved, n;
    double *z, *slope;
};

static double smooth_value(void *of, const double *x, double *gradient)
{
    struct smooth *s = of;
    for (size_t i = 0; i < s->n; i++)
        s->z[s->moved[i]] = x[i];
    double value = acquisition_slope(s->climb->acquisition, s->coarse, s->z, s->slope);
    for (size_t i = 0; i < s->n; i++)
        gradient[i] = -s->slope[s->moved[i]];
    return -value;
}

static bool settled_value(const struct climb *c, double *raw, double *x, double *ret)
{
    if (!terrain_settle(c->terrain, raw, x))
        return false;
    acquisition_values(c->acquisition, false, x, 1, ret);
    return !isnan(*ret);
}

static void take_better(struct climb_point *p, const double *raw, const double *x, double value,
                        size_t d)
{
    if (!(value > p->value))
        return;
    memcpy(p->raw, raw, d * sizeof *raw);
    memcpy(p->x, x, d * sizeof *x);
    p->value = value;
}

/* Follows the slope in the existing numeric coordinates; those with many levels are then rounded,
 * and their neighbours tried. */
static void climb_smooth(const struct climb *c, bool coarse, struct climb_point *p)
{
    const struct terrain *t = c->terrain;
    size_t d = t->d;
    struct smooth s = {.climb = c, .coarse = coarse};
    double *room = mem_alloc((7 * d) * sizeof *room);
    double *q = room, *low = room + d, *high = room + 2 * d, *raw = room + 3 * d, *x = room + 4 * d;
    s.z = room + 5 * d;
    s.slope = room + 6 * d;
    s.moved = mem_alloc(d * sizeof *s.moved);
    memcpy(s.z, p->x, d * sizeof *s.z);
    for (size_t j = 0; j < d; j++)
        if (t->moves[j] != TERRAIN_LISTED && !isnan(p->x[j])) {
            q[s.n] = p->x[j];
            low[s.n] = 0;
            high[s.n] = 1;
            s.moved[s.n++] = j;
        }
    if (s.n > 0) {
        double value;
        minimum_find(smooth_value, &s, s.n, low, high, SMOOTH_CALLS, SMOOTH_GAIN, q);
        memcpy(raw, p->raw, d * sizeof *raw);
        for (size_t i = 0; i < s.n; i++)
            raw[s.moved[i]] = q[i];
        if (settled_value(c, raw, x, &value))
            take_better(p, raw, x, value, d);
        for (size_t i = 0; i < s.n; i++) {
            if (t->moves[s.moved[i]] != TERRAIN_WIDE)
                continue;
            for (int by = -1; by <= 1; by += 2) {
                memcpy(low, raw, d * sizeof *raw);
                low[s.moved[i]] =
                    coordinate_neighbour(&t->coordinates.items[s.moved[i]], raw[s.moved[i]], by);
                if (settled_value(c, low, x, &value))
                    take_better(p, low, x, value, d);
            }
        }
    }
    mem_free(s.moved);
    mem_free(room);
}

/* Tries each value of each listed coordinate in place of its current value. */
static void climb_listed(const struct climb *c, struct climb_point *p)
{
    const struct terrain *t = c->terrain;
    size_t d = t->d, m = 0, cap = 0;
    for (size_t j = 0; j < d; j++)
        if (t->moves[j] == TERRAIN_LISTED && !isnan(p->x[j]))
            cap += t->levels[j] > LISTED_TRIED_MAX ? LISTED_TRIED_MAX : t->levels[j];
    double *raws = mem_alloc((2 * cap * d + cap) * sizeof *raws);
    double *xs = raws + cap * d, *values = xs + cap * d;
    for (size_t j = 0; j < d; j++) {
        if (t->moves[j] != TERRAIN_LISTED || isnan(p->x[j]))
            continue;
        for (uint64_t digit = 0; digit < t->levels[j] && digit < LISTED_TRIED_MAX; digit++) {
            double at = coordinate_place(&t->coordinates.items[j], digit);
            if (!(fabs(at - p->raw[j]) > 1e-9))
                continue;
            memcpy(raws + m * d, p->raw, d * sizeof *raws);
            raws[m * d + j] = at;
            m += terrain_settle(t, raws + m * d, xs + m * d);
        }
    }
    if (m > 0)
        acquisition_values(c->acquisition, false, xs, m, values);
    for (size_t i = 0; i < m; i++)
        take_better(p, raws + i * d, xs + i * d, values[i], d);
    mem_free(raws);
}

static void climb_from(const struct climb *c, struct climb_point *p)
{
    for (int round = 0; round < ROUNDS; round++) {
        double before = p->value;
        if (c->terrain->any_other)
            climb_smooth(c, c->acquisition->coarse != NULL, p);
        if (!c->terrain->any_listed)
            break;
        climb_listed(c, p);
        if (p->value - before < ROUND_GAIN)
            break;
    }
}

/* The places of the best candidates that are not close together. */
static size_t choose_starts(const struct climb *c, size_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n && i < STARTS_LOOK && n < STARTS; i++) {
        bool far = true;
        for (size_t k = 0; k < n && far; k++)
            far =
                terrain_distance(c->terrain, c->points[ret[k]].x, c->points[i].x) > START_DISTANCE;
        if (far)
            ret[n++] = i;
    }
    return n;
}

/* Moves point i to its place among those before it, which are sorted. */
static void insert_point(struct climb *c, size_t i)
{
    struct climb_point p = c->points[i];
    for (; i > 0 && compare_points(&c->points[i - 1], &p) > 0; i--)
        c->points[i] = c->points[i - 1];
    c->points[i] = p;
}

static void copy_point(struct climb_point *to, const struct climb_point *from, size_t d)
{
    to->value = from->value;
    memcpy(to->raw, from->raw, d * sizeof *to->raw);
    memcpy(to->x, from->x, d * sizeof *to->x);
}

void climb_init(struct climb *c, const struct terrain *t, const struct acquisition *a,
                const double *centres, size_t n_centres, const double *lengths, struct rng *rng)
{
    size_t d = t->d, starts[STARTS];
    *c = (struct climb){.terrain = t, .acquisition = a, .cap = 2 * CANDIDATES + STARTS};
    c->points = mem_alloc(c->cap * sizeof *c->points);
    c->room = mem_resize(NULL, 2 * c->cap * d * sizeof *c->room);
    for (size_t i = 0; i < c->cap; i++) {
        c->points[i].raw = c->room + 2 * i * d;
        c->points[i].x = c->points[i].raw + d;
    }
    for (size_t i = 0; i < 2 * CANDIDATES; i++) {
        struct climb_point *p = &c->points[c->n];
        if (i < CANDIDATES)
            scatter_point(c, rng, p->raw);
        else
            disturb_point(c, centres + rng_below(rng, n_centres) * d, lengths, rng, p->raw);
        c->n += terrain_settle(t, p->raw, p->x);
    }
    sort_points(c, true);
    if (a->coarse && c->n > FINE)
        c->n = FINE;
    if (a->coarse)
        sort_points(c, false);
    size_t n = choose_starts(c, starts), sorted = c->n;
    for (size_t i = 0; i < n; i++) {
        copy_point(&c->points[c->n], &c->points[starts[i]], d);
        climb_from(c, &c->points[c->n++]);
    }
    for (size_t i = sorted; i < c->n; i++)
        insert_point(c, i);
    if (a->coarse && c->n > 0)
        climb_smooth(c, false, &c->points[0]);
}

void climb_done(struct climb *c)
{
    mem_free(c->points);
    mem_free(c->room);
}
