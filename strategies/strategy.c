/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"

#include <math.h>
#include <stdalign.h>

#include "base/mem.h"
#include "strategies/earlier/prior.h"
#include "strategies/earlier/starts.h"
#include "strategies/lattice/lattice.h"
#include "strategies/objectives/chebyshev.h"
#include "strategies/sampler.h"

struct strategy {
    const struct strategy_type *type;
    uint64_t seed;
    struct history history; /* its past results */
    struct starts starts;
    struct prior prior;
    bool ready; /* the next proposal was made ahead, with what it knows now */
    struct proposal next;
    struct arena next_arena;
    alignas(max_align_t) char state[];
};

static const struct strategy_type *type_of(enum spec_method method)
{
    switch (method) {
    case SPEC_GRID:
        return &strategy_grid;
    case SPEC_RANDOM:
        return &strategy_random;
    case SPEC_SOBOL:
        return &strategy_sobol;
    case SPEC_BAYES:
        return &strategy_bayes;
    case SPEC_TPE:
        return &strategy_tpe;
    case SPEC_CMAES:
        return &strategy_cmaes;
    default:
        return NULL;
    }
}

bool strategy_learns(enum spec_method method)
{
    const struct strategy_type *type = type_of(method);
    return type && type->learns;
}

int strategy_new(const struct spec *spec, uint64_t seed, struct strategy **ret, struct err *err)
{
    const struct strategy_type *type = type_of(spec->method);
    if (!type)
        return err_set(err, ERR_SPEC, "the method %s is not supported yet",
                       spec_method_name(spec->method));
    return strategy_new_of(type, spec, seed, ret, err);
}

int strategy_new_of(const struct strategy_type *type, const struct spec *spec, uint64_t seed,
                    struct strategy **ret, struct err *err)
{
    struct strategy *s = mem_alloc(sizeof *s + type->state_bytes);
    struct sampler *sampler = (struct sampler *)s->state;
    s->type = type;
    s->seed = seed;
    int rc = type->samples ? sampler_init(sampler, spec, seed, err) : 0;
    if (rc == 0 && type->init) {
        rc = type->init(s->state, spec, seed, err);
        if (rc && type->samples)
            sampler_done(sampler);
    }
    if (rc) {
        mem_free(s);
        return rc;
    }
    if (type->learns) {
        const struct objective_rule rule = spec_objective_rule(spec);
        history_init(&s->history, &spec->space, &rule);
        arena_init(&s->next_arena);
    }
    starts_init(&s->starts, spec, seed);
    *ret = s;
    return 0;
}

int strategy_points(const struct spec *spec, uint64_t *ret, struct err *err)
{
    *ret = 0;
    if (spec->method == SPEC_GRID) {
        struct strategy *grid;
        int rc = strategy_new(spec, 0, &grid, err);
        if (rc == 0)
            *ret = strategy_total(grid);
        strategy_free(rc == 0 ? grid : NULL);
        return rc;
    }
    if (space_points(&spec->space) == 0)
        return 0;
    struct lattice lattice;
    int rc = lattice_init(&lattice, &spec->space, LATTICE_LEVELS, err);
    if (rc == ERR_EMPTY)
        return rc;
    *ret = rc == 0 ? lattice.points : UINT64_MAX;
    if (rc == 0)
        lattice_done(&lattice);
    return 0;
}

void strategy_set_prior(struct strategy *s, const struct value *prior)
{
    if (!s->type->learns || !prior)
        return;
    prior_read(&s->prior, &s->history, prior);
    s->starts.prior = &s->prior;
}

void strategy_free(struct strategy *s)
{
    if (!s)
        return;
    if (s->type->done)
        s->type->done(s->state);
    if (s->type->samples)
        sampler_done((struct sampler *)s->state);
    if (s->type->learns) {
        history_done(&s->history);
        arena_done(&s->next_arena);
    }
    starts_done(&s->starts);
    prior_done(&s->prior);
    mem_free(s);
}

/* With several objectives, the type sees one loss made of them. */
static int proposal_of_type(struct strategy *s, struct arena *a, struct proposal *ret,
                            struct err *err)
{
    const struct history *history = s->type->learns ? &s->history : NULL;
    if (!history || history->rule.others_n == 0)
        return s->type->propose(s->state, history, a, ret, err);
    struct chebyshev c;
    chebyshev_init(&c, history, s->seed);
    int rc = s->type->propose(s->state, &c.one, a, ret, err);
    struct value *weights = value_list(a);
    for (size_t j = 0; j <= history->rule.others_n; j++)
        value_push(a, weights, value_float(a, round(c.weights[j] * 1e4) / 1e4));
    if (rc == 0)
        value_put(a, ret->why, "weights", weights);
    chebyshev_done(&c);
    return rc;
}

static int proposal_make(struct strategy *s, struct arena *a, struct proposal *ret, struct err *err)
{
    int rc = starts_propose(&s->starts, a, ret, err);
    if (rc == ERR_EXHAUSTED)
        rc = proposal_of_type(s, a, ret, err);
    /* W&B's service turns whole floats into integers on their way to the agent, so scripts with
     * `type=int` accept 1e5 and 4.0. */
    if (rc == 0)
        ret->params = value_whole_as_int(a, ret->params);
    return rc;
}

void strategy_prepare(struct strategy *s)
{
    if (s->ready || !s->type->learns)
        return;
    arena_clear(&s->next_arena);
    s->ready = proposal_make(s, &s->next_arena, &s->next, NULL) == 0;
}

int strategy_propose(struct strategy *s, struct arena *a, struct proposal *ret, struct err *err)
{
    if (s->ready)
        *ret = (struct proposal){s->next.cursor, value_copy(a, s->next.params),
                                 value_copy(a, s->next.why)};
    int rc = s->ready ? 0 : proposal_make(s, a, ret, err);
    if (rc == 0 && (s->type->learns || ret->cursor >= STRATEGY_FOREIGN))
        strategy_replay(s, ret->cursor, ret->params);
    else if (rc == 0)
        starts_note(&s->starts, ret->cursor, ret->params);
    return rc;
}

void strategy_hurry(struct strategy *s)
{
    if (s->type->samples)
        sampler_hurry((struct sampler *)s->state);
}

void strategy_replay(struct strategy *s, uint64_t cursor, const struct value *params)
{
    bool foreign = cursor >= STRATEGY_FOREIGN;
    s->ready = false;
    starts_note(&s->starts, cursor, params);
    if (s->type->samples)
        sampler_note((struct sampler *)s->state, foreign ? SAMPLER_NO_CURSOR : cursor, params);
    if (foreign && s->type->note)
        s->type->note(s->state, params);
    else if (!foreign && s->type->replay)
        s->type->replay(s->state, cursor, params);
    if (s->type->learns) {
        history_add(&s->history, params);
        s->history.foreign += foreign;
    }
}

bool strategy_is_learner(const struct strategy *s)
{
    return s->type->learns;
}

void strategy_report(struct strategy *s, uint64_t number, const struct history_fate *fate)
{
    s->ready = false;
    if (s->type->learns)
        history_set(&s->history, number, fate);
}

uint64_t strategy_total(const struct strategy *s)
{
    return s->type->samples ? sampler_total((const struct sampler *)s->state)
                            : s->type->total(s->state);
}
