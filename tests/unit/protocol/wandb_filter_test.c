/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "protocol/wandb/wandb_filter.h"
#include "tests/test.h"

static struct arena arena;
static struct err why;

static const char run_text[] =
    "{\"name\":\"k3f9-12\",\"display\":\"vital-sweep-1\",\"state\":\"finished\",\"sweep\":"
    "\"k3f9\","
    "\"tags\":[\"a\",\"big "
    "one\"],\"group\":\"g\",\"job_type\":null,\"by\":\"me\",\"notes\":"
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\","
    "\"created\":1795249506.0,\"entity\":\"e\",\"project\":\"p\","
    "\"config\":{\"lr\":{\"value\":0.1,\"desc\":null},\"bs\":{\"value\":32},\"name\":{\"value\":"
    "\"adam\"},"
    "\"opt\":{\"value\":{\"lr\":0.5,\"deep\":{\"x\":1}}},\"a.b\":{\"value\":7},\"value\":{"
    "\"value\":3},"
    "\"on\":{\"value\":true},\"plain\":5,\"nothing\":{\"value\":null}},"
    "\"summary\":{\"loss\":0.25,\"acc\":1,\"bad\":NaN,\"worse\":\"Infinity\",\"val\":{\"loss\":2}}"
    "}";

/* 1 or 0: whether the run matches; negative: an error. */
static int matches(const char *filter)
{
    struct value *run = NULL;
    struct wandb_filter *f = NULL;
    if (json_parse(&arena, run_text, strlen(run_text), &run, NULL) != 0)
        return -99;
    int rc = wandb_filter_parse(filter, strlen(filter), &f, &why);
    if (rc == 0)
        rc = wandb_filter_match(f, run);
    wandb_filter_free(f);
    arena_done(&arena);
    return rc;
}

TEST(wandb_filter_without_tests_matches_each_run)
{
    ASSERT_EQ(matches(""), 1);
    ASSERT_EQ(matches("{}"), 1);
    ASSERT_EQ(matches("null"), 1);
    ASSERT_EQ(matches("{\"$and\":[]}"), 1);
    ASSERT_EQ(matches("{\"$or\":[{\"$and\":[]}]}"), 1);
    ASSERT_EQ(matches("{\"$and\":[null]}"), 1);
}

TEST(wandb_filter_finds_fields_by_each_of_their_names)
{
    ASSERT_EQ(matches("{\"state\":\"finished\",\"name\":\"k3f9-12\",\"sweep\":\"k3f9\"}"), 1);
    ASSERT_EQ(matches("{\"display_name\":\"vital-sweep-1\",\"displayName\":\"vital-sweep-1\"}"), 1);
    ASSERT_EQ(matches("{\"state\":\"Finished\"}"), 1);
    ASSERT_EQ(matches("{\"state\":{\"$in\":[\"Crashed\",\"FINISHED\"]}}"), 1);
    ASSERT_EQ(matches("{\"group\":\"g\",\"username\":\"me\",\"entity\":\"e\",\"project\":\"p\"}"),
              1);
    ASSERT_EQ(matches("{\"state\":\"running\"}"), 0);
    ASSERT_EQ(matches("{\"jobType\":null,\"job_type\":null,\"host\":null}"), 1);
}

TEST(wandb_filter_enters_config_and_summary)
{
    ASSERT_EQ(matches("{\"config.lr\":0.1}"), 1);
    ASSERT_EQ(matches("{\"config.lr.value\":0.1}"), 1);
    ASSERT_EQ(matches("{\"config.bs\":32.0}"), 1);
    ASSERT_EQ(matches("{\"config.opt.lr\":0.5,\"config.opt.value.lr\":0.5}"), 1);
    ASSERT_EQ(matches("{\"config.opt.deep.x.value\":1}"), 1);
    ASSERT_EQ(matches("{\"config.opt\":{\"deep\":{\"x\":1},\"lr\":0.5}}"), 1);
    ASSERT_EQ(matches("{\"config.a.b\":7,\"config.a.b.value\":7}"), 1);
    ASSERT_EQ(matches("{\"config.value\":3,\"config.value.value\":3,\"config.plain\":5}"), 1);
    ASSERT_EQ(matches("{\"config.on\":true}"), 1);
    ASSERT_EQ(matches("{\"config.on\":1}"), 0);
    ASSERT_EQ(matches("{\"summary_metrics.loss\":{\"$lt\":0.3,\"$gte\":0.25}}"), 1);
    ASSERT_EQ(matches("{\"summary_metrics.val.loss\":2,\"summary.acc\":1}"), 1);
    ASSERT_EQ(matches("{\"summaryMetrics.loss\":{\"$gt\":0.3}}"), 0);
}

