/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each method with a model promises. */
#include <math.h>

#include "base/json.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/strategy.h"
#include "tests/test.h"

static const char *const methods[] = {"bayes", "tpe", "cmaes"};
#define EACH(method)                                                                           \
    (const char *const *method = methods; method < methods + sizeof methods / sizeof *methods; \
     method++)

struct sweep {
    struct arena arena;
    struct diags diags;
    struct spec *spec;
    struct strategy *strategy;
};

static struct strategy *new_strategy(const struct spec *spec)
{
    struct strategy *s;
    struct err err = {0};
    if (strategy_new(spec, 7, &s, &err) != 0)
        FAIL("%s", err.text);
    return s;
}

static void sweep_init(struct sweep *s, const char *method, const char *parameters)
{
    arena_init(&s->arena);
    diags_init(&s->diags, &s->arena, "test");
    const char *text =
        arena_printf(&s->arena, "method: %s\nmetric: {name: loss, goal: minimize}\nparameters:\n%s",
                     method, parameters);
    s->spec = spec_read(text, strlen(text), &s->diags);
    if (!s->spec)
        FAIL("%s", s->diags.items[0].message);
    s->strategy = new_strategy(s->spec);
}

static void sweep_done(struct sweep *s)
{
    strategy_free(s->strategy);
    spec_free(s->spec);
    arena_done(&s->arena);
}

static struct proposal next(struct sweep *s)
{
    struct proposal p;
    struct err err = {0};
    if (strategy_propose(s->strategy, &s->arena, &p, &err) != 0)
        FAIL("%s", err.text);
    return p;
}

static void report(struct sweep *s, uint64_t trial, enum trial_state state, double loss)
{
    strategy_report(s->strategy, trial,
                    &(struct history_fate){.state = state, .objective = loss, .iterations = 1});
}

static double number(const struct proposal *p, const char *name)
{
    return value_get_float(p->params, name, NAN);
}

#define LINE "  x: {min: 0.0, max: 1.0}\n"
#define MIXED                                                                 \
    "  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 0.1}\n"       \
    "  layers: {min: 1, max: 40}\n"                                           \
    "  q: {distribution: q_normal, mu: 0.0, sigma: 3.0, q: 0.5}\n"            \
    "  beta: {distribution: beta, a: 2, b: 3}\n"                              \
    "  act: {values: [relu, gelu, tanh], probabilities: [0.5, 0.25, 0.25]}\n" \
    "  batch: {values: [16, 32, 64]}\n"                                       \
    "  opt: {values: [adam, sgd]}\n"                                          \
    "  momentum: {min: 0.0, max: 0.99, when: {opt: sgd}}\n"                   \
    "  net: {parameters: {width: {distribution: q_uniform, min: 8, max: 64, q: 8}}}\n"

static void check_parabola(const char *method, uint64_t trials, double bound)
{
    struct sweep s;
    double best = INFINITY;
    sweep_init(&s, method, LINE "  y: {min: -5.0, max: 5.0}\n");
    for (uint64_t i = 0; i < trials; i++) {
        struct proposal p = next(&s);
        double x = number(&p, "x") - 0.83, y = number(&p, "y") + 3.1;
        report(&s, i, TRIAL_FINISHED, 10 * x * x + y * y);
        best = fmin(best, 10 * x * x + y * y);
    }
    ASSERT(best < bound);
    sweep_done(&s);
}

TEST(the_model_finds_the_minimum_of_a_parabola)
{
    check_parabola("bayes", 25, 1e-3);
    check_parabola("tpe", 60, 0.1);
    check_parabola("cmaes", 80, 0.01);
}

