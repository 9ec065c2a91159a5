/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/earlier/starts.h"

#include "base/mem.h"
#include "sweep/completion.h"
#include "sweep/given.h"

/* How often a configuration is completed again if the result was tried before. */
enum { COMPLETIONS_MAX = 100 };

void starts_init(struct starts *s, const struct spec *spec, uint64_t seed)
{
    *s = (struct starts){.spec = spec, .seed = seed};
    seen_init(&s->tried);
}

void starts_done(struct starts *s)
{
    seen_done(&s->tried);
}

static size_t starts_count(const struct starts *s)
{
    return s->spec->initial ? s->spec->initial->list.n : 0;
}

/* Completes a configuration, if possible so that it is new. *ret_new: whether it is. */
static int starts_complete(struct starts *s, struct value *const *values, struct arena *a,
                           struct value **ret, bool *ret_new, struct err *err)
{
    const struct space *space = &s->spec->space;
    bool whole = completion_is_whole(space, values);
    struct rng rng;
    int rc = 0;
    *ret_new = false;
    rng_init(&rng, s->seed, s->next, RNG_FILL);
    for (int i = 0; rc == 0 && !*ret_new && i < (whole ? 1 : COMPLETIONS_MAX); i++) {
        rc = completion_draw(a, space, s->spec->method == SPEC_GRID, values, &rng, ret, err);
        *ret_new = rc == 0 &&
                   (s->spec->unique == SPEC_UNIQUE_NO || !seen_has(&s->tried, value_hash(*ret)));
    }
    return rc;
}

static int starts_read(struct starts *s, struct arena *a, struct value **values, struct err *err)
{
    struct given given;
    given_init(&given, &s->spec->space, s->spec->method == SPEC_GRID);
    int rc = given_read_or_fail(&given, a, s->spec->initial->list.items[s->next], values, err);
    given_done(&given);
    return rc;
}

static int prior_propose(struct starts *s, struct arena *a, struct proposal *ret)
{
    const struct prior *p = s->prior;
    while (p && s->next_prior < p->best_n &&
           seen_has(&s->tried, value_hash(p->best[s->next_prior].params)))
        s->next_prior++;
    if (!p || s->next_prior >= p->best_n)
        return ERR_EXHAUSTED;
    const struct prior_point *best = &p->best[s->next_prior];
    ret->cursor = STRATEGY_PRIOR + s->next_prior;
    ret->params = value_copy(a, best->params);
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, spec_method_name(s->spec->method)));
    value_put(a, ret->why, "phase", value_str(a, "prior"));
    value_put(a, ret->why, "source", value_str(a, best->source));
    value_put(a, ret->why, "objective", value_float(a, best->objective));
    value_put(a, ret->why, "rank", value_int(a, (int64_t)best->rank));
    value_put(a, ret->why, "of", value_int(a, (int64_t)best->of));
    return 0;
}

int starts_propose(struct starts *s, struct arena *a, struct proposal *ret, struct err *err)
{
    struct value **values = mem_alloc((s->spec->space.n + 1) * sizeof *values);
    size_t count = starts_count(s);
    bool fresh = false;
    int rc = 0;
    for (; rc == 0 && s->next < count; s->next += !fresh) {
        rc = starts_read(s, a, values, err);
        if (rc == 0)
            rc = starts_complete(s, values, a, &ret->params, &fresh, err);
        if (rc != 0 || fresh)
            break;
    }
    mem_free(values);
    if (rc != 0)
        return err_wrap(err, "initial[%zu]", s->next);
    if (!fresh)
        return prior_propose(s, a, ret);
    ret->cursor = STRATEGY_INITIAL + s->next;
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, "initial"));
    value_put(a, ret->why, "index", value_int(a, (int64_t)s->next));
    value_put(a, ret->why, "configurations", value_int(a, (int64_t)count));
    return 0;
}

void starts_note(struct starts *s, uint64_t cursor, const struct value *params)
{
    if (starts_count(s) == 0 && !s->prior)
        return;
    if (params)
        seen_add(&s->tried, value_hash(params));
    if (cursor >= STRATEGY_PRIOR && cursor - STRATEGY_PRIOR >= s->next_prior)
        s->next_prior = (size_t)(cursor - STRATEGY_PRIOR) + 1;
    else if (cursor >= STRATEGY_INITIAL && cursor < STRATEGY_PRIOR &&
             cursor - STRATEGY_INITIAL >= s->next)
        s->next = (size_t)(cursor - STRATEGY_INITIAL) + 1;
}
