/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_where.h"

#include <string.h>

#include "base/json.h"
#include "protocol/wandb/wandb_filter.h"
#include "tests/test.h"

static struct arena arena;
static struct err why;

static const char run_text[] =
    "{\"name\":\"r1\",\"display\":\"name one\",\"state\":\"finished\",\"tags\":[\"good\"],"
    "\"created\":1795249506.0,\"rows\":20,\"config\":{\"lr\":0.1,\"deep\":{\"a\":7},\"on\":true},"
    "\"summary\":{\"loss\":0.5}}";

/* 1 or 0: whether the run passes; negative: the tests are refused. */
static int passes(const char *where)
{
    struct value *run = NULL, *filter = NULL;
    struct wandb_filter *f = NULL;
    why.text[0] = '\0';
    int rc = json_parse(&arena, run_text, strlen(run_text), &run, NULL);
    if (rc == 0)
        rc = run_where_parse(&arena, where, &filter, &why);
    if (rc == 0) {
        const char *text = json_text(&arena, filter, JSON_COMPACT);
        rc = wandb_filter_parse(text, strlen(text), &f, &why);
    }
    if (rc == 0)
        rc = wandb_filter_match(f, run);
    wandb_filter_free(f);
    arena_done(&arena);
    return rc;
}

TEST(run_where_compares_names_of_each_part)
{
    ASSERT_EQ(passes("lr = 0.1"), 1);
    ASSERT_EQ(passes("lr<0.2"), 1);
    ASSERT_EQ(passes("lr>=0.2"), 0);
    ASSERT_EQ(passes("loss <= 0.5"), 1);
    ASSERT_EQ(passes("config.deep.a == 7"), 1);
    ASSERT_EQ(passes("deep.a != 7"), 0);
    ASSERT_EQ(passes("on = true"), 1);
    ASSERT_EQ(passes("none = null"), 1);
    ASSERT_EQ(passes("state=finished"), 1);
    ASSERT_EQ(passes("state != finished"), 0);
    ASSERT_EQ(passes("display = 'name one'"), 1);
    ASSERT_EQ(passes("display ~ \"ONE|one$\""), 1);
    ASSERT_EQ(passes("display !~ one"), 0);
    ASSERT_EQ(passes("tags = good"), 1);
    ASSERT_EQ(passes("rows > 19"), 1);
    ASSERT_EQ(passes("created >= 2026-11-21"), 1);
    ASSERT_EQ(passes("created < 2026-11-21"), 0);
}

TEST(run_where_joins_tests)
{
    ASSERT_EQ(passes("lr = 0.1 and loss = 0.5"), 1);
    ASSERT_EQ(passes("lr = 0.1 and loss = 0.6"), 0);
    ASSERT_EQ(passes("lr = 0.2 OR loss = 0.5"), 1);
    ASSERT_EQ(passes("lr = 0.2 and loss = 0.5 or rows = 20"), 1);
    ASSERT_EQ(passes("rows = 20 or lr = 0.2 and loss = 0.7"), 1);
    ASSERT_EQ(passes(" {\"config.lr\": {\"$gt\": 0.05}} "), 1);
}

TEST(run_where_refuses_what_is_no_test)
{
    static const char *const wrong[] = {
        "",        "lr",         "lr =",     "= 1",           "lr 0.1",
        "lr = 'x", "lr = 1 and", "lr = 1 x", "lr = 1, b = 2", "{"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ASSERT_EQ(passes(wrong[i]), ERR_USAGE);
        ASSERT(strncmp(why.text, "--where: ", strlen("--where: ")) == 0);
    }
}

TEST(run_where_orders_by_fields_and_by_names)
{
    ASSERT_STR(run_where_order(&arena, "created", true), "-created");
    ASSERT_STR(run_where_order(&arena, "loss", false), "+summary_metrics.loss,+config.loss");
    ASSERT_STR(run_where_order(&arena, "config.lr", true), "-config.lr");
    arena_done(&arena);
}
