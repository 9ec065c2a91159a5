/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweeps with several objectives. */
#include <math.h>
#include <string.h>

#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/objectives/chebyshev.h"
#include "strategies/strategy.h"
#include "tests/spaces.h"

TEST(chebyshev_prefers_what_dominates)
{
    enum { N = 60, OTHERS = 2 };
    const struct objective_rule rule = {
        .maximize = true, .others_n = OTHERS, .others_maximize = {false, true}};
    static const bool maximize[] = {true, false, true};
    struct spaces_spec s;
    struct history h;
    struct rng r;
    double rows[N][OTHERS + 1];
    spaces_init(&s, SPEC_RANDOM);
    spaces_ints(&s, "a", 0, N - 1);
    rng_init(&r, 3, 0, RNG_TEST);
    history_init(&h, &s.spec.space, &rule);
    for (int i = 0; i < N; i++) {
        struct value *params = value_dict(&s.arena);
        struct history_fate fate = {.state = i % 9 ? TRIAL_FINISHED : TRIAL_FAILED};
        for (int j = 0; j <= OTHERS; j++)
            rows[i][j] = (double)rng_below(&r, 6);
        fate.objective = rows[i][0];
        memcpy(fate.others, rows[i] + 1, sizeof rows[i] - sizeof *rows[i]);
        fate.others[1] = i == 5 ? NAN : fate.others[1];
        value_put(&s.arena, params, "a", value_int(&s.arena, i));
        history_add(&h, params);
        history_set(&h, (uint64_t)i, &fate);
    }
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct chebyshev c, again;
        chebyshev_init(&c, &h, seed);
        chebyshev_init(&again, &h, seed);
        double sum = c.weights[0] + c.weights[1] + c.weights[2];
        ASSERT(fabs(sum - 1) < 1e-12 && c.weights[0] >= 0 && c.weights[1] >= 0);
        ASSERT(isnan(c.one.objectives[5]) && c.one.rule.others_n == 0 && !c.one.rule.maximize);
        for (int i = 0; i < N; i++) {
            ASSERT(i == 5 || c.losses[i] == again.losses[i]);
            for (int k = 0; k < N; k++)
                if (i != 5 && k != 5 && pareto_dominates(rows[i], rows[k], 3, maximize))
                    ASSERT(c.losses[i] < c.losses[k]);
        }
        chebyshev_done(&c);
        chebyshev_done(&again);
    }
    history_done(&h);
    spaces_done(&s);
}

/* Two objectives whose front is x from 0.2 to 0.8 at y = 0.3. */
static double dominated(const char *method, uint64_t seed)
{
    enum { TRIALS = 40 };
    static const bool minimize[2];
    static const double reference[] = {1, 1};
    double rows[TRIALS * 2];
    struct diags diags;
    struct arena a;
    struct strategy *s;
    arena_init(&a);
    diags_init(&diags, &a, "test");
    const char *text = arena_printf(&a,
                                    "method: %s\nmetrics: [{name: a}, {name: b}]\n"
                                    "parameters:\n  x: {min: 0.0, max: 1.0}\n"
                                    "  y: {min: 0.0, max: 1.0}\n",
                                    method);
    struct spec *spec = spec_read(text, strlen(text), &diags);
    ASSERT(spec && spec->metrics_n == 2 && strcmp(spec->metric.name, "a") == 0);
    ASSERT_EQ(strategy_new(spec, seed, &s, NULL), 0);
    for (uint64_t i = 0; i < TRIALS; i++) {
        struct proposal p;
        struct history_fate fate = {.state = TRIAL_FINISHED, .iterations = 1};
        ASSERT_EQ(strategy_propose(s, &a, &p, NULL), 0);
        double x = value_get_float(p.params, "x", NAN), y = value_get_float(p.params, "y", NAN);
        fate.objective = rows[2 * i] = pow(x - 0.2, 2) + 3 * fabs(y - 0.3);
        fate.others[0] = rows[2 * i + 1] = pow(x - 0.8, 2) + 3 * fabs(y - 0.3);
        if (strategy_is_learner(s)) {
            ASSERT_EQ(value_get(p.why, "weights")->list.n, 2);
            strategy_report(s, i, &fate);
        }
    }
    strategy_free(s);
    spec_free(spec);
    arena_done(&a);
    return pareto_hypervolume(rows, TRIALS, 2, minimize, reference);
}

TEST(several_objectives_are_searched_along_the_front)
{
    double random = 0, bayes = 0, tpe = 0;
    for (uint64_t seed = 0; seed < 3; seed++) {
        random += dominated("random", seed) / 3;
        bayes += dominated("bayes", seed) / 3;
        tpe += dominated("tpe", seed) / 3;
    }
    /* All of the front dominates 0.945. */
    ASSERT(bayes > 0.92);
    ASSERT(tpe > random && bayes > tpe);
}
