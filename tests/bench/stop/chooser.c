/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/stop/chooser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/bayes/surrogate.h"
#include "strategies/bayes/terrain.h"
#include "strategies/strategy.h"

enum { INITIAL = 5 };

struct chooser {
    enum chooser_method method;
    const struct curves *table;
    const struct spec *spec;
    uint64_t seed;
    struct sampler sampler;
    struct terrain terrain;
    struct surrogate surrogate;
    struct history history;
    struct arena arena;
    size_t order[CURVES_MAX], random_at;
    size_t rows[CURVES_MAX];          /* by trial */
    uint64_t trials[CURVES_MAX];      /* by row: 1 + the number of its trial; 0: free */
    struct value *params[CURVES_MAX]; /* by row */
    double *points;                   /* by row: settled, as a history holds them */
};

static void fail_with(const char *what)
{
    fprintf(stderr, "stop_bench: %s\n", what);
    exit(1);
}

static struct value *row_params(struct chooser *c, size_t row)
{
    const struct curves *t = c->table;
    struct value *params = value_dict(&c->arena);
    for (size_t j = 0; j < t->inputs; j++) {
        char word[16];
        snprintf(word, sizeof word, "c%.4f", t->points[row][j]);
        value_put(&c->arena, params, t->inputs_names[j],
                  t->categories[j] ? value_str(&c->arena, word)
                                   : value_float(&c->arena, t->points[row][j]));
    }
    return params;
}

struct chooser *chooser_new(enum chooser_method method, const struct curves *table,
                            const struct spec *spec, uint64_t seed)
{
    struct chooser *c = mem_alloc(sizeof *c);
    const struct objective_rule rule = {0};
    struct err err = {0};
    struct rng r;
    c->method = method;
    c->table = table;
    c->spec = spec;
    c->seed = seed;
    if (sampler_init(&c->sampler, spec, seed, &err) != 0)
        fail_with(err.text);
    terrain_init(&c->terrain, &spec->space, &c->sampler);
    surrogate_init(&c->surrogate, c->terrain.d, c->terrain.kinds);
    history_init(&c->history, &spec->space, &rule);
    arena_init(&c->arena);
    rng_init(&r, seed, 0, RNG_TEST);
    c->points = mem_alloc(table->n * c->terrain.d * sizeof *c->points);
    for (size_t i = 0; i < table->n; i++) {
        c->params[i] = row_params(c, i);
        coordinates_of(&c->history.coordinates, c->params[i], c->points + i * c->terrain.d);
        size_t j = rng_below(&r, i + 1);
        c->order[i] = c->order[j];
        c->order[j] = i;
    }
    return c;
}

void chooser_free(struct chooser *c)
{
    surrogate_done(&c->surrogate);
    terrain_done(&c->terrain);
    sampler_done(&c->sampler);
    history_done(&c->history);
    arena_done(&c->arena);
    mem_free(c->points);
    mem_free(c);
}

static size_t choose_random(struct chooser *c)
{
    while (c->random_at < c->table->n && c->trials[c->order[c->random_at]] > 0)
        c->random_at++;
    return c->random_at < c->table->n ? c->order[c->random_at] : c->table->n;
}

static size_t choose_by_model(struct chooser *c)
{
    struct results r;
    size_t chosen = c->table->n, d = c->terrain.d, m = 0, *rows;
    results_init(&r, &c->history, c->spec, c->terrain.kinds);
    if (r.n == 0 || r.n + r.pending - r.running < INITIAL) {
        results_done(&r);
        return choose_random(c);
    }
    surrogate_learn(&c->surrogate, &r, SURROGATE_BY_TURNS);
    rows = mem_alloc(c->table->n * sizeof *rows);
    double *x = mem_alloc(c->table->n * (d + 1) * sizeof *x), *values = x + c->table->n * d;
    for (size_t i = 0; i < c->table->n; i++)
        if (c->trials[c->order[i]] == 0) {
            rows[m] = c->order[i];
            memcpy(x + m * d, c->points + rows[m] * d, d * sizeof *x);
            m++;
        }
    acquisition_values(&c->surrogate.acquisition, false, x, m, values);
    for (size_t i = 0, best = 0; i < m; i++)
        if (chosen == c->table->n || values[i] > values[best]) {
            best = i;
            chosen = rows[i];
        }
    mem_free(x);
    mem_free(rows);
    results_done(&r);
    return chosen;
}

static size_t nearest_row(struct chooser *c, const double *x)
{
    size_t chosen = c->table->n, d = c->terrain.d;
    double least = INFINITY;
    for (size_t i = 0; i < c->table->n; i++) {
        double sum = 0;
        if (c->trials[c->order[i]] > 0)
            continue;
        const double *y = c->points + c->order[i] * d;
        for (size_t j = 0; j < d; j++) {
            double by = features_difference(c->terrain.kinds[j], x[j], y[j]);
            sum += by * by;
        }
        if (sum < least) {
            least = sum;
            chosen = c->order[i];
        }
    }
    return chosen;
}

static size_t choose_by_strategy(struct chooser *c)
{
    struct strategy *s;
    struct proposal p;
    struct err err = {0};
    if (strategy_new(c->spec, c->seed, &s, &err) != 0)
        fail_with(err.text);
    const struct history *h = &c->history;
    for (size_t i = 0; i < h->n; i++) {
        strategy_replay(s, i, c->params[c->rows[i]]);
        strategy_report(
            s, i,
            &(struct history_fate){
                (enum trial_state)h->states[i], h->objectives[i], h->iterations[i], 0, {0}});
    }
    if (strategy_propose(s, &c->arena, &p, &err) != 0)
        fail_with(err.text);
    double *x = mem_alloc(c->terrain.d * sizeof *x);
    coordinates_of(&h->coordinates, p.params, x);
    size_t chosen = nearest_row(c, x);
    mem_free(x);
    strategy_free(s);
    return chosen;
}

size_t chooser_next(struct chooser *c)
{
    size_t row = c->method == CHOOSER_RANDOM  ? choose_random(c)
                 : c->method == CHOOSER_MODEL ? choose_by_model(c)
                                              : choose_by_strategy(c);
    if (row == c->table->n)
        return row;
    c->trials[row] = c->history.n + 1;
    c->rows[c->history.n] = row;
    history_add(&c->history, c->params[row]);
    return row;
}

void chooser_report(struct chooser *c, size_t row, const struct history_fate *fate)
{
    history_set(&c->history, c->trials[row] - 1, fate);
}
