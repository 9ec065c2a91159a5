/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/sampler.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "sweep/condition.h"

/* After this many rejected draws, a finite space is nearly exhausted, and it is cheaper to choose
 * among the points left. */
enum { DRAWS_BEFORE_CHOOSING = 64 };
/* If the points left are unknown, this many draws in vain mean that few are left. */
enum { DRAWS_BEFORE_GIVING_UP = 10000 };
/* The time for rejected draws when it is bounded, and the estimated time of a draw, in
 * nanoseconds. */
enum { HURRY_NS = 15000000 };
enum {
    PARAMETER_NS = 30,
    VALUE_NS = 100,
    CONDITION_NS = 50,
    TEXT_BYTE_NS = 7,
    LISTED_VALUE_NS = 4
};

static uint64_t condition_work(const struct condition *c)
{
    return CONDITION_NS + TEXT_BYTE_NS * (uint64_t)strlen(c->text);
}

static uint64_t draw_work(const struct sampler *s)
{
    const struct space *space = &s->spec->space;
    uint64_t work = PARAMETER_NS * (uint64_t)space->n;
    work += VALUE_NS * (uint64_t)(s->counted ? space->n : s->asked_n);
    for (size_t k = 0; k < space->forbid_n; k++)
        work += condition_work(&space->forbid[k]);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        work += p->kind == SPACE_EXPR ? condition_work(p->expr) : 0;
        for (size_t w = 0; w < p->when_n; w++)
            work += p->when[w].condition ? condition_work(p->when[w].condition)
                                         : LISTED_VALUE_NS * (uint64_t)p->when[w].values->list.n;
    }
    return work;
}

static int check_ints(const struct space *space, struct err *err)
{
    for (size_t i = 0; i < space->n; i++)
        if (space->parameters[i].kind == SPACE_INT_UNIFORM &&
            space_parameter_points(&space->parameters[i]) == 0)
            return err_set(err, ERR_SPEC, "parameters.%s: there is no integer between its bounds",
                           space->parameters[i].name);
    return 0;
}

static void ask_all(bool *asked, const struct condition *c)
{
    for (size_t n = 0; n < c->names_n; n++)
        asked[c->names[n]] = true;
}

static void put_in_order(struct sampler *s)
{
    const struct space *space = &s->spec->space;
    bool *asked = mem_alloc(space->n * sizeof *asked);
    s->order = mem_alloc(space->n * sizeof *s->order);
    for (size_t k = 0; k < space->forbid_n; k++)
        ask_all(asked, &space->forbid[k]);
    for (size_t k = space->n; k-- > 0;) {
        const struct parameter *p = &space->parameters[space->order[k]];
        if (!asked[space->order[k]])
            continue;
        if (p->kind == SPACE_EXPR)
            ask_all(asked, p->expr);
        for (size_t w = 0; w < p->when_n; w++)
            if (p->when[w].condition)
                ask_all(asked, p->when[w].condition);
            else
                asked[p->when[w].parent] = true;
    }
    size_t n = 0;
    for (int turn = 1; turn >= 0; turn--) {
        for (size_t k = 0; k < space->n; k++)
            if (asked[space->order[k]] == turn)
                s->order[n++] = space->order[k];
        s->asked_n = turn ? n : s->asked_n;
    }
    mem_free(asked);
}

int sampler_init(struct sampler *s, const struct spec *spec, uint64_t seed, struct err *err)
{
    const struct space *space = &spec->space;
    int rc = check_ints(space, err);
    if (rc)
        return rc;
    *s = (struct sampler){
        .spec = spec, .seed = seed, .countable = space_points(space) > 0, .work_left = UINT64_MAX};
    s->unique =
        spec->unique == SPEC_UNIQUE_YES || (spec->unique == SPEC_UNIQUE_DEFAULT && s->countable);
    if (s->unique && s->countable) {
        rc = urn_init(&s->urn, space, err);
        if (rc == ERR_EMPTY)
            return rc;
        s->counted = rc == 0;
    }
    s->dimension = mem_alloc(space->n * sizeof *s->dimension);
    s->quantiles = mem_alloc(space->n * sizeof *s->quantiles);
    s->values = mem_alloc(space->n * sizeof *s->values);
    for (size_t i = 0; i < space->n; i++)
        s->dimension[i] = space_parameter_points(&space->parameters[i]) == 1 ? SIZE_MAX : s->dims++;
    s->point = mem_alloc(s->dims * sizeof *s->point);
    put_in_order(s);
    s->draw_work = draw_work(s);
    seen_init(&s->seen);
    refusal_init(&s->refusal, space);
    arena_init(&s->scratch);
    return 0;
}

void sampler_hurry(struct sampler *s)
{
    s->work_left = HURRY_NS;
}

void sampler_done(struct sampler *s)
{
    if (s->counted)
        urn_done(&s->urn);
    seen_done(&s->seen);
    refusal_done(&s->refusal);
    arena_done(&s->scratch);
    mem_free(s->order);
    mem_free(s->dimension);
    mem_free(s->point);
    mem_free(s->quantiles);
    mem_free(s->values);
}

