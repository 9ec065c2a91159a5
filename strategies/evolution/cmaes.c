/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CMA-ES. The cursor of a proposal is its generation. A generation is complete when as many of its
 * trials as the population have results; then all its results are taken in, in the order of the
 * generations, and the next one is proposed. So each proposal is a function of the seed, the
 * cursors and the columns of the history: results that come late change how their generation was
 * taken in. The two states here are only a cache of that. */
#include <gsl/gsl_errno.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/bayes/design.h"
#include "strategies/bayes/explain.h"
#include "strategies/bayes/results.h"
#include "strategies/evolution/evolution.h"
#include "strategies/strategy_type.h"

/* Default of strategy.sigma, and the most of strategy.population. */
#define SIGMA 0.2
enum { POPULATION_MAX = 10000 };
/* Draws of which one must be allowed and new, and how near another point is the same one. */
enum { DRAWS = 100 };
#define SAME 1e-9

struct cmaes {
    struct sampler sampler; /* first: strategy_type.samples */
    const struct spec *spec;
    struct terrain terrain;
    struct design design;
    uint64_t *generations; /* of each trial */
    size_t trials_n, trials_cap;
    /* `settled` has taken in all generations but the last complete one, `current` all. Digests of the
     * results that each was made from. */
    struct evolution settled, current;
    uint64_t settled_digest, current_digest;
};

static int cmaes_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct cmaes *c = state;
    struct evolution_rule rule = {.sigma = SIGMA};
    gsl_set_error_handler_off();
    if (spec->strategy) {
        const char *restarts = value_get_str(spec->strategy, "restarts", "bipop");
        rule.sigma = value_get_float(spec->strategy, "sigma", SIGMA);
        rule.population = (size_t)value_get_int(spec->strategy, "population", 0);
        rule.restarts = strcmp(restarts, "none") == 0   ? EVOLUTION_ONCE
                        : strcmp(restarts, "ipop") == 0 ? EVOLUTION_IPOP
                                                        : EVOLUTION_BIPOP;
    }
    if (rule.population > POPULATION_MAX)
        return err_set(err, ERR_SPEC, "strategy.population: more than %d is not supported",
                       POPULATION_MAX);
    c->spec = spec;
    terrain_init(&c->terrain, &spec->space, &c->sampler);
    design_init(&c->design, "cmaes", &c->terrain);
    if (rule.population == 0)
        rule.population = cma_population(c->terrain.d);
    evolution_init(&c->settled, &c->terrain, &rule, seed);
    evolution_init(&c->current, &c->terrain, &rule, seed);
    return 0;
}

static void cmaes_done(void *state)
{
    struct cmaes *c = state;
    evolution_done(&c->settled);
    evolution_done(&c->current);
    mem_free(c->generations);
    design_done(&c->design);
    terrain_done(&c->terrain);
}

static void note_generation(struct cmaes *c, uint64_t generation)
{
    c->generations =
        mem_grow(c->generations, &c->trials_cap, c->trials_n + 1, sizeof *c->generations);
    c->generations[c->trials_n++] = generation;
}

/* A configuration from elsewhere counts in the generation of the proposal before it. */
static void cmaes_note(void *state, const struct value *params)
{
    struct cmaes *c = state;
    (void)params;
    note_generation(c, c->trials_n > 0 ? c->generations[c->trials_n - 1] : 0);
}

static void cmaes_replay(void *state, uint64_t cursor, const struct value *params)
{
    (void)params;
    note_generation(state, cursor);
}

static uint64_t digest_bytes(uint64_t hash, const void *bytes, size_t n)
{
    for (const unsigned char *at = bytes; n-- > 0; at++) /* FNV-1a */
        hash = (hash ^ *at) * 1099511628211u;
    return hash;
}

/* All results, the best first; a running trial counts only if the spec says so. Returns how many. */
static size_t rank_all(const struct cmaes *c, const struct history *h, const struct results *r,
                       struct evolution_result *ret)
{
    bool running = c->spec->metric.impute_while_running != SPEC_IMPUTE_NONE;
    size_t n = 0, *ranking = mem_alloc(r->n * sizeof *ranking);
    results_rank_reached(r, ranking);
    for (size_t k = 0; k < r->n; k++) {
        size_t i = ranking[k];
        if (running || h->states[r->trials[i]] != TRIAL_RUNNING)
            ret[n++] = (struct evolution_result){r->x + i * r->d, r->losses[i], r->trials[i]};
    }
    mem_free(ranking);
    return n;
}

