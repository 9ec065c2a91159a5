/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"

#include "base/json.h"
#include "language/spec_read.h"
#include "sweep/given.h"
#include "tests/test.h"

enum { PROPOSALS = 30, ENQUEUED_AT = 4 };

static const char *const methods[] = {"grid", "random", "sobol", "bayes", "tpe", "cmaes"};
enum { METHODS = sizeof methods / sizeof *methods };

#define SPACE                                                                      \
    "program: x.py\nmetric: {name: loss}\nparameters:\n  a: {values: [1, 2, 3]}\n" \
    "  m: {parameters: {b: {min: 1, max: 3}}}\n  c: {value: 7}\n"

static struct arena arena;

static struct spec *read_spec(const char *text)
{
    struct diags d;
    diags_init(&d, &arena, "test");
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec)
        FAIL("%s", d.items[0].message);
    return spec;
}

static struct spec *spec_of(const char *method, const char *rest)
{
    return read_spec(arena_printf(&arena, "method: %s\n%s%s", method, SPACE, rest));
}

static struct strategy *start(const struct spec *spec)
{
    struct strategy *s;
    struct err err = {0};
    if (strategy_new(spec, 5, &s, &err) != 0)
        FAIL("%s", err.text);
    return s;
}

struct run {
    struct proposal made[PROPOSALS];
    size_t n;
};

/* Proposes to the end; one proposal is somebody else's. */
static void go_on(struct strategy *s, struct run *run, size_t enqueued_at)
{
    struct err err = {0};
    while (run->n < PROPOSALS) {
        struct proposal *p = &run->made[run->n];
        if (run->n == enqueued_at) {
            p->cursor = STRATEGY_ENQUEUED;
            ASSERT_EQ(json_parse(&arena, "{\"a\":1,\"c\":7,\"m\":{\"b\":2}}", 25, &p->params, NULL),
                      0);
            strategy_replay(s, p->cursor, p->params);
        } else if (strategy_propose(s, &arena, p, &err) != 0) {
            return;
        }
        run->n++;
    }
}

static const char *text_of(const struct value *v)
{
    return json_text(&arena, v, JSON_COMPACT);
}

TEST(initial_configurations_come_first_and_once)
{
    arena_init(&arena);
    for (int m = 0; m < METHODS; m++) {
        struct spec *spec = spec_of(methods[m], "initial:\n- {a: 3, m: {b: 2}}\n- {m.b: 1}\n");
        struct strategy *s = start(spec);
        struct run run = {.n = 0};
        ASSERT_EQ(strategy_total(s), 9);
        go_on(s, &run, PROPOSALS);
        ASSERT_EQ(run.n, 9);
        ASSERT_STR(text_of(run.made[0].params), "{\"a\":3,\"c\":7,\"m\":{\"b\":2}}");
        ASSERT_STR(text_of(run.made[0].why),
                   "{\"strategy\":\"initial\",\"index\":0,\"configurations\":2}");
        ASSERT_STR(text_of(value_get(run.made[1].params, "m")), "{\"b\":1}");
        ASSERT_STR(text_of(run.made[1].why),
                   "{\"strategy\":\"initial\",\"index\":1,\"configurations\":2}");
        for (size_t i = 0; i < run.n; i++)
            for (size_t k = 0; k < i; k++)
                ASSERT(!value_same(run.made[i].params, run.made[k].params));
        strategy_free(s);
        spec_free(spec);
    }
    arena_done(&arena);
}

/* A new strategy that is told of the first proposals continues with the others. */
TEST(initial_and_enqueued_configurations_resume)
{
    arena_init(&arena);
    for (int m = 0; m < METHODS; m++) {
        struct spec *spec = spec_of(methods[m], "initial:\n- {a: 3, m: {b: 2}}\n- {m.b: 1}\n");
        struct strategy *s = start(spec);
        struct run whole = {.n = 0};
        go_on(s, &whole, ENQUEUED_AT);
        strategy_free(s);
        for (size_t cut = 0; cut <= whole.n; cut++) {
            struct run again = {.n = cut};
            s = start(spec);
            for (size_t i = 0; i < cut; i++)
                strategy_replay(s, whole.made[i].cursor, whole.made[i].params);
            go_on(s, &again, ENQUEUED_AT);
            ASSERT_EQ(again.n, whole.n);
            for (size_t i = cut; i < whole.n; i++) {
                ASSERT_EQ(again.made[i].cursor, whole.made[i].cursor);
                ASSERT_STR(text_of(again.made[i].params), text_of(whole.made[i].params));
            }
            strategy_free(s);
        }
        spec_free(spec);
    }
    arena_done(&arena);
}

TEST(an_initial_configuration_that_was_tried_is_passed_over)
{
    arena_init(&arena);
    struct spec *spec = spec_of("random", "initial: [{a: 3, m: {b: 2}}, {a: 2}]\n");
    struct strategy *s = start(spec);
    struct proposal p;
    struct err err = {0};
    struct value *params;
    ASSERT_EQ(json_parse(&arena, "{\"a\":3,\"c\":7,\"m\":{\"b\":2}}", 25, &params, NULL), 0);
    strategy_replay(s, STRATEGY_ENQUEUED, params);
    ASSERT_EQ(strategy_propose(s, &arena, &p, &err), 0);
    ASSERT_EQ(p.cursor, STRATEGY_INITIAL + 1);
    strategy_free(s);
    spec_free(spec);
    arena_done(&arena);
}

