/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/earlier/earlier.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "tests/test.h"

enum { TRIALS = 3000 };

struct seen {
    struct earlier *e;
    size_t rows, scratch_most;
};

static int on_row(void *arg, struct earlier_row *row, struct err *err)
{
    struct seen *seen = arg;
    (void)err;
    ASSERT(row->params->dict.n > 0);
    seen->rows++;
    if (seen->e->scratch.bytes > seen->scratch_most)
        seen->scratch_most = seen->e->scratch.bytes;
    return 0;
}

typedef int (*read_fn)(struct earlier *e, const char *text, size_t len, struct err *err);

/* Reads a file of many trials: memory is that of one, and of what concerns the whole file. */
static void read_all(read_fn read, const struct buf *text)
{
    struct arena a;
    struct earlier e;
    struct err err = {0};
    struct seen seen = {.e = &e};
    arena_init(&a);
    earlier_init(&e, &a, on_row, &seen);
    ASSERT_EQ(read(&e, buf_str(text), text->len, &err), 0);
    ASSERT_EQ(seen.rows, TRIALS);
    ASSERT(seen.scratch_most < 4096);
    ASSERT(a.bytes < 4096);
    earlier_done(&e);
    arena_done(&a);
}

TEST(no_trial_of_a_csv_is_kept)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "lr,name,loss\n");
    for (int i = 0; i < TRIALS; i++)
        buf_addf(&text, "%d,a%d,1\n", i, i);
    read_all(earlier_csv_read, &text);
    buf_done(&text);
}

TEST(no_trial_of_json_is_kept)
{
    struct buf lines, list;
    buf_init(&lines, SIZE_MAX);
    buf_init(&list, SIZE_MAX);
    for (int i = 0; i < TRIALS; i++) {
        buf_addf(&lines, "{\"lr\":%d,\"name\":\"],}\\\"%d\",\"of\":[1,{\"a\":2}],\"loss\":1}\n", i,
                 i);
        buf_addf(&list, "%s{\"lr\":%d,\"name\":\"],}\\\"%d\",\"of\":[1,{\"a\":2}],\"loss\":1}",
                 i ? " ,\n" : "[", i, i);
    }
    buf_adds(&list, " ]\n");
    read_all(earlier_json_read, &lines);
    read_all(earlier_json_read, &list);
    buf_done(&lines);
    buf_done(&list);
}

static int journal_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    return earlier_optuna_read(e, text, len, NULL, err);
}

#define JOURNAL_RANGE(kind, low, high)                                                  \
    "\"{\\\"name\\\":\\\"" kind "Distribution\\\",\\\"attributes\\\":{\\\"low\\\":" low \
    ",\\\"high\\\":" high "}}\""

TEST(a_journal_keeps_one_range_for_each_parameter)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "{\"op_code\":0,\"study_name\":\"s\",\"directions\":[1]}\n");
    for (int i = 0; i < TRIALS; i++)
        buf_addf(
            &text,
            "{\"op_code\":4,\"study_id\":0}\n{\"op_code\":5,\"trial_id\":%d,\"param_name\":"
            "\"lr\",\"param_value_internal\":1,\"distribution\":" JOURNAL_RANGE(
                "Float", "0", "%d") "}\n"
                                    "{\"op_code\":6,\"trial_id\":%d,\"state\":1,\"values\":[1]}\n",
            i, i + 1, i);
    read_all(journal_read, &text);
    struct arena a;
    struct earlier e;
    struct seen seen = {.e = &e};
    arena_init(&a);
    earlier_init(&e, &a, on_row, &seen);
    ASSERT_EQ(journal_read(&e, buf_str(&text), text.len, NULL), 0);
    const struct earlier_range *lr = earlier_range_find(&e.ranges, "lr");
    ASSERT(lr && lr->low == 0 && lr->high == TRIALS && lr->kind == EARLIER_FLOAT);
    earlier_done(&e);
    arena_done(&a);
    buf_done(&text);
}

TEST(a_json_list_must_end)
{
    static const char *const texts[] = {"[", "[{\"a\":1}", "[{\"a\":1},", "[{\"a\":1}] x", "[\"]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena a;
        struct earlier e;
        struct err err = {0};
        struct seen seen = {.e = &e};
        arena_init(&a);
        earlier_init(&e, &a, on_row, &seen);
        ASSERT_EQ(earlier_json_read(&e, texts[i], strlen(texts[i]), &err), ERR_SYNTAX);
        earlier_done(&e);
        arena_done(&a);
    }
}