/* Whether the best trial has the best whole number, which is beside that of the first trial. */
static bool integer_is_found(const char *method, uint64_t seed, uint64_t trials)
{
    struct sweep s;
    double best = INFINITY, depth = 0;
    struct err err = {0};
    sweep_init(&s, method, LINE "  depth: {min: 1, max: 8}\n  opt: {values: [adam, sgd]}\n");
    strategy_free(s.strategy);
    ASSERT_EQ(strategy_new(s.spec, seed, &s.strategy, &err), 0);
    for (uint64_t i = 0; i < trials; i++) {
        struct proposal p = next(&s);
        double x = number(&p, "x") - 0.5, y = number(&p, "depth") - 4;
        double loss = 5 * x * x + 0.05 * y * y;
        loss += strcmp(value_get_str(p.params, "opt", ""), "sgd") == 0 ? 0.2 : 0;
        report(&s, i, TRIAL_FINISHED, loss);
        depth = loss < best ? number(&p, "depth") : depth;
        best = fmin(best, loss);
    }
    sweep_done(&s);
    return depth == 4;
}

static void check_integer(const char *method)
{
    int found = 0;
    for (uint64_t seed = 0; seed < 10; seed++)
        found += integer_is_found(method, seed, 40) ? 1 : 0;
    ASSERT(found >= 9);
}

TEST(search_leaves_the_whole_number_that_it_began_with)
{
    for
        EACH(method)
    check_integer(*method);
}

static void check_first(const char *method, uint64_t initial, const char *const *keys)
{
    struct sweep s;
    sweep_init(&s, method, LINE);
    struct proposal p = next(&s);
    ASSERT(number(&p, "x") == 0.5);
    ASSERT_STR(value_get_str(p.why, "strategy", ""), method);
    ASSERT_STR(value_get_str(p.why, "phase", ""), "design");
    ASSERT_STR(value_get_str(p.why, "reason", ""), "no results yet");
    for (uint64_t i = 0; i < initial + 1; i++) {
        report(&s, i, TRIAL_FINISHED, (double)i);
        p = next(&s);
        ASSERT_STR(value_get_str(p.why, "phase", ""), i + 1 < initial ? "design" : "model");
    }
    for (; *keys; keys++)
        ASSERT(value_get(p.why, *keys));
    sweep_done(&s);
}

/* After a trial that was stopped early, `why` says that results count by their iterations. */
static void check_resource(const char *method)
{
    struct sweep s;
    sweep_init(&s, method, LINE);
    for (uint64_t i = 0; i < 8; i++) {
        struct proposal p = next(&s);
        ASSERT(!value_get(p.why, "resource"));
        strategy_report(s.strategy, i,
                        &(struct history_fate){.state = TRIAL_FINISHED,
                                               .objective = number(&p, "x"),
                                               .iterations = 20});
    }
    struct proposal p = next(&s);
    ASSERT(!value_get(p.why, "resource"));
    strategy_report(s.strategy, 8, &(struct history_fate){TRIAL_STOPPED, 3, 5, 0, {0}});
    p = next(&s);
    strategy_report(s.strategy, 9, &(struct history_fate){TRIAL_RUNNING, 4, 2, 0, {0}});
    p = next(&s);
    const struct value *resource = value_get(p.why, "resource");
    ASSERT_EQ(value_get_int(resource, "full", 0), 20);
    ASSERT_EQ(value_get_int(resource, "partial", 0), 2);
    ASSERT_EQ(value_get_int(resource, "running", 0), 1);
    ASSERT_EQ(value_get_int(p.why, "results", 0), 10);
    ASSERT_EQ(value_get_int(p.why, "pending", 0), 1);
    sweep_done(&s);
}

TEST(results_of_stopped_trials_count_by_their_iterations)
{
    check_resource("bayes");
    check_resource("tpe");
}

TEST(first_comes_the_middle_and_each_step_says_why)
{
    static const char *const bayes_keys[] = {"predicted", "low", "nearest", NULL};
    static const char *const tpe_keys[] = {"good", "bad", "log_ratio", "nearest", NULL};
    check_first("bayes", 5, bayes_keys);
    check_first("tpe", 7, tpe_keys);
}

TEST(cmaes_begins_in_the_middle_and_says_its_generation)
{
    struct sweep s;
    sweep_init(&s, "cmaes", LINE "  y: {min: 0.0, max: 1.0}\n");
    for (uint64_t i = 0; i < 20; i++) {
        struct proposal p = next(&s);
        ASSERT(i > 0 || (number(&p, "x") == 0.5 && number(&p, "y") == 0.5));
        ASSERT_STR(value_get_str(p.why, "phase", ""), "model");
        ASSERT_EQ(value_get_int(p.why, "generation", -1), i / 4);
        ASSERT_EQ(value_get_int(p.why, "population", -1), 4);
        ASSERT(value_get_float(p.why, "sigma", 0) > 0);
        report(&s, i, TRIAL_FINISHED, number(&p, "x"));
    }
    sweep_done(&s);
}