/* Of the results before a generation, in the order of their ranks. */
static uint64_t digest_before(const struct cmaes *c, const struct evolution_result *all, size_t n,
                              uint64_t generation)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        if (c->generations[all[i].trial] < generation) {
            hash = digest_bytes(hash, &all[i].trial, sizeof all[i].trial);
            hash = digest_bytes(hash, &all[i].loss, sizeof all[i].loss);
        }
    return hash;
}

static size_t results_of_generation(const struct cmaes *c, const struct evolution_result *all,
                                    size_t n, uint64_t generation, struct evolution_result *ret)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        if (c->generations[all[i].trial] == generation)
            ret[found++] = all[i];
    return found;
}

/* Brings both states to these results. */
static void catch_up(struct cmaes *c, const struct evolution_result *all, size_t n)
{
    if (digest_before(c, all, n, c->settled.generation) != c->settled_digest) {
        evolution_start(&c->settled);
        evolution_start(&c->current);
        c->settled_digest = c->current_digest = digest_before(c, all, n, 0);
    }
    uint64_t digest = digest_before(c, all, n, UINT64_MAX);
    if (digest == c->current_digest)
        return;
    struct evolution_result *some = mem_alloc(n * sizeof *some);
    size_t found;
    evolution_copy(&c->current, &c->settled);
    while ((found = results_of_generation(c, all, n, c->current.generation, some)) >=
           c->current.population) {
        if (c->current.generation > c->settled.generation)
            evolution_copy(&c->settled, &c->current);
        evolution_learn(&c->current, some, found);
    }
    c->settled_digest = digest_before(c, all, n, c->settled.generation);
    c->current_digest = digest;
    mem_free(some);
}

static struct value *explain_draw(struct arena *a, const struct cmaes *c, size_t results,
                                  size_t pending)
{
    const struct evolution *e = &c->current;
    struct value *why = design_explain(a, "cmaes", "model");
    value_put(a, why, "results", value_int(a, (int64_t)results));
    value_put(a, why, "pending", value_int(a, (int64_t)pending));
    value_put(a, why, "generation", value_int(a, (int64_t)e->generation));
    value_put(a, why, "population", value_int(a, (int64_t)e->population));
    value_put(a, why, "sigma", explain_number(a, e->cma.sigma));
    value_put(a, why, "restart", value_int(a, (int64_t)e->restart));
    return why;
}

static bool is_far_from_all(const struct terrain *t, const struct history *h, const double *x)
{
    for (size_t i = 0; i < h->n; i++)
        if (terrain_distance(t, h->points + i * t->d, x) <= SAME)
            return false;
    return true;
}

/* False if all draws were forbidden or proposed before. */
static bool propose_draw(struct cmaes *c, const struct history *h, struct arena *a,
                         struct value **ret)
{
    struct rng rng;
    bool taken = false;
    double *raw = mem_alloc(2 * h->dims * sizeof *raw), *x = raw + h->dims;
    rng_init(&rng, c->sampler.seed, h->n, RNG_SEARCH);
    for (int draw = 0; draw < DRAWS && !taken; draw++) {
        evolution_draw(&c->current, &rng, h->n == 0 && draw == 0, raw);
        taken = terrain_settle(&c->terrain, raw, x) &&
                (c->spec->unique == SPEC_UNIQUE_NO || is_far_from_all(&c->terrain, h, x)) &&
                sampler_take(&c->sampler, raw, a, ret);
    }
    mem_free(raw);
    return taken;
}

static int cmaes_propose(void *state, const struct history *h, struct arena *a,
                         struct proposal *ret, struct err *err)
{
    struct cmaes *c = state;
    struct results r;
    int rc = 0;
    results_init(&r, h, c->spec, c->terrain.kinds);
    struct evolution_result *all = mem_alloc(r.n * sizeof *all);
    size_t n = rank_all(c, h, &r, all);
    catch_up(c, all, n);
    mem_free(all);
    if (propose_draw(c, h, a, &ret->params))
        ret->why = explain_draw(a, c, n, r.pending);
    else
        rc = design_propose(&c->design, h,
                            "the draws of the generation were all forbidden or proposed before", a,
                            ret, err);
    results_done(&r);
    ret->cursor = c->current.generation;
    return rc;
}

const struct strategy_type strategy_cmaes = {
    .name = "cmaes",
    .learns = true,
    .samples = true,
    .state_bytes = sizeof(struct cmaes),
    .init = cmaes_init,
    .done = cmaes_done,
    .propose = cmaes_propose,
    .replay = cmaes_replay,
    .note = cmaes_note,
};
