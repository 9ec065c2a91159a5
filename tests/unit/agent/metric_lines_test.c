/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metric_lines.h"

#include "base/json.h"
#include "base/limits.h"
#include "protocol/message.h"
#include <stdio.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static struct buf out;
static struct metric_drops drops;

static size_t take(const struct patterns *p, const char *text, size_t len)
{
    buf_init(&out, SIZE_MAX);
    drops = (struct metric_drops){0};
    return metric_lines_take(p, NULL, text, len, &out, &drops);
}

TEST(metric_lines_leave_out_lines_that_are_not_text)
{
    static const char text[] = "{\"a\": 1}\r\n\xff\xfe\n{\"b\": \t2}\n\x01\n{\"c\0\": 3}\n"
                               "{\"\xc3\xa9\": 4}\n\x1b[31m\nlast";
    ASSERT_EQ(take(NULL, text, sizeof text - 1), sizeof text - 1);
    ASSERT_STR(buf_str(&out), "{\"a\": 1}\r\n\n{\"b\": \t2}\n\n\n{\"\xc3\xa9\": 4}\n\nlast");
    ASSERT(drops.bad_lines == 4 && drops.bad_line == 2 && drops.long_lines == 0 && !drops.full);
    buf_done(&out);
}

TEST(metric_lines_of_the_shim_tell_what_it_dropped)
{
    static const char text[] = "{\"a\":1}\n\x01long 7\n\x01long 9\n{\"b\":1}\n\x01"
                               "full\n\x01other\n";
    ASSERT_EQ(take(NULL, text, sizeof text - 1), sizeof text - 1);
    ASSERT_STR(buf_str(&out), "{\"a\":1}\n\n\n{\"b\":1}\n\n\n");
    ASSERT(drops.long_lines == 2 && drops.long_line == 7 && drops.full);
    ASSERT(drops.bad_lines == 1 && drops.bad_line == 6);
    buf_done(&out);
}

/* Whatever training writes, the message of a batch fits a frame. */
TEST(metric_lines_fit_a_frame)
{
    static char text[LIMIT_METRIC_BATCH_BYTES];
    for (int byte = 1; byte < 256; byte++) {
        struct buf frame;
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = i % 1000 == 999 ? '\n' : (char)byte;
        if (byte >= 0xC3 && byte < 0xE0) /* é and its like */
            for (size_t i = 1; i < sizeof text; i += 2)
                text[i] = i % 1000 == 999 ? '\n' : '\xa9', text[i - 1] = (char)byte;
        ASSERT_EQ(take(NULL, text, sizeof text), sizeof text);
        buf_init(&frame, SIZE_MAX);
        message_print(&frame, &(struct message){.type = MESSAGE_METRICS,
                                                .store = "0123456789abcdef0123456789abcdef",
                                                .sweep = "k3m9x2",
                                                .text = buf_str(&out)});
        if (frame.overflow)
            FAIL("a batch of byte %d", byte);
        buf_done(&frame);
        buf_done(&out);
    }
}

TEST(metric_lines_of_patterns_that_grow)
{
    struct arena a;
    struct patterns *p = NULL;
    struct err err = {0};
    static char text[LIMIT_METRIC_BATCH_BYTES];
    arena_init(&a);
    struct value *report = value_dict(&a);
    value_put(&a, report, "stdout", value_str(&a, "^(?<a_name_of_many_characters>[0-9])$"));
    ASSERT_EQ(patterns_new(report, &p, &err), 0);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '\n' : '7';
    size_t at = 0, lines = 0;
    while (at < sizeof text) {
        size_t n = take(p, text + at, sizeof text - at);
        ASSERT(n > 0 && n % 2 == 0 && out.len <= LIMIT_METRIC_BATCH_BYTES && !out.overflow);
        for (size_t i = 0; i < out.len; i++)
            lines += buf_str(&out)[i] == '\n';
        at += n;
        buf_done(&out);
    }
    ASSERT_EQ(lines, sizeof text / 2); /* none is lost */
    patterns_free(p);
    arena_done(&a);
}

TEST(metric_ways_keep_each_metric_to_the_way_that_was_first)
{
    struct buf line;
    char path[300];
    scratch_clear(scratch_dir());
    ASSERT(!metric_ways_open(scratch_dir()));
    metric_ways_begin(scratch_dir());
    static const char *const lines[][2] = {
        {"{\"a\": 1, \"step\": 0}\n", "{\"a\": 1, \"step\": 0}\n"},
        {"{\"_row\":\"0\",\"a\":2,\"b\":NaN,\"step\":0}\n",
         "{\"_row\": \"0\", \"b\": NaN, \"step\": 0}\n"},
        {"{\"b\": 3}\n", "\n"},
        {"not JSON\n", "not JSON\n"},
        {"{\"_sum\":\"\",\"b\":4,\"a\":5}\n", "{\"_sum\": \"\", \"b\": 4}\n"},
    };
    buf_init(&line, SIZE_MAX);
    for (int round = 0; round < 2; round++) { /* as two processes */
        struct metric_ways *w = metric_ways_open(scratch_dir());
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
            buf_clear(&line);
            buf_adds(&line, "before\n");
            size_t from = line.len;
            buf_adds(&line, lines[i][0]);
            metric_ways_filter(w, &line, from);
            ASSERT_STR(buf_str(&line) + from, lines[i][1]);
        }
        metric_ways_save(w);
        metric_ways_free(w);
    }
    buf_done(&line);
    snprintf(path, sizeof path, "%s/" ATTEMPT_DIR_WAYS_FILE, scratch_dir());
    ASSERT_EQ(unlink(path), 0);
}

TEST(metric_ways_learn_from_what_was_reported_before)
{
    char path[300];
    struct buf line;
    scratch_clear(scratch_dir());
    snprintf(path, sizeof path, "%s/metrics", scratch_dir());
    FILE *f = fopen(path, "w");
    fputs("{\"a\": 1}\nnothing\n{\"_row\":\"0\",\"b\":1}\n", f);
    fclose(f);
    metric_ways_learn(scratch_dir());
    struct metric_ways *w = metric_ways_open(scratch_dir());
    ASSERT(w != NULL);
    buf_init(&line, SIZE_MAX);
    buf_adds(&line, "{\"_row\":\"0\",\"a\":1,\"b\":1}\n");
    metric_ways_filter(w, &line, 0);
    ASSERT_STR(buf_str(&line), "{\"_row\": \"0\", \"b\": 1}\n");
    buf_done(&line);
    metric_ways_free(w);
}
