/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metric_lines.h"

#include "base/json.h"
#include "base/limits.h"
#include "protocol/message.h"
#include "tests/test.h"

static struct buf out;
static struct metric_drops drops;

static size_t take(const struct patterns *p, const char *text, size_t len)
{
    buf_init(&out, SIZE_MAX);
    drops = (struct metric_drops){0};
    return metric_lines_take(p, text, len, &out, &drops);
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
