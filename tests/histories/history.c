/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/histories/history.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "language/spec_read.h"
#include "strategies/strategy.h"
#include "tests/histories/space.h"

enum { POINTS_MAX = 64, ASKED_MAX = 3 };
enum shape { SPREAD, ONE, LINE, CORNERS, CLUSTER, FEW, SHAPES };
enum losses { CONSTANT, TWO, INFINITE, NO_NUMBER, HUGE, TINY, ANY, OUTLIER, ULPS, SLOPE, LOSSES };

struct hostile {
    uint64_t number;
    bool verbose;
    struct arena arena;
    struct diags diags;
    struct rng r;
    struct space_maker maker;
    struct spec *spec;
    struct strategy *strategy;
    enum shape shape;
    enum losses losses[PARETO_OBJECTIVES_MAX];
    bool all_fail, any_state;
    const char *told[POINTS_MAX + ASKED_MAX]; /* as JSON */
    uint64_t n;
};

static const char *const methods[] = {"bayes", "tpe", "cmaes"};

const char *history_method(uint64_t number)
{
    return methods[number % (sizeof methods / sizeof *methods)];
}

static bool chance(struct hostile *h, uint64_t one_of)
{
    return rng_below(&h->r, one_of) == 0;
}

_Noreturn static void hostile_fail(const struct hostile *h, const char *what, const char *detail)
{
    fprintf(stderr, "history %llu (%s): %s: %s\n", (unsigned long long)h->number,
            history_method(h->number), what, detail);
    exit(1);
}

static void write_head(struct hostile *h, struct buf *out)
{
    static const char *const uniques[] = {"", "", "unique: true\n", "unique: false\n"};
    const char *method = history_method(h->number);
    int objectives =
        strcmp(method, "cmaes") != 0 && chance(h, 4) ? 2 + (int)rng_below(&h->r, 3) : 1;
    buf_addf(out, "program: t.py\nmethod: %s\n%s", method, uniques[rng_below(&h->r, 4)]);
    buf_adds(out, objectives > 1 ? "metrics:\n" : "metric:\n");
    for (int i = 0; i < objectives; i++)
        buf_addf(out, "%sname: m%d\n    goal: %simize\n", objectives > 1 ? "  - " : "    ", i,
                 chance(h, 2) ? "min" : "max");
    buf_adds(out, "parameters:\n");
}

static void hostile_begin(struct hostile *h)
{
    struct buf text;
    struct err err = {0};
    arena_init(&h->arena);
    diags_init(&h->diags, &h->arena, "history");
    rng_init(&h->r, 23, h->number, RNG_TEST);
    buf_init(&text, SIZE_MAX);
    write_head(h, &text);
    space_maker_draw(&h->maker, &h->r);
    space_maker_write(&h->maker, &text);
    if (h->verbose)
        printf("%s", buf_str(&text));
    h->spec = spec_read(buf_str(&text), strlen(buf_str(&text)), &h->diags);
    if (!h->spec)
        hostile_fail(h, "the spec", h->diags.items[0].message);
    buf_done(&text);
    if (strategy_new(h->spec, h->number, &h->strategy, &err) != 0)
        hostile_fail(h, "the strategy", err.text);
    h->shape = (enum shape)rng_below(&h->r, SHAPES);
    for (int i = 0; i < PARETO_OBJECTIVES_MAX; i++)
        h->losses[i] = (enum losses)rng_below(&h->r, LOSSES);
    h->all_fail = chance(h, 12);
    h->any_state = chance(h, 4);
}

static double shape_quantile(struct hostile *h, size_t dim, double t)
{
    switch (h->shape) {
    case ONE:
        return 0.3;
    case LINE:
        return dim % 2 ? 1 - t : t;
    case CORNERS:
        return (double)rng_below(&h->r, 2);
    case CLUSTER:
        return 0.3 + t * 1e-12;
    case FEW:
        return (floor(t * 3) + 0.5) / 3;
    default:
        return rng_unit(&h->r);
    }
}

