/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns and curves, by the documents that a page asks for. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/view/view_answer.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

/* The document, or the error's text. query: JSON. */
static const char *asked(struct view *v, const char *path, const char *query)
{
    struct buf out;
    struct err err = {0};
    buf_init(&out, SIZE_MAX);
    int rc = view_answer(v, path, kit_parsed(query), &out, &err);
    const char *text = arena_strdup(&kit_arena, rc == 0 ? buf_str(&out) : err.text);
    buf_done(&out);
    return text;
}

static void says(const char *text, const char *part)
{
    if (!strstr(text, part))
        FAIL("no %s in %s", part, text);
}

static const struct value *column(const char *text, const char *name)
{
    const struct value *list = value_get(kit_parsed(text), "columns");
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), name) == 0)
            return list->list.items[i];
    return NULL;
}

static const char *cells(const char *text, const char *name)
{
    return kit_json(column(text, name));
}

TEST(view_arrays_have_a_cell_for_each_trial)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    const char *all = asked(v, "sweeps/abd456/columns", "{}");
    says(all, "\"of\":12,\"n\":12,");
    ASSERT_STR(cells(all, "number"),
               "{\"name\":\"number\",\"values\":[0,1,2,3,4,5,6,7,8,9,10,11]}");
    ASSERT_STR(cells(all, "state"),
               "{\"name\":\"state\",\"words\":[\"finished\",\"failed\",\"running\"],"
               "\"values\":[0,0,0,0,0,1,0,0,0,0,0,2]}");
    /* NaN is a text, and no value is null: they are two things. */
    says(cells(all, "objective"), "\"values\":[\"NaN\",null,8");
    says(cells(all, "metrics.loss"), "\"values\":[\"NaN\",null,8");
    says(cells(all, "cause"), "last loss is NaN");
    const char *few = asked(v, "sweeps/abd456/columns",
                            "{\"trials\":\"3,11,99\",\"cols\":\"metrics.loss,number\"}");
    says(few, "\"of\":12,\"n\":2,");
    ASSERT_STR(cells(few, "number"), "{\"name\":\"number\",\"values\":[3,11]}");
    ASSERT(!column(few, "state"));
    const char *newest = asked(v, "sweeps/abd456/columns", "{\"most\":\"1\"}"); /* and the best */
    says(newest, "\"of\":12,\"n\":2,");
    ASSERT_STR(cells(newest, "number"), "{\"name\":\"number\",\"values\":[10,11]}");
    ASSERT_STR(cells(newest, "metrics.loss"), "{\"name\":\"metrics.loss\",\"values\":[0.0,-1.0]}");
    says(asked(v, "sweeps/abd456/columns", "{\"most\":\"100\"}"), "\"of\":12,\"n\":12,");
    says(asked(v, "sweeps/abc123/columns", "{}"), "\"of\":0,\"n\":0,\"columns\":[]");
    says(asked(v, "sweeps/abd456/columns", "{\"trials\":\"3,x\"}"), "is not a list of numbers");
    says(asked(v, "sweeps/abd456/columns", "{\"trials\":\"3) OR (1\"}"), "is not a list");
    kit_end(v);
}

TEST(view_reads_nothing_more_when_nobody_waits)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    static const char *const paths[] = {"sweeps/abd456/columns", "sweeps/abd456/names",
                                        "sweeps/abd456/trials"};
    atomic_bool gone;
    atomic_init(&gone, true);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *whole = asked(v, paths[i], "{}");
        view_heed(v, &gone);
        says(asked(v, paths[i], "{}"), "interrupted");
        view_heed(v, NULL);
        ASSERT_STR(asked(v, paths[i], "{}"), whole);
    }
    kit_end(v);
}

static void spiky_log(void)
{
    struct buf lines;
    buf_init(&lines, SIZE_MAX);
    for (int i = 0; i < 1000; i++)
        buf_addf(&lines, "{\"step\":%d,\"spiky\":%s,\"epoch\":%g}\n", i,
                 i == 333   ? "1000.0"
                 : i == 500 ? "NaN"
                 : i == 777 ? "-5.0"
                            : "1.0",
                 i / 100.0);
    kit_log("abd456", 11, 1, buf_str(&lines));
    kit_commit();
    buf_done(&lines);
}

TEST(view_curves_keep_each_spike)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    spiky_log();
    struct view *v = kit_open(dir);
    const char *text = asked(v, "sweeps/abd456/curves",
                             "{\"metric\":\"spiky\",\"trials\":\"11,2\",\"points\":\"50\"}");
    const struct value *curves = value_get(kit_parsed(text), "curves");
    ASSERT_EQ(curves->list.n, 2);
    const struct value *one = curves->list.items[0];
    ASSERT_EQ(value_get_int(one, "of", 0), 1000);
    ASSERT_EQ(value_get_int(one, "thin", 0), 100);
    /* First and last of ten columns, and what is unusual in three of them. */
    ASSERT_STR(kit_json(value_get(one, "x")),
               "[0.0,99.0,100.0,199.0,200.0,299.0,300.0,333.0,399.0,400.0,499.0,500.0,501.0,599.0,"
               "600.0,699.0,700.0,777.0,799.0,800.0,899.0,900.0,999.0]");
    says(text, "1.0,1000.0,1.0");
    says(text, "1.0,-5.0,1.0");
    says(text, "1.0,\"NaN\",1.0");
    ASSERT_EQ(value_get(curves->list.items[1], "x")->list.n, 0); /* it has no such metric */
    const char *whole = asked(v, "sweeps/abd456/curves",
                              "{\"metric\":\"spiky\",\"trials\":\"11\",\"points\":\"1000\"}");
    one = value_get(kit_parsed(whole), "curves")->list.items[0];
    ASSERT_EQ(value_get(one, "x")->list.n, 1000);
    ASSERT(!value_get(one, "thin"));
    says(asked(v, "sweeps/abd456/curves", "{\"trials\":\"11\"}"), "curves need metric=NAME");
    says(asked(v, "sweeps/abd456/curves", "{\"metric\":\"x\",\"points\":\"0\"}"), "curves need");
    says(asked(v, "sweeps/abd456/curves", "{\"metric\":\"x\",\"smooth\":\"1\"}"), "below 1");
    says(asked(v, "sweeps/abd456/curves", "{\"metric\":\"x\",\"from\":\"y\"}"), "not a number");
    says(asked(v, "sweeps/abd456/curves", "{\"metric\":\"x\",\"trials\":\"77\"}"), "no trial");
    kit_end(v);
}

