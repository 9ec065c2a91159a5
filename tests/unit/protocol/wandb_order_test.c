/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "protocol/wandb/wandb_order.h"
#include "tests/test.h"

static struct arena arena;

static const char *const runs[] = {
    "{\"name\":\"a\",\"created\":\"2026-11-21T08:25:06Z\",\"config\":{\"x\":{\"value\":3}},"
    "\"summary\":{\"loss\":2}}",
    "{\"name\":\"b\",\"created\":\"2026-11-21T08:25:06.5Z\",\"config\":{\"x\":{\"value\":\"s\"}},"
    "\"summary\":{\"loss\":NaN}}",
    "{\"name\":\"c\",\"created\":\"2026-11-20T08:25:06Z\",\"config\":{\"x\":{\"value\":3.0}},"
    "\"summary\":{\"loss\":-1.5}}",
    "{\"name\":\"d\",\"created\":\"2026-11-22T00:00:00Z\",\"config\":{\"x\":{\"value\":true}},"
    "\"summary\":{}}",
    "{\"name\":\"e\",\"created\":\"2026-11-23T00:00:00Z\",\"summary\":{\"loss\":\"-Infinity\"}}",
};
enum { RUNS = sizeof runs / sizeof *runs };

/* The names in that order; insertion, so that what is equal keeps its place. */
static const char *sorted(const char *text)
{
    struct wandb_order o;
    struct wandb_scalar keys[RUNS][WANDB_ORDER_KEYS];
    size_t at[RUNS];
    static char ret[RUNS + 1];
    if (wandb_order_parse(&arena, text, &o, NULL) != 0)
        return "error";
    for (size_t i = 0; i < RUNS; i++) {
        struct value *v = NULL;
        size_t to = i;
        if (json_parse(&arena, runs[i], strlen(runs[i]), &v, NULL) != 0)
            return "malformed";
        wandb_order_take(&o, v, keys[i]);
        for (; to > 0 && wandb_order_compare(&o, keys[i], keys[at[to - 1]]) < 0; to--)
            at[to] = at[to - 1];
        at[to] = i;
    }
    for (size_t i = 0; i < RUNS; i++)
        ret[i] = (char)('a' + (int)at[i]);
    return ret;
}

TEST(wandb_order_sorts_missing_and_nan_last_both_ways)
{
    ASSERT_STR(sorted(""), "abcde");
    ASSERT_STR(sorted("+created_at"), "cabde");
    ASSERT_STR(sorted("-createdAt"), "edbac");
    ASSERT_STR(sorted("+summary_metrics.loss"), "ecabd");
    ASSERT_STR(sorted("-summary_metrics.loss"), "acebd");
    ASSERT_STR(sorted("config.x"), "acbde");
    ASSERT_STR(sorted("-config.x.value"), "dbace");
    ASSERT_STR(sorted("-config.x,+summary_metrics.loss"), "dbcae");
    ASSERT_STR(sorted("+config.none, -name"), "edcba");
    ASSERT_STR(sorted("+stat"), "error");
    ASSERT_STR(sorted("a,b,c,d,e,f,g,h,i"), "error");
    arena_done(&arena);
}

TEST(wandb_order_reads_times)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"1970-01-01", 0},
        {"2000-03-01T00:00:00Z", 951868800},
        {"1969-12-31 23:59:59", -1},
        {"2024-02-29T12:00", 1709208000},
        {"2026-11-21T08:25:06.25+01:30", 1795244106.25},
        {"2026-11-21T08:25:06-0100", 1795253106},
    };
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-13-01",
                                        "2026-01-32",
                                        "2026-01-01T",
                                        "2026-01-01T25:00",
                                        "2026-01-01T10:00:00.",
                                        "2026-01-01T10:00+",
                                        "2026-01-01x",
                                        "99999-01-01"};
    double got;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT(wandb_scalar_time(cases[i].text, &got));
        ASSERT(got == cases[i].seconds);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ASSERT(!wandb_scalar_time(wrong[i], &got));
}
