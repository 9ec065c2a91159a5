/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/sampler.h"

#include <math.h>

#include "base/mem.h"

/* After so many repeats in a row a finite space is nearly drawn out, and choosing among what is
 * left is cheaper than to go on. */
enum { REPEATS_BEFORE_CHOOSING = 64 };
/* Where nothing says how many points there are, so many repeats in a row mean that few are left. */
enum { REPEATS_BEFORE_GIVING_UP = 10000 };

int sampler_init(struct sampler *s, const struct spec *spec, uint64_t seed, struct err *err)
{
    const struct space *space = &spec->space;
    uint64_t points = space_points(space);
    for (size_t i = 0; i < space->n; i++)
        if (space->parameters[i].kind == SPACE_INT_UNIFORM &&
            space_parameter_points(&space->parameters[i]) == 0)
            return err_set(err, ERR_SPEC, "parameters.%s: no integer lies between its bounds",
                           space->parameters[i].name);
    *s = (struct sampler){
        .spec = spec,
        .seed = seed,
        .finite = points > 0,
        .unique =
            spec->unique == SPEC_UNIQUE_YES || (spec->unique == SPEC_UNIQUE_DEFAULT && points > 0),
        .dimension = mem_alloc(space->n * sizeof *s->dimension),
        .quantiles = mem_alloc(space->n * sizeof *s->quantiles),
        .values = mem_alloc(space->n * sizeof *s->values),
    };
    for (size_t i = 0; i < space->n; i++)
        s->dimension[i] = space_parameter_points(&space->parameters[i]) == 1 ? SIZE_MAX : s->dims++;
    s->point = mem_alloc(s->dims * sizeof *s->point);
    seen_init(&s->seen);
    if (s->unique && s->finite)
        urn_init(&s->urn, space);
    return 0;
}

void sampler_done(struct sampler *s)
{
    if (s->unique && s->finite)
        urn_done(&s->urn);
    seen_done(&s->seen);
    mem_free(s->dimension);
    mem_free(s->point);
    mem_free(s->quantiles);
    mem_free(s->values);
}

/* Normal laws have no value at 0, and quantiles are taken within the open interval. */
static double open_unit(double u)
{
    return fmax(u, 0x1p-54);
}

static bool next_quantiles(struct sampler *s, sampler_next_fn next, void *source)
{
    if (!next(source, s->point))
        return false;
    for (size_t i = 0; i < s->spec->space.n; i++)
        s->quantiles[i] = s->dimension[i] == SIZE_MAX ? 0.5 : open_unit(s->point[s->dimension[i]]);
    return true;
}

static struct value *nest_quantiles(struct sampler *s, struct arena *a)
{
    const struct space *space = &s->spec->space;
    for (size_t i = 0; i < space->n; i++)
        s->values[i] = space_ppf(a, &space->parameters[i], s->quantiles[i]);
    return space_nest(a, space, s->values);
}

static int source_ended(struct err *err)
{
    return err_set(err, ERR_EMPTY, "the sequence of points has come to its end");
}

static int draw_finite(struct sampler *s, sampler_next_fn next, void *source, uint64_t stream,
                       uint64_t *ret_repeats, struct err *err)
{
    if (urn_is_empty(&s->urn))
        return err_set(err, ERR_EXHAUSTED, "every point of the space has been proposed");
    uint64_t bound =
        s->urn.points == UINT64_MAX ? REPEATS_BEFORE_GIVING_UP : REPEATS_BEFORE_CHOOSING;
    for (*ret_repeats = 0; *ret_repeats < bound; ++*ret_repeats) {
        if (!next_quantiles(s, next, source))
            return source_ended(err);
        urn_pick(&s->urn, s->quantiles);
        if (urn_draw(&s->urn))
            return 0;
    }
    if (!urn_pick_left(&s->urn, s->seed, stream) || !urn_draw(&s->urn))
        return err_set(err, ERR_EMPTY, "%d draws in a row gave nothing new", (int)bound);
    return 0;
}

static int draw_infinite(struct sampler *s, sampler_next_fn next, void *source, struct arena *a,
                         struct value **ret, uint64_t *ret_repeats, struct err *err)
{
    for (*ret_repeats = 0; *ret_repeats < REPEATS_BEFORE_GIVING_UP; ++*ret_repeats) {
        if (!next_quantiles(s, next, source))
            return source_ended(err);
        *ret = nest_quantiles(s, a);
        if (!s->unique || seen_add(&s->seen, value_hash(*ret)))
            return 0;
    }
    return err_set(err, ERR_EMPTY,
                   "unique: %d draws in a row gave nothing new; few configurations are left",
                   REPEATS_BEFORE_GIVING_UP);
}

int sampler_draw(struct sampler *s, sampler_next_fn next, void *source, uint64_t stream,
                 struct arena *a, struct value **ret, uint64_t *ret_repeats, struct err *err)
{
    if (!s->unique || !s->finite)
        return draw_infinite(s, next, source, a, ret, ret_repeats, err);
    int rc = draw_finite(s, next, source, stream, ret_repeats, err);
    if (rc == 0)
        *ret = urn_params(&s->urn, a);
    return rc;
}

void sampler_note(struct sampler *s, const struct value *params)
{
    if (!s->unique)
        return;
    if (!s->finite)
        seen_add(&s->seen, value_hash(params));
    else if (urn_pick_params(&s->urn, params))
        urn_draw(&s->urn);
}

void sampler_explain(const struct sampler *s, struct arena *a, struct value *why, uint64_t repeats)
{
    if (s->unique && s->finite && s->urn.points <= INT64_MAX)
        value_put(a, why, "points", value_int(a, (int64_t)s->urn.points));
    if (repeats)
        value_put(a, why, "repeats_passed_over", value_int(a, (int64_t)repeats));
}
