/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/ask.h"

#include "base/number/rng.h"
#include "tests/spaces.h"
#include "language/spec_read.h"

/* The answers to the last line, each ended by a newline. */
static struct buf said;

static void take(void *to, const char *line, size_t len)
{
    (void)to;
    ASSERT(memchr(line, '\n', len) == NULL);
    buf_add(&said, line, len);
    buf_addc(&said, '\n');
}

static const char *tell(struct ask *ask, const char *line)
{
    if (said.max == 0)
        buf_init(&said, SIZE_MAX);
    buf_clear(&said);
    ask_line(ask, line, strlen(line), take, NULL);
    return buf_str(&said);
}

static struct spec *read_spec(const char *text)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "test");
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec)
        FAIL("%s", d.items[0].message);
    arena_done(&a);
    return spec;
}

static struct ask *start(struct spec *spec)
{
    struct ask *ask;
    struct err err = {0};
    if (ask_new(spec, 5, &ask, &err) != 0)
        FAIL("%s", err.text);
    return ask;
}

#define GRID "method: grid\nprogram: x.py\nparameters: {a: {values: [1, 2, 3]}, b: {value: q}}\n"

TEST(ask_to_the_end)
{
    struct spec *spec = read_spec(GRID);
    struct ask *ask = start(spec);
    ASSERT_STR(tell(ask, "{\"op\":\"ask\"}"),
               "{\"trial\":0,\"params\":{\"a\":1,\"b\":\"q\"},\"why\":{\"strategy\":\"grid\","
               "\"index\":0,\"points\":3}}\n");
    ASSERT_STR(tell(ask, "{\"op\":\"ask\",\"n\":8}"),
               "{\"trial\":1,\"params\":{\"a\":2,\"b\":\"q\"},\"why\":{\"strategy\":\"grid\","
               "\"index\":1,\"points\":3}}\n"
               "{\"trial\":2,\"params\":{\"a\":3,\"b\":\"q\"},\"why\":{\"strategy\":\"grid\","
               "\"index\":2,\"points\":3}}\n"
               "{\"done\":\"exhausted\"}\n");
    ASSERT_STR(tell(ask, "{\"op\":\"ask\"}"), "{\"done\":\"exhausted\"}\n");
    ask_free(ask);
    spec_free(spec);
}

TEST(ask_up_to_run_cap)
{
    struct spec *spec = read_spec(GRID "run_cap: 2\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\",\"n\":2}");
    ASSERT(!strstr(buf_str(&said), "done"));
    ASSERT_STR(tell(ask, "{\"op\":\"ask\"}"), "{\"done\":\"run_cap\"}\n");
    ask_free(ask);
    spec_free(spec);
}

TEST(target_ends_the_asking)
{
    struct spec *spec = read_spec(GRID "metric: {name: acc, goal: maximize, target: 0.9}\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\"}");
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":0,\"step\":1,\"metrics\":{\"acc\":0.8}}"),
               "{\"stop\":false}\n");
    ASSERT(!strstr(tell(ask, "{\"op\":\"ask\"}"), "done"));
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"step\":2,\"metrics\":{\"acc\":0.9}}");
    ASSERT_STR(tell(ask, "{\"op\":\"ask\"}"), "{\"done\":\"target\"}\n");
    ask_free(ask);
    spec_free(spec);
}

TEST(best_is_by_the_metrics_goal_over_all_reports)
{
    struct spec *spec = read_spec(GRID "metric: {name: val.loss, goal: minimize}\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\",\"n\":3}");
    ASSERT_STR(tell(ask, "{\"op\":\"tell\",\"trial\":1,\"state\":\"finished\",\"metrics\":{}}"),
               "{\"ok\":true,\"best\":null}\n");
    tell(ask, "{\"op\":\"report\",\"trial\":2,\"metrics\":{\"val\":{\"loss\":0.25},\"n\":1}}");
    ASSERT_STR(
        tell(ask, "{\"op\":\"tell\",\"trial\":2,\"state\":\"stopped\","
                  "\"metrics\":{\"val.loss\":\"NaN\"}}"),
        "{\"ok\":true,\"best\":{\"trial\":2,\"objective\":0.25,\"params\":{\"a\":3,\"b\":\"q\"},"
        "\"metrics\":{\"val.loss\":\"NaN\",\"n\":1.0}}}\n");
    /* Equal: the one asked first. */
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\","
                            "\"metrics\":{\"val.loss\":0.25}}"),
                  "\"best\":{\"trial\":0,"));
    ask_free(ask);
    spec_free(spec);
}