/* A point at quantiles of this shape. */
static struct value *hostile_point(struct hostile *h)
{
    const struct space *space = &h->spec->space;
    struct value *values[SPACE_MAKER_MAX] = {0};
    double t = rng_unit(&h->r);
    for (size_t k = 0; k < space->n; k++) {
        size_t i = space->order[k];
        const struct parameter *p = &space->parameters[i];
        bool exists = true;
        for (size_t w = 0; w < p->when_n; w++) {
            const struct value *at = values[p->when[w].parent];
            bool holds = false;
            for (size_t v = 0; at && v < p->when[w].values->list.n; v++)
                holds = holds || value_same(at, p->when[w].values->list.items[v]);
            exists = exists && holds;
        }
        double u = shape_quantile(h, i, t);
        if (p->kind == SPACE_NORMAL)
            u = fmin(fmax(u, 1e-12), 1 - 1e-12); /* its ends are infinite */
        if (exists)
            values[i] = space_ppf(&h->arena, p, u);
    }
    return value_whole_as_int(&h->arena, space_nest(&h->arena, space, values));
}

static double hostile_loss(struct hostile *h, enum losses losses, uint64_t trial)
{
    static const double sizes[] = {0,        -0.0,      1,    1e-300,   DBL_TRUE_MIN, 1e300, -1e300,
                                   INFINITY, -INFINITY, 1e-9, -DBL_MAX, DBL_MAX,      NAN};
    double u = rng_unit(&h->r);
    switch (losses) {
    case CONSTANT:
        return 0.25;
    case TWO:
        return u < 0.5 ? 0 : 1;
    case INFINITE:
        return u < 0.5 ? INFINITY : u < 0.9 ? -INFINITY : u;
    case NO_NUMBER:
        return u < 0.9 ? NAN : u;
    case HUGE:
        return (u - 0.5) * 2e300;
    case TINY:
        return floor(u * 100) * DBL_TRUE_MIN;
    case ANY:
        return sizes[rng_below(&h->r, sizeof sizes / sizeof *sizes)];
    case OUTLIER:
        return trial == 3 ? 1e300 : u * 1e-3;
    case ULPS:
        return 1 + floor(u * 4) * DBL_EPSILON;
    default:
        return (double)trial;
    }
}

static void report(struct hostile *h, uint64_t trial)
{
    static const uint64_t iterations[] = {0, 1, 1, 3, 27, 1000, 1000000000000};
    static const double costs[] = {0, 1, 1e-300, 1e300, 60};
    struct history_fate fate = {
        .state = h->all_fail     ? TRIAL_FAILED
                 : h->any_state  ? (enum trial_state)rng_below(&h->r, TRIAL_STATES)
                 : chance(h, 10) ? TRIAL_STOPPED
                                 : TRIAL_FINISHED,
        .objective = h->all_fail ? NAN : hostile_loss(h, h->losses[0], trial),
        .iterations = iterations[rng_below(&h->r, sizeof iterations / sizeof *iterations)],
        .cost_s = costs[rng_below(&h->r, sizeof costs / sizeof *costs)],
    };
    for (int i = 1; i < PARETO_OBJECTIVES_MAX; i++)
        fate.others[i - 1] = hostile_loss(h, h->losses[i], trial);
    if (h->verbose)
        printf("  trial %llu: %s, %g, %llu iterations, others %g %g %g\n",
               (unsigned long long)trial, trial_states[fate.state].name, fate.objective,
               (unsigned long long)fate.iterations, fate.others[0], fate.others[1], fate.others[2]);
    strategy_report(h->strategy, trial, &fate);
}

/* Results of an earlier sweep: finite, as only such are taken. */
static void tell_prior(struct hostile *h)
{
    struct value *list = value_list(&h->arena), *source = value_dict(&h->arena);
    struct value *rows = value_list(&h->arena);
    for (uint64_t i = rng_below(&h->r, 12); i > 0; i--) {
        double loss = hostile_loss(h, h->losses[0], i);
        struct value *row = value_list(&h->arena);
        if (!isfinite(loss))
            continue;
        value_push(&h->arena, row, hostile_point(h));
        value_push(&h->arena, row, value_float(&h->arena, loss));
        value_push(&h->arena, rows, row);
    }
    value_put(&h->arena, source, "source", value_str(&h->arena, "earlier"));
    value_put(&h->arena, source, "rows", rows);
    value_push(&h->arena, list, source);
    strategy_set_prior(h->strategy, list);
}

