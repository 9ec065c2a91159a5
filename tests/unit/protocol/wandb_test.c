/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "protocol/wandb/wandb_answer.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_stream.h"
#include "sweep/point.h"
#include "tests/test.h"

static struct arena arena;

static const char *name_of(const char *body)
{
    struct wandb_operation op;
    return wandb_operation_parse(&arena, body, strlen(body), &op, NULL) == 0 ? op.name : NULL;
}

TEST(wandb_operation_is_known_by_its_name)
{
    ASSERT_STR(name_of("{\"query\":\"mutation UpsertBucket($id: ID) { x }\"}"), "UpsertBucket");
    ASSERT_STR(name_of("{\"query\":\"#graphql\\n  query Viewer{x}\",\"variables\":{}}"), "Viewer");
    ASSERT_STR(name_of("{\"query\":\"{ viewer }\"}"), "");
    ASSERT_STR(name_of("{\"query\":\"query A { x }\",\"operationName\":\"B\"}"), "B");
    ASSERT_STR(name_of("{\"query\":\"#graphql\\n query A { x }\",\"operationName\":\"\"}"),
               "A"); /* of Api() */
    ASSERT(!name_of("{\"query\":7}"));
    ASSERT(!name_of("[]"));
    ASSERT(!name_of("{"));
    arena_done(&arena);
}

TEST(wandb_operation_has_variables_by_name_or_none)
{
    static const char *const bodies[] = {"{\"query\":\"query A{x}\",\"variables\":\"x\"}",
                                         "{\"query\":\"query A{x}\",\"variables\":[1]}",
                                         "{\"query\":\"query A{x}\",\"variables\":null}"};
    struct wandb_operation op;
    for (size_t i = 0; i < 3; i++) {
        ASSERT_EQ(wandb_operation_parse(&arena, bodies[i], strlen(bodies[i]), &op, NULL), 0);
        ASSERT(!op.variables);
    }
    arena_done(&arena);
}

static const char *line_of(const char *row)
{
    struct value *line = wandb_stream_line(&arena, row, strlen(row));
    return line ? json_text(&arena, line, JSON_COMPACT) : "";
}

TEST(wandb_row_becomes_a_line_of_metrics)
{
    ASSERT_STR(line_of("{\"loss\":0.5,\"_timestamp\":1.5,\"_runtime\":3,\"_step\":7}"),
               "{\"loss\":0.5,\"_time\":1.5,\"step\":7}");
    ASSERT_STR(
        line_of("{\"_step\":1,\"a\":{\"b\":1,\"c\":\"x\"},\"ok\":true,\"s\":\"x\",\"l\":[1]}"),
        "{\"step\":1,\"a\":{\"b\":1},\"ok\":true}");
    ASSERT_STR(line_of("{\"n\":NaN,\"i\":-Infinity}"), "{\"n\":\"NaN\",\"i\":\"-Infinity\"}");
    ASSERT_STR(line_of("{\"step\":40,\"_step\":2}"), "{\"step_\":40,\"step\":2}");
    ASSERT_STR(line_of("{\"step\":40,\"step_\":1,\"_step\":2}"), "{\"step_\":1,\"step\":2}");
    arena_done(&arena);
}

TEST(wandb_row_without_metrics_gives_no_line)
{
    ASSERT_STR(line_of("{\"_step\":1,\"img\":{\"_type\":\"image-file\",\"width\":3}}"), "");
    ASSERT_STR(line_of("{\"_step\":1}"), "");
    ASSERT_STR(line_of("{\"_step\":\"8\"}"), "");
    ASSERT_STR(line_of("{}"), "");
    ASSERT_STR(line_of(""), "");
    arena_done(&arena);
}

/* How many bad lines are counted of what becomes of the row. */
static size_t bad_of(const char *row)
{
    const char *line = line_of(row);
    struct points points;
    int64_t next = 5;
    ASSERT_EQ(points_parse(&arena, line, strlen(line), 0, NULL, &next, &points), strlen(line));
    ASSERT(points.bad == 0 || (points.n == 0 && next == 5));
    return points.bad;
}