static void check_failures(const char *method)
{
    struct sweep s;
    int failures = 0;
    sweep_init(&s, method, LINE "  y: {min: 0.0, max: 1.0}\n");
    for (uint64_t i = 0; i < 40; i++) {
        struct proposal p = next(&s);
        bool fails = number(&p, "x") > 0.6; /* the best losses would be just below */
        report(&s, i, fails ? TRIAL_FAILED : TRIAL_FINISHED, fails ? NAN : 1 - number(&p, "x"));
        failures += fails;
    }
    ASSERT(failures < 20);
    sweep_done(&s);
}

TEST(a_trial_that_fails_teaches_where_not_to_go)
{
    for
        EACH(method)
    check_failures(*method);
}

static void check_maximizing(const char *method)
{
    struct sweep down, up;
    sweep_init(&down, method, LINE);
    sweep_init(&up, method, LINE);
    up.spec->metric.maximize = true;
    strategy_free(up.strategy);
    up.strategy = new_strategy(up.spec);
    for (uint64_t i = 0; i < 12; i++) {
        struct proposal a = next(&down), b = next(&up);
        ASSERT(value_same(a.params, b.params));
        double loss = sin(9 * number(&a, "x"));
        report(&down, i, TRIAL_FINISHED, loss);
        report(&up, i, TRIAL_FINISHED, -loss);
    }
    sweep_done(&down);
    sweep_done(&up);
}

TEST(maximizing_is_minimizing_the_negative)
{
    for
        EACH(method)
    check_maximizing(*method);
}

static void check_finite_space(const char *method)
{
    struct sweep s;
    bool seen[12] = {0};
    struct proposal p;
    struct err err = {0};
    sweep_init(&s, method, "  a: {values: [1, 2, 3, 4]}\n  b: {values: [u, v, w]}\n");
    for (uint64_t i = 0; i < 12; i++) {
        p = next(&s);
        size_t at = (size_t)value_get_int(p.params, "a", 0) - 1 +
                    4 * (size_t)(value_get_str(p.params, "b", "")[0] - 'u');
        ASSERT(!seen[at]);
        seen[at] = true;
        report(&s, i, TRIAL_FINISHED, (double)at);
    }
    ASSERT_EQ(strategy_propose(s.strategy, &s.arena, &p, &err), ERR_EXHAUSTED);
    ASSERT_EQ(strategy_total(s.strategy), 12);
    sweep_done(&s);
}

TEST(a_finite_space_is_proposed_once_and_ends)
{
    for
        EACH(method)
    check_finite_space(*method);
}

static void check_conditions(const char *method)
{
    struct sweep s;
    sweep_init(&s, method, MIXED);
    for (uint64_t i = 0; i < 40; i++) {
        struct proposal p = next(&s);
        const char *opt = value_get_str(p.params, "opt", "");
        ASSERT((value_get(p.params, "momentum") != NULL) == (strcmp(opt, "sgd") == 0));
        report(&s, i, TRIAL_FINISHED, number(&p, "lr") + number(&p, "beta"));
    }
    sweep_done(&s);
    sweep_init(&s, method,
               "  x: {min: 0.0, max: 1.0}\n  y: {min: 0.0, max: 1.0}\n"
               "forbid: ['x + y > 1']\n");
    for (uint64_t i = 0; i < 25; i++) {
        struct proposal p = next(&s);
        ASSERT(number(&p, "x") + number(&p, "y") <= 1);
        report(&s, i, TRIAL_FINISHED, -number(&p, "x") - number(&p, "y"));
    }
    sweep_done(&s);
}

