/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What results of equal points differ by. */
#include "sweep/replicate/repeated.h"

#include <math.h>

#include "language/spec_read.h"
#include "tests/test.h"

struct past {
    struct arena arena;
    struct spec *spec;
    struct history h;
};

static void past_init(struct past *p, const char *goal)
{
    struct diags diags;
    arena_init(&p->arena);
    diags_init(&diags, &p->arena, "test");
    const char *text = arena_printf(&p->arena,
                                    "method: random\nmetric: {name: loss, goal: %s}\n"
                                    "parameters:\n  x: {min: 0.0, max: 1.0}\n",
                                    goal);
    p->spec = spec_read(text, strlen(text), &diags);
    ASSERT(p->spec);
    const struct objective_rule rule = spec_objective_rule(p->spec);
    history_init(&p->h, &p->spec->space, &rule);
}

static void past_add(struct past *p, double x, enum trial_state state, double value)
{
    struct value *params = value_dict(&p->arena);
    value_put(&p->arena, params, "x", value_float(&p->arena, x));
    history_add(&p->h, params);
    history_set(&p->h, p->h.n - 1, &(struct history_fate){state, value, 1, 0, {0}});
}

static void past_done(struct past *p)
{
    history_done(&p->h);
    spec_free(p->spec);
    arena_done(&p->arena);
}

TEST(repeats_are_finished_trials_with_equal_points)
{
    static const double signs[] = {1, -1};
    for (int g = 0; g < 2; g++) {
        struct past p;
        struct repeated r;
        double sign = signs[g];
        past_init(&p, g == 0 ? "minimize" : "maximize");
        past_add(&p, 0.5, TRIAL_FINISHED, sign * 3);
        past_add(&p, 0.25, TRIAL_FINISHED, sign * 2);
        past_add(&p, 0.5, TRIAL_FINISHED, sign * 1);
        past_add(&p, 0.5, TRIAL_RUNNING, sign * -9);
        past_add(&p, 0.5, TRIAL_FINISHED, NAN);
        past_add(&p, 0.125, TRIAL_FINISHED, sign * 1.5);
        past_add(&p, 0.5, TRIAL_FINISHED, sign * 5);
        past_add(&p, 0.125, TRIAL_FINISHED, sign * 2.5);
        repeated_find(&p.h, 0, &r);
        ASSERT_EQ(r.own.trial, 2);
        ASSERT_EQ(r.own.n, 3);
        ASSERT_NEAR(r.own.mean, sign * 3, 1e-12);
        ASSERT_NEAR(r.own.sd, 2, 1e-12);
        ASSERT_NEAR(r.own.low, g == 0 ? 1 : -5, 1e-12);
        ASSERT_NEAR(r.own.high, g == 0 ? 5 : -1, 1e-12);
        ASSERT_EQ(r.better.trial, 5);
        ASSERT_NEAR(r.better.mean, sign * 2, 1e-12);
        ASSERT_EQ(r.n, 5);
        ASSERT_EQ(r.freedom, 3);
        ASSERT_NEAR(r.sd, sqrt((4 + 0 + 4 + 0.5) / 3), 1e-12);
        repeated_find(&p.h, 7, &r);
        ASSERT_EQ(r.own.n, 2);
        ASSERT_EQ(r.better.n, 0); /* it is the best itself */
        repeated_find(&p.h, 1, &r);
        ASSERT_EQ(r.own.n, 1);
        ASSERT_EQ(r.better.n, 0); /* one result has no mean to compare */
        repeated_find(&p.h, UINT64_MAX, &r);
        ASSERT_EQ(r.own.n, 0);
        past_done(&p);
    }
}

TEST(nothing_is_repeated_without_results)
{
    struct past p;
    struct repeated r;
    past_init(&p, "minimize");
    repeated_find(&p.h, 0, &r);
    ASSERT(r.n == 0 && r.own.n == 0 && isnan(r.sd));
    past_done(&p);
}