TEST(wandb_row_that_is_lost_counts_as_a_bad_line)
{
    static const char *const bad[] = {"junk",
                                      "{\"a\":",
                                      "[\"loss\"]",
                                      "{\"loss\":1e400,\"_step\":6}",
                                      "{\"loss\":1} trailing",
                                      "{\"loss\":1,\"_step\":9223372036854775808}",
                                      "{\"loss\":1,\"_step\":1e300}",
                                      "{\"loss\":1,\"_step\":1.5}",
                                      "{\"loss\":1,\"_step\":null}",
                                      "{\"loss\":1,\"_step\":\"8\"}"};
    char deep[300];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_EQ(bad_of(bad[i]), 1);
    for (int i = 0; i < 100; i++)
        memcpy(deep + i, "[", 1), memcpy(deep + 100 + i, "]", 2);
    ASSERT_EQ(bad_of(deep), 1);
    ASSERT(strlen(line_of(deep)) < 100); /* the beginning tells it apart */
    ASSERT_STR(line_of("{\"loss\":1,\"_step\":8.0}"), "{\"loss\":1,\"step\":8}");
    ASSERT_EQ(bad_of("{\"loss\":1,\"_step\":8}"), 0);
    arena_done(&arena);
}

static int stream_parse(const char *body, struct wandb_stream *ret)
{
    return wandb_stream_parse(&arena, body, strlen(body), ret, NULL);
}

TEST(wandb_stream_has_rows_a_summary_and_an_end)
{
    struct wandb_stream s;
    ASSERT_EQ(
        stream_parse("{\"files\":{\"wandb-history.jsonl\":{\"offset\":3,\"content\":[\"{}\"]},"
                     "\"wandb-summary.json\":{\"offset\":0,\"content\":[\"{\\\"a\\\":1}\"]}},"
                     "\"complete\":true,\"exitcode\":0}",
                     &s),
        0);
    ASSERT(s.rows && s.rows->list.n == 1 && s.rows_from == 3 && s.complete);
    ASSERT_STR(s.summary, "{\"a\":1}");
    ASSERT_EQ(stream_parse("", &s), 0);
    ASSERT(!s.rows && !s.summary && !s.complete);
    ASSERT_EQ(stream_parse("{\"files\":{}}", &s), 0);
    ASSERT(!s.rows);
    arena_done(&arena);
}

TEST(wandb_stream_refuses_malformed_bodies)
{
    static const char *const bodies[] = {
        "{",
        "[]",
        "7",
        "{\"files\":{\"wandb-history.jsonl\":{\"offset\":-1,\"content\":[]}}}",
        "{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":[7]}}}",
        "{\"files\":{\"output.log\":{\"offset\":1e30,\"content\":[\"x\"]}}}",
        "{\"files\":{\"wandb-events.jsonl\":{\"offset\":1125899906842624,\"content\":[\"x\"]}}}",
        "{\"files\":{\"wandb-history.jsonl\":{\"offset\":0,\"content\":\"x\"}}}",
    };
    struct wandb_stream s;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        ASSERT_EQ(stream_parse(bodies[i], &s), ERR_SYNTAX);
    arena_done(&arena);
}

TEST(wandb_resume_tells_the_last_step)
{
    const struct wandb_answer_run run = {.entity = "e", .project = "p", .name = "s-1", .rows = 7};
    struct wandb_answer_past past = {.last_row = "{\"_step\":6}", .begun = true};
    const struct value *v = wandb_answer_resume(&arena, &run, &past),
                       *bucket = value_get(value_get(value_get(v, "data"), "model"), "bucket");
    ASSERT_EQ(value_get_int(bucket, "historyLineCount", 0), 7);
    ASSERT_STR(value_get_str(bucket, "historyTail", ""), "[\"{\\\"_step\\\":6}\"]");
    ASSERT_STR(value_get_str(bucket, "wandbConfig", ""), "{\"t\":1}");
    past.begun = false;
    bucket = value_get(
        value_get(value_get(wandb_answer_resume(&arena, &run, &past), "data"), "model"), "bucket");
    ASSERT_STR(value_get_str(bucket, "wandbConfig", ""), "{}");
    v = wandb_answer_resume(&arena, NULL, NULL);
    ASSERT_EQ(value_get(value_get(value_get(v, "data"), "model"), "bucket")->kind, VALUE_NULL);
    arena_done(&arena);
}