/* Normal distributions have no value at 0. */
static double open_unit(const struct parameter *p, double u)
{
    bool normal = p->kind == SPACE_NORMAL || p->kind == SPACE_LOG_NORMAL ||
                  p->kind == SPACE_Q_NORMAL || p->kind == SPACE_Q_LOG_NORMAL;
    return normal ? fmax(u, 0x1p-54) : u;
}

static void take_quantiles(struct sampler *s, const double *point)
{
    for (size_t i = 0; i < s->spec->space.n; i++)
        s->quantiles[i] = s->dimension[i] == SIZE_MAX
                              ? 0.5
                              : open_unit(&s->spec->space.parameters[i], point[s->dimension[i]]);
}

static bool next_quantiles(struct sampler *s, sampler_next_fn next, void *source)
{
    if (!next(source, s->point))
        return false;
    take_quantiles(s, s->point);
    return true;
}

/* Settles the values at the current quantiles, for s->order[k] up to end; false if one is
 * undefined. */
static bool settle_some(struct sampler *s, struct arena *a, size_t k, size_t end)
{
    const struct space *space = &s->spec->space;
    for (; k < end; k++) {
        size_t i = s->order[k];
        const struct parameter *p = &space->parameters[i];
        bool undefined = false;
        if (p->when_n > 0 && !condition_exists(space, i, s->values, &undefined))
            s->values[i] = NULL;
        else if (p->kind == SPACE_EXPR)
            s->values[i] = condition_compute(a, space, i, s->values, &undefined);
        else
            s->values[i] = space_ppf(a, p, s->quantiles[i]);
        if (undefined) {
            refusal_count_undefined(&s->refusal, i);
            return false;
        }
    }
    return true;
}

/* Settles all values of the draw; false if conditions refuse it. */
static bool settle_values(struct sampler *s, struct arena *a)
{
    if (!settle_some(s, a, 0, s->asked_n))
        return false;
    for (size_t k = 0; k < s->spec->space.forbid_n; k++)
        if (!refusal_passes(&s->refusal, k, s->values))
            return false;
    return settle_some(s, a, s->asked_n, s->spec->space.n);
}

/* Settles the draw; an accepted one is copied from scratch to a. */
static bool settle_in(struct sampler *s, struct arena *a)
{
    if (!s->spec->space.conditional)
        return settle_values(s, a);
    arena_clear(&s->scratch);
    if (!settle_values(s, &s->scratch))
        return false;
    for (size_t i = 0; i < s->spec->space.n; i++)
        s->values[i] = s->values[i] ? value_copy(a, s->values[i]) : NULL;
    return true;
}

static int source_ended(struct err *err)
{
    return err_set(err, ERR_EMPTY, "the sequence has no more points");
}

static int give_up(const struct refusal *refusal, const struct sampler_passed *passed,
                   struct err *err)
{
    int in_vain = (int)(passed->repeats + passed->refused);
    if (passed->refused == 0)
        return err_set(
            err, ERR_EMPTY,
            "unique: %d draws in a row repeated earlier ones; few configurations are left",
            in_vain);
    struct buf rules;
    buf_init(&rules, ERR_TEXT_BYTES);
    refusal_tell(refusal, &rules);
    int rc = err_set(err, ERR_EMPTY,
                     "%d draws in a row were refused (%s)%s; almost no point is allowed: loosen "
                     "the conditions, or narrow the parameters to allowed values",
                     in_vain, buf_peek(&rules), passed->repeats ? " or repeated earlier ones" : "");
    buf_done(&rules);
    return rc;
}

/* Spends work from the remaining budget; false if less is left. */
static bool spend_work(struct sampler *s, uint64_t work)
{
    if (s->work_left == UINT64_MAX)
        return true;
    if (s->work_left < work)
        return false;
    s->work_left -= work;
    return true;
}

static int out_of_work(const struct refusal *refusal, const struct sampler_passed *passed,
                       struct err *err)
{
    struct buf rules;
    buf_init(&rules, ERR_TEXT_BYTES);
    refusal_tell(refusal, &rules);
    int rc = err_set(err, ERR_LIMIT,
                     "%d draws in a row %s%s%s%s, and no more were tried: perhaps few points are "
                     "left; loosen the conditions, or narrow the parameters to allowed values",
                     (int)(passed->repeats + passed->refused),
                     passed->refused ? "were refused (" : "gave nothing new",
                     passed->refused ? buf_peek(&rules) : "", passed->refused ? ")" : "",
                     passed->refused && passed->repeats ? " or repeated earlier ones" : "");
    buf_done(&rules);
    return rc;
}

/* Choosing keeps the distribution only if the urn weighs the points: the number of refused draws
 * does not tell how many are left. */
static bool is_time_to_choose(struct sampler *s, const struct sampler_passed *passed)
{
    bool weighs = urn_weighs(&s->urn);
    if (passed->repeats + (weighs ? passed->refused : 0) < DRAWS_BEFORE_CHOOSING)
        return false;
    return !weighs || s->urn.rest ||
           spend_work(s, s->urn.lattice.points * s->spec->space.n * VALUE_NS);
}

