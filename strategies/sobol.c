/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A low-discrepancy sequence over the space. The cursor is the index of the last point used. In a
 * finite space, points that fall on an earlier configuration are skipped. */
#include "base/limits.h"
#include "strategies/cube.h"
#include "strategies/sampler.h"
#include "strategies/strategy_type.h"

_Static_assert((int)CUBE_DIMS_MAX >= (int)LIMIT_PARAMETERS, "every spec has a sequence");

struct sobol {
    struct sampler sampler;
    struct cube cube;
};

static int sobol_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct sobol *s = state;
    (void)spec;
    (void)err;
    cube_init(&s->cube, s->sampler.dims, seed);
    return 0;
}

static void sobol_done(void *state)
{
    struct sobol *s = state;
    cube_done(&s->cube);
}

static bool next_point(void *source, double *point)
{
    struct sobol *s = source;
    return cube_next(&s->cube, point);
}

static int sobol_propose(void *state, const struct history *history, struct arena *a,
                         struct proposal *ret, struct err *err)
{
    (void)history;
    struct sobol *s = state;
    struct sampler_passed passed;
    if (s->cube.next < s->sampler.next)
        cube_skip_past(&s->cube, s->sampler.next - 1);
    int rc = sampler_draw(&s->sampler, next_point, s, s->cube.next, a, &ret->params, &passed, err);
    if (rc)
        return rc;
    ret->cursor = s->cube.next - 1;
    sampler_keep(&s->sampler, ret->cursor);
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, "sobol"));
    value_put(a, ret->why, "sequence", value_str(a, s->cube.digits ? "halton" : "sobol"));
    value_put(a, ret->why, "index", value_int(a, (int64_t)ret->cursor));
    sampler_explain(&s->sampler, a, ret->why, &passed);
    return 0;
}

const struct strategy_type strategy_sobol = {
    .name = "sobol",
    .samples = true,
    .state_bytes = sizeof(struct sobol),
    .init = sobol_init,
    .done = sobol_done,
    .propose = sobol_propose,
};