TEST(wandb_filter_compares_values_of_one_kind)
{
    ASSERT_EQ(matches("{\"config.name\":{\"$gt\":1}}"), 0);
    ASSERT_EQ(matches("{\"config.name\":{\"$lt\":1}}"), 0);
    ASSERT_EQ(matches("{\"config.name\":{\"$gte\":\"adam\",\"$lt\":\"sgd\"}}"), 1);
    ASSERT_EQ(matches("{\"config.none\":{\"$lt\":1}}"), 0);
    ASSERT_EQ(matches("{\"summary_metrics.bad\":{\"$lt\":1}}"), 0);
    ASSERT_EQ(matches("{\"summary_metrics.bad\":{\"$gte\":1}}"), 0);
    ASSERT_EQ(matches("{\"summary_metrics.bad\":{\"$exists\":true}}"), 1);
    ASSERT_EQ(matches("{\"summary_metrics.worse\":{\"$gt\":1e300}}"), 1);
    ASSERT_EQ(matches("{\"config.none\":{\"$exists\":false},\"config.lr\":{\"$exists\":true}}"), 1);
    ASSERT_EQ(matches("{\"config.none\":{\"$ne\":1},\"config.nothing\":null}"), 1);
}

TEST(wandb_filter_tests_the_items_of_a_list)
{
    ASSERT_EQ(matches("{\"tags\":\"a\"}"), 1);
    ASSERT_EQ(matches("{\"tags\":\"c\"}"), 0);
    ASSERT_EQ(matches("{\"tags\":{\"$in\":[\"c\",\"a\"]}}"), 1);
    ASSERT_EQ(matches("{\"tags\":{\"$nin\":[\"c\",\"a\"]}}"), 0);
    ASSERT_EQ(matches("{\"tags\":{\"$ne\":\"a\"}}"), 0);
    ASSERT_EQ(matches("{\"tags\":{\"$all\":[\"a\",\"big one\"]}}"), 1);
    ASSERT_EQ(matches("{\"tags\":{\"$all\":[\"a\",\"c\"]}}"), 0);
    ASSERT_EQ(matches("{\"tags\":[\"a\",\"big one\"]}"), 1);
    ASSERT_EQ(matches("{\"tags.a\":true,\"tags.c\":false}"), 1);
    ASSERT_EQ(matches("{\"tags\":{\"$regex\":\"^big\"}}"), 1);
}

TEST(wandb_filter_joins_tests)
{
    ASSERT_EQ(matches("{\"$or\":[{\"state\":\"running\"},{\"config.lr\":0.1}]}"), 1);
    ASSERT_EQ(matches("{\"$or\":[{\"state\":\"running\"},{\"config.lr\":0.2}]}"), 0);
    ASSERT_EQ(matches("{\"$or\":[]}"), 0);
    ASSERT_EQ(matches("{\"$nor\":[{\"state\":\"running\"},{\"config.lr\":0.2}]}"), 1);
    ASSERT_EQ(matches("{\"$not\":{\"state\":\"running\"}}"), 1);
    ASSERT_EQ(matches("{\"config.lr\":{\"$not\":{\"$gt\":1}}}"), 1);
    ASSERT_EQ(
        matches(
            "{\"$and\":[{\"$or\":[{\"group\":\"g\"}]},{\"state\":\"finished\"}],\"tags\":\"a\"}"),
        1);
}

TEST(wandb_filter_searches_by_regular_expressions)
{
    ASSERT_EQ(matches("{\"display_name\":{\"$regex\":\"sweep-\\\\d\"}}"), 1);
    ASSERT_EQ(matches("{\"display_name\":{\"$regex\":\"^sweep\"}}"), 0);
    ASSERT_EQ(matches("{\"display_name\":{\"$regex\":\"VITAL\",\"$options\":\"i\"}}"), 1);
    ASSERT_EQ(matches("{\"config.lr\":{\"$regex\":\".\"}}"), 0);
    ASSERT_EQ(matches("{\"config.none\":{\"$not\":{\"$regex\":\".\"}}}"), 1);
}

