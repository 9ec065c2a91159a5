/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"

#include <stdalign.h>

#include "base/check.h"
#include "base/mem.h"

struct strategy {
    const struct strategy_type *type;
    uint64_t total;
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
    }
    check(!"a method without a strategy");
    return NULL;
}

static uint64_t total_of(const struct spec *spec)
{
    if (spec->method == SPEC_GRID)
        return space_grid_total(&spec->space);
    return spec->unique == SPEC_UNIQUE_NO ? 0 : space_points(&spec->space);
}

int strategy_new(const struct spec *spec, uint64_t seed, struct strategy **ret, struct err *err)
{
    if (spec->space.conditional)
        return err_set(err, ERR_SPEC, "`when`, `expr` and `forbid` are not obeyed yet");
    const struct strategy_type *type = type_of(spec->method);
    struct strategy *s = mem_alloc(sizeof *s + type->state_bytes);
    s->type = type;
    int rc = type->init(s->state, spec, seed, err);
    if (rc) {
        mem_free(s);
        return rc;
    }
    s->total = total_of(spec);
    *ret = s;
    return 0;
}

void strategy_free(struct strategy *s)
{
    if (!s)
        return;
    s->type->done(s->state);
    mem_free(s);
}

int strategy_propose(struct strategy *s, struct arena *a, struct proposal *ret, struct err *err)
{
    return s->type->propose(s->state, a, ret, err);
}

void strategy_replay(struct strategy *s, uint64_t cursor, const struct value *params)
{
    s->type->replay(s->state, cursor, params);
}

uint64_t strategy_total(const struct strategy *s)
{
    return s->total;
}
