/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/replay.h"

#include "base/json.h"
#include "tests/test.h"

static struct replay replay;
static struct arena arena;
static uint64_t seq;

static struct value *parsed(const char *text)
{
    struct value *v;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

/* A strategy that learns: it proposes the sum of the objectives that it was told of. */
static int adder_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    (void)state, (void)spec, (void)seed, (void)err;
    return 0;
}

static void adder_done(void *state)
{
    (void)state;
}

static int adder_propose(void *state, const struct history *h, struct arena *a,
                         struct proposal *ret, struct err *err)
{
    double sum = 0;
    (void)state, (void)err;
    for (size_t i = 0; i < h->n; i++)
        sum += isnan(h->objectives[i]) ? 0 : h->objectives[i];
    *ret = (struct proposal){.cursor = h->n, .params = value_dict(a)};
    value_put(a, ret->params, "a", value_float(a, sum));
    return 0;
}

static void adder_replay(void *state, uint64_t cursor, const struct value *params)
{
    (void)state, (void)cursor, (void)params;
}

static uint64_t adder_total(const void *state)
{
    (void)state;
    return 0;
}

static const struct strategy_type adder = {.name = "adder",
                                           .learns = true,
                                           .init = adder_init,
                                           .done = adder_done,
                                           .propose = adder_propose,
                                           .replay = adder_replay,
                                           .total = adder_total};

static void feed(struct fact f)
{
    struct err err = {0};
    f.seq = ++seq;
    f.sweep = f.sweep ? f.sweep : "s1";
    f.agent = "box";
    if (replay_fact(&replay, &f, &err) != 0)
        FAIL("%s", err.text);
}

static void create(const char *sweep, const char *content)
{
    feed((struct fact){.kind = FACT_SWEEP_CREATED,
                       .sweep = sweep,
                       .path = "/s.yaml",
                       .workdir = "/",
                       .content = parsed(content)});
}

static void propose(uint64_t trial, uint64_t known, const char *params)
{
    feed((struct fact){.kind = FACT_PROPOSED,
                       .trial = trial,
                       .cursor = trial,
                       .known = known,
                       .params = parsed(params)});
}

/* Returns the number of the fact. */
static uint64_t report(uint64_t trial, uint64_t from, double value)
{
    struct fact f = {
        .kind = FACT_METRICS, .trial = trial, .attempt = 1, .from = from, .to = from + 10};
    static const char *const keys[] = {"loss"};
    struct point p = {.step = (int64_t)from, .n = 1, .keys = keys, .values = &value};
    f.points = (struct points){.items = &p, .n = 1};
    feed(f);
    return seq;
}

static void launch(uint64_t trial)
{
    feed((struct fact){.kind = FACT_LAUNCHED, .trial = trial, .attempt = 1});
}

static void start(const char *early_terminate)
{
    replay_init(&replay, "s1");
    create("s0", "{\"method\":\"grid\",\"program\":\"t\",\"parameters\":{\"a\":{\"values\":[1]}}}");
    create(NULL, arena_printf(&arena,
                              "{\"method\":\"random\",\"program\":\"t\",\"metric\":{\"name\":"
                              "\"loss\"},\"parameters\":{\"a\":{\"min\":0.0,\"max\":1.0}}%s}",
                              early_terminate));
    struct err err = {0};
    strategy_free(replay.strategy);
    ASSERT_EQ(
        strategy_new_of(&adder, books_sweep(&replay.books, "s1")->spec, 1, &replay.strategy, &err),
        0);
}

/* A proposal that was late knows less than what had happened when it became a fact. */
TEST(replay_tells_what_each_proposal_knew)
{
    start("");
    propose(0, 0, "{\"a\":0}");
    propose(1, 0, "{\"a\":0}");
    launch(0);
    launch(1);
    uint64_t first = report(0, 0, 0.5), second = report(1, 0, 0.25);
    propose(2, first, "{\"a\":0.5}");
    propose(3, first, "{\"a\":0.5}");
    report(0, 10, 0.125);
    propose(4, second, "{\"a\":0.75}");
    propose(5, seq, "{\"a\":0.37500000001}"); /* rounded otherwise, by another processor */
    ASSERT(!replay.differs && replay.proposals == 6);
    propose(6, first, "{\"a\":0.5}"); /* one cannot know less than the one before */
    ASSERT(replay.differs && replay.trial == 6);
    ASSERT_STR(
        buf_peek(&replay.difference),
        "configuration recorded: {\"a\": 0.5}; derived: {\"a\": 0.375}; a method that learns "
        "may differ on another processor, or with another build of besom");
    propose(7, first, "{\"a\":9}");
    ASSERT_EQ(replay.trial, 6);
    replay_done(&replay);
}

TEST(replay_compares_stops)
{
    start(",\"early_terminate\":{\"type\":\"asha\",\"max_iter\":9}");
    propose(0, 0, "{\"a\":0}");
    propose(1, 0, "{\"a\":0}");
    propose(2, 0, "{\"a\":0}");
    for (uint64_t trial = 0; trial < 3; trial++)
        launch(trial);
    report(0, 0, 1);
    report(1, 0, 2);
    feed((struct fact){.kind = FACT_STOPPING,
                       .trial = 1,
                       .attempt = 1,
                       .reason = REASON_STOPPER,
                       .why = parsed("{\"stopper\":\"asha\",\"rung\":1,\"value\":2.0,"
                                     "\"threshold\":1.0,\"rank\":2,\"of\":2}")});
    ASSERT(!replay.differs && replay.stops == 1);
    report(1, 10, 3); /* it stops: not asked again */
    ASSERT(!replay.differs);
    report(2, 0, 4);
    ASSERT(!replay.differs);
    report(0, 10, 1);
    ASSERT(replay.differs && replay.trial == 2);
    ASSERT(strstr(buf_peek(&replay.difference), "records no stop"));
    replay_done(&replay);
}
