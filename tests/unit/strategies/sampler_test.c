/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/sampler.h"

#include "strategies/strategy.h"
#include "tests/spaces.h"
#include "language/spec_read.h"

static bool all_zero(void *source, double *point)
{
    const size_t *dims = source;
    for (size_t i = 0; i < *dims; i++)
        point[i] = 0;
    return true;
}

static bool none(void *source, double *point)
{
    (void)source;
    (void)point;
    return false;
}

/* The corner of the cube is a point like any other: no infinity comes of it. */
TEST(the_corner_of_the_cube_is_finite)
{
    struct spaces_spec s;
    struct sampler sampler;
    struct err err = {0};
    struct value *params;
    struct sampler_passed passed;
    spaces_init(&s, SPEC_RANDOM);
    struct parameter normal = {.kind = SPACE_NORMAL, .sigma = 1};
    struct parameter q = {.kind = SPACE_Q_NORMAL, .sigma = 1, .q = 1, .q_int = true};
    spaces_add(&s, "a", normal);
    spaces_add(&s, "b", q);
    ASSERT_EQ(sampler_init(&sampler, &s.spec, 1, &err), 0);
    ASSERT_EQ(sampler.dims, 2);
    ASSERT_EQ(sampler_draw(&sampler, all_zero, &sampler.dims, 0, &s.arena, &params, &passed, &err),
              0);
    ASSERT(isfinite(value_get_float(params, "a", INFINITY)));
    ASSERT(value_get_int(params, "b", 0) < 0 && value_get_int(params, "b", 0) > -20);
    sampler_done(&sampler);
    spaces_done(&s);
}

/* A source that is stuck cannot keep a finite space from being drawn to its end. */
TEST(a_stuck_source_is_helped_along)
{
    struct spaces_spec s;
    struct sampler sampler;
    struct err err = {0};
    struct value *params;
    struct sampler_passed passed;
    spaces_init(&s, SPEC_RANDOM);
    spaces_ints(&s, "a", 0, 99);
    ASSERT_EQ(sampler_init(&sampler, &s.spec, 1, &err), 0);
    bool seen[100] = {0};
    for (int i = 0; i < 100; i++) {
        ASSERT_EQ(sampler_draw(&sampler, all_zero, &sampler.dims, (uint64_t)i, &s.arena, &params,
                               &passed, &err),
                  0);
        sampler_keep(&sampler, (uint64_t)i);
        int64_t at = value_get_int(params, "a", -1);
        ASSERT(at >= 0 && at < 100 && !seen[at]);
        seen[at] = true;
    }
    ASSERT_EQ(
        sampler_draw(&sampler, all_zero, &sampler.dims, 100, &s.arena, &params, &passed, &err),
        ERR_EXHAUSTED);
    sampler_done(&sampler);
    spaces_done(&s);
}

TEST(a_sequence_may_end)
{
    struct spaces_spec s;
    struct sampler sampler;
    struct err err = {0};
    struct value *params;
    struct sampler_passed passed;
    spaces_init(&s, SPEC_RANDOM);
    spaces_range(&s, "a", SPACE_UNIFORM, 0, 1);
    ASSERT_EQ(sampler_init(&sampler, &s.spec, 1, &err), 0);
    ASSERT_EQ(sampler_draw(&sampler, none, NULL, 0, &s.arena, &params, &passed, &err), ERR_EMPTY);
    ASSERT(strstr(err.text, "sequence"));
    sampler_done(&sampler);
    spaces_done(&s);
}

/* Who only looks is told soon; what it does see is what a run proposes. */
TEST(rejected_draws_end_at_the_bound_on_their_time)
{
    static const char *const methods[] = {"random", "sobol"};
    for (int m = 0; m < 2; m++) {
        struct arena a;
        struct buf text;
        struct diags d;
        struct err err = {0};
        struct strategy *hurried, *patient;
        struct proposal p, q;
        arena_init(&a);
        buf_init(&text, SIZE_MAX);
        diags_init(&d, &a, "s.yaml");
        buf_addf(&text, "method: %s\nprogram: t.py\nforbid: [p0 > 0.05]\nparameters:\n",
                 methods[m]);
        for (int i = 0; i < 200; i++)
            buf_addf(&text, "  p%d: {min: 0.0, max: 1.0}\n", i);
        struct spec *spec = spec_read(buf_str(&text), text.len, &d);
        ASSERT(spec != NULL);
        ASSERT_EQ(strategy_new(spec, 1, &hurried, &err), 0);
        ASSERT_EQ(strategy_new(spec, 1, &patient, &err), 0);
        strategy_hurry(hurried);
        int rc = 0, n = 0;
        while ((rc = strategy_propose(hurried, &a, &p, &err)) == 0) {
            ASSERT_EQ(strategy_propose(patient, &a, &q, &err), 0);
            ASSERT(value_same(p.params, q.params));
            ASSERT_EQ(p.cursor, q.cursor);
            n++;
        }
        ASSERT(n > 20);
        ASSERT_EQ(rc, ERR_LIMIT);
        if (!strstr(err.text, "refused (`forbid: p0 > 0.05`"))
            FAIL("%s", err.text);
        ASSERT_EQ(strategy_propose(patient, &a, &q, &err), 0);
        strategy_free(hurried);
        strategy_free(patient);
        spec_free(spec);
        buf_done(&text);
        arena_done(&a);
    }
}