static int draw_counted(struct sampler *s, sampler_next_fn next, void *source, uint64_t stream,
                        struct sampler_passed *passed, struct err *err)
{
    if (urn_is_empty(&s->urn))
        return err_set(err, ERR_EXHAUSTED, "every point of the space has been proposed");
    while (!is_time_to_choose(s, passed)) {
        if (passed->refused >= DRAWS_BEFORE_GIVING_UP && !urn_weighs(&s->urn))
            return give_up(&s->urn.lattice.refusal, passed, err);
        if (passed->refused + passed->repeats > 0 && !spend_work(s, s->draw_work))
            return out_of_work(&s->urn.lattice.refusal, passed, err);
        if (!next_quantiles(s, next, source))
            return source_ended(err);
        if (!urn_pick(&s->urn, s->quantiles))
            passed->refused++;
        else if (!urn_is_drawn(&s->urn))
            return 0;
        else
            passed->repeats++;
    }
    urn_pick_left(&s->urn, s->seed, stream);
    return 0;
}

/* Whether the configuration may be drawn: it is new, or repeats are allowed. */
static bool draw_is_new(struct sampler *s, const struct value *params)
{
    if (!s->unique)
        return true;
    s->drawn = value_hash(params);
    return !seen_has(&s->seen, s->drawn);
}

static int draw_uncounted(struct sampler *s, sampler_next_fn next, void *source, struct arena *a,
                          struct value **ret, struct sampler_passed *passed, struct err *err)
{
    refusal_clear(&s->refusal);
    while (passed->repeats + passed->refused < DRAWS_BEFORE_GIVING_UP) {
        if (passed->repeats + passed->refused > 0 && !spend_work(s, s->draw_work))
            return out_of_work(&s->refusal, passed, err);
        if (!next_quantiles(s, next, source))
            return source_ended(err);
        if (!settle_in(s, a)) {
            passed->refused++;
            continue;
        }
        *ret = space_nest(a, &s->spec->space, s->values);
        if (draw_is_new(s, *ret))
            return 0;
        passed->repeats++;
    }
    return give_up(&s->refusal, passed, err);
}

int sampler_draw(struct sampler *s, sampler_next_fn next, void *source, uint64_t stream,
                 struct arena *a, struct value **ret, struct sampler_passed *ret_passed,
                 struct err *err)
{
    *ret_passed = (struct sampler_passed){0};
    if (!s->counted)
        return draw_uncounted(s, next, source, a, ret, ret_passed, err);
    int rc = draw_counted(s, next, source, stream, ret_passed, err);
    if (rc == 0)
        *ret = urn_params(&s->urn, a);
    return rc;
}

bool sampler_allows(struct sampler *s, const double *point, double *ret)
{
    memcpy(ret, point, s->dims * sizeof *ret);
    if (!s->spec->space.conditional)
        return true;
    take_quantiles(s, point);
    arena_clear(&s->scratch);
    if (!settle_values(s, &s->scratch))
        return false;
    for (size_t i = 0; i < s->spec->space.n; i++)
        if (s->dimension[i] != SIZE_MAX && !s->values[i])
            ret[s->dimension[i]] = NAN;
    return true;
}

bool sampler_take(struct sampler *s, const double *point, struct arena *a, struct value **ret)
{
    take_quantiles(s, point);
    if (s->counted) {
        if (!urn_pick(&s->urn, s->quantiles) || urn_is_drawn(&s->urn))
            return false;
        *ret = urn_params(&s->urn, a);
        return true;
    }
    if (!settle_in(s, a))
        return false;
    *ret = space_nest(a, &s->spec->space, s->values);
    return draw_is_new(s, *ret);
}

void sampler_keep(struct sampler *s, uint64_t cursor)
{
    s->next = cursor + 1;
    if (s->counted)
        urn_draw(&s->urn);
    else if (s->unique)
        seen_add(&s->seen, s->drawn);
}

void sampler_note(struct sampler *s, uint64_t cursor, const struct value *params)
{
    if (cursor != SAMPLER_NO_CURSOR && cursor >= s->next)
        s->next = cursor + 1;
    if (!s->unique)
        return;
    if (!s->counted)
        seen_add(&s->seen, value_hash(params));
    else if (urn_pick_params(&s->urn, params))
        urn_draw(&s->urn);
}

void sampler_explain(const struct sampler *s, struct arena *a, struct value *why,
                     const struct sampler_passed *passed)
{
    if (s->counted && s->urn.lattice.points <= INT64_MAX)
        value_put(a, why, "points", value_int(a, (int64_t)s->urn.lattice.points));
    if (passed->repeats)
        value_put(a, why, "repeats_passed_over", value_int(a, (int64_t)passed->repeats));
    if (passed->refused)
        value_put(a, why, "forbidden_passed_over", value_int(a, (int64_t)passed->refused));
}

uint64_t sampler_total(const struct sampler *s)
{
    if (s->counted)
        return s->urn.lattice.points;
    return s->unique && s->countable ? UINT64_MAX : 0;
}