TEST(wandb_filter_reads_times)
{
    ASSERT_EQ(matches("{\"created_at\":{\"$gte\":\"2026-11-21\",\"$lt\":\"2026-11-22\"}}"), 1);
    ASSERT_EQ(matches("{\"createdAt\":{\"$gt\":\"2026-11-21 08:25:05.5\"}}"), 1);
    ASSERT_EQ(matches("{\"createdAt\":{\"$gt\":\"2026-11-21T08:25:06.25Z\"}}"), 0);
    ASSERT_EQ(matches("{\"createdAt\":\"2026-11-21T10:25:06+02:00\"}"), 1);
    ASSERT_EQ(matches("{\"createdAt\":{\"$lt\":\"2026-11-21T08:25:06-01:00\"}}"), 1);
}

TEST(wandb_filter_names_the_sweep_that_it_is)
{
    static const struct {
        const char *filter, *sweep;
    } cases[] = {
        {"{\"$and\":[{\"sweep\":\"k3f9\"}]}", "k3f9"},
        {"{\"sweep\":\"k3f9\"}", "k3f9"},
        {"{\"sweep\":{\"$ne\":\"k3f9\"}}", NULL},
        {"{\"sweep\":\"k3f9\",\"state\":\"finished\"}", NULL},
        {"{}", NULL},
        {"{\"sweep\":null}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wandb_filter *f;
        ASSERT_EQ(wandb_filter_parse(cases[i].filter, strlen(cases[i].filter), &f, NULL), 0);
        const char *sweep = wandb_filter_sweep(f);
        ASSERT((sweep == NULL) == (cases[i].sweep == NULL));
        if (sweep)
            ASSERT_STR(sweep, cases[i].sweep);
        wandb_filter_free(f);
    }
}

TEST(wandb_filter_refuses_mistakes_by_name)
{
    static const struct {
        const char *filter, *text;
    } cases[] = {
        {"{\"stat\":1}", "filters: unknown field 'stat'"},
        {"{\"config.lr\":{\"$near\":1}}", "filters: config.lr: unknown operator '$near'"},
        {"{\"$where\":\"1\"}", "filters: unknown operator '$where'"},
        {"{\"state\":{\"$in\":\"finished\"}}", "filters: state: $in: expected a list"},
        {"{\"$and\":{\"state\":1}}", "filters: $and: expected a list of filters"},
        {"[]", "filters: expected a filter such as"},
        {"{\"$and\":[7]}", "filters: expected a filter such as"},
        {"{\"name\":{\"$regex\":\"(\"}}", "filters: name: $regex: at character"},
        {"{\"name\":{\"$regex\":7}}", "filters: name: $regex: expected a text"},
        {"{\"name\":{\"$regex\":\"a\",\"$options\":\"(?\"}}", "filters: name: $options: expected"},
        {"{\"state\"", "filters: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_EQ(matches(cases[i].filter), ERR_SYNTAX);
        ASSERT(strncmp(why.text, cases[i].text, strlen(cases[i].text)) == 0);
    }
}

TEST(wandb_filter_is_bounded)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < 40; i++)
        buf_adds(&text, "{\"$not\":");
    buf_adds(&text, "{\"state\":\"finished\"}");
    for (size_t i = 0; i < 40; i++)
        buf_addc(&text, '}');
    ASSERT_EQ(matches(buf_str(&text)), 1);
    buf_clear(&text);
    for (size_t i = 0; i < 5000; i++)
        buf_adds(&text, "{\"$not\":");
    ASSERT(matches(buf_str(&text)) < 0);
    buf_clear(&text);
    buf_adds(&text, "{\"$or\":[{}");
    for (size_t i = 0; i < LIMIT_WANDB_FILTER_TESTS; i++)
        buf_adds(&text, ",{}");
    buf_adds(&text, "]}");
    ASSERT_EQ(matches(buf_str(&text)), ERR_LIMIT);
    buf_clear(&text);
    buf_adds(&text, "{\"name\":\"");
    for (size_t i = 0; i < LIMIT_WANDB_FILTER_BYTES; i++)
        buf_addc(&text, 'x');
    buf_adds(&text, "\"}");
    ASSERT_EQ(matches(buf_str(&text)), ERR_LIMIT);
    buf_done(&text);
    ASSERT_EQ(matches("{\"notes\":{\"$regex\":\"(a+)+$\"}}"), ERR_LIMIT);
}
