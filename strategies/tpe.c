/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree-structured Parzen estimator. It models the density of the good results and that of all
 * others, draws points from the first, and proposes the one with the greatest ratio. Each proposal
 * is a function of the seed, the number of proposals before it and the columns of the history, so
 * it can be derived again. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "strategies/bayes/explain.h"
#include "strategies/bayes/results.h"
#include "strategies/bayes/design.h"
#include "strategies/parzen/parzen.h"

/* Defaults of strategy.initial and strategy.candidates, and the most candidates. */
enum { INITIAL = 7, CANDIDATES = 24, CANDIDATES_MAX = 10000 };
/* Of n results the best GOOD_FACTOR * sqrt(n) are good, but at most GOOD_MAX. */
#define GOOD_FACTOR 0.8
enum { GOOD_MAX = 25 };
/* Limits on cost: kernels of other results and of running trials, rows of a table. */
enum { BAD_MAX = 256, WAITING_MAX = 128, LEVELS_MAX = 64 };
/* … and the most work of all candidates: the values of kernels of an axis, of which a draw from one
 * takes as long as DRAW_WORK. The default number of candidates is always drawn. */
#define WORK_MAX 5e7
enum { DRAW_WORK = 100 };
/* How often candidates are drawn again if none is new and allowed. */
enum { ROUNDS = 8 };

/* Chosen on the tasks of tests/bench/search that are not marked hold. Levels are as wide in both: with
 * wider others, the ratio is greatest at the level that most trials have, good and bad, and the
 * search stays there. */
static const struct parzen_rule good_rule = {
    .width = 0.15, .levels = 0.15, .prior = 0.3, .ranked = true};
static const struct parzen_rule others_rule = {.width = 0.25, .levels = 0.15, .prior = 2};

struct tpe {
    struct sampler sampler; /* first: see strategy_type.h */
    const struct spec *spec;
    struct terrain terrain;
    struct design design;
    struct parzen_axis *axes;
    uint64_t initial, candidates;
};

struct candidate {
    double value, *raw, *x;
    size_t number;
};

static void axis_init_levels(struct parzen_axis *x, const struct coordinate *c, uint64_t levels)
{
    x->levels = (size_t)levels;
    x->places = mem_alloc(2 * x->levels * sizeof *x->places);
    x->chances = x->places + x->levels;
    for (size_t l = 0; l < x->levels; l++) {
        x->places[l] = coordinate_place(c, l);
        x->chances[l] = coordinate_chance(c, l);
    }
}

static struct parzen_axis *axes_of(const struct terrain *t)
{
    struct parzen_axis *axes = mem_alloc(t->d * sizeof *axes);
    for (size_t j = 0; j < t->d; j++) {
        uint64_t levels = t->levels[j];
        if (t->kinds[j] == FEATURE_CATEGORY)
            axes[j].kind = PARZEN_CATEGORIES;
        else if (t->moves[j] == TERRAIN_LISTED && levels <= LEVELS_MAX)
            axes[j].kind = PARZEN_LEVELS;
        else if (levels > 0 && levels < UINT64_MAX)
            axes[j].width = 0.5 / (double)levels;
        if (axes[j].kind != PARZEN_NORMAL)
            axis_init_levels(&axes[j], &t->coordinates.items[j], levels);
    }
    return axes;
}

static int tpe_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct tpe *t = state;
    (void)seed;
    t->candidates = CANDIDATES;
    if (spec->strategy)
        t->candidates = (uint64_t)value_get_int(spec->strategy, "candidates", CANDIDATES);
    if (t->candidates > CANDIDATES_MAX)
        return err_set(err, ERR_SPEC, "strategy.candidates: more than %d are not supported",
                       CANDIDATES_MAX);
    terrain_init(&t->terrain, &spec->space, &t->sampler);
    design_init(&t->design, "tpe", &t->terrain);
    t->axes = axes_of(&t->terrain);
    t->spec = spec;
    t->initial = INITIAL;
    if (spec->strategy)
        t->initial = (uint64_t)value_get_int(spec->strategy, "initial", INITIAL);
    return 0;
}

static void tpe_done(void *state)
{
    struct tpe *t = state;
    for (size_t j = 0; j < t->terrain.d; j++)
        mem_free(t->axes[j].places);
    mem_free(t->axes);
    design_done(&t->design);
    terrain_done(&t->terrain);
}

/* The points of each density. */
struct split {
    size_t good, others;
    size_t *ranking;       /* places of all results, the best first: the good ones are the first */
    const double **points; /* the good ones, the best first, then the others */
};