TEST(best_by_the_last_report_where_told)
{
    struct spec *spec = read_spec(GRID "metric: {name: loss, reduce: last}\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\",\"n\":3}");
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"loss\":0.1}}");
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"loss\":0.7}}");
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\"}"),
                  "\"objective\":0.7,"));
    /* A failed trial is never the best. */
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":1,\"state\":\"failed\","
                            "\"metrics\":{\"loss\":0.01}}"),
                  "\"trial\":0,"));
    ask_free(ask);
    spec_free(spec);
}

TEST(best_is_finite_and_the_last_is_that_of_the_highest_step)
{
    struct spec *spec = read_spec(GRID "metric: {name: loss, target: -9}\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\",\"n\":2}");
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"loss\":\"-Infinity\"}}");
    ASSERT_STR(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\"}"),
               "{\"ok\":true,\"best\":null}\n");
    tell(ask, "{\"op\":\"report\",\"trial\":1,\"metrics\":{\"loss\":\"-Infinity\"}}");
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":1,\"state\":\"finished\","
                            "\"metrics\":{\"loss\":3}}"),
                  "\"objective\":3.0,"));
    ASSERT(strstr(tell(ask, "{\"op\":\"ask\"}"), "\"trial\":2")); /* no target was met */
    ask_free(ask);
    spec_free(spec);
    spec = read_spec(GRID "metric: {name: loss, reduce: last}\n");
    ask = start(spec);
    tell(ask, "{\"op\":\"ask\"}");
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"step\":7,\"metrics\":{\"loss\":1}}");
    tell(ask, "{\"op\":\"report\",\"trial\":0,\"step\":5,\"metrics\":{\"loss\":2}}");
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\"}"),
                  "\"objective\":1.0,"));
    ask_free(ask);
    spec_free(spec);
}

TEST(report_says_when_to_stop)
{
    struct spec *spec = read_spec(
        "method: random\nprogram: x.py\nparameters: {a: {min: 0.0, max: 1.0}}\n"
        "metric: {name: loss}\nearly_terminate: {type: asha, min_iter: 1, eta: 2, max_iter: 9}\n");
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\",\"n\":4}");
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"loss\":0.5}}"),
               "{\"stop\":false}\n");
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":1,\"metrics\":{\"loss\":0.25}}"),
               "{\"stop\":false}\n");
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":2,\"metrics\":{\"loss\":0.75}}"),
               "{\"stop\":true,\"why\":{\"stopper\":\"asha\",\"rung\":1,\"value\":0.75,"
               "\"threshold\":0.25,\"rank\":3,\"of\":3}}\n");
    /* Judged at a report without a value, too; a step reported twice is one iteration. */
    ASSERT(strstr(tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"x\":1}}"),
                  "\"rank\":2,\"of\":3"));
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":1,\"step\":0,"
                         "\"metrics\":{\"loss\":9}}"),
               "{\"stop\":false}\n");
    tell(ask, "{\"op\":\"tell\",\"trial\":2,\"state\":\"stopped\"}");
    /* The metrics of an end sum up what was reported: 0.25 is no second value of trial 1. */
    tell(ask, "{\"op\":\"tell\",\"trial\":1,\"state\":\"finished\","
              "\"metrics\":{\"loss\":0.25}}");
    ASSERT_STR(tell(ask, "{\"op\":\"report\",\"trial\":0,\"metrics\":{\"loss\":8}}"),
               "{\"stop\":false}\n"); /* the first at rung 2 */
    /* Where nothing was reported before, they are. */
    tell(ask, "{\"op\":\"tell\",\"trial\":3,\"state\":\"finished\","
              "\"metrics\":{\"loss\":0.125}}");
    tell(ask, "{\"op\":\"ask\"}");
    ASSERT(strstr(tell(ask, "{\"op\":\"report\",\"trial\":4,\"metrics\":{\"loss\":1}}"),
                  "\"rank\":5,\"of\":5"));
    ask_free(ask);
    spec_free(spec);
}

