/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/sampler.h"

#include "tests/spaces.h"

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