#define WITHOUT_ENDS                                               \
    "  z: {distribution: normal, mu: 0.0, sigma: 1.0}\n"           \
    "  n: {distribution: log_normal, mu: 0.0, sigma: 1.0}\n"       \
    "  q: {distribution: q_normal, mu: 0.0, sigma: 1.0, q: 0.5}\n" \
    "  b: {distribution: beta, a: 2, b: 3}\n"

/* The losses fall towards where the distributions end, or all but end. */
static void check_ends(const char *method)
{
    struct sweep s;
    double farthest = 0;
    sweep_init(&s, method, WITHOUT_ENDS);
    for (uint64_t i = 0; i < 40; i++) {
        struct proposal p = next(&s);
        double z = number(&p, "z"), n = number(&p, "n"), q = number(&p, "q");
        double b = number(&p, "b");
        ASSERT(fabs(z) < 3.1 && fabs(log(n)) < 3.1 && fabs(q) <= 3 && b > 0.01 && b < 0.97);
        farthest = fmax(farthest, z);
        report(&s, i, TRIAL_FINISHED, -z + log(n) - q - b);
    }
    ASSERT(farthest > 1);
    sweep_done(&s);
}

TEST(no_search_goes_where_a_distribution_is_never_drawn)
{
    for
        EACH(method)
    check_ends(*method);
}

/* A q_normal has steps without end, most of which are never drawn. */
static void check_steps(const char *method)
{
    struct sweep s;
    bool seen[7] = {0};
    sweep_init(&s, method, "  q: {distribution: q_normal, mu: 0.0, sigma: 1.0, q: 1.0}\n");
    for (uint64_t i = 0; i < 5; i++) {
        struct proposal p = next(&s);
        int at = (int)number(&p, "q") + 3;
        ASSERT(at >= 0 && at < 7 && !seen[at]);
        seen[at] = true;
        report(&s, i, TRIAL_FINISHED, at);
    }
    sweep_done(&s);
}

/* Where y does not exist, only three points are left. */
static void check_branches(const char *method)
{
    struct sweep s;
    int seen[3] = {0};
    sweep_init(&s, method,
               "  c: {values: [a, b, c, d]}\n  y: {min: 0.0, max: 1.0, when: {c: a}}\n");
    for (uint64_t i = 0; i < 20; i++) {
        struct proposal p = next(&s);
        const char *c = value_get_str(p.params, "c", "");
        ASSERT(*c == 'a' || seen[*c - 'b']++ == 0);
        report(&s, i, TRIAL_FINISHED, *c == 'a' ? number(&p, "y") : 2);
    }
    sweep_done(&s);
}

TEST(steps_without_end_are_not_repeated_while_others_are_left)
{
    for
        EACH(method)
    check_steps(*method);
}

TEST(points_at_which_no_range_exists_are_not_repeated)
{
    for
        EACH(method)
    check_branches(*method);
}

TEST(conditions_are_kept_and_forbidden_points_never_proposed)
{
    for
        EACH(method)
    check_conditions(*method);
}

/* Told of each change as it happened, or of how the trials stand: the same proposals, to the byte. */
static void check_rows(const char *method, const char *parameters, uint64_t trials)
{
    enum { TRIALS = 150 };
    struct sweep s;
    struct proposal made[TRIALS], again;
    struct history_fate fates[TRIALS];
    struct err err = {0};
    struct rng r;
    sweep_init(&s, method, parameters);
    rng_init(&r, 3, 0, RNG_TEST);
    for (uint64_t i = 0; i < trials; i++) {
        struct strategy *resumed = new_strategy(s.spec);
        for (uint64_t k = 0; k < i; k++)
            strategy_replay(resumed, made[k].cursor, made[k].params);
        for (uint64_t k = 0; k < i; k++)
            strategy_report(resumed, k, &fates[k]);
        made[i] = next(&s);
        ASSERT_EQ(strategy_propose(resumed, &s.arena, &again, &err), 0);
        ASSERT_STR(json_text(&s.arena, made[i].params, JSON_COMPACT),
                   json_text(&s.arena, again.params, JSON_COMPACT));
        ASSERT_STR(json_text(&s.arena, made[i].why, JSON_COMPACT),
                   json_text(&s.arena, again.why, JSON_COMPACT));
        strategy_free(resumed);
        fates[i] = (struct history_fate){TRIAL_PENDING, NAN, 0, 0, {0}};
        uint64_t trial = rng_below(&r, i + 1);
        fates[trial] = (struct history_fate){
            rng_below(&r, 4) ? TRIAL_FINISHED : TRIAL_FAILED, rng_normal(&r), 1, 1, {0}};
        strategy_report(s.strategy, trial, &fates[trial]);
    }
    sweep_done(&s);
}