TEST(invalid_lines_change_nothing)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"op\":1}",
        "{\"op\":\"aks\"}",
        "{\"op\":\"ask\"}{\"op\":\"ask\"}",
        "{\"op\":\"ask\",\"n\":0}",
        "{\"op\":\"ask\",\"n\":1.0}",
        "{\"op\":\"ask\",\"n\":100001}",
        "{\"op\":\"tell\",\"trial\":0}",
        "{\"op\":\"tell\",\"trial\":0,\"state\":\"lost\"}",
        "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\",\"metrics\":0.5}",
        "{\"op\":\"tell\",\"trial\":-1,\"state\":\"finished\"}",
        "{\"op\":\"tell\",\"trial\":1,\"state\":\"finished\"}",
        "{\"op\":\"tell\",\"trial\":\"0\",\"state\":\"finished\"}",
        "{\"op\":\"report\",\"trial\":0}",
        "{\"op\":\"report\",\"trial\":0,\"step\":\"3\",\"metrics\":{}}",
        "{\"op\":\"report\",\"trial\":0,\"metrics\":[]}",
        "{\"op\":\"\xff\"}",
    };
    struct spec *spec = read_spec(GRID);
    struct ask *ask = start(spec);
    tell(ask, "{\"op\":\"ask\"}");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        tell(ask, lines[i]);
        if (strncmp(buf_str(&said), "{\"error\":\"", 10) != 0 || strchr(buf_str(&said), '\n')[1])
            FAIL("%s: %s", lines[i], buf_str(&said));
    }
    ASSERT(strstr(tell(ask, "{\"op\":\"ask\"}"), "\"trial\":1,"));
    ASSERT_STR(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\"}"),
               "{\"ok\":true,\"best\":null}\n");
    ASSERT(strstr(tell(ask, "{\"op\":\"tell\",\"trial\":0,\"state\":\"finished\"}"), "already"));
    ask_free(ask);
    spec_free(spec);
}

/* Lines cut, doubled and scrambled: an answer each, and no more. */
TEST(any_line_has_an_answer)
{
    static const char *const lines[] = {
        "{\"op\":\"ask\",\"n\":2}",
        "{\"op\":\"report\",\"trial\":0,\"step\":3,\"metrics\":{\"loss\":0.5,\"a\":{\"b\":1}}}",
        "{\"op\":\"tell\",\"trial\":1,\"state\":\"finished\",\"metrics\":{\"loss\":\"NaN\"}}",
    };
    struct spec *spec = read_spec("method: random\nprogram: x.py\nmetric: {name: loss}\n"
                                  "parameters: {a: {min: 0.0, max: 1.0}}\n");
    struct ask *ask = start(spec);
    struct rng r;
    rng_init(&r, 11, 0, RNG_TEST);
    for (int i = 0; i < 3000; i++) {
        char line[128];
        snprintf(line, sizeof line, "%s", lines[rng_below(&r, 3)]);
        for (uint64_t edits = rng_below(&r, 4); edits > 0; edits--)
            line[rng_below(&r, strlen(line) + 1)] = " {}[]\":,019nul\\x\xc3"[rng_below(&r, 18)];
        tell(ask, line);
        ASSERT(said.len > 1 && buf_str(&said)[0] == '{');
    }
    ask_free(ask);
    spec_free(spec);
}
