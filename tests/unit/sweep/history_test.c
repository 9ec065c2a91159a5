/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/history.h"

#include "tests/spaces.h"

TEST(history_keeps_how_each_trial_stands)
{
    static const struct objective_rule rule = {.maximize = true};
    enum { TRIALS = 1000 };
    struct spaces_spec s;
    struct history h;
    spaces_init(&s, SPEC_RANDOM);
    spaces_ints(&s, "a", 0, TRIALS - 1);
    spaces_values(&s, "b", spaces_letters(&s, "pq"), NULL);
    history_init(&h, &s.spec.space, &rule);
    ASSERT_EQ(h.dims, 2);
    ASSERT(h.rule.maximize);
    for (int i = 0; i < TRIALS; i++) {
        struct value *params = value_dict(&s.arena);
        value_put(&s.arena, params, "a", value_int(&s.arena, i));
        if (i % 3)
            value_put(&s.arena, params, "b", value_str(&s.arena, i % 3 == 1 ? "p" : "q"));
        history_add(&h, params);
        ASSERT_EQ(h.n, i + 1);
        ASSERT_EQ(h.states[i], TRIAL_PENDING);
        ASSERT(isnan(h.objectives[i]) && h.iterations[i] == 0 && h.costs[i] == 0);
        if (i > 0)
            history_set(&h, (uint64_t)i - 1,
                        &(struct history_fate){TRIAL_FINISHED, i, (uint64_t)i * 2, i / 8.0, {0}});
    }
    for (int i = 0; i < TRIALS - 1; i++) {
        ASSERT_EQ(h.states[i], TRIAL_FINISHED);
        ASSERT(h.objectives[i] == i + 1 && h.costs[i] == (i + 1) / 8.0);
        ASSERT_EQ(h.iterations[i], 2 * (i + 1));
        ASSERT(h.points[2 * i] == (i + 0.5) / TRIALS);
        ASSERT(i % 3 ? h.points[2 * i + 1] == (i % 3 == 1 ? 0.25 : 0.75)
                     : isnan(h.points[2 * i + 1]));
    }
    history_done(&h);
    spaces_done(&s);
}