TEST(proposals_follow_from_the_rows)
{
    for
        EACH(method)
    check_rows(*method, MIXED, 24);
    check_rows("cmaes", LINE, 150);
}

TEST(cmaes_restarts_where_it_has_converged)
{
    struct sweep s;
    int64_t restart = 0, before = 0;
    int64_t populations[4] = {0};
    sweep_init(&s, "cmaes", LINE "  y: {min: -5.0, max: 5.0}\n");
    for (uint64_t i = 0; restart < 4; i++) {
        struct proposal p = next(&s);
        double x = number(&p, "x") - 0.83, y = number(&p, "y") + 3.1;
        ASSERT(i < 4000);
        restart = value_get_int(p.why, "restart", -1);
        ASSERT(restart == before || restart == before + 1);
        if (restart < 4)
            populations[restart] = value_get_int(p.why, "population", 0);
        before = restart;
        report(&s, i, TRIAL_FINISHED, 10 * x * x + y * y);
    }
    ASSERT_EQ(populations[0], 4);
    ASSERT_EQ(populations[1], 8); /* then small ones until both kinds had as many results */
    ASSERT(populations[2] <= 8);
    sweep_done(&s);
}

TEST(cmaes_refuses_more_than_it_can_hold)
{
    static const char text[] =
        "method: cmaes\nmetric: {name: loss}\nparameters:\n" LINE "strategy: {population: 10001}\n";
    struct arena a;
    struct diags diags;
    struct strategy *refused;
    struct err err = {0};
    arena_init(&a);
    diags_init(&diags, &a, "test");
    struct spec *spec = spec_read(text, sizeof text - 1, &diags);
    ASSERT(spec);
    ASSERT_EQ(strategy_new(spec, 7, &refused, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "strategy.population"));
    spec_free(spec);
    arena_done(&a);
}

static void check_same(struct sweep *s, const struct proposal *a, const struct proposal *b)
{
    ASSERT_EQ(a->cursor, b->cursor);
    ASSERT_STR(json_text(&s->arena, a->params, JSON_COMPACT),
               json_text(&s->arena, b->params, JSON_COMPACT));
    ASSERT_STR(json_text(&s->arena, a->why, JSON_COMPACT),
               json_text(&s->arena, b->why, JSON_COMPACT));
}

/* Proposals made ahead, some of which are used, and some made void by a report: the others are the
 * same, to the byte. */
static void check_prepared(const char *method, const char *parameters)
{
    struct sweep s;
    struct rng r;
    struct err err = {0};
    int rc = 0;
    sweep_init(&s, method, parameters);
    struct strategy *ahead = new_strategy(s.spec);
    rng_init(&r, 9, 0, RNG_TEST);
    for (uint64_t i = 0; i < 30 && rc == 0; i++) {
        struct proposal cold, ready;
        for (uint64_t k = rng_below(&r, 4); k > 0 && i > 0; k--) {
            struct history_fate fate = {TRIAL_FINISHED, rng_normal(&r), 1, 1, {0}};
            uint64_t trial = rng_below(&r, i);
            if (rng_below(&r, 2))
                strategy_prepare(ahead);
            strategy_report(s.strategy, trial, &fate);
            strategy_report(ahead, trial, &fate);
        }
        if (rng_below(&r, 3))
            strategy_prepare(ahead);
        rc = strategy_propose(s.strategy, &s.arena, &cold, &err);
        ASSERT_EQ(strategy_propose(ahead, &s.arena, &ready, &err), rc);
        if (rc == 0)
            check_same(&s, &cold, &ready);
    }
    ASSERT(rc == 0 || rc == ERR_EXHAUSTED);
    strategy_free(ahead);
    sweep_done(&s);
}

