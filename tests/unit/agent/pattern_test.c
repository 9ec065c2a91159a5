/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/pattern.h"

#include <string.h>

#include "tests/test.h"

static void expect(const char *pattern, const char *text, const char *wanted)
{
    struct arena a;
    struct buf out;
    struct patterns *p = NULL;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    struct value *list = value_list(&a);
    value_push(&a, list, value_str(&a, pattern));
    ASSERT_EQ(patterns_new(list, &p, NULL), 0);
    patterns_apply(p, text, strlen(text), &out);
    ASSERT_STR(buf_str(&out), wanted);
    patterns_free(p);
    buf_done(&out);
    arena_done(&a);
}

TEST(pattern_groups_are_metrics)
{
    expect("step=(?<step>\\S+) loss=(?<loss>\\S+)", "step=3 loss=0.5\nnothing\nstep=4 loss=nan",
           "{\"loss\":0.5,\"step\":3}\n{\"loss\":\"NaN\",\"step\":4}\n");
}

TEST(pattern_group_that_is_no_number_is_left_out)
{
    expect("a=(?<a>\\S+) b=(?<b>\\S+)", "a=1x b=2\na=x b=y\n", "{\"b\":2.0}\n");
}

/* What no integer can hold is no step: the point gets the next one. */
TEST(pattern_step_beyond_integers_is_left_out)
{
    expect("(?<step>\\S+) (?<loss>\\S+)",
           "1e300 1\nnan 2\n-inf 3\n9007199254740992 4\n-9007199254740991 5\n",
           "{\"loss\":1.0}\n{\"loss\":2.0}\n{\"loss\":3.0}\n{\"loss\":4.0}\n"
           "{\"loss\":5.0,\"step\":-9007199254740991}\n");
}

TEST(pattern_that_backtracks_without_end_does_not_match)
{
    char line[5001];
    memset(line, 'a', 5000);
    line[5000] = '\0';
    expect("(?<x>(a+)+)c$", line, "");
}