/* Of the range that is shown, each point, with the neighbours to which lines go. */
TEST(view_curves_of_a_range_have_each_point)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    spiky_log();
    struct view *v = kit_open(dir);
    const char *text = asked(v, "sweeps/abd456/curves",
                             "{\"metric\":\"spiky\",\"trials\":\"11\",\"points\":\"50\",\"from\":"
                             "\"330\",\"to\":\"335\"}");
    says(text, "\"of\":6,\"x\":[329.0,330.0,331.0,332.0,333.0,334.0,335.0,336.0],"
               "\"y\":[1.0,1.0,1.0,1.0,1000.0,1.0,1.0,1.0]");
    text =
        asked(v, "sweeps/abd456/curves",
              "{\"metric\":\"spiky\",\"trials\":\"11\",\"x\":\"epoch\",\"from\":\"3.325\",\"to\":"
              "\"3.335\"}");
    says(text, "\"x\":[3.32,3.33,3.34],\"y\":[1.0,1000.0,1.0]");
    kit_end(v);
}

TEST(view_curves_join_to_bands)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    const char *text = asked(v, "sweeps/abd456/curves",
                             "{\"metric\":\"loss\",\"trials\":\"1,2,3,4,6,7\",\"agg\":\"band\"}");
    says(text, "\"of\":5,\"bands\":{\"x\":[0.0,10.0]");
    says(text, "\"n\":[5.0,5.0]");
    says(text, "\"q50\":[99.0,6.0]");
    kit_end(v);
}

/* After a retry, the steps that it does again count as it reported them. */
TEST(view_curves_go_on_after_a_retry)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    kit_log("abd456", 11, 1, "{\"step\":0,\"m\":5}\n{\"step\":1,\"m\":4}\n{\"step\":2,\"m\":3}\n");
    kit_put("abd456", (struct fact){.kind = FACT_ENDED,
                                    .trial = 11,
                                    .attempt = 1,
                                    .reason = REASON_EXIT,
                                    .code = 1,
                                    .state = TRIAL_PENDING});
    kit_put("abd456", (struct fact){.kind = FACT_LAUNCHED, .trial = 11, .attempt = 2});
    kit_log("abd456", 11, 2, "{\"step\":1,\"m\":40}\n{\"step\":2,\"m\":30}\n");
    kit_commit();
    struct view *v = kit_open(dir);
    says(asked(v, "sweeps/abd456/curves", "{\"metric\":\"m\",\"trials\":\"11\"}"),
         "\"of\":3,\"x\":[0.0,1.0,2.0],\"y\":[5.0,40.0,30.0],\"attempts\":[[1,0.0],[2,1.0]]");
    says(asked(v, "sweeps/abd456/rungs", "{}"), "[]");
    kit_end(v);
}

TEST(view_arrays_have_the_rows_that_a_filter_wants)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    const char *few = asked(v, "sweeps/abd456/columns",
                            "{\"filter\":\"state:failed,running\",\"cols\":\"number\"}");
    says(few, "\"of\":12,\"n\":2,");
    ASSERT_STR(cells(few, "number"), "{\"name\":\"number\",\"values\":[5,11]}");
    ASSERT(!column(few, "state"));
    const char *all = asked(v, "sweeps/abd456/trials", "{\"filter\":\"-state:finished\"}");
    says(all, "\"number\":5,");
    says(all, "\"number\":11,");
    ASSERT(!strstr(all, "\"number\":0,"));
    const char *one =
        asked(v, "sweeps/abd456/trials",
              "{\"filter\":\"-state:finished\",\"desc\":\"1\",\"skip\":\"1\",\"limit\":\"1\"}");
    says(one, "\"number\":5,");
    ASSERT(!strstr(one, "\"number\":11,"));
    const char *best =
        asked(v, "sweeps/abd456/trials",
              "{\"filter\":\"has:loss number>3\",\"sort\":\"objective\",\"limit\":\"2\"}");
    ASSERT(!strstr(best, "\"number\":2,"));
    says(asked(v, "sweeps/abd456/trials", "{\"filter\":\"nothing<3\"}"), "no trial has 'nothing'");
    says(asked(v, "sweeps/abd456/columns", "{\"filter\":\"(a\"}"),
         "the filter is not understood: a ) is missing");
    kit_end(v);
}