TEST(a_proposal_made_ahead_is_the_same_and_one_made_void_leaves_no_trace)
{
    static const char *const spaces[] = {LINE, MIXED,
                                         "  a: {min: 1, max: 4}\n  b: {min: 1, max: 5}\n"};
    for (size_t k = 0; k < sizeof spaces / sizeof *spaces; k++) {
        for
            EACH(method)
        check_prepared(*method, spaces[k]);
        check_prepared("random", spaces[k]);
        check_prepared("sobol", spaces[k]);
    }
}

/* Constant, huge, tiny, infinite, duplicate results, failures of any kind, many at once, and a
 * proposal after each; tests/histories has more kinds, told at once. */
static void check_hostile(const char *method)
{
    static const double sizes[] = {0, 1, 1e-300, 1e300, -1e300, INFINITY, -INFINITY, 1e-9};
    for (uint64_t run = 0; run < 20; run++) {
        struct sweep s;
        struct rng r;
        rng_init(&r, 11, run, RNG_TEST);
        sweep_init(&s, method,
                   run % 3 == 0   ? MIXED
                   : run % 3 == 1 ? LINE
                                  : LINE "  y: {min: 1, max: 3}\n");
        bool constant = rng_below(&r, 3) == 0;
        for (uint64_t i = 0; i < 16; i++) {
            struct proposal p = next(&s);
            double x = number(&p, "x");
            ASSERT(isnan(x) || (x >= 0 && x <= 1));
            for (uint64_t k = 0; k <= i; k++)
                if (rng_below(&r, 3) == 0) {
                    double loss = sizes[rng_below(&r, 8)] * (constant ? 1 : 1 + rng_unit(&r));
                    enum trial_state state = (enum trial_state)rng_below(&r, TRIAL_STATES);
                    report(&s, k, state, rng_below(&r, 9) ? loss : NAN);
                }
        }
        sweep_done(&s);
    }
}

TEST(hostile_histories_give_proposals_within_the_space)
{
    for
        EACH(method)
    check_hostile(*method);
}

static void check_running(const char *method)
{
    struct sweep s;
    double x[12];
    sweep_init(&s, method, LINE);
    for (uint64_t i = 0; i < 12; i++) {
        struct proposal p = next(&s);
        x[i] = number(&p, "x");
        for (uint64_t k = 0; k < i; k++)
            ASSERT(fabs(x[i] - x[k]) > 1e-4);
        if (i < 8)
            report(&s, i, TRIAL_FINISHED, fabs(x[i] - 0.3));
    }
    sweep_done(&s);
}

TEST(trials_that_run_at_the_same_time_differ)
{
    for
        EACH(method)
    check_running(*method);
}

TEST(tpe_refuses_more_candidates_than_it_can_hold)
{
    static const char text[] =
        "method: tpe\nmetric: {name: loss}\nparameters:\n" LINE "strategy: {candidates: 10001}\n";
    struct arena a;
    struct diags diags;
    struct strategy *refused;
    struct err err = {0};
    arena_init(&a);
    diags_init(&diags, &a, "test");
    struct spec *spec = spec_read(text, sizeof text - 1, &diags);
    ASSERT(spec);
    ASSERT_EQ(strategy_new(spec, 7, &refused, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "strategy.candidates"));
    spec_free(spec);
    arena_done(&a);
}

TEST(tpe_takes_lists_of_thousands_of_values)
{
    struct sweep s;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (int kind = 0; kind < 2; kind++) {
        buf_addf(&text, "  %c: {values: [", kind ? 'b' : 'a');
        for (int i = 0; i < 2000; i++)
            buf_addf(&text, kind ? "%sw%d" : "%s%d", i ? ", " : "", i);
        buf_addf(&text, "]}\n");
    }
    sweep_init(&s, "tpe", buf_str(&text));
    for (uint64_t i = 0; i < 12; i++) {
        struct proposal p = next(&s);
        report(&s, i, TRIAL_FINISHED, number(&p, "a"));
    }
    buf_done(&text);
    sweep_done(&s);
}