TEST(an_initial_configuration_that_conditions_exclude_is_an_error)
{
    arena_init(&arena);
    /* Lint cannot see this one: it depends on what is drawn. */
    struct spec *spec =
        read_spec("method: random\nprogram: x.py\nparameters: {a: {min: 0.0, max: 1.0},"
                  " b: {values: [1, 2]}}\nforbid: ['a >= 0 and b == 2', 'b == 1 and "
                  "a < 0.5']\ninitial: [{a: 0.2}]\n");
    struct strategy *s = start(spec);
    struct proposal p;
    struct err err = {0};
    ASSERT_EQ(strategy_propose(s, &arena, &p, &err), ERR_EMPTY);
    ASSERT(strstr(err.text, "initial[0]: the conditions exclude all of"));
    strategy_free(s);
    spec_free(spec);
    arena_done(&arena);
}

static void values_check(const char *parameter, const char *value, const char *expect)
{
    struct spec *spec = read_spec(
        arena_printf(&arena, "method: random\nprogram: x.py\nparameters:\n  p: %s\n", parameter));
    struct given given;
    struct value *params, *values[1];
    struct err err = {0};
    const char *json = arena_printf(&arena, "{\"p\":%s}", value);
    ASSERT_EQ(json_parse(&arena, json, strlen(json), &params, NULL), 0);
    given_init(&given, &spec->space, false);
    int rc = given_read_or_fail(&given, &arena, params, values, &err);
    ASSERT_STR(rc == 0 ? text_of(values[0]) : err.text, expect);
    given_done(&given);
    spec_free(spec);
}

TEST(values_are_those_of_the_space)
{
    arena_init(&arena);
    values_check("{min: 1, max: 5}", "3.0", "3");
    values_check("{min: 1, max: 5}", "6", "p is 6, but it must be an integer from 1 to 5");
    values_check("{min: 1, max: 5}", "2.5", "p is 2.5, but it must be an integer from 1 to 5");
    values_check("{min: 1, max: 9, q: 2}", "3", "3");
    values_check("{min: 1, max: 9, q: 2}", "4",
                 "p is 4, but it must be an integer from 1 to 9 in steps of 2");
    values_check("{min: 0.0, max: 1.0}", "1", "1.0");
    values_check("{min: 0.0, max: 1.0}", "true",
                 "p is True, but it must be a number from 0.0 to 1.0");
    values_check("{values: [1, 2.5, x]}", "1.0", "1");
    values_check("{values: [1, 2.5, x]}", "\"y\"", "p is 'y', but it must be 1, 2.5 or 'x'");
    values_check("{values: [a, b], probabilities: [1, 0]}", "\"b\"",
                 "p is 'b', but it must be 'a'");
    values_check("{distribution: q_uniform, min: 0.0, max: 1.0, q: 0.1}", "0.3",
                 "0.30000000000000004");
    values_check("{distribution: q_uniform, min: 0.0, max: 1.0, q: 0.1}", "0.35",
                 "p is 0.35, but it must be a multiple of 0.1 from 0.0 to 1.0");
    values_check("{distribution: log_uniform_values, min: 1.0e-4, max: 0.1}", "0.1", "0.1");
    values_check("{distribution: log_uniform_values, min: 1.0e-4, max: 0.1}", "1.0",
                 "p is 1.0, but it must be a number from 0.0001 to 0.1");
    values_check("{distribution: normal, mu: 0.0, sigma: 1.0}", "-77.5", "-77.5");
    values_check("{distribution: log_normal, mu: 0.0, sigma: 1.0}", "0",
                 "p is 0, but it must be a number above 0.0");
    values_check("{value: 3}", "4", "p is 4, but it must be 3");
    arena_done(&arena);
}

/* The best of each source, if they are not alike, then the method; also after a resume. */
TEST(the_best_of_earlier_sweeps_comes_first)
{
    static const char json[] =
        "[{\"source\":\"one\",\"rows\":[[{\"a\":1,\"c\":7,\"m\":{\"b\":1}},5.0],"
        "[{\"a\":2,\"c\":7,\"m\":{\"b\":3}},1.0]]},"
        "{\"source\":\"two\",\"rows\":[[{\"a\":2,\"c\":7,\"m\":{\"b\":3}},100.0],"
        "[{\"a\":3,\"c\":7,\"m\":{\"b\":1}},200.0]]}]";
    arena_init(&arena);
    struct value *prior;
    ASSERT_EQ(json_parse(&arena, json, strlen(json), &prior, NULL), 0);
    for (int m = 3; m < METHODS; m++) {
        struct spec *spec = spec_of(methods[m], "");
        struct strategy *s = start(spec), *again = start(spec);
        struct proposal p[4], q;
        struct err err = {0};
        strategy_set_prior(s, prior);
        for (int i = 0; i < 4; i++)
            ASSERT_EQ(strategy_propose(s, &arena, &p[i], &err), 0);
        ASSERT_STR(text_of(p[0].params), "{\"a\":2,\"c\":7,\"m\":{\"b\":3}}");
        ASSERT_STR(value_get_str(p[0].why, "source", ""), "one");
        ASSERT_EQ(p[0].cursor, STRATEGY_PRIOR);
        ASSERT_STR(text_of(p[1].params), "{\"a\":3,\"c\":7,\"m\":{\"b\":1}}");
        ASSERT_STR(value_get_str(p[1].why, "source", ""), "two");
        ASSERT(strcmp(value_get_str(p[2].why, "phase", ""), "prior") != 0);
        strategy_set_prior(again, prior);
        for (int i = 0; i < 3; i++)
            strategy_replay(again, p[i].cursor, p[i].params);
        ASSERT_EQ(strategy_propose(again, &arena, &q, &err), 0);
        ASSERT_STR(text_of(q.params), text_of(p[3].params));
        strategy_free(s);
        strategy_free(again);
        spec_free(spec);
    }
    arena_done(&arena);
}