static void tell(struct hostile *h)
{
    uint64_t n = rng_below(&h->r, chance(h, 4) ? POINTS_MAX : 24);
    if (h->spec->metrics_n < 2 && chance(h, 8))
        tell_prior(h);
    for (; h->n < n; h->n++) {
        struct value *params = hostile_point(h);
        h->told[h->n] = json_text(&h->arena, params, JSON_COMPACT);
        if (h->verbose)
            printf("  point %s\n", h->told[h->n]);
        strategy_replay(h->strategy, STRATEGY_ENQUEUED, params);
    }
    for (uint64_t i = 0; i < n; i++)
        report(h, i);
}

static bool is_finite(const struct value *v)
{
    bool finite = v->kind != VALUE_FLOAT || isfinite(v->f);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n; i++)
        finite = finite && is_finite(v->list.items[i]);
    for (size_t i = 0; v->kind == VALUE_DICT && i < v->dict.n; i++)
        finite = finite && is_finite(v->dict.entries[i].value);
    return finite;
}

static bool was_told(const struct hostile *h, const char *text)
{
    for (uint64_t i = 0; i < h->n; i++)
        if (strcmp(h->told[i], text) == 0)
            return true;
    return false;
}

static uint64_t count_distinct(const struct hostile *h)
{
    uint64_t distinct = 0;
    for (uint64_t i = 0; i < h->n; i++) {
        uint64_t k = 0;
        while (strcmp(h->told[k], h->told[i]) != 0)
            k++;
        distinct += k == i;
    }
    return distinct;
}

/* Returns whether there may be one more. */
static bool judge(struct hostile *h, int rc, const struct proposal *p, const struct err *err)
{
    bool finite = space_points(&h->spec->space) > 0;
    bool unique =
        h->spec->unique == SPEC_UNIQUE_YES || (h->spec->unique == SPEC_UNIQUE_DEFAULT && finite);
    char text[100];
    if (rc == ERR_EXHAUSTED && count_distinct(h) < strategy_total(h->strategy))
        hostile_fail(h, "it ends before all points were proposed", err->text);
    if (rc != 0 && !(unique && (rc == ERR_EXHAUSTED || rc == ERR_EMPTY)))
        hostile_fail(h, "no proposal", err->text);
    if (rc != 0)
        return false;
    const char *params = json_text(&h->arena, p->params, JSON_COMPACT);
    const char *why = json_text(&h->arena, p->why, JSON_COMPACT);
    if (h->verbose)
        printf("proposal %s\n  %s\n", params, why);
    if (!space_maker_has(&h->maker, p->params, text, sizeof text))
        hostile_fail(h, text, params);
    if (!is_finite(p->why))
        hostile_fail(h, "a number of `why` is not finite", why);
    if (unique && was_told(h, params))
        hostile_fail(h, "repeats a point", params);
    h->told[h->n++] = params;
    return true;
}

void history_tell(uint64_t number, int verbose, void (*tick)(uint64_t number, int begins))
{
    struct hostile h = {.number = number, .verbose = verbose};
    hostile_begin(&h);
    tell(&h);
    for (uint64_t k = 1 + rng_below(&h.r, ASKED_MAX); k > 0; k--) {
        struct proposal p;
        struct err err = {0};
        tick(number, 1);
        int rc = strategy_propose(h.strategy, &h.arena, &p, &err);
        tick(number, 0);
        if (!judge(&h, rc, &p, &err))
            break;
        if (chance(&h, 2))
            report(&h, h.n - 1);
    }
    strategy_free(h.strategy);
    spec_free(h.spec);
    arena_done(&h.arena);
}
