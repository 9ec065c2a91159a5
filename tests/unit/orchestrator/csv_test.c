/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "base/json.h"
#include "orchestrator/view/table/csv.h"
#include "tests/test.h"

TEST(fields_of_csv_are_quoted_where_they_need_it)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {"\"plain\"", "plain"},
        {"\"a,b\"", "\"a,b\""},
        {"\"say \\\"no\\\"\"", "\"say \"\"no\"\"\""},
        {"\"two\\nlines\"", "\"two\nlines\""},
        {"\" led\"", "\" led\""},
        {"\"\"", "\"\""},
        {"null", ""},
        {"true", "true"},
        {"7", "7"},
        {"1e-05", "1e-05"},
        {"[1,2]", "\"[1,2]\""},
        {"NaN", "NaN"},
        {"-Infinity", "-Infinity"},
    };
    struct arena a;
    struct buf out;
    struct value *v;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_EQ(json_parse(&a, cases[i].json, strlen(cases[i].json), &v, NULL), 0);
        buf_clear(&out);
        csv_value(&out, &a, true, v);
        ASSERT_STR(buf_str(&out), cases[i].want);
    }
    csv_text(&out, false, "x");
    ASSERT_STR(buf_str(&out), "-Infinity,x");
    buf_done(&out);
    arena_done(&a);
}