/* A running trial counts as one of the others, so that simultaneous trials differ. */
static void split_init(struct split *s, const struct results *r)
{
    size_t good = (size_t)ceil(GOOD_FACTOR * sqrt((double)r->n));
    s->good = good < GOOD_MAX ? good : GOOD_MAX;
    size_t bad = r->n - s->good, most = bad < BAD_MAX ? bad : BAD_MAX;
    size_t waiting = r->pending < WAITING_MAX ? r->pending : WAITING_MAX;
    s->others = most + waiting;
    s->ranking = mem_alloc(r->n * sizeof *s->ranking);
    results_rank_reached(r, s->ranking);
    s->points = mem_alloc((s->good + s->others) * sizeof *s->points);
    const double **to = s->points;
    for (size_t i = 0; i < s->good; i++)
        *to++ = r->x + s->ranking[i] * r->d;
    for (size_t i = 0; i < most; i++)
        *to++ = r->x + s->ranking[s->good + i * bad / most] * r->d;
    for (size_t i = r->pending - waiting; i < r->pending; i++)
        *to++ = r->waiting + i * r->d;
}

static void split_done(struct split *s)
{
    mem_free(s->ranking);
    mem_free(s->points);
}

static size_t candidates_of(const struct tpe *t, const struct split *s)
{
    double each = (double)t->terrain.d * (double)(s->good + s->others + DRAW_WORK);
    double most = fmax(WORK_MAX / each, CANDIDATES);
    return (size_t)fmin((double)t->candidates, most);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Draws allowed candidates and sorts them, the most promising first. Returns how many. */
static size_t draw_candidates(const struct tpe *t, const struct parzen *good,
                              const struct parzen *others, struct rng *rng, double *room,
                              size_t wanted, struct candidate *ret)
{
    size_t n = 0, d = t->terrain.d;
    for (size_t i = 0; i < wanted; i++) {
        struct candidate *c = &ret[n];
        *c = (struct candidate){.raw = room + 2 * n * d, .x = room + (2 * n + 1) * d, .number = n};
        parzen_draw(good, rng, c->raw);
        if (!terrain_settle(&t->terrain, c->raw, c->x))
            continue;
        c->value = parzen_log(good, c->x) - parzen_log(others, c->x);
        n++;
    }
    qsort(ret, n, sizeof *ret, compare_candidates);
    return n;
}

static struct value *explain_candidate(struct arena *a, const struct terrain *t,
                                       const struct results *r, const struct split *s,
                                       const struct candidate *c)
{
    struct value *why = design_explain(a, "tpe", "model");
    value_put(a, why, "results", value_int(a, (int64_t)r->n));
    value_put(a, why, "pending", value_int(a, (int64_t)r->pending));
    explain_resource(a, why, r);
    value_put(a, why, "good", value_int(a, (int64_t)s->good));
    value_put(a, why, "bad", value_int(a, (int64_t)(r->n - s->good)));
    value_put(a, why, "log_ratio", explain_number(a, c->value));
    value_put(a, why, "nearest", explain_nearest(a, t, r, s->ranking, s->good, NULL, c->x));
    return why;
}

/* False if all candidates are forbidden or were proposed before. */
static bool propose_model(struct tpe *t, const struct history *h, const struct results *r,
                          struct arena *a, struct proposal *ret)
{
    struct parzen good, others;
    struct split s;
    struct rng rng;
    bool taken = false;
    split_init(&s, r);
    size_t wanted = candidates_of(t, &s);
    struct candidate *c = mem_alloc(wanted * sizeof *c);
    double *room = mem_alloc(2 * wanted * r->d * sizeof *room);
    parzen_init(&good, t->axes, r->d, &good_rule, s.points, s.good);
    parzen_init(&others, t->axes, r->d, &others_rule, s.points + s.good, s.others);
    rng_init(&rng, t->sampler.seed, h->n, RNG_SEARCH);
    for (int round = 0; round < ROUNDS && !taken; round++) {
        size_t n = draw_candidates(t, &good, &others, &rng, room, wanted, c);
        for (size_t i = 0; i < n && !taken; i++) {
            taken = terrain_is_new(&t->terrain, h->points, h->n, c[i].x) &&
                    sampler_take(&t->sampler, c[i].raw, a, &ret->params);
            if (taken)
                ret->why = explain_candidate(a, &t->terrain, r, &s, &c[i]);
        }
    }
    parzen_done(&good);
    parzen_done(&others);
    split_done(&s);
    mem_free(c);
    mem_free(room);
    return taken;
}

static int tpe_propose(void *state, const struct history *h, struct arena *a, struct proposal *ret,
                       struct err *err)
{
    struct tpe *t = state;
    struct results r;
    int rc = 0;
    results_init(&r, h, t->spec, t->terrain.kinds);
    if (r.n + r.pending - r.running < t->initial || r.n == 0 || r.d == 0)
        rc = design_propose(&t->design, h, r.n == 0 ? "no results yet" : "few results yet", a, ret,
                            err);
    else if (!propose_model(t, h, &r, a, ret))
        rc = design_propose(
            &t->design, h, "the model's points were all forbidden or proposed before", a, ret, err);
    results_done(&r);
    if (rc == 0)
        ret->cursor = t->sampler.next;
    return rc;
}

const struct strategy_type strategy_tpe = {
    .name = "tpe",
    .learns = true,
    .samples = true,
    .state_bytes = sizeof(struct tpe),
    .init = tpe_init,
    .done = tpe_done,
    .propose = tpe_propose,
};
